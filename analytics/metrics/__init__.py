"""The registry: every metric and dimension, once. Order is display order."""

from __future__ import annotations

from analytics.metrics import availability, buying, stock
from analytics.metrics.availability import AVAILABILITY
from analytics.metrics.buying import OWED, PURCHASING
from analytics.metrics.cases import CASES
from analytics.metrics.dimensions import DIMENSIONS, knows
from analytics.metrics.fulfilment import CARRIERS, HANDLING, TIMES
from analytics.metrics.margin import MARGIN
from analytics.metrics.model import Dimension, Measure, Metric
from analytics.metrics.orders import CUSTOMERS, ORDERS
from analytics.metrics.payouts import PAYOUTS
from analytics.metrics.sales import SALES
from analytics.metrics.stock import DELIVERY, STOCK
from oms_core.kernel.errors import NotFound

#: What metrics are about, in display order.
SECTIONS: dict[str, tuple[Metric, ...]] = {
    "sales": SALES,
    "orders": (*ORDERS, *HANDLING),
    "customers": CUSTOMERS,
    "stock": (*STOCK, *AVAILABILITY),
    "delivery": (*DELIVERY, *TIMES, *CARRIERS),
    "cases": CASES,
    "margin": (*MARGIN, *PAYOUTS),
    "purchasing": PURCHASING,
    "owed": OWED,
}
METRICS: tuple[Metric, ...] = tuple(metric for section in SECTIONS.values() for metric in section)
#: What ratios are made of; they can be asked for, but are not listed.
COMPONENTS: tuple[Metric, ...] = (*stock.COMPONENTS, *availability.COMPONENTS, *buying.COMPONENTS)

_METRICS = {metric.slug: metric for metric in (*METRICS, *COMPONENTS)}
_DIMENSIONS = {dimension.slug: dimension for dimension in DIMENSIONS}

__all__ = [
    "COMPONENTS", "DIMENSIONS", "METRICS", "SECTIONS", "Dimension", "Measure", "Metric", "base", "dimension", "metric",
    "splits",
]  # fmt: skip


def metric(slug: str) -> Metric:
    """Return a metric by its slug.

    Raises
    ------
    NotFound
        ``metric.not_found`` with near matches.
    """
    if slug not in _METRICS:
        raise NotFound("metric", slug, [m.slug for m in METRICS], "List them with: ordersight metrics list")
    return _METRICS[slug]


def dimension(slug: str) -> Dimension:
    """Return a dimension by its slug.

    Raises
    ------
    NotFound
        ``dimension.not_found`` with near matches.
    """
    if slug not in _DIMENSIONS:
        known = ", ".join(_DIMENSIONS)
        raise NotFound("dimension", slug, list(_DIMENSIONS), f"Dimensions are: {known}.")
    return _DIMENSIONS[slug]


def base(slug: str) -> list[str]:
    """Return the measured metrics a metric is made of (itself when it is measured), in order, each once."""
    found = metric(slug)
    if found.measures:
        return [slug]
    return list(dict.fromkeys(inner for part in found.parts for inner in base(part)))


def splits(slug: str) -> tuple[str, ...]:
    """Return the dimensions a metric can be split by: those some mart of every part knows."""
    parts = [metric(part) for part in base(slug)]
    return tuple(d.slug for d in DIMENSIONS if all(any(knows(m.mart, d) for m in part.measures) for part in parts))
