"""What stock was worth at the end of a day, of which deliveries it is made, and what the goods of an order cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, books, data, desk, links, tables
from app import format as fmt
from app.exports import Sheet
from app.i18n import N_, _, ngettext
from app.tiles import Tile
from app.views.finance_words import plain
from oms_core.kernel.money import exponent, to_decimal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

KEY = "worth"
METHODS = {"fifo": N_("First in, first out"), "average": N_("Moving average")}
#: Where units came from when it was no receipt.
SOURCES = {
    "given back": N_("goods given back"), "found": N_("units found"),
    "stock without a known cost": N_("stock without a known cost"), "moving average": N_("the moving average"),
    "opening cost": N_("the opening stock"), "catalogue cost (estimate)": N_("the catalogue's cost, an estimate"),
}  # fmt: skip
_SCHEMA: dict[str, Any] = {
    "sku": pl.String, "title": pl.String, "units": pl.Int64, "value": pl.Int64, "unit": pl.String,
    "sources": pl.Int64, "unknown": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StockValue:
    """Tiles and rows of a day's stock, the most valuable first."""

    tiles: tuple[Tile, ...]
    rows: pl.DataFrame
    skus: tuple[str, ...]


def build(found: Sequence[Mapping[str, Any]], *, currency: str, day: date, text: str = "") -> StockValue:
    """Turn stock with its layers into tiles (of everything) and rows (of what the search leaves); pure."""
    words = text.strip().lower()
    shown = sorted(
        (row for row in found if words in f"{row['sku']} {row['title']}".lower()),
        key=lambda row: (-row["value_minor"], row["sku"]),
    )
    return StockValue(
        tiles=_tiles(found, currency, day),
        rows=pl.DataFrame([_row(row) for row in shown], schema=_SCHEMA),
        skus=tuple(row["sku"] for row in shown),
    )


def _tiles(found: Sequence[Mapping[str, Any]], currency: str, day: date) -> tuple[Tile, ...]:
    units = sum(row["units"] for row in found)
    unknown = sum(row["unknown_units"] for row in found)
    waiting = sum(row["waiting_units"] for row in found)
    return (
        Tile(
            _("Stock value"), fmt.money_tile(sum(row["value_minor"] for row in found), currency),
            _("on {day}").format(day=fmt.day(day, year=True)),
        ),
        Tile(
            _("Units"), fmt.count_tile(units),
            ngettext("{n} product", "{n} products", len(found)).format(n=fmt.count(len(found))),
        ),
        Tile(
            _("Without a known cost"), fmt.count_tile(unknown), _("units, worth nothing here"),
            "orange" if unknown else "gray",
        ),
        Tile(
            _("Sold before they came"), fmt.count_tile(waiting), _("units that wait for a cost"),
            "orange" if waiting else "gray",
        ),
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sku": row["sku"], "title": fmt.product(row["title"]), "units": row["units"], "value": row["value_minor"],
        "unit": unit_cost(row["value_minor"], row["units"], row["currency"]), "sources": len(row["layers"]),
        "unknown": row["unknown_units"] or None,
    }  # fmt: skip


def unit_cost(minor: int, units: int, currency: str) -> str:
    """Return the cost of one unit as text, with two digits more than the currency where it does not come out even."""
    if not units:
        return ""
    value = to_decimal(minor, currency) / units
    digits = exponent(currency)
    even = value == value.quantize(Decimal(1).scaleb(-digits))
    return fmt.number(float(value), digits if even else digits + 2)


def sentence(layer: Mapping[str, Any], currency: str) -> str:
    """Say where a layer's units came from: ``5 units came from GR-1001 at 3.40 GBP each, 17.00 GBP``; pure."""
    source = _(SOURCES.get(layer["label"], layer["label"]))
    facts = {"n": fmt.count(layer["units"]), "source": source}
    if not layer["is_known"]:
        words = ngettext(
            "{n} unit came from {source}, its cost is not known",
            "{n} units came from {source}, their cost is not known", layer["units"],
        )  # fmt: skip
        return words.format(**facts)
    words = ngettext(
        "{n} unit came from {source} at {cost} {currency}, {money}",
        "{n} units came from {source} at {cost} {currency} each, {money} in all", layer["units"],
    )  # fmt: skip
    cost = unit_cost(layer["cost_minor"], layer["units"], currency)
    return words.format(cost=cost, currency=currency, money=fmt.money(layer["cost_minor"], currency), **facts)


def render(place: Place) -> Sheet | None:
    """Draw day and method, the value, its rows, and the layers of the one that is open."""
    day, method, text = _choices(place)
    with st.spinner(_("Reckoning what stock is worth")):
        found = books.stock_value(day, method)
    if not found:
        blocks.empty_line("no_data", _("Nothing was in stock"), fmt.day(day, year=True))
        return None
    view = build(found, currency=place.currency, day=day, text=text)
    blocks.section(_("What is stock worth, and why?"), _("A click shows the deliveries a product's units came from"))
    blocks.kpi_row(view.tiles)
    if view.rows.is_empty():
        note = _("{n} products have stock").format(n=fmt.count(len(found)))
        with blocks.empty("filters", _("No product matches"), _("The search leaves nothing."), note=note):
            st.button(_("Show everything"), type="primary", key="worth_reset", on_click=_reset)
    else:
        _table(view, place.currency)
    with blocks.guard("goods_cost"):
        _goods_of_order()
    opened = next((row for row in found if row["sku"] == links.detail(KEY)), None)
    if opened:
        _show(opened)
    money = tables.major(pl.col("value"), place.currency).alias(f"value_{place.currency}")
    return Sheet(
        name=f"stock_value_{day}_{method}", frame=view.rows.with_columns(money).drop("value", "unit"),
        facts={"Day": day.isoformat(), "Method": method},
    )  # fmt: skip


def _choices(place: Place) -> tuple[date, str, str]:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        day = st.date_input(
            _("End of the day"), value=place.today, max_value=place.today, format="DD.MM.YYYY", key="worth_day",
            width=160,
        )  # fmt: skip
        with address.bound("worth_method", "fifo", METHODS):
            method = st.segmented_control(
                _("Method"), list(METHODS), required=True, key="worth_method",
                format_func=lambda name: _(METHODS[name]),
            )  # fmt: skip
        text = st.text_input(_("SKU or name"), key="worth_q", type="search", bind="query-params", width=240)
    return day if isinstance(day, date) else place.today, str(method or "fifo"), text or ""


def _reset() -> None:
    st.session_state["worth_q"] = ""


def _table(view: StockValue, currency: str) -> None:
    columns = {
        "sku": tables.text(_("SKU"), 110),
        "title": tables.text(_("Product"), 320),
        "units": tables.count(_("Units"), 90),
        "unit": tables.words_right(_("Cost of one"), 110),
        "value": tables.money(_("Value"), currency, 130),
        "sources": tables.count(_("Deliveries"), 100),
        "unknown": tables.count(_("Without a cost")),
    }
    n = view.rows.height
    alt = ngettext("{n} product, the most valuable first", "{n} products, the most valuable first", n).format(n=n)
    shown = view.rows.with_columns(tables.major(pl.col("value"), currency).alias("value"))
    for position in blocks.table(shown, columns, key="worth_table", alt=alt, open_on_click=True):
        links.open_detail(KEY, view.skus[position])


def _show(row: Mapping[str, Any]) -> None:
    currency = row["currency"]

    @st.dialog(f"{row['sku']} {fmt.product(row['title'])}", position="right", width=620, on_dismiss=_closed)
    def drawer() -> None:
        words = ngettext("{n} unit is worth {money}", "{n} units are worth {money}", row["units"]).format(
            n=fmt.count(row["units"]), money=fmt.money(row["value_minor"], currency)
        )
        blocks.section(plain(words), small=True)
        for layer in row["layers"]:
            st.markdown(f"- {plain(sentence(layer, currency))}")
        if row["waiting_units"]:
            n = row["waiting_units"]
            waits = ngettext(
                "{n} unit left before any came and waits for a cost",
                "{n} units left before any came and wait for a cost", n,
            )  # fmt: skip
            st.caption(waits.format(n=fmt.count(n)))

    drawer()


def _closed() -> None:
    links.close_detail(KEY)


def _goods_of_order() -> None:
    """Ask for an order and say what its shipped goods cost, delivery by delivery."""
    blocks.section(_("What did the goods of an order cost?"))
    number = st.text_input(_("Order number"), key="worth_order", width=240)
    if not (number or "").strip():
        return
    method = str(address.read("worth_method", "fifo", METHODS))
    rows = desk.read(lambda session: _costs_of(session, str(number).strip().removeprefix("#"), method))
    if not rows:
        st.caption(_("Nothing of this order was shipped yet."))
    for row in rows:
        money = fmt.money(row["cost_minor"], row["currency"])
        st.markdown(f"**{row['sku']}** {plain(money)}")
        for part in row["parts"]:
            st.markdown(f"- {plain(sentence(part, row['currency']))}")


def _costs_of(session: Session, number: str, method: str) -> list[dict[str, Any]]:
    from oms_core.finance.cost_queries import order_costs
    from oms_core.orders.queries import order_named

    return order_costs(session, data.shop(), order_named(session, number).id, method=method)
