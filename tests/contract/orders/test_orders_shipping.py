"""Parcels and what carriers say of them: commands keep their word on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, count, new_order, shipped
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import (
    NewParcel,
    Scan,
    deliver,
    open_fulfillment_orders,
    ship,
    ship_all,
    track,
    track_all,
)
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment, TrackingEvent
from oms_core.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    OmsError,
    Refused,
    TransitionRefused,
)
from oms_core.orders.commands import (
    place_order,
)
from oms_core.orders.status import derived, refresh
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.commands import allocate_order


def test_a_parcel_takes_no_more_than_was_promised(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 3}), zone=ZONE)
    (promise,) = allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    for lines, code in (
        ({promise.id: 4}, "shipment.more_than_open"),
        ({promise.id: -1}, "shipment.more_than_open"),
        ({999: 1}, "shipment.more_than_open"),
        ({promise.id: 0}, "shipment.empty"),
    ):
        with pytest.raises(InvalidInput) as refused:
            ship(session, fulfillment_order_id=work.id, carrier="dpd", lines=lines, zone=ZONE)
        assert refused.value.code == code
    ship(session, fulfillment_order_id=work.id, carrier="dpd", lines={promise.id: 1}, zone=ZONE)
    ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
    session.refresh(work)
    assert work.state == "closed"
    with pytest.raises(InvalidInput, match="at least one open unit"):
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
    with pytest.raises(NotFound):
        ship(session, fulfillment_order_id=999, carrier="dpd", zone=ZONE)


def test_work_on_hold_is_not_shipped(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    session.execute(sa.update(FulfillmentOrder).values(state="on_hold"))
    with pytest.raises(Refused, match="is on hold: no reason was kept"):
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)


def test_a_tracking_number_names_one_parcel(session: Session, shop: OrderShop) -> None:
    shipped(session, MUG=1)
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    with pytest.raises(Conflict, match="T1"), session.begin_nested():
        ship(session, fulfillment_order_id=work.id, carrier="dpd", tracking_number="T1", zone=ZONE)


def test_the_same_event_twice_is_one(session: Session, shop: OrderShop, noon: datetime) -> None:
    parcel = shipped(session, MUG=1)
    for _ in range(2):
        track(session, shipment_id=parcel.id, state="in_transit", external_id="e1")
        assert deliver(session, shipment_id=parcel.id, at=noon + timedelta(hours=3)).state == "delivered"
    assert count(session, TrackingEvent) == 3
    assert session.get_one(Shipment, parcel.id).delivered_at == noon + timedelta(hours=3)
    with pytest.raises(TransitionRefused, match="is delivered"):
        track(session, shipment_id=parcel.id, state="lost")
    with pytest.raises(InvalidInput):
        track(session, shipment_id=parcel.id, state="teleported")
    with pytest.raises(NotFound):
        track(session, shipment_id=999, state="lost")


def test_news_without_a_move_are_kept(session: Session, shop: OrderShop) -> None:
    parcel = shipped(session, MUG=1)
    track(session, shipment_id=parcel.id, state="in_transit", external_id="a", message="Sorted in Leeds")
    track(session, shipment_id=parcel.id, state="in_transit", external_id="b", message="Sorted in Bristol")
    assert count(session, TrackingEvent) == 3
    track(session, shipment_id=parcel.id, state="failed")
    assert session.scalars(sa.select(Order)).one().delivery_status == "failed"


def test_a_carriers_answer_is_taken_scan_by_scan(session: Session, shop: OrderShop, noon: datetime) -> None:
    first = shipped(session, MUG=1)
    order = place_order(session, new_order({"TIN": 1}, external_id="second"), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    second = ship(session, fulfillment_order_id=work.id, carrier="dpd", tracking_number="T2", zone=ZONE)
    late = noon + timedelta(hours=5)
    said = track_all(
        session,
        [
            Scan(shipment_id=first.id, state="in_transit", external_id="a"),
            Scan(shipment_id=second.id, state="in_transit", external_id="a"),
            Scan(shipment_id=first.id, state="in_transit", external_id="a"),
            Scan(shipment_id=first.id, state="delivered", at=late, message="Left with a neighbour"),
            Scan(shipment_id=first.id, state="lost"),
            Scan(shipment_id=999, state="lost"),
            Scan(shipment_id=second.id, state="teleported"),
        ],
    )
    assert [refused and refused.code for refused in said] == [
        None, None, None, None, "shipment.transition_refused", "shipment.not_found", "input.state",
    ]  # fmt: skip
    session.expire_all()
    assert [(s.state, s.delivered_at) for s in session.scalars(sa.select(Shipment).order_by(Shipment.id))] == [
        ("delivered", late),
        ("in_transit", None),
    ]
    assert [o.delivery_status for o in session.scalars(sa.select(Order).order_by(Order.id))] == [
        "delivered",
        "in_transit",
    ]
    assert count(session, TrackingEvent) == 5
    assert track_all(session, []) == []


def test_a_wave_leaves_parcel_by_parcel(session: Session, shop: OrderShop) -> None:
    ids = [place_order(session, new_order({"MUG": 2}, external_id=str(n)), zone=ZONE).id for n in range(3)]
    promised = [allocate_order(session, key, zone=ZONE)[0] for key in ids]
    works = [open_fulfillment_orders(session, key)[0].id for key in ids]
    said = ship_all(
        session,
        [
            NewParcel(fulfillment_order_id=works[0], carrier="dpd", tracking_number="T1", lines={promised[0].id: 1}),
            NewParcel(fulfillment_order_id=works[1], carrier="dpd", tracking_number="T1"),
            NewParcel(fulfillment_order_id=works[0], carrier="dpd", tracking_number="T2", lines={promised[0].id: 1}),
            NewParcel(fulfillment_order_id=works[0], carrier="dpd", tracking_number="T3"),
            NewParcel(fulfillment_order_id=works[2], carrier="dpd", cost_minor=310),
            NewParcel(fulfillment_order_id=999, carrier="dpd"),
        ],
        zone=ZONE,
    )
    assert [s.code if isinstance(s, OmsError) else "shipped" for s in said] == [
        "shipped", "shipment.duplicate", "shipped", "shipment.empty", "shipped", "fulfilment_order.not_found",
    ]  # fmt: skip
    session.expire_all()
    states = [session.get_one(FulfillmentOrder, key).state for key in works]
    assert states == ["closed", "open", "closed"]
    assert [session.get_one(Order, key).fulfillment_status for key in ids] == ["fulfilled", "unfulfilled", "fulfilled"]
    assert ship_all(session, [], zone=ZONE) == []
    assert_ledger_whole(session)


def test_many_orders_are_refreshed_at_once_and_only_what_changed_is_written(session: Session, shop: OrderShop) -> None:
    ids = [place_order(session, new_order({"MUG": 1}, external_id=str(n)), zone=ZONE).id for n in range(5)]
    assert refresh(session, ids) == 0
    # facts written around the commands, as an import does
    session.execute(sa.update(OrderLine).where(OrderLine.order_id.in_(ids[:2])).values(shipped_qty=1))
    session.execute(sa.update(Order).where(Order.id.in_(ids[:2])).values(is_history=True))
    assert refresh(session, ids) == 2
    assert [session.get_one(Order, key).delivery_status for key in ids[:3]] == ["delivered", "delivered", "pending"]
    assert all(stored == axes for _, stored, axes in derived(session.connection(), ids))
    assert refresh(session, ids) == 0
