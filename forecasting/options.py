"""What each line may buy: whole packs from the minimum on, their cost, volume and exact value.

The value of n units is sum over k <= n of margin P(D >= position + k) - holding P(D < position + k)
with negative binomial demand D, which is (margin + holding) (L(position) - L(position + n)) -
holding n, where L(x) = E[(D - x)+]. It is concave in n; packs, minimums and price breaks are what
makes buying hard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln

from forecasting import negative_binomial as nb
from forecasting.panel import Bools, Floats, Ints

#: Most options of a line; a longer one is offered in multiples of its pack.
MOST_OPTIONS = 4096
#: Least dispersion: demand with less variance than its mean is taken as (almost) Poisson.
LEAST_DISPERSION = 1e-6


@dataclass(frozen=True)
class Lines:
    """The lines of the problem, arrays of shape (n,).

    Parameters
    ----------
    supplier : ndarray of int
        Index of each line's supplier.
    unit_cost, margin, holding, volume : ndarray
        Money an item (cost, gain if sold, loss if left); volume an item.
    pack, moq, position : ndarray
        Items; `position` is stock plus what is on its way.
    mean, sd : ndarray
        Demand the stock must last for, items.
    breaks : dict of int to list of (min_quantity, unit_cost)
        All-units prices of the lines that have them, ascending.
    most : ndarray, optional
        Most items of each line; without it as many as add value.
    """

    supplier: Ints
    unit_cost: Floats
    margin: Floats
    holding: Floats
    volume: Floats
    pack: Floats
    moq: Floats
    position: Floats
    mean: Floats
    sd: Floats
    breaks: dict[int, list[tuple[float, float]]]
    most: Floats | None = None

    @property
    def dispersion(self) -> Floats:
        """Return the negative binomial dispersion of each line's demand."""
        over = (self.sd**2 - self.mean) / np.maximum(self.mean, 1e-12) ** 2
        return np.asarray(np.maximum(over, LEAST_DISPERSION))


@dataclass(frozen=True)
class Options:
    """Every quantity each line may buy, lines one after another, quantities ascending; none is zero.

    Parameters
    ----------
    line : ndarray of int, shape (m,)
        Line of each option.
    quantity, cost, value : ndarray, shape (m,)
        Items, money, money.
    unoffered : float
        The most that quantities between coarse options could add; money. Belongs into a bound.
    """

    line: Ints
    quantity: Floats
    cost: Floats
    value: Floats
    unoffered: float = 0.0


def make_options(lines: Lines) -> Options:
    """Return the options of all lines, up to where another pack only costs."""
    first = np.ceil(np.maximum(lines.moq, lines.pack) / lines.pack)
    last = np.maximum(np.ceil(_enough(lines) / lines.pack), first)
    for row, breaks in lines.breaks.items():
        last[row] = max(last[row], np.ceil(max(least for least, _ in breaks) / lines.pack[row]))
    if lines.most is not None:
        last = np.maximum(np.minimum(last, np.floor(lines.most / lines.pack)), first)
    grain = np.ceil((last - first + 1) / MOST_OPTIONS)
    count = ((last - first) // grain + 1).astype(np.int64)
    line: Ints = np.repeat(np.arange(len(count), dtype=np.int64), count)
    step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    quantity = (first[line] + step * grain[line]) * lines.pack[line]
    value = value_of(lines, line, quantity)
    coarse = grain > 1
    unoffered = _between(line, value, coarse) if coarse.any() else 0.0
    return Options(line, quantity, quantity * _price(lines, line, quantity), value, unoffered)


def _between(line: Ints, value: Floats, coarse: Bools) -> float:
    """Return how far a concave value may rise above the chords between the options of coarse lines.

    Over a chord it stays under its neighbours' extensions, which meet at most a quarter of the fall
    in gains above it.
    """
    gain = np.diff(value)
    same = (line[3:] == line[:-3]) & coarse[line[3:]]
    rise = np.where(same, (gain[:-2] - gain[2:]) / 4.0, 0.0)
    most = np.zeros(int(line.max()) + 1)
    np.maximum.at(most, line[3:], rise)
    return 2.0 * float(most.sum())


def _enough(lines: Lines) -> Floats:
    """Return the items after which one more is expected to lose money."""
    ratio = lines.margin / np.maximum(lines.margin + lines.holding, 1e-12)
    asked = np.clip(ratio, 1e-9, 1.0 - 1e-9)[:, None]
    wanted = nb.quantiles(lines.mean, lines.dispersion, asked)[:, 0] - lines.position
    return np.where(lines.margin > 0, np.maximum(wanted, 0.0), 0.0)


def _price(lines: Lines, line: Ints, quantity: Floats) -> Floats:
    """Return the unit cost of each option: every unit gets the price of the quantity reached."""
    price = lines.unit_cost[line]
    if not lines.breaks:
        return price
    starts = np.searchsorted(line, np.arange(len(lines.unit_cost) + 1))
    for index, breaks in lines.breaks.items():
        mine = slice(starts[index], starts[index + 1])
        for least, cost in breaks:
            price[mine] = np.where(quantity[mine] >= least, cost, price[mine])
    return price


def value_of(lines: Lines, line: Ints, quantity: Floats) -> Floats:
    """Return the value of buying `quantity` items on each given line, money."""
    position = lines.position
    start = expected_shortage(position, lines.mean, lines.dispersion)[line]
    left = _shortage_after(lines, line, quantity)
    worth, holding = (lines.margin + lines.holding)[line], lines.holding[line]
    return np.asarray(worth * (start - left) - holding * quantity)


def expected_shortage(stock: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return E[(D - stock)+] of negative binomial demand, items; stock below zero is backorders.

    Notes
    -----
    E[D; D > x] = m P(D' > x - 1), D' with one unit more of shape (r = 1 / phi).
    """
    r = 1.0 / dispersion
    chance = 1.0 / (1.0 + mean * dispersion)
    whole = np.maximum(np.floor(stock), 0.0)
    above = 1.0 - betainc(r, whole + 1.0, chance)
    heavier = np.where(whole >= 1, 1.0 - betainc(r + 1.0, np.maximum(whole, 1.0), chance), 1.0)
    short = mean * heavier - whole * above
    return np.asarray(np.where(stock < 0, mean - stock, np.maximum(short - (stock - whole) * above, 0.0)))


def _shortage_after(lines: Lines, line: Ints, quantity: Floats) -> Floats:
    """Return the expected shortage after each option: by tables where packs are small, else by formula."""
    stock = lines.position[line] + quantity
    found = np.empty(len(line))
    starts = np.searchsorted(line, np.arange(len(lines.mean) + 1))
    last = np.maximum(starts[1:] - 1, 0)
    reach = quantity[last] + 1 if len(quantity) else np.zeros(0)
    options = np.diff(starts)
    tabled = (reach <= 6 * options + 32) & (reach <= 2 * MOST_OPTIONS) & (lines.position >= 0)
    tabled &= (lines.position % 1 == 0) & (_log_chance(lines) > -600.0)
    direct = ~tabled[line]
    dispersion = lines.dispersion
    found[direct] = expected_shortage(stock[direct], lines.mean[line[direct]], dispersion[line[direct]])
    order = np.flatnonzero(tabled)
    order = order[np.argsort(reach[order], kind="stable")]
    place = np.empty(len(lines.mean), dtype=np.int64)
    for rows in np.array_split(order, len(order) // 256 + 1):
        place[rows] = np.arange(len(rows))
        table = _table(lines, rows, int(reach[rows].max(initial=0)) + 1)
        mine = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in rows]) if len(rows) else rows
        found[mine] = table[place[line[mine]], quantity[mine].astype(np.int64)]
    return found


def _log_chance(lines: Lines) -> Floats:
    """Return log P(D = position)."""
    r, at = 1.0 / lines.dispersion, np.maximum(lines.position, 0.0)
    odds = np.log(np.maximum(lines.mean, 1e-300)) - np.log(r + lines.mean)
    start = -r * np.log1p(lines.mean * lines.dispersion)
    return np.asarray(gammaln(at + r) - gammaln(r) - gammaln(at + 1.0) + start + at * odds)


def _table(lines: Lines, rows: Ints, length: int) -> Floats:
    """Return E[(D - position - n)+] for n = 0 … length-1, shape (rows, length), by summing P(D = k)."""
    mean, dispersion, at = lines.mean[rows], lines.dispersion[rows], lines.position[rows]
    r = 1.0 / dispersion
    odds = (mean / (mean + r))[:, None]
    k = at[:, None] + np.arange(1, length)
    first = np.exp(_log_chance(lines)[rows])[:, None]
    exact = np.cumprod(np.concatenate([first, (k - 1 + r[:, None]) / k * odds], axis=1), axis=1)
    below = np.where(at >= 1, betainc(r, np.maximum(at, 1.0), 1.0 / (1.0 + mean * dispersion)), 0.0)
    above = np.maximum(1.0 - below[:, None] - np.cumsum(exact, axis=1), 0.0)
    start = expected_shortage(at, mean, dispersion)[:, None]
    return np.asarray(start - np.concatenate([np.zeros((len(rows), 1)), np.cumsum(above, axis=1)[:, :-1]], axis=1))
