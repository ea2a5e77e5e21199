"""Stories of orders, from a click to cash: readable by whoever runs the shop."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import deliver, open_fulfillment_orders, ship, track
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, Refused
from oms_core.orders.commands import cancel_order, cancel_orders, place_order
from oms_core.orders.tables import Order
from oms_core.payments.commands import pay
from oms_core.routing.commands import allocate_order
from oms_core.routing.tables import RoutingDecision


def axes(session: Session, order: Order) -> tuple[str, str, str, str]:
    """Return what the order panel shows: order, payment, fulfilment, delivery."""
    session.refresh(order)
    return order.state, order.payment_status, order.fulfillment_status, order.delivery_status


def test_order_to_cash(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 10}, "TIN": {"Leeds": 5}})

    # Ala orders three mugs and a tin, 10.00 each
    with transaction(engine) as session:
        order = place_order(session, new_order({"MUG": 3, "TIN": 1}), zone=ZONE)
        assert order.total_minor == 4000
        assert axes(session, order) == ("placed", "none", "unfulfilled", "pending")
        # nothing is promised before it is allocated
        assert shop.units(session, "MUG", "Leeds") == 10

    # she pays, and Leeds promises her the goods
    with transaction(engine) as session:
        pay(session, order_id=order.id, kind="capture", amount_minor=4000, gateway="card", zone=ZONE)
        allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, order.id)
        assert shop.units(session, "MUG", "Leeds") == 7
        assert shop.units(session, "MUG", "Leeds", "committed") == 3

    # Leeds packs the parcel
    with transaction(engine) as session:
        parcel = ship(session, fulfillment_order_id=work.id, carrier="dpd", tracking_number="D1", zone=ZONE)
        order = session.get_one(Order, order.id)
        assert axes(session, order) == ("placed", "paid", "fulfilled", "pending")
        assert shop.units(session, "MUG", "Leeds", "committed") == 0

    # the carrier takes it and brings it
    with transaction(engine) as session:
        order = session.get_one(Order, order.id)
        track(session, shipment_id=parcel.id, state="in_transit")
        assert axes(session, order)[3] == "in_transit"
        deliver(session, shipment_id=parcel.id)
        assert axes(session, order) == ("closed", "paid", "fulfilled", "delivered")
        assert order.closed_at == noon
        assert_ledger_whole(session)


def test_an_order_no_single_place_can_ship_is_split(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 2, "Bristol": 1}, "TIN": {"Bristol": 1}})
        order = place_order(session, new_order({"MUG": 2, "TIN": 1}), zone=ZONE)
        allocate_order(session, order.id, zone=ZONE)
        works = open_fulfillment_orders(session, order.id)
        names = {place: name for name, place in shop.places.items()}
        assert [names[w.location_id] for w in works] == ["Leeds", "Bristol"]
        receipt = session.scalars(sa.select(RoutingDecision)).one()
        assert receipt.reason.startswith("Leeds ships 2 of 3 units (1 line)")

        first = ship(session, fulfillment_order_id=works[0].id, carrier="dpd", zone=ZONE)
        assert axes(session, order)[2] == "partially_fulfilled"
        deliver(session, shipment_id=first.id)
        assert axes(session, order)[3] == "partially_delivered"
        second = ship(session, fulfillment_order_id=works[1].id, carrier="inpost", zone=ZONE)
        deliver(session, shipment_id=second.id)
        # delivered but never paid: it stays open for whoever chases the money
        assert axes(session, order) == ("placed", "none", "fulfilled", "delivered")
        assert_ledger_whole(session)


def test_a_cancelled_order_gives_everything_back(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 2}})
        order = place_order(session, new_order({"MUG": 2}), zone=ZONE)
        pay(session, order_id=order.id, kind="capture", amount_minor=2000, gateway="card", zone=ZONE)
        allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, order.id)
        cancel_order(session, order.id, reason="customer", zone=ZONE)
        assert axes(session, order) == ("cancelled", "paid", "unfulfilled", "pending")
        assert shop.units(session, "MUG", "Leeds") == 2
        session.refresh(work)
        assert work.state == "cancelled"
        # the money is given back, and not more than was taken
        with pytest.raises(Refused, match=r"20\.01 GBP is more than the 20\.00 GBP"):
            pay(session, order_id=order.id, kind="refund", amount_minor=2001, gateway="card", zone=ZONE)
        pay(session, order_id=order.id, kind="refund", amount_minor=2000, gateway="card", zone=ZONE)
        assert axes(session, order)[1] == "refunded"
        assert_ledger_whole(session)


def test_what_is_shipped_cannot_be_cancelled(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 2}})
        order = place_order(session, new_order({"MUG": 2}), zone=ZONE)
        (promise,) = allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, order.id)
        ship(session, fulfillment_order_id=work.id, carrier="dpd", lines={promise.id: 1}, zone=ZONE)
        session.refresh(work)
        assert work.state == "in_progress"
        with pytest.raises(Refused, match="1 × MUG already shipped") as refused:
            cancel_order(session, order.id, reason="customer", zone=ZONE)
        assert refused.value.code == "order.shipped"


def test_an_order_that_cannot_be_met_says_everything_that_is_short_and_leaves_no_trace(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 1, "Bristol": 1}, "TIN": {"Łódź": 4}, "BAG": {"Leeds": 9}})
    wish = new_order({"MUG": 3, "TIN": 5, "BAG": 1})
    with pytest.raises(InsufficientStock) as short, transaction(engine) as session:
        allocate_order(session, place_order(session, wish, zone=ZONE).id, zone=ZONE)
    assert [(s["sku"], s["wanted"], s["available"]) for s in short.value.facts["shortages"]] == [
        ("MUG", 3, 2),
        ("TIN", 5, 4),
    ]
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(FulfillmentOrder)) == 0
        assert shop.units(session, "BAG", "Leeds") == 9


def test_many_orders_are_cancelled_each_for_itself(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}})
        orders = [place_order(session, new_order({"MUG": 1}, external_id=str(n)), zone=ZONE) for n in range(3)]
        for order in orders:
            allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, orders[1].id)
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        said = cancel_orders(session, [orders[2].id, orders[1].id, orders[0].id, 99], reason="flood", zone=ZONE)
        assert [getattr(one, "code", None) for one in said] == [None, "order.shipped", None, "order.not_found"]
        assert shop.units(session, "MUG", "Leeds") == 4
        assert_ledger_whole(session)
