"""The order and stock commands, as typed, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, assert_ledger_whole, order_shop
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

Type = Callable[..., tuple[int, Any]]
DOCUMENT = {
    "channel": "web", "external_id": "A-1", "currency": "GBP", "customer": {"email": "ala@example.com"},
    "shipping_address": {"country": "PL", "postal_code": "90-001"},
    "lines": [
        {"sku": "MUG", "quantity": 3, "unit_price": 12.30},
        {"sku": "TIN", "quantity": 1, "unit_price": "5.00"},
    ],
    "adjustments": [{"kind": "shipping", "amount": "4.99"}],
}  # fmt: skip


@pytest.fixture
def typed(engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return a function that runs one command on the shop and gives status and answer."""
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5, "Łódź": 2}, "TIN": {"Bristol": 4}})
        save_shop(session, Shop(zone=ZONE, currency="GBP"))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str, form: str = "json", given: str | None = None) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*words, "--format", form], input=given)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if form != "json":
            return done.exit_code, done.output
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(**change: Any) -> str:
        path = tmp_path / "order.json"
        path.write_text(json.dumps(DOCUMENT | change), encoding="utf-8")
        return str(path)

    return write


def test_an_order_from_the_file_to_the_door_and_back(typed: Type, file: Callable[..., str], engine: sa.Engine) -> None:
    status, placed = typed("orders", "place", "--file", file())
    assert (status, placed["number"], placed["total"]) == (0, "OS-000001", "46.89")
    assert [(a["sku"], a["location"]) for a in placed["allocations"]] == [("MUG", "LDS"), ("TIN", "BRS")]
    assert typed("orders", "pay", "OS-000001", "--amount", "10")[1]["payment_status"] == "partially_paid"
    paid = typed("orders", "pay", "OS-000001", "--external-id", "p9")[1]
    assert (paid["amount"], paid["currency"], paid["payment_status"]) == ("36.89", "GBP", "paid")
    assert (
        typed("orders", "ship", "OS-000001", "--carrier", "dpd", "--tracking", "T1")[1]["code"] == "shipment.one_number"
    )
    one = typed(
        "orders", "ship", "OS-000001", "--carrier", "dpd", "--tracking", "T1", "--location", "LDS", "--cost", "3.10"
    )
    assert [(p["carrier"], p["tracking_number"], p["cost"]) for p in one[1]] == [("dpd", "T1", "3.10")]
    assert len(typed("orders", "ship", "OS-000001", "--carrier", "inpost")[1]) == 2
    assert typed("orders", "ship", "OS-000001", "--carrier", "dpd")[1]["code"] == "shipment.nothing_open"
    assert {p["state"] for p in typed("orders", "deliver", "OS-000001")[1]} == {"delivered"}
    shown = typed("orders", "show", "OS-000001")[1]
    assert shown["state"] == "closed"
    assert shown["routing"][0]["reason"].startswith("Leeds ships 3 of 4 units (1 line)")
    assert [w["state"] for w in shown["fulfillment_orders"]] == ["closed", "closed"]
    status, back = typed(
        "orders", "return", "OS-000001", "MUG=2", "--reason", "broken", "--receive-at", "LDZ", "--disposition",
        "damaged", "--refund", "card",
    )  # fmt: skip
    assert (status, back["return_state"], back["payment_status"], back["total"]) == (
        0, "received", "partially_refunded", "24.60",
    )  # fmt: skip
    assert typed("orders", "return", "OS-000001", "BAG=1")[1]["code"] == "line.not_found"
    (row,) = typed("orders", "list", "--state", "closed", "--channel", "web")[1]
    assert (row["number"], row["total"]) == ("OS-000001", "46.89")
    with transaction(engine) as session:
        assert_ledger_whole(session)


def test_the_same_key_is_one_order(typed: Type, file: Callable[..., str]) -> None:
    first = typed("orders", "place", "--file", file(), "--idempotency-key", "k")
    assert typed("orders", "place", "--file", "-", "--idempotency-key", "k", given=json.dumps(DOCUMENT)) == first
    again = typed("orders", "place", "--file", file())
    assert (again[0], again[1]["code"]) == (1, "order.duplicate")
    assert typed("orders", "show", "A-1")[1]["number"] == "OS-000001"


def test_everything_that_is_short_is_said(typed: Type, file: Callable[..., str]) -> None:
    lines = [{"sku": sku, "quantity": 9, "unit_price": 1} for sku in ("MUG", "TIN")]
    status, refused = typed("orders", "place", "--file", file(lines=lines))
    assert (status, refused["code"], len(refused["shortages"])) == (1, "stock.insufficient", 2)
    assert typed("orders", "list")[1] == []


def test_cancel_and_allocate_again(typed: Type, file: Callable[..., str]) -> None:
    typed("orders", "place", "--file", file())
    assert len(typed("orders", "allocate", "OS-000001")[1]["allocations"]) == 2
    assert typed("orders", "cancel", "OS-000001", "--reason", "customer")[1]["state"] == "cancelled"
    status, refused = typed("orders", "allocate", "OS-000001")
    assert (status, refused["code"]) == (1, "order.not_open")
    assert typed("orders", "list", "--state", "lost")[0] == 2
    assert typed("orders", "show", "OS-999999")[1]["code"] == "order.not_found"


def test_money_as_typed_is_what_is_left_of_its_kind(typed: Type, file: Callable[..., str]) -> None:
    typed("orders", "place", "--file", file())
    for kind, status in (("authorize", "authorized"), ("void", "voided"), ("capture", "paid"), ("refund", "refunded")):
        done = typed("orders", "pay", "OS-000001", "--kind", kind)[1]
        assert (done["amount"], done["payment_status"]) == ("46.89", status)
    status, refused = typed("orders", "pay", "OS-000001", "--kind", "refund")
    assert (status, refused["code"]) == (2, "input.amount")


def test_why_is_on_hand_what_it_is(typed: Type, file: Callable[..., str]) -> None:
    typed("orders", "place", "--file", file())
    typed("orders", "ship", "OS-000001", "--carrier", "dpd")
    assert typed("stock", "adjust", "MUG", "--location", "LDS", "--units", "-1", "--reason", "broken")[0] == 0
    shown = typed("stock", "show", "MUG")[1]
    assert [(row["location"], row["on_hand"], row["available"]) for row in shown["levels"]] == [
        ("LDS", 1, 1), ("LDZ", 2, 2),
    ]  # fmt: skip
    here = typed("stock", "show", "MUG", "--location", "LDS")[1]["movements"]
    assert [(m["kind"], m["change"], m["on_hand"]) for m in here] == [
        ("adjusted", -1, 1), ("shipped", -3, 2), ("allocated", 0, 5), ("opening", 5, 5),
    ]  # fmt: skip
    assert [m["on_hand"] for m in shown["movements"]] == [3, 4, 7, 7, 5]
    text = typed("stock", "show", "MUG", form="table")[1]
    assert "Leeds: on hand 1 = 1 available" in text
    assert typed("stock", "show", "MUGG")[1]["hint"] == "Did you mean 'MUG'?"
    assert typed("stock", "show", "MUG", "--location", "LDX")[1]["code"] == "location.not_found"


def test_a_transfer_as_typed(typed: Type) -> None:
    sent = typed("stock", "transfer", "MUG=2", "MUG=1", "--from", "LDS", "--to", "BRS")[1]
    assert (sent["number"], sent["state"], sent["lines"][0]["quantity"]) == ("TR-000001", "in_transit", 3)
    assert typed("stock", "receive", "TR-000001", "--arrived", "MUG=1")[1]["state"] == "partially_received"
    assert typed("stock", "receive", "TR-000001", "--lost", "MUG=1")[0] == 2, "a loss needs its reason"
    lost = typed("stock", "receive", "TR-000001", "--lost", "MUG=1", "--reason", "box fell")[1]
    assert lost["state"] == "partially_received"
    assert typed("stock", "receive", "TR-000001", "--arrived", "TIN=1")[1]["code"] == "transfer_line.not_found"
    done = typed("stock", "receive", "TR-000001")[1]
    assert (done["state"], done["lines"]) == (
        "received", [{"sku": "MUG", "quantity": 3, "received_qty": 2, "lost_qty": 1, "found_qty": 0, "over_qty": 0}],
    )  # fmt: skip
    assert typed("stock", "transfer", "TIN=1", "--from", "BRS", "--to", "LDS", "--receive")[1]["state"] == "received"
    assert typed("stock", "receive", "TR-000009")[1]["code"] == "transfer.not_found"


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", "input.json"), ("[]", "input.order"), ('{"channel": 1, "currency": "GBP", "lines": []}', "input.channel")],
)
def test_a_broken_file_is_one_sentence(typed: Type, tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    status, refused = typed("orders", "place", "--file", str(path))
    assert (status, refused["code"]) == (2, code)


def test_a_file_that_is_not_there_or_no_text(typed: Type, tmp_path: Path) -> None:
    assert typed("orders", "place", "--file", str(tmp_path / "none.json"))[1]["code"] == "input.file"
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    assert typed("orders", "place", "--file", str(tmp_path / "latin.json"))[1]["code"] == "input.file"
    assert typed("orders", "return", "OS-1", "MUG")[0] == 1
    assert typed("stock", "transfer", "MUG", "--from", "LDS", "--to", "BRS")[1]["code"] == "input.line"


def test_an_order_as_a_table(typed: Type, file: Callable[..., str]) -> None:
    typed("orders", "place", "--file", file())
    status, text = typed("orders", "show", "OS-000001", form="table")
    assert status == 0
    assert "OS-000001: placed, none, unfulfilled, pending, none, 46.89 GBP" in text
    assert "Routed: Leeds ships 3 of 4 units" in text
