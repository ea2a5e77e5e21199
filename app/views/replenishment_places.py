"""Transfer first, then buy: what to move between locations, and where what is ordered should go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import blocks, data
from app import format as fmt
from app.i18n import _


def told(advice: Mapping[str, Any] | None) -> tuple[list[str], str]:
    """Return a sentence for each transfer, and one for where the order goes; pure."""
    if advice is None:
        return [], ""
    moves = [
        _("Move {n} from {source} to {target}").format(
            n=fmt.count(move["quantity"]), source=move["from"], target=move["to"]
        )
        for move in advice["transfers"]
    ]  # fmt: skip
    sent = [f"{fmt.count(one['quantity'])} → {one['location']}" for one in advice["deliver"]]
    return moves, _("Deliver {places}").format(places=" · ".join(sent)) if sent else ""


def render(row: Mapping[str, Any]) -> None:
    """Draw the advice of a line that lies at several locations; nothing for others."""
    from app.jobs.transferring import advise

    needed = ("variant_id", "demand_protected", "reorder_point", "up_to", "order_qty")
    line = pl.DataFrame([{key: row[key] for key in needed}])
    moves, sent = told(advise(data.floor().workspace, line).get(row["variant_id"]))
    if not moves and not sent:
        return
    blocks.section(_("Transfer first, then buy"), small=True)
    for sentence in (*moves, sent):
        if sentence:
            st.markdown(f"- {sentence}")
