"""Finance: each side on a shop with money in every state, in an empty one, with the wrong input, in Polish."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import streamlit
from books_shop import TODAY
from page_reader import Open, words

from app import bills, books, settlements
from app.i18n import speaking
from app.views import finance_bill_entry, finance_cod, finance_correct, finance_ledger, finance_stock
from oms_core.kernel.errors import InvalidInput

SIDES = ("receivables", "payables", "invoices", "credit", "payouts", "stock")


def press(at, key: str):
    return next(button for button in at.button if button.key == key).click().run()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_side_opens_without_a_fault(money: Open, side: str, language: str) -> None:
    at = money("finance", finance_view=side, lang=language)
    assert not at.exception
    assert not at.error
    assert "This card failed" not in words(at)
    assert at.title[0].value == {"en": "Finance", "pl": "Finanse"}[language]


def test_receivables_are_the_ledgers_by_age_in_one_currency(money: Open) -> None:
    at = money("finance")
    tiles = {m.label: m.value.replace("\u00a0", " ") for m in at.metric}
    assert tiles == {
        "Not due yet": "PLN 61.50", "1–30 days late": "PLN 49.20", "31–60 days late": "PLN 47.81",
        "61–90 days late": "PLN 0.00", "Over 90 days late": "PLN 12.30",
    }  # fmt: skip
    other = money("finance", ledger_currency="EUR")
    assert {m.value for m in other.metric} == {"€0.00", "€24.60"}


def test_an_age_that_holds_nothing_offers_to_show_everything(money: Open) -> None:
    at = money("finance", ledger_age="days_61_90")
    assert "No open document matches" in words(at)
    shown = press(at, "ledger_reset")
    assert "No open document matches" not in words(shown)


def test_an_account_tells_its_documents_and_its_statement(money: Open) -> None:
    entries = books.open_documents("receivable", TODAY.date())
    part_paid = next(entry for entry in entries if entry["name"] == "Bartek")
    at = money("finance", account=f"{part_paid['party']}|PLN")
    assert "FV/2026/00002" in words(at)
    told = books.statement(part_paid["party"], "PLN", date(2026, 3, 1), TODAY.date())
    assert [entry["balance_minor"] for entry in told["entries"]] == [2460, 1460]
    assert told["closing_minor"] == part_paid["open_minor"]


def test_a_search_leaves_what_it_names() -> None:
    entry = {
        "party": "C:1", "name": "Anna", "kind": "invoice", "document": "FV/1", "order": "OS-1",
        "due_on": date(2026, 1, 1), "amount_minor": 100, "open_minor": 100, "currency": "PLN", "days_late": 3,
        "bucket": "days_1_30",
    }  # fmt: skip
    other = {**entry, "party": "C:2", "name": "Ewa", "document": "FV/2", "order": "OS-2", "currency": "EUR"}
    view = finance_ledger.build([entry, other], side="receivable", currency="PLN", text="os-1")
    assert view.opens == ("C:1|PLN",)
    assert view.parties["open"].to_list() == [100]
    assert finance_ledger.build([entry, other], side="receivable", currency="PLN", text="ewa").documents.is_empty()


def test_a_bill_that_differs_is_named_approved_with_a_reason_and_paid(own_money: Open) -> None:
    at = own_money("finance", finance_view="payables", bill="SI-1002")
    assert any("billed at 3.75 PLN, ordered at 3.60 PLN" in str(w.value) for w in at.warning)
    assert next(b for b in at.button if b.key == "bill_approve").disabled
    at.text_input(key="bill_accept").input("agreed by telephone").run()
    press(at, "bill_approve")
    assert bills.bill("SI-1002")["state"] == "approved"
    at = press(own_money("finance", finance_view="payables", bill="SI-1002"), "bill_pay")
    assert not at.exception
    assert bills.bill("SI-1002")["state"] == "paid"
    assert [row["document"] for row in books.open_documents("payable", TODAY.date())] == ["FV 17/02"]


def test_a_bill_that_is_not_there_is_one_sentence(money: Open) -> None:
    at = money("finance", finance_view="payables", bill="SI-9999", lang="pl")
    assert not at.exception
    assert len(at.error) == 1
    assert "supplier_invoice.not_found" in str(at.error[0].value) or "not_found" in str(at.error[0].value)


def test_invoices_are_searched_and_an_unknown_word_is_said(money: Open) -> None:
    assert [row["number"] for row in books.invoices(text="celina", state="correction")] == ["FK/2026/00001"]
    at = money("finance", finance_view="invoices", invoices_q="nobody at all")
    assert "No invoice matches" in words(at)


def test_an_order_is_invoiced_and_an_unknown_one_refused(own_money: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "toast", lambda *_words, **_looks: None)  # AppTest cannot read one beside a drawer
    at = own_money("finance", finance_view="invoices")
    at.text_input(key="invoice_order").input("#OS-999999").run()
    refused = press(at, "invoice_issue")
    assert "order.not_found" in str(refused.error[0].value)
    at = own_money("finance", finance_view="invoices")
    at.text_input(key="invoice_order").input("#OS-000011").run()
    made = press(at, "invoice_issue")
    assert not made.error
    assert books.invoice("OS-000011")["number"] == "FV/2026/00008"


def test_a_correction_by_hand_starts_from_what_the_lines_say_now(money: Open) -> None:
    del money
    lines = books.invoice("FV/2026/00003")["now"]
    unchanged = [[3], ["27.00"], ["6.21"]]
    assert finance_correct.changed(lines, unchanged, "PLN") == {}
    ((position, value),) = finance_correct.changed(lines, [[2], ["18,00"], ["4.14"]], "PLN").items()
    assert (position, value.quantity, value.net_minor, value.tax_minor) == (1, 2, 1800, 414)
    with pytest.raises(InvalidInput, match="amount"):
        finance_correct.changed(lines, [[2], ["18.005"], ["4.14"]], "PLN")


def test_billed_lines_leave_out_what_was_not_billed() -> None:
    lines = [{"id": 7}, {"id": 8}]
    (line,) = finance_bill_entry.billed(lines, [0, 5], ["1.00", "3,40"], "PLN")
    assert (line.line_id, line.quantity, line.unit_cost_minor) == (8, 5, 340)


def test_money_paid_too_much_goes_back_and_a_small_rest_is_forgiven(own_money: Open) -> None:
    at = press(own_money("finance", finance_view="credit", uneven="OS-000011"), "uneven_refund")
    assert not at.error
    at = own_money("finance", finance_view="credit", uneven="OS-000012")
    at.text_input(key="uneven_reason").input("enough").run()
    assert not press(at, "uneven_forgive").error
    assert {row["number"] for row in settlements.uneven()} == {"OS-000002", "OS-000009"}


def test_a_large_rest_cannot_be_forgiven(money: Open) -> None:
    at = money("finance", finance_view="credit", uneven="OS-000002")
    assert next(b for b in at.button if b.key == "uneven_forgive").disabled
    assert "ask the customer for the rest" in words(at)


def test_a_couriers_list_tells_what_fits_and_whose_money_is_missing(money: Open) -> None:
    at = money("finance", finance_view="credit", credit_view="cod", list="1")
    assert "1 of 3 parcels matched" in words(at)
    assert [(row["tracking_number"], row["expected_minor"]) for row in settlements.missing()] == [
        ("T-igor", 230), ("T-jola", 1230),
    ]  # fmt: skip
    booked = finance_cod.build(settlements.booked_list(1)["rows"])
    assert booked["outcome"].to_list() == [["Unknown parcel"], ["Too little"], ["Matched"]]


def test_a_couriers_file_is_read_as_written_or_refused() -> None:
    rows = finance_cod.remitted(b"Parcel;Amount\nT-1;12,30\nT-2;5\n", "list.csv", "PLN")
    assert [(row.name, row.amount_minor, row.currency) for row in rows] == [("T-1", 1230, "PLN"), ("T-2", 500, "PLN")]
    with pytest.raises(InvalidInput, match="missing amount"):
        finance_cod.remitted(b"parcel,sum\nT-1,12.30\n", "list.csv", "PLN")


def test_credit_is_given_once_and_stands_in_the_account(own_money: Open) -> None:
    at = own_money("finance", finance_view="credit", credit_view="store_credit")
    at.text_input(key="credit_who").input("leon@example.com").run()
    at.number_input(key="credit_amount").set_value(3.0).run()
    at.text_input(key="credit_reason").input("sorry").run()
    assert not press(at, "credit_give").error
    assert {row["balance_minor"] for row in settlements.balances()} == {2500, 1000}


def test_stock_is_worth_what_its_deliveries_cost(money: Open) -> None:
    at = money("finance", finance_view="stock", worth="MUG")
    assert "19 units came from GR-1001 at 3.40 PLN each, PLN\u00a064.60 in all" in words(at)
    assert "20 units came from GR-1002 at 3.60 PLN each, PLN\u00a072.00 in all" in words(at)
    averaged = money("finance", finance_view="stock", worth="MUG", worth_method="average")
    assert "the moving average" in words(averaged)


def test_the_goods_of_an_order_are_told_and_an_unknown_order_refused(money: Open) -> None:
    at = money("finance", finance_view="stock")
    told = at.text_input(key="worth_order").input("OS-000003").run()
    assert "3 units came from GR-1001 at 3.40 PLN each" in words(told)
    refused = at.text_input(key="worth_order").input("OS-123456").run()
    assert "order.not_found" in str(refused.error[0].value)


def test_a_layer_without_a_cost_says_so_in_both_languages() -> None:
    layer = {"label": "stock without a known cost", "units": 2, "cost_minor": 0, "is_known": False}
    assert finance_stock.sentence(layer, "PLN").endswith("their cost is not known")
    with speaking("pl"):
        assert finance_stock.sentence(layer, "PLN") == "2 sztuki, źródło: zapas o nieznanym koszcie, koszt nieznany"


def test_a_unit_cost_that_does_not_come_out_even_has_two_digits_more() -> None:
    assert finance_stock.unit_cost(1000, 3, "PLN") == "3.3333"
    assert finance_stock.unit_cost(1000, 4, "PLN") == "2.50"
    assert finance_stock.unit_cost(0, 0, "PLN") == ""
    assert Decimal(finance_stock.unit_cost(250, 1, "PLN")) == Decimal("2.50")


def test_a_shop_without_orders_says_what_to_do(empty_shop: Open) -> None:
    at = empty_shop("finance")
    assert "No orders yet" in words(at)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "No invoice was issued yet"),
        ({"finance_view": "payables"}, "No supplier's bill was entered yet"),
        ({"finance_view": "invoices"}, "No invoice was issued yet"),
        ({"finance_view": "credit", "credit_view": "uneven"}, "Every paid order is paid exactly"),
        ({"finance_view": "credit", "credit_view": "cod"}, "No money is missing"),
        ({"finance_view": "credit", "credit_view": "store_credit"}, "Nobody has store credit"),
    ],
)
def test_a_shop_without_books_says_so(shop: Open, query: dict[str, str], said: str) -> None:
    at = shop("finance", **query)
    assert not at.exception
    assert said in words(at)
