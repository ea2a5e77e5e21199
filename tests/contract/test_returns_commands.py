"""Returns from request to refund, on both databases."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from small_shop import ZONE, available, deliver_all, line_ids, movements, sell, small_shop, stock

from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError, Refused, TransitionRefused
from oms_core.orders.commands import NewAdjustment
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns import commands, queries
from oms_core.returns.commands import NewReturnAdjustment, NewReturnLine, ReceivedLine

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine):
    with transaction(engine) as session:
        made = small_shop(session)
        stock(session, made, MUG=10, BAG=10, TIN=10)
    return made


def delivered(session, shop, **units):
    order = sell(session, shop, "anna", **(units or {"MUG": 3, "BAG": 2}))
    deliver_all(session, order)
    return order


def requested(session, order, **units):
    keys = line_ids(session, order)
    lines = [NewReturnLine(keys[sku], n) for sku, n in units.items()]
    return commands.request_return(session, order_id=order.id, lines=lines, reason="too big", zone=ZONE)


def approved(session, order, **units):
    found = requested(session, order, **units)
    return commands.approve_return(session, return_id=found.id, actor="ola")


def came(session, shop, found, **dispositions):
    lines = {line["sku"]: line for line in queries.return_detail(session, found.id)["lines"]}
    received = [ReceivedLine(lines[s]["id"], lines[s]["quantity"], d) for s, d in dispositions.items()]
    commands.receive_return(session, return_id=found.id, lines=received, location_id=shop.warehouse, zone=ZONE)


def status(session, order):
    session.expire_all()
    return session.get_one(Order, order.id).return_status


def test_the_order_follows_its_return_step_by_step(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = requested(session, order, MUG=1)
        assert (found.state, found.total_minor, status(session, order)) == ("requested", 1000, "requested")
        commands.approve_return(session, return_id=found.id)
        assert status(session, order) == "in_progress"
        came(session, shop, found, MUG="restock")
        commands.close_return(session, return_id=found.id)
        assert status(session, order) == "partially_returned"
        rest = approved(session, order, MUG=2, BAG=2)
        came(session, shop, rest, MUG="restock", BAG="restock")
        commands.close_return(session, return_id=rest.id)
        assert status(session, order) == "returned"
        assert found.total_minor + rest.total_minor == order.total_minor


@pytest.mark.parametrize(
    ("disposition", "state", "path"),
    [
        ("restock", "available", [("returned", "customer", "available", 2)]),
        ("damaged", "damaged", [("returned", "customer", "damaged", 2)]),
        ("quality_control", "quality_control", [("returned", "customer", "quality_control", 2)]),
        ("scrap", None, [("returned", "customer", "damaged", 2), ("adjusted", "damaged", "loss", 2)]),
    ],
)
def test_goods_go_where_their_disposition_says(engine, shop, disposition, state, path):
    with transaction(engine) as session:
        order = delivered(session, shop, BAG=2)
        bag, before = shop.variants["BAG"], len(movements(session, shop.variants["BAG"]))
        came(session, shop, approved(session, order, BAG=2), BAG=disposition)
        assert movements(session, bag)[before:] == path
        at = {s: available(session, bag, shop.warehouse, s) for s in ("available", "damaged", "quality_control")}
        assert at == {"available": 8, "damaged": 0, "quality_control": 0} | ({state: at[state]} if state else {})
        assert sum(at.values()) == 8 + (2 if state else 0)


@pytest.mark.parametrize(("decision", "left"), [("restock", (9, 0)), ("damaged", (8, 1)), ("scrap", (8, 0))])
def test_inspection_moves_goods_out_of_quality_control(engine, shop, decision, left):
    with transaction(engine) as session:
        order = delivered(session, shop, BAG=2)
        found = approved(session, order, BAG=1)
        came(session, shop, found, BAG="quality_control")
        with pytest.raises(Refused, match="still in quality control"):
            commands.close_return(session, return_id=found.id)
        line = queries.return_detail(session, found.id)["lines"][0]["id"]
        commands.inspect_return(session, return_id=found.id, lines={line: decision}, zone=ZONE)
        assert found.state == "inspected"
        bag = shop.variants["BAG"]
        assert tuple(available(session, bag, shop.warehouse, s) for s in ("available", "damaged")) == left
        assert available(session, bag, shop.warehouse, "quality_control") == 0
        with pytest.raises(TransitionRefused):
            commands.inspect_return(session, return_id=found.id, lines={line: decision}, zone=ZONE)


@pytest.mark.parametrize(
    ("sku", "decision", "said"),
    [("MUG", "restock", "in quality control was expected"), ("BAG", "keep", "restock, damaged or scrap was expected")],
)
def test_only_goods_in_quality_control_are_inspected(engine, shop, sku, decision, said):
    with transaction(engine) as session:
        found = approved(session, delivered(session, shop), MUG=1, BAG=1)
        came(session, shop, found, MUG="restock", BAG="quality_control")
        lines = {x["sku"]: x["id"] for x in queries.return_detail(session, found.id)["lines"]}
        with pytest.raises(InvalidInput, match=said):
            commands.inspect_return(session, return_id=found.id, lines={lines[sku]: decision}, zone=ZONE)


def test_no_unit_comes_back_twice(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        first = requested(session, order, MUG=2)
        with pytest.raises(Refused) as refused:
            requested(session, order, MUG=2, BAG=3)
        assert refused.value.code == "return.too_many"
        assert "MUG wanted 2, returnable 1; BAG wanted 3, returnable 2" in refused.value.message
        commands.decline_return(session, return_id=first.id, reason="worn")
        assert status(session, order) == "none"
        assert requested(session, order, MUG=3).total_minor == 3000


def test_what_was_not_shipped_cannot_come_back(engine, shop):
    with transaction(engine) as session:
        order = sell(session, shop, "jan", MUG=1)
        with pytest.raises(Refused, match="returnable 0"):
            requested(session, order, MUG=1)


def test_short_returns_are_worth_what_came(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = approved(session, order, MUG=3, BAG=1)
        lines = {x["sku"]: x["id"] for x in queries.return_detail(session, found.id)["lines"]}
        part = [ReceivedLine(lines["MUG"], 2, "restock")]
        commands.receive_return(session, return_id=found.id, lines=part, location_id=shop.warehouse, zone=ZONE)
        with pytest.raises(Refused, match="still waits for BAG"):
            commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
        with pytest.raises(Refused, match="dealt with before"):
            commands.receive_return(session, return_id=found.id, lines=part, location_id=shop.warehouse, zone=ZONE)
        commands.close_return(session, return_id=found.id)
        assert (found.goods_minor, found.total_minor) == (2000, 2000)
        returned = session.scalars(
            sa.select(OrderLine.returned_qty).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
        )
        assert list(returned) == [2, 0]
        assert requested(session, order, MUG=1, BAG=2).total_minor == 5000


def test_discounts_of_the_order_are_kept_back_to_the_penny(engine, shop):
    with transaction(engine) as session:
        cut = [NewAdjustment(kind="discount", amount_minor=-101), NewAdjustment(kind="shipping", amount_minor=900)]
        order = sell(session, shop, "ewa", adjustments=cut, MUG=3)
        deliver_all(session, order)
        parts = []
        for _ in range(3):
            found = approved(session, order, MUG=1)
            came(session, shop, found, MUG="restock")
            commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
            parts.append(found.total_minor)
        assert sum(parts) == 3000 - 101  # goods less discount; carriage stays unless someone gives it back
        assert sorted(parts) == [966, 966, 967]


def test_carriage_can_be_given_back_and_a_fee_kept(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop, MUG=2)
        extras = [NewReturnAdjustment("shipping", 400, "carriage"), NewReturnAdjustment("fee", -150, "restocking")]
        lines = [NewReturnLine(line_ids(session, order)["MUG"], 1)]
        found = commands.request_return(session, order_id=order.id, lines=lines, adjustments=extras, zone=ZONE)
        assert (found.goods_minor, found.other_minor, found.total_minor) == (1000, 250, 1250)


def test_money_goes_back_once_and_never_more_than_owed(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = approved(session, order, MUG=2)
        with pytest.raises(TransitionRefused):
            commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
        came(session, shop, found, MUG="damaged")
        with pytest.raises(Refused, match=r"30.00 PLN is more than the 20.00 PLN owed"):
            commands.refund_return(session, return_id=found.id, amount_minor=3000, gateway="card", zone=ZONE)
        with pytest.raises(InvalidInput, match="above zero"):
            commands.refund_return(session, return_id=found.id, amount_minor=0, gateway="card", zone=ZONE)
        commands.refund_return(session, return_id=found.id, amount_minor=500, gateway="card", zone=ZONE)
        commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
        detail = queries.return_detail(session, found.id)
        assert [r["amount_minor"] for r in detail["refunds"]] == [500, 1500]
        assert detail["owed_minor"] == 0
        with pytest.raises(Refused, match="Everything owed"):
            commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
        session.expire_all()
        assert session.get_one(Order, order.id).payment_status == "partially_refunded"


def test_every_step_is_told(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = approved(session, order, MUG=1)
        commands.note_in_transit(session, return_id=found.id)
        came(session, shop, found, MUG="restock")
        commands.close_return(session, return_id=found.id)
        told = [e["event"] for e in queries.return_detail(session, found.id)["timeline"]]
        assert told == [f"return.{x}" for x in ("closed", "received", "in_transit", "approved", "requested")]
        assert found.version == 5
        assert [r["number"] for r in queries.returns(session, order_id=order.id)] == [found.number]
        assert queries.returns(session, states=["requested"]) == []
        assert queries.find(session, found.number) == found.id
        with pytest.raises(NotFound):
            queries.find(session, "RET-9")


SENSELESS_REQUESTS = [
    ([], "return.no_lines"),
    ([(999, 1)], "order_line.not_found"),
    ([("MUG", 0)], "input.quantity"),
    ([("MUG", 1), ("MUG", 1)], "return.line_twice"),
]


def test_a_senseless_request_is_refused(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        keys = line_ids(session, order)
        for lines, code in SENSELESS_REQUESTS:
            new = [NewReturnLine(keys.get(line, line), n) for line, n in lines]
            with pytest.raises(OmsError) as refused:
                commands.request_return(session, order_id=order.id, lines=new, zone=ZONE)
            assert refused.value.code == code


SENSELESS_ARRIVALS = [
    (4, "restock", "input.quantity"),
    (0, "restock", "input.quantity"),
    (1, "eaten", "input.disposition"),
]


def test_a_senseless_arrival_is_refused(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = approved(session, order, MUG=3)
        line = queries.return_detail(session, found.id)["lines"][0]["id"]
        for quantity, disposition, code in SENSELESS_ARRIVALS:
            new = [ReceivedLine(line, quantity, disposition)]
            with pytest.raises(OmsError) as refused:
                commands.receive_return(session, return_id=found.id, lines=new, location_id=shop.warehouse, zone=ZONE)
            assert refused.value.code == code
        with pytest.raises(NotFound, match="location"):
            commands.receive_return(session, return_id=found.id, lines=new, location_id=99, zone=ZONE)


def test_a_declined_return_needs_a_reason_and_stays_declined(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = requested(session, order, MUG=1)
        with pytest.raises(InvalidInput):
            commands.decline_return(session, return_id=found.id, reason=" ")
        commands.cancel_return(session, return_id=found.id, reason="changed my mind")
        for step in (commands.approve_return, commands.close_return, commands.note_in_transit):
            with pytest.raises(TransitionRefused):
                step(session, return_id=found.id)


def test_two_clerks_at_once_do_not_pay_twice(engine, shop):
    with transaction(engine) as session:
        order = delivered(session, shop)
        found = approved(session, order, MUG=1)
        came(session, shop, found, MUG="restock")
    answers = []

    def pay_back():
        try:
            with transaction(engine) as session:
                commands.refund_return(session, return_id=found.id, gateway="card", zone=ZONE)
            answers.append("paid")
        except Refused as error:
            answers.append(error.code)

    clerks = [threading.Thread(target=pay_back) for _ in range(3)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert sorted(answers) == ["paid", "return.nothing_owed", "return.nothing_owed"]
