"""Why on hand is what it is: every movement with its document and the running balance; and stock as of an instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from app import blocks, data, desk, states, tables
from app import format as fmt
from app.i18n import DEFAULT, N_, _, language
from app.views.sku_search import sku_choice

if TYPE_CHECKING:
    from app.data import Place

#: Movements told, newest last.
MOST = 100
KINDS = {
    "received": N_("Received"), "shipped": N_("Shipped"), "allocated": N_("Promised"), "released": N_("Released"),
    "adjusted": N_("Corrected"), "returned": N_("Returned"), "transferred_out": N_("Sent to another place"),
    "transferred_in": N_("Came from another place"), "state_changed": N_("Changed state"),
    "reserved": N_("Reserved"), "opening": N_("Opening stock"),
}  # fmt: skip


def render(place: Place) -> None:
    """Draw the running balance of a product, at one place or at all."""
    from oms_core.inventory.history import why

    chosen = sku_choice(key="why")
    if chosen is None:
        st.caption(_("Find a product: every movement that made its stock is told, with its document."))
        return
    where = _place(key="why_place")
    told = desk.read(lambda s: why(s, chosen["id"], where, limit=MOST))
    if not told:
        blocks.empty_line("no_data", _("Nothing has moved yet"), chosen["sku"])
        return
    on_hand = told[-1]["on_hand"]
    blocks.section(
        _("Why is on hand {n}?").format(n=fmt.count(on_hand)),
        _("{available} of them are available; the newest movement is first").format(
            available=fmt.count(told[-1]["available"])
        ),
    )
    rows = [movement(one, place.zone) for one in reversed(told)]
    columns = {
        "at": tables.text(_("When"), 140),
        "kind": tables.text(_("What"), 170),
        "change": tables.text(_("Change"), 80),
        "on_hand": tables.count(_("On hand"), 80),
        "available": tables.count(_("Available"), 80),
        "document": tables.text(_("Document"), 200),
        "sentence": tables.text(_("In full")),
    }
    alt = _("Movements of {sku}, on hand {n}").format(sku=chosen["sku"], n=on_hand)
    blocks.table(pl.DataFrame(rows), columns, key="why_table", alt=alt)


def movement(one: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """Return one movement as a row; pure."""
    links = one["links"]
    named = links.items() if isinstance(links, Mapping) else [(x.get("kind"), x.get("number")) for x in links]
    return {
        "at": fmt.moment(one["at"], zone),
        "kind": _(KINDS.get(one["kind"], one["kind"].replace("_", " ").capitalize())),
        "change": f"{one['change']:+d}" if one["change"] else "",
        "on_hand": one["on_hand"],
        "available": one["available"],
        "document": ", ".join(str(number) for _kind, number in named if number),
        "sentence": one["sentence"] if language() == DEFAULT else _way(one),
    }


def _way(one: Mapping[str, Any]) -> str:
    """Return a movement's ends, its reason and who made it, for readers the core's sentence is foreign to."""
    ends = f"{one['quantity']}: {_end(one['from'])} → {_end(one['to'])}"
    return " · ".join(part for part in (ends, one["reason"], one["actor"]) if part)


def _end(named: str) -> str:
    """Return a place and a state, the state in the reader's language."""
    place, _space, state = str(named).rpartition(" ")
    word = states.word(state).lower() if state in states.WORDS else str(state).replace("_", " ")
    return f"{place} ({word})" if place else word


def _place(*, key: str) -> int | None:
    places = dict(data.locations().select("location_id", "name").iter_rows())
    wanted = st.selectbox(_("Where"), [0, *places], format_func=lambda code: places.get(code, _("All places")), key=key)
    return int(wanted) or None


def render_as_of(place: Place) -> None:
    """Draw the levels as they were at the end of a day."""
    from oms_core.inventory.history import stock_as_of

    day = st.date_input(
        _("End of the day"), value=place.today, max_value=place.today, format="DD.MM.YYYY", key="as_of", width=220
    )
    where = _place(key="as_of_place")
    if not day:
        return
    at = datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(place.zone))
    places = [where] if where else []
    found = desk.read(lambda s: stock_as_of(s, at, location_ids=places))
    held = [row for row in found if row["on_hand"]]
    if not held:
        blocks.empty_line("no_data", _("Nothing was on hand"), fmt.day(day, year=True))
        return
    st.caption(
        _("{units} units of {n} products on {day}").format(
            units=fmt.count(sum(row["on_hand"] for row in held)),
            n=fmt.count(len({row["sku"] for row in held})),
            day=fmt.day(day, year=True),
        )
    )
    columns = {
        "sku": tables.text(_("SKU"), 120),
        "location": tables.text(_("Warehouse"), 160),
        "on_hand": tables.count(_("On hand"), 90),
        "available": tables.count(_("Available"), 90),
        "committed": tables.count(_("Promised"), 90),
        "reserved": tables.count(_("Reserved"), 90),
        "safety_stock": tables.count(_("Safety stock"), 110),
        "quality_control": tables.count(_("Quality control"), 120),
        "damaged": tables.count(_("Damaged")),
    }
    blocks.table(pl.DataFrame(held), columns, key="as_of_table", alt=_("Stock at the end of the day"))
