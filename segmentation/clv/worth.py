"""Value of a customer within the horizon: orders times spend, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincinv

from segmentation.clv.outlook import order_quantile

if TYPE_CHECKING:
    from segmentation.clv.counting import Floats
    from segmentation.clv.outlook import Outlook


@dataclass(frozen=True)
class Bounds:
    """Lower and upper end of the 90 % interval of each customer."""

    lo: Floats
    hi: Floats


def order_bounds(outlook: Outlook, level: float = 0.9) -> Bounds:
    """Return the interval of each customer's orders.

    Its lower end is the 5 % point. Where that is 0, nothing lies below, so all 10 % are left above: the
    upper end is the 90 % point, else the 95 % point.
    """
    tail = (1 - level) / 2
    lo = order_quantile(outlook, tail)
    hi = order_quantile(outlook, np.where(lo == 0, level, 1 - tail))
    return Bounds(lo, np.maximum(hi, lo))


def value_bounds(outlook: Outlook, spend: Floats, spend_variance: Floats, level: float = 0.9) -> Bounds:
    """Return the interval of each customer's value, by the same rule as for orders.

    Given any order at all, the value follows a gamma distribution with the exact mean and variance
    of a sum of X independent days.
    """
    active = np.clip(outlook.active, 1e-12, 1 - 1e-12)
    mean = outlook.mean * spend / active
    second = (outlook.mean * spend_variance + (outlook.variance + outlook.mean**2) * spend**2) / active
    shape = mean**2 / np.maximum(second - mean**2, 1e-9 * mean**2 + 1e-12)
    tail = (1 - level) / 2
    lo = _quantile(active, tail, shape, mean)
    hi = _quantile(active, np.where(lo == 0, level, 1 - tail), shape, mean)
    return Bounds(lo, np.maximum(hi, lo))


def _quantile(active: Floats, level: Floats | float, shape: Floats, mean: Floats) -> Floats:
    inside = np.clip(1 - (1 - level) / active, 0.0, 1 - 1e-9)
    points = np.zeros(len(active))
    rows = inside > 0
    form = np.maximum(shape[rows], 1e-6)
    points[rows] = gammaincinv(form, inside[rows]) * mean[rows] / form
    return points


def value_variance(outlook: Outlook, spend: Floats, spend_variance: Floats) -> Floats:
    """Return the variance of each customer's value."""
    variance: Floats = outlook.mean * spend_variance + outlook.variance * spend**2
    return variance
