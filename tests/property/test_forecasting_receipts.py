"""A suggestion can be worked out again from its receipt alone; service by class; what a pack more or less costs."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from app.jobs.receipts import RECEIPT
from forecasting.regret import regret_curve
from forecasting.replenish import Demand, suggest
from forecasting.safety import inverse_loss, safety_stock

SERVICES = [("cycle", 0.8), ("cycle", 0.99), ("fill", 0.9), ("fill", 0.99)]
TODAY = date(2026, 11, 20)
DAYS = np.array([7, 14, 28, 56])


def lines(rate: float, over: float, **changes: object) -> pl.DataFrame:
    mean = rate * DAYS.astype(float)[None, :]
    demand = Demand(DAYS, mean, mean + over * np.sqrt(mean))
    line = {
        "sku": "A", "available": 40, "incoming": 0, "drafted": 0, "late_qty": 0, "next_due_on": None, "pack_qty": 1,
        "moq_qty": 0, "lead_time_days": 7.0, "lead_time_sd_days": 1.0, "review_days": 7, "cover_days": 28,
        "price_minor": 900, "unit_cost_minor": 400, "shelf_life_days": None, "measure": "cycle", "target": 0.95,
        "waits": False,
    }  # fmt: skip
    given = pl.DataFrame([line | changes], schema_overrides={"next_due_on": pl.Date, "shelf_life_days": pl.Float64})
    return suggest(given, demand, TODAY)


def by_hand(receipt: dict[str, Any]) -> int:
    """Work the order out again, as `app.jobs.receipts.decided` says."""
    assert receipt["reorder_point"] == pytest.approx(receipt["demand_protected"] + receipt["safety"])
    assert receipt["up_to"] == pytest.approx(receipt["demand_lead"] + receipt["demand_cover"] + receipt["safety"])
    assert receipt["position"] == receipt["available"] + receipt["incoming"] + receipt["drafted"]
    if not receipt["position"] < receipt["reorder_point"] or receipt["rate"] <= 0.001:
        return 0
    needed = max(math.ceil(receipt["up_to"] - receipt["position"]), 0)
    pack = receipt["pack_qty"]
    return -(-max(needed, receipt["moq_qty"]) // pack) * pack if needed else 0


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0.0, 30.0), st.floats(0.1, 9.0), st.integers(-20, 400), st.integers(0, 300), st.integers(0, 50),
    st.integers(1, 24), st.integers(0, 60), st.sampled_from(SERVICES),
)  # fmt: skip
def test_every_suggestion_is_worked_out_again_from_its_receipt(
    rate: float,
    over: float,
    available: int,
    incoming: int,
    drafted: int,
    pack: int,
    moq: int,
    service: tuple[str, float],
) -> None:
    found = lines(
        rate, over, available=available, incoming=incoming, drafted=drafted, pack_qty=pack, moq_qty=moq,
        late_qty=min(incoming, 9), measure=service[0], target=service[1],
    ).row(0, named=True)  # fmt: skip
    receipt = {key: found[key] for key in RECEIPT if key in found}
    assert by_hand(receipt) == receipt["order_qty"]
    needed = receipt["order_qty"] - receipt["rounding_qty"]
    named = "nothing" if not receipt["rounding_qty"] else "minimum" if needed < moq else "packs"
    assert receipt["rounding"] == named


def test_a_fill_rate_is_reached_with_lost_sales_and_with_customers_who_wait() -> None:
    spread, cycle = np.array([12.0, 12.0]), np.array([60.0, 60.0])
    held = safety_stock(
        fill=np.array([True, True]), target=np.array([0.97, 0.97]), spread=spread, cycle=cycle,
        backorders=np.array([True, False]),
    )  # fmt: skip
    short = spread * (norm.pdf(held / spread) - held / spread * norm.sf(held / spread))
    assert 1 - short[0] / cycle[0] == pytest.approx(0.97, abs=1e-9)
    assert cycle[1] / (cycle[1] + short[1]) == pytest.approx(0.97, abs=1e-9)
    assert inverse_loss(np.array([0.5, 0.3989])) == pytest.approx([0.0, 0.0], abs=1e-3)


def test_goods_that_expire_are_not_bought_for_longer_than_they_last() -> None:
    usual, short = (lines(5.0, 1.645, available=0, shelf_life_days=life)["up_to"][0] for life in (None, 9.0))
    assert usual - short == pytest.approx(5.0 * (28 - 9))


def test_what_is_late_is_netted_but_nobody_counts_on_its_day() -> None:
    due = {"incoming": 50, "next_due_on": TODAY + timedelta(days=2), "available": 3}
    sure, late = lines(4.0, 1.645, **due), lines(4.0, 1.645, **due, late_qty=50)
    assert sure["order_qty"][0] == late["order_qty"][0]
    assert late["p_stock_out"][0] > sure["p_stock_out"][0] + 0.2
    owed = lines(4.0, 1.645, available=-10)["raw_qty"][0] - lines(4.0, 1.645, available=0)["raw_qty"][0]
    assert owed == 10


def test_the_regret_curve_has_its_least_where_margin_and_holding_meet() -> None:
    line = lines(5.0, 1.645, available=0, pack_qty=6).row(0, named=True)
    curve = regret_curve(line)
    assert [row["quantity"] for row in curve] == [line["order_qty"] + n for n in (-6, 0, 6)]
    assert min(row["regret_minor"] for row in curve) == 0
    short = [row["short"] for row in curve]
    assert short == sorted(short, reverse=True)
    dear = regret_curve({**line, "price_minor": 401, "lead_time_days": 700})
    assert dear[0]["regret_minor"] == 0 < dear[-1]["regret_minor"]
    assert len(regret_curve({**line, "order_qty": 0})) == 2
