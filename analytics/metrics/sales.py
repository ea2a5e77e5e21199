"""Money and units: gross to net to total, cancellations, returns."""

from __future__ import annotations

from analytics.metrics.model import Measure, Metric

#: Dimensions over which an order is counted once for each product it holds.
PRODUCT = ("sku", "product", "category", "supplier", "abc", "xyz", "demand")


def sums(column: str, date: str = "event_date", mart: str = "fct_sales") -> tuple[Measure, ...]:
    """Return the measure that adds up a column of whole numbers; sales know places where they are asked for."""
    marts = ("fct_sales", "fct_sales_places") if mart == "fct_sales" else (mart,)
    return tuple(Measure(name, f"CAST(SUM(f.{column}) AS BIGINT)", date) for name in marts)


SALES = (
    Metric(
        slug="gross_sales",
        label="Gross sales",
        help="Price × quantity of product lines on the day of the order, before discounts, returns, tax and carriage."
        " Cancelled, pending and unpaid orders are in; test orders, drafts and gift cards are out.",
        unit="money",
        clock="event",
        grain="order line",
        good="up",
        measures=(*sums("gross_minor"), *sums("gross_minor", mart="fct_order_events")),
    ),
    Metric(
        slug="discounts",
        label="Discounts",
        help="Line discounts and each line's share of order discounts, before tax, on the day of the order."
        " A positive number is money given away.",
        unit="money",
        clock="event",
        grain="order line",
        good="down",
        measures=sums("discount_minor"),
    ),
    Metric(
        slug="returns",
        label="Returns",
        help="Value of goods that came back, on the day the return was accounted, and of goods cancelled, on the day"
        " of the cancellation. Goods, not money paid back. A positive number reduces net sales.",
        unit="money",
        clock="event",
        grain="return line, cancelled line",
        good="down",
        measures=sums("returns_minor"),
    ),
    Metric(
        slug="cancelled_sales",
        label="Cancelled sales",
        help="The part of returns that never left: value of goods cancelled, on the day of the cancellation.",
        unit="money",
        clock="event",
        grain="cancelled line",
        good="down",
        measures=sums("cancelled_minor"),
    ),
    Metric(
        slug="edited_sales",
        label="Sales by edits",
        help="The part of gross sales less discounts that came after the order was placed: lines added, prices and"
        " discounts changed, on the day of the edit. Units taken off are in returns. Left out of the order value.",
        unit="money",
        clock="event",
        grain="edit of an order line",
        measures=(
            Measure(
                "fct_sales",
                "CAST(SUM(CASE WHEN f.kind = 'edit' THEN f.gross_minor - f.discount_minor ELSE 0 END) AS BIGINT)",
            ),
        ),
    ),
    Metric(
        slug="net_sales",
        label="Net sales",
        help="Gross sales − discounts − returns, each on its own day.",
        unit="money",
        clock="event",
        grain="order line, return line",
        good="up",
        terms=("gross_sales", "-discounts", "-returns"),
    ),
    Metric(
        slug="shipping",
        label="Shipping",
        help="Carriage charged to customers less carriage given back, each on its own day.",
        unit="money",
        clock="event",
        grain="adjustment",
        measures=sums("shipping_minor"),
    ),
    Metric(
        slug="taxes",
        label="Taxes",
        help="Tax charged to customers less tax given back, each on its own day.",
        unit="money",
        clock="event",
        grain="order line, adjustment",
        measures=sums("tax_minor"),
    ),
    Metric(
        slug="other_charges",
        label="Other charges",
        help="Fees, manual amounts and samples charged to customers less those given back, each on its own day."
        " Gift cards are not sales and stay out.",
        unit="money",
        clock="event",
        grain="adjustment",
        measures=sums("other_minor"),
    ),
    Metric(
        slug="total_sales",
        label="Total sales",
        help="Net sales + shipping + taxes + other charges.",
        unit="money",
        clock="event",
        grain="order line, return line, adjustment",
        good="up",
        terms=("net_sales", "shipping", "taxes", "other_charges"),
    ),
    Metric(
        slug="units",
        label="Units ordered",
        help="Units on product lines on the day of the order, cancelled ones included.",
        unit="quantity",
        clock="event",
        grain="order line",
        good="up",
        measures=sums("units"),
    ),
    Metric(
        slug="price_per_unit",
        label="Price per unit",
        help="(Gross sales − discounts) ÷ units ordered, edits included, before returns.",
        unit="money",
        clock="event",
        grain="order line",
        additive=False,
        terms=("gross_sales", "-discounts"),
        over=("units",),
    ),
    Metric(
        slug="skus_sold",
        label="SKUs sold",
        help="Different SKUs with units ordered in the period, cancelled ones included.",
        unit="count",
        clock="event",
        grain="variant",
        good="up",
        additive=False,
        measures=(Measure("fct_sales", "COUNT(DISTINCT CASE WHEN f.units > 0 THEN f.variant_id END)"),),
    ),
    Metric(
        slug="units_cancelled",
        label="Units cancelled",
        help="Units cancelled before they left, on the day of the cancellation.",
        unit="quantity",
        clock="event",
        grain="order line",
        good="down",
        measures=sums("units_cancelled"),
    ),
    Metric(
        slug="units_returned",
        label="Units returned",
        help="Units that came back, on the day the return was accounted.",
        unit="quantity",
        clock="event",
        grain="return line",
        good="down",
        measures=(*sums("units_returned"), *sums("units_returned", "return_date", "fct_returns")),
    ),
    Metric(
        slug="returns_cohort",
        label="Returns of the period's orders",
        help="Value of goods returned or cancelled so far, dated on the order they belong to. Credits without a known"
        " order are out.",
        unit="money",
        clock="cohort",
        grain="return line, cancelled line",
        good="down",
        measures=sums("returns_minor", "order_date"),
    ),
    Metric(
        slug="net_sales_cohort",
        label="Net sales of the period's orders",
        help="Gross sales − discounts − returns so far, all dated on the order.",
        unit="money",
        clock="cohort",
        grain="order line, return line",
        good="up",
        measures=(
            Measure(
                "fct_sales", "CAST(SUM(f.gross_minor - f.discount_minor - f.returns_minor) AS BIGINT)", "order_date"
            ),
        ),
    ),
    Metric(
        slug="units_returned_cohort",
        label="Units returned of the period's orders",
        help="Units returned so far, dated on the order they belong to. Credits without a known order are out.",
        unit="quantity",
        clock="cohort",
        grain="return line",
        good="down",
        measures=(*sums("units_returned", "order_date"), *sums("units_returned", "order_date", "fct_returns")),
    ),
    Metric(
        slug="return_rate",
        label="Return rate",
        help="Units returned so far of the period's orders ÷ units ordered in the period. Young periods still grow.",
        unit="ratio",
        clock="cohort",
        grain="unit",
        good="down",
        additive=False,
        terms=("units_returned_cohort",),
        over=("units",),
    ),
    Metric(
        slug="discount_rate",
        label="Discount rate",
        help="Discounts ÷ gross sales.",
        unit="ratio",
        clock="event",
        grain="order line",
        good="down",
        additive=False,
        terms=("discounts",),
        over=("gross_sales",),
    ),
    Metric(
        slug="returned_sales",
        label="Goods returned",
        help="The part of returns that came back: value of goods returned, on the day the return was accounted. Goods"
        " cancelled or taken off by an edit never left and are out.",
        unit="money",
        clock="event",
        grain="return line",
        good="down",
        measures=sums("returns_minor", "return_date", "fct_returns"),
    ),
)
