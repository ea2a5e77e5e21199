"""A marketer's campaign, as typed: what could it show, send it with a hold-out, read a month later what it brought."""

from __future__ import annotations

import json
from datetime import timedelta

import analytics_shop as golden
import polars as pl
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli.main import app
from oms_core.kernel import clock
from oms_core.schema import METADATA

PEOPLE, PRICE = 400, 2500


def _order(key, customer, at):
    return golden.order(
        key, "04-01", 1, customer, "PL", gross=PRICE, placed_at=at, business_date=at.date(), is_history=True
    )


def _lines(orders):
    return [golden.line(o["id"], o["id"], 2, 1) for o in orders]


def _insert(engine, rows):
    with engine.begin() as connection:
        for table, some in rows.items():
            connection.execute(sa.insert(METADATA.tables[table]), some)


@pytest.fixture
def run(engine, database_url, tmp_path, monkeypatch):
    base = golden.rows()
    golden.build(engine, {table: base[table] for table in ("channels", "locations", "products", "variants")})
    past = [_order(k, k, golden.NOW - timedelta(days=20 + k % 60)) for k in range(1, PEOPLE + 1, 4)]
    _insert(engine, {
        "customers": [{"id": k, "number": f"C-{k}", "name": "", "country": "PL", "email": f"c{k}@example.com",
                       "created_at": golden.at("01-01")} for k in range(1, PEOPLE + 1)],
        "consents": [{"customer_id": k, "channel": "email", "state": "subscribed", "at": golden.at("01-01")}
                     for k in range(1, PEOPLE)],
        "orders": past,
        "order_lines": _lines(past),
    })  # fmt: skip
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))

    def said(*words, days=0):
        with clock.frozen(golden.NOW + timedelta(days=days)):
            done = CliRunner().invoke(app, [*words, "--format", "json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return json.loads(done.stdout) if done.stdout.strip() else None

    return said, engine, tmp_path


def test_from_an_idea_to_its_uplift(run):
    said, engine, folder = run
    outlook = said("campaigns", "power", "in_europe", "--holdout", "0.25", "--uplift", "0.1")
    assert (outlook["members"], outlook["writable"]) == (PEOPLE, PEOPLE - 1)
    orders = outlook["measures"][0]
    assert (orders["sent"], orders["held"]) == (299, 100)
    assert "too small to see 10%" in orders["advice"]
    assert orders["needed_members"] > PEOPLE

    out = str(folder / "spring.csv")
    made = said("segments", "export", "in_europe", "--to", "csv", "--out", out, "--holdout", "0.25",
                "--campaign", "Spring letter", "--window", "14")  # fmt: skip
    assert (made["exported"], made["held_out"], made["campaign"]) == (299, 100, "Spring letter")
    (listed,) = said("campaigns", "list", days=3)
    assert (listed["name"], listed["state"], listed["sent"], listed["held"]) == ("Spring letter", "running", 299, 100)

    # one in three of those who got it orders, one in ten of the others; and some after the window
    with engine.connect() as connection:
        arms = connection.execute(
            sa.text("SELECT customer_id, outcome FROM segment_export_members WHERE outcome <> 'not_subscribed'")
        ).all()
    sent, held = ([key for key, outcome in arms if outcome == arm] for arm in ("exported", "hold_out"))
    buyers = [(k, 5) for k in sent[::3]] + [(k, 9) for k in held[::10]] + [(k, 15) for k in held]
    buyers += [(k, 0) for k in sent[:40]]  # the same morning, before it went out
    new = [_order(1000 + n, k, golden.NOW + timedelta(days=d, hours=-1)) for n, (k, d) in enumerate(buyers)]
    _insert(engine, {"orders": new, "order_lines": _lines(new)})

    result = said("campaigns", "result", "Spring letter", days=30)
    assert result["state"] == "finished"
    by = {row["measure"]: row for row in result["measures"]}
    assert (by["orders"]["sent_mean"], by["orders"]["held_mean"]) == (pytest.approx(100 / 299), 0.1)
    assert by["orders"]["total_low"] < 299 * (100 / 299 - 0.1) < by["orders"]["total_high"]
    assert by["orders"]["verdict"] == "gain"
    assert by["revenue"]["total"] == pytest.approx(by["orders"]["total"] * 25)
    assert by["margin"]["total"] == pytest.approx(by["orders"]["total"] * 15)
    assert by["orders"]["p_value"] < 0.001
    assert (result["truth_orders"], result["held_but_written_to"]) == (None, 0)
    assert said("campaigns", "result", "Springletter", days=30)["code"] == "campaign.not_found"
    assert said("segments", "export", "in_europe", "--to", "csv", "--out", out, "--window", "0")["code"] == (
        "campaign.window"
    )
    assert pl.read_csv(out).height == 299
