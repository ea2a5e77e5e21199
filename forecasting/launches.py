"""New series: the level of their look-alikes, and the curve along which series that began before them settled.

A series' first weeks say little about its level, and what they say runs high: a launch is pushed, and early buyers
wait for it. Both are learned from the panel itself. The look-alikes of a series are the grown ones nearest in price
within its category; their mean level is what it is drawn to while it is young (gamma-Poisson, so own periods take
over as n / (n0 + n)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.levels import running
from forecasting.panel import Bools, Floats, Ints, Panel

#: Days of a launch, and of the time after it whose level counts as settled.
WEEKS, SETTLED_WEEKS = 8, 8
#: Days a panel must have shown before a first sale is a launch, and launches of which a curve is learned.
UNSEEN_DAYS, ENOUGH = 28, 20
#: Launches that count as much as the belief in no curve, and the limits of its factors.
DOUBT, LIMITS = 20.0, (0.4, 3.0)
#: Look-alikes of a series, the fewest a category needs, and days from which a series is one.
LIKE, FEWEST, GROWN_DAYS = 12, 5, 84
#: Days from which a series is followed alone, and most past launches looked at.
YOUNG_DAYS, MOST_PAST = 28, 400
#: Ages of past launches at which the days after are foretold, how many, and worths of look-alikes that are tried.
AGES, AHEAD = (3, 7, 14, 28), 28
WORTHS: Floats = np.array([1.0, 2.0, 4.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 60.0])


def begun(panel: Panel) -> Ints:
    """Return the column of each series' first demand; T if it had none."""
    sold = np.nan_to_num(panel.y) > 0
    return np.where(sold.any(axis=1), sold.argmax(axis=1), panel.length)


def launch_shape(panel: Panel, exposure: Floats, shape: Floats) -> Floats | None:
    """Return the factor of each day by the age of its series, shape (n, T + h); None if no curve is known.

    Parameters
    ----------
    panel : Panel
        Demand of n series over T days; other periods have no curve.
    exposure : ndarray, shape (n, T)
        Weight of each day.
    shape : ndarray, shape (n, T + h)
        Seasonal factors.
    """
    if panel.calendar.freq != "D":
        return None
    start = begun(panel)
    launched = (start >= UNSEEN_DAYS) & (start < panel.length)
    curve = _curve(panel, exposure * shape[:, : panel.length], start, launched)
    if curve is None:
        return None
    age = np.arange(shape.shape[1]) - start[:, None]
    inside = launched[:, None] & (age >= 0)
    return np.where(inside, np.interp(age, 7.0 * np.arange(WEEKS + 1) + 3.0, [*curve, 1.0]), 1.0)


def _curve(panel: Panel, seen: Floats, start: Ints, launched: Bools) -> Floats | None:
    """Return demand of each week after a launch over what it settled at, drawn to 1.

    The first day is left out: it sold by definition, and of a slow seller that alone would look like a push.
    """
    long = 7 * (WEEKS + SETTLED_WEEKS)
    rows = np.flatnonzero(launched & (start + 1 + long <= panel.length))
    if len(rows) < ENOUGH:
        return None
    days = start[rows, None] + 1 + np.arange(long)
    units, weight = np.nan_to_num(panel.y)[rows[:, None], days], seen[rows[:, None], days]
    units = (units * (weight > 0)).reshape(len(rows), -1, 7).sum(axis=2)
    weight = weight.reshape(len(rows), -1, 7).sum(axis=2)
    total = weight[:, WEEKS:].sum(axis=1)
    settled = np.divide(units[:, WEEKS:].sum(axis=1), total, out=np.zeros(len(rows)), where=total > 0)
    counted = settled > 0
    if counted.sum() < ENOUGH:
        return None
    # each launch counts alike but for the slowest, whose ratio is noise
    share = np.where(counted, 1.0 / (np.median(settled[counted]) + settled), 0.0)[:, None]
    stood = share * settled[:, None] * weight[:, :WEEKS]
    came = (share * units[:, :WEEKS]).sum(axis=0)
    doubt = DOUBT * stood.sum(axis=0) / counted.sum()
    return np.asarray(np.clip((came + doubt) / np.maximum(stood.sum(axis=0) + doubt, 1e-12), *LIMITS))


@dataclass(frozen=True)
class ColdStart:
    """Levels of the series too young to be followed alone.

    Parameters
    ----------
    rows : ndarray of int
        The young series.
    level : ndarray, shape (rows,)
        What their look-alikes and their own first days say together, units per unit of exposure.
    share : ndarray, shape (rows,)
        Share of it in the level used: from 1 on the first day to 0 at :data:`YOUNG_DAYS`.
    weight : ndarray, shape (rows,)
        Weight of the look-alikes in the level used.
    like : list of ndarray of int
        Look-alikes of each, the nearest in price first; empty without categories and prices.
    """

    rows: Ints
    level: Floats
    share: Floats
    weight: Floats
    like: list[Ints]

    def blended(self, followed: Floats) -> Floats:
        """Return levels (n,) with those of the young ones drawn to what is known of launches."""
        found = followed.copy()
        found[self.rows] = self.share * self.level + (1.0 - self.share) * followed[self.rows]
        return found

    def told(self, panel: Panel) -> dict[str, dict[str, Any]]:
        """Return by series what a receipt says: `look_alikes` (ids), `weight` of them, `own_days`."""
        ids, start = panel.ids.to_list(), begun(panel)
        return {
            str(ids[row]): {
                "look_alikes": [str(ids[at]) for at in like], "weight": round(float(weight), 3),
                "own_days": int(panel.length - start[row]),
            }
            for row, like, weight in zip(self.rows, self.like, self.weight, strict=True)
        }  # fmt: skip


def cold_start(panel: Panel, y: Floats, seen: Floats, typical: float) -> ColdStart | None:
    """Return the levels of young series; None if too few series began before them to learn from.

    Parameters
    ----------
    panel : Panel
        Demand of n series over T days, with `category` and `list_price` where they are known.
    y, seen : ndarray, shape (n, T)
        Demand, and the weight of each day times its shape.
    typical : float
        Level a series without look-alikes starts from.

    Notes
    -----
    level = (n0 prior + units) / (n0 + exposure), the first day left out; n0 is the one that foretold the four weeks
    after days 3, 7, 14 and 28 of past launches best.
    """
    if panel.calendar.freq != "D":
        return None
    start = begun(panel)
    launched = (start >= UNSEEN_DAYS) & (start < panel.length)
    age = panel.length - start
    young = np.flatnonzero(launched & (age < YOUNG_DAYS))
    past = np.flatnonzero(launched & (age >= AGES[0] + AHEAD))
    if not len(young) or len(past) < ENOUGH:
        return None
    past = past[:: -(-len(past) // MOST_PAST)]
    units, weight = running(y * (seen > 0)), running(seen)
    own = np.divide(units[:, -1], weight[:, -1], out=np.zeros(len(y)), where=weight[:, -1] > 0)
    grown = np.flatnonzero(age >= GROWN_DAYS)
    prior, _ = _priors(panel, past, own, grown, typical)
    worth = _worth(units[past], weight[past], start[past], prior)
    prior, like = _priors(panel, young, own, grown, typical)
    first = np.minimum(start[young] + 1, panel.length)
    sold = units[young, -1] - units[young, first]
    shown = weight[young, -1] - weight[young, first]
    level = (worth * prior + sold) / (worth + shown)
    share = 1.0 - age[young] / YOUNG_DAYS
    return ColdStart(young, level, share, share * worth / (worth + shown), like)


def _worth(units: Floats, weight: Floats, start: Ints, prior: Floats) -> float:
    """Return the days of its own that a prior is worth, by how past launches went on."""
    length, rows, loss = units.shape[1] - 1, np.arange(len(units)), np.zeros(len(WORTHS))
    for age in AGES:
        at = start + age
        usable = at + AHEAD <= length
        here, then = np.where(usable, at, 0), np.where(usable, at + AHEAD, 0)
        sold, shown = (v[rows, here] - v[rows, np.where(usable, start + 1, 0)] for v in (units, weight))
        came, lay = (v[rows, then] - v[rows, here] for v in (units, weight))
        told = (WORTHS[:, None] * prior + sold) / (WORTHS[:, None] + shown) * lay
        loss += (((told - came) / (AHEAD * (prior + prior.mean()) + 1e-9)) ** 2 * usable).sum(axis=1)
    return float(WORTHS[int(loss.argmin())])


def _priors(panel: Panel, rows: Ints, own: Floats, grown: Ints, typical: float) -> tuple[Floats, list[Ints]]:
    """Return for each row the mean level of its look-alikes, and who they are."""
    like = _look_alikes(panel, rows, grown)
    prior = np.array([own[of].mean() if len(of) else typical for of in like])
    return np.maximum(prior, 1e-9), like


def _look_alikes(panel: Panel, rows: Ints, grown: Ints) -> list[Ints]:
    """Return the grown series nearest in price, within the category of each row if it has enough of them."""
    category, price = panel.category, panel.list_price
    if (category is None and price is None) or len(grown) < FEWEST:
        return [np.zeros(0, dtype=np.int64) for _ in rows]
    at = np.zeros(len(panel.ids)) if price is None else np.log(np.maximum(np.nan_to_num(price, nan=1.0), 1e-6))
    names = np.zeros(len(panel.ids), dtype=np.int64) if category is None else category
    found = []
    for row in rows:
        others = grown[grown != row]
        same = others[names[others] == names[row]]
        pool = same if len(same) >= FEWEST else others
        found.append(pool[np.argsort(np.abs(at[pool] - at[row]), kind="stable")[:LIKE]])
    return found
