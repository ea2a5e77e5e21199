"""Money of one order in every shape: parents, currencies, store credit, the shop's own money; on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from finance_shop import SHOP, ZONE, broken, buy, on, order_with_tax, send_back, ship_all, small_shop
from small_shop import available, line_ids

from oms_core.finance import commands, cost_queries
from oms_core.finance.commands import Buyer, NewValue
from oms_core.finance.tables import Invoice
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, Refused
from oms_core.orders.commands import NewAdjustment, NewPayment, cancel_order
from oms_core.orders.tables import Order
from oms_core.payments import credit, settling
from oms_core.payments.cod import Remitted, book_remittance
from oms_core.payments.commands import pay
from oms_core.payments.queries import balance, payments_of
from oms_core.payments.rates import NewRate, publish, restate
from oms_core.returns import commands as returns


@pytest.fixture
def desk(engine):
    """A session on a shop with mugs, on the second of March."""
    with on(2), transaction(engine) as session:
        session.info["shop"] = small_shop(session)
        buy(session, session.info["shop"], MUG=(50, 400), BAG=(20, 900))
        yield session


def book(session, order, kind, minor, gateway="card", **more):
    return pay(session, order_id=order.id, kind=kind, amount_minor=minor, gateway=gateway, zone=ZONE, **more)


def test_several_authorisations_are_captured_and_let_go_each_for_itself(desk):
    order = order_with_tax(desk, "anna", MUG=3)
    first = book(desk, order, "authorize", 1000)
    second = book(desk, order, "authorize", 2690)
    assert book(desk, order, "capture", 2000).parent_id == second.id  # the first is too small
    assert book(desk, order, "capture", 400).parent_id == first.id  # the oldest that has enough
    with pytest.raises(Refused, match=r"more than the 6\.00 PLN that is authorised and left"):
        book(desk, order, "capture", 700, parent_id=first.id)
    assert book(desk, order, "void", 600, parent_id=first.id).parent_id == first.id
    with pytest.raises(Refused, match=r"more than the 6\.90 PLN"):
        book(desk, order, "void", 700)
    with pytest.raises(InvalidInput, match="an authorisation of order"):
        book(desk, order, "capture", 100, parent_id=999)
    assert balance(desk, order.id).authorized_minor == 690
    assert broken(desk) == []


def test_a_refund_acts_on_its_capture_and_never_exceeds_it(desk):
    order = order_with_tax(desk, "anna", MUG=1)
    card, transfer = book(desk, order, "capture", 1000), book(desk, order, "capture", 230, "transfer")
    assert book(desk, order, "refund", 200, "transfer").parent_id == transfer.id
    with pytest.raises(Refused, match=r"more than the 0\.30 PLN that is captured and left"):
        book(desk, order, "refund", 31, parent_id=transfer.id)
    # more than any one capture has left is spread over them
    assert book(desk, order, "refund", 1030, "cash").parent_id is None
    with pytest.raises(Refused, match=r"0\.00 PLN"):
        book(desk, order, "refund", 1, parent_id=card.id)
    assert desk.get_one(Order, order.id).payment_status == "refunded"
    assert broken(desk) == []


def test_the_wrong_currency_is_one_clear_sentence_and_leaves_nothing(desk):
    order = order_with_tax(desk, "anna", MUG=1)
    with pytest.raises(InvalidInput) as refused:
        book(desk, order, "capture", 1230, currency="EUR")
    assert refused.value.code == "payment.wrong_currency"
    assert "order OS-000001 is in PLN, and a capture of 12.30 EUR cannot be booked on it" in refused.value.message
    assert payments_of(desk, order.id) == []


def test_money_and_goods_move_independently(desk):
    order = order_with_tax(desk, "anna", MUG=2)
    shop = desk.info["shop"]
    before = available(desk, shop.variants["MUG"], shop.warehouse)
    book(desk, order, "capture", 2460)
    book(desk, order, "refund", 2460)
    assert available(desk, shop.variants["MUG"], shop.warehouse) == before
    ship_all(desk, order)
    assert balance(desk, order.id).captured_minor == 2460


def test_an_order_in_euro_keeps_both_monies_at_the_rate_of_its_day(desk):
    publish(desk, [NewRate("EUR", "PLN", date(2026, 2, 27), "4.2567")], source="NBP")
    order = order_with_tax(
        desk, "hans", currency="EUR", payments=[NewPayment(gateway="card", amount_minor=1230)], MUG=1
    )
    # Monday the 2nd has no rate yet: Friday's counts, and its day is kept.
    assert (order.shop_currency, order.shop_total_minor) == ("PLN", 5236)
    assert (order.shop_rate, order.shop_rate_on) == ("4.2567", date(2026, 2, 27))
    (paid,) = payments_of(desk, order.id)
    assert (str(paid["shop_amount"]), paid["shop_rate_on"]) == ("52.36", date(2026, 2, 27))
    # A refund on another day is worth what that day's rate says.
    with on(9):
        publish(desk, [NewRate("EUR", "PLN", date(2026, 3, 9), "4.3")], source="NBP")
        book(desk, order, "refund", 1000)
    assert str(payments_of(desk, order.id)[1]["shop_amount"]) == "43.00"
    assert broken(desk) == []


def test_a_rate_published_the_other_way_round_is_turned(desk):
    publish(desk, [NewRate("PLN", "CZK", date(2026, 3, 2), "5.75")], source="CNB")
    order = order_with_tax(desk, "pavel", currency="CZK", MUG=1)
    assert (order.shop_total_minor, order.shop_rate) == (214, "0.173913043478")


def test_without_a_rate_the_shop_money_stays_empty_until_one_comes(desk):
    order = order_with_tax(
        desk, "hans", currency="EUR", payments=[NewPayment(gateway="card", amount_minor=1230)], MUG=1
    )
    assert (order.shop_total_minor, order.shop_rate) == (None, None)
    # A rate published after the order's day does not count for it.
    publish(desk, [NewRate("EUR", "PLN", date(2026, 3, 3), "4.5")], source="NBP")
    assert restate(desk, "PLN") == {"orders": 0, "payments": 0, "without_rate": 2}
    publish(desk, [NewRate("EUR", "PLN", date(2026, 3, 1), "4")], source="NBP")
    assert restate(desk, "PLN") == {"orders": 1, "payments": 1, "without_rate": 0}
    desk.refresh(order)
    assert (order.shop_total_minor, order.shop_rate_on) == (4920, date(2026, 3, 1))
    assert broken(desk) == []


@pytest.mark.parametrize(
    ("rate", "said"),
    [(("EUR", "EUR", "4"), "another currency"), (("eur", "PLN", "4"), "three capital"), (("EUR", "PLN", "-1"), "above"),
     (("EUR", "PLN", "4,5"), "decimal number"), (("EUR", "PLN", "nan"), "above zero")],
)  # fmt: skip
def test_a_rate_that_is_none_is_refused(desk, rate, said):
    base, quote, text = rate
    with pytest.raises(InvalidInput, match=said):
        publish(desk, [NewRate(base, quote, date(2026, 3, 2), text)], source="x")


def test_a_different_rate_for_a_day_is_refused_unless_it_replaces(desk):
    day = date(2026, 3, 2)
    assert publish(desk, [NewRate("EUR", "PLN", day, "4.20")], source="a")["added"] == 1
    assert publish(desk, [NewRate("EUR", "PLN", day, "4.2")], source="a")["unchanged"] == 1
    with pytest.raises(Conflict, match=r"is 4\.20 already, and 4\.3 was given"):
        publish(desk, [NewRate("EUR", "PLN", day, "4.3")], source="a")
    assert publish(desk, [NewRate("EUR", "PLN", day, "4.3")], source="a", replace=True)["replaced"] == 1


def test_store_credit_is_issued_spent_and_given_back_on_refund(desk):
    order = order_with_tax(desk, "anna", MUG=1)
    customer = order.customer_id
    assert credit.issue_credit(desk, customer_id=customer, amount_minor=2000, currency="PLN", reason="sorry") == 2000
    paid = settling.spend_credit(desk, order_id=order.id, zone=ZONE)
    assert (paid.gateway, paid.amount_minor, credit.balance(desk, customer, "PLN")) == ("store_credit", 1230, 770)
    book(desk, order, "refund", 230, "store_credit")
    assert credit.balance(desk, customer, "PLN") == 1000
    with pytest.raises(Refused, match=r"has 10\.00 PLN"):
        credit.issue_credit(desk, customer_id=customer, amount_minor=-1001, currency="PLN", reason="mistake")
    with pytest.raises(InvalidInput, match="a word on why"):
        credit.issue_credit(desk, customer_id=customer, amount_minor=1, currency="PLN", reason=" ")
    with pytest.raises(NotFound):
        credit.issue_credit(desk, customer_id=999, amount_minor=1, currency="PLN", reason="x")
    # In another currency there is none of it.
    assert credit.balance(desk, customer, "EUR") == 0
    assert broken(desk) == []


def test_a_card_payment_may_be_given_back_as_store_credit(desk):
    order = order_with_tax(desk, "anna", payments=[NewPayment(gateway="card", amount_minor=1230)], MUG=1)
    back = book(desk, order, "refund", 1230, "store_credit")
    assert credit.balance(desk, order.customer_id, "PLN") == 1230
    assert payments_of(desk, order.id)[0]["id"] == back.parent_id
    assert broken(desk) == []


def test_store_credit_pays_an_order_as_it_is_placed_or_the_order_is_not_taken(desk):
    anna = order_with_tax(desk, "anna", MUG=1)
    credit.issue_credit(desk, customer_id=anna.customer_id, amount_minor=1500, currency="PLN", reason="sorry")
    by_credit = [NewPayment(gateway="store_credit", amount_minor=1230)]
    with desk.begin_nested(), pytest.raises(Refused, match="store credit"):
        order_with_tax(desk, "nobody", payments=by_credit, MUG=1)


def test_what_is_written_off_is_no_money(desk):
    order = order_with_tax(desk, "anna", MUG=1)
    book(desk, order, "capture", 1200)
    with pytest.raises(InvalidInput, match="a command of its own"):
        book(desk, order, "capture", 30, "write_off")
    with pytest.raises(Refused, match=r"still owes 0\.30 PLN; at most 0\.20 PLN"):
        settling.write_off(desk, order_id=order.id, reason="small", limit_minor=20, zone=ZONE)
    settling.write_off(desk, order_id=order.id, reason="small", zone=ZONE)
    with pytest.raises(Refused, match=r"12\.01 PLN is more than the 12\.00 PLN"):
        book(desk, order, "refund", 1201)
    with pytest.raises(Refused, match="owes nothing"):
        settling.write_off(desk, order_id=order.id, reason="small", zone=ZONE)
    assert broken(desk) == []


def test_more_at_the_door_than_owed_shows_as_over_paid(desk):
    at_door = NewPayment(gateway="cod", amount_minor=1230, kind="authorize")
    order = order_with_tax(desk, "anna", payments=[at_door], MUG=1)
    ship_all(desk, order, tracking="T-1")
    rows = [Remitted("T-1", 1300, "PLN")]
    (row,) = book_remittance(desk, carrier="inpost", reference="1", rows=rows, zone=ZONE)["rows"]
    assert (row["outcome"], row["booked_minor"]) == ("over", 1300)
    assert balance(desk, order.id).overpaid_minor == 70
    (again,) = book_remittance(desk, carrier="inpost", reference="2", rows=rows, zone=ZONE)["rows"]
    assert (again["outcome"], again["booked_minor"]) == ("already_paid", 0)
    with pytest.raises(Conflict, match="with other rows"):
        book_remittance(desk, carrier="inpost", reference="1", rows=[Remitted("T-1", 1, "PLN")], zone=ZONE)
    with pytest.raises(InvalidInput, match="each parcel once"):
        book_remittance(desk, carrier="inpost", reference="3", rows=rows * 2, zone=ZONE)
    assert broken(desk) == []


@pytest.mark.parametrize("percent", [23, 8])
def test_prices_that_hold_tax_are_taken_apart(desk, percent):
    from dataclasses import replace

    holds = replace(SHOP, included_tax_percent=str(percent))
    carriage = [NewAdjustment(kind="shipping", amount_minor=999), NewAdjustment(kind="discount", amount_minor=-101)]
    order = order_with_tax(desk, "anna", adjustments=carriage, percent=0, MUG=2, BAG=1)
    invoice = commands.issue_invoice(desk, holds, order_id=order.id)
    assert invoice.gross_minor == order.total_minor == 4898
    assert invoice.tax_minor == pytest.approx(4898 * percent / (100 + percent), abs=2)
    ship_all(desk, order)
    back = send_back(desk, desk.info["shop"], order, {line_ids(desk, order)["MUG"]: 1})
    correction = commands.correct_for_return(desk, holds, return_id=back.id)
    assert -correction.gross_minor == back.total_minor
    assert -correction.tax_minor == pytest.approx(back.total_minor * percent / (100 + percent), abs=2)
    assert broken(desk) == []


def test_everything_returned_leaves_an_invoice_of_nothing(desk):
    off = [NewAdjustment(kind="discount", amount_minor=-333)]
    order = order_with_tax(desk, "anna", adjustments=off, MUG=3, BAG=2)
    commands.issue_invoice(desk, SHOP, order_id=order.id)
    ship_all(desk, order)
    keys = line_ids(desk, order)
    first = send_back(desk, desk.info["shop"], order, {keys["MUG"]: 1, keys["BAG"]: 1})
    second = send_back(desk, desk.info["shop"], order, {keys["MUG"]: 2, keys["BAG"]: 1})
    made = [commands.correct_for_return(desk, SHOP, return_id=r.id) for r in (first, second)]
    assert [-c.gross_minor for c in made] == [first.total_minor, second.total_minor]
    assert sum(c.gross_minor for c in made) == -order.total_minor
    # asked for again it is the same correction
    assert commands.correct_for_return(desk, SHOP, return_id=first.id).id == made[0].id
    assert broken(desk) == []


def test_what_cannot_be_invoiced_or_corrected_says_why(desk):
    order = order_with_tax(desk, "anna", MUG=2)
    with pytest.raises(InvalidInput, match="whose check digit fits"):
        commands.issue_invoice(desk, SHOP, order_id=order.id, buyer=Buyer(tax_id="774-000-14-55"))
    draft = commands.draft_invoice(desk, SHOP, order_id=order.id)
    with pytest.raises(Refused, match="Invoice draft"):
        commands.correct_invoice(desk, SHOP, invoice_id=draft.id, lines={1: NewValue(1, 1, 0)}, reason="x")
    issued = commands.issue_invoice(desk, SHOP, order_id=order.id)
    assert issued.id == draft.id
    with pytest.raises(Refused, match="has invoice FV/2026/00001 already"):
        commands.issue_invoice(desk, SHOP, order_id=order.id, buyer=Buyer(name="Someone else"))
    with pytest.raises(NotFound, match="invoice line"):
        commands.correct_invoice(desk, SHOP, invoice_id=issued.id, lines={9: NewValue(1, 1, 0)}, reason="x")
    buyer = commands.correct_invoice(desk, SHOP, invoice_id=issued.id, buyer=Buyer(tax_id="7740001454"), reason="NIP")
    assert (buyer.gross_minor, buyer.buyer_tax_id, buyer.corrects_id) == (0, "7740001454", issued.id)
    gone = order_with_tax(desk, "jan", MUG=1)
    cancel_order(desk, gone.id, reason="x", zone=ZONE)
    with pytest.raises(Refused, match="is cancelled"):
        commands.issue_invoice(desk, SHOP, order_id=gone.id)
    assert broken(desk) == []


def test_a_part_of_a_payment_may_settle_another_invoice_of_the_same_customer(desk):
    first, second = order_with_tax(desk, "anna", MUG=1), order_with_tax(desk, "anna2", MUG=1)
    second.customer_id = first.customer_id
    desk.flush()
    commands.issue_invoice(desk, SHOP, order_id=first.id)
    commands.issue_invoice(desk, SHOP, order_id=second.id)
    book(desk, first, "capture", 2000, "transfer")
    commands.settle(desk)
    from oms_core.finance.ageing import open_entries

    claim, money = sorted(open_entries(desk, side="receivable", today=date(2026, 3, 2)), key=lambda e: -e["open_minor"])
    assert (claim["open_minor"], money["open_minor"]) == (1230, -770)
    with pytest.raises(Refused, match=r"more than the 7\.70 PLN open"):
        commands.match(desk, claim_id=claim["id"], settling_id=money["id"], amount_minor=771)
    assert commands.match(desk, claim_id=claim["id"], settling_id=money["id"]) == 770
    (left,) = open_entries(desk, side="receivable", today=date(2026, 3, 2))
    assert left["open_minor"] == 460
    with pytest.raises(NotFound):
        commands.match(desk, claim_id=money["id"], settling_id=claim["id"])
    assert broken(desk) == []


def test_freight_by_weight_needs_weights_and_by_value_one_currency(desk):
    from oms_core.catalog.tables import Variant

    _, receipt = buy(desk, desk.info["shop"], MUG=(4, 400), TIN=(2, 1000))
    freight = {"kind": "freight", "amount_minor": 1000, "currency": "PLN", "receipt_ids": [receipt.id], "zone": ZONE}
    with pytest.raises(Refused, match="have no weight: MUG, TIN"):
        commands.land_cost(desk, basis="weight", **freight)
    for sku, grams in (("MUG", 250), ("TIN", 1000)):
        desk.get_one(Variant, desk.info["shop"].variants[sku]).weight_g = grams
    desk.flush()
    commands.land_cost(desk, basis="weight", **freight)
    worth = {row["sku"]: row for row in cost_queries.stock_value(desk, SHOP)}
    assert worth["TIN"]["value_minor"] == 2000 + 667  # 2 kg of 3 kg
    assert worth["MUG"]["layers"][1]["cost_minor"] == 1600 + 333
    with pytest.raises(InvalidInput, match="one of value, quantity, weight"):
        commands.land_cost(desk, basis="colour", **freight)
    with pytest.raises(NotFound):
        commands.land_cost(desk, **{**freight, "receipt_ids": [999]})


def test_goods_bought_in_euro_without_a_rate_have_no_known_cost(engine):
    with on(2), transaction(engine) as session:
        shop = small_shop(session, currency="EUR")
        buy(session, shop, MUG=(10, 100))
        (row,) = cost_queries.stock_value(session, SHOP)
        assert (row["units"], row["value_minor"], row["unknown_units"]) == (10, 0, 10)
        assert cost_queries.totals(session, SHOP)["without_rate"] == ["GR-1001 (EUR on 2026-03-02)"]
        publish(session, [NewRate("EUR", "PLN", date(2026, 3, 1), "4.25")], source="NBP")
        (row,) = cost_queries.stock_value(session, SHOP)
        assert (row["value_minor"], row["unknown_units"]) == (4250, 0)


def test_a_return_refunded_to_the_card_finds_its_way_in_the_ledger(desk):
    order = order_with_tax(desk, "anna", payments=[NewPayment(gateway="card", amount_minor=2460)], MUG=2)
    ship_all(desk, order)
    back = send_back(desk, desk.info["shop"], order, {line_ids(desk, order)["MUG"]: 1})
    with pytest.raises(Refused, match="without an issued invoice"):
        commands.correct_for_return(desk, SHOP, return_id=back.id)
    returns.refund_return(desk, return_id=back.id, gateway="card", zone=ZONE)
    commands.issue_invoice(desk, SHOP, order_id=order.id)
    commands.correct_for_return(desk, SHOP, return_id=back.id)
    from oms_core.finance.ageing import open_entries

    assert open_entries(desk, side="receivable", today=date(2026, 3, 2)) == []
    assert broken(desk) == []


def test_an_invoice_follows_an_order_that_was_changed_after_it(desk):
    from oms_core.order_changes import commands as changes

    carriage = [NewAdjustment(kind="shipping", amount_minor=999)]
    order = order_with_tax(desk, "anna", adjustments=carriage, MUG=3, BAG=1)
    commands.issue_invoice(desk, SHOP, order_id=order.id)
    with pytest.raises(Refused, match="Nothing of the invoice changes"):
        commands.correct_for_order(desk, SHOP, order_id=order.id, reason="edit")
    actions = [
        {"kind": "set_quantity", "line_id": line_ids(desk, order)["MUG"], "quantity": 2},
        {"kind": "add_line", "sku": "BAG", "quantity": 1},
        {"kind": "set_shipping", "amount_minor": 500},
    ]
    changes.confirm(desk, changes.propose(desk, order.id, actions, zone=ZONE).id, zone=ZONE)
    desk.refresh(order)
    correction = commands.correct_for_order(desk, SHOP, order_id=order.id, reason="edit")
    whole = desk.get_one(Invoice, correction.corrects_id).gross_minor + correction.gross_minor
    assert whole == order.total_minor
    assert broken(desk) == []
