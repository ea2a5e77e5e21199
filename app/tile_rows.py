"""Rows of KPI tiles: the number, how it moved, and a link to the rows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import links
from app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.tiles import Behind, Tile


def kpi_row(tiles: Sequence[Tile], *, columns: int | None = None) -> None:
    """Draw a row of tiles; at a phone's width they wrap."""
    with st.grid(columns or len(tiles), gap="small", min_column_width=150):
        for tile in tiles:
            if tile.behind is None:
                _number(tile, border=True)
                continue
            with st.container(border=True, gap=None, height="stretch"):
                _number(tile, border=False)
                _behind(tile.behind, tile.label)


def _number(tile: Tile, *, border: bool) -> None:
    st.metric(
        tile.label,
        tile.value,
        tile.delta or None,
        delta_color=tile.colour,
        delta_arrow=tile.arrow,
        delta_description=tile.note or None,
        help=tile.help or None,
        chart_data=list(tile.trend) or None,
        border=border,
        height="stretch",
    )


def _behind(behind: Behind, label: str) -> None:
    """Draw the way to the rows behind a number: a link, so the keyboard and a new tab reach it too."""
    st.page_link(
        f"app_pages/{behind.page}.py",
        label=f":small[{behind.words}]",
        icon=":material/chevron_right:",
        icon_position="right",
        help=_("{number}: the rows behind it").format(number=label),
        query_params=links.query(behind.query),
    )
