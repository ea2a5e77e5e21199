"""Files as shops have them: any order, any type of date, ids with leading zeros, returns, duplicates."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from app.cli.main import app

UNTIL = date(2020, 12, 31)
COLUMNS = (
    "customer_id", "expected_orders", "orders_lo_90", "orders_hi_90", "expected_value", "value_lo_90",
    "value_hi_90", "p_active", "p_alive", "next_order_date",
)  # fmt: skip


def shop(customers=400, *, leaving=0.25, seed=3) -> pl.DataFrame:
    """Customers of one year who buy at random and leave after an order with chance `leaving`."""
    draw = np.random.default_rng(seed)
    rows = []
    for key in range(customers):
        day = date(2020, 1, 1) + timedelta(days=int(draw.integers(0, 200)))
        rate = draw.gamma(1.2, 1 / 60)
        while day <= UNTIL:
            rows.append((f"{key:05d}", day, round(float(draw.gamma(4, 10)), 2)))
            if draw.random() < leaving:
                break
            day += timedelta(days=max(1, round(draw.exponential(1 / rate))))
    return pl.DataFrame(rows, schema=["customer_id", "date", "amount"], orient="row")


def run(*words):
    done = CliRunner().invoke(app, ["clv", *map(str, words), "--format", "json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)


def predict(path, out, *more):
    words = ("--transactions", path, "--until", UNTIL, "--horizon-days", 90, "--out", out, *more)
    status, answer = run("predict", *words)
    assert status == 0, answer
    return answer, pl.read_parquet(out) if out.suffix == ".parquet" else pl.read_csv(out, infer_schema=False)


@pytest.fixture(scope="module")
def lines():
    return shop()


def test_one_row_a_customer_with_ordered_bounds_and_totals_that_add_up(lines, tmp_path):
    lines.write_csv(tmp_path / "t.csv")
    answer, rows = predict(tmp_path / "t.csv", tmp_path / "p.parquet")
    assert tuple(rows.columns) == COLUMNS
    assert rows.height == answer["customers"] == lines.get_column("customer_id").n_unique()
    assert "00007" in rows.get_column("customer_id").to_list()
    for name in ("orders", "value"):
        lo, mean, hi = (rows.get_column(c) for c in (f"{name}_lo_90", f"expected_{name}", f"{name}_hi_90"))
        assert (lo <= hi).all()
        assert (mean >= 0).all()
        assert answer[f"total_{name}"] == pytest.approx(mean.sum(), rel=1e-4)
        assert answer[f"total_{name}_lo_90"] < answer[f"total_{name}"] < answer[f"total_{name}_hi_90"]
    for chance in ("p_active", "p_alive"):
        assert rows.get_column(chance).is_between(0, 1).all()
    assert (rows.get_column("p_active") <= rows.get_column("expected_orders") + 1e-12).all()
    assert (rows.get_column("next_order_date").drop_nulls() > UNTIL).all()


def test_the_same_history_in_any_form_is_the_same_forecast(lines, tmp_path):
    lines.write_parquet(tmp_path / "dates.parquet")
    shuffled = lines.sample(fraction=1.0, shuffle=True, seed=1)
    instants = shuffled.with_columns(pl.col("date").cast(pl.Datetime) + pl.duration(hours=9))
    instants.write_parquet(tmp_path / "instants.parquet")
    numbers = shuffled.with_columns(pl.col("date").dt.strftime("%Y%m%d").cast(pl.Int64))
    numbers.write_csv(tmp_path / "numbers.csv")
    later = pl.DataFrame({"customer_id": ["99999"], "date": [UNTIL + timedelta(days=5)], "amount": [9.0]})
    pl.concat([shuffled, later]).write_csv(tmp_path / "later.csv")
    forms = ("dates.parquet", "instants.parquet", "numbers.csv", "later.csv")
    frames = [predict(tmp_path / form, tmp_path / f"{form}.out.parquet")[1] for form in forms]
    for frame in frames[1:]:
        assert frame.equals(frames[0])


def test_lines_of_a_day_are_one_order_and_returns_net_within_it(lines, tmp_path):
    halves = lines.with_columns(pl.col("amount") / 2)
    back = lines.head(50).with_columns(pl.lit(-5.0).alias("amount"))
    paid = lines.head(50).with_columns(pl.lit(5.0).alias("amount"))
    alone = lines.head(50).with_columns(pl.col("date") + pl.duration(days=1), pl.lit(-7.0).alias("amount"))
    alone = alone.join(lines, on=["customer_id", "date"], how="anti")
    pl.concat([halves, halves, back, paid, alone]).write_parquet(tmp_path / "split.parquet")
    lines.write_parquet(tmp_path / "whole.parquet")
    _, split = predict(tmp_path / "split.parquet", tmp_path / "a.parquet", "--model", "bgnbd")
    _, whole = predict(tmp_path / "whole.parquet", tmp_path / "b.parquet", "--model", "bgnbd")
    numbers = list(COLUMNS[1:-1])
    assert np.allclose(split.select(numbers).to_numpy(), whole.select(numbers).to_numpy(), rtol=1e-6)


def test_a_shop_nobody_leaves_is_told_so(tmp_path):
    shop(leaving=0.0, seed=5).write_parquet(tmp_path / "t.parquet")
    for model in ("bgnbd", "mbgnbd", "paretonbd"):
        _, answer = run("fit", "--transactions", tmp_path / "t.parquet", "--until", UNTIL, "--model", model)
        assert answer["model"] == "nbd"
        assert "no dropout identifiable" in answer["boundary"]
        assert set(answer["params"]) == {"r", "alpha"}
    _, rows = predict(tmp_path / "t.parquet", tmp_path / "p.parquet", "--model", "bgnbd")
    assert rows.get_column("p_alive").min() == 1.0


def test_nobody_who_spends_leaves_orders_without_value(lines, tmp_path):
    lines.with_columns(pl.lit(0.0).alias("amount")).write_csv(tmp_path / "free.csv")
    answer, rows = predict(tmp_path / "free.csv", tmp_path / "p.parquet")
    assert answer["total_orders"] > 0
    assert answer["total_value"] == rows.get_column("expected_value").sum() == 0


def refusals(lines, tmp_path):
    good = tmp_path / "good.csv"
    lines.write_csv(good)
    few = tmp_path / "few.csv"
    lines.filter(pl.col("customer_id") < "00020").write_csv(few)
    renamed = tmp_path / "renamed.csv"
    lines.rename({"amount": "colour"}).write_csv(renamed)
    dates = tmp_path / "dates.csv"
    dates.write_text("customer_id,date,amount\n1,yesterday,3\n")
    amounts = tmp_path / "amounts.csv"
    amounts.write_text("customer_id,date,amount\n1,2020-01-01,a lot\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    return (
        (few, UNTIL, 90, "auto", "p.csv", 1, "clv.too_little_data"),
        (good, "2019-01-01", 90, "auto", "p.csv", 1, "clv.too_little_data"),
        (renamed, UNTIL, 90, "auto", "p.csv", 2, "clv.columns"),
        (dates, UNTIL, 90, "auto", "p.csv", 2, "clv.dates"),
        (amounts, UNTIL, 90, "auto", "p.csv", 2, "clv.amounts"),
        (empty, UNTIL, 90, "auto", "p.csv", 2, "clv.file"),
        (tmp_path / "none.csv", UNTIL, 90, "auto", "p.csv", 2, "clv.file"),
        (good, "soon", 90, "auto", "p.csv", 2, "input.until"),
        (good, UNTIL, 0, "auto", "p.csv", 2, "clv.horizon"),
        (good, UNTIL, 90, "crystal", "p.csv", 1, "model.not_found"),
        (good, UNTIL, 90, "bgnbd", "p.doc", 2, "clv.out"),
        (good, UNTIL, 90, "bgnbd", "no/p.csv", 2, "clv.out"),
    )


def test_what_cannot_be_predicted_is_said_and_writes_nothing(lines, tmp_path):
    for path, until, horizon, model, out, status, code in refusals(lines, tmp_path):
        words = ("--transactions", path, "--until", until, "--horizon-days", horizon, "--out", tmp_path / out)
        done, answer = run("predict", *words, "--model", model)
        assert (done, answer["code"]) == (status, code)
        assert answer["message"].endswith(".")
        assert answer["hint"]
    assert not list(tmp_path.glob("*p.csv*"))


def test_intervals_of_totals_hold_the_truth_of_simulated_cohorts():
    """Twenty shops whose truth is known: about nine of ten totals lie in their 90 % interval."""
    from segmentation import clv

    held = 0
    for seed in range(20):
        lines = clv.tidy(shop(250, seed=100 + seed))
        cutoff = date(2020, 9, 30)
        predicted = clv.predict(clv.fit(lines, until=cutoff, model="bgnbd"), 60)
        days = clv.purchase_days(lines, cutoff + timedelta(days=60)).filter(pl.col("day") > cutoff)
        known = predicted.customers.select("customer_id")
        actual = days.join(known, on="customer_id", how="semi").height
        held += predicted.orders.lo_90 <= actual <= predicted.orders.hi_90
    assert held >= 17
