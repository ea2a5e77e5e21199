"""Behind one product: why it changed, through which channels, what it is bought with, its order lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.explain import EXPLAINED, asked, explained, total
from app import blocks, charts, data, filters, links, patterns, tables
from app import format as fmt
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from app.filters import Filters
    from app.views.product_choice import Choice

#: Order lines and pairs shown.
MOST_LINES, MOST_PAIRS = 100, 8


def render(item: str, title: str, chosen: Filters, choice: Choice) -> None:
    """Draw everything behind one row of the matrix."""
    also = f"{choice.rows} = {filters.quoted(item)}"
    slug = choice.slug if choice.slug in EXPLAINED else "net_sales"
    with blocks.guard("products.why"):
        _why(title, slug, also, chosen)
    if choice.rows == "sku":
        with blocks.guard("products.together"):
            _together(item, title, chosen)
    with blocks.guard("products.lines"):
        _lines(item, title, chosen, choice)


def _why(title: str, slug: str, also: str, chosen: Filters) -> None:
    currency = data.shop().currency
    if chosen.compare is None:
        blocks.section(_("Why did {product} change?").format(product=title), _("Choose a period to compare with."))
        return
    frame = data.ask_filtered(asked(slug, ("channel",)), chosen, by=("channel",), also=also)
    found = explained(frame, slug)
    if found.is_empty():
        return
    whole = total(found).row(0, named=True)
    texts = {name: signed(whole[name], currency) for name in ("change", "volume", "price", "mix")}
    answer = _("{change}: volume {volume}, price {price}, mix of channels {mix}. The three add up exactly")
    blocks.section(_("Why did {product} change?").format(product=title), answer.format(**texts))
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        steps = ["before", "volume", "price", "mix", "now"]
        names = [_("Earlier"), _("Volume"), _("Price"), _("Mix"), _("Now")]
        shown = [fmt.money_short(int(whole[s]), currency) if s in ("before", "now") else signed(whole[s], currency)
                 for s in steps]  # fmt: skip
        ticks = fmt.money_ticks(int(max(whole["before"], whole["now"], 1)), currency)
        drawing = charts.waterfall(names, [whole[s] for s in steps], shown, ticks=ticks, lying=blocks.on_phone())
        blocks.chart(drawing, answer.format(**texts), key="products_why")
    with right:
        blocks.table(channels(found, currency), _channel_columns(currency), key="products_channels", alt=title)


def signed(amount: int, currency: str) -> str:
    """Return an amount with its sign."""
    return ("+" if amount > 0 else "") + fmt.money_short(int(amount), currency)


def channels(found: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return one row a channel: sales, change, units, price now and before; pure."""
    names = data.place().channels
    price = pl.col("now") / pl.when(pl.col("units") != 0).then(pl.col("units"))
    before = pl.col("before") / pl.when(pl.col("units_previous") != 0).then(pl.col("units_previous"))
    return found.sort("now", descending=True).select(
        pl.col("channel").replace_strict(dict(names), default=pl.col("channel")).alias("name"),
        tables.major(pl.col("now"), currency).alias("now"),
        tables.major(pl.col("change"), currency).alias("change"),
        "units",
        tables.major(price, currency).alias("price"),
        tables.major(before, currency).alias("price_before"),
    )


def _channel_columns(currency: str) -> dict[str, Any]:
    return {
        "name": tables.text(_("Channel"), 118),
        "now": tables.money(_("Sales"), currency, 105),
        "change": tables.money(_("Change"), currency, 105),
        "units": tables.count(_("Units"), 70),
        "price": tables.money(_("Price"), currency, 90),
        "price_before": tables.money(_("Price before"), currency, 126),
    }


def _together(sku: str, title: str, chosen: Filters) -> None:
    found = patterns.bought_together(sku, chosen.since, chosen.until)
    question = _("What is {product} bought with?").format(product=title)
    kept = found.filter(pl.col("is_significant")).head(MOST_PAIRS)
    if kept.is_empty():
        blocks.section(question, _("Nothing stands beside it more often than chance would have it in this period."))
        return
    first = kept.row(0, named=True)
    share = fmt.percent(first["confidence"])
    answer = _("{share} of its {n} orders hold {other} too, {lift} times as many as by chance").format(
        share=share, n=fmt.count(first["orders_a"]), other=fmt.product(first["title_b"]),
        lift=fmt.number(first["lift"], 1),
    )  # fmt: skip
    blocks.section(question, answer)
    rows = kept.select(
        "sku_b", tables.product(pl.col("title_b")).alias("title"), "both",
        (100 * pl.col("confidence")).alias("confidence"), (100 * pl.col("support")).alias("support"), "lift",
    )  # fmt: skip
    columns = {
        "sku_b": tables.text(_("SKU"), 90), "title": tables.text(_("Product"), 320),
        "both": tables.count(_("Orders with both"), 130),
        "confidence": tables.progress(_("Of its orders"), 140),
        "support": tables.number(_("Of all orders, %"), 130),
        "lift": tables.number(_("Lift"), 80, help=_("Times as many orders with both as chance would have it")),
    }  # fmt: skip
    for position in blocks.table(
        rows, columns, key="products_together", alt=answer, open_on_click=True, phone=("title", "confidence")
    ):
        st.query_params["products_item"] = kept["sku_b"][position]
        st.rerun()


def _lines(item: str, title: str, chosen: Filters, choice: Choice) -> None:
    currency = data.shop().currency
    found = data.rows(
        "product_lines", since=chosen.since, until=chosen.until, kind=choice.rows, item=item, currency=currency,
        channels=list(chosen.channels), countries=list(chosen.countries), limit=MOST_LINES,
    )  # fmt: skip
    answer = ngettext(
        "{n} order line, a click opens the order", "The {n} newest, a click opens the order", found.height
    )
    blocks.section(_("Order lines of {product}").format(product=title), answer.format(n=fmt.count(found.height)))
    if found.is_empty():
        blocks.empty_line("filters", _("No product sold."), _("Widen the period or reset the filters."))
        return
    words = {"cancelled": _("cancelled"), "returned": _("returned"), "": ""}
    names = dict(data.place().channels)
    rows = found.select(
        "number", "order_date", pl.col("channel").replace_strict(names, default=pl.col("channel")).alias("channel"),
        pl.Series("country", [data.country(code) for code in found["country"].to_list()], dtype=pl.String),
        "sku", "units",
        tables.major(pl.col("gross_minor"), currency).alias("gross"),
        tables.major(pl.col("discount_minor"), currency).alias("discount"),
        pl.col("fate").replace_strict(words, default="").alias("fate"),
    )  # fmt: skip
    columns = {
        "number": tables.text(_("Order"), 110), "order_date": tables.day(_("Day"), 100),
        "channel": tables.text(_("Channel"), 130), "country": tables.text(_("Country"), 150),
        "sku": tables.text(_("SKU"), 90), "units": tables.count(_("Units"), 75),
        "gross": tables.money(_("Gross sales"), currency, 120), "discount": tables.money(_("Discount"), currency, 110),
        "fate": tables.text(_("Since then"), 120),
    }  # fmt: skip
    for position in blocks.table(
        rows, columns, key="products_lines", alt=title, open_on_click=True, height=11 * 32 + 2,
        phone=("number", "order_date", "gross"),
    ):  # fmt: skip
        links.go("orders", view="all", order=found["number"][position])
