"""A list of products being put together: found by SKU or words, each with units, taken out again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import format as fmt
from app.i18n import _
from app.views.sku_search import sku_choice


def draw(*, key: str, currency: str = "") -> list[dict[str, Any]]:
    """Draw the basket kept under `key` and a search to add to it; return its rows.

    Parameters
    ----------
    currency : str
        Ask for a price in this currency too; without one the basket holds units alone.
    """
    rows: list[dict[str, Any]] = st.session_state.setdefault(f"{key}_rows", [])
    for n, row in enumerate(rows):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            said = f"{row['units']} × {fmt.product(row['title'])} :gray[{row['sku']}]"
            if currency:
                said += " · " + fmt.money(row["units"] * row["price_minor"], currency).replace("$", "\\$")
            st.markdown(said, width="stretch")
            st.button(
                _("Take out"), icon=":material/close:", type="tertiary", key=f"{key}_out_{n}",
                on_click=_take_out, args=(rows, n),
            )  # fmt: skip
    _add(rows, key=key, currency=currency)
    return rows


def _take_out(rows: list[dict[str, Any]], n: int) -> None:
    del rows[n]


def clear(*, key: str) -> None:
    """Empty the basket."""
    st.session_state[f"{key}_rows"] = []


def _add(rows: list[dict[str, Any]], *, key: str, currency: str) -> None:
    from app.views.order_money import amount

    chosen = sku_choice(key=f"{key}_find", label=_("Add a product by SKU or name"))
    if chosen is None:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        units = int(st.number_input(_("Units"), min_value=1, value=1, step=1, key=f"{key}_units", width=120))
        price = chosen["price_minor"]
        if currency:
            usual = price if chosen["currency"] == currency else 0
            price = amount(_("Price"), usual, currency, key=f"{key}_price_{chosen['sku']}")
        new = {**chosen, "units": units, "price_minor": price}
        st.button(_("Add"), icon=":material/add:", key=f"{key}_add", on_click=_put, args=(rows, new, key))


def _put(rows: list[dict[str, Any]], new: dict[str, Any], key: str) -> None:
    """Put a product into the basket; one that is there gets the units on top (callback of a button)."""
    same = next((r for r in rows if r["sku"] == new["sku"] and r["price_minor"] == new["price_minor"]), None)
    if same is None:
        rows.append(new)
    else:
        same["units"] += new["units"]
    st.session_state[f"{key}_find_text"] = ""
