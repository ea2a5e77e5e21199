"""The bank of levels: exponentially weighted demand per unit of exposure, at many speeds at once.

``level_a(t) = sum_s (1-a)^(t-s) y_s / sum_s (1-a)^(t-s) e_s`` where the exposure `e` is the share of
the period in stock times its seasonal and promotional shape. A ratio of sums needs no start value,
gives unknown and sold-out periods no weight, and stays right when stock runs out *because* demand
was high (Wald's identity: units and exposure stop at the same moment).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from forecasting.panel import Bools, Floats, Ints

#: Smoothing speeds, from a long mean to the last few periods.
SPEEDS: Floats = np.array([0.01, 0.02, 0.035, 0.06, 0.1, 0.16, 0.25, 0.4, 0.6])
#: Pairs (fast, slow) whose difference is a trend, and the share of it that is carried on.
TRENDS: tuple[tuple[int, int], ...] = ((3, 1), (5, 3), (7, 5))
DAMPED = 0.6
#: Slow levels that are also offered moved by what the whole panel did lately, and how fast that is followed.
SHARED, SHARED_SPEEDS = 5, (0.04, 0.12)
#: Strength of the pooled loss, in rolling origins, and how sharply a lower loss is preferred.
POOLED_ORIGINS, SHARPNESS = 48.0, 32.0
#: Share of the pooled drift that is carried on, and the most it may be.
DRIFT_CARRIED, DRIFT_LIMITS = 0.9, (0.35, 2.0)
#: Known periods a series needs before an origin may judge a level.
YOUNG = {"D": 28, "W": 13, "M": 6}


@dataclass(frozen=True)
class Bank:
    """Levels of n series at A speeds after some of T periods, and the running sums behind them.

    Parameters
    ----------
    kept : dict of int to ndarray, shape (A, n)
        Units per unit of exposure after so many periods.
    length : int
        Periods [T]; always among `kept`.
    units, exposure : ndarray, shape (n, T + 1)
        Running sums of demand and of exposure (stock times shape).
    begun : ndarray, shape (n,)
        First column with exposure.
    """

    kept: dict[int, Floats]
    length: int
    units: Floats
    exposure: Floats
    begun: Ints

    def rate(self, start: int, stop: int) -> Floats:
        """Return units per unit of exposure of each series over periods start..stop-1."""
        seen = self.exposure[:, stop] - self.exposure[:, start]
        sold = self.units[:, stop] - self.units[:, start]
        return np.divide(sold, seen, out=np.full_like(sold, np.nan), where=seen > 1e-9)


def running(values: Floats) -> Floats:
    """Return running sums with a zero in front, shape (n, T + 1)."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def make_bank(
    y: Floats, exposure: Floats, prior: Floats, strength: float, *, keep: Iterable[int] = (), grown: int = 28
) -> Bank:
    """Return the bank of a panel.

    Parameters
    ----------
    y : ndarray, shape (n, T)
        Demand; zero where unknown.
    exposure : ndarray, shape (n, T)
        Exposure of each period.
    prior : ndarray, shape (n,)
        Level a series starts from, worth `strength` periods.
    keep : iterable of int
        Numbers of periods after which levels are wanted, besides all T.
    grown : int
        Periods after which a series speaks for the panel.
    """
    series, length = y.shape
    wanted = {*keep, length}
    fade = (1.0 - SPEEDS)[:, None]
    units = np.tile(prior * strength, (len(SPEEDS), 1))
    seen = np.full((len(SPEEDS), series), strength)
    by_period, weight = np.ascontiguousarray((y * (exposure > 0)).T), np.ascontiguousarray(exposure.T)
    floor = 0.0 if bool((y >= 0).all()) else -np.inf
    has = exposure > 0
    begun = np.where(has.any(axis=1), has.argmax(axis=1), length)
    shared = SharedMove(float(np.median(prior[prior > 0])) if (prior > 0).any() else 1.0)
    kept: dict[int, Floats] = {}
    for t in range(length):
        shared.follow(units[:SHARED] / np.maximum(seen[:SHARED], 1e-12), by_period[t], weight[t] * (t >= begun + grown))
        units *= fade
        seen *= fade
        units += by_period[t]
        seen += weight[t]
        if t + 1 in wanted:
            kept[t + 1] = _levels(units, seen, shared.ratio(), floor)
    return Bank(kept, length, running(by_period.T), running(exposure), begun)


class SharedMove:
    """How far a panel's demand runs ahead of its slow levels, followed period by period.

    One SKU says little about whether the shop is entering a busy month; all together say it within
    days. A series' slow level is its share, this ratio is where the shop stands.

    Parameters
    ----------
    typical : float
        Level of a typical series; larger ones do not count for more.
    """

    def __init__(self, typical: float) -> None:
        self.typical = max(typical, 1e-9)
        self.fade = 1.0 - np.array(SHARED_SPEEDS)[:, None]
        self.came = np.zeros((len(SHARED_SPEEDS), SHARED))
        self.stood = np.zeros((len(SHARED_SPEEDS), SHARED))

    def follow(self, levels: Floats, units: Floats, exposure: Floats) -> None:
        """Compare one period with the levels before it, shape (SHARED, n)."""
        expected = levels * (exposure / (self.typical + levels[0]))
        self.came = self.came * self.fade + (units * (exposure > 0) / (self.typical + levels[0])).sum()
        self.stood = self.stood * self.fade + expected.sum(axis=1)

    def ratio(self) -> Floats:
        """Return demand over levels, shape (len(SHARED_SPEEDS), SHARED); 1 before anything was seen."""
        found = np.divide(self.came, self.stood, out=np.ones_like(self.came), where=self.stood > 1e-9)
        return np.asarray(np.clip(found, 0.2, 5.0))


def _levels(units: Floats, seen: Floats, shared: Floats, floor: float) -> Floats:
    """Return the levels at each speed, with each trend, and moved by the panel; shape (A, n)."""
    plain = units / np.maximum(seen, 1e-12)
    trended = [plain[fast] + DAMPED * (plain[fast] - plain[slow]) for fast, slow in TRENDS]
    moved = [plain[:SHARED] * ratio[:, None] for ratio in shared]
    return np.asarray(np.maximum(np.concatenate([plain, trended, *moved]), floor))


def origins(length: int, window: int, freq: str) -> list[int]:
    """Return the rolling origins at which levels are judged, latest first."""
    step = max(1, window // 4)
    earliest = max(YOUNG[freq], length - 8 * window)
    return list(range(length - window, earliest - 1, -step))


def weights(bank: Bank, *, window: int, freq: str, apart: range | None = None) -> Floats:
    """Return the factor of each level in each series' forecast level.

    A level is first moved by its pooled drift (how far the panel's demand ran ahead of that level
    at past origins: parts that die out, shops that grow), then weighted by its squared error on
    the mean of the next `window` periods; own errors are shrunk to the pooled ones.

    Parameters
    ----------
    bank : Bank
        Levels of n series at A speeds.
    window : int
        Periods whose mean is predicted.
    freq : str
        Period, for the age from which a series is judged.
    apart : range, optional
        Periods that must not speak: those on which the levels so weighted are going to be judged.

    Returns
    -------
    ndarray, shape (A, n)
        Non-negative; a column sums to the drift of its series. A series with few origins takes
        the pooled weights.
    """
    targets, judged, past = _trials(bank, window, freq, apart)
    if not past:
        return np.full(bank.kept[bank.length].shape, 1.0 / len(bank.kept[bank.length]))
    drift = _drift(bank, targets, judged, past)[:, None]
    loss = np.zeros(bank.kept[bank.length].shape)
    for target, seen, origin in zip(targets, judged, past, strict=True):
        loss += np.where(seen, bank.kept[origin] * drift - target, 0.0) ** 2
    return _mixed(loss, np.sum(judged, axis=0)) * drift


def _trials(bank: Bank, window: int, freq: str, apart: range | None) -> tuple[list[Floats], list[Bools], list[int]]:
    """Return the rates that followed each origin, and which series they may judge."""
    past = origins(bank.length, window, freq)
    if apart is not None:
        past = [o for o in past if o + window <= apart.start or o >= apart.stop] or past
    rates = [bank.rate(origin, origin + window) for origin in past]
    judged = [(origin - bank.begun >= YOUNG[freq]) & ~np.isnan(rate) for origin, rate in zip(past, rates, strict=True)]
    return [np.nan_to_num(rate) for rate in rates], judged, past


def _drift(bank: Bank, targets: list[Floats], judged: list[Bools], past: list[int]) -> Floats:
    """Return how far demand runs ahead of each level over the panel, damped; shape (A,)."""
    mean = bank.units[:, -1] / np.maximum(bank.exposure[:, -1], 1e-9)
    typical = float(np.median(mean[mean > 0])) if (mean > 0).any() else 1.0
    share = np.where(mean > 0, 1.0 / np.maximum(typical + mean, 1e-12), 0.0)
    came, stood = 0.0, np.zeros(len(bank.kept[bank.length]))
    for target, seen, origin in zip(targets, judged, past, strict=True):
        came += float((target * share * seen).sum())
        stood += (bank.kept[origin] * (share * seen)).sum(axis=1)
    ratio = np.divide(came, stood, out=np.ones_like(stood), where=stood > 1e-9)
    return np.asarray(np.clip(ratio, *DRIFT_LIMITS) ** DRIFT_CARRIED)


def _mixed(loss: Floats, count: Floats) -> Floats:
    own = loss / np.maximum(loss.mean(axis=0), 1e-12) * (count > 0)
    judged = own.sum(axis=0) > 0
    pooled = own[:, judged].mean(axis=1) if judged.any() else np.ones(len(loss))
    blended = (own * count + pooled[:, None] * POOLED_ORIGINS) / (count * judged + POOLED_ORIGINS)
    blended = np.maximum(blended, 1e-9)
    weight = (blended / blended.min(axis=0)) ** -SHARPNESS
    return np.asarray(weight / weight.sum(axis=0))
