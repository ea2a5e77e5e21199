"""Stock that is missing, and stock that is too much: sold out days, backorders, dead and excess stock, counts."""

from __future__ import annotations

from analytics.metrics.fulfilment import share
from analytics.metrics.model import Measure, Metric


def _days(condition: str) -> tuple[Measure, ...]:
    return (Measure("fct_stock_spells", f"CAST(SUM(CASE WHEN {condition} THEN f.days ELSE 0 END) AS BIGINT)", "days"),)


def _lost(side: str, words: str, which: str) -> Metric:
    """Return one end of the range of what could not be sold."""
    return Metric(
        slug=f"lost_sales_{side}", label=f"Lost sales, {words}",
        help="What SKUs sold out would have sold on their days without stock: units a day in stock before they ran out,"
        f" over the 28 or the 91 days before, the {which} of the two, less what was sold all the same; at today's"
        " price. An estimate: read both ends.",
        unit="money", clock="event", grain="variant, day", good="down",
        measures=(
            Measure("fct_lost_sales", f"CAST(ROUND(SUM(f.days * f.units_{side} * f.price_minor)) AS BIGINT)", "days"),
        ),
    )  # fmt: skip


AVAILABILITY = (
    Metric(
        slug="stockout_days", label="SKU-days sold out",
        help="Days in the period on which an active SKU once stocked had nothing available at the day's end, all places"
        " together, added up over SKUs. Days to come are out.",
        unit="count", clock="event", grain="variant, day", good="down", measures=_days("f.is_out"),
    ),
    Metric(
        slug="stockout_rate", label="Share of SKU-days sold out",
        help="SKU-days sold out ÷ all days in the period since each active SKU was first stocked.",
        unit="ratio", clock="event", grain="variant, day", good="down", additive=False,
        terms=("stockout_days",), over=("sku_days",),
    ),
    _lost("low", "at least", "smaller"),
    _lost("high", "at most", "larger"),
    Metric(
        slug="dead_stock", label="Dead stock",
        help="Value of units on hand at the period's end of SKUs that sold nothing in the 180 days before and were"
        " stocked"
        " earlier than that; at the variant's latest cost.",
        unit="money", clock="snapshot", grain="variant", good="down",
        measures=(Measure("stock_idle", "CAST(SUM(CASE WHEN f.is_dead THEN f.value_minor ELSE 0 END) AS BIGINT)", ""),),
    ),
    Metric(
        slug="excess_stock", label="Excess stock",
        help="Value of units on hand at the period's end beyond what the SKU sold in the 180 days before, for SKUs"
        " that did"
        " sell; dead stock is apart.",
        unit="money", clock="snapshot", grain="variant", good="down",
        measures=(Measure("stock_idle", "CAST(SUM(f.excess_minor) AS BIGINT)", ""),),
    ),
    Metric(
        slug="idle_stock_share", label="Share of stock dead or excess",
        help="(Dead stock + excess stock) ÷ stock value.",
        unit="ratio", clock="snapshot", grain="variant", good="down", additive=False,
        terms=("dead_stock", "excess_stock"), over=("stock_value",),
    ),
    Metric(
        slug="backorders_made", label="Units promised from goods to come",
        help="Units promised in the period from goods still to come: backorders and pre-orders.",
        unit="quantity", clock="event", grain="backorder",
        measures=(Measure("fct_backorders", "CAST(SUM(f.units_promised) AS BIGINT)"),),
    ),
    Metric(
        slug="backorder_units", label="Units on backorder",
        help="Units that wait for goods still to come, at the period's end. Of those waiting now what was not allocated"
        " yet; at past days of closed ones, all that were promised.",
        unit="quantity", clock="snapshot", grain="backorder", good="down",
        measures=(Measure("fct_backorders", "CAST(SUM(f.units) AS BIGINT)", ""),),
    ),
    Metric(
        slug="backorder_age", label="Age of backorders",
        help="Mean days since the promise, over backorders open at the period's end.",
        unit="days", clock="snapshot", grain="backorder", good="down", additive=False,
        measures=(Measure("fct_backorders", "AVG(date_diff('day', f.opened_on, f.as_of))", ""),),
    ),
    Metric(
        slug="count_accuracy", label="Count accuracy",
        help="Variants counted in the period whose count was what the ledger expected ÷ variants counted, place by"
        " place.",
        unit="ratio", clock="event", grain="count line", good="up", additive=False,
        measures=share("fct_count_lines", "f.difference = 0", "TRUE"),
    ),
    Metric(
        slug="count_difference", label="Value of count differences",
        help="Units found less units missing in counts of the period, at the variant's latest cost.",
        unit="money", clock="event", grain="count line",
        measures=(Measure("fct_count_lines", "CAST(SUM(f.difference_minor) AS BIGINT)"),),
    ),
)  # fmt: skip

COMPONENTS = (
    Metric(
        slug="sku_days", label="SKU-days",
        help="Days in the period since each active SKU was first stocked, added up over SKUs.",
        unit="count", clock="event", grain="variant, day", measures=_days("TRUE"),
    ),
)  # fmt: skip
