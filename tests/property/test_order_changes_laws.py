"""Whatever is changed in whatever order: the preview is what happens, money adds up, nothing is sold twice."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from analytics import checks
from analytics.replica import Replica
from oms_core.audit.laws import run
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.inventory.tables import Allocation
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput, OmsError, Refused
from oms_core.kernel.settings import Shop, save_shop
from oms_core.order_changes.actions import check_actions
from oms_core.order_changes.commands import confirm, propose
from oms_core.order_changes.lines import Line
from oms_core.order_changes.plan import Ground, Plan, plan, stock, total
from oms_core.orders.commands import NewAdjustment, NewOrder, cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay

SHOP = Shop(zone=ZONE, currency="GBP")
SKUS = ("MUG", "TRAY", "LAMP")


@st.composite
def lines(draw: st.DrawFn, key: int) -> Line:
    """Return a line as an order may hold one: sub-penny rounding, discount and tax, some of it shipped."""
    quantity, price = draw(st.integers(1, 20)), draw(st.integers(0, 5000))
    rounding = draw(st.integers(-min(quantity * price, 7), 7))
    gross = quantity * price + rounding
    shipped = draw(st.integers(0, quantity))
    return Line(
        id=key, position=key, variant_id=key, sku=f"S{key}", title="", quantity=quantity, unit_price_minor=price,
        rounding_minor=rounding, discount_minor=draw(st.integers(0, gross)), tax_minor=draw(st.integers(0, 900)),
        shipped_qty=shipped, held=draw(st.integers(shipped, quantity)),
    )  # fmt: skip


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    """Return an order with one to four lines and a discount on the whole."""
    mine = [draw(lines(key)) for key in range(1, draw(st.integers(1, 4)) + 1)]
    net = sum(line.net_minor for line in mine)
    money = {
        "gross": sum(line.gross_minor for line in mine),
        "discount": sum(line.discount_minor for line in mine) + draw(st.integers(0, net)),
        "shipping": draw(st.integers(0, 999)),
        "tax": sum(line.tax_minor for line in mine),
        "other": 0,
    }
    return Ground(
        order_id=1, number="OS-1", state="placed", currency="GBP", version=1, money=money, address={}, lines=mine,
        captured_minor=draw(st.integers(0, 9999)), available={key: draw(st.integers(0, 9)) for key in range(1, 5)},
    )  # fmt: skip


line_ids = st.integers(1, 4)
actions = st.lists(
    st.one_of(
        st.fixed_dictionaries({"kind": st.just("remove_line"), "line_id": line_ids}),
        st.fixed_dictionaries({"kind": st.just("set_quantity"), "line_id": line_ids, "quantity": st.integers(0, 25)}),
        st.fixed_dictionaries(
            {"kind": st.just("set_price"), "line_id": line_ids, "unit_price_minor": st.integers(0, 6000)}
        ),
        st.fixed_dictionaries(
            {"kind": st.just("set_discount"), "line_id": line_ids, "amount_minor": st.integers(0, 3000)}
        ),
        st.fixed_dictionaries({"kind": st.just("set_discount"), "amount_minor": st.integers(0, 3000)}),
        st.fixed_dictionaries({"kind": st.just("set_shipping"), "amount_minor": st.integers(0, 999)}),
        st.fixed_dictionaries(
            {
                "kind": st.just("add_adjustment"),
                "adjustment": st.sampled_from(["fee", "tax", "manual"]),
                "amount_minor": st.integers(-500, 500).filter(bool),
            }
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(grounds(), actions)
def test_a_plan_keeps_every_identity(ground: Ground, wanted: list[dict[str, Any]]) -> None:
    try:
        made = plan(ground, check_actions(wanted))
    except (Refused, InvalidInput, OmsError):
        return
    assert_lines_stand(made)
    assert_money_adds_up(made)
    for need in stock(made):
        assert 0 <= need.shortage <= need.to_allocate
        assert not (need.to_release and need.to_allocate)
        assert need.line.held - need.to_release >= need.line.shipped_qty


def assert_lines_stand(made: Plan) -> None:
    """Assert the database's own rules of a line, and that nothing shipped was taken off."""
    old = {line.id: line for line in made.before.lines}
    for line in made.lines:
        assert line.quantity > 0
        assert line.cancelled_qty >= 0
        assert line.cancelled_qty + line.shipped_qty <= line.quantity
        assert 0 <= line.discount_minor <= line.gross_minor
        assert line.shipped_qty == old[line.id].shipped_qty
        assert not line.is_removed or (line.gross_minor, line.tax_minor, line.live) == (0, 0, 0)


def assert_money_adds_up(made: Plan) -> None:
    """Assert that columns are the sums of parts, and that entries and adjustments make the difference."""
    extra = {name: sum(m.amount_minor for m in made.adjustments if m.column == name) for name in made.money}
    first = made.before
    own = first.money["discount"] - sum(line.discount_minor for line in first.lines)
    assert made.money["gross"] == sum(line.gross_minor for line in made.lines)
    assert made.money["discount"] == sum(line.discount_minor for line in made.lines) + own - extra["discount"]
    assert made.money["tax"] == sum(line.tax_minor for line in made.lines) + extra["tax"]
    assert made.money["shipping"] == first.money["shipping"] + extra["shipping"]
    worth = sum(e.gross_minor - e.discount_minor - e.order_discount_minor + e.tax_minor for e in made.entries)
    beside = sum(m.amount_minor for m in made.adjustments if m.kind != "discount")
    assert made.total_minor - total(first.money) == worth + beside
    assert sum(e.order_discount_minor for e in made.entries) == -extra["discount"]


ORDERS, ROUNDS = 14, 3


def test_a_shop_of_edited_orders_breaks_no_law_and_no_number(
    engine: sa.Engine, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable walk, no secret
    with transaction(engine) as session:
        order_shop(session, {sku: {"Leeds": 60, "Bristol": 30} for sku in SKUS})
        save_shop(session, SHOP)
        keys = [place(session, SHOP, some_order(chance, n))["id"] for n in range(ORDERS)]
        for key in keys:
            if chance.random() < 0.6:
                owed = session.get_one(Order, key).total_minor
                pay(session, order_id=key, kind="capture", amount_minor=owed, gateway="card", zone=ZONE)
    done = sum(lives_on(engine, chance, key) for key in keys for _ in range(ROUNDS))
    assert done > ORDERS
    with transaction(engine) as session:
        for key in keys[:4]:
            if not session.scalar(sa.select(sa.func.sum(OrderLine.shipped_qty)).where(OrderLine.order_id == key)):
                cancel_order(session, key, reason="regret", zone=ZONE)
        assert_ledger_whole(session)
        assert [law for law in run(session) if law["broken"]] == []
    replica = Replica.open(tmp_path / "replica.duckdb", database_url)
    replica.refresh()
    assert [check for check in checks.run(replica) if not check["ok"]] == []
    edits = replica.frame("SELECT count(*) AS n FROM fct_order_edits").item()
    as_now = replica.frame("SELECT CAST(sum(gross_minor - discount_minor) AS BIGINT) FROM fct_order_lines").item()
    replica.close()
    assert edits > 0
    with transaction(engine) as session:
        kept = sa.select(sa.func.sum(Order.gross_minor - Order.discount_minor))
        assert int(session.scalar(kept) or 0) == as_now


def some_order(chance: random.Random, n: int) -> NewOrder:
    """Return an order of one to three lines, now and then with a discount and carriage."""
    units = {sku: chance.randint(1, 4) for sku in chance.sample(SKUS, chance.randint(1, 3))}
    extras = [NewAdjustment(kind="discount", amount_minor=-chance.randint(1, 700))] if chance.random() < 0.6 else []
    extras += [NewAdjustment(kind="shipping", amount_minor=499)] if chance.random() < 0.5 else []
    return new_order(units, external_id=str(n), email=f"b{n % 5}@example.com", price=997, adjustments=extras)


def lives_on(engine: sa.Engine, chance: random.Random, key: int) -> bool:
    """Ship a unit now and then, propose and confirm some actions; the preview has to come true."""
    with transaction(engine) as session:
        if chance.random() < 0.3:
            ship_one(session, key)
    try:
        with transaction(engine) as session:
            found = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == key)).all()
            wanted = [some_action(chance, found) for _ in range(chance.randint(1, 3))]
            change = propose(session, key, wanted, zone=ZONE, actor="ola")
            confirm(session, change.id, zone=ZONE, actor="jan")
            confirm(session, change.id, zone=ZONE, actor="jan")
            order = session.get_one(Order, key, populate_existing=True)
            after = change.preview["money"]["after"]
            assert after == {name: getattr(order, name) for name in after}
            assert_promised_as_previewed(session, change.preview["stock"])
    except (Refused, InvalidInput, InsufficientStock):
        return False
    return True


def assert_promised_as_previewed(session: Session, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        held = sa.func.coalesce(sa.func.sum(Allocation.quantity - Allocation.released_qty), 0)
        if row["line_id"] is not None:
            now = session.scalar(sa.select(held).where(Allocation.order_line_id == row["line_id"]))
            assert int(now or 0) == row["allocated"] + row["to_allocate"] - row["to_release"]


def ship_one(session: Session, key: int) -> None:
    """Ship one unit of the first work that has one."""
    for work in open_work(session, key)[:1]:
        open_qty = Allocation.quantity - Allocation.shipped_qty - Allocation.released_qty
        mine = sa.select(Allocation.id).join(OrderLine, OrderLine.id == Allocation.order_line_id)
        from oms_core.fulfilment.tables import FulfillmentOrderLine as WorkLine

        mine = mine.join(WorkLine, WorkLine.allocation_id == Allocation.id)
        promised = session.scalars(mine.where(WorkLine.fulfillment_order_id == work, open_qty > 0)).first()
        if promised:
            ship(session, fulfillment_order_id=work, carrier="dpd", lines={promised: 1}, zone=ZONE)


def some_action(chance: random.Random, found: Any) -> dict[str, Any]:
    """Return one action on one of the lines, or on the order."""
    line = chance.choice(found)
    return chance.choice(
        [
            {"kind": "set_quantity", "line_id": line.id, "quantity": chance.randint(0, 6)},
            {"kind": "remove_line", "line_id": line.id},
            {"kind": "add_line", "sku": chance.choice(SKUS), "quantity": 1, "tax_minor": 13},
            {"kind": "set_price", "line_id": line.id, "unit_price_minor": chance.randint(500, 1500)},
            {"kind": "set_discount", "line_id": line.id, "amount_minor": chance.randint(0, 400)},
            {"kind": "set_discount", "amount_minor": chance.randint(0, 900)},
            {"kind": "set_shipping", "amount_minor": chance.randint(0, 900)},
            {"kind": "add_adjustment", "adjustment": "fee", "amount_minor": chance.randint(1, 50)},
        ]
    )
