"""Stock and delivery."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric


def _state(expression: str, mart: str = "stock") -> tuple[Measure, ...]:
    return (Measure(mart, expression, ""),)


STOCK = (
    Metric(
        slug="on_hand",
        label="On hand",
        help="Units within our walls at the period's end: available + committed + reserved + damaged + safety stock"
        " + quality control, from the ledger; now, when no end is given.",
        unit="quantity",
        clock="snapshot",
        grain="variant, location",
        measures=_state("CAST(SUM(f.on_hand) AS BIGINT)"),
    ),
    Metric(
        slug="available",
        label="Available",
        help="Units that can be sold at the period's end: not promised, not set aside, not on their way.",
        unit="quantity",
        clock="snapshot",
        grain="variant, location",
        measures=_state("CAST(SUM(f.available) AS BIGINT)"),
    ),
    Metric(
        slug="stock_value",
        label="Stock value",
        help="Units on hand at the period's end at the variant's latest cost; variants without a cost count nothing.",
        unit="money",
        clock="snapshot",
        grain="variant, location",
        measures=_state("CAST(SUM(f.value_minor) AS BIGINT)"),
    ),
    Metric(
        slug="stockouts",
        label="Sold out",
        help="Active SKUs once stocked with nothing available at the period's end.",
        unit="count",
        clock="snapshot",
        grain="variant",
        good="down",
        additive_except=("location",),
        measures=_state(
            "COUNT(DISTINCT CASE WHEN f.is_active AND f.available <= 0 THEN f.variant_id END)", "stock_variants"
        ),
    ),
    Metric(
        slug="sell_through",
        label="Sell-through",
        help="Units sold in the period ÷ (units sold + on hand at its end). Sold is ordered less cancelled.",
        unit="ratio",
        clock="event",
        grain="variant",
        good="up",
        additive=False,
        terms=("units", "-units_cancelled"),
        over=("units", "-units_cancelled", "on_hand"),
    ),
    Metric(
        slug="days_of_inventory",
        label="Days of inventory",
        help="On hand at the period's end ÷ units sold a day in the period.",
        unit="days",
        clock="event",
        grain="variant",
        additive=False,
        terms=("on_hand",),
        over=("units", "-units_cancelled"),
        per_day=True,
    ),
)

DELIVERY = (
    Metric(
        slug="shipments",
        label="Shipments",
        help="Parcels handed to a carrier, on the day they left. Voided labels are out, and goods that ride in the"
        " parcel of another order.",
        unit="count",
        clock="event",
        grain="shipment",
        version="2",
        measures=(Measure("fct_shipments", "COUNT(CASE WHEN f.is_parcel THEN 1 END)"),),
    ),
    Metric(
        slug="time_to_ship",
        label="Time to ship",
        help="Mean time from the order to its first parcel, over orders whose first parcel left in the period.",
        unit="days",
        clock="event",
        grain="order",
        good="down",
        additive=False,
        terms=("days_to_first_parcel",),
        over=("orders_first_shipped",),
    ),
    Metric(
        slug="time_to_deliver",
        label="Time to deliver",
        help="Mean time from leaving to delivery, over parcels that left in the period and have arrived.",
        unit="days",
        clock="event",
        grain="shipment",
        good="down",
        additive=False,
        terms=("days_in_transit",),
        over=("shipments_delivered",),
    ),
    Metric(
        slug="on_time_rate",
        label="On-time rate",
        help="Parcels delivered by their promise ÷ parcels whose promise fell in the period and has passed. A parcel"
        " not yet delivered counts as late once its promise has passed.",
        unit="ratio",
        clock="event",
        grain="shipment",
        good="up",
        additive=False,
        terms=("shipments_on_time",),
        over=("shipments_due",),
    ),
)

#: What ratios above are made of; they can be asked for, but are not listed.
COMPONENTS = (
    Metric(
        slug="gross_sales_with_cost",
        label="Gross sales with known cost",
        help="The part of gross sales whose cost of goods is known.",
        unit="money",
        clock="event",
        grain="order line",
        measures=(
            Measure("fct_sales", "CAST(SUM(CASE WHEN f.cost_minor IS NULL THEN 0 ELSE f.gross_minor END) AS BIGINT)"),
        ),
    ),
    Metric(
        slug="days_to_first_parcel",
        label="Days to first parcel, added up",
        help="Days from the order to its first parcel, added up over orders first shipped in the period.",
        unit="days",
        clock="event",
        grain="order",
        measures=(Measure("fct_shipments", "SUM(CASE WHEN f.is_first THEN f.seconds_to_ship ELSE 0 END) / 86400.0"),),
    ),
    Metric(
        slug="orders_first_shipped",
        label="Orders first shipped",
        help="Orders whose first parcel left in the period.",
        unit="count",
        clock="event",
        grain="order",
        measures=(Measure("fct_shipments", "COUNT(CASE WHEN f.is_first THEN 1 END)"),),
    ),
    Metric(
        slug="days_in_transit",
        label="Days in transit, added up",
        help="Days from leaving to delivery, added up over parcels that left in the period and have arrived.",
        unit="days",
        clock="event",
        grain="shipment",
        measures=(Measure("fct_shipments", "SUM(COALESCE(f.seconds_to_deliver, 0)) / 86400.0"),),
    ),
    Metric(
        slug="shipments_delivered",
        label="Shipments delivered",
        help="Parcels that left in the period and have arrived.",
        unit="count",
        clock="event",
        grain="shipment",
        measures=(Measure("fct_shipments", "COUNT(f.delivered_at)"),),
    ),
    Metric(
        slug="shipments_due",
        label="Shipments due",
        help="Parcels whose promise fell in the period and has passed.",
        unit="count",
        clock="event",
        grain="shipment",
        measures=(Measure("fct_shipments", "COUNT(CASE WHEN f.promised_at <= $now THEN 1 END)", "promised_date"),),
    ),
    Metric(
        slug="shipments_on_time",
        label="Shipments on time",
        help="Parcels delivered by their promise, which fell in the period.",
        unit="count",
        clock="event",
        grain="shipment",
        measures=(
            Measure(
                "fct_shipments",
                "COUNT(CASE WHEN f.promised_at <= $now AND f.delivered_at <= f.promised_at THEN 1 END)",
                "promised_date",
            ),
        ),
    ),
)
