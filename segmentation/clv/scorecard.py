"""How good was a forecast? Held against what came, customer by customer and in total.

Every number is computed from the columns of `predict` and what then happened, so that forecasts
of others can be judged by the same card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

    from segmentation.clv.counting import Floats
    from segmentation.clv.totals import Total

#: Bins of the calibration error, and the share of customers called the best.
BINS, BEST = 10, 0.10
#: Sums of decimals are compared with this slack.
CENT = 1e-6


@dataclass(frozen=True)
class Score:
    """One forecast against what came.

    Attributes
    ----------
    mae, value_mae : float
        Mean absolute error a customer, in orders and in the currency of the amounts.
    bias, value_bias : float
        Expected total over actual total − 1; 0 when nothing came.
    ngini : float
        How well the expected values rank what was spent: area of the gains curve over the best possible; 1 is
        perfect, 0 is chance.
    top_10 : float
        Share of what was spent by the tenth of customers expected to spend most.
    ece : float
        Mean distance of the said and the seen chance of an order, over ten equal-width bins.
    ece_by_chance : float
        What `ece` would be on average if every said chance were exactly right: customers are few.
    held, value_held : bool
        The 90 % interval of the total held what came.
    orders_inside, value_inside : float
        Share of customers whose 90 % interval held what came. Intervals are closed: counts lie in them
        more often than nine times in ten by nature.
    """

    customers: int
    actual_orders: float
    expected_orders: float
    orders_lo_90: float
    orders_hi_90: float
    mae: float
    bias: float
    value_mae: float
    value_bias: float
    ngini: float
    top_10: float
    ece: float
    ece_by_chance: float
    held: bool
    value_held: bool
    orders_inside: float
    value_inside: float


def judge(rows: pl.DataFrame, orders: Total, value: Total) -> Score:
    """Judge a forecast.

    Parameters
    ----------
    rows : polars.DataFrame
        Columns of `estimator.predict`, with ``orders`` and ``value``: what each customer then did.
    orders, value : Total
        The totals said before.
    """
    numbers = [name for name in rows.columns if rows.schema[name].is_numeric()]
    column = {name: rows.get_column(name).to_numpy().astype(np.float64) for name in numbers}
    came, spent = column["orders"], column["value"]
    return Score(
        customers=rows.height,
        actual_orders=float(came.sum()),
        expected_orders=orders.mean,
        orders_lo_90=orders.lo_90,
        orders_hi_90=orders.hi_90,
        mae=float(np.abs(column["expected_orders"] - came).mean()),
        bias=_bias(orders.mean, came),
        value_mae=float(np.abs(column["expected_value"] - spent).mean()),
        value_bias=_bias(value.mean, spent),
        ngini=normalised_gini(column["expected_value"], spent),
        top_10=captured(column["expected_value"], spent),
        ece=calibration_error(column["p_active"], came > 0),
        ece_by_chance=error_by_chance(column["p_active"]),
        held=bool(orders.lo_90 <= came.sum() <= orders.hi_90),
        value_held=bool(value.lo_90 - CENT <= spent.sum() <= value.hi_90 + CENT),
        orders_inside=_inside(column["orders_lo_90"], came, column["orders_hi_90"]),
        value_inside=_inside(column["value_lo_90"], spent, column["value_hi_90"]),
    )  # fmt: skip


def _bias(expected: float, actual: Floats) -> float:
    total = float(actual.sum())
    return expected / total - 1 if total else 0.0


def _inside(lo: Floats, actual: Floats, hi: Floats) -> float:
    return float(((lo - CENT <= actual) & (actual <= hi + CENT)).mean())


def normalised_gini(expected: Floats, actual: Floats) -> float:
    """Return the Gini coefficient of `actual` ranked by `expected`, over that of the perfect ranking.

    Customers expected to be equal share what they brought evenly: the order of rows never shows.
    """
    best = _gini(actual, actual)
    return _gini(expected, actual) / best if best > 0 else 0.0


def _gini(expected: Floats, actual: Floats) -> float:
    total = float(actual.sum())
    if total <= 0:
        return 0.0
    _, group, sizes = np.unique(-expected, return_inverse=True, return_counts=True)
    share = np.cumsum(np.bincount(group, actual)) / total
    before = np.concatenate([[0.0], share[:-1]])
    area = float((sizes * (share + before) / 2).sum()) / len(actual)
    return 2 * area - 1


def captured(expected: Floats, actual: Floats, share: float = BEST) -> float:
    """Return the share of `actual` brought by the `share` of customers with the highest `expected`."""
    total = float(actual.sum())
    best = np.argsort(-expected, kind="stable")[: max(1, round(len(expected) * share))]
    return float(actual[best].sum()) / total if total > 0 else 0.0


def calibration_error(chance: Floats, happened: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error: mean over bins of |said − seen|, weighted by customers."""
    where = np.minimum((chance * bins).astype(np.int64), bins - 1)
    gap = np.bincount(where, chance, bins) - np.bincount(where, happened.astype(np.float64), bins)
    return float(np.abs(gap).sum()) / max(len(chance), 1)


def error_by_chance(chance: Floats, bins: int = BINS) -> float:
    """Return the calibration error to expect of chances that are exactly right: each bin's gap is normal around 0."""
    where = np.minimum((chance * bins).astype(np.int64), bins - 1)
    spread = np.sqrt(np.bincount(where, chance * (1 - chance), bins))
    return float(np.sqrt(2 / np.pi) * spread.sum()) / max(len(chance), 1)
