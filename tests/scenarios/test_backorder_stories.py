"""Selling what is still to come: pre-orders, backorders, slipping purchase orders; on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, new_order, order_shop
from stock_shop import assert_lawful, line_of, number_of, on_order

from oms_core.backorders import commands as backorders
from oms_core.backorders.atp import atp
from oms_core.backorders.queries import backorders_list
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.intake.commands import place, place_many
from oms_core.inventory.commands import adjust
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order
from oms_core.purchasing import commands as purchasing
from oms_core.routing.commands import allocate_order

SHOP = Shop(zone=ZONE, currency="GBP")
TODAY, NEXT_WEEK, LATER = date(2010, 12, 9), date(2010, 12, 16), date(2010, 12, 30)


def wish(sku: str, units: int, name: str):
    return new_order({sku: units}, external_id=name, email=f"{name}@example.com")


def test_a_book_is_pre_ordered_from_an_open_purchase_order(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"BOOK": {"Leeds": 1}, "MUG": {"Leeds": 1}})
        book = shop.variants["BOOK"]
        backorders.set_policy(session, book, "preorder")
        order = on_order(session, shop, {"BOOK": 5}, NEXT_WEEK)
        number = number_of(session, order)
        assert atp(session, book) == [(TODAY, 1), (NEXT_WEEK, 6)]

    # Ala wants three: one is there, two come next week, and she is told
    with transaction(engine) as session:
        ala = place(session, SHOP, wish("BOOK", 3, "ala"))
        assert [(a["sku"], a["quantity"]) for a in ala["allocations"]] == [("BOOK", 1)]
        assert ala["backorders"] == [
            {"sku": "BOOK", "quantity": 2, "kind": "preorder", "promised_on": "2010-12-16", "purchase_order": number}
        ]
        assert atp(session, book) == [(TODAY, 0), (NEXT_WEEK, 3)]
        ola = place(session, SHOP, wish("BOOK", 3, "ola"))
        assert ola["allocations"] == []
        assert_lawful(session)

    # what is on order is promised: the next one is refused, with every shortage at once
    with pytest.raises(InsufficientStock) as short, transaction(engine) as session:
        place(session, SHOP, new_order({"BOOK": 1, "MUG": 2}, external_id="jan"))
    assert [(s["sku"], s["wanted"], s["available"]) for s in short.value.facts["shortages"]] == [
        ("BOOK", 1, 0),
        ("MUG", 2, 1),
    ]

    # three of five arrive: Ala was first, she gets her two, Ola one of three
    with clock.frozen(noon + timedelta(days=7)), transaction(engine) as session:
        backorders.receive(session, purchase_order_id=order, lines={line_of(session, order).id: 3}, zone=ZONE)
        assert [(b["order"], b["waiting"]) for b in backorders_list(session)] == [(ola["number"], 2)]
        assert shop.units(session, "BOOK", "Leeds") == 0
        works = session.scalars(sa.select(FulfillmentOrder).where(FulfillmentOrder.order_id == ala["id"])).all()
        for work in works:
            ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        assert session.get_one(Order, ala["id"]).fulfillment_status == "fulfilled"
        assert_lawful(session)
    with clock.frozen(noon + timedelta(days=8)), transaction(engine) as session:
        backorders.receive(session, purchase_order_id=order, lines={line_of(session, order).id: 2}, zone=ZONE)
        assert backorders_list(session) == []
        assert len(backorders_list(session, state="allocated")) == 2
        assert_lawful(session)


def test_goods_that_come_are_for_those_who_wait(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 0, "Bristol": 0}})
        mug = shop.variants["MUG"]
        backorders.set_policy(session, mug, "backorder")
        first = place(session, SHOP, wish("MUG", 2, "ala"))
        # nothing is on order and nobody is known to sell it: nobody knows the day
        assert first["backorders"][0]["promised_on"] is None

    # three turn up in Bristol; before anybody looks, Jan wants two: one is his, the other waits behind Ala's
    with transaction(engine) as session:
        adjust(session, variant_id=mug, location_id=shop.places["Bristol"], delta_qty=3, reason="found", zone=ZONE)
        jan = place(session, SHOP, wish("MUG", 2, "jan"))
        assert [a["quantity"] for a in jan["allocations"]] == [1]
        # nor can a person give Ala's mugs away, or promise her the same units twice
        assert allocate_order(session, first["id"], zone=ZONE) == []
        assert backorders.fill(session, zone=ZONE) == 2
        assert backorders.fill(session, zone=ZONE) == 0
        assert [(b["order"], b["waiting"]) for b in backorders_list(session)] == [(jan["number"], 1)]
        assert_lawful(session)


def test_a_purchase_order_slips_and_its_promises_move_visibly(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 0}})
        mug = shop.variants["MUG"]
        backorders.set_policy(session, mug, "backorder")
        order = on_order(session, shop, {"MUG": 3}, NEXT_WEEK)
        ala, jan = (place(session, SHOP, wish("MUG", 2, name)) for name in ("ala", "jan"))
        assert ala["backorders"][0]["promised_on"] == "2010-12-16"
        # the second is beyond what is on order, and nobody is set as the supplier of the mug
        assert jan["backorders"][0]["promised_on"] is None

        # a second order is sent: now Jan has a day too
        later = on_order(session, shop, {"MUG": 5}, LATER)
        assert backorders.repromise(session, zone=ZONE) == 1
        assert [(b["order"], b["promised_on"]) for b in backorders_list(session)] == [
            (ala["number"], NEXT_WEEK), (jan["number"], LATER),
        ]  # fmt: skip

    # the supplier says: three days later
    with transaction(engine) as session:
        purchasing.reschedule(
            session, purchase_order_id=order, expected_on=NEXT_WEEK + timedelta(days=3), reason="ship is late"
        )
        assert backorders.repromise(session, zone=ZONE) == 1
        told = session.scalars(sa.select(JournalEntry).where(JournalEntry.event == "order.promise_moved")).all()
        assert (told[-1].object_id, told[-1].data["before"], told[-1].data["after"]) == (
            ala["id"], "2010-12-16", "2010-12-19",
        )  # fmt: skip
        (first, _) = backorders_list(session)
        assert (first["first_promised_on"], first["slipped_days"]) == (NEXT_WEEK, 3)
        # and it is called off: everybody waits for the second one
        purchasing.cancel(session, purchase_order_id=order)
        assert backorders.repromise(session, zone=ZONE) == 1
        numbers = {b["purchase_order"] for b in backorders_list(session)}
        assert numbers == {number_of(session, later)}
        assert_lawful(session)


def test_who_cancels_frees_what_was_promised(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"BOOK": {"Leeds": 0}})
        book = shop.variants["BOOK"]
        backorders.set_policy(session, book, "preorder")
        on_order(session, shop, {"BOOK": 2}, NEXT_WEEK)
        ala = place(session, SHOP, wish("BOOK", 2, "ala"))
        assert atp(session, book) == [(TODAY, 0)]
        cancel_order(session, ala["id"], reason="too long", zone=ZONE)
        assert atp(session, book) == [(TODAY, 0), (NEXT_WEEK, 2)]
        assert backorders_list(session) == []
        jan = place(session, SHOP, wish("BOOK", 2, "jan"))
        assert jan["backorders"][0]["promised_on"] == "2010-12-16"
        assert_lawful(session)


def test_each_order_of_a_burst_is_promised_or_refused_for_itself(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"BOOK": {"Leeds": 1}})
        backorders.set_policy(session, shop.variants["BOOK"], "preorder")
        on_order(session, shop, {"BOOK": 2}, NEXT_WEEK)
    with transaction(engine) as session:
        answers = place_many(session, SHOP, [wish("BOOK", n, f"b{n}") for n in (2, 3, 1)])
        assert isinstance(answers[1], InsufficientStock)
        assert [a["backorders"][0]["quantity"] for a in (answers[0], answers[2])] == [1, 1]
        assert_lawful(session)


def test_the_day_of_a_backorder_without_a_purchase_order_is_the_suppliers_lead_time(
    engine: sa.Engine, noon: datetime
) -> None:
    from oms_core.catalog.tables import Supplier, SupplierItem

    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 0}})
        mug = shop.variants["MUG"]
        backorders.set_policy(session, mug, "backorder")
        supplier = Supplier(code="S", name="S", currency="GBP", lead_time_days=5.5)
        session.add(supplier)
        session.flush()
        session.add(SupplierItem(supplier_id=supplier.id, variant_id=mug, unit_cost_minor=1, currency="GBP"))
        session.flush()
        ala = place(session, SHOP, wish("MUG", 1, "ala"))
        assert ala["backorders"][0]["promised_on"] == "2010-12-15"
    # it does not slide day by day
    with clock.frozen(noon + timedelta(days=2)), transaction(engine) as session:
        assert backorders.repromise(session, zone=ZONE) == 0
    with pytest.raises(InvalidInput, match="one of deny, backorder, preorder"), transaction(engine) as session:
        backorders.set_policy(session, mug, "maybe")


def test_atp_of_one_place_counts_what_only_it_can_serve(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 0, "Bristol": 4}})
        mug = shop.variants["MUG"]
        on_order(session, shop, {"MUG": 6}, NEXT_WEEK)
        assert atp(session, mug, shop.places["Leeds"]) == [(TODAY, 0), (NEXT_WEEK, 6)]
        assert atp(session, mug, shop.places["Bristol"]) == [(TODAY, 4)]
        assert atp(session, mug) == [(TODAY, 4), (NEXT_WEEK, 10)]
