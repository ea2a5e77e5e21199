"""What to order, how much and why: forecast, stock and terms to lines with a receipt.

Periodic review with an order-up-to level. With L the lead time, R the days to the next review and C
the cover wanted after arrival (all in days), D(n) the demand of the next n days:

* *order when* position < E[D(L + R)] + safety
* *up to* E[D(L + C)] + safety; of goods that expire no longer than they last: C is at most their shelf life
* spread sigma(n) = sqrt(((q95[D(n)] - E[D(n)]) / z95)² + (rate · s_L)²)
* safety = min(E[D(L + R)], k sigma(L + R)), k by the service wanted (:mod:`forecasting.safety`); z95 while nobody said

At most the protected demand itself is kept as safety, and a spread is at most its mean (or what counts scatter anyway):
a SKU whose spread is wider than its mean lives on bulk orders, which are bought to order.

Position is available + inbound + drafted, late deliveries included; what is owed to customers who wait is negative. The
quantity is rounded up to whole packs and to the supplier's minimum quantity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from forecasting import negative_binomial as nb
from forecasting.panel import Floats, Ints
from forecasting.safety import safety_stock

#: One-sided service level of a replenishment cycle, and its normal quantile.
SERVICE_LEVEL = 0.95
Z95 = float(ndtri(SERVICE_LEVEL))
#: Below this many units a day a SKU does not sell.
LEAST_RATE = 1e-3
#: A SKU that lasts longer than this says so, without a day.
LONGEST_DAYS = 365
#: What holds of a line that does not say otherwise.
DEFAULTS = {"measure": "cycle", "target": SERVICE_LEVEL, "waits": False, "shelf_life_days": None, "late_qty": 0}
URGENCIES = ("out", "before", "last_day", "soon", "fine")


@dataclass(frozen=True, slots=True)
class Demand:
    """Cumulative demand of n variants at k days.

    Parameters
    ----------
    days : ndarray of int, shape (k,)
        Days counted from tomorrow, rising.
    mean, high : ndarray, shape (n, k)
        Expected units of the first `days`, and their 95 % quantile.
    """

    days: Ints
    mean: Floats
    high: Floats

    def to(self, days: Floats) -> Floats:
        """Return the expected units of each variant's first `days`, shape (n,); straight on beyond the last."""
        grid = np.concatenate([[0], self.days]).astype(float)
        known = np.concatenate([np.zeros((len(self.mean), 1)), self.mean], axis=1)
        found = np.array([np.interp(d, grid, row) for d, row in zip(days, known, strict=True)])
        beyond = np.clip(days - grid[-1], 0, None)
        return np.asarray(found + beyond * (known[:, -1] - known[:, -2]) / (grid[-1] - grid[-2]))

    def spare(self, days: Floats) -> Floats:
        """Return the units between the mean and the 95 % quantile of the first `days`, shape (n,).

        Between and beyond the known days the spread grows with the square root of time.
        """
        gap = np.clip(self.high - self.mean, 0, None)
        place = np.clip(np.searchsorted(self.days, days), 0, len(self.days) - 1)
        rows = np.arange(len(gap))
        return np.asarray(gap[rows, place] * np.sqrt(np.maximum(days, 0) / self.days[place]))

    @property
    def rate(self) -> Floats:
        """Expected units a day over the known days, shape (n,)."""
        return np.asarray(self.mean[:, -1] / self.days[-1])


def suggest(positions: pl.DataFrame, demand: Demand, today: date) -> pl.DataFrame:
    """Return a line for every variant with its order, urgency and the numbers behind them.

    Parameters
    ----------
    positions : polars.DataFrame, n rows
        ``available, incoming, drafted`` (units), ``next_due_on``, ``pack_qty, moq_qty``,
        ``lead_time_days, lead_time_sd_days, review_days, cover_days`` and whatever else shall come along.
        May say ``measure`` (``cycle, fill``) and ``target`` (share) of each line's service, ``waits`` (customers wait
        for what is out), ``shelf_life_days`` and ``late_qty`` (of what is incoming: overdue).
    demand : Demand
        Rows in the order of `positions`.
    today : date
        Business date.

    Returns
    -------
    polars.DataFrame
        The given columns and ``rate`` (units a day), ``demand_lead, demand_cover, demand_protected, safety, spread,
        position, reorder_point, up_to, raw_qty, order_qty, rounding_qty, rounding, cover_days_now, sells_out_on,
        last_order_on, arrives_on, p_stock_out`` (before an order of today could arrive), ``urgency``.
    """
    positions = _with_defaults(positions)
    lead, review = _floats(positions, "lead_time_days", 7), _floats(positions, "review_days", 7)
    cover = np.minimum(_floats(positions, "cover_days", 28), _floats(positions, "shelf_life_days", np.inf))
    lead_sd = _floats(positions, "lead_time_sd_days", 0)
    available, rate = np.maximum(_floats(positions, "available"), 0), demand.rate
    inbound = _floats(positions, "incoming") + _floats(positions, "drafted")
    lead_demand, protected = demand.to(lead), demand.to(lead + review)
    wanted = demand.to(lead + cover)

    def spread_of(days: Floats) -> Floats:
        mean = demand.to(days)
        found = np.sqrt((demand.spare(days) / Z95) ** 2 + (rate * lead_sd) ** 2)
        return np.minimum(found, np.maximum(mean, np.sqrt(np.maximum(mean, 0.0))))

    safety = _safety(positions, spread_of(lead + review), np.maximum(wanted - lead_demand, 1e-9), protected)
    up_to, point = wanted + safety, protected + safety
    position = _floats(positions, "available") + inbound
    raw = np.where((position < point) & (rate > LEAST_RATE), np.maximum(up_to - position, 0), 0)
    order = whole_packs(raw, _floats(positions, "pack_qty", 1), _floats(positions, "moq_qty"))
    lasts = _lasts(positions, available, rate, today)
    arriving = np.where(_due_within(positions, lead, today), _in_time(positions), 0)
    numbers = {
        "rate": rate, "demand_lead": lead_demand, "demand_cover": wanted - lead_demand,
        "demand_protected": protected, "safety": safety, "spread": spread_of(lead + cover),
        "position": position, "reorder_point": point, "up_to": up_to, "raw_qty": np.ceil(raw),
        "order_qty": order, "rounding_qty": order - np.ceil(raw), "cover_days_now": lasts,
        "p_stock_out": np.where(
            (available <= 0) & (rate > LEAST_RATE), 1.0, _short(available + arriving, lead_demand, spread_of(lead))
        ),
    }  # fmt: skip
    return positions.with_columns(
        *(pl.Series(name, values) for name, values in numbers.items()),
        *_dates(lasts, lead, today),
        pl.Series("urgency", _urgency(available, rate, lasts, lead, order), dtype=pl.String),
        pl.Series(
            "rounding",
            rounded_by(np.ceil(raw), _floats(positions, "pack_qty", 1), _floats(positions, "moq_qty")),
            dtype=pl.String,
        ),
    ).with_columns(pl.col("raw_qty", "order_qty", "rounding_qty").cast(pl.Int64))


def whole_packs(quantity: Floats, pack: Floats, least: Floats) -> Floats:
    """Return quantities rounded up to whole packs and to the minimum; zero stays zero."""
    wanted = np.maximum(quantity, least)
    return np.where(quantity > 0, np.ceil(np.round(wanted / pack, 9)) * pack, 0.0)


def rounded_by(quantity: Floats, pack: Floats, least: Floats) -> list[str]:
    """Return what a quantity was rounded up by: ``minimum``, ``packs`` or ``nothing``."""
    found = np.select(
        [quantity <= 0, quantity < least, np.mod(quantity, pack) > 0], ["nothing", "minimum", "packs"], "nothing"
    )
    return [str(word) for word in found]


def _with_defaults(positions: pl.DataFrame) -> pl.DataFrame:
    """Return the positions with the usual service and terms where nobody said others."""
    missing = {name: value for name, value in DEFAULTS.items() if name not in positions.columns}
    return positions.with_columns(pl.lit(value).alias(name) for name, value in missing.items())


def _safety(positions: pl.DataFrame, spread: Floats, cycle: Floats, most: Floats) -> Floats:
    """Return the safety stock of each line's service, at most the protected demand itself."""
    found = safety_stock(
        fill=(positions["measure"] == "fill").to_numpy(), target=_floats(positions, "target", SERVICE_LEVEL),
        spread=spread, cycle=cycle, backorders=positions["waits"].to_numpy(),
    )  # fmt: skip
    return np.minimum(found, most)


def _in_time(positions: pl.DataFrame) -> Floats:
    """Return what is on its way and not overdue: nobody knows when a late delivery comes."""
    return np.maximum(_floats(positions, "incoming") - _floats(positions, "late_qty"), 0)


def _floats(frame: pl.DataFrame, name: str, missing: float = 0.0) -> Floats:
    return frame.get_column(name).cast(pl.Float64).fill_null(missing).to_numpy()


def _due_within(positions: pl.DataFrame, lead: Floats, today: date) -> Floats:
    """Return which deliveries on their way are due before an order of today could arrive."""
    days = positions.select((pl.col("next_due_on") - pl.lit(today)).dt.total_days().cast(pl.Float64)).to_series()
    return np.asarray(days.fill_null(np.inf).to_numpy() <= lead)


def _lasts(positions: pl.DataFrame, available: Floats, rate: Floats, today: date) -> Floats:
    """Return for how many days the stock lasts; a delivery counts when it comes in time."""
    sells = rate > LEAST_RATE
    own = np.where(sells, available / np.where(sells, rate, 1), LONGEST_DAYS)
    in_time = _due_within(positions, own, today)
    more = np.where(in_time, _in_time(positions), 0)
    lasts = np.where(sells, (available + more) / np.where(sells, rate, 1), LONGEST_DAYS)
    return np.minimum(lasts, LONGEST_DAYS)


def _dates(lasts: Floats, lead: Floats, today: date) -> list[pl.Series]:
    ends = [None if d >= LONGEST_DAYS else today + timedelta(days=int(d)) for d in lasts]
    last = [None if e is None else e - timedelta(days=int(np.ceil(n))) for e, n in zip(ends, lead, strict=True)]
    arrives = [today + timedelta(days=int(np.ceil(n))) for n in lead]
    return [
        pl.Series("sells_out_on", ends, dtype=pl.Date),
        pl.Series("last_order_on", last, dtype=pl.Date),
        pl.Series("arrives_on", arrives, dtype=pl.Date),
    ]


def _short(stock: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return the chance that negative binomial demand passes the stock."""
    over = (sd**2 - mean) / np.maximum(mean, 1e-9) ** 2
    return np.asarray(1.0 - nb.cdf(stock, np.maximum(mean, 1e-9), np.maximum(over, 1e-6)))


def _urgency(available: Floats, rate: Floats, lasts: Floats, lead: Floats, order: Floats) -> list[str]:
    sells = rate > LEAST_RATE
    slack = lasts - lead
    found = np.select(
        [sells & (available <= 0), sells & (slack < 0), sells & (slack < 1), order > 0],
        list(URGENCIES[:4]), URGENCIES[4],
    )  # fmt: skip
    return [str(word) for word in found]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The packs of a plan, the most valuable per unit of money first.

    Attributes
    ----------
    row, units : ndarray of int
        Which line a step belongs to, and its units.
    cost, gain : ndarray
        Minor units: what the step costs, and the margin it is expected to bring before the next chance to order.
    """

    row: Ints
    units: Ints
    cost: Ints
    gain: Floats


def ladder(lines: pl.DataFrame) -> Ladder:
    """Return the packs of the ordered lines by value per unit of money; the minimum quantity is one step.

    The gain of a step is ``margin · (E[min(D, s + units)] - E[min(D, s)])`` with D the demand over lead time and
    cover, taken as normal, and s the stock below the step. It falls from pack to pack of a line, so
    steps of one line never change their order.

    Parameters
    ----------
    lines : polars.DataFrame
        Of :func:`suggest`, with ``price_minor, unit_cost_minor``.
    """
    order, pack = _floats(lines, "order_qty"), np.maximum(_floats(lines, "pack_qty", 1), 1)
    first = np.minimum(np.maximum(np.ceil(_floats(lines, "moq_qty") / pack) * pack, pack), order)
    steps = np.where(order > 0, 1 + np.ceil(np.maximum(order - first, 0) / pack), 0).astype(np.int64)
    row = np.repeat(np.arange(lines.height), steps)
    place = np.arange(len(row)) - np.repeat(np.cumsum(steps) - steps, steps)
    low = np.where(place == 0, 0, first[row] + (place - 1) * pack[row])
    high = np.minimum(first[row] + place * pack[row], order[row])
    unit_cost = _floats(lines, "unit_cost_minor")
    margin = np.maximum(_floats(lines, "price_minor") - unit_cost, 0)
    mean = _floats(lines, "demand_lead") + _floats(lines, "demand_cover")
    sd, start = np.maximum(_floats(lines, "spread"), 1e-6), _floats(lines, "position")
    sold = [mean_sold(start[row] + edge, mean[row], sd[row]) for edge in (low, high)]
    gain, cost = margin[row] * (sold[1] - sold[0]), (high - low) * unit_cost[row]
    by = np.lexsort((place, row, -gain / np.maximum(cost, 1)))
    return Ladder(row[by], (high - low)[by].astype(np.int64), cost[by].astype(np.int64), gain[by])


def mean_sold(stock: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return E[min(D, stock)] for normal demand [mu, sigma]: mu - sigma · L(z), L the standard normal loss."""
    z = (stock - mean) / sd
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.asarray(mean - sd * (density - z * ndtr(-z)))
