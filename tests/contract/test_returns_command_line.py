"""The commands of returns, exchanges, claims and withdrawals, as typed, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta

import pdfplumber
import pytest
from held import NOON
from small_shop import ZONE, deliver_all, sell, small_shop, stock
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def typed(engine, database_url, tmp_path, monkeypatch):
    """Return a function that runs one command on a shop with a delivered order and gives status and answer."""
    with transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=20, BAG=20, TIN=20)
        save_shop(session, Shop(zone=ZONE, currency="PLN", name="Kubek i Torba", language="pl"))
        deliver_all(session, sell(session, shop, "anna", MUG=3, BAG=2))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words, form="json"):
        done = CliRunner().invoke(app, [*words, "--format", form])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if form != "json":
            return done.exit_code, done.output
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_return_is_counted_inspected_and_refunded_by_policy(typed):
    assert typed("returns", "policy", "web", "channel=web", "fee_bp=1000", "grade_cuts.c=5000")[0] == 0
    assert typed("orders", "return", "OS-000001", "MUG=2", "--reason", "too_big")[1]["number"] == "RET-1001"
    first = typed("returns", "count", "RET-1001", "MUG=2", "--location", "WRO")[1]
    assert [(u["sku"], u["disposition"]) for u in first] == [("MUG", "counted")] * 2
    units = [f"{u['unit']}={said}" for u, said in zip(first, ["restock:a", "damaged:c"], strict=True)]
    looked = typed("returns", "inspect", "RET-1001", *units, "--note", "worn")[1]
    assert [(u["disposition"], u["grade"]) for u in looked] == [("restock", "a"), ("damaged", "c")]
    proposal = typed("returns", "propose", "RET-1001")[1]
    assert [(line["kind"], line["amount"]) for line in proposal["lines"]] == [
        ("goods", "20.00"), ("grade_cut", "-5.00"), ("restocking", "-1.50"),
    ]  # fmt: skip
    assert (proposal["total"], proposal["parts"]) == ("13.50", [{"gateway": "card", "amount": "13.50"}])
    assert typed("returns", "refund", "RET-1001")[1]["total"] == "13.50"
    assert typed("returns", "refund", "RET-1001")[1]["code"] == "return.nothing_owed"
    assert typed("returns", "close", "RET-1001")[1]["state"] == "closed"
    assert [r["state"] for r in typed("returns", "list", "--state", "closed")[1]] == ["closed"]
    assert "restock" in typed("returns", "show", "RET-1001", form="table")[1]
    assert typed("returns", "reasons", "--by", "sku")[1][0]["label_pl"] == "Za duże"


def test_an_exchange_is_asked_for_and_completed(typed):
    asked = typed("exchanges", "request", "OS-000001", "--back", "MUG=1", "--new", "TIN=1@25.00")[1]
    assert (asked["number"], asked["difference"], asked["return"]) == ("EX-1001", "15.00", "RET-1001")
    assert typed("exchanges", "approve", "EX-1001")[1]["state"] == "awaiting_goods"
    assert typed("exchanges", "complete", "EX-1001")[1]["code"] == "exchange.goods_awaited"
    (unit,) = typed("returns", "count", "RET-1001", "MUG=1", "--location", "WRO")[1]
    typed("returns", "inspect", "RET-1001", f"{unit['unit']}=restock")
    assert typed("exchanges", "complete", "EX-1001")[1]["settlement"] == "due"
    assert [e["number"] for e in typed("exchanges", "list")[1]] == ["EX-1001"]
    assert typed("exchanges", "show", "EX-9")[1]["code"] == "exchange.not_found"


def test_a_late_return_is_refused_until_a_person_allows_it(typed):
    assert typed("returns", "policy", "week", "days_allowed=7")[0] == 0
    with clock.frozen(NOON + timedelta(days=8)):
        status, refused = typed("orders", "return", "OS-000001", "MUG=1", "--reason", "too_big")
        assert (status, refused["code"]) == (1, "return.too_late")
        assert refused["lines"][0]["days_late"] == 1
        late = typed("orders", "return", "OS-000001", "MUG=1", "--reason", "too_big", "--allow-late")[1]
        assert late["return_state"] == "approved"
        swap = ("exchanges", "request", "OS-000001", "--back", "MUG=1", "--new", "TIN=1")
        assert typed(*swap)[1]["code"] == "return.too_late"
        assert typed(*swap, "--allow-late")[1]["state"] == "requested"


def test_a_claim_is_opened_with_a_photo_and_resolved(typed):
    opened = typed("claims", "open", "OS-000001", "MUG=1", "--kind", "damaged", "--photo", "https://example.com/1.jpg")[
        1
    ]
    assert (opened["number"], opened["state"], opened["evidence"][0]["kind"]) == ("CLM-1001", "opened", "photo")
    assert typed("claims", "approve", "CLM-1001")[1]["keeps_item"] is True
    resolved = typed("claims", "resolve", "CLM-1001", "refund", "--amount", "4.00")[1]
    assert (resolved["amount"], resolved["refunds"][0]["parts"][0]["gateway"]) == ("4.00", "card")
    assert typed("claims", "list", "--state", "lost")[1]["code"] == "input.state"


def test_a_withdrawal_is_declared_acknowledged_and_settled(typed, tmp_path):
    declared = typed("withdrawals", "declare", "OS-000001", "MUG=1", "--channel", "phone")[1]
    assert (declared["number"], declared["state"], declared["period_ends_on"]) == ("WD-1001", "declared", "2010-12-23")
    (row,) = typed("withdrawals", "queue")[1]
    assert (row["waits_for"], row["refund_due_on"], row["value"]) == ("goods", "2010-12-23", "10.00")
    paper = tmp_path / "wd.pdf"
    assert typed("withdrawals", "document", "WD-1001", "--out", str(paper))[0] == 0
    with pdfplumber.open(paper) as pdf:
        words = pdf.pages[0].extract_text()
    assert "WD-1001" in words
    assert "1 × MUG Mug żółty" in words
    assert "2010-12-09 13:00:00" in words
    assert typed("withdrawals", "settle", "WD-1001")[1]["code"] == "withdrawal.may_wait"
    typed("withdrawals", "proof", "WD-1001", "InPost 68000")
    assert typed("withdrawals", "settle", "WD-1001")[1]["refunded"] == "10.00"
    assert typed("withdrawals", "queue")[1] == []
    late = typed("withdrawals", "declare", "OS-000001", "BAG=1", "--delivered-on", "2010-11-01")[1]
    assert (late["state"], late["doubt"]) == ("undecided", "late")
    assert typed("withdrawals", "refuse", late["number"], "--reason", "too late")[1]["state"] == "refused"
