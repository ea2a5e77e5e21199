"""A policy without hindsight: at each review the knob that would have met the target until then.

A backtest that turns one knob until the fill rate is right knows the end of the story; a buyer does not.
Here the policy also runs, at every knob of a grid, over the weeks before the start. At each review the knob
taken is the one at which the last weeks would have come out at the aim, and the aim is the target, less twice
what was served above it so far (or more, if below): integral control, as a shop that watches its
fill rate would do. Nothing that follows a review speaks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecasting.panel import Floats, Ints, Panel
from forecasting.replay import Run, Steer, lead_times, replay
from forecasting.stocking import Levels, Maker, Terms

#: Reviews run before the start to learn from, most, and days left before them for a first forecast.
REHEARSED, LEFT_DAYS = 12, 56
#: Knobs tried on the past.
TRIED = 17
#: First rehearsed reviews that do not count: their stock is full because nothing was sold yet.
SETTLED = 2
#: Weight of a review against the one after it: some sixteen speak.
FADE = 0.94
#: How strongly the aim answers what was served so far, and the reviews that this must outweigh to be answered in full.
GAIN, SURE = 2.0, 1.0
#: The aim may fall by this multiple of the share that may be lost, and the share to be lost to this part of itself.
LOWEST, HIGHEST = 1.0, 1.0 / 3.0


@dataclass(frozen=True)
class Rehearsed:
    """Levels of a policy from some reviews before the start on, and what its knobs reached until each review.

    Parameters
    ----------
    levels : Levels
        From the start on.
    grid : ndarray, shape (knobs,)
        Knobs tried.
    fill : ndarray, shape (knobs, reviews)
        Fill rate each had reached when a review came, over days already known.
    usual : float
        Units asked for between two reviews before the start.
    """

    levels: Levels
    grid: Floats
    fill: Floats
    usual: float


def rehearsed(
    panel: Panel, demand: Floats, begin: int, *, maker: Maker, terms: Terms, leads: Ints, seed: int
) -> Rehearsed:
    """Return a policy run at every knob of a grid, from some weeks before the start on.

    Parameters
    ----------
    demand : ndarray, shape (n, T)
        Units asked for each day of the panel.
    begin : int
        First simulated day.
    leads : ndarray of int, shape (n, reviews)
        Days the orders of the simulation take; those of the weeks before are drawn from `seed`.
    """
    before = int(np.clip((begin - LEFT_DAYS) // terms.review_days, 0, REHEARSED))
    early = begin - before * terms.review_days
    levels = maker(panel, early, terms)
    earlier = lead_times(len(demand), begin - early, terms, seed)
    grid, fill = _past_fill(demand[:, early:], levels, terms, np.concatenate([earlier, leads], axis=1), before)
    usual = float(demand[:, early:begin].sum()) / max(before, 1)
    return Rehearsed(replace(levels, up_to=levels.up_to[:, :, before:]), grid, fill[:, before:], usual)


def foreseen(found: Rehearsed, demand: Floats, *, target: float, terms: Terms, leads: Ints) -> Run:
    """Return the run of a policy over days from its start on, its knob chosen at each review from the past alone."""
    return replay(demand, found.levels, _steer(found, target), terms, leads)


def _past_fill(demand: Floats, levels: Levels, terms: Terms, leads: Ints, before: int) -> tuple[Floats, Floats]:
    """Return knobs, and the fill rate each had reached when a review came, shape (knobs, reviews)."""
    low, high = levels.range[0], min(levels.range[1], levels.sensible)
    grid = np.linspace(low, high, TRIED) if low < 0 else np.concatenate([[low], np.geomspace(high / 160, high, TRIED)])
    whole = replace(terms, burn_in_days=0)
    tried = np.stack([replay(demand, levels, float(knob), whole, leads).by_review for knob in grid])
    tried[:, :, : min(SETTLED, before)] = 0.0
    return grid, _recent_fill(tried)


def _recent_fill(tried: Floats) -> Floats:
    """Return the fill rate before each review, recent ones weighing more; never lower at a higher knob.

    Parameters
    ----------
    tried : ndarray, shape (knobs, 2, reviews)
        Units asked for and lost between reviews.
    """
    sums, fill = np.zeros(tried.shape[:2]), np.zeros((len(tried), tried.shape[2]))
    for review in range(tried.shape[2]):
        asked, lost = sums.T
        fill[:, review] = 1.0 - np.divide(lost, asked, out=np.ones_like(lost), where=asked > 0)
        sums = sums * FADE + tried[:, :, review]
    return np.maximum.accumulate(fill, axis=0)


def _steer(found: Rehearsed, target: float) -> Steer:
    """Return what chooses the knob of each review."""
    grid, most = found.grid, 1.0 - HIGHEST * (1.0 - target)

    def knob(review: int, asked: float, lost: float) -> float:
        over = GAIN * (1.0 - lost / asked - target) * asked / (asked + SURE * found.usual) if asked else 0.0
        aim = float(np.clip(target - over, target - LOWEST * (1.0 - target), most))
        fill = found.fill[:, review]
        # Before anything is known no knob has a fill rate: the middle of the grid is as good as any.
        return float(np.interp(aim, fill, grid)) if fill[-1] > 0 else float(grid[len(grid) // 2])

    return knob
