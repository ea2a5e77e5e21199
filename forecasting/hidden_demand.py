"""Demand that nobody saw because stock had run out, also when it ran out *because* demand was high.

Whether a day was seen depends on what was seen before it, so demand that is hidden is missing at random given what
was seen (Rubin 1976): it is enough to model demand well. A series sells its slow level times an intensity that
moves between a few steps from day to day; how it moves is learned from all series together. Behind a burst the
intensity is still high on the sold-out days that follow; where demand has no memory it is 1 on every one of them.

References
----------
Rabiner (1989) for forward-backward and Baum-Welch; Conrad (1976), Nahmias (1994) for days cut short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from forecasting import negative_binomial as nb
from forecasting.censoring import MOST_DISPERSION, truncated_mean
from forecasting.panel import Bools, Floats, Ints
from forecasting.smoothing import around, ratio

#: Steps of intensity around the slow level, and the speed of that level (seen from both sides).
STEPS: Floats = np.exp(0.55 * np.arange(-4, 5))
SPEED = 0.025
#: Dispersions of a day around its intensity that are considered.
DISPERSIONS: Floats = np.array([0.02, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
#: Series and rounds from which the moves are learned; series completed at once.
LEARNED_FROM, ROUNDS, PIECE = 150, 12, 256
#: Share of days hidden below which a level is as good as known, and the rounds that are enough for a panel of such.
SELDOM, FEW_ROUNDS = 0.05, 4
#: First guess of the moves: the share of a step that stays, the spread of steps (log scale), its weight in days.
STAYS, SPREAD, WEIGHT = 0.8, 0.6, 20.0
#: Seen days from which anything is learned, and days before a series' forecasts are judged.
LEAST_SEEN, SETTLED = 2_000, 30
#: Days whose likelihood chooses the dispersion.
MOST_CELLS = 8_000


@dataclass(frozen=True)
class Seen:
    """What was seen of n series on T days.

    Parameters
    ----------
    units, share : ndarray, shape (n, T)
        Units sold, and the share of the day in which they could be (0: nothing of the day was seen).
    shape : ndarray, shape (n, T)
        Season and effects of a whole day; 0 where there was no demand to see (unknown, or before the first sale).
    least : ndarray of bool, shape (n, T)
        Days told as sold out that sold something: demand was at least that.
    """

    units: Floats
    share: Floats
    shape: Floats
    least: Bools

    def of(self, rows: Ints) -> Seen:
        """Return some of the series."""
        return Seen(self.units[rows], self.share[rows], self.shape[rows], self.least[rows])

    def hidden(self) -> Bools:
        """Return where some demand was not seen."""
        return np.asarray((self.share < 1.0) & (self.shape > 0))

    def level(self, added: Floats | None = None) -> Floats:
        """Return the slow level; without demand added for what was hidden, by what was seen alone."""
        counted = self.units * (self.share > 0)
        if added is None:
            return ratio(around(counted, SPEED), around(self.share * self.shape, SPEED))
        return ratio(around(counted + added, SPEED), around(self.shape, SPEED))


@dataclass(frozen=True)
class Moves:
    """How intensity moves from day to day, and how a day scatters around it.

    Parameters
    ----------
    chance : ndarray, shape (J, J)
        Of the next day's step, by today's.
    usual : ndarray, shape (J,)
        How often each step is met.
    dispersion : float
        Of a day's units around their intensity.
    scale : float
        Units that came on seen days over those foretold from the days before: 1 if the model is right.
    """

    chance: Floats
    usual: Floats
    dispersion: float
    scale: float = 1.0


@dataclass(frozen=True)
class Pass:
    """What one pass forward and backward over T days of n series found, day by day: shape (T, n, J)."""

    posterior: Floats
    forward: Floats
    foretold: Floats
    moved: Floats


def hidden_demand(seen: Seen) -> tuple[Floats, Floats]:
    """Return the demand that was not seen: its expectation, and a draw that scatters as demand does.

    Returns
    -------
    tuple of ndarray, shape (n, T)
        Units beside those seen. The draw is the same whenever the data are: levels rest on expectations, but a
        spread learned from them would be too narrow.
    """
    expected, drawn = np.zeros(seen.units.shape), np.zeros(seen.units.shape)
    often = seen.hidden().mean(axis=1)
    rows = np.argsort(-often, kind="stable")[: np.count_nonzero(often)]
    if not len(rows):
        return expected, drawn
    moves = learn(seen)
    random = np.random.default_rng(0)
    for start in range(0, len(rows), PIECE):
        at = rows[start : start + PIECE]
        piece = seen.of(at)
        level = piece.level()
        # what little was hidden hardly moves a level: it is looked at again only where it does
        for _ in range(1 if often[at[0]] < SELDOM else 2):
            found = _passed(piece, level, moves)
            expected[at] = _expected(piece, level, moves, found)
            level = piece.level(expected[at])
        drawn[at] = np.where(piece.least, expected[at].round(), _drawn(piece, level, moves, found, random))
    return expected, drawn


def learn(seen: Seen) -> Moves:
    """Return the moves of intensity that all series together show, by expectation and maximisation (Baum-Welch)."""
    usual = np.exp(-0.5 * (np.log(STEPS) / SPREAD) ** 2)
    usual /= usual.sum()
    guess = STAYS * np.eye(len(STEPS)) + (1.0 - STAYS) * usual
    moves = Moves(guess, usual, 0.5)
    speaking = np.flatnonzero((seen.units * (seen.share > 0)).sum(axis=1) > 0)
    if not len(speaking):
        return moves
    piece = seen.of(speaking[:: max(1, len(speaking) // LEARNED_FROM)])
    level = piece.level()
    for _ in range(ROUNDS if seen.hidden().mean() >= SELDOM else FEW_ROUNDS):
        found = _passed(piece, level, moves)
        moved = found.moved + WEIGHT * guess * usual[:, None]
        chance = moved / moved.sum(axis=1, keepdims=True)
        moves = Moves(chance, _steady(chance), _dispersion(piece, level, found), _scale(piece, level, found))
        level = piece.level(_expected(piece, level, moves, found))
    return moves


def _steady(chance: Floats) -> Floats:
    """Return how often each step is met in the long run."""
    return np.asarray(np.linalg.matrix_power(chance, 1024)[0])


def _passed(seen: Seen, level: Floats, moves: Moves) -> Pass:
    """Return the chances of each step on each day, and the mean step foretold from the days before it."""
    likely = _likelihood(seen, level, moves.dispersion)
    days, series, steps = likely.shape
    forward, foretold = np.empty_like(likely), np.empty((days, series))
    norm = np.empty((days, series, 1))
    now = np.broadcast_to(moves.usual, (series, steps))
    for day in range(days):
        foretold[day] = now @ STEPS
        now = now * likely[day]
        norm[day] = now.sum(axis=1, keepdims=True)
        now = forward[day] = now / norm[day]
        now = now @ moves.chance
    moved, after = np.zeros(moves.chance.shape), np.ones((series, steps))
    posterior = np.empty_like(likely)
    posterior[-1] = forward[-1]
    for day in range(days - 2, -1, -1):
        weighed = likely[day + 1] * after / norm[day + 1]
        moved += forward[day].T @ weighed
        after = weighed @ moves.chance.T
        posterior[day] = forward[day] * after
    return Pass(posterior, forward, foretold, moved * moves.chance)


def _likelihood(seen: Seen, level: Floats, dispersion: float) -> Floats:
    """Return how likely each day's units are at each step, the likeliest 1, shape (T, n, J)."""
    r, units = 1.0 / dispersion, seen.units.T[:, :, None]
    mean = np.maximum(level * seen.shape * seen.share, 1e-9).T[:, :, None] * STEPS
    logs = units * np.log(mean / (mean + r)) - r * np.log1p(mean * dispersion)
    logs[(seen.share.T <= 0) | (seen.shape.T <= 0)] = 0.0
    found: Floats = np.exp(logs - logs.max(axis=2, keepdims=True))
    series, day = np.nonzero(seen.least)
    if len(series):
        full = np.maximum((level * seen.shape)[series, day], 1e-9)[:, None] * STEPS
        spread = np.full(full.shape, min(dispersion, MOST_DISPERSION))
        found[day, series] = 1.0 - nb.cdf(seen.units[series, day][:, None] - 1.0, full, spread) + 1e-9
    return found


def _expected(seen: Seen, level: Floats, moves: Moves, found: Pass) -> Floats:
    """Return the units expected beside those seen, given everything seen, shape (n, T)."""
    series, day = np.nonzero(seen.hidden())
    chance, units = found.posterior[day, series], seen.units[series, day]
    share = seen.share[series, day]
    mean = np.maximum((level * seen.shape)[series, day], 1e-9)[:, None] * STEPS
    # a day's own gamma: what its first part sold tells of its rest
    r = 1.0 / min(moves.dispersion, MOST_DISPERSION)
    rate = mean * (r + (units * (share > 0))[:, None]) / (r + mean * share[:, None])
    rest = moves.scale * (1.0 - share) * (chance * rate).sum(axis=1)
    least = seen.least[series, day]
    middle = np.maximum((chance * mean).sum(axis=1), 1e-9)
    rest[least] = truncated_mean(units[least], middle[least], np.full(int(least.sum()), 1.0 / r))
    added = np.zeros(seen.units.shape)
    added[series, day] = rest
    return added


def _scale(seen: Seen, level: Floats, found: Pass) -> float:
    """Return units that came over units foretold, on the days seen: what a model that misses its tails must be told."""
    mean = (level * seen.shape * seen.share)[:, SETTLED:]
    came = float((seen.units * (seen.share > 0))[:, SETTLED:].sum())
    told = float((mean * found.foretold.T[:, SETTLED:]).sum())
    return float(np.clip(came / told, 0.5, 2.0)) if told > 0 and came > 0 else 1.0


def _dispersion(seen: Seen, level: Floats, found: Pass) -> float:
    """Return the likeliest dispersion of days around their intensity."""
    cells = np.flatnonzero((seen.share > 0) & (seen.shape > 0))
    cells = cells[:: max(1, len(cells) // MOST_CELLS)]
    series, day = np.unravel_index(cells, seen.units.shape)
    units, chance = seen.units.ravel()[cells][:, None], found.posterior[day, series]
    mean = np.maximum((level * seen.shape * seen.share).ravel()[cells], 1e-9)[:, None] * STEPS
    scores = []
    for dispersion in DISPERSIONS:
        r = 1.0 / dispersion
        logs = gammaln(units + r) - gammaln(r) - r * np.log1p(mean * dispersion) + units * np.log(mean / (mean + r))
        scores.append(float((chance * logs).sum()))
    return float(DISPERSIONS[int(np.argmax(scores))])


def _drawn(seen: Seen, level: Floats, moves: Moves, found: Pass, random: np.random.Generator) -> Floats:
    """Return hidden demand as it may have been: steps drawn backwards from the last day, then units."""
    days, series, steps = found.forward.shape
    step = np.empty((series, days), dtype=np.int64)
    chance = found.forward[-1]
    for day in range(days - 1, -1, -1):
        if day < days - 1:
            chance = found.forward[day] * moves.chance[:, step[:, day + 1]].T
        upto = chance.cumsum(axis=1)
        step[:, day] = np.minimum((upto < random.random((series, 1)) * upto[:, -1:]).sum(axis=1), steps - 1)
    mean = moves.scale * level * seen.shape * STEPS[step] * (1.0 - seen.share)
    r = 1.0 / moves.dispersion
    units = random.poisson(np.minimum(mean * random.gamma(r, 1.0 / r, mean.shape), 1e9))
    return np.where(seen.hidden(), units, 0.0)
