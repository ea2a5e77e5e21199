"""Purchasing, and who owes whom."""

from __future__ import annotations

from analytics.metrics.fulfilment import share
from analytics.metrics.model import Measure, Metric
from analytics.metrics.sales import PRODUCT, sums

_DUE = "f.due_date < CAST($today AS DATE)"
_LEAD = "f.lead_seconds"


def _due(column: str) -> tuple[Measure, ...]:
    whole = f"CAST(SUM(CASE WHEN {_DUE} THEN f.{column} END) AS BIGINT)"
    return (Measure("fct_purchase_lines", whole, "due_date"),)


def _open(side: str, condition: str = "TRUE") -> tuple[Measure, ...]:
    what = f"CASE WHEN f.side = '{side}' AND {condition} THEN f.amount_minor ELSE 0 END"
    return (Measure("fct_ledger", f"CAST(SUM({what}) AS BIGINT)", ""),)


_LATE = "f.is_claim AND f.due_on < f.as_of"

PURCHASING = (
    Metric(
        slug="purchase_orders", label="Purchase orders sent",
        help="Purchase orders sent in the period; cancelled ones are out. Split by product, one counts once for each"
        " product it holds.",
        unit="count", clock="event", grain="purchase order",
        additive_except=tuple(d for d in PRODUCT if d != "supplier"),
        measures=(Measure("fct_purchase_lines", "COUNT(DISTINCT f.purchase_order_id)"),),
    ),
    Metric(
        slug="purchased", label="Purchased",
        help="Value of purchase orders sent in the period at the ordered prices, before tax; cancelled ones are out.",
        unit="money", clock="event", grain="purchase-order line",
        measures=sums("ordered_minor", mart="fct_purchase_lines"),
    ),
    Metric(
        slug="units_received", label="Units received",
        help="Units that arrived from suppliers, on the day of arrival.",
        unit="quantity", clock="event", grain="receipt line", measures=sums("units", mart="fct_receipt_lines"),
    ),
    Metric(
        slug="goods_received", label="Value received",
        help="Value of goods that arrived from suppliers at the ordered prices, on the day of arrival.",
        unit="money", clock="event", grain="receipt line", measures=sums("received_minor", mart="fct_receipt_lines"),
    ),
    Metric(
        slug="supplier_lead_time", label="Supplier lead time",
        help="Mean time from sending a purchase order to the arrival, over receipt lines of the period; each counts"
        " once.",
        unit="days", clock="event", grain="receipt line", good="down", additive=False,
        measures=(Measure("fct_receipt_lines", f"AVG({_LEAD}) / 86400.0"),),
    ),
    Metric(
        slug="supplier_lead_time_median", label="Supplier lead time, median",
        help="Median time from sending a purchase order to the arrival, over receipt lines of the period.",
        unit="days", clock="event", grain="receipt line", good="down", additive=False,
        measures=(Measure("fct_receipt_lines", f"MEDIAN({_LEAD}) / 86400.0"),),
    ),
    Metric(
        slug="supplier_lead_time_spread", label="Supplier lead time, spread",
        help="Standard deviation of the time from sending a purchase order to the arrival, over receipt lines of the"
        " period; with fewer than two there is none. Safety stock grows with it.",
        unit="days", clock="event", grain="receipt line", good="down", additive=False,
        measures=(Measure("fct_receipt_lines", f"STDDEV_SAMP({_LEAD}) / 86400.0"),),
    ),
    Metric(
        slug="supplier_units_due", label="Units due from suppliers",
        help="Units of purchase-order lines expected in the period whose day has passed; lines without a day are out.",
        unit="quantity", clock="event", grain="purchase-order line", measures=_due("units"),
    ),
    Metric(
        slug="supplier_fill_rate", label="Supplier fill rate",
        help="Units received so far of lines expected in the period whose day has passed ÷ units ordered on them."
        " What the supplier could not deliver and was cancelled was ordered.",
        unit="ratio", clock="event", grain="purchase-order line", good="up", additive=False,
        terms=("supplier_units_filled",), over=("supplier_units_due",),
    ),
    Metric(
        slug="supplier_otif", label="Supplier on time in full",
        help="Purchase-order lines received whole by their day ÷ lines expected in the period whose day has passed.",
        unit="ratio", clock="event", grain="purchase-order line", good="up", additive=False,
        measures=share("fct_purchase_lines", f"{_DUE} AND f.units_by_due >= f.units", _DUE, "due_date"),
    ),
    Metric(
        slug="billed", label="Billed by suppliers",
        help="Suppliers' bills before tax, on the day of each bill; cancelled bills are out, disputed ones in.",
        unit="money", clock="event", grain="bill line", good="down",
        measures=sums("billed_minor", mart="fct_bill_lines"),
    ),
    Metric(
        slug="price_variance", label="Purchase price variance",
        help="What suppliers billed − the same quantity at the purchase orders' prices, on the day of the bill. A"
        " positive number was paid beyond the agreed price.",
        unit="money", clock="event", grain="bill line", good="down",
        measures=(Measure("fct_bill_lines", "CAST(SUM(f.billed_minor - f.ordered_minor) AS BIGINT)"),),
    ),
    Metric(
        slug="price_variance_rate", label="Purchase price variance rate",
        help="Purchase price variance ÷ the billed quantity at the purchase orders' prices.",
        unit="ratio", clock="event", grain="bill line", good="down", additive=False,
        terms=("price_variance",), over=("billed", "-price_variance"),
    ),
)  # fmt: skip

OWED = (
    Metric(
        slug="receivables", label="Receivables",
        help="What customers owe at the period's end by issued documents: claims less payments and credits,"
        " unapplied ones"
        " included.",
        unit="money", clock="snapshot", grain="ledger entry", measures=_open("receivable"),
    ),
    Metric(
        slug="receivables_overdue", label="Receivables overdue",
        help="What is left of customers' claims whose due date was before the period's last day.",
        unit="money", clock="snapshot", grain="ledger entry", good="down", measures=_open("receivable", _LATE),
    ),
    Metric(
        slug="payables", label="Payables",
        help="What the shop owes suppliers at the period's end: approved bills less payments.",
        unit="money", clock="snapshot", grain="ledger entry", measures=_open("payable"),
    ),
    Metric(
        slug="payables_overdue", label="Payables overdue",
        help="What is left of suppliers' bills whose due date was before the period's last day.",
        unit="money", clock="snapshot", grain="ledger entry", good="down", measures=_open("payable", _LATE),
    ),
    Metric(
        slug="days_sales_outstanding", label="Days sales outstanding",
        help="Receivables at the period's end ÷ total sales a day in the period.",
        unit="days", clock="event", grain="ledger entry", good="down", additive=False,
        terms=("receivables",), over=("total_sales",), per_day=True,
    ),
)  # fmt: skip

COMPONENTS = (
    Metric(
        slug="supplier_units_filled", label="Units delivered of those due",
        help="Units received so far of purchase-order lines expected in the period whose day has passed.",
        unit="quantity", clock="event", grain="purchase-order line", measures=_due("units_received"),
    ),
)  # fmt: skip
