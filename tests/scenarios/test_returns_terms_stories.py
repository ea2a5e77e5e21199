"""The terms of returns as a manager tells them: days of goodwill, tax of exchanges, words for the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from finance_shop import SHOP, order_with_tax, ship_all
from held import NOON
from small_shop import ZONE, deliver_all, line_ids, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.intake import commands as intake
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.order_changes import commands as changes
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, NewPayment
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns import claims, commands, exchanges, queries, withdrawals
from oms_core.returns.case_queries import case_record
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.commands import NewReturnLine, UnitDecision
from oms_core.returns.desk_queue import return_queue
from oms_core.returns.exchanges import NewExchangeLine
from oms_core.returns.policies import save_policy
from oms_core.returns.withdrawals import Declaration

pytestmark = pytest.mark.usefixtures("noon")
WEEK = {"code": "week", "days_allowed": 7}


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


def delivered(session, shop, days_ago=0, name="anna", **units):
    order = sell(session, shop, name, **(units or {"MUG": 2}))
    deliver_all(session, order)
    at = NOON - timedelta(days=days_ago)
    session.execute(sa.update(Shipment).where(Shipment.order_id == order.id).values(delivered_at=at))
    return order


def ask(session, order, reason="too_big", **options):
    lines = [NewReturnLine(line_ids(session, order)["MUG"], 1)]
    return commands.request_return(
        session, order_id=order.id, lines=lines, reason=reason, zone=ZONE, actor="ola", **options
    )


def test_goodwill_ends_with_the_days_of_the_policy(session, shop):
    save_policy(session, **WEEK)
    assert ask(session, delivered(session, shop, 7)).state == "requested"
    late = delivered(session, shop, 9, name="jan")
    with pytest.raises(Refused, match=r"policy week allows 7 day\(s\), until 2010-12-07, 2 day\(s\) ago") as refused:
        ask(session, late)
    assert refused.value.code == "return.too_late"
    (fact,) = refused.value.facts["lines"]
    assert (fact["days_allowed"], fact["days_late"]) == (7, 2)
    assert queries.returns(session, order_id=late.id) == []


def test_a_person_may_allow_a_late_return_and_the_journal_keeps_who(session, shop):
    save_policy(session, **WEEK)
    found = ask(session, delivered(session, shop, 30), late="allow")
    written = sa.select(JournalEntry).where(JournalEntry.event == "return.late_allowed")
    entry = session.scalars(written).one()
    assert (entry.object_id, entry.actor) == (found.id, "ola")
    assert "23 day(s) ago" in entry.data["said"][0]
    # one in time leaves no such word
    ask(session, delivered(session, shop, 1, name="jan"), late="allow")
    assert session.scalars(written).one() is entry


def test_a_shop_without_a_policy_sets_no_limit(session, shop):
    assert ask(session, delivered(session, shop, 400)).state == "requested"


def test_goods_under_way_are_never_late(session, shop):
    save_policy(session, **(WEEK | {"days_allowed": 0}))
    order = sell(session, shop, "anna", MUG=2)
    work = session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order.id)).one()
    fulfilment.ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE)
    with clock.frozen(NOON + timedelta(days=30)):
        assert ask(session, order).state == "requested"


def test_an_imported_order_counts_from_the_day_it_was_ordered_and_says_so(session, shop):
    save_policy(session, **WEEK)
    order = delivered(session, shop, 0)
    imported = session.begin_nested()  # as an import writes it, but for the goods, which left by a parcel here
    session.execute(sa.update(Order).values(is_history=True, business_date=date(2010, 11, 1)))
    session.execute(sa.update(Shipment).values(state="lost", delivered_at=None))
    session.expire_all()
    with pytest.raises(Refused, match=r"ordered \(nobody recorded its delivery\) on 2010-11-01"):
        ask(session, order)
    imported.rollback()


def test_what_is_not_the_customers_fault_is_no_goodwill(session, shop):
    save_policy(session, **WEEK)
    order = delivered(session, shop, 30)
    assert ask(session, order, "defective").state == "requested"
    # unless the shop wrote a policy for that very reason
    save_policy(session, code="defects", reason="defective", days_allowed=14)
    with pytest.raises(Refused, match="policy defects allows 14"):
        ask(session, order, "defective")


def test_neither_a_withdrawal_nor_a_claim_asks_for_the_days_of_goodwill(session, shop):
    save_policy(session, code="none", days_allowed=0)
    order = delivered(session, shop, 10)
    with pytest.raises(Refused, match="allows 0 day"):
        ask(session, order)
    at = datetime(2010, 12, 9, 10, tzinfo=UTC)
    declared = withdrawals.declare_withdrawal(
        session, order_id=order.id, declaration=Declaration(declared_at=at), zone=ZONE
    )
    assert (declared.state, declared.doubt) == ("declared", "")
    assert session.get_one(Order, order.id).return_status == "in_progress"
    broken = delivered(session, shop, 300, name="jan")
    line = NewClaimLine(line_ids(session, broken)["MUG"], 1)
    found = claims.open_claim(session, order_id=broken.id, kind="damaged", lines=[line])
    claims.approve_claim(session, claim_id=found.id, keeps_item=False, zone=ZONE)
    assert found.return_id is not None


def test_a_late_withdrawal_accepted_as_goodwill_needs_no_second_yes(session, shop):
    save_policy(session, **WEEK)
    order = delivered(session, shop, 60)
    declared = withdrawals.declare_withdrawal(session, order_id=order.id, declaration=Declaration(), zone=ZONE)
    assert declared.doubt == "late"
    withdrawals.accept_as_goodwill(session, withdrawal_id=declared.id, note="a good customer", zone=ZONE)
    assert declared.return_id is not None


def test_an_exchange_keeps_the_days_too(session, shop):
    save_policy(session, **WEEK)
    order = delivered(session, shop, 30)
    asked = {
        "order_id": order.id, "back": [NewReturnLine(line_ids(session, order)["MUG"], 1)],
        "new": [NewExchangeLine(sku="BAG", quantity=1)], "zone": ZONE,
    }  # fmt: skip
    with pytest.raises(Refused, match="Too late for a return"):
        exchanges.request_exchange(session, **asked)
    assert exchanges.request_exchange(session, late="allow", **asked).state == "requested"
    with pytest.raises(InvalidInput, match="one of refuse, allow, by_right"):
        exchanges.request_exchange(session, late="perhaps", **asked)


def swap(session, shop, order, new, **options):
    """Exchange one mug for other goods, whole."""
    back = [NewReturnLine(line_ids(session, order)["MUG"], 1)]
    found = exchanges.request_exchange(
        session, order_id=order.id, back=back, new=[NewExchangeLine(sku=new, quantity=1)], zone=ZONE, **options
    )
    exchanges.approve_exchange(session, exchange_id=found.id)
    lines = {x["id"]: 1 for x in queries.return_detail(session, found.return_id)["lines"]}
    units = commands.count_units(
        session, return_id=found.return_id, counts=lines, location_id=shop.warehouse, zone=ZONE
    )
    look = [UnitDecision(unit.id, "restock") for unit in units]
    commands.inspect_units(session, return_id=found.return_id, decisions=look, zone=ZONE)
    return exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)


def with_tax(session, minor, name="anna", **units):
    paid = [NewPayment(gateway="card", amount_minor=minor)]
    order = order_with_tax(session, name, payments=paid, **units)
    ship_all(session, order)
    return order


def test_new_goods_carry_the_tax_of_those_they_stand_for(session, shop):
    order = with_tax(session, 2460, MUG=2)  # 2 × 10.00 and 23 % on top
    found = swap(session, shop, order, "BAG")
    session.refresh(order)
    bag = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.sku == "BAG")).one()
    # a bag for 20.00 + 4.60, of which the mug pays 12.30
    assert (bag.tax_minor, found.new_minor, found.returned_minor, found.difference_minor) == (460, 2460, 1230, 1230)
    assert (order.tax_minor, order.total_minor, order.payment_status) == (460 + 460, 2460 + 1230, "partially_paid")
    assert case_record(session, "exchange", found.id)["settled"] == (
        "The new goods cost 12.30 PLN more: it is due on the order."
    )


def test_goods_of_the_order_keep_their_own_rate(session, shop):
    # books at 8 %: another rate beside the mug's 23 %
    mug = NewLine(sku="MUG", quantity=1, unit_price_minor=1000, tax_minor=230)
    book = NewLine(sku="BAG", quantity=1, unit_price_minor=2000, tax_minor=160)
    new = NewOrder(
        channel="web", external_id="ewa", currency="PLN", lines=[mug, book], address=NewAddress(country="PL"),
        customer=NewCustomer(email="ewa@example.com", name="ewa"),
    )  # fmt: skip
    order = session.get_one(Order, intake.place(session, SHOP, new)["id"])
    ship_all(session, order)
    back = [NewReturnLine(line_ids(session, order)["MUG"], 1)]
    new = [NewExchangeLine(sku="BAG", quantity=1), NewExchangeLine(sku="TIN", quantity=1)]
    found = exchanges.request_exchange(session, order_id=order.id, back=back, new=new, zone=ZONE)
    assert [line["tax_minor"] for line in found.new_lines] == [160, 690]
    assert found.new_minor == 2000 + 160 + 3000 + 690


def test_an_order_without_tax_stays_without(session, shop):
    found = swap(session, shop, delivered(session, shop), "BAG")
    assert (found.new_minor, "tax_minor" in found.new_lines[0]) == (2000, False)


def test_goods_that_were_never_paid_promise_no_money(session, shop):
    order = sell(session, shop, "anna", paid=False, TIN=1, MUG=1)
    deliver_all(session, order)
    back = [NewReturnLine(line_ids(session, order)["TIN"], 1)]
    new = [NewExchangeLine(sku="MUG", quantity=1)]
    found = exchanges.request_exchange(session, order_id=order.id, back=back, new=new, zone=ZONE)
    assert case_record(session, "exchange", found.id)["settled"] == ""
    exchanges.approve_exchange(session, exchange_id=found.id)
    commands.receive_return(
        session, return_id=found.return_id, location_id=shop.warehouse, zone=ZONE,
        lines=[commands.ReceivedLine(x["id"], 1, "restock") for x in
               queries.return_detail(session, found.return_id)["lines"]],
    )  # fmt: skip
    exchanges.complete_exchange(session, exchange_id=found.id, zone=ZONE)
    record = case_record(session, "exchange", found.id)
    assert (record["settlement"], record["difference_minor"], record["refunds"]) == ("even", -2000, [])
    assert record["settled"] == (
        "The new goods cost 20.00 PLN less, but nothing was captured that could go back: no money is promised."
    )


def test_goods_on_their_way_leave_the_worth_of_others_alone(session, shop):
    order = delivered(session, shop, BAG=1, MUG=2)  # 20.00 + 2 × 10.00
    give_discount(session, order, 800)
    lines = line_ids(session, order)
    bag = commands.request_return(session, order_id=order.id, lines=[NewReturnLine(lines["BAG"], 1)], zone=ZONE)
    assert bag.total_minor == 2000 - 400
    give_discount(session, order, 400)
    mug = commands.request_return(session, order_id=order.id, lines=[NewReturnLine(lines["MUG"], 1)], zone=ZONE)
    assert mug.total_minor == 1000 - 100  # and not a grosz of what the bag's return was reckoned with before
    for found in (mug, bag):
        commands.approve_return(session, return_id=found.id)
        came = [commands.ReceivedLine(x["id"], 1, "restock") for x in queries.return_detail(session, found.id)["lines"]]
        commands.receive_return(session, return_id=found.id, location_id=shop.warehouse, zone=ZONE, lines=came)
    assert (mug.total_minor, bag.total_minor) == (900, 2000 - 200)


def give_discount(session, order, minor):
    change = changes.propose(session, order.id, [{"kind": "set_discount", "amount_minor": minor}], zone=ZONE)
    changes.confirm(session, change.id, zone=ZONE)


def test_a_country_without_a_known_calendar_counts_weekends_and_says_so(session, shop):
    order = delivered(session, shop, 0)
    session.execute(sa.update(Order).where(Order.id == order.id).values(ship_country="XX"))
    session.expire_all()
    found = withdrawals.declare_withdrawal(session, order_id=order.id, declaration=Declaration(), zone=ZONE)
    # 14 days after Thursday, 9 December; no holiday is known, the weekend still is
    assert (found.state, found.period_ends_on) == ("declared", date(2010, 12, 23))
    said = "Public holidays of XX are not known: weekends alone moved the days."
    record = case_record(session, "withdrawal", found.id)
    assert record["calendar"] == said
    declared = next(entry for entry in record["timeline"] if entry["event"] == "withdrawal.declared")
    assert declared["data"]["calendar"] == said
    known = withdrawals.declare_withdrawal(
        session, order_id=delivered(session, shop, 0, name="jan").id, declaration=Declaration(), zone=ZONE
    )
    assert case_record(session, "withdrawal", known.id)["calendar"] == ""


def test_the_returns_queue_puts_what_the_law_wants_first(session, shop):
    plain = ask(session, delivered(session, shop, 1))
    declared = withdrawals.declare_withdrawal(
        session, order_id=delivered(session, shop, 1, name="jan").id, declaration=Declaration(), zone=ZONE
    )
    told = [(r["number"], r["waits_for"], r["days_left"]) for r in return_queue(session, zone=ZONE)]
    goods = queries.return_detail(session, declared.return_id)["number"]
    # the refund may still wait for the goods: no day is set yet
    assert told == [(plain.number, "answer", None), (goods, "goods", None)]
    withdrawals.note_proof_of_sending(session, withdrawal_id=declared.id, proof="InPost 6201")
    with clock.frozen(NOON + timedelta(days=15)):
        first, second = return_queue(session, zone=ZONE)
    assert (first["number"], first["days_left"], first["settled_by"]) == (goods, -1, declared.number)
    assert second["number"] == plain.number
