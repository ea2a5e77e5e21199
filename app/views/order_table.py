"""One page of the list of orders: its rows, its columns, what is selected, the way to the next page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, data, desk, links, sight, states, tables
from app import format as fmt
from app.i18n import _
from app.views import order_bulk, order_filters, order_reasons

#: Rows of a page.
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class OrdersView:
    """One page of the list and what stands above it."""

    rows: pl.DataFrame
    records: tuple[dict[str, Any], ...]
    summary: str
    found: int
    multi_currency: bool


def build(
    page: pl.DataFrame,
    *,
    found: int,
    summary: str,
    several: bool,
    now: datetime,
    zone: str,
    reasons: Mapping[int, str] | None = None,
) -> OrdersView:
    """Turn a page of orders into the table's rows; pure.

    Parameters
    ----------
    found, summary : int, str
        How many orders there are in all, and the line above the table.
    several : bool
        They are in several currencies.
    reasons : mapping of int to str, optional
        Why an order is in the queue that is shown, by order id; else its own facts say what holds it up.
    """
    why = reasons or {}
    return OrdersView(
        rows=pl.DataFrame([_row(r, now=now, zone=zone, why=why) for r in page.iter_rows(named=True)], schema=_SCHEMA),
        records=tuple(page.select("order_id", "number", "currency", "total_minor").iter_rows(named=True)),
        summary=summary,
        found=found,
        multi_currency=several,
    )


_SCHEMA: dict[str, Any] = {
    "number": pl.String, "customer": pl.String, "ship_to": pl.String, "channel": pl.String, "placed": pl.String,
    "late_by": pl.String, "fulfillment": pl.List(pl.String), "payment": pl.List(pl.String), "warehouse": pl.String,
    "units": pl.Int64, "total": pl.Float64, "why": pl.String, "delivery": pl.List(pl.String),
    "sent_back": pl.List(pl.String), "tags": pl.List(pl.String), "email": pl.String, "tracking": pl.String,
    "ship_by": pl.String, "external": pl.String,
}  # fmt: skip


def _row(row: Mapping[str, Any], *, now: datetime, zone: str, why: Mapping[int, str]) -> dict[str, Any]:
    late = row["is_late"] and row["ship_by_at"] is not None
    return {
        "number": desk.order_name(row["number"]),
        "customer": sight.told(row["customer"]) or _("Guest"),
        "ship_to": ", ".join(part for part in (row["city"], row["country"]) if part),
        "channel": _(row["channel_name"]),
        "placed": fmt.moment(row["placed_at"], zone),
        "late_by": fmt.age(now - row["ship_by_at"]) if late else "",
        "fulfillment": [states.word(row["state"] if row["state"] == "cancelled" else row["fulfillment_status"])],
        "payment": [states.word(row["payment_status"], "payment")],
        "warehouse": row["warehouse"] or "",
        "units": int(row["units"] or 0),
        "total": round(float(row["total"]), 2),
        "why": order_reasons.queued(why[row["order_id"]]) if row["order_id"] in why else order_reasons.why(row),
        "delivery": [states.word(row["delivery_status"])],
        "sent_back": [states.word(row["return_status"])],
        "tags": list(row["tags"]),
        "email": sight.told(row["email"], "email"),
        "tracking": row["tracking_number"] or "",
        "ship_by": fmt.moment(row["ship_by_at"], zone) if row["ship_by_at"] else "",
        "external": row["external_id"],
    }


def render(listed: OrdersView, after: Any) -> None:
    """Draw the page; a click on a cell opens its order, check boxes select for the bar of what is done to many.

    Parameters
    ----------
    after : tuple or None
        Where the next page begins; None on the last.
    """
    columns = {name: column for name, column in _columns(listed).items() if name in order_filters.columns()}
    columns = {name: columns[name] for name in order_filters.columns() if name in columns}
    nonce = st.session_state.get("orders_nonce", 0)
    if blocks.on_phone():
        st.space("small")
        columns = tables.at_phone_width(columns, ("customer", "number", "total"), room=tables.PHONE - tables.BOXES)
    event = st.dataframe(
        listed.rows.select(list(columns)),
        key=f"orders_table_{nonce}",
        hide_index=True,
        column_config=columns,
        row_height=32,
        height=_height(listed),
        alt=listed.summary.replace("*", ""),
        placeholder=tables.nothing(),
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": _kept(listed), "columns": [], "cells": []}},
    )
    st.session_state["orders_selected"] = [listed.records[n]["number"] for n in event["selection"]["rows"]]
    for position, _column in event["selection"]["cells"]:
        links.open_detail("order", listed.records[position]["number"])
        # the click is answered: a fresh table forgets it, else every rerun would open this row again
        st.session_state["orders_nonce"] = nonce + 1
    _pages(listed, after)
    order_bulk.bar([listed.records[n] for n in event["selection"]["rows"]], clear=_clear_selection)


def _kept(listed: OrdersView) -> list[int]:
    """Return the rows whose orders were selected before the table was drawn afresh."""
    selected = set(st.session_state.get("orders_selected", ()))
    return [n for n, record in enumerate(listed.records) if record["number"] in selected]


def _clear_selection() -> None:
    st.session_state["orders_selected"] = []
    st.session_state["orders_nonce"] = st.session_state.get("orders_nonce", 0) + 1


def _columns(listed: OrdersView) -> dict[str, Any]:
    currency = data.shop().currency
    return {
        "number": tables.text(_("Order"), 80),
        "customer": tables.text(_("Customer"), 124),
        "ship_to": tables.text(_("Ship to"), 108),
        "channel": tables.text(_("Channel"), 84),
        "placed": tables.text(_("Placed"), 124),
        "late_by": tables.text(_("Late by"), 76),
        "fulfillment": tables.badge(
            _("Fulfilment"), {**states.badge_colours("fulfillment"), states.word("cancelled"): "gray"}, 108
        ),
        "payment": tables.badge(_("Payment"), states.badge_colours("payment"), 100),
        "delivery": tables.badge(_("Delivery"), states.badge_colours("delivery"), 116),
        "sent_back": tables.badge(_("Return"), states.badge_colours("return"), 116),
        "warehouse": tables.text(_("Warehouse"), 92),
        "units": tables.count(_("Units"), 52),
        "total": tables.text(_("Total"), 88) if listed.multi_currency else tables.money(_("Total"), currency, 80),
        "tags": tables.badge(_("Tags"), dict.fromkeys(_tags(listed), "gray"), 150),
        "email": tables.text(_("E-mail"), 180),
        "tracking": tables.text(_("Tracking number"), 140),
        "ship_by": tables.text(_("Ship by"), 132),
        "external": tables.text(_("Channel's number"), 120),
        "why": tables.text(_("Stuck because"), 222),
    }


def _tags(listed: OrdersView) -> list[str]:
    return sorted({tag for tags in listed.rows["tags"].to_list() for tag in tags})


def _pages(listed: OrdersView, after: Any) -> None:
    """Draw the way to the next page and back; a page begins where the one before ended."""
    trail = st.session_state.get("orders_trail", [])
    if after is None and not trail:
        return
    first = len(trail) * PAGE_ROWS
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center", gap="xsmall"):
        st.button(
            _("Previous page"), icon=":material/chevron_left:", type="tertiary", key="orders_back",
            disabled=not trail, on_click=_turn, args=(None,),
        )  # fmt: skip
        said = _("{first} to {last} of {all}")
        last = first + listed.rows.height
        st.caption(
            said.format(first=fmt.count(first + 1), last=fmt.count(last), all=fmt.count(listed.found)), width="content"
        )
        st.button(
            _("Next page"), icon=":material/chevron_right:", type="tertiary", key="orders_next",
            disabled=after is None, on_click=_turn, args=(after,),
        )  # fmt: skip


def _turn(after: Any) -> None:
    trail: list[Any] = st.session_state.setdefault("orders_trail", [])
    if after is None:
        trail.pop()
    else:
        trail.append(after)
    _clear_selection()


def _height(listed: OrdersView) -> int:
    return (min(listed.rows.height, 20) + 1) * 32 + 2
