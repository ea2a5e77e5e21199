"""Parts of the Sales page: time buckets, the channels' table, the flow from gross to total, countries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from analytics import periods
from app import blocks, charts, data, palette, tables
from app import format as fmt
from app.i18n import _

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place
    from app.filters import Filters

#: Countries drawn; the rest is one bar.
MOST_COUNTRIES = 8


def buckets(bucket: str, since: date, until: date) -> list[date]:
    """Return the first day of every bucket of a period."""
    return [first for first, _after in periods.buckets(bucket, periods.Period(since, until))]


def last_day(bucket: str, first: date, latest: date) -> date:
    """Return the last day of a bucket, cut at the period's end."""
    return min(periods.following(bucket, first) - timedelta(days=1), latest)


def time_ticks(times: Sequence[date], bucket: str, *, most: int = 7) -> tuple[list[date], list[str]]:
    """Return about that many evenly spaced ticks with their texts."""
    step = max(1, round(len(times) / most))
    shown = list(times[::step])
    return shown, [fmt.month(d) if bucket == "month" else fmt.day(d) for d in shown]


def channel_answer(channels: pl.DataFrame, place: Place, chosen: Filters) -> str:
    """Return which channel moved net sales most, against the whole change; or who sold most."""
    total = int(channels["net_sales"].sum())
    if channels.is_empty():
        return _("Nothing was sold in this period")
    if chosen.compare is None or not channels["net_sales_previous"].abs().sum():
        best = channels.sort("net_sales", descending=True).row(0, named=True)
        return _("{channel} sold {part} of {all}").format(
            channel=_name(best["channel"], place), part=_money(best["net_sales"], place), all=_money(total, place)
        )
    moved = channels.with_columns((pl.col("net_sales") - pl.col("net_sales_previous")).alias("moved"))
    change = int(moved["moved"].sum())
    most = moved.sort("moved", descending=change >= 0).row(0, named=True)
    more, less = _("{channel} brought {part} of the {all} increase"), _("{channel} lost {part} of the {all} decrease")
    return (more if change >= 0 else less).format(
        channel=_name(most["channel"], place),
        part=_money(abs(int(most["moved"])), place),
        all=_money(abs(change), place),
    )


def _name(code: str | None, place: Place) -> str:
    return place.channels.get(code or "", code or _("Unknown"))


def _money(minor: int, place: Place) -> str:
    return fmt.money_short(int(minor), place.currency)


def channel_lines(channels: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return the channels' table in registry order: net, change, orders, average, margin."""
    order = {code: n for n, code in enumerate(place.channels)}
    rows = [
        {
            "code": r["channel"],
            "name": _name(r["channel"], place),
            "net": int(r["net_sales"] or 0) / 100,
            "change": 100.0 * r["net_sales_change"] if r.get("net_sales_change") is not None else None,
            "orders": int(r["orders"] or 0),
            "aov": (r["aov"] or 0) / 100,
            "margin": 100.0 * r["gross_margin_rate"] if r["gross_margin_rate"] is not None else None,
        }
        for r in sorted(channels.iter_rows(named=True), key=lambda r: order.get(r["channel"], 99))
    ]
    kinds = {"net": pl.Float64, "change": pl.Float64, "orders": pl.Int64, "aov": pl.Float64, "margin": pl.Float64}
    return pl.DataFrame(rows, schema={"code": pl.String, "name": pl.String, **kinds})


def channel_table(lines: pl.DataFrame, currency: str) -> list[int]:
    """Draw the channels' table and return the clicked rows."""
    columns = {
        "name": tables.text(_("Channel"), 118),
        "net": tables.money(_("Net"), currency, 104),
        "change": tables.change(_("Change"), 66),
        "orders": tables.count(_("Orders"), 74),
        "margin": tables.progress(_("Margin"), 88),
    }
    return blocks.table(
        lines, columns, key="sales_channels", alt=_("Net sales by channel"), open_on_click=True,
        phone=("name", "net", "change"),
    )  # fmt: skip


def flow_figure(flow: pl.DataFrame, currency: str, *, narrow: bool = False) -> go.Figure:
    """Return the waterfall from gross sales to total sales; every step is a metric of the registry."""
    row = flow.row(0, named=True)
    names = [_("Gross"), _("Discounts"), _("Returns"), _("Shipping"), _("Tax"), _("Other"), _("Total")]
    values = [
        row["gross_sales"], -row["discounts"], -row["returns"], row["shipping"], row["taxes"], row["other_charges"],
        row["total_sales"],
    ]  # fmt: skip
    kept = [n for n, v in enumerate(values) if v or n in {0, 2, 6}]
    texts = [fmt.money_short(int(v), currency) for v in values]
    ticks = fmt.money_ticks(int(max(values)), currency)
    return charts.waterfall(
        [names[n] for n in kept], [values[n] for n in kept], [texts[n] for n in kept], ticks=ticks, lying=narrow
    )


def flow_answer(flow: pl.DataFrame, currency: str) -> str:
    """Return the sentence: how much of gross stays as net."""
    row = flow.row(0, named=True)
    kept = row["net_sales"] / row["gross_sales"] if row["gross_sales"] else 0
    return _("{share} of gross stays as net sales, {money}").format(
        share=fmt.percent(kept), money=fmt.money_short(int(row["net_sales"]), currency)
    )


def countries(frame: pl.DataFrame, currency: str) -> tuple[go.Figure | None, list[str], str]:
    """Return the countries' bars, their codes in order, and the sentence; None without any country."""
    known = frame.filter(pl.col("country").is_not_null() & (pl.col("net_sales") > 0)).sort(
        "net_sales", "country", descending=[True, False]
    )
    if known.is_empty():
        return None, [], ""
    total = int(known["net_sales"].sum())
    top = known.head(MOST_COUNTRIES)
    codes, values = top["country"].to_list(), top["net_sales"].to_list()
    texts = [f"{fmt.money_short(int(v), currency)}  {fmt.percent(v / total)}" for v in values]
    first = _("{country} brings {share} of net sales; {n} countries in all").format(
        country=data.country(codes[0]), share=fmt.percent(values[0] / total), n=fmt.count(known.height)
    )
    series = charts.Series(_("Net sales"), values, palette.OURS)
    figure = charts.ranking([data.country(c) for c in codes], series, texts=texts, height=charts.HEIGHT_CARD)
    return figure, codes, first
