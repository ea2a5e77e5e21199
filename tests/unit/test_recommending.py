"""Recommendations: what goes together and what is bought again is found, and beats bestsellers where it is there."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from oms_core.kernel.errors import DataNotReady
from segmentation.recommending import backtest, learn, recommend


def shop(people=300, seed=1):
    """Tea drinkers and coffee drinkers, who buy again what they like, in a shop whose bestseller is a bag."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(people):
        tastes = [f"{'TEA' if customer % 2 else 'COFFEE'}{n}" for n in range(12)]
        for order in range(3):
            bought = {*random.choice(tastes, 2, replace=False), *(["BAG"] if random.random() < 0.15 else [])}
            rows += [(customer, customer * 10 + order, date(2026, 1, 1) + timedelta(days=order), sku) for sku in bought]
    return pl.DataFrame(rows, schema=["customer_id", "order_id", "business_date", "sku"], orient="row")


def test_taste_beats_bestsellers_on_orders_not_seen():
    found = backtest(shop(), count=5)
    assert found["customers"] == 300
    assert found["hit_rate"] > 1.3 * found["bestsellers"]


def test_members_get_what_fits_them_best_first():
    lines = shop()
    offers = recommend(learn(lines), lines.filter(pl.col("customer_id") < 10), count=4)
    assert offers.group_by("customer_id").len()["len"].to_list() == [4] * 10
    tea = offers.filter(pl.col("customer_id") % 2 == 1).get_column("sku")
    assert not tea.str.starts_with("COFFEE").any()
    assert recommend(learn(lines), lines.clear(), count=4).is_empty()


def test_too_few_second_orders_prove_nothing():
    with pytest.raises(DataNotReady) as refused:
        backtest(shop(people=5))
    assert refused.value.code == "recommend.too_few"
