"""How an order is worked on and delivered: times, holds, edits, parcels, attempts."""

from __future__ import annotations

from analytics.metrics.model import Clock, Measure, Metric
from analytics.metrics.sales import sums


def _mean(mart: str, seconds: str, per: float, date: str = "event_date") -> tuple[Measure, ...]:
    return (Measure(mart, f"AVG({seconds}) / {per}", date),)


def _median(mart: str, seconds: str, per: float, date: str = "event_date") -> tuple[Measure, ...]:
    return (Measure(mart, f"MEDIAN({seconds}) / {per}", date),)


def _count(mart: str, what: str = "*", date: str = "event_date") -> tuple[Measure, ...]:
    return (Measure(mart, f"COUNT({what})", date),)


def share(mart: str, condition: str, of: str, date: str = "event_date") -> tuple[Measure, ...]:
    """Return the measure of a share of rows: those of `of` that also meet `condition`; missing when there are none."""
    top, below = f"COUNT(CASE WHEN {condition} THEN 1 END)", f"NULLIF(COUNT(CASE WHEN {of} THEN 1 END), 0)"
    return (Measure(mart, f"1.0 * {top} / {below}", date),)


_HOUR, _DAY = 3600.0, 86400.0
_FIRST_WORK = "CASE WHEN f.is_first THEN f.seconds_to_confirm END"
_FIRST_PARCEL = "CASE WHEN f.is_first THEN f.seconds_to_ship END"
_CONFIRM = (
    "from the order to its first work opened at a place (who ships it is known), over orders confirmed in the period"
)
_PICK = "from work opened at a place to its first parcel, over work whose first parcel left in the period"
_DOOR = "from the order to the door, over parcels delivered in the period"


def _time(
    slug: str, label: str, help_: str, measures: tuple[Measure, ...], *, unit: str, grain: str, clock: Clock = "event"
) -> Metric:
    """Return a mean or median time: shorter is better, and nothing of it adds up."""
    return Metric(
        slug=slug, label=label, help=help_, unit="hours" if unit == "hours" else "days", clock=clock, grain=grain,
        good="down", additive=False, measures=measures,
    )  # fmt: skip


TIMES = (
    _time("time_to_confirm", "Time to confirm", f"Mean time {_CONFIRM}.",
          _mean("fct_work", _FIRST_WORK, _HOUR), unit="hours", grain="order"),
    _time("time_to_confirm_median", "Time to confirm, median", f"Median time {_CONFIRM}.",
          _median("fct_work", _FIRST_WORK, _HOUR), unit="hours", grain="order"),
    _time("time_to_pick", "Time to pick and pack", f"Mean time {_PICK}.",
          _mean("fct_work", "f.seconds_to_pick", _HOUR, "picked_date"), unit="hours", grain="fulfilment order"),
    _time("time_to_pick_median", "Time to pick and pack, median", f"Median time {_PICK}.",
          _median("fct_work", "f.seconds_to_pick", _HOUR, "picked_date"), unit="hours", grain="fulfilment order"),
    _time("time_to_ship_median", "Time to ship, median",
          "Median time from the order to its first parcel, over orders whose first parcel left in the period.",
          _median("fct_shipments", _FIRST_PARCEL, _DAY), unit="days", grain="order"),
    _time("time_to_deliver_median", "Time to deliver, median",
          "Median time from leaving to delivery, over parcels that left in the period and have arrived.",
          _median("fct_shipments", "f.seconds_to_deliver", _DAY), unit="days", grain="shipment"),
    _time("order_to_door", "Order to door", f"Mean time {_DOOR}.",
          _mean("fct_deliveries", "f.seconds_to_door", _DAY), unit="days", grain="shipment"),
    _time("order_to_door_median", "Order to door, median", f"Median time {_DOOR}.",
          _median("fct_deliveries", "f.seconds_to_door", _DAY), unit="days", grain="shipment"),
)  # fmt: skip

CARRIERS = (
    Metric(
        slug="first_attempt_rate", label="First-attempt rate",
        help="Parcels delivered in the period without any failed attempt ÷ parcels delivered in the period.",
        unit="ratio", clock="event", grain="shipment", good="up", additive=False,
        measures=share("fct_deliveries", "f.failed_attempts = 0", "TRUE"),
    ),
    Metric(
        slug="late_deliveries", label="Late parcels",
        help="Parcels whose promise fell in the period and has passed, delivered after it or not yet. With the on-time"
        " rate: parcels due × (1 − rate).",
        unit="count", clock="event", grain="shipment", good="down",
        measures=_count("fct_shipments", "CASE WHEN f.promised_at <= $now AND"
                        " (f.delivered_at IS NULL OR f.delivered_at > f.promised_at) THEN 1 END", "promised_date"),
    ),
    Metric(
        slug="parcels_lost", label="Parcels lost or sent back",
        help="Parcels that left in the period and were lost, or are on their way back to the sender.",
        unit="count", clock="event", grain="shipment", good="down",
        measures=_count("fct_shipments",
                        "CASE WHEN f.is_parcel AND f.state IN ('lost', 'return_to_sender') THEN 1 END"),
    ),
    Metric(
        slug="units_shipped", label="Units shipped",
        help="Units that left in parcels, on the day each left.",
        unit="quantity", clock="event", grain="shipment line", good="up",
        measures=sums("units", mart="fct_shipment_lines"),
    ),
    Metric(
        slug="units_per_parcel", label="Units per parcel",
        help="Units shipped ÷ shipments.",
        unit="quantity", clock="event", grain="shipment", additive=False,
        terms=("units_shipped",), over=("shipments",),
    ),
    Metric(
        slug="carrier_cost_per_parcel", label="Carrier cost per parcel",
        help="Carrier cost ÷ shipments.",
        unit="money", clock="event", grain="shipment", good="down", additive=False,
        terms=("carrier_cost",), over=("shipments",),
    ),
)  # fmt: skip

HANDLING = (
    Metric(
        slug="cancellation_rate", label="Cancellation rate",
        help="Orders placed in the period that are cancelled ÷ orders placed in the period.",
        unit="ratio", clock="cohort", grain="order", good="down", additive=False,
        terms=("orders_cancelled",), over=("orders_placed",),
    ),
    Metric(
        slug="orders_held", label="Orders held",
        help="Orders placed in the period that were on hold at any time, whatever the reason; each once. Split by"
        " reason,"
        " an order counts once for each.",
        unit="count", clock="cohort", grain="order", good="down", additive_except=("reason",),
        measures=_count("fct_holds", "DISTINCT f.order_id", "order_date"),
    ),
    Metric(
        slug="hold_rate", label="Hold rate",
        help="Orders placed in the period that were on hold at any time ÷ orders placed in the period.",
        unit="ratio", clock="cohort", grain="order", good="down", additive=False,
        terms=("orders_held",), over=("orders_placed",),
    ),
    Metric(
        slug="orders_on_hold", label="Orders on hold",
        help="Orders with a hold that has not ended, at the period's end.",
        unit="count", clock="snapshot", grain="order", good="down", additive_except=("reason",),
        measures=_count("fct_holds", "DISTINCT f.order_id", ""),
    ),
    _time("time_on_hold", "Time on hold", "Mean time from hold to release, over holds released in the period.",
          _mean("fct_holds", "f.seconds_held", _HOUR, "closed_on"), unit="hours", grain="hold"),
    Metric(
        slug="orders_edited", label="Orders edited",
        help="Orders placed in the period that were changed since, at least once, by a confirmed change.",
        unit="count", clock="cohort", grain="order",
        measures=_count("fct_order_changes", "DISTINCT f.order_id", "order_date"),
    ),
    Metric(
        slug="edit_rate", label="Edit rate",
        help="Orders placed in the period that were changed since ÷ orders placed in the period.",
        unit="ratio", clock="cohort", grain="order", additive=False,
        terms=("orders_edited",), over=("orders_placed",),
    ),
    Metric(
        slug="orders_split", label="Orders split",
        help="Orders placed in the period that left in more than one parcel.",
        unit="count", clock="cohort", grain="order", good="down", additive_except=("location", "carrier", "lane"),
        measures=_count("fct_shipments", "CASE WHEN f.parcel_number = 2 THEN 1 END", "order_date"),
    ),
    Metric(
        slug="split_rate", label="Split rate",
        help="Orders placed in the period that left in more than one parcel ÷ those of which anything has left. By"
        " place and carrier, second parcels ÷ first ones.",
        unit="ratio", clock="cohort", grain="order", good="down", additive=False,
        measures=share("fct_shipments", "f.parcel_number = 2", "f.parcel_number = 1", "order_date"),
    ),
)  # fmt: skip
