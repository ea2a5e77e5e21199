"""Rows of KPI tiles: the number, how it moved, and a link to the rows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import links
from app.device import on_phone
from app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.tiles import Behind, Tile

#: Pixels of a number, and of one with its sparkline. The browser loads the script that draws them late: without
#: their room kept, everything below would jump just as the reader clicks.
NUMBER, NUMBER_WITH_TREND = 80, 143
#: Characters that fit on one line of a tile at a phone's width: the change with its note, and a link with its arrow.
CHANGE_ON_PHONE, LINK_ON_PHONE = 18, 17


def kpi_row(tiles: Sequence[Tile], *, columns: int | None = None) -> None:
    """Draw a row of tiles; at a phone's width they wrap."""
    with st.grid(columns or len(tiles), gap="small", min_column_width=150):
        for tile in tiles:
            with st.container(border=True, gap=None, height="stretch"):
                _number(tile)
                if tile.behind is not None:
                    _behind(tile.behind, tile.label)


def _number(tile: Tile) -> None:
    note, told = tile.note, tile.help
    if note and len(tile.delta) + len(note) > CHANGE_ON_PHONE and on_phone():
        note, told = "", "\n\n".join(text for text in (tile.help, f"{tile.delta} {note}".strip()) if text)
    st.metric(
        tile.label,
        tile.value,
        tile.delta or None,
        delta_color=tile.colour,
        delta_arrow=tile.arrow,
        delta_description=note or None,
        help=told or None,
        chart_data=list(tile.trend) or None,
        height=NUMBER_WITH_TREND if tile.trend else NUMBER,
    )


def _behind(behind: Behind, label: str) -> None:
    """Draw the way to the rows behind a number: a link, so the keyboard, a new tab and Back know it.

    On the page it leads to, Streamlit draws a link as pressed; a button would not, but Back would not undo it.
    """
    words, told = f":small[{behind.words}]", _("{number}: the rows behind it").format(number=label)
    arrow = None if len(behind.words) > LINK_ON_PHONE and on_phone() else ":material/chevron_right:"
    st.page_link(
        f"app_pages/{behind.page}.py", label=words, icon=arrow, icon_position="right", help=told,
        query_params=links.query(behind.query),
    )  # fmt: skip
