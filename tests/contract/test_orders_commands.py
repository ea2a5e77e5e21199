"""Commands of orders, payments, stock, fulfilment and intake keep their word on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.customers.tables import Address, Customer, CustomerIdentity
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
from oms_core.intake.commands import place, place_many
from oms_core.intake.documents import order_from
from oms_core.inventory.commands import (
    Move,
    adjust,
    cancel_transfer,
    draft_transfer,
    post,
    receive_transfer,
    ship_transfer,
)
from oms_core.inventory.queries import levels_of, movements_of, transfer_record, transfer_units
from oms_core.inventory.tables import StockLevel, StockMovement, TransferLine
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import (
    Conflict,
    InsufficientStock,
    InvalidInput,
    NotFound,
    OmsError,
    Refused,
    TransitionRefused,
)
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import (
    NewAddress,
    NewAdjustment,
    NewCustomer,
    NewLine,
    NewOrder,
    NewPayment,
    cancel_order,
    place_order,
)
from oms_core.orders.status import derived, refresh
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import NewMoney, pay, pay_all
from oms_core.payments.tables import Payment
from oms_core.routing.commands import allocate_order
from oms_core.routing.tables import RoutingRule

SHOP = Shop(zone=ZONE, currency="GBP")
STOCK = {"MUG": {"Leeds": 5, "Łódź": 5}, "TIN": {"Leeds": 1, "Bristol": 3}}


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    with transaction(engine) as opened:
        yield opened


@pytest.fixture
def shop(session: Session) -> OrderShop:
    return order_shop(session, STOCK)


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def shipped(session: Session, **lines: int) -> Shipment:
    """Return the parcel of an order that was placed, allocated and shipped whole."""
    order = place_order(session, new_order(lines, external_id="shipped"), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    (work,) = open_fulfillment_orders(session, order.id)
    return ship(session, fulfillment_order_id=work.id, carrier="dpd", tracking_number="T1", zone=ZONE)


# --- placing -------------------------------------------------------------------------------------


def test_money_of_an_order_adds_up(session: Session, shop: OrderShop) -> None:
    new = new_order({"MUG": 2, "TIN": 1}, total_minor=3150)
    new = replace(
        new,
        lines=[
            NewLine(sku="MUG", quantity=2, unit_price_minor=999, rounding_minor=2, discount_minor=100, tax_minor=40),
            NewLine(sku="TIN", quantity=1, unit_price_minor=1000),
        ],
        adjustments=[
            NewAdjustment(kind="shipping", amount_minor=399),
            NewAdjustment(kind="discount", amount_minor=-200),
            NewAdjustment(kind="gift_card", amount_minor=11),
        ],
    )
    order = place_order(session, new, zone=ZONE)
    money = (order.gross_minor, order.discount_minor, order.shipping_minor, order.tax_minor, order.other_minor)
    assert money == (3000, 300, 399, 40, 11)
    assert order.total_minor == 3150
    line = session.scalars(sa.select(OrderLine).order_by(OrderLine.position)).first()
    assert line is not None
    assert (line.gross_minor, line.unit_cost_minor, line.title) == (2000, 400, "MUG title")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": []}, "order.no_lines"),
        ({"lines": [NewLine(sku="MUG", quantity=0, unit_price_minor=1)]}, "input.quantity"),
        ({"lines": [NewLine(sku="MUG", quantity=-2, unit_price_minor=1)]}, "input.quantity"),
        ({"lines": [NewLine(sku="MUG", quantity=1, unit_price_minor=-1)]}, "input.unit_price"),
        ({"lines": [NewLine(sku="MUG", quantity=1, unit_price_minor=5, discount_minor=6)]}, "input.discount"),
        ({"currency": "gbp"}, "input.currency"),
        ({"address": NewAddress(country="UKX")}, "input.country"),
        ({"external_id": " "}, "input.external_id"),
        ({"total_minor": 1}, "order.total_mismatch"),
        ({"placed_at": datetime(2010, 12, 9, 12)}, "input.placed_at"),  # noqa: DTZ001 - a naive time is what is refused
        ({"channel": "wab"}, "channel.not_found"),
        ({"customer": NewCustomer(email="not an address")}, "input.email"),
        ({"customer": NewCustomer(email="a@b.c", kind="robot")}, "input.customer kind"),
        ({"adjustments": [NewAdjustment(kind="bribe", amount_minor=1)]}, "input.adjustment kind"),
        ({"adjustments": [NewAdjustment(kind="discount", amount_minor=1)]}, "input.discount"),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(
    session: Session, shop: OrderShop, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(OmsError) as refused:
        place_order(session, replace(new_order({"MUG": 1}), **change), zone=ZONE)
    assert refused.value.code == code
    assert count(session, Order) == 0
    assert count(session, Customer) == 0


def test_unknown_skus_are_all_named_with_what_was_meant(session: Session, shop: OrderShop) -> None:
    with pytest.raises(NotFound, match="MUGG") as one:
        place_order(session, new_order({"MUGG": 1}), zone=ZONE)
    assert one.value.hint == "Did you mean 'MUG'?"
    with pytest.raises(NotFound, match="MUGG, TON") as two:
        place_order(session, new_order({"MUGG": 1, "TON": 1}), zone=ZONE)
    assert two.value.hint == "Did you mean MUGG → MUG; TON → TIN?"


def test_a_channels_order_is_taken_once(session: Session, shop: OrderShop) -> None:
    first = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    with pytest.raises(Conflict, match=first.number) as refused:
        place_order(session, new_order({"MUG": 1}), zone=ZONE)
    assert refused.value.code == "order.duplicate"


def test_customers_are_found_again_by_email_and_by_the_channels_id(session: Session, shop: OrderShop) -> None:
    by_email = place_order(session, new_order({"MUG": 1}, email=" Ala@Example.com"), zone=ZONE)
    again = new_order({"MUG": 1}, external_id="2", postal_code="BS1 1AA", country="PL")
    again = replace(again, customer=NewCustomer(email="ala@example.com", external_id="77"))
    both = place_order(session, again, zone=ZONE)
    third = replace(new_order({"MUG": 1}, external_id="3"), customer=NewCustomer(external_id="77"))
    by_channel = place_order(session, third, zone=ZONE)
    guest = place_order(session, replace(new_order({"MUG": 1}, external_id="4"), customer=None), zone=ZONE)
    assert by_email.customer_id == both.customer_id == by_channel.customer_id is not None
    assert guest.customer_id is None
    assert count(session, Customer) == count(session, Address) == 1
    assert count(session, CustomerIdentity) == 2
    customer = session.scalars(sa.select(Customer)).one()
    assert (customer.email, customer.country, customer.postal_code) == ("ala@example.com", "GB", "LS1 1AA")


def test_the_business_date_is_the_shops_day(session: Session, shop: OrderShop) -> None:
    late = datetime.fromisoformat("2010-12-09T23:30:00+00:00")
    order = place_order(session, new_order({"MUG": 1}, placed_at=late), zone="Europe/Warsaw")
    assert order.business_date.isoformat() == "2010-12-10"


# --- allocating ------------------------------------------------------------------------------------


def test_allocating_twice_promises_once(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 2}), zone=ZONE)
    assert [a.quantity for a in allocate_order(session, order.id, zone=ZONE)] == [2]
    assert allocate_order(session, order.id, zone=ZONE) == []
    assert [w.state for w in open_fulfillment_orders(session, order.id)] == ["open"]
    assert open_fulfillment_orders(session, order.id) == []
    assert shop.units(session, "MUG", "Leeds", "committed") == 2


def test_two_lines_of_one_sku_share_its_stock(session: Session, shop: OrderShop) -> None:
    two = [NewLine(sku="MUG", quantity=n, unit_price_minor=1) for n in (3, 4)]
    order = place_order(session, replace(new_order({"MUG": 1}), lines=two), zone=ZONE)
    promised = allocate_order(session, order.id, zone=ZONE)
    assert sorted(a.quantity for a in promised) == [2, 2, 3]
    for work in open_fulfillment_orders(session, order.id):
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
    session.expire_all()
    assert [line.shipped_qty for line in session.scalars(sa.select(OrderLine).order_by(OrderLine.position))] == [3, 4]
    assert_ledger_whole(session)


def test_backorder_is_used_only_where_a_policy_allows_it(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"TIN": 5}), zone=ZONE)
    with pytest.raises(InsufficientStock, match="TIN wanted 5, available 4"):
        allocate_order(session, order.id, zone=ZONE)
    session.execute(
        sa.update(StockLevel).where(StockLevel.location_id == shop.places["Leeds"]).values(backorder_limit_qty=4)
    )
    allocate_order(session, order.id, zone=ZONE)
    assert shop.units(session, "TIN", "Leeds") == -4
    assert_ledger_whole(session)


def test_rules_of_the_shop_decide(session: Session, shop: OrderShop) -> None:
    session.add(RoutingRule(position=1, kind="closest", params={}))
    session.flush()
    polish = new_order({"MUG": 1}, country="PL", postal_code="90-001")
    order = place_order(session, polish, zone=ZONE)
    (promise,) = allocate_order(session, order.id, zone=ZONE)
    assert promise.location_id == shop.places["Łódź"]


def test_only_a_placed_order_is_allocated(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    cancel_order(session, order.id, reason="test", zone=ZONE)
    with pytest.raises(Refused, match="is cancelled"):
        allocate_order(session, order.id, zone=ZONE)
    with pytest.raises(NotFound):
        allocate_order(session, 999, zone=ZONE)
    with pytest.raises(TransitionRefused):
        cancel_order(session, order.id, reason="again", zone=ZONE)
    with pytest.raises(NotFound):
        cancel_order(session, 999, reason="x")


# --- paying ------------------------------------------------------------------------------------------


def test_the_same_payment_twice_is_one(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    given = {"order_id": order.id, "kind": "capture", "gateway": "card", "external_id": "p1", "zone": ZONE}
    first = pay(session, amount_minor=1000, **given)
    assert pay(session, amount_minor=1000, **given).id == first.id
    with pytest.raises(Conflict, match="p1"):
        pay(session, amount_minor=999, **given)
    assert count(session, Payment) == 1
    assert session.get_one(Order, order.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [
        ("refund", 1001, "payment.refund_too_large"),
        ("void", 1, "payment.void_too_large"),
        ("gift", 1, "input.kind"),
        ("capture", 0, "input.amount"),
        ("capture", -5, "input.amount"),
    ],
)
def test_money_that_cannot_move_is_refused(
    session: Session, shop: OrderShop, kind: str, amount: int, code: str
) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
    with pytest.raises(OmsError) as refused:
        pay(session, order_id=order.id, kind=kind, amount_minor=amount, gateway="card", zone=ZONE)
    assert refused.value.code == code
    with pytest.raises(NotFound):
        pay(session, order_id=999, kind="capture", amount_minor=1, gateway="card", zone=ZONE)


def test_no_money_is_taken_for_a_cancelled_order(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    pay(session, order_id=order.id, kind="authorize", amount_minor=1000, gateway="card", zone=ZONE)
    cancel_order(session, order.id, reason="test", zone=ZONE)
    with pytest.raises(Refused, match="cancelled"):
        pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
    pay(session, order_id=order.id, kind="void", amount_minor=1000, gateway="card", zone=ZONE)
    assert session.get_one(Order, order.id).payment_status == "voided"


def test_a_gateways_report_is_booked_line_by_line(session: Session, shop: OrderShop) -> None:
    ids = [place_order(session, new_order({"MUG": 1}, external_id=str(n)), zone=ZONE).id for n in range(2)]

    def line(order_id: int, kind: str, amount: int, name: str | None) -> NewMoney:
        return NewMoney(order_id=order_id, kind=kind, amount_minor=amount, gateway="card", external_id=name)

    report = [
        line(ids[0], "capture", 1000, "a"),
        line(ids[0], "capture", 1000, "a"),
        line(ids[0], "capture", 1, "a"),
        line(ids[0], "refund", 1001, "b"),
        line(ids[0], "refund", 400, None),
        line(ids[0], "refund", 601, "c"),
        line(ids[1], "authorize", 1000, "d"),
        line(999, "capture", 1, "e"),
    ]
    said = pay_all(session, report, zone=ZONE)
    assert [s.code if isinstance(s, OmsError) else s - min(k for k in said if isinstance(k, int)) for s in said] == [
        0, 0, "payment.duplicate", "payment.refund_too_large", 1, "payment.refund_too_large", 2, "order.not_found",
    ]  # fmt: skip
    session.expire_all()
    assert [session.get_one(Order, key).payment_status for key in ids] == ["partially_refunded", "authorized"]
    # the whole report again books only what has no name
    again = pay_all(session, report[:2] + report[6:7], zone=ZONE)
    assert again == [said[0], said[0], said[6]]
    assert count(session, Payment) == 3
    assert pay_all(session, [], zone=ZONE) == []


# --- shipping and tracking -------------------------------------------------------------------------------


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


# --- stock -------------------------------------------------------------------------------------------------


def test_every_shortage_is_named_at_once_and_nothing_is_written(session: Session, shop: OrderShop) -> None:
    leeds, before = shop.places["Leeds"], count(session, StockMovement)
    moves = [
        Move(shop.variants[sku], 9, "adjusted", leeds, state, None, "loss")
        for sku, state in (("MUG", "available"), ("TIN", "damaged"))
    ]
    with pytest.raises(InsufficientStock) as short:
        post(session, moves, zone=ZONE)
    found = [(s["sku"], s["location"], s["state"], s["wanted"], s["available"]) for s in short.value.facts["shortages"]]
    assert found == [("MUG", "LDS", "available", 9, 5), ("TIN", "LDS", "damaged", 9, 0)]
    assert count(session, StockMovement) == before


@pytest.mark.parametrize(
    "move",
    [
        Move(1, 0, "adjusted", None, "loss", 1, "available"),
        Move(1, 1, "borrowed", None, "loss", 1, "available"),
        Move(1, 1, "adjusted", None, "available", 1, "available"),
        Move(1, 1, "adjusted", 1, "loss", 1, "available"),
    ],
)
def test_a_move_that_is_none_is_refused(session: Session, move: Move) -> None:
    with pytest.raises(InvalidInput):
        post(session, [move], zone=ZONE)


def test_counting_corrects_a_level_and_says_why(session: Session, shop: OrderShop) -> None:
    mug, leeds = shop.variants["MUG"], shop.places["Leeds"]
    given = {"variant_id": mug, "location_id": leeds, "zone": ZONE}
    adjust(session, delta_qty=-2, reason="broken", **given)
    adjust(session, delta_qty=3, reason="found", state="damaged", **given)
    session.expire_all()
    (level, _) = levels_of(session, mug)
    assert (level["on_hand"], level["available"], level["damaged"]) == (6, 3, 3)
    told = [(m["kind"], m["change"], m["on_hand"], m["cause"]) for m in movements_of(session, mug, location_id=leeds)]
    assert told == [("adjusted", 3, 6, "found"), ("adjusted", -2, 3, "broken"), ("opening", 5, 5, "")]
    for change, code in (
        ({"delta_qty": 0, "reason": "x"}, "stock.no_difference"),
        ({"delta_qty": 1, "reason": " "}, "stock.no_reason"),
        ({"delta_qty": 1, "reason": "x", "state": "lost"}, "input.state"),
        ({"delta_qty": -99, "reason": "x"}, "stock.insufficient"),
        ({"delta_qty": 1, "reason": "x", "variant_id": 999}, "variant.not_found"),
        ({"delta_qty": 1, "reason": "x", "location_id": 999}, "location.not_found"),
    ):
        with pytest.raises(OmsError) as refused:
            adjust(session, **(given | change))
        assert refused.value.code == code


def test_a_transfer_arrives_in_parts_and_the_rest_is_lost(session: Session, shop: OrderShop) -> None:
    mug, leeds, bristol = shop.variants["MUG"], shop.places["Leeds"], shop.places["Bristol"]
    sent = draft_transfer(session, from_location_id=leeds, to_location_id=bristol, lines={mug: 4})
    assert shop.units(session, "MUG", "Leeds") == 5
    ship_transfer(session, sent.id, zone=ZONE)
    assert (shop.units(session, "MUG", "Leeds"), shop.units(session, "MUG", "Bristol")) == (1, 0)
    (line,) = session.scalars(sa.select(TransferLine))
    assert transfer_units(session, sent, [("MUG", 2), ("MUG", 1)]) == {line.id: 3}
    for _ in range(2):
        assert receive_transfer(session, sent.id, received={line.id: 1}, zone=ZONE).state == "partially_received"
    with pytest.raises(InvalidInput, match="at most the 2 units"):
        receive_transfer(session, sent.id, received={line.id: 3}, zone=ZONE)
    with pytest.raises(InvalidInput, match="at least one unit"):
        receive_transfer(session, sent.id, received={}, zone=ZONE)
    with pytest.raises(NotFound):
        receive_transfer(session, sent.id, received={999: 1}, zone=ZONE)
    assert (
        receive_transfer(
            session, sent.id, received={line.id: 1}, lost={line.id: 1}, reason="box missing", zone=ZONE
        ).state
        == "received"
    )
    assert shop.units(session, "MUG", "Bristol") == 3
    told = {"sku": "MUG", "quantity": 4, "received_qty": 3, "lost_qty": 1, "found_qty": 0, "over_qty": 0}
    assert transfer_record(session, sent)["lines"] == [told]
    with pytest.raises(TransitionRefused):
        ship_transfer(session, sent.id, zone=ZONE)
    assert_ledger_whole(session)


def test_transfers_that_cannot_be(session: Session, shop: OrderShop) -> None:
    mug, leeds, bristol = shop.variants["MUG"], shop.places["Leeds"], shop.places["Bristol"]
    for given, code in (
        ({"to_location_id": leeds, "lines": {mug: 1}}, "input.to_location_id"),
        ({"to_location_id": bristol, "lines": {}}, "transfer.empty"),
        ({"to_location_id": bristol, "lines": {mug: 0}}, "input.quantity"),
        ({"to_location_id": bristol, "lines": {999: 1}}, "variant.not_found"),
    ):
        with pytest.raises(OmsError) as refused:
            draft_transfer(session, from_location_id=leeds, **given)
        assert refused.value.code == code
    big = draft_transfer(session, from_location_id=leeds, to_location_id=bristol, lines={mug: 99})
    with pytest.raises(InsufficientStock):
        ship_transfer(session, big.id, zone=ZONE)
    assert cancel_transfer(session, big.id).state == "cancelled"
    with pytest.raises(NotFound):
        cancel_transfer(session, 999)


# --- status --------------------------------------------------------------------------------------------------


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


# --- intake --------------------------------------------------------------------------------------------------


def document(**change: Any) -> dict[str, Any]:
    return {
        "channel": "web", "external_id": "A-1", "currency": "GBP", "customer": {"email": "ala@example.com"},
        "shipping_address": {"country": "GB", "postal_code": "LS1 1AA"},
        "lines": [
            {"sku": "MUG", "quantity": 2, "unit_price": "12.345"},
            {"sku": "TIN", "quantity": 1, "unit_price": 3},
        ],
        "payments": [{"gateway": "card", "amount": "27.69", "external_id": "p1"}],
    } | change  # fmt: skip


def test_the_answer_of_the_intake(session: Session, shop: OrderShop) -> None:
    answer = place(session, SHOP, order_from(document()))
    assert answer == {
        "id": 1, "number": "OS-000001", "state": "placed", "payment_status": "paid",
        "fulfillment_status": "unfulfilled", "delivery_status": "pending", "return_status": "none",
        "total": "27.69", "currency": "GBP",
        "allocations": [
            {"sku": "MUG", "quantity": 2, "location": "LDS", "location_name": "Leeds"},
            {"sku": "TIN", "quantity": 1, "location": "LDS", "location_name": "Leeds"},
        ],
    }  # fmt: skip
    told = session.scalars(sa.select(JournalEntry.event).order_by(JournalEntry.id)).all()
    assert told == ["order.placed", "order.allocated", "fulfillment_order.opened", "payment.capture"]


def test_the_same_key_gets_the_same_answer_and_another_body_a_conflict(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    answers = []
    for _ in range(2):
        with transaction(engine) as session:
            answers.append(place(session, SHOP, order_from(document()), idempotency_key="k1"))
    assert answers[0] == answers[1]
    other = order_from(document(external_id="A-2"))
    with pytest.raises(Conflict, match="k1") as refused, transaction(engine) as session:
        place(session, SHOP, other, idempotency_key="k1")
    assert refused.value.code == "idempotency.other_request"
    with transaction(engine) as session:
        assert count(session, Order) == 1


def test_a_key_of_a_refused_order_is_free_again(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    big = order_from(document(lines=[{"sku": "MUG", "quantity": 11, "unit_price": 1}], payments=[]))
    with pytest.raises(InsufficientStock), transaction(engine) as session:
        place(session, SHOP, big, idempotency_key="k1")
    with transaction(engine) as session:
        assert count(session, Order) == count(session, Customer) == 0
        assert place(session, SHOP, order_from(document()), idempotency_key="k1")["number"]


def test_a_group_takes_what_it_can_first_come_first_served(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, STOCK)
    mugs = [{"sku": "MUG", "quantity": 4, "unit_price": 1}]
    tin = [{"sku": "TIN", "quantity": 1, "unit_price": 1}]
    paid, refund = ({"gateway": "card", "amount": "4.00"}, {"gateway": "card", "kind": "refund", "amount": "1.00"})
    group = [
        document(external_id="1", lines=mugs, payments=[]),
        document(external_id="2", lines=[{"sku": "MUGG", "quantity": 1, "unit_price": 1}]),
        document(external_id="3", lines=mugs, payments=[paid], customer={"email": "ola@example.com"}),
        document(external_id="4", lines=mugs, payments=[]),
        document(external_id="1", lines=mugs, payments=[]),
        document(external_id="5", lines=tin, payments=[refund]),
        document(external_id="6", lines=[{"sku": "MUG", "quantity": 2, "unit_price": 1}], payments=[]),
    ]
    with transaction(engine) as session:
        found = place_many(session, SHOP, [order_from(d) for d in group])
        said = [o.code if isinstance(o, OmsError) else [a["quantity"] for a in o["allocations"]] for o in found]
        assert said == [
            [4], "variant.not_found", [4], "stock.insufficient", "order.duplicate", "payment.refund_too_large", [1, 1],
        ]  # fmt: skip
        assert count(session, Order) == 3
        assert count(session, Customer) == 2
        assert shop.units(session, "TIN", "Leeds") == 1
        assert [o.payment_status for o in session.scalars(sa.select(Order).order_by(Order.id))][1] == "paid"
        assert_ledger_whole(session)


def test_a_group_answers_as_its_orders_would_alone(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    with transaction(engine) as session:
        alone = place(session, SHOP, order_from(document()), idempotency_key="k1")
    other = document(external_id="A-2", payments=[])
    with transaction(engine) as session:
        new = [order_from(document()), order_from(other), order_from(other), order_from(document(external_id="A-3"))]
        again, second, twin, wrong = place_many(session, SHOP, new, idempotency_keys=["k1", "k2", "k2", "k1"])
        assert again == alone
        assert not isinstance(second, OmsError)
        assert len(second["allocations"]) == 2
        assert twin == second
        assert isinstance(wrong, Conflict)
        assert count(session, Order) == 2
    with transaction(engine) as session:
        assert place_many(session, SHOP, []) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": None}, "channel"),
        ({"currency": 7}, "currency"),
        ({"lines": "MUG"}, "lines"),
        ({"lines": ["MUG"]}, "line"),
        ({"lines": [{"sku": "MUG", "quantity": "2", "unit_price": 1}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": True, "unit_price": 1}]}, "quantity"),
        ({"lines": [{"sku": "MUG", "quantity": 2}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "NaN"}]}, "unit_price"),
        ({"lines": [{"sku": "MUG", "quantity": 2, "unit_price": "ten"}]}, "unit_price"),
        ({"shipping_address": "Leeds"}, "shipping_address"),
        ({"customer": []}, "customer"),
        ({"placed_at": "yesterday"}, "placed_at"),
        ({"placed_at": "2010-12-09T12:00:00"}, "placed_at"),
    ],
)
def test_a_wrong_document_names_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        order_from(document(**change))
    assert refused.value.facts["field"] == field


def test_a_document_is_an_object() -> None:
    with pytest.raises(InvalidInput):
        order_from([1])


def test_the_whole_document_is_read() -> None:
    new = order_from(
        document(
            adjustments=[{"kind": "shipping", "amount": "4.99", "title": "Carriage"}],
            placed_at="2010-12-09T12:00:00+01:00",
            total="32.68",
        )
    )
    assert isinstance(new, NewOrder)
    assert new.adjustments[0].amount_minor == 499
    assert new.total_minor == 3268
    assert [line.gross_minor for line in new.lines] == [2469, 300]
    assert new.payments == [NewPayment(gateway="card", amount_minor=2769, external_id="p1")]
