"""Seasonal profiles: each series' own, drawn towards what all series share.

Days of the week, weeks or months of the year. One year of a small department is mostly noise;
thousands of departments together are not. The own profiles, standardised by their noise, form a
matrix whose singular values are shrunk optimally (Gavish & Donoho 2017, Frobenius loss): groups of
series that share a season find each other without being told. What is left is shrunk cell by cell
(DerSimonian & Laird 1986).
"""

from __future__ import annotations

import numpy as np

from forecasting.panel import Floats, Ints, Panel
from forecasting.periods import SEASON

#: Periods that must overlap between years before a yearly profile is believed.
OVERLAP = {"D": 7, "W": 13, "M": 4}
#: Lowest factor of a season: a closed day may sell (almost) nothing, never less.
LOWEST = 1e-3


def seasonal_shape(panel: Panel, exposure: Floats, growing: Floats, horizon: int) -> Floats:
    """Return each series' seasonal factors over the past and the horizon.

    Parameters
    ----------
    panel : Panel
        Demand of n series over T periods.
    exposure : ndarray, shape (n, T)
        Weight of each period: 0 where unknown, out of stock or before the first sale.
    growing : ndarray, shape (T + h,)
        Growth shared by the panel, which is not a season.
    horizon : int
        Periods ahead [h].

    Returns
    -------
    ndarray, shape (n, T + h)
        Factors with mean 1 over a season; all 1 if the history is too short to tell.
    """
    season, length = SEASON[panel.calendar.freq], panel.length
    phase = (np.arange(length + horizon) + panel.first) % season
    if length < season + OVERLAP[panel.calendar.freq] or not len(panel.ids):
        return np.ones((len(panel.ids), length + horizon))
    profile = profiles(np.nan_to_num(panel.y), exposure, growing[:length], phase[:length], season)
    return profile[:, phase]


def profiles(y: Floats, exposure: Floats, growing: Floats, phase: Ints, season: int) -> Floats:
    """Return the shrunk seasonal profile of each series, shape (n, season), mean 1."""
    level = growing * _surrounding_level(y, exposure * growing, season)
    weight = exposure * level
    ratio = np.divide(y, weight, out=np.ones_like(y), where=weight > 1e-9)
    onto = np.zeros((len(phase), season))
    onto[np.arange(len(phase)), phase] = 1.0
    total, weights, count = (ratio * weight) @ onto, weight @ onto, exposure @ onto
    own = np.divide(total, weights, out=np.ones_like(total), where=weights > 0)
    noise = _noise(ratio, own[:, phase], exposure, count)
    volume = np.sqrt(np.maximum(weights.sum(axis=1), 0.0))
    patterns = _repeating_patterns(ratio, weight, onto, noise) if season > 7 else 0
    shrunk = np.maximum(_shrink(own, noise, volume, patterns=patterns), LOWEST)
    return np.asarray(shrunk / shrunk.mean(axis=1, keepdims=True))


def _repeating_patterns(ratio: Floats, weight: Floats, onto: Floats, noise: Floats) -> int:
    """Return how many shared patterns of one half of the seasons come nearer to the other half than none.

    A level that moved looks like a season until the next year; what does not come again is no pattern.
    If all together come nearer, all are kept: both halves show weak ones that a half cannot.
    """
    half = (np.arange(len(onto)) // onto.shape[1]) % 2 == 0
    weights = [(weight * part) @ onto for part in (half, ~half)]
    both = (weights[0] > 0) & (weights[1] > 0)
    seen = [
        np.divide((ratio * weight * part) @ onto, w, out=np.ones_like(w), where=w > 0)
        for part, w in zip((half, ~half), weights, strict=True)
    ]
    standard = [np.where(both, (x - x.mean(axis=0)) / np.sqrt(2.0 * noise), 0.0) for x in seen]
    gains = np.zeros(min(ratio.shape[0], onto.shape[1]))
    for learned, other in (standard, standard[::-1]):
        left, kept, right = _patterns(learned, len(gains))
        found = np.einsum("ik,ij,kj->k", left, other, right)
        gains += np.where(kept > 0, kept * (2.0 * found - kept), 0.0)
    total = np.concatenate([[0.0], np.cumsum(gains)])
    return len(gains) if total[-1] > 0 else int(total.argmax())


def _surrounding_level(y: Floats, exposure: Floats, season: int) -> Floats:
    """Return the mean of the season around each period, as central as the ends allow.

    Short seasons (weekdays) take the mean of eight of them, so that one busy week does not count
    for its level and against its days.
    """
    width = min(season if season > 7 else 8 * season, y.shape[1])
    low = np.clip(np.arange(y.shape[1]) - width // 2, 0, y.shape[1] - width)

    def window(values: Floats) -> Floats:
        sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        return np.asarray(sums[:, low + width] - sums[:, low])

    known = window(exposure)
    level = np.divide(window(y * (exposure > 0)), known, out=np.zeros_like(y), where=known > 1e-9)
    level = np.maximum(level, 0.0)
    return np.asarray(level)


def _noise(ratio: Floats, fitted: Floats, exposure: Floats, count: Floats) -> Floats:
    """Return the sampling variance of each own profile cell, shape (n, season)."""
    freedom = np.maximum(exposure.sum(axis=1) - (count > 0).sum(axis=1), 1.0)
    own = ((ratio - fitted) ** 2 * exposure).sum(axis=1) / freedom
    pooled = np.median(own[own > 0]) if (own > 0).any() else 1.0
    trust = freedom / (freedom + 8.0)
    variance = trust * own + (1 - trust) * pooled
    return np.asarray(np.maximum(variance, 1e-6)[:, None] / np.maximum(count, 0.25))


def _shrink(own: Floats, noise: Floats, volume: Floats, *, patterns: int) -> Floats:
    """Return own profiles drawn to the shared mean, the shared patterns, and themselves, in that order."""
    share = volume / max(float(volume.sum()), 1e-12)
    mean = (share[:, None] * np.clip(own, -1.0, 5.0)).sum(axis=0)
    mean_noise = (share[:, None] ** 2 * noise).sum(axis=0)
    spread = max(float(((mean - 1.0) ** 2 - mean_noise).mean()), 0.0)
    shared = 1.0 + spread / (spread + mean_noise) * (mean - 1.0) if spread > 0 else np.ones_like(mean)
    base = np.tile(shared, (len(own), 1))
    if patterns:
        left, kept, right = _patterns((own - shared) / np.sqrt(noise), patterns)
        base += (left * kept) @ right * np.sqrt(noise)
    rest = own - base
    weight = 1.0 / noise
    spare = float(np.median(np.maximum((weight * rest**2).mean(axis=1) / weight.mean(axis=1), 0.0)))
    tau = max(spare - float(np.median(noise)), 0.1 * spare)
    return np.asarray(base + tau / (tau + noise) * rest)


def _patterns(standard: Floats, most: int) -> tuple[Floats, Floats, Floats]:
    """Return the leading singular vectors of a matrix of unit noise and their optimally shrunk values."""
    rows, columns = standard.shape
    left, singular, right = np.linalg.svd(standard, full_matrices=False)
    left, singular, right = left[:, :most], singular[:most], right[:most]
    edge = np.sqrt(rows) + np.sqrt(columns)
    inside = (singular**2 - rows - columns) ** 2 - 4.0 * rows * columns
    kept = np.where(singular > edge, np.sqrt(np.maximum(inside, 0.0)) / np.maximum(singular, 1e-12), 0.0)
    return left, kept, right
