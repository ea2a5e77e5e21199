"""Whatever happens to goods and money: cost is conserved, parents are never exceeded, shares add up."""

from __future__ import annotations

import contextlib
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_core.finance.costing import BACK, BOUGHT, FOUND, LOST, METHODS, SOLD, Event, Fifo, Projection, method_named
from oms_core.finance.ledger import _pairs
from oms_core.finance.records import Changed
from oms_core.finance.returned import Current, after_return
from oms_core.finance.valuing import Extra, Line, lines_of, rate_bp
from oms_core.kernel.errors import OmsError
from oms_core.kernel.money import Money
from oms_core.payments.accounts import Account, Entry
from oms_core.payments.rules import check_payment

UNITS = st.integers(1, 50)
EVENTS = st.lists(
    st.one_of(
        st.builds(lambda n, c: Event(BOUGHT, n, c, label="r"), UNITS, st.integers(0, 100_000)),
        st.builds(lambda n, r: Event(SOLD, n, ref=r), UNITS, st.integers(1, 4)),
        st.builds(lambda n, r: Event(BACK, n, ref=r), UNITS, st.integers(1, 4)),
        st.builds(lambda n: Event(FOUND, n), UNITS),
        st.builds(lambda n: Event(LOST, n), UNITS),
    ),
    max_size=30,
)


@given(EVENTS, st.sampled_from(METHODS))
def test_what_came_in_is_what_went_out_and_what_is_left(events, method):
    done = Projection(method_named(method)).run(events)
    sums, left = done.sums(), done.stock.left()
    assert sums.came_in == sums.went_out + sum(p.cost_minor for p in left)
    came = sum(e.units for e in events if e.kind < SOLD)
    went = sum(e.units for e in events if e.kind >= SOLD)
    waiting = sum(out.open_units for _, _, out in done.outs)
    assert came - went == sum(p.units for p in left) - waiting
    assert all(p.units > 0 for p in left)
    assert not (waiting and left)


@given(st.lists(st.tuples(UNITS, st.integers(0, 2000)), max_size=10), st.lists(UNITS, max_size=10))
def test_fifo_is_what_a_queue_of_single_units_gives(purchases, sales):
    events = [Event(BOUGHT, n, n * cost, label="r") for n, cost in purchases]
    single = deque(cost for n, cost in purchases for _ in range(n))
    done = Projection(Fifo()).run([*events, *(Event(SOLD, n, ref=1) for n in sales)])
    for (_, _, out), n in zip(done.outs, sales, strict=True):
        taken = [single.popleft() for _ in range(min(n, len(single)))]
        assert (out.cost_minor, out.open_units) == (sum(taken), n - len(taken))


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("authorize", "capture", "void", "refund")), st.integers(1, 40),
        st.sampled_from(("card", "transfer")), st.one_of(st.none(), st.integers(1, 12)),
    ),
    max_size=14,
)  # fmt: skip


@given(MOVES)
def test_no_parent_ever_gives_more_than_it_holds(moves):
    account = Account(1, "OS-1", "PLN", "placed", total_minor=50)
    for n, (kind, minor, gateway, parent) in enumerate(moves, start=1):
        with contextlib.suppress(OmsError):
            found = check_payment(account, kind, Money(minor, "PLN"), gateway=gateway, parent_id=parent)
            account.entries.append(Entry(n, kind, minor, gateway, found))
    assert account.sum_of("refund") <= account.sum_of("capture")
    assert all(n >= 0 for n in account.authorized_left().values())
    assert all(n >= 0 for n in account.captured_left().values())
    assert sum(account.captured_left().values()) == account.refundable_minor
    for entry in account.entries:
        children = [e for e in account.entries if e.parent_id == entry.id]
        assert sum(e.amount_minor for e in children) <= entry.amount_minor


LINES = st.lists(
    st.builds(
        lambda n, net, tax: Line(kind="goods", title="t", quantity=n, net_minor=net, tax_minor=tax),
        st.integers(1, 9), st.integers(0, 90_000), st.integers(0, 9_000),
    ),
    min_size=1, max_size=5,
)  # fmt: skip
EXTRAS = st.lists(
    st.one_of(
        st.builds(Extra, st.sampled_from(("shipping", "fee", "tax")), st.just("x"), st.integers(1, 3000)),
        st.builds(Extra, st.sampled_from(("discount", "gift_card")), st.just("y"), st.integers(-500, -1)),
    ),
    max_size=4,
)


@given(LINES, EXTRAS, st.sampled_from((None, 8, 23)))
def test_an_invoice_is_worth_what_the_order_is(goods, extras, percent):
    lines = lines_of(goods, extras, included_percent=percent)
    assert sum(line.gross_minor for line in lines) == sum(x.gross_minor for x in goods) + sum(
        x.amount_minor for x in extras
    )


class Back:
    """A returned line, as the returns room keeps it."""

    def __init__(self, line: Current, units: int, amount: int) -> None:
        self.order_line_id, self.sku, self.title = line.order_line_id, line.sku, line.title
        self.received_qty, self.amount_minor = units, amount


class Share:
    """A share of tax or discount, or what a person gave."""

    def __init__(self, kind: str, amount: int, code: str = "share") -> None:
        self.kind, self.amount_minor, self.code, self.title = kind, amount, code, ""


@settings(max_examples=60)
@given(st.data())
def test_a_correction_is_worth_what_the_return_owes(data):
    known = {
        n: Current(n, "goods", n, f"S{n}", "t", 2300, data.draw(st.integers(1, 9)), net, net * 23 // 100)
        for n, net in enumerate(data.draw(st.lists(st.integers(1, 50_000), min_size=1, max_size=4)), start=1)
    }
    backs, extras = [], []
    for line in known.values():
        units = data.draw(st.integers(1, line.quantity))
        backs.append(Back(line, units, line.net_minor * units // line.quantity))
    extras.append(
        Share("tax", sum(known[n].tax_minor * b.received_qty // known[n].quantity for n, b in enumerate(backs, 1)))
    )
    extras.append(Share("fee", -data.draw(st.integers(0, 500)), code=""))
    changed = after_return(known, backs, extras)
    owed = sum(b.amount_minor for b in backs) + sum(x.amount_minor for x in extras)
    assert sum(_difference(x) for x in changed) == -owed
    assert len({x.position for x in changed}) == len(changed)


def _difference(x: Changed) -> int:
    return x.after.net_minor - x.before_net_minor + x.after.tax_minor - x.before_tax_minor


class Row:
    """An open ledger entry."""

    def __init__(self, key: int, open_minor: int) -> None:
        self.id, self.open_minor = key, open_minor


@given(st.lists(st.integers(-100, 100).filter(bool), max_size=12))
def test_matches_use_up_the_smaller_side_and_nothing_twice(amounts):
    rows = [Row(n, amount) for n, amount in enumerate(amounts)]
    pairs = _pairs(rows)
    claims, settling = sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)
    assert sum(amount for *_, amount in pairs) == min(claims, settling)
    for row in rows:
        used = sum(amount for claim, settled, amount in pairs if row.id in (claim, settled))
        assert used <= abs(row.open_minor)


@pytest.mark.parametrize("percent", [23, 8, 5, 0, 19])
@pytest.mark.parametrize("net", [99, 100, 1234, 100_001])
def test_a_rate_is_read_back_from_rounded_tax(percent, net):
    assert rate_bp(net, round(net * percent / 100)) == percent * 100
