"""`forecast` and `replenish` from the command line: files, keys, refusals, and drafts that are not drafted twice."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sqlalchemy as sa
from small_shop import SmallShop, small_shop
from typer.testing import CliRunner

from app.cli.main import app
from app.jobs.replenishment import create_purchase_orders
from forecasting.replenish import Demand, suggest
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Refused
from oms_core.purchasing import queries

RUN = CliRunner()


def call(*words: object, status: int = 0) -> dict | list:
    answer = RUN.invoke(app, [str(word) for word in (*words, "--format", "json")])
    assert answer.exit_code == status, answer.output
    return json.loads(answer.stdout)


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    days = [date(2026, 1, 1) + timedelta(days=k) for k in range(200)]
    frame = pl.concat(
        [
            pl.DataFrame({"series_id": f"00{i}", "day": days, "y": rng.poisson(1.0 + i, 200).astype(str)})
            for i in range(6)
        ]
    )
    broken = pl.DataFrame({"series_id": "bad", "day": days[:2], "y": ["3", "lots"]})
    path = tmp_path / "panel.csv"
    pl.concat([frame, broken]).sample(fraction=1.0, shuffle=True, seed=3).write_csv(path)
    return path


def test_predict_writes_days_and_sums_and_names_what_it_refused(panel: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    answer = call(
        "forecast", "predict", "--panel", panel, "--horizon", 14, "--levels", "50,92.5", "--sums", "7,14", "--out", out
    )
    assert (answer["series"], answer["refused"]) == (
        6,
        [{"series_id": "bad", "code": "series.not_numeric", "reason": "y holds text that is not a number."}],
    )
    assert answer["seconds"] > 0
    frame, sums = pl.read_parquet(out), pl.read_parquet(tmp_path / "out.parquet.sums.parquet")
    assert frame.columns == ["series_id", "day", "mean", "lo_50", "hi_50", "lo_92.5", "hi_92.5"]
    assert sums.columns == ["series_id", "days", "mean", "lo_50", "hi_50", "lo_92.5", "hi_92.5"]
    assert frame.height == 84
    assert frame["day"].min() == date(2026, 7, 20)
    assert sums["series_id"].unique().sort().to_list() == [f"00{i}" for i in range(6)]
    total = frame.group_by("series_id").agg(pl.col("mean").sum()).sort("series_id")["mean"].to_list()
    assert sums.filter(pl.col("days") == 14).sort("series_id")["mean"].to_list() == pytest.approx(total)


def test_predict_twice_writes_the_same_bytes(panel: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        call("forecast", "predict", "--panel", panel, "--horizon", 5, "--out", tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_backtest_gives_every_engine_the_same_keys(panel: Path) -> None:
    answer = call("forecast", "backtest", "--panel", panel, "--horizon", 14, "--cutoffs", 2)
    assert {"ordersight", "naive", "seasonal_naive"} <= set(answer)
    for scores in answer.values():
        assert set(scores) == {
            "rmsse", "wrmsse", "mase", "wape_sum", "spl", "wspl", "bias", "coverage", "seconds",
        }  # fmt: skip
        assert set(scores["coverage"]) == {"50", "80", "95"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("--horizon", 0), "input.horizon"),
        (("--levels", "50,100"), "input.levels"),
        (("--levels", "half"), "input.levels"),
        (("--sums", "15"), "input.sums"),
        (("--freq", "Q"), "input.freq"),
        (("--panel", "missing.csv"), "file.not_found"),
        (("--out", "nowhere/out.parquet"), "input.out"),
        (("--out", "out.xlsx"), "input.out"),
    ],
)
def test_a_wrong_word_is_refused_in_one_sentence_and_nothing_is_written(
    panel: Path, tmp_path: Path, change: tuple, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"--panel": panel, "--horizon": 14, "--out": "out.parquet"} | dict([change])
    words = [word for pair in given.items() for word in pair]
    answer = call("forecast", "predict", *words, status=1 if code.endswith("found") else 2)
    assert answer["code"] == code
    assert answer["message"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["panel.csv"]


def test_too_many_cutoffs_say_how_many_there_may_be(panel: Path) -> None:
    answer = call("forecast", "backtest", "--panel", panel, "--horizon", 60, "--cutoffs", 9, status=2)
    assert answer["hint"] == "Ask for 3 cutoffs at most, or a shorter horizon."


def test_simulate_and_optimise_answer_with_the_keys_asked_for(panel: Path, tmp_path: Path) -> None:
    answer = call("replenish", "simulate", "--panel", panel, "--policy", "cover", "--target-fill", 0.95, "--pack", 2)
    assert {"fill_rate", "avg_on_hand", "orders", "lost_units"} <= set(answer)
    lines = tmp_path / "lines.csv"
    lines.write_text(
        "sku,supplier,unit_cost,pack,moq,position,demand_mean,demand_sd,margin,holding,volume,price_breaks\n"
        'A,x,2.00,5,10,3,20,8,1.5,.1,1,"[[20, 1.8]]"\nB,x,4.00,1,0,50,9,3,2,.2,1,\n'
    )
    plan = call("replenish", "optimise", "--lines", lines, "--budget", 30)
    assert set(plan) >= {"objective", "bound", "gap", "spend", "seconds", "lines"}
    assert [set(line) for line in plan["lines"]] == [{"sku", "quantity", "unit_cost", "marginal_value"}]
    assert plan["lines"][0]["sku"] == "A"
    assert plan["spend"] <= 30


@pytest.fixture
def shop(engine: sa.Engine) -> SmallShop:
    with transaction(engine) as session:
        return small_shop(session)


@pytest.mark.usefixtures("noon")
def test_a_second_plan_counts_the_first_ones_drafts(engine: sa.Engine, shop: SmallShop) -> None:
    skus = sorted(shop.variants)
    days = np.array([7, 28, 56])
    demand = Demand(days, np.tile(2.0 * days, (len(skus), 1)), np.tile(3.0 * days, (len(skus), 1)))

    def planned() -> list[dict]:
        with transaction(engine) as session:
            drafted = dict(queries.drafted(session))
        frame = pl.DataFrame(
            [
                {
                    "sku": sku, "title": sku, "variant_id": shop.variants[sku], "supplier_id": shop.supplier,
                    "available": 4 * place, "incoming": 0, "drafted": drafted.get(shop.variants[sku], 0),
                    "next_due_on": None, "pack_qty": 6, "moq_qty": 0, "lead_time_days": 5.5, "lead_time_sd_days": 1.0,
                    "review_days": 7, "cover_days": 28, "unit_cost_minor": 500, "price_minor": 1000,
                }
                for place, sku in enumerate(skus)
            ],
            schema_overrides={"next_due_on": pl.Date},
        )  # fmt: skip
        return list(suggest(frame, demand, date(2010, 12, 9)).iter_rows(named=True))

    first = planned()
    assert all(line["order_qty"] > 0 for line in first)
    with transaction(engine) as session:
        (order,) = create_purchase_orders(session, first, location_id=shop.warehouse)
        kept = queries.purchase_order_detail(session, order.id)["lines"]
    assert {line["quantity"] for line in kept} == {line["order_qty"] for line in first}
    assert kept[0]["receipt"]["reason"]["pl"].startswith("Sprzedaje się 2,0 dziennie.")
    assert kept[0]["receipt"]["p_stock_out"] == 1.0
    second = planned()
    assert [line["order_qty"] for line in second] == [0] * len(skus)
    with transaction(engine) as session, pytest.raises(Refused, match="nothing to order"):
        create_purchase_orders(session, second, location_id=shop.warehouse)
