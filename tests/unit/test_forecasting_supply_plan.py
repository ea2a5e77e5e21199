"""A year of supply by hand: months, seasons, open to buy, packs, lead times, payment terms."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from forecasting import supply_plan as plan
from forecasting.replenish import Demand

TODAY = date(2010, 12, 9)
MONTHS = plan.Months.after(TODAY)


def test_months_begin_tomorrow_and_end_a_year_on():
    assert MONTHS.first_days[0] == date(2010, 12, 1)
    assert MONTHS.first_days[-1] == date(2011, 11, 1)
    assert (MONTHS.starts[0], MONTHS.ends[0], MONTHS.ends[1]) == (0, 22, 53)
    assert plan.until(MONTHS, TODAY) == date(2011, 11, 30)
    assert plan.due_months([date(2010, 11, 1), None, date(2011, 1, 1), date(2013, 1, 1)], TODAY, MONTHS).tolist() == [
        0, 0, 1, 12,
    ]  # fmt: skip


def test_sales_follow_the_forecast_then_the_season_and_the_year():
    days = np.array([7, 22])
    demand = Demand(days, np.array([[70.0, 220.0]] * 2), np.array([[90.0, 260.0]] * 2))
    index = np.ones((2, 12))
    index[:, 0], index[:, 7] = 2.0, 0.5
    sold = plan.sales(demand, index, MONTHS, np.array([np.nan, 20.0]))
    assert sold[0, 0] == pytest.approx(220)
    assert sold[0, 1] == pytest.approx(31 * 10 / 2)
    assert sold[0, 7] == pytest.approx(31 * 10 / 2 * 0.5)
    assert sold[1, 1] == pytest.approx(31 * 20 * (5 / 20) ** 0.5)


def test_open_to_buy_adds_up_and_nothing_arrives_before_it_can():
    items = pl.DataFrame(
        {"available": [100], "safety": [10.0], "lead_time_days": [40.0], "cover_days": [30.0], "pack_qty": [24],
         "moq_qty": [0]}
    )  # fmt: skip
    sold = np.array([[22.0 * 10] + [310.0] * 11])
    arriving = np.zeros((1, 12))
    arriving[0, 0] = 50
    found = plan.supply(items, sold, arriving, MONTHS)
    january = 310 / 31 * 30
    assert found["target"][0, 0] == pytest.approx(january + 10)
    assert found["open_to_buy"][0, 0] == pytest.approx(january + 10 + 220 - 100 - 50)
    assert (found["planned"][0, 0], found["stock"][0, 0], found["short"][0, 0]) == (0, 0, 70)
    assert found["planned"][0, 1] % 24 == 0
    assert found["stock"][0, 1] >= found["target"][0, 1]
    balance = found["stock"][0, 1:] - found["stock"][0, :-1] - found["planned"][0, 1:] - arriving[0, 1:] + sold[0, 1:]
    assert np.allclose(balance, found["short"][0, 1:])


def test_money_moves_by_terms_and_none_is_lost():
    values = np.zeros((2, 12))
    values[:, 1], values[:, 11] = 100.0, 40.0
    paid, later = plan.moved(values, np.array([0.0, 30.0]), MONTHS)
    assert (paid[0, 1], paid[1, 2], later.tolist()) == (100.0, 100.0, [0.0, 40.0])
    assert paid.sum() + later.sum() == values.sum()


def test_a_season_needs_a_year_and_small_categories_lean_on_the_shop():
    rows = [{"category": "big", "month": m, "units": 31_000 * (3 if m == 12 else 1), "days": 31} for m in range(1, 13)]
    rows += [{"category": "new", "month": 12, "units": 10, "days": 31}]
    wanted = pl.Series(["big", "new", None])
    found = plan.seasons(pl.DataFrame(rows), wanted, [12, 1, *range(2, 12)])
    assert found[0, 0] == pytest.approx(found[0, 1] * 3, rel=0.01)
    assert found[1, 0] == pytest.approx(found[2, 0], rel=0.1)
    assert (plan.seasons(pl.DataFrame(rows[:5]), wanted, list(range(1, 13))) == 1).all()
