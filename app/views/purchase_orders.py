"""Purchase orders: what is on its way, what is late, and one order with all that happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, data, exports, links, states, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import Behind, Tile
from app.views import purchase_order_detail
from oms_core.purchasing.states import INCOMING

if TYPE_CHECKING:
    from app.data import Place

#: Views of the list: their words and the states they hold; `late` also asks the day.
VIEWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "open": (N_("Open"), ("draft", "pending_approval", "approved", *INCOMING)),
    "draft": (N_("To send"), ("draft", "pending_approval", "approved")),
    "unconfirmed": (N_("Not confirmed"), ("sent",)),
    "late": (N_("Late"), INCOMING),
    "all": (N_("All"), ()),
}
KEY = "po"
QUERIES = ("purchase_orders",)
EMPTY = {
    "open": N_("No open purchase orders"), "draft": N_("No drafts to send"),
    "unconfirmed": N_("Every supplier has confirmed"), "late": N_("No delivery is late"),
    "all": N_("No purchase orders yet"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PurchaseOrdersView:
    """The list and what stands above it."""

    rows: pl.DataFrame
    numbers: tuple[str, ...]
    tiles: Sequence[Tile]
    counts: Mapping[str, int]


def within(orders: pl.DataFrame, view: str, today: date) -> pl.DataFrame:
    """Return the orders of a view, most urgent first: late, then by the day they are due."""
    chosen = VIEWS[view][1]
    held = orders.filter(pl.col("state").is_in(chosen)) if chosen else orders
    late = pl.col("state").is_in(list(INCOMING)) & (pl.col("expected_on") < today)
    held = held.with_columns(late.fill_null(value=False).alias("is_late"))
    if view == "late":
        held = held.filter("is_late")
    if view == "all":
        return held.sort("number", descending=True)
    return held.sort(["is_late", "expected_on", "number"], descending=[True, False, True], nulls_last=True)


def build(orders: pl.DataFrame, view: str, place: Place) -> PurchaseOrdersView:
    """Turn purchase orders into rows and tiles; pure."""
    shown = within(orders, view, place.today)
    return PurchaseOrdersView(
        rows=_rows(shown, place),
        numbers=tuple(shown.get_column("number").to_list()),
        tiles=_tiles(orders, place),
        counts={name: within(orders, name, place.today).height for name in VIEWS},
    )


def _tiles(orders: pl.DataFrame, place: Place) -> tuple[Tile, ...]:
    coming = orders.filter(pl.col("state").is_in(list(INCOMING)))
    late, drafts = within(orders, "late", place.today), within(orders, "draft", place.today)
    soonest = coming.filter(pl.col("expected_on") >= place.today).get_column("expected_on").min()
    return (
        Tile(
            _("On its way"),
            fmt.money_tile(int(coming.get_column("to_come_minor").sum() or 0), place.currency),
            ngettext("{n} order", "{n} orders", coming.height).format(n=fmt.count(coming.height)),
            behind=Behind("purchase_orders", _("Open"), {"po_view": "open"}),
        ),
        Tile(
            _("Units to come"),
            fmt.count(int(coming.get_column("to_come_qty").sum() or 0)),
            _("next {day}").format(day=fmt.day(soonest)) if isinstance(soonest, date) else _("no day known"),
            behind=Behind("purchase_orders", _("Open"), {"po_view": "open"}),
        ),
        Tile(
            _("Late"),
            fmt.count(late.height),
            fmt.money_round(int(late.get_column("to_come_minor").sum() or 0), place.currency),
            "orange" if late.height else "gray",
            behind=Behind("purchase_orders", _("Late"), {"po_view": "late"}),
        ),
        Tile(
            _("Drafts to send"),
            fmt.count(drafts.height),
            fmt.money_round(int(drafts.get_column("total_minor").sum() or 0), place.currency),
            behind=Behind("purchase_orders", _("To send"), {"po_view": "draft"}),
        ),
    )


def _rows(shown: pl.DataFrame, place: Place) -> pl.DataFrame:
    late_by = (pl.lit(place.today) - pl.col("expected_on")).dt.total_days()
    return shown.select(
        "number",
        "supplier",
        tables.badges(pl.col("state"), states.words("purchase_order")).alias("state"),
        "location",
        pl.col("created_at").dt.convert_time_zone(place.zone).dt.date().alias("created_on"),
        "expected_on",
        pl.when("is_late").then(late_by).otherwise(None).alias("late_days"),
        "lines",
        "ordered_qty",
        tables.share(pl.col("received_qty"), pl.col("ordered_qty")).alias("arrived"),
        tables.major(pl.col("total_minor"), place.currency).alias("total"),
    )


def columns(currency: str, *, phone: bool = False) -> dict[str, Any]:
    """Return the columns of the list; on a phone first those that fit its width."""
    whole = {
        "number": tables.text(_("Order"), 92),
        "supplier": tables.text(_("Supplier"), 220),
        "state": tables.badge(_("State"), states.badge_colours("purchase_order"), 140),
        "location": tables.text(_("To"), 120),
        "created_on": tables.day(_("Created")),
        "expected_on": tables.day(_("Due")),
        "late_days": tables.count(_("Late, days"), 88),
        "lines": tables.count(_("Lines"), 62),
        "ordered_qty": tables.count(_("Units"), 74),
        "arrived": tables.progress(_("Arrived")),
        "total": tables.money(_("Value"), currency, 112),
    }
    first = {
        "supplier": tables.text(_("Supplier"), 124),
        "state": whole["state"],
        "expected_on": tables.day(_("Due"), 92),
    }
    return {**first, **{name: column for name, column in whole.items() if name not in first}} if phone else whole


def render(place: Place) -> None:
    """Draw the list, or one order when the address names it."""
    number = links.detail(KEY)
    if number:
        purchase_order_detail.render(number, place)
        return
    orders = data.rows("purchase_orders")
    if orders.is_empty():
        with blocks.empty(
            "no_data", _(EMPTY["all"]), _("Replenishment suggests what to order and drafts the orders for you.")
        ):
            st.button(
                _("See suggestions"), on_click=links.go, args=("replenishment",), type="primary", key="po_suggest"
            )
        return
    view = address.read("po_view", "open", VIEWS)
    listed = build(orders, view, place)
    blocks.kpi_row(listed.tiles)
    with address.bound("po_view", "open", VIEWS):
        st.segmented_control(
            _("View"), list(VIEWS), required=True, key="po_view", label_visibility="collapsed",
            format_func=lambda name: f"{_(VIEWS[name][0])} {fmt.count(listed.counts[name])}",
        )  # fmt: skip
    if listed.rows.is_empty():
        with blocks.empty(
            "done", _(EMPTY[view]), _("Last checked {time}").format(time=fmt.clock_time(place.now, place.zone))
        ):
            pass
        return
    alt = ngettext("{n} purchase order", "{n} purchase orders", listed.rows.height).format(n=listed.rows.height)
    for position in blocks.table(
        listed.rows, columns(place.currency, phone=blocks.on_phone()), key="po_table", alt=alt, open_on_click=True
    ):
        links.open_detail(KEY, listed.numbers[position])
        st.rerun()


def sheet(place: Place) -> exports.Sheet | None:
    """Return the list as it stands for export."""
    orders = data.rows("purchase_orders")
    if orders.is_empty() or links.detail(KEY):
        return None
    shown = within(orders, address.read("po_view", "open", VIEWS), place.today)
    money = [tables.major(pl.col(f"{c}_minor"), place.currency).alias(c) for c in ("total", "to_come")]
    return exports.Sheet(
        name="purchase_orders", frame=shown.with_columns(money).drop("total_minor", "to_come_minor"),
        facts={"Currency": place.currency},
    )  # fmt: skip
