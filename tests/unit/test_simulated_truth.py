"""The simulated shop without a database: what is written is what happened, and the stated processes made it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from app.demo.simulated import Size, stream, trade, trading, write_parquet
from app.demo.simulated.ahead import orders
from app.demo.simulated.days import DAYS, FIRST, days
from app.demo.simulated.lives import Lives
from oms_core.kernel.errors import InvalidInput

LINES, SEED = 40_000, 5


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    sizes = write_parquet(folder, lines=LINES, seed=SEED)
    assert sizes.lines == pytest.approx(LINES, rel=0.1)
    return folder


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.scan_parquet(folder / name / "**" / "*.parquet", hive_partitioning=False).collect()


def truth(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / f"{name}.parquet")


def test_sales_are_demand_less_what_was_not_there(shop: Path) -> None:
    demand = truth(shop, "demand")
    assert (demand["sold"] <= demand["demand"]).all()
    in_stock = demand.filter(pl.col("in_stock") == 1)
    assert (in_stock["sold"] == in_stock["demand"]).all()
    lost = demand.filter(pl.col("sold") < pl.col("demand"))
    assert lost.height > 100
    assert (lost["in_stock"] < 1).all()
    # as much came as was expected of it: four standard errors of overdispersed counts
    spread = ((demand["demand"] - demand["expected"]) ** 2).sum() ** 0.5
    assert abs(demand["demand"].sum() - demand["expected"].sum()) < 4 * spread
    sold = demand.group_by("sku", "day").agg(pl.col("sold").sum()).filter(pl.col("sold") > 0).sort("sku", "day")
    placed = table(shop, "orders").select(pl.col("id").alias("order_id"), pl.col("business_date").alias("day"))
    lines = table(shop, "order_lines").join(placed, on="order_id").group_by("sku", "day")
    lines = lines.agg(pl.col("quantity").sum().cast(pl.Int32).alias("sold")).sort("sku", "day")
    assert lines.equals(sold.with_columns(pl.col("sold").cast(pl.Int32)))


def test_money_adds_up_and_everything_has_its_owner(shop: Path) -> None:
    heads, lines = table(shop, "orders"), table(shop, "order_lines")
    sums = lines.group_by("order_id").agg(pl.col("gross_minor").sum(), pl.col("discount_minor").sum()).sort("order_id")
    assert (heads.sort("id")["gross_minor"] == sums["gross_minor"]).all()
    paid = heads["gross_minor"] - heads["discount_minor"] + heads["shipping_minor"]
    assert (heads["total_minor"] == paid).all()
    assert heads["placed_at"].is_sorted()
    assert (heads["placed_at"].dt.convert_time_zone("Europe/Warsaw").dt.date() == heads["business_date"]).all()
    back = table(shop, "return_lines").join(lines, left_on="order_line_id", right_on="id")
    assert (back["returned_qty"] == back["quantity"]).all()
    assert set(heads["customer_id"].drop_nulls()) <= set(table(shop, "customers")["id"])
    assert set(heads["currency"]) == {"PLN", "EUR"}


def test_customers_stop_when_they_die_and_begin_when_they_join(shop: Path) -> None:
    people = truth(shop, "customers")
    placed = table(shop, "orders").join(
        table(shop, "customers").select(pl.col("id").alias("customer_id"), "number"), on="customer_id"
    )
    placed = placed.join(people, left_on="number_right", right_on="number")
    assert placed.filter(pl.col("business_date") > pl.col("died_on")).is_empty()
    assert placed.filter(pl.col("business_date") < pl.col("joined_on")).is_empty()
    once = placed.filter(pl.col("kind") == "once").group_by("number_right").len()
    assert once["len"].max() == 1
    alive = people.filter(pl.col("died_on").is_null() & (pl.col("joined_on") < FIRST + timedelta(days=200)))
    years = (DAYS - (alive["joined_on"] - FIRST).dt.total_days()) / 365.25
    own = placed.group_by(pl.col("number_right").alias("number")).len()
    seen = alive.with_columns(years=years).join(own, on="number").filter(pl.col("kind") == "regular")
    assert seen["len"].sum() / (seen["orders_per_year"] * seen["years"]).sum() == pytest.approx(1, abs=0.15)


def test_promotions_lift_demand_by_what_is_stated(shop: Path) -> None:
    demand, promotions = truth(shop, "demand"), truth(shop, "promotions")
    days_of = promotions.with_columns(day=pl.date_ranges("since", "until")).explode("day").select("sku", "day", "lift")
    on = demand.join(days_of, on=["sku", "day"])
    assert on.height == demand["promo"].sum()
    without = on["expected"] / on["lift"]
    stated = (without * on["lift"]).sum() / without.sum()
    found = on["demand"].sum() / without.sum()
    error = ((on["demand"] - on["expected"]) ** 2).sum() ** 0.5 / without.sum()
    assert abs(found - stated) < 3 * error
    assert found - 1 > 5 * error


def test_returns_carriers_and_baskets_follow_their_odds(shop: Path) -> None:
    lines = table(shop, "order_lines").join(
        table(shop, "orders").select(pl.col("id").alias("order_id"), "business_date"), on="order_id"
    )
    settled = lines.filter(pl.col("business_date") < FIRST + timedelta(days=DAYS - 60))
    rated = settled.join(truth(shop, "skus").select("sku", "category"), on="sku").join(
        truth(shop, "returns"), on="category"
    )
    for (category,), part in rated.group_by("category"):
        rate, n = part["rate"][0], part.height
        found = (part["returned_qty"] > 0).mean()
        assert abs(found - rate) < 4 * (rate * (1 - rate) / n) ** 0.5, category
    parcels = table(shop, "shipments").join(truth(shop, "carriers"), on=["carrier", "lane"])
    known = parcels.filter(pl.col("delivered_at").is_not_null())
    odds = 1 - (1 - known["p_late"]) * (1 - known["p_failed"])
    late = (known["delivered_at"] > known["promised_at"]).sum()
    assert abs(late - odds.sum()) < 4 * float((odds * (1 - odds)).sum()) ** 0.5
    pairs = truth(shop, "baskets").filter(pl.col("n_a") > 200)
    error = (pairs["attach"] * (1 - pairs["attach"]) / pairs["n_a"]) ** 0.5
    # b also comes by itself, so at least the attachment is seen
    assert ((pairs["n_ab"] / pairs["n_a"] - pairs["attach"]) > -4 * error).all()
    assert (pairs["lift"] > 2).all()


def test_messages_are_answered_as_often_as_is_stated_and_nothing_else_changes(shop: Path) -> None:
    end = FIRST + timedelta(days=DAYS - 1)
    people = truth(shop, "customers")
    messages = people.select("number", sent_on=pl.lit(end))
    size = Size.of_lines(LINES)
    silent = orders(size, seed=SEED, days_ahead=29)
    spoken = orders(size, seed=SEED, days_ahead=29, messages=messages)
    answers = spoken.filter("is_answer")
    alive = people.filter(pl.col("died_on").is_null())["campaign_response"]
    assert abs(answers.height - alive.sum()) < 4 * float((alive * (1 - alive)).sum()) ** 0.5
    assert silent["is_answer"].sum() == 0
    rest = spoken.filter(~pl.col("is_answer")).group_by("number", "day").len().sort("number", "day")
    assert rest.equals(silent.group_by("number", "day").len().sort("number", "day"))
    dead = people.filter(pl.col("died_on").is_not_null())["number"].implode()
    assert spoken.filter(pl.col("number").is_in(dead)).is_empty()


def prints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_parquet(tmp_path / name, lines=300, seed=seed)
    first, again, other = (prints(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other
    settings = json.loads((tmp_path / "a" / "truth" / "settings.json").read_text())
    assert settings["seed"] == 1
    assert settings["processes"]["lives"]["KIND_SHARES"][0] == 0.55


def test_memory_does_not_grow_with_the_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHUNK_LINES", 400)
    monkeypatch.setattr(trading, "PUT_AWAY", 50)
    waiting: list[int] = []
    kept = Lives.compact

    def seen(lives: Lives, *, everybody: bool = False) -> None:
        kept(lives, everybody=everybody)
        waiting.append(len(lives.state["number"]))
        lives.done.clear()

    monkeypatch.setattr(Lives, "compact", seen)
    lines, born, most = 0, 0, 0
    for chunk in trade(Size(2_500), seed=1):
        most = max(most, chunk.order_lines.height)
        lines, born = lines + chunk.order_lines.height, born + chunk.customers.height
        assert chunk.orders["business_date"].dt.month().n_unique() <= 1
    assert most < 700 < lines / 8
    assert max(waiting) < 0.75 * born


def test_a_size_that_is_no_shop_is_refused_in_one_sentence() -> None:
    for wanted in (-5, 0, 99, 20_000_001):
        with pytest.raises(InvalidInput, match="number of orders from 100 to 20,000,000") as refused:
            Size(wanted)
        assert refused.value.code == "demo.size"
    with pytest.raises(InvalidInput, match="number of lines"):
        write_parquet(Path("nowhere"), lines=50_000_001, seed=1)


def test_the_calendar_knows_polish_trade() -> None:
    calendar = days()
    open_on = [d.isoformat() for d in calendar.dates if calendar.is_trading_sunday[calendar.dates.index(d)]]
    assert [d for d in open_on if d.startswith("2025")] == [
        "2025-01-26", "2025-04-13", "2025-04-27", "2025-06-29", "2025-08-31", "2025-12-07", "2025-12-14", "2025-12-21",
    ]  # fmt: skip
    assert [d for d in open_on if d.startswith("2024")] == ["2024-12-15", "2024-12-22"]
    closed = np.array([d.isoformat() == "2026-06-04" for d in calendar.dates])  # Corpus Christi
    assert calendar.is_holiday[closed].all()
    assert calendar.rate[1, closed].sum() == 0
