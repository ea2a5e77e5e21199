"""Orders, their status, and the customers who placed them."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric
from analytics.metrics.sales import PRODUCT


def _orders(condition: str) -> tuple[Measure, ...]:
    return (Measure("fct_orders", f"COUNT(CASE WHEN {condition} THEN 1 END)", "order_date"),)


def _customers(condition: str) -> tuple[Measure, ...]:
    return (Measure("fct_orders", f"COUNT(DISTINCT CASE WHEN {condition} THEN f.customer_id END)", "order_date"),)


def _happened(kind: str) -> tuple[Measure, ...]:
    return (Measure("fct_order_events", f"COUNT(DISTINCT CASE WHEN f.kind = '{kind}' THEN f.order_id END)"),)


_STATUS = "Orders placed in the period that are"

ORDERS = (
    Metric(
        slug="orders",
        label="Orders",
        help="Orders placed, on the day of the order; cancelled ones included, drafts and test orders out. Split by"
        " product, an order counts once for each product it holds.",
        unit="count",
        clock="event",
        grain="order",
        good="up",
        additive_except=PRODUCT,
        measures=(
            Measure("fct_orders", "COUNT(*)", "order_date"),
            Measure("fct_order_lines", "COUNT(DISTINCT f.order_id)", "order_date"),
            Measure("fct_order_events", "COUNT(CASE WHEN f.kind = 'placed' THEN 1 END)"),
        ),
    ),
    Metric(
        slug="aov",
        label="Average order value",
        help="(Gross sales − discounts) ÷ orders, before returns and other changes after the order.",
        unit="money",
        clock="event",
        grain="order",
        good="up",
        additive=False,
        terms=("gross_sales", "-discounts", "-edited_sales"),
        over=("orders",),
    ),
    Metric(
        slug="units_per_order",
        label="Units per order",
        help="(Units ordered − units returned) ÷ orders.",
        unit="quantity",
        clock="event",
        grain="order",
        good="up",
        additive=False,
        terms=("units", "-units_returned"),
        over=("orders",),
    ),
    Metric(
        slug="orders_shipped",
        label="Orders shipped",
        help="Orders with a parcel that left in the period, whenever they were placed; each once. Voided labels are"
        " out.",
        unit="count",
        clock="event",
        grain="order",
        good="up",
        additive=False,
        measures=_happened("left"),
    ),
    Metric(
        slug="orders_arrived",
        label="Orders arrived",
        help="Orders with a parcel delivered in the period, whenever they were placed; each once.",
        unit="count",
        clock="event",
        grain="order",
        good="up",
        additive=False,
        measures=_happened("delivered"),
    ),
    Metric(
        slug="returns_requested",
        label="Returns requested",
        help="Returns asked for in the period, whatever became of them since, except declined and withdrawn ones.",
        unit="count",
        clock="event",
        grain="return",
        good="down",
        measures=(Measure("fct_order_events", "COUNT(CASE WHEN f.kind = 'return_requested' THEN 1 END)"),),
    ),
    Metric(
        slug="orders_placed",
        label="Placed",
        help="All orders placed in the period: the same as orders, first of the status counts.",
        unit="count",
        clock="cohort",
        grain="order",
        good="up",
        measures=_orders("TRUE"),
    ),
    Metric(
        slug="orders_open",
        label="Open",
        help=f"{_STATUS} not cancelled and still have something to ship.",
        unit="count",
        clock="cohort",
        grain="order",
        measures=_orders("f.is_open"),
    ),
    Metric(
        slug="orders_fulfilled",
        label="Fulfilled",
        help=f"{_STATUS} shipped whole. Imported orders, which left before Ordersight, are.",
        unit="count",
        clock="cohort",
        grain="order",
        good="up",
        measures=_orders("f.is_fulfilled"),
    ),
    Metric(
        slug="orders_delivered",
        label="Delivered",
        help=f"{_STATUS} delivered whole. Imported orders are.",
        unit="count",
        clock="cohort",
        grain="order",
        good="up",
        measures=_orders("f.is_delivered"),
    ),
    Metric(
        slug="orders_returned",
        label="Returned",
        help=f"{_STATUS} returned, whole or in part.",
        unit="count",
        clock="cohort",
        grain="order",
        good="down",
        measures=_orders("f.is_returned"),
    ),
    Metric(
        slug="orders_cancelled",
        label="Cancelled",
        help=f"{_STATUS} cancelled.",
        unit="count",
        clock="cohort",
        grain="order",
        good="down",
        measures=_orders("f.is_cancelled"),
    ),
    Metric(
        slug="orders_failed",
        label="Failed",
        help=f"{_STATUS} not delivered because the carrier failed: a parcel that could not be handed over, was lost or"
        " is on its way back.",
        unit="count",
        clock="cohort",
        grain="order",
        good="down",
        measures=_orders("f.delivery_status IN ('failed', 'returned_to_sender')"),
    ),
    Metric(
        slug="orders_late",
        label="Late",
        help=f"{_STATUS} open although their ship-by time has passed.",
        unit="count",
        clock="cohort",
        grain="order",
        good="down",
        measures=_orders("f.is_open AND f.ship_by_at < $now"),
    ),
)

CUSTOMERS = (
    Metric(
        slug="customers",
        label="Customers",
        help="Different known customers with an order that stands in the period. Guests are not known.",
        unit="count",
        clock="event",
        grain="customer",
        good="up",
        additive=False,
        measures=_customers("NOT f.is_cancelled"),
    ),
    Metric(
        slug="new_customers",
        label="New customers",
        help="Known customers whose first order that stands falls in the period.",
        unit="count",
        clock="event",
        grain="customer",
        good="up",
        additive=True,
        measures=_customers("NOT f.is_cancelled AND f.prior_orders = 0"),
    ),
    Metric(
        slug="returning_customers",
        label="Returning customers",
        help="Different known customers who placed a second or later order that stands in the period. Someone whose"
        " first and second order both fall in it is new and returning.",
        unit="count",
        clock="event",
        grain="customer",
        good="up",
        additive=False,
        measures=_customers("NOT f.is_cancelled AND f.prior_orders > 0"),
    ),
    Metric(
        slug="repeat_rate",
        label="Repeat rate",
        help="Returning customers ÷ customers of the period.",
        unit="ratio",
        clock="event",
        grain="customer",
        good="up",
        additive=False,
        terms=("returning_customers",),
        over=("customers",),
    ),
)
