"""Stories of bundles, of things made to order, and of services."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.catalog.bundles import Component, set_components, set_stock_kind
from oms_core.fulfilment.commands import deliver, ship
from oms_core.fulfilment.making import book_made
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.intake.documents import order_from
from oms_core.inventory.sets import bundle_availability
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput, Refused
from oms_core.kernel.settings import Shop
from oms_core.order_changes.commands import confirm, propose
from oms_core.orders.commands import NewLine
from oms_core.orders.exploding import parts_of
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay
from oms_core.returns.commands import NewReturnLine, request_return

SHOP = Shop(zone=ZONE, currency="GBP")


def tea_shop(session: Session) -> OrderShop:
    """Return a shop that sells tea sets: two mugs (10.00 each) and a tray (20.00) in one."""
    shop = order_shop(session, {"MUG": {"Leeds": 5, "Bristol": 2}, "TRAY": {"Leeds": 4}, "TEASET": {}, "DESK": {}})
    set_components(session, shop.variants["TEASET"], {shop.variants["MUG"]: 2, shop.variants["TRAY"]: 1})
    return shop


def lines_of(session: Session, order_id: int) -> list[OrderLine]:
    """Return the order's lines as they are now."""
    found = sa.select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return list(session.scalars(found, execution_options={"populate_existing": True}))


def assert_lawful(session: Session) -> None:
    """Assert that no law of the shop is broken."""
    session.flush()
    assert [law for law in run(session) if law["broken"]] == []
    assert_ledger_whole(session)


def test_a_bundle_becomes_its_components_to_the_penny(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        answer = place(session, SHOP, new_order({"TEASET": 3, "MUG": 1}, price=3333))
        lines = lines_of(session, answer["id"])
        assert [(x.sku, x.quantity, x.gross_minor, x.bundle_sku, x.bundle_qty) for x in lines] == [
            ("MUG", 6, 5000, "TEASET", 3),
            ("TRAY", 3, 4999, "TEASET", 3),
            ("MUG", 1, 3333, None, None),
        ]
        assert answer["total"] == "133.32"
        assert shop.units(session, "TRAY", "Leeds", "committed") == 3
        assert_lawful(session)


def test_a_bundle_is_as_available_as_its_scarcest_component(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        teaset = shop.variants["TEASET"]
        assert bundle_availability(session, [teaset]) == {teaset: 3}
        with pytest.raises(InsufficientStock) as short:
            place(session, SHOP, new_order({"TEASET": 4}))
        assert short.value.facts["shortages"] == [{"sku": "MUG", "wanted": 8, "available": 7}]


def test_a_component_comes_back_alone_for_its_share_of_the_price(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        tea_shop(session)
        order_id = place(session, SHOP, new_order({"TEASET": 1}, price=3600))["id"]
        for work in open_work(session, order_id):
            deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        mugs = lines_of(session, order_id)[0]
        found = request_return(session, order_id=order_id, lines=[NewReturnLine(mugs.id, 1)], zone=ZONE)
        assert found.goods_minor == 900
        assert_lawful(session)


def test_a_bundle_is_added_to_an_order_that_was_placed(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        tea_shop(session)
        order_id = place(session, SHOP, new_order({"MUG": 1}))["id"]
        actions = [{"kind": "add_line", "sku": "TEASET", "quantity": 1, "unit_price_minor": 3501}]
        change = propose(session, order_id, actions, zone=ZONE)
        assert [row["sku"] for row in change.preview["stock"]] == ["MUG", "TRAY"]
        confirm(session, change.id, zone=ZONE)
        assert session.get_one(Order, order_id, populate_existing=True).total_minor == 4501
        assert [x.bundle_sku for x in lines_of(session, order_id)] == [None, "TEASET", "TEASET"]
        assert_lawful(session)


def test_a_bundle_cannot_be_nonsense(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        teaset, mug = shop.variants["TEASET"], shop.variants["MUG"]
        for components in ({}, {teaset: 1}, {mug: 0}):
            with pytest.raises(InvalidInput):
                set_components(session, teaset, components)
        with pytest.raises(Refused, match="7 unit"):
            set_stock_kind(session, mug, "bundle")
        set_stock_kind(session, shop.variants["DESK"], "bundle")
        with pytest.raises(Refused, match="without components"):
            place(session, SHOP, new_order({"DESK": 1}))


def test_a_desk_is_made_when_it_is_ordered(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        set_stock_kind(session, shop.variants["DESK"], "made_to_order", lead_time_days=21)
        document = {
            "channel": "web", "external_id": "D1", "currency": "GBP",
            "lines": [
                {"sku": "DESK", "quantity": 2, "unit_price": "450.00", "attributes": {"wood": "oak", "width_cm": 160}},
                {"sku": "MUG", "quantity": 1, "unit_price": "10.00"},
            ],
        }  # fmt: skip
        order_id = place(session, SHOP, order_from(document))["id"]
        desk, _ = lines_of(session, order_id)
        assert (desk.stock_kind, desk.lead_time_days) == ("made_to_order", 21)
        assert desk.attributes == {"wood": "oak", "width_cm": 160}
        assert len(open_work(session, order_id)) == 1
        leeds = shop.places["Leeds"]
        book_made(session, desk.id, quantity=1, location_id=leeds, zone=ZONE, actor="workshop")
        assert shop.units(session, "DESK", "Leeds", "committed") == 1
        with pytest.raises(Refused, match="1 still to be made"):
            book_made(session, desk.id, quantity=2, location_id=leeds, zone=ZONE)
        for work in open_work(session, order_id):
            ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        assert session.get_one(Order, order_id, populate_existing=True).fulfillment_status == "partially_fulfilled"
        book_made(session, desk.id, quantity=1, location_id=leeds, zone=ZONE)
        assert_lawful(session)


def test_a_made_desk_that_is_taken_off_goes_to_the_shelf(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        set_stock_kind(session, shop.variants["DESK"], "made_to_order", lead_time_days=21)
        order_id = place(session, SHOP, new_order({"DESK": 2}))["id"]
        (desk,) = lines_of(session, order_id)
        book_made(session, desk.id, quantity=2, location_id=shop.places["Leeds"], zone=ZONE)
        actions = [{"kind": "set_quantity", "line_id": desk.id, "quantity": 1}]
        change = propose(session, order_id, actions, zone=ZONE)
        assert (change.preview["stock"][0]["to_release"], change.preview["stock"][0]["needs_stock"]) == (1, False)
        confirm(session, change.id, zone=ZONE)
        assert shop.units(session, "DESK", "Leeds") == 1
        assert_lawful(session)


def test_a_service_is_done_when_it_is_paid(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = tea_shop(session)
        set_stock_kind(session, shop.variants["DESK"], "service")
        order_id = place(session, SHOP, new_order({"DESK": 1}))["id"]
        order = session.get_one(Order, order_id, populate_existing=True)
        assert (order.state, order.fulfillment_status, order.delivery_status) == ("placed", "fulfilled", "delivered")
        pay(session, order_id=order_id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
        assert session.get_one(Order, order_id, populate_existing=True).state == "closed"
        mixed = place(session, SHOP, new_order({"DESK": 1, "MUG": 1}, external_id="2"))["id"]
        assert session.get_one(Order, mixed).fulfillment_status == "unfulfilled"
        (work,) = open_work(session, mixed)
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        assert session.get_one(Order, mixed, populate_existing=True).fulfillment_status == "fulfilled"
        assert_lawful(session)


components = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 99_999)), min_size=1, max_size=6)


@given(components, st.integers(1, 40), st.integers(0, 99_999), st.integers(-50, 50), st.integers(0, 100))
def test_parts_are_worth_exactly_the_bundle(
    made: list[tuple[int, int]], quantity: int, price: int, rounding: int, off: int
) -> None:
    gross = max(quantity * price + rounding, 0)
    line = NewLine(
        sku="SET", quantity=quantity, unit_price_minor=price, rounding_minor=gross - quantity * price,
        discount_minor=gross * off // 100, tax_minor=off,
    )  # fmt: skip
    held = [
        Component(n, f"C{n}", "", units, cost, "GBP", None, "stocked", None) for n, (units, cost) in enumerate(made)
    ]
    parts = parts_of(line, held)
    assert sum(p.gross_minor for p in parts) == gross
    assert sum(p.discount_minor for p in parts) == line.discount_minor
    assert sum(p.tax_minor for p in parts) == off
    assert all(0 <= p.discount_minor <= p.gross_minor and p.unit_price_minor >= 0 for p in parts)
    assert [p.quantity for p in parts] == [quantity * units for units, _ in made]
