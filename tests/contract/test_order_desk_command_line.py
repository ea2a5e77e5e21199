"""The order desk as typed: tags, notes, timeline, holds, queues, review, work that changes hands; both databases."""

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


@pytest.fixture
def typed(engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return a function that runs one command on a shop with three orders and gives status and answer."""
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 9, "Bristol": 4}, "TIN": {"Leeds": 9}})
        save_shop(session, Shop(zone=ZONE, currency="GBP"))
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def run(*words: str, form: str = "json") -> tuple[int, Any]:
        done = CliRunner().invoke(app, ["orders", *words, "--format", form])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if form != "json":
            return done.exit_code, done.output
        return done.exit_code, json.loads(done.stdout) if done.stdout.strip() else None

    lines = [{"sku": "MUG", "quantity": 2, "unit_price": "10.00"}, {"sku": "TIN", "quantity": 1, "unit_price": "5.00"}]
    home = {"country": "GB", "postal_code": "LS1 1AA", "city": "Leeds", "line1": "1 Park Row", "name": "Ala"}
    for n in (1, 2):
        document = {
            "channel": "web", "external_id": str(n), "currency": "GBP", "customer": {"email": "ala@example.com"},
            "shipping_address": home, "lines": lines,
        }  # fmt: skip
        path = tmp_path / "order.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        assert run("place", "--file", str(path))[0] == 0
    return run


def test_tags_and_notes_are_found_again(typed: Type) -> None:
    status, rows = typed("tag", "OS-000001", "OS-000002", "--tag", "  VIP ", "--tag", "gift wrap")
    assert (status, [row["tags"] for row in rows]) == (0, [["gift wrap", "vip"]] * 2)
    assert typed("untag", "OS-000002", "--tag", "vip", "--tag", "never there")[1][0]["tags"] == ["gift wrap"]
    assert typed("tag", "OS-000001", "--tag", "a,b")[1]["code"] == "input.tag"
    assert typed("tag", "OS-000009", "--tag", "x")[1]["code"] == "order.not_found"
    typed("note", "OS-000001", "calls before noon", "--actor", "anna")
    assert typed("note", "OS-000001", "  ")[1]["code"] == "input.note"
    told = typed("timeline", "OS-000001")[1]
    assert [(one["actor"], one["sentence"]) for one in told[-2:]] == [
        ("cli", "Tags are now gift wrap, vip"), ("anna", "Note: calls before noon"),
    ]  # fmt: skip
    assert (told[-2]["before"], told[-2]["after"]) == ({"tags": []}, {"tags": ["gift wrap", "vip"]})
    assert "calls before noon" in typed("timeline", "OS-000001", form="table")[1]
    queue = typed("queue", "to_ship", "--tag", "vip")[1]
    assert [one["number"] for one in queue] == ["OS-000001"]


def test_a_hold_stops_the_packer(typed: Type) -> None:
    status, rows = typed("hold", "OS-000001", "OS-000002", "--reason", "address", "--owner", "ben", "--actor", "anna")
    assert (status, [row["done"] for row in rows]) == (0, [True, True])
    assert typed("ship", "OS-000001", "--carrier", "dpd")[1]["code"] == "shipment.nothing_open"
    assert typed("hold", "OS-000001", "--reason", "x", "--until", "tomorrow")[1]["code"] == "input.until"
    (first, _) = typed("queue", "on_hold", "--owner", "ben")[1]
    assert (first["number"], first["why"]) == ("OS-000001", "address, held by anna, ben looks after it")
    assert typed("queue", "on_hold", "--owner", "ola")[1] == []
    assert [row["released"] for row in typed("release", "OS-000001", "OS-000002")[1]] == [1, 1]
    typed("ship", "OS-000002", "--carrier", "dpd")
    status, rows = typed("hold", "OS-000001", "OS-000002", "--reason", "stock")
    assert (status, [row["code"] for row in rows]) == (1, ["", "hold.nothing_left"])


def test_a_second_look_at_new_orders(typed: Type) -> None:
    assert typed("review")[1] == {"assessed": 2, "suspected": 1, "holds": 0, "fulfillment_orders": 0, "drafts": 0}
    assert typed("risk", "OS-000001")[1] == {"number": "OS-000001", "score": 0, "level": "low", "reasons": []}
    (found,) = typed("duplicates")[1]
    assert found["why"].startswith("OS-000002 repeats OS-000001 of the same buyer after 0 min: the same 2 line(s)")
    waiting = {row["queue"]: row["waiting"] for row in typed("queue")[1]}
    assert {name: n for name, n in waiting.items() if n} == {
        "to_confirm": 2, "duplicates": 1, "on_hold": 1, "to_ship": 1,
    }  # fmt: skip
    assert typed("dismiss-duplicate", str(found["id"]), "--actor", "anna")[1]["state"] == "dismissed"
    assert typed("duplicates", "OS-000001")[1][0]["state"] == "dismissed"
    confirmed = typed("confirm-duplicate", str(found["id"]), "--cancel-newer")[1]
    assert confirmed["state"] == "confirmed"
    assert typed("show", "OS-000002")[1]["state"] == "cancelled"
    assert typed("approve", "OS-000001")[0] == 0
    assert typed("reject", "OS-000001")[0] == 0
    assert typed("approve", "OS-000001")[1][0]["code"] == "risk_assessment.transition_refused"
    assert typed("queue", "to_shp")[1]["near"] == ["to_ship"]


def test_work_changes_hands(typed: Type) -> None:
    works = typed("split", "FO-000001", "--units", "MUG=1")[1]
    assert [(one["number"], one["location"], one["units"]) for one in works][-1][1:] == ("LDS", 1)
    new = works[-1]["number"]
    moved = typed("move", new, "--to", "BRS", "--reason", "closer")[1]
    assert moved[-1]["location"] == "BRS"
    assert typed("move", new, "--to", "LDZ")[1]["code"] == "fulfillment_order.finished"
    assert typed("split", "FO-000001", "--units", "MUG=5")[1]["code"] == "fulfillment_order.units"
    back = typed("give-back", moved[-1]["number"], "--reason", "flood", "--not-found")[1]
    assert (back[-1]["location"], back[-1]["state"]) == ("LDS", "open")
    merged = typed("merge", "FO-000001", back[-1]["number"])[1]
    assert sum(one["state"] == "open" for one in merged) == 1
    (group,) = typed("together")[1]
    assert group["orders"] == ["OS-000001", "OS-000002"]
    parcels = typed("consolidate", "FO-000001", "FO-000002", "--carrier", "dpd", "--tracking", "T1")[1]
    assert [one["tracking_number"] for one in parcels] == ["T1", None]
    assert {one["state"] for one in typed("deliver", "OS-000002")[1]} == {"delivered"}
    assert {one["state"] for one in typed("show", "OS-000001")[1]["shipments"]} == {"delivered"}
