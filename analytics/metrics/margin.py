"""Margin and its pieces, and money paid."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric
from analytics.metrics.sales import sums


def _work(condition: str) -> tuple[Measure, ...]:
    """Return the cost of a kind of manual work; by product its parcels are shared out."""
    cost = f"CAST(SUM(CASE WHEN {condition} THEN f.amount_minor ELSE 0 END) AS BIGINT)"
    return (Measure("fct_handling", cost), Measure("fct_handling_shares", cost))


MARGIN = (
    Metric(
        slug="cost_of_goods",
        label="Cost of goods",
        help="Cost of units sold less units cancelled and units returned fit for sale, each on its own day, at the cost"
        " stored at the sale, else the variant's latest cost. Lines without any cost are out.",
        unit="money",
        clock="event",
        grain="order line, return line",
        good="down",
        measures=sums("cost_minor"),
    ),
    Metric(
        slug="net_sales_with_cost",
        label="Net sales with known cost",
        help="The part of net sales whose cost of goods is known.",
        unit="money",
        clock="event",
        grain="order line, return line",
        measures=sums("costed_minor"),
    ),
    Metric(
        slug="cost_known_share",
        label="Share of sales with known cost",
        help="Gross sales of lines whose cost is known ÷ gross sales. Read beside every margin.",
        unit="ratio",
        clock="event",
        grain="order line",
        good="up",
        additive=False,
        terms=("gross_sales_with_cost",),
        over=("gross_sales",),
    ),
    Metric(
        slug="gross_margin",
        label="Gross margin",
        help="Net sales with known cost − cost of goods. Sales without a known cost are out of both.",
        unit="money",
        clock="event",
        grain="order line, return line",
        good="up",
        terms=("net_sales_with_cost", "-cost_of_goods"),
    ),
    Metric(
        slug="gross_margin_rate",
        label="Gross margin rate",
        help="Gross margin ÷ net sales with known cost.",
        unit="ratio",
        clock="event",
        grain="order line, return line",
        good="up",
        additive=False,
        terms=("gross_margin",),
        over=("net_sales_with_cost",),
    ),
    Metric(
        slug="carrier_cost",
        label="Carrier cost",
        help="What carriers charge for parcels, on the day each left. By product, a parcel's cost is shared out"
        " over its"
        " lines by their value.",
        unit="money",
        clock="event",
        grain="shipment",
        good="down",
        measures=(*sums("cost_minor", mart="fct_shipments"), *sums("carrier_minor", mart="fct_shipment_lines")),
    ),
    Metric(
        slug="fees",
        label="Channel and payment fees",
        help="Fees of marketplaces and payment gateways, on the day they were booked; a positive number is a cost. They"
        " belong to no order: by product, destination or customer they are shared out by value over what their channel"
        " sold that day; what then finds no sale stands without one.",
        unit="money",
        clock="event",
        grain="charge",
        good="down",
        version="2",
        measures=(
            Measure(
                "fct_charges",
                "CAST(-SUM(CASE WHEN f.kind IN ('channel_fee', 'payment_fee') THEN f.amount_minor END) AS BIGINT)",
            ),
            *sums("fee_minor", mart="fct_fee_shares"),
            *sums("fee_minor", mart="fct_fee_places"),
        ),
    ),
    Metric(
        slug="handling_cost",
        label="Cost of picking and packing",
        help="Units picked and parcels packed at the shop's own rates, on the day each parcel left. By product, packing"
        " is shared out over the parcel's units.",
        unit="money",
        clock="event",
        grain="shipment line, shipment",
        good="down",
        measures=_work("f.kind <> 'take_back'"),
    ),
    Metric(
        slug="return_handling_cost",
        label="Cost of taking goods back",
        help="Units taken back at the shop's own rate, on the day the return was accounted; imported credits were taken"
        " back elsewhere and cost nothing here.",
        unit="money",
        clock="event",
        grain="return line",
        good="down",
        measures=_work("f.kind = 'take_back'"),
    ),
    Metric(
        slug="contribution_margin",
        label="Contribution margin",
        help="Gross margin − carrier cost − cost of picking and packing − cost of taking goods back − channel and"
        " payment fees, each on its own day. Carriage charged to customers is not in. Sales without a known cost are"
        " out.",
        unit="money",
        clock="event",
        grain="order line, return line, shipment, charge",
        good="up",
        version="2",
        terms=("gross_margin", "-carrier_cost", "-handling_cost", "-return_handling_cost", "-fees"),
    ),
    Metric(
        slug="payments_captured",
        label="Payments captured",
        help="Money captured from customers, on the day of the capture.",
        unit="money",
        clock="event",
        grain="payment",
        measures=(
            Measure("fct_payments", "CAST(SUM(CASE WHEN f.kind = 'capture' THEN f.amount_minor ELSE 0 END) AS BIGINT)"),
        ),
    ),
    Metric(
        slug="refunds",
        label="Refunds",
        help="Money paid back to customers, on the day of the refund. Not the same as returns, which are goods.",
        unit="money",
        clock="event",
        grain="payment",
        good="down",
        measures=(
            Measure("fct_payments", "CAST(SUM(CASE WHEN f.kind = 'refund' THEN -f.amount_minor ELSE 0 END) AS BIGINT)"),
        ),
    ),
    Metric(
        slug="contribution_margin_rate",
        label="Contribution margin rate",
        help="Contribution margin ÷ net sales with known cost.",
        unit="ratio",
        clock="event",
        grain="order line, return line, shipment, charge",
        good="up",
        additive=False,
        terms=("contribution_margin",),
        over=("net_sales_with_cost",),
    ),
    Metric(
        slug="unsold_returns_cost",
        label="Cost of goods returned unfit for sale",
        help="Cost of units that came back damaged or were scrapped, on the day the return was accounted. It is in the"
        " cost of goods already: such units do not give their cost back.",
        unit="money",
        clock="event",
        grain="return line",
        good="down",
        measures=sums("cost_lost_minor", "return_date", "fct_returns"),
    ),
    Metric(
        slug="shipped_sales",
        label="Value shipped",
        help="Value of goods that left, after discounts, on the day each parcel left. Knows the place and the carrier,"
        " which sales do not; what comes back later is not taken off.",
        unit="money",
        clock="event",
        grain="shipment line",
        good="up",
        measures=sums("shipped_minor", mart="fct_shipment_lines"),
    ),
    Metric(
        slug="shipped_margin",
        label="Margin shipped",
        help="Value shipped whose cost is known − its cost − carrier cost, on the day each parcel left: what a place,"
        " carrier or lane earns before fees and returns.",
        unit="money",
        clock="event",
        grain="shipment line",
        good="up",
        measures=(
            Measure(
                "fct_shipment_lines",
                "CAST(SUM(f.costed_minor - COALESCE(f.cost_minor, 0) - f.carrier_minor) AS BIGINT)",
            ),
        ),
    ),
    Metric(
        slug="shipping_result",
        label="Shipping charged less its cost",
        help="Carriage charged to customers less carriage given back − carrier cost, each on its own day. Below"
        " zero the"
        " shop pays for carriage.",
        unit="money",
        clock="event",
        grain="adjustment, shipment",
        good="up",
        terms=("shipping", "-carrier_cost"),
    ),
    Metric(
        slug="refund_rate",
        label="Refund rate",
        help="Refunds ÷ payments captured, each on its own day.",
        unit="ratio",
        clock="event",
        grain="payment",
        good="down",
        additive=False,
        terms=("refunds",),
        over=("payments_captured",),
    ),
    Metric(
        slug="refunds_without_return",
        label="Refunds without a return",
        help="The part of refunds for which no goods came back: cancellations, edits, claims, goodwill; on the day"
        " of the"
        " refund. Compare with refunds and with goods returned.",
        unit="money",
        clock="event",
        grain="payment",
        good="down",
        measures=(
            Measure(
                "fct_payments",
                "CAST(SUM(CASE WHEN f.kind = 'refund' AND f.return_id IS NULL THEN -f.amount_minor ELSE 0 END) AS"
                " BIGINT)",
            ),
        ),
    ),
)
