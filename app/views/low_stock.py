"""Shelves that ran low: one line on Today and the board, the list behind it, and who has seen it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, actions, blocks, data, links, tables
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.inventory import low_stock

if TYPE_CHECKING:
    from app.data import Place

#: Rows of the list; the rest is counted.
MOST_ROWS = 100


def rows(notices: Sequence[Mapping[str, Any]], place: Place) -> pl.DataFrame:
    """Turn notices into rows; pure."""
    return pl.DataFrame(
        [
            {
                "sku": n["sku"], "title": fmt.product(n["title"]), "place": n["place"], "available": n["available"],
                "point": n["point"], "since": fmt.moment(n["crossed_at"], place.zone), "seen": n["seen_by"],
            }
            for n in notices
        ],
        schema={
            "sku": pl.String, "title": pl.String, "place": pl.String, "available": pl.Int64, "point": pl.Int64,
            "since": pl.String, "seen": pl.String,
        },
    )  # fmt: skip


def columns() -> dict[str, Any]:
    """Return the columns of the list."""
    return {
        "sku": tables.text(_("SKU"), 72),
        "title": tables.text(_("Product"), 200),
        "place": tables.text(_("Place"), 100),
        "available": tables.count(_("Available"), 80),
        "point": tables.count(_("Low below"), 84),
        "since": tables.text(_("Since"), 110),
        "seen": tables.text(_("Seen by"), 90),
    }


def strip(place: Place, *, live: bool = False) -> None:
    """Draw one line when shelves are low; nothing when none is.

    On Today the list opens over the page; a `live` page, which draws itself anew all the time, links there.
    """
    with data.floor().workspace.reading() as session:
        counts = low_stock.count_open(session)
    if not counts["low"]:
        return
    low, unseen = counts["low"], counts["unseen"]
    said = ngettext("{n} shelf is low", "{n} shelves are low", low).format(n=fmt.count(low))
    new = ngettext("{n} not seen yet", "{n} not seen yet", unseen).format(n=fmt.count(unseen)) if unseen else ""
    colour = "orange" if unseen else "gray"
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        tail = f" :small[:gray[{new}]]" if new else ""
        st.markdown(f":{colour}[:material/production_quantity_limits:] **{said}**{tail}", width="stretch")
        if live:
            st.page_link("app_pages/today.py", label=_("Today"), query_params=links.query())
        elif st.button(_("Show them"), key="low_stock_show", type="tertiary", icon=":material/list:"):
            _list(place)


def _list(place: Place) -> None:
    """Open the list with the button that says who has seen it."""

    @st.dialog(_("Which shelves are low?"), width="large")
    def drawer() -> None:
        with data.floor().workspace.reading() as session:
            found = low_stock.notices(session, limit=MOST_ROWS)
        st.caption(
            _("Told once a crossing, until the shelf is back at its point. The forecast sets the points at night.")
        )
        blocks.table(rows(found, place), columns(), key="low_stock_rows", alt=_("Shelves that are low"))
        unseen = [n["id"] for n in found if n["seen_at"] is None]
        if unseen and st.button(_("I have seen them"), icon=":material/visibility:", key="low_stock_seen"):
            who = acting.name()
            actions.run(lambda s: low_stock.acknowledge(s, unseen, actor=who), done=_("Noted who has seen them"))
            st.rerun()

    drawer()
