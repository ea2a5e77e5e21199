"""Stock moves: transfers between places, counts, changes of state, and why on hand is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import address
from app.i18n import N_, _
from app.views import stock_bins, stock_counts, stock_selling, stock_states, stock_transfers, stock_why

if TYPE_CHECKING:
    from app.data import Place

#: The page's sides: words and what draws each.
VIEWS = {
    "transfers": (N_("Transfers"), stock_transfers.render),
    "counts": (N_("Counts"), stock_counts.render),
    "bins": (N_("Bins"), stock_bins.render),
    "selling": (N_("Selling"), stock_selling.render),
    "states": (N_("Change of state"), stock_states.render),
    "why": (N_("Why is on hand so?"), stock_why.render),
    "as_of": (N_("Stock as of a day"), stock_why.render_as_of),
}


def render(place: Place) -> None:
    """Draw the sides and the chosen one."""
    with address.bound("moves_view", "transfers", VIEWS):
        picked = st.segmented_control(
            _("View"), list(VIEWS), required=True, key="moves_view", label_visibility="collapsed",
            format_func=lambda name: _(VIEWS[name][0]),
        )  # fmt: skip
    VIEWS[str(picked or "transfers")][1](place)
