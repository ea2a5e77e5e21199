"""Two-sided smoothing by blocks is the plain sum over all periods, and pieces of a panel learn what the whole does."""

import numpy as np
import pytest

from forecasting import effects, smoothing
from forecasting import negative_binomial as nb


@pytest.mark.parametrize("length", [1, smoothing.BLOCK, smoothing.BLOCK + 1, 100])
def test_smoothing_by_blocks_is_the_sum_over_all_periods(length: int) -> None:
    values = np.random.default_rng(length).gamma(0.3, 1.0, (5, length))
    apart = np.abs(np.arange(length)[:, None] - np.arange(length))
    plain = values @ (1.0 - smoothing.BASE_SPEED) ** apart
    assert smoothing.around(values) == pytest.approx(plain, rel=1e-12)


def test_a_panel_learned_in_pieces_has_the_effects_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    flags = (rng.random((40, 90)) < 0.2).astype(float)
    price = rng.normal(0.0, 0.2, (40, 90))
    y = rng.poisson(3.0 * np.exp(0.6 * flags - 1.5 * price)).astype(float)
    given = (y, np.ones(y.shape), np.ones(y.shape), [flags, price])
    whole = effects._learn(*given)
    monkeypatch.setattr(effects, "CELLS", 630)
    assert effects._learn(*given) == pytest.approx(whole, rel=1e-9)
    assert whole.mean(axis=0) == pytest.approx([0.6, -1.5], abs=0.1)


def test_the_evidence_of_cells_in_any_pieces_is_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    units, mean = np.append(rng.poisson(3.0, 99), 2.5e4).astype(float), rng.gamma(2.0, 2.0, 100)
    rows = rng.integers(0, 7, 100)
    whole = nb.evidence(units, mean, rows, 7)
    monkeypatch.setattr(nb, "CELLS", 9)
    assert nb.evidence(units, mean, rows, 7) == pytest.approx(whole, rel=1e-9)
