"""Finance: what customers owe, what suppliers are owed, invoices, credit and couriers' money, what stock is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app import address
from app.i18n import N_, _
from app.views import finance_bills, finance_invoices, finance_ledger, finance_money, finance_payouts, finance_stock

if TYPE_CHECKING:
    from app.data import Place
    from app.exports import Sheet

#: The page's sides: words, and what draws each and says what of it may leave the house.
VIEWS: dict[str, tuple[str, Callable[[Place], Sheet | None]]] = {
    "receivables": (N_("Receivables"), finance_ledger.receivables),
    "payables": (N_("Payables"), finance_bills.render),
    "invoices": (N_("Invoices"), finance_invoices.render),
    "credit": (N_("Credit and cash on delivery"), finance_money.render),
    "payouts": (N_("Payouts"), finance_payouts.render),
    "stock": (N_("Stock value"), finance_stock.render),
}


def render(place: Place) -> Sheet | None:
    """Draw the sides and the chosen one; return what the export holds."""
    with address.bound("finance_view", "receivables", VIEWS):
        picked = st.segmented_control(
            _("View"), list(VIEWS), required=True, key="finance_view", label_visibility="collapsed",
            format_func=lambda name: _(VIEWS[name][0]),
        )  # fmt: skip
    return VIEWS[str(picked or "receivables")][1](place)
