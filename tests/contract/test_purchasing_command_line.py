"""The buyer's commands, as typed: draft, send with its paper, receive in two goes; on both databases."""

from __future__ import annotations

import csv
import io
import json

import pdfplumber
import pytest
from small_shop import small_shop
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop


@pytest.fixture
def order(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one purchase-orders command on the shop and gives status and answer."""
    with transaction(engine) as session:
        small_shop(session)
        save_shop(session, Shop(name="Sklep", language="pl"))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str):
        done = CliRunner().invoke(app, ["purchase-orders", *words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_from_draft_to_the_shelf(order, tmp_path):
    status, drafted = order("draft", "--supplier", "ACME", "MUG=12", "BAG=6@8.25", "--note", "rampa 2")
    assert (status, drafted["number"], drafted["total"], drafted["currency"]) == (0, "PO-1001", "109.50", "PLN")
    assert order("change", "PO-1001", "BAG=12")[1]["total"] == "159.00"
    status, sent = order("send", "PO-1001", "--out", str(tmp_path / "po.pdf"))
    assert (status, sent["state"], sent["bytes"]) == (0, "sent", (tmp_path / "po.pdf").stat().st_size)
    with pdfplumber.open(tmp_path / "po.pdf") as paper:
        assert "Zamówienie zakupu" in paper.pages[0].extract_text()
    assert order("confirm", "PO-1001", "--expected-on", "2099-01-31")[1]["expected_on"] == "2099-01-31"
    assert order("receive", "PO-1001", "MUG=5")[1]["state"] == "partially_received"
    status, done = order("receive", "po-1001")
    assert (done["state"], done["units"], done["receipt"]) == ("received", 19, "GR-1002")
    assert order("close", "PO-1001")[1]["state"] == "closed"
    (row,) = order("list", "--state", "closed", "--supplier", "ACME")[1]
    assert (row["received_qty"], row["to_come_qty"], row["total"]) == (24, 0, "159.00")
    shown = order("show", "PO-1001")[1]
    assert [line["value"] for line in shown["lines"]] == ["60.00", "99.00"]
    assert len(shown["timeline"]) == 7


def test_the_csv_for_the_supplier(order, tmp_path):
    order("draft", "--supplier", "ACME", "TIN=6")
    assert order("document", "PO-1001", "--out", str(tmp_path / "po.csv"), "--language", "en")[0] == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "po.csv").read_text(encoding="utf-8-sig")))
    assert (row["SKU"], row["Your code"], row["Units"], row["Unit cost"], row["Value"]) == (
        "TIN", "AC-TIN", "6", "15.00", "90.00",
    )  # fmt: skip


WRONG = [
    (("draft", "--supplier", "ACNE", "MUG=1"), "supplier.not_found", 1),
    (("draft", "--supplier", "ACME", "MOG=1"), "variant.not_found", 1),
    (("draft", "--supplier", "ACME", "MUG"), "input.line", 2),
    (("draft", "--supplier", "ACME", "MUG=-3"), "purchase_order.lines", 2),
    (("draft", "--supplier", "ACME", "MUG=1@dear"), "input.amount", 2),
    (("draft", "--supplier", "ACME", "--location", "MOON", "MUG=1"), "location.not_found", 1),
    (("show", "PO-9"), "purchase_order.not_found", 1),
    (("list", "--state", "lost"), "input.state", 2),
    (("send", "PO-1001", "--out", "/nowhere/po.pdf"), "input.out", 2),
    (("send", "PO-1001", "--out", "po.docx"), "input.out", 2),
    (("send", "PO-1001", "--out", "po.pdf", "--language", "xx"), "input.language", 2),
    (("receive", "PO-1001"), "purchase_order.transition_refused", 1),
    (("confirm", "PO-1001", "--expected-on", "soon"), "input.expected_on", 2),
]


def test_wrong_words_get_a_sentence_and_change_nothing(order):
    order("draft", "--supplier", "ACME", "MUG=1")
    for words, code, status in WRONG:
        left, told = order(*words)
        assert (left, told["code"]) == (status, code), words
        assert told["hint"], words
    assert [row["state"] for row in order("list")[1]] == ["draft"]


def test_too_much_is_refused_by_name(order):
    order("draft", "--supplier", "ACME", "MUG=4")
    order("send", "PO-1001")
    status, told = order("receive", "PO-1001", "MUG=5")
    assert (status, told["code"]) == (1, "purchase_order.over_receipt")
    assert told["lines"] == [{"line_id": 1, "sku": "MUG", "arrived": 5, "to_come": 4}]
    assert order("receive", "PO-1001", "MOG=1")[1]["hint"] == "Did you mean 'MUG'?"
