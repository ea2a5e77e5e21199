"""The sum at the foot of the grid and its one action: draft the purchase orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import acting, actions, data, links
from app import format as fmt
from app.i18n import _, ngettext
from app.jobs import replenishment as job

if TYPE_CHECKING:
    from app.data import Place

EDITS = "replenishment_edits"


def foot(lines: pl.DataFrame, shown: pl.DataFrame, *, view: str, place: Place) -> None:
    """Draw the sum of what is on the grid, the reset, and the action for exactly these lines."""
    del lines, view
    wanted = shown.filter(pl.col("order_qty") > 0)
    value = int(wanted.select((pl.col("order_qty") * pl.col("unit_cost_minor")).sum()).item() or 0)
    suppliers = wanted["supplier"].n_unique()
    changed = wanted.filter(pl.col("order_qty") != pl.col("suggested_qty")).height
    text = ngettext("**{n} line, {money}**", "**{n} lines, {money}**", wanted.height).format(
        n=fmt.count(wanted.height), money=fmt.money(value, place.currency)
    )
    from_suppliers = ngettext("{n} supplier", "{n} suppliers", suppliers).format(n=fmt.count(suppliers))
    own = ngettext("{n} changed by you", "{n} changed by you", changed).format(n=changed) if changed else ""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(" · ".join(part for part in (text, from_suppliers, own) if part).replace("$", "\\$"))
        where = _where()
        st.button(
            _("Reset to suggestions"), type="tertiary", disabled=not st.session_state.get(EDITS), on_click=_reset,
            key="replenishment_reset",
        )  # fmt: skip
        label = ngettext("Create {n} draft purchase order", "Create {n} draft purchase orders", suppliers)
        if st.button(
            label.format(n=fmt.count(suppliers)), type="primary", icon=":material/assignment_add:",
            disabled=wanted.is_empty() or where is None, key="replenishment_create",
            help=None if not wanted.is_empty() else _("No line on this view has a quantity."),
        ):  # fmt: skip
            _create(wanted, int(where or 0))


def _where() -> int | None:
    places = {row["location_id"]: row["name"] for row in data.locations().iter_rows(named=True)}
    picked: int | None = st.selectbox(
        _("Deliver to"), list(places), format_func=places.__getitem__, key="replenishment_location",
        label_visibility="collapsed", width=160,
    )  # fmt: skip
    return picked


def _reset() -> None:
    st.session_state.pop(EDITS, None)
    st.session_state["replenishment_nonce"] = st.session_state.get("replenishment_nonce", 0) + 1


def _create(wanted: pl.DataFrame, location_id: int) -> None:
    def command(session: Any) -> list[str]:
        rows = list(wanted.iter_rows(named=True))
        drafts = job.create_purchase_orders(session, rows, location_id=location_id, actor=acting.name())
        return [draft.number for draft in drafts]

    n = wanted["supplier"].n_unique()
    done = ngettext("{n} draft is ready to send", "{n} drafts are ready to send", n).format(n=fmt.count(n))
    made = actions.run(command, done=done)
    if made:
        _reset()
        own: dict[str, str] = {"po": made[0]} if len(made) == 1 else {"po_view": "draft"}
        links.go("purchase_orders", **own)
