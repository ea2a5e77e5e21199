"""Ready reports: sold out, overstock, suppliers, carriers, kinds of demand; each a table that can leave as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics import standing
from app import address, blocks, data, exports, filters, links, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import SMALLEST_BASE
from app.views.finance_words import plain
from oms_core.kernel.money import exponent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.data import Place

#: Codes of reports in words.
WORDS = {
    "dead": N_("Dead"), "excess": N_("Excess"), "smooth": N_("Smooth"), "erratic": N_("Erratic"),
    "intermittent": N_("Intermittent"), "lumpy": N_("Lumpy"), "rising": N_("Rising"), "falling": N_("Falling"),
    "new": N_("New"), "single": N_("Sold in one week"), "ended": N_("Nothing sold any more"),
}  # fmt: skip
_WIDTHS = {"sku": 76, "title": 170, "supplier": 124, "carrier": 116, "name": 150, "lane": 116, "kind": 76}
#: Left to the export, for the page is no wider than its numbers: the sentence above the table says both ends of a loss.
_ONLY_EXPORTED = (
    "category", "loss_day_low_minor", "lost_low_minor", "sold_units", "price_minor", "marked_price_minor",
    "price_variance", "purchase_orders", "units_received", "supplier_units_due", "billed",
)  # fmt: skip
#: Pixels of a letter of a column's head, and of the room beside them.
_LETTER, _ROOM = 5.8, 20


def render(place: Place) -> exports.Sheet | None:
    """Draw the choice and the chosen report; return what may leave the house."""
    known = {report.slug: report for report in standing.REPORTS}
    with address.bound("report", standing.REPORTS[0].slug, known):
        picked = st.segmented_control(
            _("Report"), list(known), required=True, key="report", label_visibility="collapsed",
            format_func=lambda name: _(known[name].label),
        )  # fmt: skip
    wanted = known[str(picked or standing.REPORTS[0].slug)]
    chosen = None if wanted.is_list else filters.chips(place, "period")
    rows = load(wanted, chosen)
    blocks.section(_(wanted.question), plain(answer(rows, wanted)))
    if rows.is_empty():
        blocks.empty_line("done", _("Nothing is on this list"), _(wanted.says))
        return None
    frame, columns = build(rows, wanted)
    alt = ngettext("{n} row", "{n} rows", rows.height).format(n=fmt.count(rows.height))
    opens = wanted.is_list
    for position in blocks.table(
        frame, columns, key=f"report_{wanted.slug}", alt=alt, open_on_click=opens, phone=first_seen(wanted, columns)
    ):
        links.go("stock", sku=str(rows["sku"][position]))
    st.caption(_(wanted.says))
    return sheet(rows, wanted, place)


def first_seen(wanted: standing.Report, columns: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns a phone shows first: what a row is about, and its first two numbers."""
    kinds = {column.name: column.kind for column in standing.columns(wanted) if column.name in columns}
    words = [name for name, kind in kinds.items() if kind in {"text", "code"} and name != "sku"]
    numbers = [name for name, kind in kinds.items() if kind not in {"text", "code", "day"}]
    return (*words[:1], *numbers[:2])


def load(wanted: standing.Report, chosen: filters.Filters | None) -> pl.DataFrame:
    """Ask for a report, over the reader's period where it has one."""
    span = (chosen.since, chosen.until) if chosen else (None, None)
    found: pl.DataFrame = _report(data.watermark(), data.place().today, wanted.slug, span)
    return found


@data.remembered(20)
def _report(mark: str, today: date, slug: str, span: tuple[date | None, date | None]) -> pl.DataFrame:
    del mark, today
    return standing.answer(
        data.floor().replica, data.shop(), standing.report(slug), since=span[0], until=span[1]
    )  # fmt: skip


def answer(rows: pl.DataFrame, wanted: standing.Report) -> str:
    """Return the report's sum in one line; in the currency most rows are in."""
    if rows.is_empty():
        return ""
    currency = rows["currency"].mode().sort()[0] if "currency" in rows.columns else ""
    own = rows.filter(pl.col("currency") == currency) if currency else rows
    counted = ngettext("{n} row", "{n} rows", rows.height).format(n=fmt.count(rows.height))

    def total(name: str, among: pl.DataFrame = own) -> str:
        return fmt.money_round(int(among[name].sum() or 0), currency)

    if wanted.slug == "sold_out":
        words = _("{n} products; a day costs {low} to {high} of sales, so far {lost_low} to {lost_high}")
        return words.format(
            n=fmt.count(rows.height), low=total("loss_day_low_minor"), high=total("loss_day_high_minor"),
            lost_low=total("lost_low_minor"), lost_high=total("lost_high_minor"),
        )  # fmt: skip
    if wanted.slug == "overstock":
        dead = own.filter(pl.col("kind") == "dead")
        words = _("{dead} of dead and {excess} of excess stock at cost; the hints would bring {cash}")
        return words.format(
            dead=total("surplus_minor", dead), excess=total("surplus_minor", own.filter(pl.col("kind") == "excess")),
            cash=total("cash_minor"),
        )  # fmt: skip
    return _finding(rows, wanted.slug) or counted


def _finding(rows: pl.DataFrame, slug: str) -> str:
    """Return what stands out in a report over a period: who is late, where, what sells; empty when nothing does."""
    if slug == "demand":
        sold = rows.filter(pl.col("net_sales") > 0).sort("net_sales", descending=True)
        if sold.is_empty():
            return ""
        first, whole = sold.row(0, named=True), int(sold["net_sales"].sum())
        words = _("{kind} {classes} bring most: {share} of net sales")
        kind = _(WORDS.get(str(first["demand"]), str(first["demand"] or "")))
        classes = f"{first['abc'] or ''}{first['xyz'] or ''}"
        return words.format(kind=kind, classes=classes, share=fmt.percent(first["net_sales"] / whole))
    rate = {"suppliers": "supplier_otif", "delivery": "on_time_rate"}[slug]
    judged = rows.filter(pl.col(rate).is_not_null()).sort(rate)
    if slug == "delivery":  # a late parcel of two says nothing
        judged = judged.filter(pl.col("shipments") >= SMALLEST_BASE)
    if judged.is_empty():
        return ""
    worst = judged.row(0, named=True)
    if slug == "suppliers":
        words = _("{name} keeps it least: {share} on time and in full, against {best} of {first}")
        best = judged.row(-1, named=True)
        return words.format(
            name=worst["name"], share=fmt.percent(worst[rate]), best=fmt.percent(best[rate]), first=best["name"]
        )
    words = _("{name} is least on time, on {lane}: {share} of {n} parcels")
    n = fmt.count(worst["shipments"] or 0)
    return words.format(name=worst["carrier"], lane=worst["lane"], share=fmt.percent(worst[rate]), n=n)


def build(rows: pl.DataFrame, wanted: standing.Report) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Turn a report's rows into the table's, with one configuration a column; pure."""
    codes = rows["currency"].unique().sort().to_list() if "currency" in rows.columns else []
    one = codes[0] if len(codes) == 1 else ""
    columns: dict[str, Any] = {}
    shown = []
    for column in standing.columns(wanted):
        if column.name in _ONLY_EXPORTED or (column.name == "supplier" and "name" in rows.columns):
            continue
        shown.append(_cell(column).alias(column.name))
        columns[column.name] = _configured(column, one)
    if codes and not one:
        shown.append(pl.col("currency"))
        columns["currency"] = tables.text(_("Currency"), 80)
    return rows.select(shown), columns


def _cell(column: standing.Column) -> pl.Expr:
    """Return a column as it is displayed: money as major units, shares as percent, codes as words."""
    value = pl.col(column.name)
    if column.kind == "money":
        return _major(value)
    if column.kind == "ratio":
        return (value * 100).round(1)
    if column.kind == "code":
        return value.replace_strict({code: _(word) for code, word in WORDS.items()}, default=value)
    if column.name == "title":
        return tables.product(value)
    return value.round(1) if column.kind in {"days", "hours", "number"} else value


def _major(value: pl.Expr) -> pl.Expr:
    """Return minor units as decimals of each row's own currency, for display only."""
    digits = pl.col("currency").map_elements(lambda code: 10 ** exponent(code), return_dtype=pl.Int64)
    return (value / digits).round(2)


def _configured(column: standing.Column, currency: str) -> Any:
    label = _(column.label)
    if column.kind == "money":
        if currency:
            return tables.money(label, currency, _wide(f"{label}, {currency}"))
        return st.column_config.NumberColumn(label, width=_wide(label), format="localized", step=0.01)
    if column.kind == "day":
        return tables.day(label, max(96, _wide(label)))
    if column.kind == "ratio":
        return st.column_config.NumberColumn(f"{label}, %", width=_wide(f"{label}, %"), format="localized", step=0.1)
    if column.kind in {"text", "code"}:
        return tables.text(label, _WIDTHS.get(column.name, 110))
    kind = tables.count if column.kind in {"count", "quantity"} else tables.number
    return kind(label, _wide(label))


def _wide(head: str) -> int:
    """Return the pixels a column needs for its whole head."""
    return max(72, round(_ROOM + _LETTER * len(head)))


def sheet(rows: pl.DataFrame, wanted: standing.Report, place: Place) -> exports.Sheet:
    """Return the export: every column under its stable name, money as decimals beside its currency."""
    named = standing.columns(wanted)
    money = [column.name for column in named if column.kind == "money"]
    frame = rows.select(
        [
            _major(pl.col(c.name)).alias(c.name.removesuffix("_minor")) if c.name in money else pl.col(c.name)
            for c in named
        ]
        + (["currency"] if "currency" in rows.columns else [])
    )
    fresh = {"Data as of": fmt.moment(data.refreshed_at(), place.zone)}
    return exports.Sheet(f"report_{wanted.slug}", frame, {wanted.slug: wanted.says}, fresh)
