"""Reports everybody wants, ready: what is sold out, what lies too long, suppliers, carriers, kinds of demand.

One registry for the Reports page, the command line and exports. A report asks the metric registry where metrics say it
all, so that its numbers are those of every other page; where a list needs more it is one file of ``sql/reports``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analytics.ask import ask
from analytics.metrics import metric
from analytics.warehouse import FOLDER
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from analytics.past import Reader
    from oms_core.kernel.settings import Shop

Kind = Literal["text", "code", "day", "count", "quantity", "number", "days", "hours", "ratio", "money"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a report: its name in the rows, what people read, and what it holds.

    ``code`` is a word of a few, translated where it is shown; money is in minor units of the row's currency.
    """

    name: str
    label: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One ready report: either a file of ``sql/reports`` as of today, or metrics by dimensions over a period.

    Attributes
    ----------
    question : str
        What it answers, the heading on the page.
    says : str
        What is in and how it is reckoned.
    columns : tuple of Column
        Of a list; of asked metrics they follow from the registry, after `by`.
    slugs, by : tuple of str
        Metrics and dimensions when it is asked; it is sorted by the first metric, largest first.
    needs : str
        Metric without which a row says nothing: rows where it is empty or 0 are left out.
    """

    slug: str
    label: str
    question: str
    says: str
    columns: tuple[Column, ...] = ()
    slugs: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    needs: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it is a list as of today, which knows no period."""
        return not self.slugs


_GOODS = (Column("sku", "SKU"), Column("title", "Product"), Column("category", "Category"))

REPORTS: tuple[Report, ...] = (
    Report(
        slug="sold_out",
        label="Sold out",
        question="What is sold out, and what does a day without it cost?",
        says="Active products once stocked with nothing available, all places together. The loss is a range: units a"
        " day in stock before it ran out, over 28 and over 91 days, less what was sold all the same, at today's price.",
        columns=(
            *_GOODS, Column("supplier", "Supplier"), Column("sold_out_on", "Sold out on", "day"),
            Column("days_out", "Days since", "count"), Column("loss_day_low_minor", "Loss a day, at least", "money"),
            Column("loss_day_high_minor", "Loss a day, at most", "money"),
            Column("lost_low_minor", "Lost so far, at least", "money"),
            Column("lost_high_minor", "Lost so far, at most", "money"), Column("waiting", "Units promised", "quantity"),
            Column("incoming", "Units on order", "quantity"), Column("next_due_on", "Next due", "day"),
        ),
    ),
    Report(
        slug="overstock",
        label="Overstock",
        question="Which stock is too much, and what would a mark-down bring?",
        says="Dead: nothing sold in 180 days, stocked earlier. Excess: units beyond the sales of 180 days. The"
        " mark-down is a hint: half price for dead stock, else 10, 20 or 30 % as the stock lasts up to one, up to two"
        " or more years, and never below cost unless it is dead. Cash is what the surplus brings at that price.",
        columns=(
            *_GOODS, Column("supplier", "Supplier"), Column("kind", "Kind", "code"),
            Column("on_hand", "On hand", "quantity"),
            Column("sold_units", "Sold in 180 days", "quantity"), Column("cover_days", "Lasts, days", "days"),
            Column("last_sold_on", "Last sold", "day"), Column("surplus_units", "Surplus units", "quantity"),
            Column("surplus_minor", "Surplus at cost", "money"), Column("price_minor", "Price", "money"),
            Column("markdown", "Mark-down hint", "ratio"), Column("marked_price_minor", "Price then", "money"),
            Column("cash_minor", "Cash from the surplus", "money"),
        ),
    ),
    Report(
        slug="suppliers",
        label="Suppliers",
        question="Which suppliers keep their word?",
        says="Lead times run from sending an order to arrival. Fill rate and on time in full look at lines whose"
        " expected day fell in the period and has passed. The price variance compares bills with purchase orders.",
        slugs=(
            "goods_received", "supplier_lead_time", "supplier_lead_time_spread", "supplier_fill_rate", "supplier_otif",
            "price_variance", "price_variance_rate", "purchase_orders", "units_received", "supplier_units_due",
            "billed",
        ),
        by=("supplier",),
        needs="supplier",
    ),
    Report(
        slug="delivery",
        label="Delivery",
        question="Which carriers deliver in time, and on which lanes?",
        says="Parcels by carrier and lane (place and destination). On time is dated on the promise; a parcel that never"
        " arrives is late once its promise has passed.",
        slugs=(
            "shipments", "on_time_rate", "first_attempt_rate", "late_deliveries", "parcels_lost", "time_to_ship",
            "time_to_deliver", "order_to_door", "carrier_cost_per_parcel",
        ),
        by=("carrier", "lane"),
        needs="shipments",
    ),
    Report(
        slug="demand",
        label="Kinds of demand",
        question="How does what we sell behave?",
        says="Nine kinds of demand over the last 26 weeks, with classes by sales (A, B, C) and by evenness (X, Y, Z): a"
        " smooth A wants a forecast, a lumpy C an order on demand.",
        slugs=("net_sales", "units", "skus_sold", "stock_value", "gross_margin"),
        by=("demand", "abc", "xyz"),
        needs="demand",
    ),
)  # fmt: skip
_BY_SLUG = {report.slug: report for report in REPORTS}


def report(slug: str) -> Report:
    """Return a report by its name.

    Raises
    ------
    NotFound
        ``report.not_found``, with near matches.
    """
    if slug not in _BY_SLUG:
        raise NotFound("report", slug, list(_BY_SLUG), f"Reports are: {', '.join(_BY_SLUG)}.")
    return _BY_SLUG[slug]


def columns(wanted: Report) -> tuple[Column, ...]:
    """Return a report's columns in order; money of metrics keeps the metric's name."""
    if wanted.is_list:
        return wanted.columns
    from analytics.metrics import dimension

    dims = tuple(Column(name, dimension(name).label, "code" if name == "demand" else "text") for name in wanted.by)
    if "supplier" in wanted.by:
        dims = (*dims, Column("name", "Name"))
    return dims + tuple(Column(m.slug, m.label, m.unit) for m in map(metric, wanted.slugs))


def answer(
    reader: Reader, shop: Shop, wanted: Report, *, since: date | None = None, until: date | None = None,
    where: str | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return a report's rows, money in minor units beside a column ``currency``.

    Parameters
    ----------
    since, until : date, optional
        Half-open period of a report of metrics; a list is as of today and leaves them aside.
    where : str, optional
        Filter on dimensions, for reports of metrics.
    """
    import polars as pl

    if wanted.is_list:
        sql = (FOLDER / "reports" / f"{wanted.slug}.sql").read_text(encoding="utf-8")
        return reader.frame(sql, {"today": clock.business_date(clock.now(), shop.zone)})
    by = [*wanted.by, "currency"] if any(metric(s).unit == "money" for s in wanted.slugs) else list(wanted.by)
    frame = ask(reader, shop, wanted.slugs, by, since=since, until=until, where=where)
    needed = pl.col(wanted.needs)
    kept = needed.is_not_null() if wanted.needs in by else needed != 0
    if "supplier" in by:
        names = reader.frame("SELECT code AS supplier, name FROM raw.suppliers")
        frame = frame.join(names, on="supplier", how="left", maintain_order="left")
    return frame.filter(kept).sort(wanted.slugs[0], descending=True, nulls_last=True, maintain_order=True)
