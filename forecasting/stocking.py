"""Order-up-to levels of four policies at every review, as functions of one knob.

``ordersight`` holds the quantile of demand until the next order can arrive; ``cover`` holds some
weeks of the recent average, ``minmax`` the same but orders only below half of it, ``static`` some
weeks of the first average for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from forecasting import negative_binomial as nb
from forecasting.engine import fit_panel
from forecasting.levels import running
from forecasting.panel import Floats, Ints, Panel
from forecasting.trials import Trials

#: Recent weeks that a cover policy averages, and the widest cover tried, weeks.
RECENT_WEEKS, MOST_WEEKS = 8, 80.0
#: Normal scores at which demand quantiles are computed; the knob lies between the first and last.
SCORES: Floats = np.linspace(-2.5, 4.25, 28)
#: Doublings of the highest quantile that are offered beyond it.
BEYOND = 4
#: Reviews between new estimates of the law of dispersion (levels are refitted at each).
REFIT_EVERY = 8
#: Share of the recent average in the mean, and of the series' own past in the quantile, and how long that is.
RECENT_SHARE, OWN_SHARE, OWN_DAYS = 0.7, 0.3, 182
#: Mean demand between which dispersion is seen to follow volume, units.
VOLUMES = (0.1, 1e6)


@dataclass(frozen=True, slots=True)
class Terms:
    """How stock is reviewed and replenished.

    Parameters
    ----------
    lead_low, lead_high : int or ndarray of int, shape (n,)
        Days from order to receipt, uniform between the two; one for all series or one for each.
    review_days : int
        Days between reviews.
    pack, moq : int or ndarray of int, shape (n,)
        Items; orders are whole packs and at least the minimum.
    burn_in_days : int
        First days that are not counted.
    """

    lead_low: int | Ints = 4
    lead_high: int | Ints = 10
    review_days: int = 7
    pack: int | Ints = 1
    moq: int | Ints = 0
    burn_in_days: int = 28

    def protected_days(self, series: int) -> Floats:
        """Return the days an order must last: to the next review and its receipt, shape (n,)."""
        return np.broadcast_to(self.review_days + (np.asarray(self.lead_low) + self.lead_high) / 2.0, (series,))

    @property
    def lead_variance(self) -> Floats:
        """Return the variance of the lead time, days², shape () or (n,)."""
        return np.asarray(((np.asarray(self.lead_high) - self.lead_low + 1.0) ** 2 - 1.0) / 12.0)


@dataclass(frozen=True)
class Levels:
    """Levels of n series at each review.

    Parameters
    ----------
    grid : ndarray, shape (k,)
        Knobs at which levels are known; between them they are interpolated.
    up_to : ndarray, shape (k, n, reviews)
        Units to order up to.
    reorder_share : float
        Order only when the position is below this share of the level.
    sensible : float
        Highest knob that is turned to without knowing what comes.
    """

    grid: Floats
    up_to: Floats
    reorder_share: float = 1.0
    sensible: float = np.inf

    @property
    def range(self) -> tuple[float, float]:
        """Return the lowest and highest knob."""
        return float(self.grid[0]), float(self.grid[-1])

    def at(self, knob: float, review: int) -> tuple[Floats, Floats]:
        """Return order-up-to and reorder levels of one review, shape (n,), for a knob."""
        place = float(np.interp(knob, self.grid, np.arange(len(self.grid))))
        low = min(int(place), len(self.grid) - 2)
        share = place - low
        up_to = (1.0 - share) * self.up_to[low, :, review] + share * self.up_to[low + 1, :, review]
        return up_to, up_to * self.reorder_share


#: Makes levels from panel, first simulated column and terms.
Maker = Callable[[Panel, int, Terms], Levels]


def _reviews(panel: Panel, begin: int, review_days: int) -> list[int]:
    return list(range(begin, panel.length, review_days))


def _weeks(rates: Floats, reorder_share: float = 1.0) -> Levels:
    """Return levels of some weeks of daily rates, shape (n, reviews)."""
    return Levels(
        np.array([0.0, MOST_WEEKS]),
        np.stack([np.zeros_like(rates), 7.0 * MOST_WEEKS * rates]),
        reorder_share,
        MOST_WEEKS / 2.0,
    )


def _recent(panel: Panel, begin: int, review_days: int) -> Floats:
    """Return the mean daily demand of the recent weeks before each review, shape (n, reviews)."""
    days = 7 * RECENT_WEEKS
    y = np.nan_to_num(panel.y)
    return np.stack([y[:, max(t - days, 0) : t].mean(axis=1) for t in _reviews(panel, begin, review_days)], axis=1)


def cover(panel: Panel, begin: int, terms: Terms) -> Levels:
    """Return weeks of cover of the recent average, renewed at each review."""
    return _weeks(_recent(panel, begin, terms.review_days))


def minmax(panel: Panel, begin: int, terms: Terms) -> Levels:
    """Return weeks of cover as the maximum, ordering only below half of it."""
    return _weeks(_recent(panel, begin, terms.review_days), 0.5)


def static(panel: Panel, begin: int, terms: Terms) -> Levels:
    """Return a maximum set once from the days before the start."""
    first = np.nan_to_num(panel.y[:, :begin]).mean(axis=1)
    return _weeks(np.repeat(first[:, None], len(_reviews(panel, begin, terms.review_days)), axis=1))


def ordersight(panel: Panel, begin: int, terms: Terms) -> Levels:
    """Return quantiles of demand over review and lead time, forecast anew at each review.

    The knob is the normal score of the chance not to run out before the next order arrives. The
    mean blends the forecaster's level with the recent average (a burst often comes in company); the
    dispersion follows the panel's own law by volume, since a single series' tail is mostly luck;
    the lead time's variance is added; a part of the quantile is the series' own past.
    """
    horizon, days = terms.review_days + int(np.max(terms.lead_high)), terms.protected_days(len(panel.ids))
    recent = _recent(panel, begin, terms.review_days) * days[:, None]
    law, found = Law(0.0, 0.0), []
    for place, now in enumerate(_reviews(panel, begin, terms.review_days)):
        fitted = fit_panel(panel.until(now, everyone=True), horizon)
        if place % REFIT_EVERY == 0:
            law = law_of(fitted.trials().sums(int(np.median(days))))
        mean = (1.0 - RECENT_SHARE) * _until(fitted.mean(), days) + RECENT_SHARE * recent[:, place]
        asked = np.broadcast_to(ndtr(SCORES), (len(mean), len(SCORES)))
        stock = nb.quantiles(mean, law.dispersion(mean) + terms.lead_variance / days**2, asked)
        found.append((1.0 - OWN_SHARE) * stock + OWN_SHARE * _own_quantiles(fitted.panel, mean, days.astype(np.int64)))
    return _extended(np.stack(found, axis=2).transpose(1, 0, 2))


def _extended(up_to: Floats) -> Levels:
    """Return levels that go on, doubling, where the quantiles end: any fill rate is in reach at some price."""
    most = up_to[-1]
    beyond = [most * 2.0**step + (2.0**step - 1.0) * (most > 0) for step in range(1, BEYOND + 1)]
    knobs = np.append(SCORES, SCORES[-1] + np.arange(1, BEYOND + 1))
    return Levels(knobs, np.concatenate([up_to, np.stack(beyond)]), sensible=float(SCORES[-1]))


def _until(rates: Floats, days: Floats) -> Floats:
    """Return the units forecast for each series' first `days` days, a part of a day in proportion, shape (n,)."""
    total, whole = running(rates), days.astype(np.int64)
    rows = np.arange(len(days))
    return np.asarray(total[rows, whole] + (days - whole) * rates[rows, np.minimum(whole, rates.shape[1] - 1)])


def _own_quantiles(panel: Panel, mean: Floats, days: Ints) -> Floats:
    """Return quantiles of each series' own sums over its days in the last half-year, shape (n, scores).

    They are moved half-way (in logs) from their own mean to the forecast.
    """
    units, found = running(np.nan_to_num(panel.y)), np.zeros((len(mean), len(SCORES)))
    for span in np.unique(days):
        mine = days == span
        ends = np.arange(max(span, panel.length - OWN_DAYS), panel.length + 1, 7)
        sums = units[np.ix_(mine, ends)] - units[np.ix_(mine, ends - span)]
        moved = np.sqrt((mean[mine] + 0.5) / (sums.mean(axis=1) + 0.5))
        found[mine] = np.quantile(sums, ndtr(SCORES), axis=1).T * moved[:, None]
    return found


@dataclass(frozen=True)
class Law:
    """Log dispersion of a panel's demand as a line in log mean."""

    start: float
    slope: float

    def dispersion(self, mean: Floats) -> Floats:
        """Return the dispersion that demand of this mean usually has."""
        return np.asarray(np.exp(self.start + self.slope * np.log(np.clip(mean, *VOLUMES))))


def law_of(trials: Trials) -> Law:
    """Return the line that the series' dispersions follow, from past forecasts and what came."""
    usable = trials.judged & (trials.mean > VOLUMES[0])
    series = trials.mean.shape[1]
    if usable.sum() < 2:
        return Law(0.0, 0.0)
    rows = np.nonzero(usable)[1]
    mean = trials.mean[usable]
    own = nb.posterior_dispersion(nb.evidence(trials.actual[usable], mean, rows, series))
    count = np.bincount(rows, minlength=series)
    seen = count > 0
    typical = np.bincount(rows, weights=mean, minlength=series)[seen] / count[seen]
    x, z = np.log(np.clip(typical, *VOLUMES)), np.log(own[seen])
    varied = len(x) > 9 and float(np.var(x)) > 1e-6
    slope = float(np.clip(np.cov(x, z)[0, 1] / np.var(x, ddof=1), -1.0, 0.5)) if varied else 0.0
    return Law(float(z.mean() - slope * x.mean()), slope)


#: The policies by name; the first is ours.
LEVELS: dict[str, Maker] = {"ordersight": ordersight, "cover": cover, "minmax": minmax, "static": static}
