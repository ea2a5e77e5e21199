"""Products on the Sales page: which sell, which grow, each with its trend and the orders behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from analytics.explain import asked, explained, total
from app import blocks, data, links, tables
from app import format as fmt
from app.i18n import _

if TYPE_CHECKING:
    from app.filters import Filters

SLUGS = ("gross_sales", "units", "orders", "discounts", "returns")
MOST = 12


@dataclass(frozen=True, slots=True)
class Products:
    """The table's rows and the sentence above it."""

    rows: pl.DataFrame
    answer: str
    skus: Sequence[str]
    why: str = ""


def trend_grain(days: int) -> str:
    """Return the bucket of the small trend lines."""
    return "day" if days <= 31 else "week" if days <= 250 else "month"


def best(products: pl.DataFrame) -> pl.DataFrame:
    """Return the products that sold most; ties by SKU."""
    known = products.filter(pl.col("sku").is_not_null() & (pl.col("gross_sales") > 0))
    return known.sort("gross_sales", "sku", descending=[True, False]).head(MOST)


def trends(products: pl.DataFrame, chosen: Filters) -> pl.DataFrame:
    """Ask for the small trends of the products that sold most, and of no others."""
    skus = ", ".join("'" + sku.replace("'", "''") + "'" for sku in best(products)["sku"].to_list())
    bucket = trend_grain(chosen.days)
    return data.ask_filtered(("gross_sales",), chosen, by=("sku", bucket), also=f"sku IN ({skus})" if skus else None)


def build(
    products: pl.DataFrame, trend: pl.DataFrame, titles: pl.DataFrame, chosen: Filters, currency: str
) -> Products:
    """Return the products that sold most, with change against the compared period."""
    whole = int(products["gross_sales"].sum() or 0)
    top = best(products).join(titles, on="sku", how="left")
    bucket = trend_grain(chosen.days)
    lines = trend.sort(bucket).group_by("sku").agg((pl.col("gross_sales") / 100).alias("trend"))
    rows = top.join(lines, on="sku", how="left").with_columns(
        (pl.col("gross_sales") / 100).alias("net"),
        (100.0 * pl.col("gross_sales") / whole).alias("share"),
        change(top).alias("change"),
        pl.Series("title", [fmt.product(title or "") for title in top["title"].to_list()], dtype=pl.String),
    )
    return Products(
        rows.sort("gross_sales", "sku", descending=[True, False]),
        _answer(top, whole, currency),
        rows["sku"].to_list(),
        why(products, currency),
    )


def why(products: pl.DataFrame, currency: str) -> str:
    """Say why net sales changed, product by product: volume, mix and price; nothing without a compared period."""
    wanted = asked("net_sales", ("sku",))
    columns = ["sku", *(column for slug in wanted for column in (slug, f"{slug}_previous"))]
    if not set(columns) <= set(products.columns) or products.is_empty():
        return ""
    found = total(explained(products.select(columns), "net_sales")).row(0, named=True)
    texts = {name: _signed(found[name], currency) for name in ("change", "volume", "mix", "price")}
    return _(
        "Net sales changed by {change}: units {volume}, mix of products {mix}, price, discounts and returns {price}"
    ).format(**texts)


def _signed(amount: int, currency: str) -> str:
    return ("+" if amount > 0 else "") + fmt.money_short(amount, currency)


def change(top: pl.DataFrame) -> pl.Expr:
    """Return the change in percent; empty where nothing was sold before, or nothing is compared."""
    if "gross_sales_change" not in top.columns:
        return pl.lit(None, pl.Float64)
    return pl.col("gross_sales_change").cast(pl.Float64) * 100


def _answer(top: pl.DataFrame, total: int, currency: str) -> str:
    if top.is_empty():
        return _("No product sold in this period")
    part = int(top["gross_sales"].sum())
    return _("The first {n} bring {share} of gross sales, {money}; a click opens the orders").format(
        n=top.height, share=fmt.percent(part / total if total else 0), money=fmt.money_short(part, currency)
    )


def render(products: Products) -> None:
    """Draw the products' table; a click opens the orders that hold the product."""
    blocks.section(_("Which products sell, and which grow?"), products.answer)
    if products.rows.is_empty():
        blocks.empty_line("filters", _("No product sold."), _("Widen the period or reset the filters."))
        return
    if products.why:
        st.caption(products.why)
    currency = data.shop().currency
    columns = {
        "sku": tables.text(_("SKU"), 80),
        "title": tables.text(_("Product"), 300),
        "net": tables.money(_("Gross sales"), currency, 130),
        "share": tables.progress(_("Share of sales"), 140),
        "change": tables.change(_("Change"), 80, help=_("Empty: not sold in the period compared with")),
        "units": tables.count(_("Units"), 80),
        "orders": tables.count(_("Orders"), 80),
        "trend": tables.trend(_("Trend"), 200),
    }
    for position in blocks.table(
        products.rows, columns, key="sales_products", alt=products.answer, open_on_click=True,
        phone=("title", "net", "change"),
    ):  # fmt: skip
        links.go("orders", view="all", q=f"sku = '{products.skus[position]}'")
