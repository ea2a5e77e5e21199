"""The commands that keep stock and its promises, as typed, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, order_shop
from stock_shop import assert_lawful, channel, number_of, on_order
from typer.testing import CliRunner

from app.cli.main import app
from app.jobs import stock_keeping
from app.workspace import Workspace
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

Type = Callable[..., tuple[int, Any]]


@pytest.fixture
def typed(engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return a function that runs one command on the shop and gives status and answer."""
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5, "Bristol": 2}, "TIN": {"Leeds": 0}})
        save_shop(session, Shop(zone=ZONE, currency="GBP"))
        channel(session, "bay")
        on_order(session, shop, {"TIN": 4}, clock.business_date(clock.now(), ZONE))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout)

    return run


def test_bins_are_named_filled_up_and_counted(typed: Type, engine: sa.Engine) -> None:
    at = ("--location", "LDS")
    typed("stock", "bins", "define", "A1", *at)
    typed("stock", "bins", "define", "OV", *at, "--kind", "overstock")
    assert typed("stock", "bins", "rule", "A1", "MUG", *at, "--min", "2", "--max", "1")[1]["code"] == "input.minimum"
    (ruled,) = typed("stock", "bins", "rule", "A1", "MUG", *at, "--min", "2", "--max", "4", "--increment", "2")[1]
    assert (ruled["units"], ruled["minimum"], ruled["maximum"], ruled["increment"]) == (0, 2, 4, 2)
    typed("stock", "bins", "move", "MUG=5", "--to", "OV", *at)
    (shown,) = typed("stock", "bins", "replenish", *at, "--dry-run")[1]
    assert (shown["from"], shown["to"], shown["quantity"]) == ("OV", "A1", 4)
    made = typed("stock", "bins", "replenish", *at)[1]
    assert typed("stock", "bins", "replenish", *at)[1]["code"] == "bin_replenishment.nothing"
    said = typed("stock", "bins", "confirm", made["number"], "--missing", "1", "--reason", "not there")[1]
    assert (said["state"], said["lines"][0]["moved"], said["lines"][0]["missing"]) == ("done", 3, 1)
    assert typed("stock", "bins", "cancel", made["number"])[1]["code"] == "bin_replenishment.transition_refused"
    typed("stock", "bins", "count", "A1", "MUG", *at, "--units", "2", "--reason", "broken")
    held = typed("stock", "bins", "show", "--sku", "MUG")[1]
    assert {row["bin"]: row["units"] for row in held} == {"A1": 2, "DEFAULT": 1, "OV": 1}
    assert [row["moved"] for row in typed("stock", "bins", "lists")[1]] == [3]
    assert typed("stock", "bins", "drop-rule", "A1", "MUG", *at)[1][0]["minimum"] is None
    with transaction(engine) as session:
        assert_lawful(session)


def test_states_counts_and_lots(typed: Type, engine: sa.Engine) -> None:
    where = ("--location", "LDS", "--reason", "test")
    _, levels = typed("stock", "move-state", "MUG", *where, "--units", "2", "--from", "available", "--to", "damaged")
    assert (levels[0]["available"], levels[0]["damaged"]) == (3, 2)
    status, said = typed("stock", "move-state", "MUG", *where, "--units", "2", "--from", "damaged", "--to", "committed")
    assert (status, said["code"], said["allowed"]) == (1, "stock_state.refused", ["available", "quality_control"])

    number = typed("stock", "count", "open", "MUG", "TIN", "--location", "LDS")[1]["number"]
    told = typed("stock", "count", "enter", number, "MUG=6", "TIN=0")[1]
    assert [(line["counted"], line["expected"]) for line in told["lines"]] == [(6, None), (0, None)]
    typed("stock", "count", "recount", number, "MUG", "--reason", "surely not")
    assert typed("stock", "count", "post", number, "--reason", "x")[1]["code"] == "stock_count.uncounted"
    typed("stock", "count", "enter", number, "MUG=4")
    posted = typed("stock", "count", "post", number, "--reason", "cycle")[1]
    assert [(line["sku"], line["posted"]) for line in posted["lines"]] == [("MUG", -1), ("TIN", 0)]
    assert typed("stock", "count", "list")[1][0]["net_posted"] == -1
    assert typed("stock", "count", "show", "SC-9")[1]["code"] == "stock_count.not_found"

    assert [row["lot"] for row in typed("stock", "lots", "MUG", "--track")[1]] == ["OPENING"] * 3
    order = next(iter(typed("purchase-orders", "list")[1]))["number"]
    typed("stock", "lots", "TIN", "--track")
    assert typed("purchase-orders", "receive", order, "TIN=4")[1]["code"] == "lot.required"
    typed("purchase-orders", "receive", order, "TIN=4", "--lot", "TIN=A:2030-01-31:1", "--lot", "TIN=B::3")
    assert [(r["lot"], r["expires_on"], r["quantity"]) for r in typed("stock", "lots", "TIN")[1]] == [
        ("A", "2030-01-31", 1), ("B", None, 3),
    ]  # fmt: skip
    why = typed("stock", "why", "TIN", "--location", "LDS")[1]
    assert [row["on_hand"] for row in why] == [1, 4]
    assert why[0]["links"][1] == {"kind": "purchase_order", "number": order}
    assert typed("stock", "as-of", "2001-01-01T00:00:00+00:00")[1] == []
    assert typed("stock", "as-of", "yesterday")[1]["code"] == "input.at"
    assert len(typed("stock", "as-of", "now", "--sku", "MUG")[1]) == 2
    with transaction(engine) as session:
        assert_lawful(session)


def test_reservations_channels_and_promises(typed: Type, engine: sa.Engine, database_url: str, tmp_path: Path) -> None:
    held = typed("stock", "reserve", "MUG=6", "--channel", "web", "--token", "cart-1")[1]
    assert [(line["location"], line["quantity"]) for line in held["lines"]] == [("LDS", 5), ("BRS", 1)]
    status, said = typed("stock", "reserve", "MUG=2", "--channel", "bay")
    assert (status, said["code"], said["shortages"][0]["available"]) == (1, "stock.insufficient", 1)
    assert typed("stock", "release", "cart-1")[1]["state"] == "released"
    assert typed("stock", "release", held["number"])[1]["code"] == "reservation.transition_refused"

    rules = typed("stock", "channel-rules", "--channel", "bay", "--set", "--sku", "MUG", "--buffer", "3")[1]
    assert [(r["channel"], r["sku"], r["location"], r["buffer_qty"]) for r in rules] == [("bay", "MUG", None, 3)]
    seen = typed("stock", "channel", "MUG", "--channel", "bay")[1]
    assert [(r["location"], r["available"], r["units"]) for r in seen] == [("LDS", 5, 2), ("BRS", 2, 0)]
    assert typed("stock", "channel-rules", "--channel", "bay", "--drop", "--sku", "MUG")[1] == []
    assert typed("stock", "channel-rules", "--set")[1]["code"] == "channel_rule.one_change"
    assert typed("stock", "channel", "MUG", "--channel", "bey")[1]["near"] == ["bay"]

    assert [row["units"] for row in typed("stock", "atp", "TIN")[1]] == [4]
    assert typed("stock", "policy", "TIN", "preorder")[1]["oversell_policy"] == "preorder"
    assert typed("stock", "policy", "TIN", "maybe")[1]["code"] == "input.policy"
    document = {
        "channel": "web", "external_id": "A", "currency": "GBP",
        "lines": [{"sku": "TIN", "quantity": 3, "unit_price": "5.00"}],
    }  # fmt: skip
    path = tmp_path / "order.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    typed("orders", "place", "--file", str(path))
    (waits,) = typed("stock", "backorders")[1]
    with transaction(engine) as session:
        assert (waits["waiting"], waits["purchase_order"]) == (3, number_of(session, 1))
    day = "2031-01-01"
    moved = typed("purchase-orders", "reschedule", waits["purchase_order"], "--expected-on", day, "--reason", "late")[1]
    assert (moved["promises_moved"], typed("stock", "backorders", "--sku", "TIN")[1][0]["promised_on"]) == (1, day)
    workspace = Workspace.open(tmp_path)
    assert stock_keeping.look(workspace) == {"expired": 0, "quarantined": 0, "filled": 0, "moved": 0}
    typed("stock", "adjust", "TIN", "--location", "LDS", "--units", "2", "--reason", "found")
    assert stock_keeping.look(workspace)["filled"] == 2
    workspace.close()
    typed("purchase-orders", "receive", waits["purchase_order"])
    assert typed("stock", "backorders", "--fill")[1] == []
    with transaction(engine) as session:
        assert_lawful(session)


def test_a_transfer_with_a_missing_box(typed: Type) -> None:
    number = typed("stock", "transfer", "MUG=4", "--from", "LDS", "--to", "BRS")[1]["number"]
    status, said = typed("stock", "receive", number, "--arrived", "MUG=2", "--lost", "MUG=2")
    assert (status, said["code"]) == (2, "transfer.no_reason")
    typed("stock", "receive", number, "--arrived", "MUG=2", "--lost", "MUG=2", "--reason", "box missing")
    told = typed("stock", "receive", number, "--found", "MUG=1", "--reason", "at the depot")[1]
    assert (told["lines"][0]["lost_qty"], told["lines"][0]["found_qty"]) == (2, 1)
    assert [d["kind"] for d in told["discrepancies"]] == ["lost", "found"]
