"""Levels that add up: every method is coherent, what is coherent already stays, and the best is chosen by measure."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from forecasting.panel import Floats, Panel
from forecasting.periods import Calendar
from forecasting.reconcile import METHODS, Base, choose, coherent, reconciled, tree_of

SKUS = [f"S{i // 3}" for i in range(30)]
PARTS = ["shop", "phone", "abroad"] * 10
TREE = tree_of({"sku": SKUS, "channel": PARTS})


def told(finest: Floats, wrong: float = 1.0) -> Base:
    return Base(finest, {level: wrong * np.asarray(sums @ finest) for level, sums in TREE.sums.items()})


def alike() -> Base:
    return Base(np.ones(30), {level: np.ones(len(names)) for level, names in TREE.nodes.items()})


@pytest.mark.parametrize("method", METHODS)
def test_what_adds_up_already_is_left_as_it_is(method: str) -> None:
    finest = np.random.default_rng(1).gamma(2.0, 3.0, (30, 4))
    np.testing.assert_allclose(reconciled(told(finest), TREE, method, alike()), finest)


def test_the_least_change_follows_the_surer_forecasts() -> None:
    finest = np.full((30, 1), 2.0)
    sure = alike()
    surer = Base(sure.finest, {level: value * 1e-6 for level, value in sure.levels.items()})
    low = reconciled(told(finest, 1.5), TREE, "mint", surer)
    assert low.sum() == pytest.approx(90.0, rel=1e-3)
    unsure = Base(sure.finest * 1e-6, sure.levels)
    assert reconciled(told(finest, 1.5), TREE, "mint", unsure).sum() == pytest.approx(60.0, rel=1e-2)
    assert reconciled(told(finest, 1.5), TREE, "top_down").sum() == pytest.approx(90.0)


def test_the_method_is_chosen_by_its_errors_and_every_level_is_a_sum() -> None:
    rng = np.random.default_rng(3)
    rate = rng.gamma(1.0, 1.0, (30, 1)) * (1 + 0.3 * np.sin(np.arange(220) / 9))[None, :]
    y = rng.poisson(rate).astype(float)
    panel = Panel(
        pl.Series([f"{s}-{p}" for s, p in zip(SKUS, PARTS, strict=True)]), Calendar("D"), 15_000, y, np.ones(y.shape)
    )
    found = choose(panel, TREE, horizon=14, origins=3)
    mean = {name: np.mean(list(levels.values())) for name, levels in found.error.items()}
    assert found.method == min(METHODS, key=lambda name: mean[name])
    levels = coherent(found.finest, TREE)
    assert levels["total"].shape == (1, 14)
    np.testing.assert_allclose(levels["sku"].sum(axis=0), levels["total"][0])
    np.testing.assert_allclose(levels["channel"].sum(axis=0), found.finest.sum(axis=0))
