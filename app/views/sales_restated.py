"""What changed since: the orders that moved net sales since the evening the page is looked at from, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, data, links, patterns, tables
from app import format as fmt
from app.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

#: Why an order moved a number, as `analytics.restated` names it.
WHY = {
    "late_arrival": N_("came late"), "placed": N_("placed"), "edited": N_("edited"), "cancelled": N_("cancelled"),
    "returned": N_("returned"), "refunded": N_("refunded"), "paid": N_("paid"), "shipped": N_("shipped"),
    "delivered": N_("delivered"), "claimed": N_("claimed"), "changed": N_("changed"),
}  # fmt: skip
CLOCKS = {"net_sales_cohort": N_("Dated on the order"), "net_sales": N_("Dated on its own day")}
MOST = 100


def why(code: str) -> str:
    """Return a reason in words; several are joined by ``+``."""
    return ", ".join(_(WHY.get(part, part)) for part in code.split("+"))


def rows(found: list[dict[str, Any]], place: Place) -> pl.DataFrame:
    """Return what the table shows: order, reason, when, how much; pure."""
    listed = [
        {
            "order": row["order"] or _("no order"),
            "why": why(row["why"]),
            "at": fmt.moment(row["at"], place.zone) if row["at"] else "",
            "change": row["change"] / 100,
        }
        for row in found[:MOST]
    ]
    return pl.DataFrame(listed, schema={"order": pl.String, "why": pl.String, "at": pl.String, "change": pl.Float64})


def answer(found: list[dict[str, Any]], place: Place) -> str:
    """Return the sentence: how much the number moved, by how many orders, most of it why; pure."""
    if not found:
        return _("Nothing that happened since changes these days. Closed days stay closed.")
    whole = sum(row["change"] for row in found)
    by_reason: dict[str, int] = {}
    for row in found:
        by_reason[row["why"]] = by_reason.get(row["why"], 0) + row["change"]
    most = max(by_reason, key=lambda code: abs(by_reason[code]))
    orders = len({row["order"] for row in found})
    words = ngettext("{change} by {n} order; most of it {why}", "{change} by {n} orders; most of it {why}", orders)
    sign = "+" if whole > 0 else ""
    return words.format(change=sign + fmt.money_short(whole, place.currency), n=fmt.count(orders), why=why(most))


def render(chosen: Filters, place: Place) -> None:
    """Draw the section; nothing while the page is looked at from now."""
    before = chosen.known_at(place.zone)
    if before is None or chosen.known is None:
        return
    slug = address.read("sales_clock", "net_sales_cohort", CLOCKS)
    parts = [part for part in (chosen.where(), data.own_currency()) if part]
    found = patterns.restated((slug,), before, chosen.since, chosen.until, " AND ".join(parts) or None)
    said = answer(found, place)
    blocks.section(_("What changed since {day}?").format(day=fmt.day(chosen.known, year=True)), said)
    with address.bound("sales_clock", "net_sales_cohort", CLOCKS):
        st.segmented_control(
            _("Net sales"), list(CLOCKS), required=True, format_func=lambda c: _(CLOCKS[c]), key="sales_clock"
        )
    if not found:
        return
    columns = {
        "order": tables.text(_("Order"), 140), "why": tables.text(_("Why"), 260), "at": tables.text(_("When"), 180),
        "change": tables.money(_("Change"), place.currency, 130),
    }  # fmt: skip
    for position in blocks.table(rows(found, place), columns, key="sales_restated", alt=said, open_on_click=True):
        if found[position]["order"]:
            links.go("orders", view="all", order=found[position]["order"])
