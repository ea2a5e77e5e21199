"""Losses of forecasts: arrays in, one number a series out.

Symbols: `actual` and `mean` have shape (n, h); NaN in `actual` is left out. Scales come from the
past alone, from each series' first demand on, as in the M5 competition.

References
----------
Hyndman & Koehler (2006), scaled errors; Makridakis, Spiliotis & Assimakopoulos (2022), M5 accuracy
(RMSSE, WRMSSE) and M5 uncertainty (SPL, WSPL); Czado, Gneiting & Held (2009), randomised PIT.
"""

from __future__ import annotations

import numpy as np

from forecasting.panel import Floats

#: The nine quantiles of the M5 uncertainty competition.
M5_QUANTILES: Floats = np.array([0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995])


def scales(past: Floats) -> tuple[Floats, Floats]:
    """Return root mean square and mean absolute one-step change of each series, shape (n,), (n,).

    Parameters
    ----------
    past : ndarray, shape (n, T)
        Demand before the forecast; NaN where unknown. Counted from the first non-zero value.
    """
    begun = np.cumsum(np.nan_to_num(past) != 0, axis=1) > 0
    step = np.diff(past, axis=1)
    counted = begun[:, :-1] & ~np.isnan(step)
    number = np.maximum(counted.sum(axis=1), 1)
    step = np.where(counted, step, 0.0)
    return np.sqrt((step**2).sum(axis=1) / number), np.abs(step).sum(axis=1) / number


def rmsse(actual: Floats, mean: Floats, root_scale: Floats) -> Floats:
    """Return root mean squared scaled error of each series."""
    return np.asarray(np.sqrt(_mean((actual - mean) ** 2)) / root_scale)


def mase(actual: Floats, mean: Floats, scale: Floats) -> Floats:
    """Return mean absolute scaled error of each series."""
    return np.asarray(_mean(np.abs(actual - mean)) / scale)


def spl(actual: Floats, quantiles: Floats, probabilities: Floats, scale: Floats) -> Floats:
    """Return scaled pinball loss of each series, mean over its quantiles.

    Parameters
    ----------
    quantiles : ndarray, shape (n, h, q)
        Forecast quantiles at `probabilities` (q,).
    """
    gap = actual[:, :, None] - quantiles
    loss = np.maximum(probabilities * gap, (probabilities - 1.0) * gap).mean(axis=2)
    return np.asarray(_mean(loss) / scale)


def wape_of_sums(actual: Floats, mean: Floats) -> float:
    """Return the sum of absolute errors of each series' total over the sum of totals."""
    seen = ~np.isnan(actual)
    came = np.where(seen, actual, 0.0).sum(axis=1)
    return _ratio(np.abs(came - np.where(seen, mean, 0.0).sum(axis=1)).sum(), np.abs(came).sum())


def bias(actual: Floats, mean: Floats) -> float:
    """Return total forecast over total demand, minus 1."""
    seen = ~np.isnan(actual)
    came = np.where(seen, actual, 0.0).sum()
    return _ratio(np.where(seen, mean, 0.0).sum() - came, abs(came))


def pit(actual: Floats, quantiles: Floats, probabilities: Floats, seed: int = 0) -> Floats:
    """Return randomised P(demand <= actual) read off forecast quantiles; uniform if they are right.

    Parameters
    ----------
    actual : ndarray, any shape
    quantiles : ndarray, shape (…, q)
        At ascending `probabilities`; dense ones give a fine answer.
    seed : int
        Of the randomisation between P(demand < actual) and P(demand <= actual).
    """
    edges = np.concatenate([[0.0], probabilities, [1.0]])
    below = edges[(quantiles < actual[..., None]).sum(axis=-1)]
    ties = (quantiles <= actual[..., None]).sum(axis=-1)
    above = np.where(
        (quantiles == actual[..., None]).any(axis=-1), edges[ties], edges[np.minimum(ties + 1, len(edges) - 1)]
    )
    between = np.random.default_rng(seed).random(actual.shape)
    found = below + between * np.maximum(above - below, 0.0)
    return np.asarray(found[~np.isnan(actual)])


def coverage(outcomes: Floats, levels: tuple[int, ...] = (50, 80, 95)) -> dict[str, float]:
    """Return the share of outcomes inside each central interval."""
    return {str(level): float((np.abs(outcomes - 0.5) <= level / 200.0).mean()) for level in levels}


def weighted(losses: Floats, weight: Floats) -> float:
    """Return the weighted mean of series' losses."""
    return _ratio((losses * weight).sum(), weight.sum())


def _mean(values: Floats) -> Floats:
    seen = ~np.isnan(values)
    return np.asarray(np.where(seen, values, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else float("nan")
