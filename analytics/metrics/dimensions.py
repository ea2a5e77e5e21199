"""What numbers can be split by, and which marts know what."""

from __future__ import annotations

from analytics.metrics.model import Dimension

#: Table ``customer_id, segment`` that whoever asks by segment hands in: groups are not this room's knowledge.
SEGMENTS = "customer_segments"


def _status(slug: str, label: str) -> Dimension:
    return Dimension(slug=slug, label=label, help=f"{label} of the order, as it is now.", key=slug, value=f"f.{slug}")


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(
        slug="day", label="Day", help="Business date in the shop's zone.", key="date", value="{date}", kind="date"
    ),
    Dimension(
        slug="week",
        label="Week",
        help="Week from Monday; named by its Monday.",
        key="date",
        value="CAST(date_trunc('week', {date}) AS DATE)",
        kind="date",
    ),
    Dimension(
        slug="month",
        label="Month",
        help="Calendar month; named by its first day.",
        key="date",
        value="CAST(date_trunc('month', {date}) AS DATE)",
        kind="date",
    ),
    Dimension(
        slug="minute",
        label="Time of day",
        help="Minutes since midnight in the shop's zone: two days are compared up to the same time.",
        key="minute",
        value="f.minute",
        kind="number",
    ),
    Dimension(
        slug="channel",
        label="Channel",
        help="Where the order came from (its code).",
        key="channel_id",
        join="dim_channels",
        value="dim_channels.channel",
    ),
    Dimension(
        slug="region",
        label="Region",
        help="Region of the destination: European Union (today's members), Europe outside the EU, else the continent.",
        key="country",
        join="dim_countries",
        value="dim_countries.region",
    ),
    Dimension(
        slug="country",
        label="Country",
        help="Country of the destination (ISO code).",
        key="country",
        value="NULLIF(f.country, '')",
    ),
    Dimension(slug="currency", label="Currency", help="Currency of the order.", key="currency", value="f.currency"),
    Dimension(
        slug="location",
        label="Location",
        help="Where the stock is, or the parcel left from (its code).",
        key="location_id",
        join="dim_locations",
        value="dim_locations.location",
    ),
    Dimension(
        slug="sku",
        label="SKU",
        help="Variant. Amounts that are on no product have none.",
        value="dim_variants.sku",
        key="variant_id",
        join="dim_variants",
    ),
    Dimension(
        slug="product",
        label="Product",
        help="Product of the variant (its code).",
        value="dim_variants.product",
        key="variant_id",
        join="dim_variants",
    ),
    Dimension(
        slug="category",
        label="Category",
        help="Category of the product.",
        value="dim_variants.category",
        key="variant_id",
        join="dim_variants",
    ),
    Dimension(
        slug="supplier",
        label="Supplier",
        help="Supplier (its code): the one ordered from, billed by or owed, elsewhere the variant's preferred one.",
        value="dim_variants.supplier",
        key="variant_id",
        join="dim_variants",
        column="supplier",
    ),
    Dimension(
        slug="abc",
        label="ABC class",
        help="Class by sales of the last 26 weeks: A the first 80 % of them, B the next 15 %, C the rest, U unsold.",
        value="dim_variant_classes.abc",
        key="variant_id",
        join="dim_variant_classes",
    ),
    Dimension(
        slug="xyz",
        label="XYZ class",
        help="How even weekly units of the last 26 weeks are: X (deviation up to half the mean), Y (up to the mean),"
        " Z above, U unsold.",
        value="dim_variant_classes.xyz",
        key="variant_id",
        join="dim_variant_classes",
    ),
    Dimension(
        slug="demand",
        label="Kind of demand",
        help="Kind of the last 26 weeks' demand, the first that fits: ended, new, single, rising, falling; else smooth,"
        " erratic, intermittent or lumpy by weeks between demands and their variation (Syntetos and Boylan).",
        value="dim_variant_classes.demand",
        key="variant_id",
        join="dim_variant_classes",
    ),
    Dimension(
        slug="order",
        label="Order",
        help="Order (its number). Credits without a known order have none.",
        key="order_id",
        join="dim_orders",
        value="dim_orders.order_number",
    ),
    Dimension(
        slug="happening",
        label="What happened",
        help="What changed sales: sale, edit, cancellation, return, or amount (carriage, tax, fees of an order).",
        key="kind",
        value="CASE WHEN f.kind <> 'adjustment' THEN f.kind WHEN STARTS_WITH(f.source_id, 'cancellation') THEN"
        " 'cancellation' WHEN STARTS_WITH(f.source_id, 'return') THEN 'return' ELSE 'amount' END",
    ),
    Dimension(
        slug="customer",
        label="Customer",
        help="Customer's number; guests have none.",
        key="customer_id",
        join="dim_customers",
        value="dim_customers.customer",
    ),
    Dimension(
        slug="customer_type",
        label="Customer type",
        help="new: no earlier order that stands; returning: an earlier one; guest: not known.",
        key="order_id",
        join="dim_order_sequence",
        value="dim_order_sequence.customer_type",
    ),
    Dimension(
        slug="segment",
        label="Segment",
        help="RFM group the customer is in today, as the segments room reckons it; guests are in none.",
        key="customer_id",
        join=SEGMENTS,
        value=f"{SEGMENTS}.segment",
    ),
    Dimension(slug="carrier", label="Carrier", help="Who carried the parcel.", key="carrier", value="f.carrier"),
    Dimension(
        slug="lane",
        label="Lane",
        help="From where to where: the place a parcel left from and the country it goes to.",
        key="lane",
        value="f.lane",
    ),
    Dimension(
        slug="reason",
        label="Reason",
        help="Why: the reason of a return, a claim, an exchange or a hold.",
        key="reason",
        value="NULLIF(f.reason, '')",
    ),
    Dimension(
        slug="age",
        label="Age",
        help="Days past due at the period's end: current, 1 to 30, 31 to 60, 61 to 90, over 90; unapplied is money or"
        " credit that settles nothing yet.",
        key="due_on",
        value="CASE WHEN NOT f.is_claim THEN 'unapplied' WHEN f.as_of <= f.due_on THEN 'current'"
        " WHEN f.as_of - 30 <= f.due_on THEN 'days_1_30' WHEN f.as_of - 60 <= f.due_on THEN 'days_31_60'"
        " WHEN f.as_of - 90 <= f.due_on THEN 'days_61_90' ELSE 'days_over_90' END",
    ),
    _status("payment_status", "Payment status"),
    _status("fulfillment_status", "Fulfilment status"),
    _status("delivery_status", "Delivery status"),
    _status("return_status", "Return status"),
)

#: States of stock at a moment: added up, variant by variant, and variant by variant beside what was sold.
STOCK = ("stock", "stock_variants", "stock_idle")
_STOCK_KEYS = frozenset({"date", "variant_id", "location_id", "currency"})
_ORDER = {"date", "channel_id", "country", "currency", "customer_id", "order_id"}
_BOUGHT = frozenset({"date", "supplier", "variant_id", "location_id", "currency"})

#: Marts of stretches of time (``opened_on``, ``closed_on``): asked for their state at the period's end, or for days.
SPANS = ("fct_holds", "fct_backorders", "fct_ledger", "fct_stock_spells", "fct_lost_sales")

#: Columns of each mart that a dimension may use; ``date`` is the metric's own date column.
MARTS: dict[str, frozenset[str]] = {
    "fct_sales": frozenset(_ORDER | {"variant_id", "kind"}),
    "fct_sales_places": frozenset(_ORDER | {"variant_id", "kind", "location_id"}),
    "fct_order_lines": frozenset(_ORDER | {"variant_id"}),
    "fct_orders": frozenset(_ORDER | {"payment_status", "fulfillment_status", "delivery_status", "return_status"}),
    "fct_order_changes": frozenset(_ORDER),
    "fct_work": frozenset(_ORDER | {"location_id"}),
    "fct_holds": frozenset(_ORDER | {"reason"}),
    "fct_backorders": frozenset(_ORDER | {"variant_id"}),
    "fct_shipments": frozenset(_ORDER | {"location_id", "carrier", "lane"}),
    "fct_shipment_lines": frozenset(_ORDER | {"location_id", "carrier", "lane", "variant_id"}),
    "fct_deliveries": frozenset(_ORDER | {"location_id", "carrier", "lane"}),
    "fct_returns": frozenset(_ORDER | {"variant_id", "reason"}),
    "fct_cases": frozenset(_ORDER | {"reason"}),
    "fct_claim_lines": frozenset(_ORDER | {"variant_id", "reason"}),
    "fct_order_events": frozenset(_ORDER | {"minute"}),
    "fct_payments": frozenset(_ORDER),
    "fct_payout_lines": frozenset(_ORDER),
    "fct_charges": frozenset({"date", "channel_id", "currency"}),
    "fct_fee_shares": frozenset(_ORDER | {"variant_id"}),
    "fct_fee_places": frozenset(_ORDER | {"variant_id", "location_id"}),
    "fct_handling": frozenset(_ORDER | {"location_id"}),
    "fct_handling_shares": frozenset(_ORDER | {"location_id", "variant_id"}),
    "fct_ledger": frozenset(_ORDER | {"supplier", "due_on"}),
    "fct_purchase_lines": _BOUGHT,
    "fct_receipt_lines": _BOUGHT,
    "fct_bill_lines": _BOUGHT - {"location_id"},
    "fct_count_lines": _STOCK_KEYS,
    "fct_stock_spells": frozenset({"date", "variant_id", "currency"}),
    "fct_lost_sales": frozenset({"date", "variant_id", "currency"}),
    "stock": _STOCK_KEYS,
    "stock_variants": _STOCK_KEYS,
    "stock_idle": _STOCK_KEYS - {"location_id"},
}


def holds(mart: str, dimension: Dimension) -> bool:
    """Say whether a mart holds a dimension's value itself, so that nothing is joined."""
    return bool(dimension.column) and dimension.column in MARTS[mart]


def knows(mart: str, dimension: Dimension) -> bool:
    """Say whether a mart can be split by a dimension."""
    return holds(mart, dimension) or dimension.key in MARTS[mart]
