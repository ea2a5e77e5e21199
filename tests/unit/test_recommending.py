"""Offers: what is bought again and what goes together is found, in stock and in season, and beats what is simpler."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from oms_core.kernel.errors import DataNotReady
from segmentation.offers.kinship import Kinship
from segmentation.offers.past import past
from segmentation.offers.scoring import bestsellers, recommend
from segmentation.offers.trial import apart, backtest, taste_of

FIRST = date(2026, 1, 1)


def shop(people=240, seed=1):
    """Tea and coffee drinkers, cheap and dear, who come every 25 days, buy again what they like and try what fits."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(people):
        taste = "TEA" if customer % 2 else "COFFEE"
        liked = list(random.choice(12, 4, replace=False))
        for order in range(6):
            day = FIRST + timedelta(days=order * 25 + int(random.integers(10)))
            bought = {f"{taste}{random.choice(liked)}", f"{taste}{random.integers(12)}"}
            bought |= {"BAG"} if random.random() < 0.3 else set()
            bought |= {"XMAS"} if order == 0 else set()
            rows += [(customer, customer * 10 + order, day, sku, 1, 900 if "TEA" in sku else 4000) for sku in bought]
    names = ["customer_id", "order_id", "business_date", "sku", "quantity", "gross_minor"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture(scope="module")
def lines():
    return shop()


def test_nothing_of_what_came_later_is_learnt_from(lines):
    later = apart(lines)
    assert later.known.get_column("business_date").max() <= later.day
    assert later.truth.height > 0
    first_after = (
        lines.filter(pl.col("business_date") > later.day).group_by("customer_id").agg(pl.col("order_id").min())
    )
    held = lines.join(first_after, on=["customer_id", "order_id"], how="semi").select("customer_id", "sku").unique()
    assert later.truth.sort("customer_id", "sku").equals(held.sort("customer_id", "sku"))


def test_offers_beat_co_occurrence_rebuying_and_bestsellers_on_orders_not_seen(lines):
    found = backtest(lines, count=4)
    recall = {way["way"]: way["recall"] for way in found["ways"]}
    assert found["customers"] == 240
    assert recall["offers"] > 1.1 * max(recall["together"], recall["bestsellers"])
    assert recall["offers"] >= recall["rebuy"]
    assert found["beats"]["low"] <= found["beats"]["gain"] <= found["beats"]["high"]
    with pytest.raises(DataNotReady) as refused:
        backtest(lines.filter(pl.col("customer_id") < 5))
    assert refused.value.code == "recommend.too_few"


def test_members_get_what_fits_them_from_what_may_be_offered(lines):
    taste = taste_of(lines)
    people = pl.Series("customer_id", [0, 1, 2, 3, 9999])
    offers = recommend(taste, people, count=4)
    assert offers.group_by("customer_id", maintain_order=True).len().rows() == [(0, 4), (1, 4), (2, 4), (3, 4)]
    odd = offers.filter(pl.col("customer_id") % 2 == 1)
    assert not odd.get_column("sku").str.starts_with("COFFEE").any()
    assert "XMAS" not in offers.get_column("sku")  # sold in January only
    assert set(offers.get_column("why")) <= {"again", "together", "popular"}
    assert odd.filter(pl.col("sku").str.starts_with("TEA")).get_column("in_band").all()
    few = recommend(taste, people, count=4, among=pl.Series(["BAG", "TEA3"]))
    assert set(few.get_column("sku")) == {"BAG", "TEA3"}
    assert recommend(taste, people, among=pl.Series([], dtype=pl.String)).is_empty()
    assert recommend(taste_of(lines.clear()), people).is_empty()
    tea = pl.Series("customer_id", range(1, 240, 2))
    best = bestsellers(lines, tea, days=60, count=3)
    assert best.height == 3
    assert not best.get_column("sku").str.starts_with("COFFEE").any()
    assert best.get_column("share").is_sorted(descending=True)


def test_what_goes_together_is_the_same_through_people_and_through_pairs(lines):
    known = past(lines)
    bought, buyers = known.bought.toarray(), known.bought.toarray().sum(axis=0)
    counted = bought.T @ bought
    np.fill_diagonal(counted, 0.0)
    alike = counted / np.sqrt(np.outer(buyers + 20, buyers + 20))
    rows = np.array([0, 3, 100, 239])
    by_hand = bought[rows] @ alike
    by_hand /= by_hand.max(axis=1, keepdims=True)
    few, many = Kinship(known), Kinship(known)
    assert np.allclose(few.of(rows), by_hand, atol=1e-8)
    assert "pairs" not in few.__dict__  # four people are not worth counting every pair for
    assert np.array_equal(many.of(np.arange(240))[rows], few.of(rows))
    assert "pairs" in many.__dict__
