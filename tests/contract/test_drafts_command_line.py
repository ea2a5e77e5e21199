"""The commands of drafts and of bundles, as typed, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, order_shop
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop

Type = Callable[..., tuple[int, Any]]
WISH = json.dumps(
    {
        "channel": "web",
        "currency": "GBP",
        "customer": {"email": "ala@example.com"},
        "shipping_address": {"country": "GB"},
        "lines": [{"sku": "MUG", "quantity": 2}, {"sku": "TRAY", "quantity": 1, "unit_price": 17.25}],
    }
)


@pytest.fixture
def typed(engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return a function that runs one command on a shop."""
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5}, "TRAY": {"Leeds": 4}, "SET": {}, "DESK": {}})
        save_shop(session, Shop(zone=ZONE, currency="GBP"))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str, given: str | None = None) -> tuple[int, Any]:
        done = CliRunner().invoke(app, [*words, "--format", "json"], input=given)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_quote_is_kept_sent_and_sold(typed: Type) -> None:
    status, made = typed("drafts", "create", "--file", "-", "--quote", "--expires", "2999-12-31", given=WISH)
    assert (status, made["number"], made["total"], made["state"]) == (0, "Q-000001", "37.25", "open")
    status, sent = typed("drafts", "invoice", "Q-000001", "--link-base", "https://shop.example")
    assert (status, sent["to"]) == (0, "ala@example.com")
    assert "https://shop.example/pay/" in sent["body"]
    assert [row["state"] for row in typed("drafts", "list", "--kind", "quote")[1]] == ["invoice_sent"]
    changed = json.loads(WISH) | {"lines": [{"sku": "MUG", "quantity": 1}]}
    status, again = typed("drafts", "update", "Q-000001", "--file", "-", given=json.dumps(changed))
    assert (status, again["total"], again["state"]) == (0, "10.00", "open")
    status, sold = typed("drafts", "complete", "Q-000001", "--gateway", "cash", "--amount", "4")
    assert (status, sold["payment_status"], sold["draft"]) == (0, "partially_paid", "Q-000001")
    assert typed("drafts", "show", "Q-000001")[1]["order"] == sold["number"]
    assert typed("drafts", "cancel", "Q-000001")[1]["code"] == "draft.transition_refused"
    assert typed("drafts", "expire")[1] == {"expired": 0}
    assert typed("drafts", "show", "Q-000002")[1]["code"] == "draft.not_found"


def test_a_bundle_is_put_together_and_a_desk_made(typed: Type) -> None:
    status, parts = typed("assembly", "bundle", "SET", "--component", "MUG=2", "--component", "TRAY=1")
    assert status == 0
    assert [(part["sku"], part["units"], part["sets_available"]) for part in parts] == [("MUG", 2, 2), ("TRAY", 1, 2)]
    assert typed("assembly", "show", "SET")[1] == parts
    assert typed("assembly", "kind", "DESK", "made_to_order")[1]["code"] == "input.lead_time_days"
    assert typed("assembly", "kind", "DESK", "made_to_order", "--lead-time-days", "20")[0] == 0
    wish = json.loads(WISH) | {
        "external_id": "A1",
        "lines": [{"sku": "SET", "quantity": 1, "unit_price": "30"}, {"sku": "DESK", "quantity": 1, "unit_price": 9}],
    }
    status, placed = typed("orders", "place", "--file", "-", given=json.dumps(wish))
    assert (status, placed["total"], [a["sku"] for a in placed["allocations"]]) == (0, "39.00", ["MUG", "TRAY"])
    status, made = typed("assembly", "made", placed["number"], "--line", "3", "--units", "1", "--at", "LDS")
    assert (status, made["made"], made["fulfillment_status"]) == (0, 1, "unfulfilled")
    again = typed("assembly", "made", placed["number"], "--line", "3", "--units", "1", "--at", "LDS")
    assert again[1]["code"] == "order_line.made_too_many"
