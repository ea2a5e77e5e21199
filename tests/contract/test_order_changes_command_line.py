"""The commands of order changes, as typed, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, new_order, order_shop
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.intake.commands import place
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

Type = Callable[..., tuple[int, Any]]


@pytest.fixture
def typed(engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return a function that runs one command on a shop with the order OS-000001."""
    shop = Shop(zone=ZONE, currency="GBP")
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5}, "TRAY": {"Leeds": 4}})
        save_shop(session, shop)
        place(session, shop, new_order({"MUG": 3}))
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


def test_a_change_is_seen_proposed_and_confirmed(typed: Type) -> None:
    options = ("--quantity", "MUG=2", "--add", "TRAY=1@12.50", "--shipping", "4.99", "--address", "city=York")
    status, seen = typed("changes", "preview", "OS-000001", *options)
    assert status == 0
    assert (seen["money"]["before"]["total"], seen["money"]["after"]["total"], seen["due"]) == (
        "30.00",
        "37.49",
        "37.49",
    )
    assert [(row["sku"], row["to_release"], row["to_allocate"]) for row in seen["stock"]] == [
        ("MUG", 1, 0),
        ("TRAY", 0, 1),
    ]
    assert "30.00 → 37.49 GBP" in typed("changes", "preview", "OS-000001", *options, form="table")[1]
    assert typed("changes", "list")[1] in (None, [])
    status, change = typed("changes", "propose", "OS-000001", *options, "--reason", "asked by phone")
    assert (status, change["number"], change["state"], change["is_stale"]) == (0, "CH-000001", "pending", False)
    status, change = typed("changes", "confirm", "CH-000001", "--actor", "jan")
    assert (status, change["state"], change["decided_by"]) == (0, "confirmed", "jan")
    assert typed("orders", "show", "OS-000001")[1]["total"] == "37.49"
    assert [row["difference"] for row in typed("changes", "list", "--order", "OS-000001")[1]] == ["7.49"]


def test_actions_come_from_a_file_too(typed: Type) -> None:
    actions = [
        {"kind": "set_price", "line": 1, "unit_price": 9.5},
        {"kind": "add_adjustment", "adjustment": "fee", "amount": "1.00"},
    ]
    status, change = typed("changes", "propose", "OS-000001", "--file", "-", "--confirm", given=json.dumps(actions))
    assert (status, change["preview"]["money"]["after"]["total"]) == (0, "29.50")


def test_a_stale_change_says_who_did_what(typed: Type) -> None:
    typed("changes", "propose", "OS-000001", "--quantity", "MUG=2")
    typed("orders", "ship", "OS-000001", "--carrier", "dpd", "--actor", "packer")
    status, said = typed("changes", "confirm", "CH-000001")
    assert (status, said["code"]) == (1, "order.stale")
    assert "shipment.shipped by packer" in said["message"]
    assert typed("changes", "show", "CH-000001")[1]["is_stale"] is True
    assert typed("changes", "decline", "CH-000001", "--reason", "too late")[1]["state"] == "declined"


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [
        (("--remove", "TRAY"), "order_line.not_found", 1),
        (("--quantity", "MUG=two"), "input.quantity", 2),
        (("--shipping", "1.999"), "input.amount", 2),
        ((), "order_change.no_actions", 2),
        (("--remove", "1"), "order_change.nothing_left", 1),
    ],
)
def test_what_cannot_be_is_refused(typed: Type, options: tuple[str, ...], code: str, status: int) -> None:
    done, said = typed("changes", "preview", "OS-000001", *options)
    assert (done, said["code"]) == (status, code)
    assert typed("changes", "confirm", "CH-000009")[1]["code"] == "order_change.not_found"
