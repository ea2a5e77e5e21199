"""Money between the shop, its customers and couriers: uneven orders, cash on delivery, store credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import address, blocks
from app.i18n import N_, _
from app.views import finance_cod, finance_credit, finance_uneven

if TYPE_CHECKING:
    from app.data import Place

VIEWS = {
    "uneven": (N_("Paid too much or too little"), finance_uneven.render),
    "cod": (N_("Cash on delivery"), finance_cod.render),
    "store_credit": (N_("Store credit"), finance_credit.render),
}


def render(place: Place) -> None:
    """Draw the three sides and the chosen one."""
    with address.bound("credit_view", "uneven", VIEWS):
        picked = st.segmented_control(
            _("Money of orders"), list(VIEWS), required=True, key="credit_view", label_visibility="collapsed",
            format_func=lambda name: _(VIEWS[name][0]),
        )  # fmt: skip
    with blocks.guard("credit"):
        VIEWS[str(picked or "uneven")][1](place)
