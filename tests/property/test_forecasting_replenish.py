"""Replenishment: netting, rounding, urgency; the simulation keeps its books; policies meet their target."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.budgeting import cut, within_budget
from forecasting.panel import Panel
from forecasting.periods import Calendar
from forecasting.price_breaks import priced
from forecasting.reasons import reason
from forecasting.replay import replay
from forecasting.replenish import Demand, suggest
from forecasting.simulate import simulate
from forecasting.stocking import LEVELS, Levels, Terms
from oms_core.kernel.errors import InvalidInput, NotFound

TODAY = date(2026, 11, 20)


def demand(rate: float, n: int = 1) -> Demand:
    days = np.array([7, 14, 28, 56])
    mean = np.tile(rate * days, (n, 1)).astype(float)
    return Demand(days, mean, mean + 1.645 * np.sqrt(2.0 * mean))


def position(**changes: object) -> pl.DataFrame:
    line = {
        "sku": "A", "available": 40, "incoming": 0, "drafted": 0, "next_due_on": None, "pack_qty": 1, "moq_qty": 0,
        "lead_time_days": 7.0, "lead_time_sd_days": 0.0, "review_days": 7, "cover_days": 28, "price_minor": 900,
        "unit_cost_minor": 400, "supplier_id": 1, "min_order_minor": 0, "fixed_cost_minor": 0,
    }  # fmt: skip
    return pl.DataFrame([line | changes], schema_overrides={"next_due_on": pl.Date})


def line_of(rate: float = 4.0, **changes: object) -> dict:
    return suggest(position(**changes), demand(rate), TODAY).row(0, named=True)


RATE = st.floats(0.05, 30.0)
UNITS = st.integers(0, 400)


@settings(deadline=None)
@given(RATE, UNITS, UNITS, UNITS, st.integers(1, 24), st.integers(0, 60))
def test_an_order_is_whole_packs_from_the_minimum_and_brings_the_position_up(
    rate: float, available: int, incoming: int, drafted: int, pack: int, moq: int
) -> None:
    line = line_of(rate, available=available, incoming=incoming, drafted=drafted, pack_qty=pack, moq_qty=moq)
    order = line["order_qty"]
    assert order % pack == 0
    assert order == 0 or order >= moq
    assert line["position"] == available + incoming + drafted
    if line["position"] < line["reorder_point"]:
        assert line["position"] + order >= line["up_to"] - 1e-6
        assert order - line["rounding_qty"] == line["raw_qty"]
    else:
        assert order == 0


@settings(deadline=None)
@given(RATE, UNITS, st.integers(1, 24))
def test_what_is_drafted_is_not_ordered_again(rate: float, available: int, pack: int) -> None:
    first = line_of(rate, available=available, pack_qty=pack)["order_qty"]
    assert line_of(rate, available=available, pack_qty=pack, drafted=first)["order_qty"] == 0
    assert line_of(rate, available=available, pack_qty=pack, incoming=first)["order_qty"] == 0


@settings(deadline=None)
@given(RATE, st.floats(1.0, 30.0), st.floats(0.0, 20.0), st.floats(0.0, 9.0))
def test_more_lead_time_or_a_less_sure_one_never_lowers_the_reorder_point(
    rate: float, lead: float, more: float, sd: float
) -> None:
    here = line_of(rate, lead_time_days=lead)["reorder_point"]
    assert line_of(rate, lead_time_days=lead + more)["reorder_point"] >= here - 1e-9
    assert line_of(rate, lead_time_days=lead, lead_time_sd_days=sd)["reorder_point"] >= here - 1e-9


@pytest.mark.parametrize(
    ("changes", "urgency"),
    [
        ({"available": 0}, "out"),
        ({"available": 20}, "before"),
        ({"available": 30}, "last_day"),
        ({"available": 50}, "soon"),
        ({"available": 400}, "fine"),
        ({"available": 20, "incoming": 90, "next_due_on": TODAY + timedelta(days=3)}, "fine"),
    ],
)
def test_urgency_says_whether_an_order_of_today_comes_in_time(changes: dict, urgency: str) -> None:
    assert line_of(4.0, **changes)["urgency"] == urgency


def test_the_chance_to_run_out_is_certain_when_out_and_falls_with_stock() -> None:
    chances = [line_of(4.0, available=units)["p_stock_out"] for units in (0, 20, 28, 40, 80)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.01


def test_the_reason_reads_in_both_languages() -> None:
    line = line_of(4.2, available=38, incoming=60, next_due_on=date(2026, 12, 2), pack_qty=10, lead_time_days=24.0)
    told = reason(line)
    assert told["en"].startswith("Sells 4.2 a day. 38 available, 60 arriving 2 Dec. Covers until ")
    assert f"Order {line['order_qty']} = {line['raw_qty']} + {line['rounding_qty']} to whole packs of 10." in told["en"]
    assert told["pl"].startswith("Sprzedaje się 4,2 dziennie. Dostępne 38, 60 w drodze na 2 gru.")


def test_a_budget_buys_what_is_worth_most_and_never_more_than_suggested() -> None:
    frame = pl.concat([position(sku=f"S{i}", available=i, unit_cost_minor=100 + 90 * i) for i in range(8)])
    lines = suggest(frame, demand(4.0, 8), TODAY)
    full = int((lines["order_qty"] * lines["unit_cost_minor"]).sum())
    for budget in (0, full // 3, full):
        bought = within_budget(lines, budget)
        assert (bought["order_qty"] <= bought["wanted_qty"]).all()
        assert int((bought["order_qty"] * bought["unit_cost_minor"]).sum()) <= budget
    third = within_budget(lines, full // 3)
    kept = (third["order_qty"] / third["wanted_qty"]).to_list()
    assert kept[0] > kept[-1]


def test_price_breaks_a_container_and_the_next_money_are_reckoned_with() -> None:
    frame = pl.concat([position(sku=f"S{i}", available=i, unit_cost_minor=100 + 90 * i) for i in range(6)])
    lines = suggest(frame, demand(4.0, 6), TODAY)
    least = int(lines["order_qty"][0])
    steps = [[{"from_qty": least - 1, "unit_cost_minor": 60}], *[None] * 5]
    kind = pl.List(pl.Struct({"from_qty": pl.Int64, "unit_cost_minor": pl.Int64}))
    termed = priced(lines.with_columns(pl.Series("price_breaks", steps, dtype=kind), volume_cm3=pl.lit(1000)))
    assert termed["unit_cost_minor"].to_list()[:2] == [60, 190]
    assert priced(termed.with_columns(order_qty=pl.lit(1)))["unit_cost_minor"][0] == 100
    full = int((termed["order_qty"] * termed["unit_cost_minor"]).sum())
    found = cut(termed, full // 2, extra_minor=5_000)
    assert found.spend_minor <= full // 2
    assert found.next_gain_minor > 0
    assert found.gap < 0.05
    assert cut(termed, 2 * full, extra_minor=5_000).next_gain_minor == pytest.approx(0.0, abs=1e-6)
    room = 1000.0 * int(lines["order_qty"].sum()) / 2
    packed = cut(termed, full, volume_cm3=room)
    assert packed.volume_cm3 <= room
    assert packed.volume_cm3 == 1000 * int(packed.lines["order_qty"].sum())


def panel_of(y: np.ndarray) -> Panel:
    return Panel(pl.Series(range(len(y))), Calendar("D"), 14_000, y, np.ones(y.shape))


def retail(n: int = 60, days: int = 230, seed: int = 2) -> Panel:
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(0.5, 0.9, (n, 1))) * np.exp(np.cumsum(rng.normal(0, 0.02, (n, days)), axis=1))
    return panel_of(rng.poisson(level * rng.gamma(1 / 0.6, 0.6, (n, days))).astype(float))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(0, 30), st.floats(0.0, 1.0), st.sampled_from([0.5, 1.0]))
def test_units_are_neither_made_nor_lost(seed: int, pack: int, moq: int, knob: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    asked = rng.poisson(3.0, (5, 50)).astype(float)
    levels = Levels(np.array([0.0, 1.0]), np.stack([np.zeros((5, 8)), np.full((5, 8), 60.0)]), share)
    terms = Terms(2, 6, 7, pack, moq, 0)
    run = replay(asked, levels, knob, terms, rng.integers(2, 7, (5, 8)))
    assert run.final == pytest.approx(run.initial + run.received - run.sold)
    assert run.demand == pytest.approx(run.sold + run.lost)
    assert (run.final >= 0).all()


@pytest.mark.parametrize("policy", LEVELS)
def test_every_policy_is_brought_to_the_fill_rate_asked_for(policy: str) -> None:
    found = simulate(retail(), policy=policy, target_fill=0.95, seed=4)
    assert found["fill_rate"] == pytest.approx(0.95, abs=0.005)
    assert found["reached"]
    assert found == simulate(retail(), policy=policy, target_fill=0.95, seed=4)


def test_ours_needs_no_more_stock_than_tuned_cover_and_less_than_a_fixed_maximum() -> None:
    stock = {p: simulate(retail(150, 300), policy=p, target_fill=0.97)["avg_on_hand"] for p in LEVELS}
    assert stock["ordersight"] <= 1.01 * stock["cover"]
    assert stock["ordersight"] < 0.9 * stock["static"]
    assert stock["ordersight"] < 0.9 * stock["minmax"]


def test_impossible_terms_are_refused() -> None:
    for terms in (Terms(lead_low=0), Terms(lead_low=5, lead_high=4), Terms(pack=0), Terms(burn_in_days=500)):
        with pytest.raises(InvalidInput):
            simulate(retail(4), policy="cover", target_fill=0.9, terms=terms)
    with pytest.raises(InvalidInput, match="target_fill"):
        simulate(retail(4), policy="cover", target_fill=1.0)
    with pytest.raises(NotFound, match="no policy 'covr'"):
        simulate(retail(4), policy="covr", target_fill=0.9)


def test_a_shop_without_suppliers_has_an_empty_plan_and_no_crash() -> None:
    """Imported orders name no supplier: the first plan of every new shop is empty, its columns keep their types."""
    full = suggest(position(), demand(4.0), TODAY)
    none = suggest(position().clear(), demand(4.0, 0), TODAY)
    assert none.is_empty()
    assert {name: none.schema[name] for name in ("urgency", "rounding")} == dict.fromkeys(
        ("urgency", "rounding"), pl.String
    )
    assert {name for name, kind in full.schema.items() if none.schema[name] != kind} <= {"shelf_life_days"}
