"""Stock: what will run out, what is dead, where it lies; one SKU with the movements behind its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, data, exports, links, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import Behind, of_metric
from app.views import stock_sku

if TYPE_CHECKING:
    from app.data import Place
    from app.tiles import Tile

KEY = "sku"
QUERIES = ("stock_list", "stock_levels", "stock_ledger")
SLUGS = ("on_hand", "stock_value", "sell_through", "days_of_inventory", "stockouts")
#: Tile to the view of the list that holds the rows behind it.
BEHIND = {
    "on_hand": "all", "stock_value": "all", "sell_through": "dead", "days_of_inventory": "excess", "stockouts": "out",
}  # fmt: skip
WINDOW_DAYS = 28
#: More than this many days of stock is more than anybody planned.
EXCESS_DAYS = 180
MOST_ROWS = 500

#: Condition of a SKU: its word and colour, most urgent first.
CONDITIONS: Mapping[str, tuple[str, str]] = {
    "out": (N_("Out now"), "red"),
    "before": (N_("Out before arrival"), "orange"),
    "fine": (N_("Fine"), "gray"),
    "excess": (N_("Too much"), "yellow"),
    "dead": (N_("Does not sell"), "violet"),
}
VIEWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "soon": (N_("Runs out"), ("out", "before")),
    "out": (N_("Out now"), ("out",)),
    "excess": (N_("Too much"), ("excess",)),
    "dead": (N_("Does not sell"), ("dead",)),
    "all": (N_("All"), tuple(CONDITIONS)),
}


@dataclass(frozen=True, slots=True)
class StockView:
    """The list, its answer and the numbers of the views."""

    rows: pl.DataFrame
    skus: tuple[str, ...]
    counts: Mapping[str, int]
    answer: str


def judged(stock: pl.DataFrame) -> pl.DataFrame:
    """Add ``cover_days`` and ``condition`` to the rows of ``stock_list.sql``; pure.

    A SKU is *out* when it sells and nothing is available; *before* when what is there ends before
    an order of today (or the delivery on its way) could arrive; *dead* without a sale in 90 days.
    """
    sells, there = pl.col("a_day") > 0, pl.col("available") > 0
    cover = pl.when(sells).then(pl.max_horizontal("available", 0) / pl.col("a_day"))
    reach = (pl.max_horizontal("available", 0) + pl.col("incoming")) / pl.col("a_day")
    condition = (
        pl.when(sells & ~there)
        .then(pl.lit("out"))
        .when(sells & (reach < pl.col("lead_time_days")))
        .then(pl.lit("before"))
        .when((pl.col("units_90") == 0) & (pl.col("on_hand") > 0))
        .then(pl.lit("dead"))
        .when(sells & (cover > EXCESS_DAYS))
        .then(pl.lit("excess"))
        .otherwise(pl.lit("fine"))
    )
    return stock.with_columns(cover.alias("cover_days"), condition.alias("condition"))


def build(stock: pl.DataFrame, view: str, place: Place) -> StockView:
    """Turn judged stock into the rows of a view; pure."""
    shown = stock.filter(pl.col("condition").is_in(list(VIEWS[view][1])))
    by_value = view in {"excess", "dead"}
    order = ["value_minor", "sku"] if by_value else ["cover_days", "a_day", "sku"]
    shown = shown.sort(order, descending=[True, False] if by_value else [False, True, False], nulls_last=True)
    counts = {name: stock.filter(pl.col("condition").is_in(list(c))).height for name, (_w, c) in VIEWS.items()}
    money = fmt.money_short(int(shown["value_minor"].sum() or 0), place.currency)
    answer = ngettext("{n} SKU, {money} at cost", "{n} SKUs, {money} at cost", shown.height)
    return StockView(
        rows=_rows(shown.head(MOST_ROWS), place),
        skus=tuple(shown.head(MOST_ROWS)["sku"].to_list()),
        counts=counts,
        answer=answer.format(n=fmt.count(shown.height), money=money),
    )


def _rows(shown: pl.DataFrame, place: Place) -> pl.DataFrame:
    words = {code: _(word) for code, (word, _colour) in CONDITIONS.items()}
    ends = pl.lit(place.today) + pl.duration(days=pl.col("cover_days").clip(0, 3650).floor().cast(pl.Int64))
    return shown.select(
        "sku",
        tables.product(pl.col("title")),
        tables.badges(pl.col("condition"), words).alias("condition"),
        pl.col("cover_days").round(0).cast(pl.Int64, strict=False),
        pl.when(pl.col("cover_days") < EXCESS_DAYS).then(ends).alias("ends_on"),
        pl.col("a_day").round(1),
        "on_hand",
        "committed",
        "incoming",
        "due_on",
        tables.major(pl.col("value_minor"), place.currency).alias("value"),
        "supplier",
    )


def columns(currency: str, *, phone: bool = False) -> dict[str, Any]:
    """Return the columns of the list; on a phone first those that fit its width."""
    whole = {
        "sku": tables.text(_("SKU"), 78),
        "title": tables.text(_("Product"), 220),
        "condition": tables.badge(_("Condition"), {_(w): c for w, c in CONDITIONS.values()}, 138),
        "cover_days": tables.count(_("Cover, days"), 88),
        "ends_on": tables.day(_("Sells out")),
        "a_day": tables.count(_("Sold a day"), 82),
        "on_hand": tables.count(_("On hand"), 74),
        "committed": tables.count(_("Promised"), 78),
        "incoming": tables.count(_("On order"), 78),
        "due_on": tables.day(_("Due")),
        "value": tables.money(_("Value"), currency, 98),
        "supplier": tables.text(_("Supplier")),
    }
    first = {
        "title": tables.text(_("Product"), 158),
        "condition": whole["condition"],
        "cover_days": tables.count(_("Days"), 56),
    }
    return {**first, **{name: column for name, column in whole.items() if name not in first}} if phone else whole


def kpis(place: Place) -> Sequence[Tile]:
    """Return the tiles: the registry's stock metrics over the last 28 days against the 28 before."""
    from analytics.metrics import METRICS

    known = {m.slug: m for m in METRICS}
    until = place.today + timedelta(days=1)
    since, before = until - timedelta(days=WINDOW_DAYS), until - timedelta(days=2 * WINDOW_DAYS)
    # a row a currency: of a shop with several, those of its own
    own = data.own_currency()
    now = data.ask(SLUGS, since=since, until=until, where=own).row(0, named=True)
    then = data.ask(SLUGS, since=before, until=since, where=own).row(0, named=True)
    against = _("vs. previous {n} days").format(n=WINDOW_DAYS)
    return [
        of_metric(
            known[slug], now[slug], then[slug], currency=place.currency, against=against, behind=behind(BEHIND[slug])
        )
        for slug in SLUGS
    ]


def behind(view: str) -> Behind:
    """Return the way to a view of the list."""
    return Behind("stock", _(VIEWS[view][0]) if view != "all" else _("All stock"), {"stock_view": view})


def render(place: Place) -> None:
    """Draw tiles, views and the list, or one SKU when the address names it."""
    sku = links.detail(KEY)
    if sku:
        stock_sku.render(sku, place)
        return
    stock = judged(data.rows("stock_list", **data.moment()))
    if stock.is_empty():
        body = _("Stock appears with the first receipt, count or opening balance.")
        with blocks.empty("no_data", _("No stock is kept yet"), body, note="`ordersight stock adjust SKU +10`"):
            pass
        return
    blocks.kpi_row(kpis(place))
    view = address.read("stock_view", "soon", VIEWS)
    listed = build(stock, view, place)
    blocks.section(_("What will run out, what is dead?"), listed.answer)
    with address.bound("stock_view", "soon", VIEWS):
        st.segmented_control(
            _("View"), list(VIEWS), required=True, key="stock_view", label_visibility="collapsed",
            format_func=lambda name: f"{_(VIEWS[name][0])} {fmt.count(listed.counts[name])}",
        )  # fmt: skip
    if listed.rows.is_empty():
        at = _("Last checked {time}").format(time=fmt.clock_time(place.now, place.zone))
        with blocks.empty("done", _("Nothing here: {view}").format(view=_(VIEWS[view][0])), at):
            pass
        return
    for position in blocks.table(
        listed.rows,
        columns(place.currency, phone=blocks.on_phone()),
        key="stock_table",
        alt=listed.answer,
        open_on_click=True,
    ):
        links.open_detail(KEY, listed.skus[position])
        st.rerun()


def sheet(place: Place) -> exports.Sheet | None:
    """Return the list as it stands for export."""
    stock = judged(data.rows("stock_list", **data.moment()))
    if stock.is_empty() or links.detail(KEY):
        return None
    shown = stock.filter(pl.col("condition").is_in(list(VIEWS[address.read("stock_view", "soon", VIEWS)][1])))
    return exports.Sheet(
        name="stock",
        frame=shown.with_columns(tables.major(pl.col("value_minor"), place.currency).alias("value")).drop(
            "value_minor"
        ),
        definitions={"cover_days": "Available units divided by units sold a day over the last 28 days."},
        facts={"Currency": place.currency, "Day": place.today.isoformat()},
    )
