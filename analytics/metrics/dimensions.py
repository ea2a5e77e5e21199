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
        help="Preferred supplier of the variant (its code).",
        value="dim_variants.supplier",
        key="variant_id",
        join="dim_variants",
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
    _status("payment_status", "Payment status"),
    _status("fulfillment_status", "Fulfilment status"),
    _status("delivery_status", "Delivery status"),
    _status("return_status", "Return status"),
)

#: States of stock at a moment: added up, and variant by variant.
STOCK = ("stock", "stock_variants")
_STOCK_KEYS = frozenset({"date", "variant_id", "location_id", "currency"})
_ORDER = {"date", "channel_id", "country", "currency", "customer_id", "order_id"}

#: Columns of each mart that a dimension may use; ``date`` is the metric's own date column.
MARTS: dict[str, frozenset[str]] = {
    "fct_sales": frozenset(_ORDER | {"variant_id"}),
    "fct_order_lines": frozenset(_ORDER | {"variant_id"}),
    "fct_orders": frozenset(_ORDER | {"payment_status", "fulfillment_status", "delivery_status", "return_status"}),
    "fct_shipments": frozenset(_ORDER | {"location_id", "carrier"}),
    "fct_order_events": frozenset(_ORDER | {"minute"}),
    "fct_payments": frozenset(_ORDER),
    "fct_charges": frozenset({"date", "channel_id", "currency", "customer_id"}),
    "stock": _STOCK_KEYS,
    "stock_variants": _STOCK_KEYS,
}
