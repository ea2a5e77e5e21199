"""The blend against single models where the truth is known: simulated populations, held against what came."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from clv_populations import REGIMES, transactions
from typer.testing import CliRunner

from app.cli.main import app
from segmentation import clv
from segmentation.clv.acquaintance import known_before
from segmentation.clv.counting import count
from segmentation.clv.scorecard import calibration_error, captured, error_by_chance, normalised_gini

SMALL = {"customers": 700}


def shop(name, *, seed=1, **changed):
    return transactions(replace(REGIMES[name], **{**SMALL, **changed}), seed=seed)


def backtest(path, *words):
    done = CliRunner().invoke(app, ["clv", "backtest", "--transactions", str(path), *words, "--format", "json"])
    return done.exit_code, json.loads(done.stdout)


def test_every_model_and_the_blend_are_held_against_what_came(tmp_path):
    shop("plain").write_parquet(tmp_path / "t.parquet")
    status, answer = backtest(tmp_path / "t.parquet", "--cutoffs", "2", "--horizon-days", "60")
    assert status == 0
    assert len(answer["cutoffs"]) == 2
    assert list(answer["models"]) == ["bgnbd", "mbgnbd", "paretonbd", "nbd", "auto"]
    assert len(answer["rounds"]) == 10
    for row in answer["rounds"]:
        cutoff = date.fromisoformat(row["cutoff"])
        days = clv.purchase_days(clv.tidy(pl.read_parquet(tmp_path / "t.parquet")))
        known = days.filter(pl.col("day") <= cutoff).select("customer_id").unique()
        came = days.filter((pl.col("day") > cutoff) & (pl.col("day") <= cutoff + timedelta(days=60)))
        assert row["customers"] == known.height
        assert row["actual_orders"] == came.join(known, on="customer_id", how="semi").height
        assert row["bias"] == pytest.approx(row["expected_orders"] / row["actual_orders"] - 1)
        assert row["held"] == (row["orders_lo_90"] <= row["actual_orders"] <= row["orders_hi_90"])
    blend, plain = answer["models"]["auto"], answer["models"]["nbd"]
    assert blend["mae_to_best"] <= 1.05 < plain["mae_to_best"]


def test_a_file_too_short_for_the_horizon_is_told_so(tmp_path):
    shop("few").write_csv(tmp_path / "t.csv")
    status, answer = backtest(tmp_path / "t.csv", "--horizon-days", "520")
    assert (status, answer["code"]) == (1, "clv.too_short")
    assert "60 days before it and 520 after it" in answer["message"]


def test_days_before_enough_was_known_are_left_out_and_too_little_is_told(tmp_path):
    lines = shop("few", customers=320)
    lines.write_csv(tmp_path / "few.csv")
    status, answer = backtest(tmp_path / "few.csv", "--cutoffs", "3", "--horizon-days", "60")
    assert status == 0
    assert 1 <= len(answer["cutoffs"]) <= 3
    once = lines.unique("customer_id")
    once.write_csv(tmp_path / "once.csv")
    status, answer = backtest(tmp_path / "once.csv", "--horizon-days", "60")
    assert (status, answer["code"]) == (1, "clv.too_little_data")
    assert "0 of them with a repeat purchase" in answer["message"]
    messy = pl.concat([
        lines.with_columns(pl.col("amount").cast(pl.Utf8)),
        lines.head(40).with_columns(amount=pl.lit("")),
        lines.head(40).with_columns(amount=pl.lit("-900.5")),
        lines.head(9).with_columns(date=pl.lit(date(2099, 1, 1)), amount=pl.lit("5")),
    ])  # fmt: skip
    messy.write_csv(tmp_path / "messy.csv")
    status, answer = backtest(tmp_path / "messy.csv", "--cutoffs", "1", "--horizon-days", "60", "--until", "2022-06-01")
    assert status == 0
    assert answer["rounds"][0]["actual_orders"] > 0


def test_customers_from_before_the_file_are_told_from_new_ones():
    """The likelihood finds silence before the first purchase seen where there was one, and only there."""
    ends = date(2021, 1, 1)
    for name, is_known in (("wholesale", True), ("plain", False), ("no churn", False), ("one cohort", False)):
        lines = clv.tidy(shop(name, customers=1200))
        until = ends + timedelta(days=REGIMES[name].days - 1)
        counts = known_before(count(clv.summarise(clv.purchase_days(lines, until), until)))
        assert (counts.head.max() > 0) == is_known, name


def test_the_card_knows_perfect_and_blind_forecasts():
    spent = np.array([0.0, 0.0, 10.0, 40.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert normalised_gini(spent, spent) == pytest.approx(1.0)
    assert normalised_gini(np.ones(10), spent) == pytest.approx(0.0)
    assert normalised_gini(-spent, spent) < 0
    assert captured(spent, spent) == pytest.approx(0.5)
    said, came = np.array([0.15, 0.15, 0.85, 0.85]), np.array([False, False, True, False])
    assert calibration_error(said, came) == pytest.approx((2 * 0.15 + 0.7) / 4)


def test_what_chance_alone_makes_of_the_calibration_error_is_told():
    """Of chances that are exactly right the error seen is, on average, the error by chance."""
    draw = np.random.default_rng(3)
    said = draw.beta(0.5, 2.0, 400)
    seen = [calibration_error(said, draw.random(400) < said) for _ in range(300)]
    assert error_by_chance(said) == pytest.approx(np.mean(seen), rel=0.05)
    assert error_by_chance(np.tile(said, 100)) == pytest.approx(error_by_chance(said) / 10)
    assert error_by_chance(np.array([0.0, 1.0])) == 0
