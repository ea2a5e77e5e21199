"""Stories of orders that change after they were placed, as a manager would tell them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.fulfilment.commands import deliver, ship
from oms_core.fulfilment.queries import open_work, work_of
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder
from oms_core.intake.commands import place
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, NotFound, Refused, TransitionRefused
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import Shop
from oms_core.order_changes.commands import confirm, decline, preview, propose
from oms_core.order_changes.tables import OrderChange
from oms_core.orders.commands import NewAdjustment, cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay

SHOP = Shop(zone=ZONE, currency="GBP")
STOCK = {"MUG": {"Leeds": 10, "Bristol": 5}, "TRAY": {"Leeds": 4}, "LAMP": {"Bristol": 3}}


def placed(session: Session, lines: dict[str, int], *, paid: int = 0, **more: Any) -> Order:
    """Place, pay and promise an order; prices are 10.00 a unit."""
    answer = place(session, SHOP, new_order(lines, **more))
    if paid:
        pay(session, order_id=answer["id"], kind="capture", amount_minor=paid, gateway="card", zone=ZONE)
    return session.get_one(Order, answer["id"], populate_existing=True)


def line_of(session: Session, order: Order, sku: str) -> OrderLine:
    """Return the order's line of a SKU."""
    found = sa.select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.sku == sku)
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def changed(session: Session, order: Order, *actions: dict[str, Any]) -> OrderChange:
    """Propose and confirm actions; the order is read anew."""
    change = propose(session, order.id, actions, zone=ZONE, actor="ola")
    confirm(session, change.id, zone=ZONE, actor="jan")
    session.refresh(order)
    return change


def assert_lawful(session: Session) -> None:
    """Assert that no law of the shop is broken."""
    session.flush()
    assert [law for law in run(session) if law["broken"]] == []
    assert_ledger_whole(session)


def stocked(session: Session) -> OrderShop:
    """Return a shop with mugs, trays and lamps."""
    return order_shop(session, STOCK)


def test_a_customer_takes_one_mug_off_and_gets_its_money_back(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = stocked(session)
        order = placed(session, {"MUG": 3, "TRAY": 1}, paid=4000)
        mug = line_of(session, order, "MUG")
        seen = preview(session, order.id, [{"kind": "set_quantity", "line_id": mug.id, "quantity": 2}])
        assert seen["money"]["before"]["total_minor"] == 4000
        assert seen["money"]["after"]["total_minor"] == 3000
        assert (seen["captured_minor"], seen["due_minor"], seen["refundable_minor"]) == (4000, 0, 1000)
        (row,) = seen["stock"]
        assert (row["allocated"], row["to_allocate"], row["to_release"], row["shortage"]) == (3, 0, 1, 0)
        changed(session, order, {"kind": "set_quantity", "line_id": mug.id, "quantity": 2})
        assert (order.total_minor, order.payment_status) == (3000, "overpaid")
        assert (shop.units(session, "MUG", "Leeds"), shop.units(session, "MUG", "Leeds", "committed")) == (8, 2)
        pay(session, order_id=order.id, kind="refund", amount_minor=1000, gateway="card", zone=ZONE)
        assert_lawful(session)


def test_a_line_is_taken_off_while_the_order_is_picked(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = stocked(session)
        order = placed(session, {"MUG": 3, "TRAY": 2})
        (work,) = open_work(session, order.id)
        session.execute(sa.update(FulfillmentOrder).where(FulfillmentOrder.id == work).values(state="in_progress"))
        from oms_core.orders.status import refresh

        refresh(session, [order.id])
        tray = line_of(session, order, "TRAY")
        changed(session, order, {"kind": "remove_line", "line_id": tray.id})
        tray = line_of(session, order, "TRAY")
        assert (tray.is_removed, tray.cancelled_qty, tray.gross_minor) == (True, 2, 0)
        assert (order.total_minor, order.fulfillment_status) == (3000, "in_progress")
        assert shop.units(session, "TRAY", "Leeds") == 4
        assert [(w["state"], w["units"]) for w in work_of(session, order.id)] == [("in_progress", 3)]
        parcel = ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
        assert parcel.id
        session.refresh(order)
        assert order.fulfillment_status == "fulfilled"
        assert_lawful(session)


def test_what_has_left_cannot_be_taken_off(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 3, "TRAY": 1})
        mug = line_of(session, order, "MUG")
        (work,) = open_work(session, order.id)
        from oms_core.inventory.tables import Allocation

        promised = session.scalars(sa.select(Allocation.id).where(Allocation.order_line_id == mug.id)).one()
        ship(session, fulfillment_order_id=work, carrier="dpd", lines={promised: 2}, zone=ZONE)
        with pytest.raises(Refused) as refused:
            propose(session, order.id, [{"kind": "remove_line", "line_id": mug.id}], zone=ZONE)
        assert refused.value.code == "order_change.shipped"
        assert refused.value.facts["shipped_qty"] == 2
        assert refused.value.facts["unshipped_qty"] == 1
        assert "2 of 3 × MUG already shipped" in refused.value.message
        changed(session, order, {"kind": "set_quantity", "line_id": mug.id, "quantity": 2})
        assert_lawful(session)


def test_when_the_rest_is_taken_off_the_work_is_done(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 3, "LAMP": 1}, paid=4000)
        mug, lamp = line_of(session, order, "MUG"), line_of(session, order, "LAMP")
        works = {w["location"]: w["id"] for w in work_of(session, order.id)}
        assert len(works) >= 1
        changed(session, order, {"kind": "remove_line", "line_id": lamp.id})
        for work in open_work(session, order.id):
            deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        session.refresh(order)
        assert (order.fulfillment_status, order.delivery_status) == ("fulfilled", "delivered")
        assert line_of(session, order, "MUG").shipped_qty == mug.quantity
        assert_lawful(session)


def test_a_lamp_is_added_and_the_rest_is_to_be_paid(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = stocked(session)
        order = placed(session, {"MUG": 1}, paid=1000)
        change = propose(session, order.id, [{"kind": "add_line", "sku": "LAMP", "quantity": 2}], zone=ZONE)
        assert change.preview["due_minor"] == 6000
        assert change.preview["stock"][0]["to_allocate"] == 2
        assert shop.units(session, "LAMP", "Bristol", "committed") == 0
        confirm(session, change.id, zone=ZONE, actor="jan")
        session.refresh(order)
        assert (order.total_minor, order.payment_status) == (7000, "partially_paid")
        assert shop.units(session, "LAMP", "Bristol", "committed") == 2
        assert sorted(w["location"] for w in work_of(session, order.id)) == ["BRS", "LDS"]
        assert_lawful(session)


def test_an_added_line_that_is_out_of_stock_changes_nothing(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1})
        actions = [{"kind": "add_line", "sku": "LAMP", "quantity": 5}, {"kind": "set_shipping", "amount_minor": 500}]
        change = propose(session, order.id, actions, zone=ZONE)
        assert change.preview["stock"][0]["shortage"] == 2
        assert any("LAMP: 2 of 5" in warning for warning in change.preview["warnings"])
    with pytest.raises(InsufficientStock) as short, transaction(engine) as session:
        confirm(session, change.id, zone=ZONE)
    assert short.value.facts["shortages"][0]["sku"] == "LAMP"
    with transaction(engine) as session:
        assert session.get_one(Order, order.id).total_minor == 1000
        assert session.get_one(OrderChange, change.id).state == "pending"
        assert_lawful(session)


def test_price_discount_carriage_and_address_change_together(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 2, "TRAY": 1})
        mug, tray = line_of(session, order, "MUG"), line_of(session, order, "TRAY")
        changed(
            session,
            order,
            {"kind": "set_price", "line_id": mug.id, "unit_price_minor": 900},
            {"kind": "set_discount", "line_id": tray.id, "amount_minor": 250},
            {"kind": "set_discount", "amount_minor": 100, "title": "Sorry"},
            {"kind": "set_shipping", "amount_minor": 495},
            {"kind": "add_adjustment", "adjustment": "fee", "amount_minor": 30, "title": "Gift wrap"},
            {"kind": "set_address", "address": {"city": "York", "postal_code": "YO1 7HH"}},
        )
        assert (order.gross_minor, order.discount_minor, order.shipping_minor) == (2800, 350, 495)
        assert (order.other_minor, order.total_minor) == (30, 2975)
        assert (order.ship_city, order.ship_postal_code, order.ship_country) == ("York", "YO1 7HH", "GB")
        told = session.scalars(sa.select(JournalEntry).where(JournalEntry.event == "order.changed")).one()
        assert told.actor == "jan"
        assert told.data["before"]["address"] == {"city": "Leeds", "postal_code": "LS1 1AA"}
        assert told.data["after"]["total_minor"] == 2975
        assert told.data["before"]["total_minor"] == 3000
        assert_lawful(session)


def test_what_is_taken_off_takes_its_share_of_the_orders_discount_along(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        extra = [NewAdjustment(kind="discount", amount_minor=-1000, title="SUMMER")]
        order = placed(session, {"MUG": 3, "TRAY": 2}, paid=4000, adjustments=extra)
        changed(session, order, {"kind": "remove_line", "line_id": line_of(session, order, "TRAY").id})
        assert (order.gross_minor, order.discount_minor, order.total_minor) == (3000, 600, 2400)
        assert_lawful(session)


def test_what_was_put_on_and_taken_off_again_leaves_the_orders_discount_whole(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        extra = [NewAdjustment(kind="discount", amount_minor=-1000, title="SUMMER")]
        order = placed(session, {"MUG": 3}, paid=2000, adjustments=extra)
        changed(
            session, order, {"kind": "add_line", "sku": "TRAY", "quantity": 2},
            {"kind": "set_quantity", "line_id": line_of(session, order, "MUG").id, "quantity": 5},
        )  # fmt: skip
        assert order.discount_minor == 1000
        changed(session, order, {"kind": "remove_line", "line_id": line_of(session, order, "TRAY").id})
        changed(
            session, order, {"kind": "set_quantity", "line_id": line_of(session, order, "MUG").id, "quantity": 3}
        )  # fmt: skip
        assert (order.gross_minor, order.discount_minor, order.total_minor) == (3000, 1000, 2000)
        assert_lawful(session)


def test_a_closed_order_is_opened_again_for_an_exchange(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1}, paid=1000)
        (work,) = open_work(session, order.id)
        deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        session.refresh(order)
        assert order.state == "closed"
        change = changed(session, order, {"kind": "add_line", "sku": "TRAY", "quantity": 1, "unit_price_minor": 1000})
        assert "The order is closed and is opened again." in change.preview["warnings"]
        assert (order.state, order.closed_at, order.fulfillment_status) == ("placed", None, "partially_fulfilled")
        pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
        (work,) = open_work(session, order.id)
        deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        session.refresh(order)
        assert order.state == "closed"
        assert_lawful(session)


def test_a_line_taken_off_can_be_brought_back(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1, "TRAY": 2})
        tray = line_of(session, order, "TRAY")
        changed(session, order, {"kind": "remove_line", "line_id": tray.id})
        changed(session, order, {"kind": "set_quantity", "line_id": tray.id, "quantity": 1})
        tray = line_of(session, order, "TRAY")
        assert (tray.quantity, tray.cancelled_qty, tray.is_removed, order.total_minor) == (1, 0, False, 2000)
        changed(session, order, {"kind": "set_quantity", "line_id": tray.id, "quantity": 4})
        assert_lawful(session)
        cancel_order(session, order.id, reason="regret", zone=ZONE)
        assert_lawful(session)


def test_confirming_twice_is_confirming_once(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1})
        change = propose(session, order.id, [{"kind": "add_line", "sku": "TRAY", "quantity": 1}], zone=ZONE)
        confirm(session, change.id, zone=ZONE)
        session.refresh(order)
        version = order.version
        confirm(session, change.id, zone=ZONE)
        session.refresh(order)
        assert (order.version, order.total_minor) == (version, 3000)
        with pytest.raises(TransitionRefused, match="confirmed and cannot become declined"):
            decline(session, change.id)
        assert_lawful(session)


def test_a_declined_change_leaves_the_order_alone(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1})
        version = order.version
        change = propose(session, order.id, [{"kind": "add_line", "sku": "TRAY", "quantity": 1}], zone=ZONE)
        decline(session, change.id, actor="jan", reason="not for free")
        decline(session, change.id, actor="jan")
        session.refresh(order)
        assert (order.version, order.total_minor, change.decided_by) == (version, 1000, "jan")
        with pytest.raises(TransitionRefused):
            confirm(session, change.id, zone=ZONE)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"kind": "remove_line", "line_id": 999}, "order_line.not_found"),
        ({"kind": "add_line", "sku": "MGU", "quantity": 1}, "variant.not_found"),
        ({"kind": "add_line", "sku": "MUG", "quantity": 0}, "input.quantity"),
        ({"kind": "add_line", "sku": "MUG", "quantity": 1.5}, "input.quantity"),
        ({"kind": "set_shipping", "amount_minor": -1}, "input.amount_minor"),
        ({"kind": "set_discount", "amount_minor": 9999}, "input.amount_minor"),
        ({"kind": "set_shipping", "amount_minor": 0}, "order_change.no_effect"),
        ({"kind": "add_adjustment", "adjustment": "discount", "amount_minor": -5}, "input.adjustment"),
        ({"kind": "add_adjustment", "adjustment": "manual", "amount_minor": -5000}, "order_change.below_zero"),
        ({"kind": "set_address", "address": {"country": "Poland"}}, "input.country"),
        ({"kind": "fly"}, "input.action"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(engine: sa.Engine, action: dict[str, Any], code: str) -> None:
    from oms_core.kernel.errors import OmsError

    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1})
        with pytest.raises(OmsError) as refused:
            propose(session, order.id, [action], zone=ZONE)
        assert refused.value.code == code
        if code == "variant.not_found":
            assert isinstance(refused.value, NotFound)
            assert "MUG" in refused.value.hint
        assert session.scalar(sa.select(sa.func.count()).select_from(OrderChange)) == 0


def test_the_last_unit_is_cancelled_not_taken_off(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        order = placed(session, {"MUG": 1})
        with pytest.raises(Refused, match="without any unit"):
            propose(
                session, order.id, [{"kind": "remove_line", "line_id": line_of(session, order, "MUG").id}], zone=ZONE
            )
        cancel_order(session, order.id, reason="regret", zone=ZONE)
        with pytest.raises(Refused, match="is cancelled"):
            preview(session, order.id, [{"kind": "set_shipping", "amount_minor": 1}])


def test_an_added_line_that_may_wait_waits_and_can_be_taken_off_again(engine: sa.Engine) -> None:
    from oms_core.backorders.commands import confirm_change, set_policy
    from oms_core.inventory.promise_tables import Backorder

    with transaction(engine) as session:
        shop = stocked(session)
        set_policy(session, shop.variants["LAMP"], "backorder")
        order = placed(session, {"MUG": 1})
        change = propose(session, order.id, [{"kind": "add_line", "sku": "LAMP", "quantity": 5}], zone=ZONE)
        assert change.preview["warnings"] == ["LAMP: 2 will wait as a backorder."]
        confirm_change(session, change.id, zone=ZONE)
        waiting = sa.select(sa.func.sum(Backorder.quantity - Backorder.allocated_qty - Backorder.cancelled_qty))
        assert int(session.scalar(waiting) or 0) == 2
        lamp = line_of(session, order, "LAMP")
        seen = preview(session, order.id, [{"kind": "set_quantity", "line_id": lamp.id, "quantity": 2}])["stock"][0]
        assert (seen["waiting"], seen["to_free"], seen["to_release"], seen["to_allocate"]) == (2, 2, 1, 0)
        changed(session, order, {"kind": "set_quantity", "line_id": lamp.id, "quantity": 2})
        assert int(session.scalar(waiting) or 0) == 0
        assert shop.units(session, "LAMP", "Bristol") == 1
        assert_lawful(session)


def test_work_on_hold_ends_with_its_hold_when_its_line_is_taken_off(engine: sa.Engine) -> None:
    from oms_core.fulfilment.holding import hold

    with transaction(engine) as session:
        shop = stocked(session)
        order = placed(session, {"TRAY": 1, "LAMP": 1})
        works = {w["location"]: w["id"] for w in work_of(session, order.id)}
        for work in works.values():
            hold(session, order.id, fulfillment_order_id=work, reason="address", actor="ola")
        lamp = line_of(session, order, "LAMP")
        changed(session, order, {"kind": "remove_line", "line_id": lamp.id})
        assert shop.units(session, "LAMP", "Bristol") == 3
        assert order.fulfillment_status == "on_hold"
        active = sa.select(FulfillmentHold.fulfillment_order_id).where(FulfillmentHold.released_at.is_(None))
        assert session.scalars(active).all() == [works["LDS"]]
        assert_lawful(session)


def test_what_is_left_of_an_edited_order_comes_back_to_the_penny(engine: sa.Engine) -> None:
    from oms_core.returns.commands import (
        NewReturnLine,
        ReceivedLine,
        approve_return,
        receive_return,
        refund_return,
        request_return,
    )
    from oms_core.returns.queries import return_detail

    with transaction(engine) as session:
        shop = stocked(session)
        extra = [NewAdjustment(kind="discount", amount_minor=-1000)]
        order = placed(session, {"MUG": 3, "TRAY": 3, "LAMP": 1}, paid=5979, price=997, adjustments=extra)
        tray, lamp = line_of(session, order, "TRAY"), line_of(session, order, "LAMP")
        changed(
            session,
            order,
            {"kind": "set_quantity", "line_id": tray.id, "quantity": 2},
            {"kind": "remove_line", "line_id": lamp.id},
            {"kind": "add_adjustment", "adjustment": "tax", "amount_minor": 7},
        )
        pay(session, order_id=order.id, kind="refund", amount_minor=5979 - order.total_minor, gateway="card", zone=ZONE)
        for work in open_work(session, order.id):
            deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        lines = [line_of(session, order, sku) for sku in ("MUG", "TRAY")]
        back = request_return(
            session, order_id=order.id, lines=[NewReturnLine(x.id, x.quantity) for x in lines], zone=ZONE
        )
        approve_return(session, return_id=back.id)
        came = [ReceivedLine(x["id"], x["quantity"], "restock") for x in return_detail(session, back.id)["lines"]]
        receive_return(session, return_id=back.id, lines=came, location_id=shop.places["Leeds"], zone=ZONE)
        refund_return(session, return_id=back.id, gateway="card", zone=ZONE)
        session.refresh(back)
        # everything but the tax that was put on the order as a whole
        assert back.total_minor == order.total_minor - 7
        assert_lawful(session)
