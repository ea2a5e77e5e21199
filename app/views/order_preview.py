"""What a change would do, before it is done: money before and after, stock line by line, what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import format as fmt
from app.i18n import N_, _

MONEY = {
    "gross_minor": N_("Goods"), "discount_minor": N_("Discounts"), "shipping_minor": N_("Shipping"),
    "tax_minor": N_("Tax"), "other_minor": N_("Other"), "total_minor": N_("Total"),
}  # fmt: skip


def show_preview(seen: Mapping[str, Any]) -> None:
    """Draw a preview: money before and after, stock line by line, what to beware of."""
    currency = seen["currency"]
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        st.markdown(f"**{_('Money')}**")
        before, after = seen["money"]["before"], seen["money"]["after"]
        rows = [
            (_(words), _plain(before[name], currency), _plain(after[name], currency))
            for name, words in MONEY.items()
            if before.get(name) or after.get(name)
        ]
        rows += [
            (_("Due"), "", _plain(seen["due_minor"], currency)),
            (_("To give back"), "", _plain(seen["refundable_minor"], currency)),
        ]
        st.table(
            pl.DataFrame(rows, schema=[" ", _("Before"), _("After")], orient="row"), border="horizontal",
            hide_index=True,
        )  # fmt: skip
    with right:
        st.markdown(f"**{_('Stock')}**")
        lines = [(row["sku"], _units(row), _stock(row)) for row in seen["stock"]]
        if lines:
            names = [_("SKU"), _("Units"), _("What happens")]
            st.table(pl.DataFrame(lines, schema=names, orient="row"), border="horizontal", hide_index=True)
        else:
            st.caption(_("No stock moves."))
    for warning in seen["warnings"]:
        st.warning(str(warning).replace("$", "\\$"), icon=":material/warning:")


def _plain(minor: int, currency: str) -> str:
    return fmt.money(minor, currency).replace("$", "\\$")


def _units(row: Mapping[str, Any]) -> str:
    before, after = row["quantity_before"], row["quantity_after"]
    return fmt.count(after) if before == after else f"{fmt.count(before)} → {fmt.count(after)}"


def _stock(row: Mapping[str, Any]) -> str:
    said = []
    if row["shortage"]:
        said.append(f":red-badge[{_('{n} short').format(n=row['shortage'])}]")
    if row["to_allocate"] - row["shortage"] > 0:
        said.append(_("{n} promised").format(n=row["to_allocate"] - row["shortage"]))
    if row["to_release"]:
        said.append(_("{n} released").format(n=row["to_release"]))
    return ", ".join(said) or _("stays")
