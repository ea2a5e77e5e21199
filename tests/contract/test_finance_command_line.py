"""The book-keeper's commands, as typed; on both databases."""

from __future__ import annotations

import json

import pdfplumber
import pytest
from finance_shop import SHOP, buy, order_with_tax, ship_all, small_shop
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import save_shop
from oms_core.orders.commands import NewPayment


@pytest.fixture
def typed(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one command on the shop and gives status and answer."""
    with transaction(engine) as session:
        shop = small_shop(session)
        save_shop(session, SHOP)
        buy(session, shop, MUG=(10, 340), BAG=(4, 900))
        at_door = NewPayment(gateway="cod", amount_minor=1230, kind="authorize")
        ship_all(session, order_with_tax(session, "anna", payments=[at_door], MUG=1), tracking="T-1")
        order_with_tax(session, "hans", currency="EUR", MUG=2)
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str):
        done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_from_the_couriers_list_to_the_paid_invoice(typed, tmp_path):
    status, made = typed("invoices", "issue", "OS-000001", "--tax-id", "774-000-14-54")
    assert (status, made.get("gross"), made.get("buyer_tax_id")) == (0, "12.30", "7740001454"), made
    (row,) = typed("ledger", "ageing")[1]
    assert (row["name"], row["open"]) == ("Anna", "12.30")
    courier = tmp_path / "list.csv"
    courier.write_text("parcel;amount\nT-1;12,30\nT-9;5,00\n", encoding="utf-8")
    status, said = typed("payments", "remittance", str(courier), "--carrier", "inpost", "--reference", "L1")
    assert (status, said["booked"], [r["outcome"] for r in said["rows"]]) == (0, "12.30", ["matched", "unknown"])
    assert typed("ledger", "open")[1] == []
    assert typed("payments", "missing", "--carrier", "inpost")[1] == []
    paper = tmp_path / "f.pdf"
    assert typed("invoices", "document", made["number"], "--out", str(paper), "--language", "pl")[0] == 0
    with pdfplumber.open(paper) as opened:
        assert "Faktura" in opened.pages[0].extract_text()
    status, corrected = typed("invoices", "correct", made["number"], "1=1:9.00:2.07", "--reason", "promised")
    assert (status, corrected["number"][:8], corrected["gross"]) == (0, "FK/" + made["number"][3:7] + "/", "-1.23")
    assert [(row["kind"], row["open"]) for row in typed("ledger", "open")[1]] == [("correction", "-1.23")]


def test_an_order_is_invoiced_in_parts(typed):
    assert typed("invoices", "issue", "OS-000002", "--shipped")[1]["code"] == "invoice.nothing_shipped"
    assert typed("invoices", "issue", "OS-000002", "--units", "MUG=3")[1]["code"] == "invoice.more_than_ordered"
    assert typed("invoices", "issue", "OS-000002", "--units", "CUP=1")[1]["code"] == "order_line.not_found"
    both = typed("invoices", "issue", "OS-000002", "--units", "MUG=1", "--shipped")
    assert (both[0], both[1]["code"]) == (2, "invoice.which_part")
    one = typed("invoices", "issue", "OS-000002", "--units", "MUG=1")[1]
    told = typed("invoices", "left", "OS-000002")[1]
    assert (one["gross"], told["ordered"], told["invoiced"], told["left"]) == ("12.30", "24.60", "12.30", "12.30")
    assert [(x["sku"], x["left"]) for x in told["lines"]] == [("MUG", 1)]
    other = typed("invoices", "issue", "OS-000002")[1]
    assert (other["gross"], typed("invoices", "issue", "OS-000002")[1]["number"]) == ("12.30", other["number"])
    assert typed("invoices", "seller", "--when-shipped")[1]["invoice_shipped_since"]
    assert typed("invoices", "seller", "--by-hand")[1]["invoice_shipped_since"] == ""
    assert typed("invoices", "issue", "OS-000001", "--shipment", "T-9")[1]["code"] == "shipment.not_found"


def test_rates_give_waiting_orders_their_value(typed, tmp_path):
    status, shown = typed("payments", "show", "OS-000002")
    assert (status, shown["shop_total"], shown["due"]) == (0, None, "24.60")
    file = tmp_path / "rates.csv"
    file.write_text("date,base,quote,rate\n2020-01-02,EUR,PLN,4.2567\n", encoding="utf-8")
    status, taken = typed("rates", "import", str(file), "--source", "NBP")
    assert (status, taken["added"], taken["orders"], taken["without_rate"]) == (0, 1, 1, 0)
    assert typed("payments", "show", "OS-000002")[1]["shop_total"] == "104.71"
    assert typed("rates", "import", str(file))[1]["unchanged"] == 1
    file.write_text("date,base,quote,rate\n2020-01-02,EUR,PLN,4.30\n", encoding="utf-8")
    status, refused = typed("rates", "import", str(file))
    assert (status, refused["code"]) == (1, "rate.different")
    assert typed("rates", "show", "EUR", "--on", "2021-05-01")[1]["published_for"] == "2020-01-02"
    assert typed("rates", "show", "USD")[1]["code"] == "exchange_rate.not_found"


def test_wrong_currency_and_too_much_are_one_sentence(typed):
    words = ("payments", "book", "OS-000002", "--kind", "capture", "--gateway", "card")
    status, said = typed(*words, "--amount", "10", "--currency", "PLN")
    assert (status, said["code"]) == (2, "payment.wrong_currency")
    assert said["message"].count(".") <= 3
    assert "order OS-000002 is in EUR" in said["message"]
    assert typed(*words, "--amount", "10.005")[1]["code"] == "input.amount"
    assert typed(*words, "--amount", "10", "--currency", "EUR")[1]["due"] == "14.60"
    status, said = typed("payments", "write-off", "OS-000002", "--reason", "lost")
    assert (status, said["code"]) == (1, "payment.write_off_too_large")


def test_a_bill_freight_and_the_cost_of_goods(typed):
    status, bill = typed(
        "ledger", "bill", "PO-1001", "MUG=10@3.60", "BAG=4@9.00", "--number", "F/1", "--issued-on", "2026-03-02"
    )
    assert (status, bill["net"], len(bill["differences"])) == (0, "72.00", 1)
    assert typed("ledger", "check-bill", bill["number"])[0] == 1
    assert typed("ledger", "approve-bill", bill["number"])[1]["code"] == "supplier_invoice.differs"
    assert typed("ledger", "approve-bill", bill["number"], "--accept", "new list")[1]["state"] == "approved"
    assert typed("ledger", "pay-bill", bill["number"])[1]["state"] == "paid"
    assert typed("costs", "land", "GR-1001", "--kind", "freight", "--amount", "14", "--by", "quantity")[0] == 0
    (line,) = typed("costs", "goods", "OS-000001")[1]
    assert (line["cost"], line["sentence"]) == ("4.60", "1 unit of MUG cost 4.60 PLN: 1 from GR-1001 at 4.60.")
    (layer,) = typed("costs", "layers", "MUG")[1]
    assert (layer["units"], layer["cost"]) == (9, "41.40")
    assert typed("costs", "totals")[1]["difference"] == "0.00"
    assert typed("costs", "opening", "TIN=2.53")[1]["variants"] == 1
    assert typed("costs", "value", "--method", "lifo")[1]["code"] == "input.method"


def test_store_credit_is_issued_spent_and_shown(typed):
    status, given = typed(
        "payments", "issue-credit", "hans@example.com", "--amount", "30", "--currency", "EUR", "--reason", "sorry"
    )
    assert (status, given["balance"]) == (0, "30.00")
    assert typed("payments", "spend-credit", "OS-000002")[1]["due"] == "0.00"
    entries = typed("payments", "credit", "hans@example.com")[1]
    assert [(e["kind"], e["balance"]) for e in entries] == [("issue", "30.00"), ("spend", "5.40")]


def test_a_match_is_listed_and_taken_back_with_a_reason(typed, tmp_path):
    number = typed("invoices", "issue", "OS-000001")[1]["number"]
    courier = tmp_path / "list.csv"
    courier.write_text("parcel;amount\nT-1;12,30\n", encoding="utf-8")
    assert typed("ledger", "open")[1][0]["document"] == number
    claim = typed("ledger", "open")[1][0]["id"]
    assert typed("payments", "remittance", str(courier), "--carrier", "inpost", "--reference", "L1")[0] == 0
    (found,) = typed("ledger", "matches", str(claim))[1]
    assert (found["claim"], found["amount"]) == (number, "12.30")
    status, was = typed("ledger", "unmatch", str(found["id"]), "--reason", "another order's money")
    assert (status, was["amount"], typed("ledger", "matches", str(claim))[1]) == (0, "12.30", [])
    assert sorted(row["open"] for row in typed("ledger", "open")[1]) == ["-12.30", "12.30"]
    assert typed("ledger", "unmatch", "4711", "--reason", "x")[0] == 1
    status, said = typed("ledger", "match", str(claim), str(found["settling_id"]))
    assert (status, said["matched"]) == (0, "12.30")
