"""Sales: are we on plan, and why not? Tiles, the channel that made the difference, where gross went, products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.metrics import metric
from app import blocks, charts, data, exports, links, palette
from app import format as fmt
from app.i18n import N_, _
from app.tiles import Behind, Tile, of_metric
from app.views import sales_parts, sales_products

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place
    from app.filters import Filters

BUYERS = ("new_customers", "returning_customers")
TILES = ("net_sales", "orders", "aov", "returns", "gross_margin_rate")
FLOW = ("gross_sales", "discounts", "returns", "net_sales", "shipping", "taxes", "other_charges", "total_sales")
CHANNEL = ("net_sales", "orders", "aov", "gross_margin_rate")
RETURNED = "return_status IN ('returned', 'partially_returned')"
#: Tile to the rows behind it, within the reader's filters: page, words, its own query.
BEHIND: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "net_sales": ("orders", N_("Largest orders"), {"view": "all", "sort": "largest"}),
    "orders": ("orders", N_("All orders"), {"view": "all"}),
    "aov": ("orders", N_("Largest orders"), {"view": "all", "sort": "largest"}),
    "returns": ("orders", N_("Orders with returns"), {"view": "all", "q": RETURNED}),
    "gross_margin_rate": ("metrics", N_("Does it add up?"), {"metric": "gross_margin_rate"}),
    "new_customers": ("segments", N_("Who they are"), {"segment": "first_order_date BETWEEN {since} AND {last}"}),
    "returning_customers": (
        "segments", N_("Who they are"),
        {"segment": "number_of_orders >= 2 AND last_order_date BETWEEN {since} AND {last}"},
    ),
}  # fmt: skip
SLUGS = tuple(dict.fromkeys((*TILES, *FLOW, *CHANNEL, *BUYERS)))
QUERIES = ("titles",)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page asked the registry."""

    totals: pl.DataFrame
    buyers: pl.DataFrame
    over_time: pl.DataFrame
    bars: pl.DataFrame
    channels: pl.DataFrame
    flow: pl.DataFrame
    countries: pl.DataFrame
    products: pl.DataFrame
    product_trend: pl.DataFrame
    titles: pl.DataFrame


@dataclass(frozen=True, slots=True)
class SalesView:
    """Everything the page shows."""

    tiles: Sequence[Tile]
    buyers: Sequence[Tile]
    bars: go.Figure
    bars_answer: str
    buckets: Sequence[date]
    channel_codes: Sequence[str]
    channels: pl.DataFrame
    flow: go.Figure
    flow_answer: str
    countries: go.Figure | None
    countries_answer: str
    country_codes: Sequence[str]
    products: sales_products.Products


def grain(days: int) -> str:
    """Return the time bucket of a period: days up to seven weeks, weeks up to seven months, then months."""
    return "day" if days <= 49 else "week" if days <= 215 else "month"


def load(chosen: Filters) -> Facts:
    """Ask for what the page shows."""
    bucket = grain(chosen.days)
    products = data.ask_filtered(sales_products.SLUGS, chosen, by=("sku",))
    return Facts(
        totals=data.ask_filtered(TILES, chosen),
        buyers=data.ask_filtered(BUYERS, chosen),
        over_time=data.ask_filtered(TILES, chosen, by=(bucket,)),
        bars=data.ask_filtered(("net_sales",), chosen, by=(bucket, "channel")),
        channels=data.ask_filtered(CHANNEL, chosen, by=("channel",)),
        flow=data.ask_filtered(FLOW, chosen),
        countries=data.ask_filtered(("net_sales", "orders"), chosen, by=("country",)),
        products=products,
        product_trend=sales_products.trends(products, chosen),
        titles=data.rows("titles"),
    )


def build(facts: Facts, chosen: Filters, place: Place, *, narrow: bool = False) -> SalesView:
    """Turn answers of the registry into words and figures; pure."""
    bucket, currency = grain(chosen.days), place.currency
    times = sales_parts.buckets(bucket, chosen.since, chosen.until)
    now = facts.totals.row(0, named=True)
    figure_countries, codes, answer_countries = sales_parts.countries(facts.countries, currency)
    return SalesView(
        tiles=[tile(slug, now, facts.over_time, times, chosen=chosen, currency=currency) for slug in TILES],
        buyers=buyer_tiles(facts.buyers, chosen, currency),
        bars=channel_bars(facts.bars, bucket, times, place, narrow=narrow),
        bars_answer=sales_parts.channel_answer(facts.channels, place, chosen),
        buckets=times,
        channel_codes=[c for c in place.channels if c in set(facts.bars["channel"].to_list())],
        channels=sales_parts.channel_lines(facts.channels, place),
        flow=sales_parts.flow_figure(facts.flow, currency, narrow=narrow),
        flow_answer=sales_parts.flow_answer(facts.flow, currency),
        countries=figure_countries,
        countries_answer=answer_countries,
        country_codes=codes,
        products=sales_products.build(facts.products, facts.product_trend, facts.titles, chosen, currency),
    )


def tile(
    slug: str, now: Mapping[str, Any], over_time: pl.DataFrame, times: Sequence[date], *, chosen: Filters,
    currency: str,
) -> Tile:  # fmt: skip
    """Return one tile with its change and, over twelve buckets or more, its sparkline."""
    known = dict(zip(over_time[grain(chosen.days)].to_list(), over_time[slug].to_list(), strict=True))
    trend = [float(known.get(at) or 0) for at in times]
    return of_metric(
        metric(slug), now[slug], now.get(f"{slug}_previous"), currency=currency, against=chosen.against(),
        trend=trend, behind=behind(slug, chosen),
    )  # fmt: skip


def behind(slug: str, chosen: Filters) -> Behind:
    """Return the way to the rows behind a tile."""
    page, words, query = BEHIND[slug]
    days = {"since": chosen.since, "last": chosen.until - timedelta(days=1)}
    return Behind(page, _(words), {key: value.format(**days) for key, value in query.items()})


def buyer_tiles(buyers: pl.DataFrame, chosen: Filters, currency: str) -> list[Tile]:
    """Return who bought: first-time and returning customers."""
    now = buyers.row(0, named=True)
    return [
        of_metric(
            metric(slug), now[slug], now.get(f"{slug}_previous"), currency=currency, against=chosen.against(),
            behind=behind(slug, chosen),
        )
        for slug in BUYERS
    ]  # fmt: skip


def channel_bars(
    bars: pl.DataFrame, bucket: str, times: Sequence[date], place: Place, *, narrow: bool = False
) -> go.Figure:
    """Return net sales over time, stacked by channel in the registry's order and colours."""
    sums = bars.group_by(bucket).agg(
        pl.col("net_sales").clip(lower_bound=0).sum().alias("up"),
        pl.col("net_sales").clip(upper_bound=0).sum().alias("down"),
    )
    ticks = fmt.money_ticks(
        _whole(sums["up"].max()),
        place.currency,
        lowest=_whole(sums["down"].min()),
    )
    series = []
    for position, (code, name) in enumerate(place.channels.items()):
        mine = bars.filter(pl.col("channel") == code)
        if mine.is_empty():
            continue
        known = dict(zip(mine[bucket].to_list(), mine["net_sales"].to_list(), strict=True))
        values = [known.get(at, 0) for at in times]
        hover = [fmt.money_round(int(v), place.currency) for v in values]
        series.append(charts.Series(name, values, palette.of_position(position), hover))
    return charts.bars(
        times, series, ticks=ticks, x_ticks=sales_parts.time_ticks(times, bucket, most=4 if narrow else 7)
    )


def _whole(value: Any) -> int:
    return int(value or 0)


def render(view: SalesView, chosen: Filters) -> None:
    """Draw the page below its chips."""
    blocks.kpi_row(view.tiles)
    left, right = st.columns([1.6, 1], gap="medium")
    with left, blocks.guard("sales.bars"):
        blocks.section(_("Which channel made the difference?"), view.bars_answer)
        clicked = blocks.chart(view.bars, view.bars_answer, key="sales_bars", clickable=True)
        for series, point in clicked:
            open_bucket(view, series, point, chosen)
    with right, blocks.guard("sales.channels"):
        blocks.section(_("What does each channel earn?"), _("Net sales and margin; a click opens the channel's orders"))
        for position in sales_parts.channel_table(view.channels, data.shop().currency):
            links.go("orders", view="all", channel=view.channels["code"][position])
        blocks.section(_("Who buys?"))
        blocks.kpi_row(view.buyers)
    left, right = st.columns(2, gap="medium")
    with left, blocks.guard("sales.flow"):
        blocks.section(_("Where did gross sales go?"), view.flow_answer)
        blocks.chart(view.flow, view.flow_answer, key="sales_flow")
    with right, blocks.guard("sales.countries"):
        blocks.section(_("Where do we sell?"), view.countries_answer)
        if view.countries is None:
            blocks.empty_line("filters", _("No country is known."), _("Orders carry no destination."))
        else:
            for _series, point in blocks.chart(
                view.countries, view.countries_answer, key="sales_countries", clickable=True
            ):
                links.go("orders", view="all", country=view.country_codes[point])
    with blocks.guard("sales.products"):
        sales_products.render(view.products)


def open_bucket(view: SalesView, series: int, point: int, chosen: Filters) -> None:
    """Leave for the orders behind one bar: its days, its channel."""
    first = view.buckets[point]
    bucket = grain(chosen.days)
    last = sales_parts.last_day(bucket, first, chosen.until - timedelta(days=1))
    first = max(first, chosen.since)
    query = f"placed = {first}" if first == last else f"placed BETWEEN {first} AND {last}"
    links.go("orders", view="all", q=query, channel=view.channel_codes[series])


def sheet(facts: Facts, chosen: Filters, place: Place) -> exports.Sheet:
    """Return the export: the registry's answer over time, by channel."""
    bucket = grain(chosen.days)
    frame = facts.bars.select(
        pl.col(bucket),
        pl.col("channel"),
        (pl.col("net_sales") / 100).round(2).alias(f"net_sales_{place.currency.lower()}"),
    )
    asked = {"Filter": chosen.where() or "none", "From": f"{chosen.since}", "Until (not included)": f"{chosen.until}"}
    fresh = {"Data as of": fmt.moment(data.refreshed_at(), place.zone)}
    return exports.Sheet("sales", frame, {"net_sales": metric("net_sales").help}, {**asked, **fresh})
