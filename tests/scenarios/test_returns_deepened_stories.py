"""Returns, exchanges, claims and withdrawals as a manager tells them; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from held import NOON
from small_shop import ZONE, available, deliver_all, line_ids, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.fulfilment.tables import Shipment
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.locations.tables import Location
from oms_core.orders.commands import NewAdjustment
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.credit import balance
from oms_core.payments.tables import Payment
from oms_core.returns import claim_resolving, claims, commands, exchanges, queries, refunds, withdrawals
from oms_core.returns.acknowledgement import message_of
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.commands import NewReturnLine, UnitDecision
from oms_core.returns.exchanges import NewExchangeLine
from oms_core.returns.places import decision
from oms_core.returns.policies import save_policy
from oms_core.returns.reasons import why_returned
from oms_core.returns.withdrawal_settling import settle_withdrawal, withdrawal_queue
from oms_core.returns.withdrawals import Declaration

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine):
    with transaction(engine) as session:
        made = small_shop(session)
        stock(session, made, MUG=20, BAG=20, TIN=20)
    return made


@pytest.fixture
def session(engine, shop):
    """One session for a story; at its end no law of the shop is broken."""
    with transaction(engine) as opened:
        yield opened
        opened.flush()
        assert [(row["name"], row["first_broken"]) for row in run(opened) if row["broken"]] == []


def delivered(session, shop, name="anna", adjustments=(), **units):
    order = sell(session, shop, name, adjustments=adjustments, **(units or {"MUG": 3, "BAG": 2}))
    deliver_all(session, order)
    session.refresh(order)
    return order


def approved(session, order, reason="too_big", **units):
    keys = line_ids(session, order)
    lines = [NewReturnLine(keys[sku], n) for sku, n in units.items()]
    found = commands.request_return(session, order_id=order.id, lines=lines, reason=reason, zone=ZONE)
    return commands.approve_return(session, return_id=found.id)


def counted(session, shop, return_id, moves_at="inspection", **units):
    lines = {x["sku"]: x["id"] for x in queries.return_detail(session, return_id)["lines"]}
    return commands.count_units(
        session, return_id=return_id, counts={lines[sku]: n for sku, n in units.items()}, location_id=shop.warehouse,
        moves_at=moves_at, zone=ZONE, actor="ola",
    )  # fmt: skip


def refunds_by_gateway(session, order):
    rows = session.execute(
        sa.select(Payment.gateway, sa.func.sum(Payment.amount_minor))
        .where(Payment.order_id == order.id, Payment.kind == "refund")
        .group_by(Payment.gateway)
    )
    return {gateway: int(amount) for gateway, amount in rows}


def told(proposal):
    return [(line.kind, line.amount_minor) for line in proposal.lines]


def test_a_return_is_counted_in_parts_and_inspected_unit_by_unit(session, shop):
    order = delivered(session, shop, MUG=3)
    mug = shop.variants["MUG"]
    before = available(session, mug, shop.warehouse)
    goods = approved(session, order, MUG=3)
    # Monday: one parcel with two mugs; they are here, and in no stock yet
    first, second = counted(session, shop, goods.id, MUG=2)
    assert (goods.state, available(session, mug, shop.warehouse)) == ("received", before)
    assert session.get_one(OrderLine, line_ids(session, order)["MUG"]).returned_qty == 2
    look = [UnitDecision(first.id, "restock", grade="a"), UnitDecision(second.id, "scrap", grade="d", note="cracked")]
    commands.inspect_units(session, return_id=goods.id, decisions=look, zone=ZONE, actor="ola")
    assert (goods.state, available(session, mug, shop.warehouse)) == ("received", before + 1)
    # Thursday: the third comes and goes through quality control
    (third,) = counted(session, shop, goods.id, "receipt", MUG=1)
    assert available(session, mug, shop.warehouse, "quality_control") == 1
    decision = [UnitDecision(third.id, "damaged", grade="c")]
    commands.inspect_units(session, return_id=goods.id, decisions=decision, zone=ZONE, actor="jan")
    assert goods.state == "inspected"
    assert available(session, mug, shop.warehouse, "damaged") == 1
    seen = [(u["position"], u["disposition"], u["grade"], u["note"], u["inspected_by"])
            for u in queries.return_detail(session, goods.id)["units"]]  # fmt: skip
    assert seen == [(1, "restock", "a", "", "ola"), (2, "scrap", "d", "cracked", "ola"), (3, "damaged", "c", "", "jan")]
    with pytest.raises(Refused, match="jan decided it"):
        commands.inspect_units(session, return_id=goods.id, decisions=decision, zone=ZONE)


def test_a_unit_that_was_counted_and_is_not_there_is_taken_back(session, shop):
    order = delivered(session, shop, MUG=2)
    goods = approved(session, order, MUG=2)
    one, two = counted(session, shop, goods.id, MUG=2)
    look = [UnitDecision(one.id, "restock"), UnitDecision(two.id, "not_received", note="empty box")]
    commands.inspect_units(session, return_id=goods.id, decisions=look, zone=ZONE, actor="ola")
    assert session.get_one(OrderLine, line_ids(session, order)["MUG"]).returned_qty == 1
    commands.close_return(session, return_id=goods.id)
    assert (goods.state, goods.total_minor) == ("closed", 1000)


def test_a_return_cannot_close_over_units_nobody_looked_at(session, shop):
    goods = approved(session, delivered(session, shop, MUG=2), MUG=2)
    counted(session, shop, goods.id, MUG=1)
    with pytest.raises(Refused, match="not decided on"):
        commands.close_return(session, return_id=goods.id)


def test_the_refund_follows_the_policy_and_says_why(session, shop):
    save_policy(session, code="web", channel="web", fee_bp=1000, grade_cuts={"c": 5000}, label_minor=900,
                credit_bonus_bp=500, shipping_refund="whole_order")  # fmt: skip
    order = delivered(session, shop, MUG=2, adjustments=[NewAdjustment(kind="shipping", amount_minor=1200)])
    goods = approved(session, order, MUG=2)
    one, two = counted(session, shop, goods.id, MUG=2)
    look = [UnitDecision(one.id, "restock", grade="a"), UnitDecision(two.id, "damaged", grade="c")]
    commands.inspect_units(session, return_id=goods.id, decisions=look, zone=ZONE)
    proposal = refunds.propose_refund(session, goods.id, label_used=True)
    assert told(proposal) == [
        ("goods", 2000), ("grade_cut", -500), ("restocking", -150), ("delivery", 1200), ("label", -900),
    ]  # fmt: skip
    assert all(line.why for line in proposal.lines)
    assert (proposal.total_minor, proposal.owed_minor, proposal.bonus_minor) == (1650, 1650, 0)
    refund = refunds.settle_refund(session, return_id=goods.id, label_used=True, zone=ZONE, actor="ola")
    assert (refund.total_minor, goods.total_minor) == (1650, 1650)
    assert sum(line["amount_minor"] for line in refund.lines) == 1650
    with pytest.raises(Refused, match="Nothing is owed"):
        refunds.settle_refund(session, return_id=goods.id, zone=ZONE)


def test_store_credit_gives_a_bonus_that_never_was_the_customers_money(session, shop):
    save_policy(session, code="any", credit_bonus_bp=1000)
    order = delivered(session, shop, MUG=2)
    goods = approved(session, order, MUG=1)
    (unit,) = counted(session, shop, goods.id, MUG=1)
    commands.inspect_units(session, return_id=goods.id, decisions=[UnitDecision(unit.id, "restock")], zone=ZONE)
    refund = refunds.settle_refund(session, return_id=goods.id, method="store_credit", zone=ZONE)
    assert (refund.total_minor, refund.bonus_minor) == (1000, 100)
    assert balance(session, order.customer_id, "PLN") == 1100
    assert refunds_by_gateway(session, order) == {"store_credit": 1000}


def test_nobody_pays_for_what_was_not_their_fault(session, shop):
    save_policy(session, code="web", channel="web", fee_bp=2000)
    order = delivered(session, shop, MUG=1, adjustments=[NewAdjustment(kind="shipping", amount_minor=1200)])
    goods = approved(session, order, reason="defective", MUG=1)
    counted(session, shop, goods.id, MUG=1)
    proposal = refunds.propose_refund(session, goods.id, carriage_paid_minor=850)
    # sending back cost the customer 8.50, but no more can go back than was captured
    assert told(proposal) == [("goods", 1000), ("delivery", 1200), ("carriage", 850), ("cap", -850)]


def swap(session, shop, order, back, new, **options):
    keys = line_ids(session, order)
    found = exchanges.request_exchange(
        session, order_id=order.id, back=[NewReturnLine(keys[sku], n) for sku, n in back.items()],
        new=[NewExchangeLine(sku=sku, quantity=n) for sku, n in new.items()], zone=ZONE, **options,
    )  # fmt: skip
    return exchanges.approve_exchange(session, exchange_id=found.id)


def bring_back(session, shop, found, **units):
    made = counted(session, shop, found.return_id, **units)
    look = [UnitDecision(unit.id, "restock") for unit in made]
    commands.inspect_units(session, return_id=found.return_id, decisions=look, zone=ZONE)


def test_an_exchange_for_something_dearer_leaves_the_difference_due(session, shop):
    order = delivered(session, shop, MUG=2)
    found = swap(session, shop, order, {"MUG": 1}, {"TIN": 1})
    assert (found.state, found.difference_minor) == ("awaiting_goods", 2000)
    with pytest.raises(Refused, match="waits for goods"):
        exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)
    with pytest.raises(Refused, match="settled by EX-"):
        refunds.settle_refund(session, return_id=found.return_id, zone=ZONE)
    bring_back(session, shop, found, MUG=1)
    exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)
    session.refresh(order)
    assert (found.state, found.settlement, found.credit_minor) == ("completed", "due", 1000)
    # 20.00 was paid; a tin for 30.00 is on the order, of which the mug pays 10.00
    assert (order.total_minor, order.payment_status) == (4000, "partially_paid")
    assert refunds_by_gateway(session, order) == {}
    assert available(session, shop.variants["TIN"], shop.warehouse, "committed") == 1


@pytest.mark.parametrize("wants", ["refund", "store_credit"])
def test_an_exchange_for_something_cheaper_gives_the_rest_back(session, shop, wants):
    order = delivered(session, shop, TIN=1)
    found = swap(session, shop, order, {"TIN": 1}, {"MUG": 1}, wants=wants)
    bring_back(session, shop, found, TIN=1)
    exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)
    session.refresh(order)
    assert (found.settlement, found.difference_minor, order.total_minor) == (wants, -2000, 3000)
    assert refunds_by_gateway(session, order) == {"card" if wants == "refund" else "store_credit": 2000}
    assert balance(session, order.customer_id, "PLN") == (2000 if wants == "store_credit" else 0)


def test_an_even_exchange_may_send_the_new_goods_first(session, shop):
    order = delivered(session, shop, MUG=2)
    found = swap(session, shop, order, {"MUG": 2}, {"BAG": 1}, sends_first=True)
    assert found.state == "approved"
    exchanges.send_replacement(session, exchange_id=found.id, zone=ZONE)
    session.refresh(order)
    assert (found.state, order.total_minor, order.fulfillment_status) == ("awaiting_goods", 4000, "partially_fulfilled")
    deliver_all(session, order)
    with pytest.raises(Refused, match="already left"):
        exchanges.cancel_exchange(session, exchange_id=found.id, zone=ZONE)
    bring_back(session, shop, found, MUG=2)
    exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)
    session.refresh(order)
    assert (found.settlement, order.total_minor, order.payment_status) == ("even", 2000, "paid")


def test_an_exchange_called_off_leaves_the_order_as_it_was(session, shop):
    order = delivered(session, shop, MUG=2)
    found = swap(session, shop, order, {"MUG": 1}, {"TIN": 1}, sends_first=True)
    exchanges.send_replacement(session, exchange_id=found.id, zone=ZONE)
    exchanges.cancel_exchange(session, exchange_id=found.id, reason="changed her mind", zone=ZONE)
    session.refresh(order)
    assert (found.state, order.total_minor, order.return_status) == ("cancelled", 2000, "none")
    assert available(session, shop.variants["TIN"], shop.warehouse, "committed") == 0
    assert approved(session, order, MUG=2).total_minor == 2000


def claimed(session, order, kind, evidence=(), **units):
    keys = line_ids(session, order)
    lines = [NewClaimLine(keys[sku], n) for sku, n in units.items()]
    return claims.open_claim(session, order_id=order.id, kind=kind, lines=lines, evidence=evidence)


def test_a_claim_keeps_the_item_and_gets_its_money(session, shop):
    order = delivered(session, shop, MUG=2)
    found = claimed(
        session,
        order,
        "damaged",
        [
            ("photo", "https://example.com/mug.jpg"),
            ("text", "handle"),
        ],
        MUG=1,
    )
    claims.approve_claim(session, claim_id=found.id, keeps_item=True, note="clear photo", zone=ZONE, actor="ola")
    claim_resolving.resolve_claim(session, claim_id=found.id, resolution="refund", zone=ZONE)
    assert (found.state, found.keeps_item, found.amount_minor, found.return_id) == ("resolved", True, 1000, None)
    assert refunds_by_gateway(session, order) == {"card": 1000}
    with pytest.raises(Refused, match="MUG wanted 2, claimable 1"):
        claimed(session, order, "damaged", MUG=2)
    with pytest.raises(Refused, match="MUG wanted 2, returnable 1"):
        approved(session, order, MUG=2)
    assert approved(session, order, MUG=1).total_minor == 1000


def test_a_missing_unit_is_sent_again_for_nothing(session, shop):
    order = delivered(session, shop, MUG=2)
    found = claimed(session, order, "missing", MUG=1)
    with pytest.raises(InvalidInput, match="never arrived"):
        claims.approve_claim(session, claim_id=found.id, keeps_item=False, zone=ZONE)
    claims.approve_claim(session, claim_id=found.id, zone=ZONE)
    claim_resolving.resolve_claim(session, claim_id=found.id, resolution="replacement", zone=ZONE)
    session.refresh(order)
    assert (order.total_minor, order.payment_status, order.fulfillment_status) == (2000, "paid", "partially_fulfilled")
    deliver_all(session, order)
    assert available(session, shop.variants["MUG"], shop.warehouse) == 17


def test_a_wrong_item_comes_back_and_is_replaced(session, shop):
    order = delivered(session, shop, MUG=2)
    found = claimed(session, order, "wrong", MUG=2)
    claims.approve_claim(session, claim_id=found.id, keeps_item=False, zone=ZONE)
    claim_resolving.resolve_claim(session, claim_id=found.id, resolution="replacement", zone=ZONE)
    detail = queries.return_detail(session, found.return_id)
    assert (detail["state"], detail["goods_minor"], detail["owed_minor"]) == ("approved", 2000, 0)
    bring_back(session, shop, found, MUG=1)
    commands.close_return(session, return_id=found.return_id)
    assert queries.return_detail(session, found.return_id)["owed_minor"] == 0


def test_lateness_has_no_price_of_its_own(session, shop):
    order = delivered(session, shop, MUG=2, adjustments=[NewAdjustment(kind="shipping", amount_minor=500)])
    found = claimed(session, order, "late", MUG=2)
    claims.approve_claim(session, claim_id=found.id, zone=ZONE)
    with pytest.raises(InvalidInput, match="say how much"):
        claim_resolving.resolve_claim(session, claim_id=found.id, resolution="refund", zone=ZONE)
    with pytest.raises(Refused, match=r"30.00 PLN is more than goods and delivery"):
        claim_resolving.resolve_claim(session, claim_id=found.id, resolution="refund", amount_minor=3000, zone=ZONE)
    claim_resolving.resolve_claim(session, claim_id=found.id, resolution="store_credit", amount_minor=500, zone=ZONE)
    assert balance(session, order.customer_id, "PLN") == 500
    # a late mug may still go back
    assert approved(session, order, MUG=2).goods_minor == 2000


def test_a_claim_is_rejected_with_a_reason_and_frees_its_units(session, shop):
    order = delivered(session, shop, MUG=1)
    found = claimed(session, order, "damaged", MUG=1)
    with pytest.raises(Refused, match="claimable 0"):
        claimed(session, order, "missing", MUG=1)
    claims.reject_claim(session, claim_id=found.id, reason="the photo shows another mug")
    assert claimed(session, order, "missing", MUG=1).state == "opened"


def delivered_on(session, shop, day, name="ewa", **units):
    """Sell and deliver on a day at noon, and leave the clock there."""
    order = delivered(session, shop, name=name, **units)
    at = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    session.execute(sa.update(Shipment).where(Shipment.order_id == order.id).values(delivered_at=at))
    return order


def declare(session, order, on, **facts):
    at = datetime(on.year, on.month, on.day, 10, 30, tzinfo=UTC)
    with clock.frozen(at):
        return withdrawals.declare_withdrawal(
            session, order_id=order.id, declaration=Declaration(**facts), shop_name="Mug & Bag", language="pl",
            zone=ZONE,
        )  # fmt: skip


#: Noon of the tests is 9 December 2010. Epiphany (6 January) is a holiday in Poland since 2011.
def test_a_withdrawal_over_a_long_weekend_is_in_time_on_the_next_working_day(session, shop):
    # the 14th day is Saturday, 25 December 2010; the 26th is a Sunday and a holiday too
    order = delivered_on(session, shop, date(2010, 12, 11), MUG=2)
    found = declare(session, order, date(2010, 12, 27))
    assert (found.state, found.period_ends_on, found.refund_due_on) == (
        "declared", date(2010, 12, 27), date(2011, 1, 10),
    )  # fmt: skip
    message = message_of(session, found.id)
    for said in (found.number, order.number, "2010-12-27 11:30:00", "2 × MUG", "Odstąpienie dotyczy całego zamówienia"):
        assert said in message.body
    assert (message.recipient, message.sent_at, found.acknowledged_at) == ("ewa@example.com", None, message.created_at)
    late = declare(session, delivered_on(session, shop, date(2010, 12, 11), name="jan", MUG=1), date(2010, 12, 28))
    assert (late.state, late.doubt, late.return_id) == ("undecided", "late", None)


def test_the_refund_may_wait_for_the_goods_and_is_then_urgent(session, shop):
    order = delivered_on(session, shop, date(2010, 12, 9), MUG=2)
    found = declare(session, order, date(2010, 12, 15))
    with clock.frozen(NOON + timedelta(days=10)):
        with pytest.raises(Refused, match="neither goods nor proof"):
            settle_withdrawal(session, withdrawal_id=found.id, zone=ZONE)
        (row,) = withdrawal_queue(session, zone=ZONE)
        assert (row["waits_for"], row["days_left"], row["refund_due_on"]) == ("goods", None, date(2010, 12, 29))
    with clock.frozen(datetime(2010, 12, 30, 9, tzinfo=UTC)):
        withdrawals.note_proof_of_sending(session, withdrawal_id=found.id, proof="InPost 6800")
        (row,) = withdrawal_queue(session, zone=ZONE)
        # the due day passed while the shop could wait: now it pays at once
        assert (row["waits_for"], row["payable_on"], row["days_left"]) == ("payment", date(2010, 12, 30), 0)
        settle_withdrawal(session, withdrawal_id=found.id, zone=ZONE, actor="ola")
        assert withdrawal_queue(session, zone=ZONE) == []
    assert (found.state, found.refunded_minor, refunds_by_gateway(session, order)) == ("settled", 2000, {"card": 2000})
    # one of the two never comes: the money stays with the customer, and the books say why
    bring_back(session, shop, found, MUG=1)
    commands.close_return(session, return_id=found.return_id)
    assert queries.return_detail(session, found.return_id)["owed_minor"] == 0


def test_a_whole_withdrawal_gives_standard_delivery_back_and_takes_no_fee(session, shop):
    save_policy(session, code="web", channel="web", fee_bp=2000, standard_delivery_minor=1200)
    order = delivered_on(
        session, shop, date(2010, 12, 8), MUG=2, adjustments=[NewAdjustment(kind="shipping", amount_minor=2500)]
    )
    found = declare(session, order, date(2010, 12, 9))
    settle_withdrawal(session, withdrawal_id=found.id, before_goods=True, zone=ZONE)
    # of the dearer express delivery only the standard price goes back
    assert found.refunded_minor == 2000 + 1200


def test_a_part_of_an_order_is_withdrawn_without_its_delivery(session, shop):
    order = delivered_on(
        session, shop, date(2010, 12, 8), MUG=2, adjustments=[NewAdjustment(kind="shipping", amount_minor=1200)]
    )
    found = declare(session, order, date(2010, 12, 9), lines={line_ids(session, order)["MUG"]: 1})
    settle_withdrawal(session, withdrawal_id=found.id, before_goods=True, zone=ZONE)
    assert (found.is_whole, found.refunded_minor) == (False, 1000)
    with pytest.raises(Refused, match="wanted 2, left 1"):
        declare(session, order, date(2010, 12, 10), lines={line_ids(session, order)["MUG"]: 2})


def test_what_has_not_left_is_taken_off_the_order(session, shop):
    order = sell(session, shop, "ola", MUG=2)
    found = declare(session, order, date(2010, 12, 9))
    session.refresh(order)
    assert (order.state, found.period_ends_on, found.return_id) == ("cancelled", None, None)
    settle_withdrawal(session, withdrawal_id=found.id, zone=ZONE)
    assert (found.state, found.refunded_minor) == ("settled", 2000)


def test_a_late_withdrawal_becomes_goodwill_only_by_decision(session, shop):
    order = delivered_on(session, shop, date(2010, 11, 1), MUG=1)
    found = declare(session, order, date(2010, 12, 9))
    assert found.state == "undecided"
    withdrawals.accept_as_goodwill(session, withdrawal_id=found.id, note="good customer", zone=ZONE, actor="ola")
    assert (found.state, found.decided_by) == ("goodwill", "ola")
    bring_back(session, shop, found, MUG=1)
    settle_withdrawal(session, withdrawal_id=found.id, zone=ZONE)
    assert found.refunded_minor == 1000


def test_a_withdrawal_in_time_cannot_be_refused(session, shop):
    found = declare(session, delivered_on(session, shop, date(2010, 12, 8), MUG=1), date(2010, 12, 9))
    with pytest.raises(Refused, match="declared in time"):
        withdrawals.refuse_withdrawal(session, withdrawal_id=found.id, reason="no")


def test_reasons_are_counted_by_sku_and_supplier(session, shop):
    order = delivered(session, shop, MUG=3, BAG=1)
    goods = approved(session, order, reason="defective", MUG=2, BAG=1)
    counted(session, shop, goods.id, MUG=2, BAG=1)
    rows = why_returned(session, by="supplier")
    assert [(r["supplier"], r["reason"], r["label_pl"], r["fault"], r["units"], r["goods_minor"]) for r in rows] == [
        ("Acme Ceramika Łódź", "defective", "Wada produktu", "supplier", 3, 4000)
    ]
    assert [(r["sku"], r["units"]) for r in why_returned(session)] == [("MUG", 2), ("BAG", 1)]
    assert why_returned(session, since=date(2011, 1, 1)) == []
    assert session.get_one(Order, order.id).return_status == "in_progress"


def test_goods_go_back_to_the_place_nearest_to_the_customer(session, shop):
    berlin = Location(code="BER", name="Berlin", country="DE", postal_code="10115", city="Berlin", position=9)
    session.add(berlin)
    session.flush()
    for country, postal_code, place in (
        ("PL", "05-500", "Warszawa, 00-001, PL"),
        ("PL", "51-900", "Wrocław, 50-001 Wrocław, PL"),
        ("DE", "80331", "Berlin, 10115 Berlin, DE"),
        ("", "", "Wrocław, 50-001 Wrocław, PL"),
    ):
        assert decision(session, country=country, postal_code=postal_code)["send_to"] == place
    order = delivered(session, shop, MUG=1)
    order.ship_country, order.ship_postal_code = "PL", "05-500"
    goods = approved(session, order, MUG=1)
    order.ship_postal_code = "51-900"
    session.flush()
    told = queries.return_detail(session, goods.id)
    assert told["send_to"] == "Warszawa, 00-001, PL"  # as it was decided: the customer was told so
