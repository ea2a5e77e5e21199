"""An order invoiced in parts, as a bookkeeper lives it; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from finance_shop import SHOP, ZONE, broken, buy, on, order_with_tax, send_back, small_shop
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shop import line_ids

from oms_core.finance import ageing, commands
from oms_core.finance.commands import Part
from oms_core.finance.invoicing import invoicing_state
from oms_core.finance.partial import Invoiced, part, remaining
from oms_core.finance.tables import Invoice
from oms_core.finance.valuing import Line
from oms_core.finance.when_shipped import invoice_shipped
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.order_changes import commands as order_changes
from oms_core.orders.commands import NewAdjustment, NewPayment, cancel_order
from oms_core.returns.tables import Return

CARRIAGE = [
    NewAdjustment(kind="shipping", amount_minor=1000),
    NewAdjustment(kind="discount", amount_minor=-701),
]


def send(session, order, **units):
    """Ship some units of an order."""
    lines = session.execute(
        sa.select(FulfillmentOrderLine)
        .join(FulfillmentOrder, FulfillmentOrder.id == FulfillmentOrderLine.fulfillment_order_id)
        .where(FulfillmentOrder.order_id == order.id)
    ).scalars()
    keys = line_ids(session, order)
    of = {line.order_line_id: line for line in lines}
    named = {of[keys[sku]].allocation_id: n for sku, n in units.items()}
    work = of[keys[next(iter(units))]].fulfillment_order_id
    return fulfilment.ship(session, fulfillment_order_id=work, carrier="dpd", lines=named, zone=ZONE)


def test_what_was_shipped_is_invoiced_and_parts_add_up_to_the_order(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400), BAG=(20, 800))
        paid = [NewPayment(gateway="card", amount_minor=5000)]
        order = order_with_tax(session, "anna", adjustments=CARRIAGE, payments=paid, MUG=7, BAG=3)
        total = order.total_minor
        with pytest.raises(Refused, match="waits for an invoice"):
            commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part(shipped=True))
        first = send(session, order, MUG=4, BAG=1)

    # the first parcel's invoice has its units, its part of the discount, and all the carriage
    with on(3), transaction(engine) as session:
        one = commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part(shipment_id=first.id))
        again = commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part(shipment_id=first.id))
        assert (again.id, one.number) == (one.id, "FV/2026/00001")
        state = invoicing_state(session, SHOP, order.id)
        assert {x["sku"]: (x["ordered"], x["shipped"], x["left"]) for x in state["lines"]} == {
            "MUG": (7, 4, 3), "BAG": (3, 1, 2)
        }  # fmt: skip
        assert state["invoiced_minor"] + state["left_minor"] == state["ordered_minor"] == total
        keys = line_ids(session, order)

    # a part in advance by hand, drafted first; then the rest. Together they are the order, to the grosz
    with on(4), transaction(engine) as session:
        commands.draft_invoice(session, SHOP, order_id=order.id, part_of=Part({keys["MUG"]: 1}))
        commands.issue_invoice(session, SHOP, order_id=order.id)
        rest = commands.issue_invoice(session, SHOP, order_id=order.id)
        assert commands.issue_invoice(session, SHOP, order_id=order.id).id == rest.id
        made = session.scalars(sa.select(Invoice).order_by(Invoice.id)).all()
        assert [x.number for x in made] == [f"FV/2026/0000{n}" for n in (1, 2, 3)]
        assert sum(x.gross_minor for x in made) == total
        assert broken(session) == []
        # what was paid settles the oldest claims first; what is open is said invoice by invoice
        told = ageing.open_entries(session, side="receivable", today=date(2026, 3, 4))
        claims, left = {x["document"]: x["open_minor"] for x in told}, 5000
        for paper in made:
            settled = min(left, paper.gross_minor)
            left -= settled
            assert claims.get(paper.number, 0) == paper.gross_minor - settled

    # all goes out and four mugs and a bag come back: each invoice is corrected for its own part
    with on(5), transaction(engine) as session:
        send(session, order, MUG=3, BAG=2)
        found = send_back(session, shop, order, {keys["MUG"]: 5, keys["BAG"]: 1})
        commands.correct_for_return(session, SHOP, return_id=found.id)
        papers = session.scalars(sa.select(Invoice).where(Invoice.return_id == found.id)).all()
        assert {x.corrects_id for x in papers} == {made[0].id, made[1].id}
        assert sum(x.gross_minor for x in papers) == -session.get_one(Return, found.id).total_minor
        assert broken(session) == []


def test_nobody_invoices_more_than_was_ordered(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400), BAG=(20, 800))
        order = order_with_tax(session, "ola", MUG=7, BAG=3)
        keys = line_ids(session, order)
        commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part({keys["MUG"]: 4, keys["BAG"]: 1}))
        with pytest.raises(Refused, match="MUG 4 asked for, 3 left; BAG 9 asked for, 2 left"):
            commands.draft_invoice(session, SHOP, order_id=order.id, part_of=Part({keys["MUG"]: 4, keys["BAG"]: 9}))
        for units, error in (({}, InvalidInput), ({keys["MUG"]: -1}, InvalidInput), ({999: 1}, NotFound)):
            with pytest.raises(error):
                commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part(units))
        with pytest.raises(Refused, match="invoiced in parts"):
            commands.correct_for_order(session, SHOP, order_id=order.id, reason="edited")
        # the price falls after mugs were invoiced at the old one: the rest would be more than the order is worth
        cheaper = [{"kind": "set_price", "line_id": keys["MUG"], "unit_price_minor": 100}]
        order_changes.confirm(session, order_changes.propose(session, order.id, cheaper, zone=ZONE).id, zone=ZONE)
        for units in ({keys["BAG"]: 2}, {keys["MUG"]: 3, keys["BAG"]: 2}):
            with pytest.raises(Refused, match=r"is worth 82\.41 PLN; 73\.80 PLN is invoiced") as told:
                commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part(units))
            assert told.value.code == "invoice.more_than_ordered"
        assert broken(session) == []


def test_a_cancelled_order_owes_nothing_on_any_of_its_invoices(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400))
        order = order_with_tax(session, "ewa", MUG=3)
        (key,) = line_ids(session, order).values()
        for n in (1, 2):
            commands.issue_invoice(session, SHOP, order_id=order.id, part_of=Part({key: n}))
        cancel_order(session, order.id, reason="changed her mind", zone=ZONE)
        commands.correct_for_order(session, SHOP, order_id=order.id, reason="cancelled")
        papers = session.scalars(sa.select(Invoice.gross_minor).where(Invoice.order_id == order.id)).all()
        assert (len(papers), sum(papers)) == (4, 0)
        with pytest.raises(Refused, match="Nothing of the invoices changes"):
            commands.correct_for_order(session, SHOP, order_id=order.id, reason="again")
        assert broken(session) == []


def test_parcels_are_invoiced_by_themselves_where_the_shop_wants_it(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(20, 400))
        early = order_with_tax(session, "ola", MUG=2)
        send(session, early, MUG=2)
    with on(3), transaction(engine) as session:
        asked = replace(SHOP, invoice_shipped_since="2026-03-03T00:00:00+00:00")
        whole = order_with_tax(session, "ewa", MUG=1)
        commands.issue_invoice(session, asked, order_id=whole.id)
        send(session, whole, MUG=1)
        begun = order_with_tax(session, "iga", MUG=1)
        commands.draft_invoice(session, SHOP, order_id=begun.id)
        send(session, begun, MUG=1)
        order = order_with_tax(session, "jan", MUG=5)
        parcels = [send(session, order, MUG=2), send(session, order, MUG=2)]
        assert invoice_shipped(session, SHOP) == 0
        # what left before it was switched on, and what has its invoice, is left alone
        assert invoice_shipped(session, asked) == 2
        assert invoice_shipped(session, asked) == 0
        made = session.scalars(sa.select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id)).all()
        assert [x.shipment_id for x in made] == [parcel.id for parcel in parcels]
        assert broken(session) == []


goods = st.builds(
    Line, kind=st.just("goods"), title=st.just("x"), quantity=st.integers(1, 40), net_minor=st.integers(0, 99_999),
    tax_minor=st.integers(0, 9_999),
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(lines=st.lists(goods, min_size=1, max_size=4), cuts=st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_parts_of_any_size_lose_nothing(lines, cuts):
    value = [
        Line(**{**{n: getattr(x, n) for n in Line.__slots__}, "order_line_id": n}) for n, x in enumerate(lines, start=1)
    ]
    gone = {}
    for cut in [*cuts, 10**6]:
        left = remaining(value, gone, {})
        units = {x.order_line_id: min(cut, x.quantity) for x in left}
        if not any(units.values()):
            continue
        for x in part(left, units):
            was = gone.get(x.order_line_id, Invoiced())
            sums = (was.quantity + x.quantity, was.net_minor + x.net_minor, was.tax_minor + x.tax_minor)
            gone[x.order_line_id] = Invoiced(*sums)
            assert min(x.net_minor, x.tax_minor, x.quantity) >= 0
    assert gone == {x.order_line_id: Invoiced(x.quantity, x.net_minor, x.tax_minor) for x in value}
