"""The purchase optimiser against brute force and HiGHS: values exact, plans feasible, bounds true."""

import itertools
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.stats import nbinom

from forecasting.optimise import optimise
from oms_core.kernel.errors import InvalidInput

COLUMNS = ("pack", "moq", "position", "demand_mean", "demand_sd", "unit_cost", "margin", "holding", "volume")


def frame_of(lines: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([{"sku": f"S{i}", **line} for i, line in enumerate(lines)])


def unit_price(line: dict, quantity: int) -> float:
    price = line["unit_cost"]
    for least, cost in json.loads(line.get("price_breaks") or "[]"):
        price = cost if quantity >= least else price
    return price


def values(line: dict, most: int) -> np.ndarray:
    """Return what 0, 1, ... `most` units of a line are worth."""
    mean, sd = line["demand_mean"], line["demand_sd"]
    r = mean**2 / max(sd**2 - mean, 1e-6 * mean**2)
    stocked = nbinom.sf(line["position"] + np.arange(1, most + 1) - 1, r, r / (r + mean))
    return np.cumsum([0.0, *(line["margin"] * stocked - line["holding"] * (1 - stocked))])


def choices(line: dict, most: int) -> list[int]:
    least = max(line["moq"], line["pack"])
    return [0, *[q for q in range(line["pack"], most + 1, line["pack"]) if q >= least]]


LINE = st.fixed_dictionaries(
    {
        "supplier": st.sampled_from(["a", "b"]),
        "pack": st.integers(1, 6),
        "moq": st.integers(0, 8),
        "position": st.integers(0, 12),
        "demand_mean": st.floats(0.5, 15.0),
        "demand_sd": st.floats(1.0, 12.0),
        "unit_cost": st.floats(0.5, 5.0),
        "margin": st.floats(0.1, 8.0),
        "holding": st.floats(0.01, 2.0),
        "volume": st.floats(0.0, 2.0),
        "price_breaks": st.sampled_from(["", "[[6, 0.45]]", "[[4, 0.48], [12, 0.3]]"]),
        "supplier_min_order": st.sampled_from([0.0, 0.0, 9.0]),
        "supplier_fixed_cost": st.sampled_from([0.0, 0.0, 2.0]),
    }
)


def checked(lines: list[dict], budget: float, cap: float | None) -> tuple[dict, dict[str, int]]:
    """Solve and check that the plan is feasible and its numbers are what they say."""
    answer = optimise(frame_of(lines), budget=budget, volume_cap=cap)
    bought = {row["sku"]: row["quantity"] for row in answer["lines"]}
    worth, goods, volume = 0.0, {"a": 0.0, "b": 0.0}, 0.0
    for i, line in enumerate(lines):
        quantity = bought.get(f"S{i}", 0)
        assert quantity % line["pack"] == 0
        assert quantity == 0 or quantity >= line["moq"]
        worth += float(values(line, quantity)[quantity])
        goods[line["supplier"]] += quantity * unit_price(line, quantity)
        volume += quantity * line["volume"]
    fixed = 0.0
    for supplier, sum_ in goods.items():
        mine = [line for line in lines if line["supplier"] == supplier]
        if sum_ > 0:
            assert sum_ >= max(line["supplier_min_order"] for line in mine) - 1e-6
            fixed += max(line["supplier_fixed_cost"] for line in mine)
    assert sum(goods.values()) + fixed <= budget + 1e-6
    assert cap is None or volume <= cap + 1e-6
    assert answer["objective"] == pytest.approx(worth - fixed, abs=1e-5)
    assert answer["spend"] == pytest.approx(sum(goods.values()) + fixed, abs=1e-5)
    return answer, bought


#: Of sums of floats: what the plan takes for fitting, the other side takes for fitting too.
TOLERANCE = 1e-9


def brute_force(lines: list[dict], budget: float, cap: float | None) -> float:
    """Return the best value of all combinations, each line on an axis of its own."""
    shape = [1] * len(lines)
    worth, volume, goods = 0.0, 0.0, {"a": 0.0, "b": 0.0}
    for axis, line in enumerate(lines):
        quantities = choices(line, 110)
        along = [*shape[:axis], len(quantities), *shape[axis + 1 :]]
        worth = worth + np.reshape(values(line, 110)[quantities], along)
        volume = volume + np.reshape([q * line["volume"] for q in quantities], along)
        cost = np.reshape([q * unit_price(line, q) for q in quantities], along)
        goods[line["supplier"]] = goods[line["supplier"]] + cost
    fixed, fits = 0.0, (volume <= (np.inf if cap is None else cap) + TOLERANCE)
    for supplier, sum_ in goods.items():
        mine = [line for line in lines if line["supplier"] == supplier]
        if mine:
            fixed = fixed + (sum_ > 0) * max(line["supplier_fixed_cost"] for line in mine)
            fits = fits & ((sum_ == 0) | (sum_ >= max(line["supplier_min_order"] for line in mine)))
    fits = fits & (goods["a"] + goods["b"] + fixed <= budget + TOLERANCE)
    return max(0.0, float(np.where(fits, worth - fixed, 0.0).max()))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=3), st.floats(0.0, 60.0), st.none() | st.floats(0.0, 30.0))
def test_plans_are_feasible_and_bounds_hold_against_brute_force(
    lines: list[dict], budget: float, cap: float | None
) -> None:
    answer, _ = checked(lines, budget, cap)
    best = brute_force(lines, budget, cap)
    assert answer["objective"] <= best + 1e-6
    assert answer["bound"] >= best - 1e-6


@settings(max_examples=25, deadline=None)
@given(st.lists(LINE, min_size=8, max_size=40), st.floats(0.0, 400.0), st.none() | st.floats(0.0, 100.0))
def test_larger_plans_are_feasible_too(lines: list[dict], budget: float, cap: float | None) -> None:
    answer, _ = checked(lines, budget, cap)
    assert answer["objective"] <= answer["bound"] + 1e-6
    assert 0 <= answer["gap"] <= 1


def instance(n: int, seed: int) -> list[dict]:
    rng = np.random.default_rng(seed)
    lines = []
    for i in range(n):
        mean, cost = float(np.exp(rng.normal(2.5, 0.8))), float(np.exp(rng.normal(1.5, 0.7)).round(2))
        lines.append(
            {
                "supplier": "ab"[i % 2], "pack": int(rng.choice([1, 2, 5, 6])), "moq": int(rng.choice([0, 6])),
                "position": int(mean * rng.uniform(0, 1)), "demand_mean": mean,
                "demand_sd": 1.2 * mean**0.5 + 0.4 * mean,
                "unit_cost": cost, "margin": cost * float(rng.uniform(0.3, 1)), "holding": 0.05 * cost,
                "volume": float(rng.uniform(0.1, 2)), "supplier_min_order": 120.0, "supplier_fixed_cost": 15.0,
            }
        )  # fmt: skip
    return lines


def highs(lines: list[dict], budget: float) -> float:
    """Return HiGHS' optimum of the same problem: one binary for each option of each line."""
    line, cost, worth = [], [], []
    for i, entry in enumerate(lines):
        each = values(entry, 150)
        for quantity in choices(entry, 150)[1:]:
            line.append(i)
            cost.append(quantity * entry["unit_cost"])
            worth.append(float(each[quantity]))
    m, n = len(line), len(lines)
    c = np.array([*(-np.array(worth)), 15.0, 15.0])
    pick = np.zeros((n, m + 2))
    pick[line, np.arange(m)] = 1.0
    mine = np.array([[entry["supplier"] == s for entry in lines] for s in "ab"])[:, line] * np.array(cost)
    rows = [
        LinearConstraint(pick, -np.inf, 1.0),
        LinearConstraint(np.array([[*cost, 15.0, 15.0]]), -np.inf, budget),
        LinearConstraint(np.hstack([mine, -120.0 * np.eye(2)]), 0.0, np.inf),
        LinearConstraint(np.hstack([mine, -1e5 * np.eye(2)]), -np.inf, 0.0),
    ]
    found = milp(c, constraints=rows, integrality=np.ones(m + 2), bounds=Bounds(0, 1), options={"mip_rel_gap": 1e-5})
    return -float(found.fun)


@pytest.mark.parametrize("seed", range(4))
def test_highs_finds_nothing_better_than_the_bound_and_little_better_than_the_plan(seed: int) -> None:
    lines = instance(24, seed)
    answer, _ = checked(lines, 900.0, None)
    best = highs(lines, 900.0)
    assert answer["objective"] <= best * (1 + 1e-4)
    assert answer["bound"] >= best * (1 - 1e-4)
    assert answer["objective"] >= best * 0.995


def test_a_thousand_lines_within_a_fifth_of_a_percent_of_the_bound() -> None:
    lines = [{**line, "supplier": f"s{i % 17}"} for i, line in enumerate(instance(1000, 5))]
    answer = optimise(frame_of(lines), budget=20_000.0)
    assert answer["gap"] < 0.002
    assert answer["spend"] <= 20_000.0


def test_more_budget_never_buys_less_value() -> None:
    lines = instance(40, 9)
    worth = [optimise(frame_of(lines), budget=b)["objective"] for b in (0, 200, 400, 800, 1600, 1e6)]
    assert worth[0] == 0
    assert all(later >= before - 0.01 * later for before, later in itertools.pairwise(worth))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit_cost": 0.0}, "unit_cost"),
        ({"demand_sd": -1.0}, "demand_sd"),
        ({"price_breaks": "[[1]]"}, "price_breaks"),
        ({"demand_mean": None}, "demand_mean"),
    ],
)
def test_a_broken_line_is_named(change: dict, said: str) -> None:
    lines = instance(3, 1)
    lines[1] |= change
    with pytest.raises(InvalidInput, match=said):
        optimise(frame_of(lines), budget=10.0)


def test_a_missing_column_and_a_negative_budget_are_refused() -> None:
    with pytest.raises(InvalidInput, match="'margin' is missing"):
        optimise(frame_of(instance(2, 1)).drop("margin"), budget=1.0)
    with pytest.raises(InvalidInput, match="budget"):
        optimise(frame_of(instance(2, 1)), budget=-1.0)
