"""Forecasts of customers are kept before the fact, judged when their days are over, and shown as they were said."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from clv_populations import PLAIN, START, transactions

from app.jobs import clv_record
from app.views import customer_calibration
from app.workspace import Workspace
from oms_core.kernel.settings import Home, Shop, save_shop
from segmentation import clv

HORIZON = 60


@pytest.fixture(scope="module")
def lines():
    return clv.tidy(transactions(PLAIN, seed=4).filter(pl.col("customer_id").cast(pl.Int64) < 600))


@pytest.fixture
def workspace(migrated_sqlite, tmp_path, monkeypatch):
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    found = Workspace(Home(tmp_path))
    with found.transaction() as session:
        save_shop(session, Shop())
    yield found
    found.close()


def night(workspace, lines, day):
    until = START + timedelta(days=day)
    fit = clv.fit(lines, until=until, horizon_days=HORIZON)
    said = clv.predict(fit, HORIZON)
    return said, clv_record.keep(workspace, fit, said, lines=lines, horizon_days=HORIZON, actor="test")


def test_said_before_judged_later_never_rewritten(workspace, lines):
    said, judged = night(workspace, lines, 400)
    first = clv_record.said_and_came(workspace)
    # of three past days the first lies below the gate: nothing would have been said then
    assert judged == clv_record.REENACTED - 1 == 2
    assert [row["is_reenacted"] for row in first] == [False, True, True]
    assert first[0]["orders"] == pytest.approx(said.orders.mean)
    assert first[0]["scored_at"] is None
    # the next night nothing is due and nothing new is said
    assert night(workspace, lines, 401)[1] == 0
    assert len(clv_record.said_and_came(workspace)) == 3
    assert night(workspace, lines, 460)[1] == 1
    rows = clv_record.said_and_came(workspace)
    assert len(rows) == 4
    (row,) = [r for r in rows if r["made_on"] == START + timedelta(days=400)]
    days = clv.purchase_days(lines)
    window = pl.col("day").is_between(row["made_on"] + timedelta(days=1), row["until"])
    came = days.filter(window).join(said.customers.select("customer_id"), on="customer_id", how="semi")
    assert row["orders_came"] == came.height
    assert row["value_came"] == pytest.approx(came["amount"].filter(came["amount"] > 0).sum())
    assert row["orders"] == pytest.approx(said.orders.mean)
    assert sum(tenth["customers"] for tenth in row["reliability"]) == row["customers"] == said.customers.height
    assert 0 <= row["ece"] < 0.2
    view = customer_calibration.build(rows)
    assert view.rows.height == 4
    assert view.rows["outcome"].to_list()[0] == ["not over yet"]
    assert view.reliability is not None
    assert "of 3 judged forecasts" in view.answer


def test_a_page_without_forecasts_has_no_figure():
    view = customer_calibration.build([])
    assert view.reliability is None
    assert view.answer == "None of their days are over yet"
