"""Prices and promotions known in advance, as multipliers of demand shared by all series.

``log E[y] = log level + log season + x·beta_i`` with ``beta_i`` drawn to the panel's ``beta``: a shop
that discounts often knows its own elasticity, one that never did borrows the others'. The level is
free to move, so only what happens around its own mean counts (a score orthogonal to the level).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.panel import Bools, Floats, Panel
from forecasting.smoothing import around, ratio

#: Prior deviation of a shared effect, on the log scale, and the limits of all effects together.
PRIOR_DEVIATION, LIMIT = 1.0, 2.0
ROUNDS = 6
#: Cells worked on at once, so that the arrays of a piece stay in the cache.
CELLS = 40_000


def known_effects(panel: Panel, exposure: Floats, shape: Floats, horizon: int) -> Floats:
    """Return the multiplier of each period from the columns known in advance.

    Parameters
    ----------
    panel : Panel
        Demand, and `known` columns; a price counts as the logarithm of its ratio to the series'
        median, a flag as it is, another number standardised. Absent future prices stay as they
        were; other absent values are zero.
    exposure : ndarray, shape (n, T)
        Weight of each period.
    shape : ndarray, shape (n, T + h)
        Seasonal factors.
    horizon : int
        Periods ahead [h].

    Returns
    -------
    ndarray, shape (n, T + h)
        Factors; 1 where nothing is known or nothing was learned.
    """
    length = panel.length
    columns = [_driver(name, values[:, : length + horizon], exposure) for name, values in panel.known.items()]
    columns = [_wide(x, length + horizon) for x in columns]
    columns = [x for x in columns if np.ptp(x[:, :length][exposure > 0] if (exposure > 0).any() else x) > 1e-9]
    if not columns or len(panel.ids) == 0:
        return np.ones(shape.shape)
    y = np.maximum(np.nan_to_num(panel.y), 0.0)
    beta = _learn(y, exposure, shape[:, :length], [x[:, :length] for x in columns])
    return multiplier(columns, beta)


def _driver(name: str, values: Floats, exposure: Floats) -> Floats:
    """Return a known column as a regressor without gaps."""
    if "price" in name.lower():
        return _log_price(values, exposure.shape[1])
    filled = np.nan_to_num(values)
    if np.isin(filled, (0.0, 1.0)).all():
        return np.asarray(filled)
    given = values[~np.isnan(values)]
    centred = np.where(np.isnan(values), given.mean(), values) - given.mean()
    return np.asarray(centred / max(float(given.std()), 1e-9))


def _log_price(values: Floats, length: int) -> Floats:
    """Return log(price / usual price), the last price going on where none is given."""
    usable = values > 0
    place = np.maximum.accumulate(np.where(usable, np.arange(values.shape[1])[None, :], -1), axis=1)
    filled = np.where(place >= 0, np.take_along_axis(values, np.maximum(place, 0), axis=1), np.nan)
    past = np.where(usable[:, :length], values[:, :length], np.nan)
    usual = np.array([np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in past])
    return np.asarray(np.nan_to_num(np.log(np.where(filled > 0, filled, np.nan) / usual[:, None])))


def _wide(x: Floats, width: int) -> Floats:
    """Return a regressor over past and horizon; what is not given for the future stays as it last was."""
    missing = width - x.shape[1]
    return x if missing <= 0 else np.pad(x, ((0, 0), (0, missing)), mode="edge")


def _learn(y: Floats, exposure: Floats, season: Floats, drivers: Sequence[Floats]) -> Floats:
    """Return the effects of each series, shape (n, k), by penalised Fisher scoring."""
    series, length = y.shape
    rows = max(1, CELLS // max(length, 1))
    pieces = [
        _Piece.of(y[at], exposure[at], season[at], [x[at] for x in drivers])
        for at in (slice(start, start + rows) for start in range(0, series, rows))
    ]
    shared, own = np.zeros(len(drivers)), np.zeros((series, len(drivers)))
    for _ in range(ROUNDS):
        beta = np.array_split(shared + own, range(rows, series, rows))
        told = [piece.score(of) for piece, of in zip(pieces, beta, strict=True)]
        score, information = (np.concatenate(parts) for parts in zip(*told, strict=True))
        alone = np.einsum("nkk->nk", information)
        best = shared + own + np.divide(score, alone, out=np.zeros_like(score), where=alone > 1e-9)
        shared = shared + _step(score.sum(axis=0), information.sum(axis=0), shared)
        own = _deviations(best - shared, alone)
    return np.asarray(shared + own)


@dataclass(frozen=True)
class _Piece:
    """Some series of a panel, few enough for the processor's cache; rows speak to each other only by their sums."""

    units: Floats
    units_around: Floats
    counted: Bools
    weighed: Floats
    drivers: Sequence[Floats]

    @classmethod
    def of(cls, y: Floats, exposure: Floats, season: Floats, drivers: Sequence[Floats]) -> _Piece:
        counted = exposure > 0
        units = y * counted
        return cls(units, around(units), counted, exposure * season, drivers)

    def score(self, beta: Floats) -> tuple[Floats, Floats]:
        """Return score (n, k) and information (n, k, k) of each series at its effects (n, k)."""
        seen = self.weighed * multiplier(self.drivers, beta)
        mean = ratio(self.units_around, around(seen)) * seen
        miss = self.units - mean * self.counted
        total = mean.sum(axis=1)
        noise = np.einsum("nt,nt->n", miss, miss) / np.maximum(total, 1e-9)
        weight = np.where(total > 0, 1.0 / np.maximum(noise, 0.2), 0.0)
        below = around(mean)
        centred = [x - ratio(around(x * mean), below) for x in self.drivers]
        score = np.stack([np.einsum("nt,nt->n", miss, c) for c in centred], axis=1)
        information = np.empty((*beta.shape, beta.shape[1]))
        for k, one in enumerate(centred):
            heavy = mean * one
            for m, other in enumerate(centred[: k + 1]):
                information[:, k, m] = information[:, m, k] = np.einsum("nt,nt->n", heavy, other)
        return score * weight[:, None], information * weight[:, None, None]


def multiplier(drivers: Sequence[Floats], beta: Floats) -> Floats:
    """Return the factor of each period, from drivers (n, t) and each series' effects (n, k)."""
    power = drivers[0] * beta[:, :1]
    for k in range(1, len(drivers)):
        power += drivers[k] * beta[:, k : k + 1]
    return np.asarray(np.exp(np.clip(power, -LIMIT, LIMIT)))


def _step(score: Floats, information: Floats, at: Floats) -> Floats:
    precision = np.eye(len(at)) / PRIOR_DEVIATION**2
    return np.clip(np.linalg.solve(information + precision, score - precision @ at), -1.0, 1.0)


def _deviations(apart: Floats, information: Floats) -> Floats:
    """Return how far each series' effects lie from the shared ones, shrunk (DerSimonian & Laird)."""
    estimate = np.where(information > 1e-9, np.clip(apart, -3.0, 3.0), 0.0)
    total, squares = information.sum(axis=0), (information**2).sum(axis=0)
    spread = (information * estimate**2).sum(axis=0) - (information > 1e-9).sum(axis=0)
    tau = np.maximum(spread / np.maximum(total - squares / np.maximum(total, 1e-9), 1e-9), 0.0)
    tau = np.minimum(tau, 1.0)
    return np.asarray(estimate * tau * information / (tau * information + 1.0))
