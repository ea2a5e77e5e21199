"""The arithmetic of campaigns: textbook values, intervals that hold the truth as often as they say, known effects."""

from __future__ import annotations

import polars as pl
import pytest
from scipy import stats

from app.demo.simulated.campaign_trial import Lives, draw, lives
from oms_core.kernel.errors import DataNotReady, InvalidInput
from segmentation.campaign_words import advised, chance_of, foreseen, told
from segmentation.campaigns import detectable, difference, foresee, needed, uplift


def test_two_groups_compare_as_in_the_textbook():
    a, b = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9], [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8]
    found, oracle = difference(a, b), stats.ttest_ind(a, b, equal_var=False)
    interval = oracle.confidence_interval(0.95)
    assert (found.p_value, found.low, found.high) == pytest.approx((oracle.pvalue, interval.low, interval.high))


def test_power_as_in_the_textbook():
    # Cohen (1988), table 2.4.1: d = 0.5, two-sided 5 %, power 80 %: 64 a group by t; 63 in the normal approximation
    share, fewest = needed(2.0, 1.0, 10_000)
    assert fewest == 126
    assert detectable(2.0, 63, 63) == pytest.approx(1.0, rel=0.003)
    assert detectable(2.0, round(10_000 * (1 - share)), round(10_000 * share)) == pytest.approx(1.0, rel=0.01)
    assert needed(2.0, 1.0, 125)[0] is None
    assert detectable(2.0, 100, 0) == float("inf")
    chance = stats.norm.sf(1.959964 - detectable(3.0, 80, 20) / (3.0 * (1 / 80 + 1 / 20) ** 0.5))
    assert chance == pytest.approx(0.8, abs=1e-5)


def test_a_segment_too_small_says_so_and_what_it_takes():
    one = pl.DataFrame({"window": [0], "orders": [20.0], "revenue": [4000.0], "orders_squared": [24.0],
                        "revenue_squared": [1_200_000.0]})  # fmt: skip
    by_orders, by_revenue = foresee(one, members=100, holdout=0.1)
    assert (by_orders.sent, by_orders.held, by_orders.mean) == (90, 10, 0.2)
    assert by_orders.deviation == pytest.approx((0.24 - 0.04) ** 0.5 * (100 / 99) ** 0.5)
    assert (by_orders.needed_share, by_revenue.needed_share) == (None, None)
    assert "too small to see 10%" in advised(0.1, None, by_orders.needed_members, "en")
    assert "za mały" in advised(0.1, None, by_orders.needed_members, "pl")
    nobody = foresee(one.with_columns(pl.exclude("window") * 0), members=100, holdout=0.1)[0]
    assert (nobody.detectable_share, nobody.needed_members) == (None, None)
    assert foreseen("orders", None, "en").startswith("Nobody")
    for wrong in ({"holdout": 1.0}, {"holdout": 0.1, "asked": 0.0}, {"holdout": 0.1, "asked": float("nan")}):
        with pytest.raises(InvalidInput):
            foresee(one, members=100, **wrong)


def test_one_arm_is_no_experiment_and_sameness_is_no_proof():
    people = pl.DataFrame({"arm": ["sent"] * 5 + ["held"], "orders": [0] * 6, "orders_before": [0] * 6})
    with pytest.raises(DataNotReady) as refused:
        uplift(people)
    assert refused.value.code == "campaign.no_arms"
    nothing = uplift(pl.concat([people, people])).row(0, named=True)
    assert (nothing["effect"], nothing["p_value"], nothing["is_shaky"]) == (0.0, None, True)
    assert chance_of(None, "pl").startswith("Wyniki")
    assert ("3.2%" in chance_of(0.032, "en"), "3,2%" in chance_of(0.032, "pl")) == (True, True)
    assert "39,954" in advised(0.1, None, 39_954, "en")
    assert "39\N{NO-BREAK SPACE}954" in advised(0.1, None, 39_954, "pl")
    assert told("revenue", (-9.0, -12.0, -3.0), lambda v: f"{v:g}", "en") == (
        "Writing cost 9 of revenue; 95% sure it was 3 to 12."
    )


@pytest.fixture(scope="module")
def two_lives():
    """Customers of a simulated shop who live the days after a message with it and without it."""
    return lives(4_000, seed=5)


def test_a_message_changes_nothing_but_its_answers(two_lives):
    members = two_lives.members
    more = members["orders_written"] - members["orders_quiet"]
    assert more.is_in([0.0, 1.0]).all()
    assert more.sum() > 0
    assert (members["orders_before"] > 0).all()


@pytest.mark.parametrize("measure", ["orders", "revenue"])
def test_the_true_effect_lies_inside_at_the_stated_rate(two_lives, measure):
    """200 draws of the hold-out among simulated customers whose answer is known both ways, read as the product does."""
    found = pl.concat([draw(two_lives, holdout=0.2, seed=seed) for seed in range(200)])
    found = found.filter(pl.col("measure") == measure)
    inside = found.select(pl.col("truth").is_between("total_low", "total_high").mean()).item()
    assert 0.90 <= inside <= 0.995
    # no bias beyond chance, and an interval that says something: without the past it is wider
    assert abs(found["total"].mean() - found["truth"].mean()) < found["total"].std()
    blind = two_lives.members.with_columns(pl.col(f"{measure}_before") * 0)
    width = (found["total_high"] - found["total_low"]).mean()
    plain = draw(Lives(blind), holdout=0.2, seed=1).filter(pl.col("measure") == measure)
    assert width < (plain["total_high"] - plain["total_low"]).mean()
