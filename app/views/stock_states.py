"""Change of state: units of a product at a place from one named state to another, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from app import actions, desk, states
from app.i18n import _, ngettext
from app.views.return_actions import do, location
from app.views.sku_search import sku_choice
from oms_core.inventory.states import STOCK_STATE

if TYPE_CHECKING:
    from app.data import Place


def render(place: Place) -> None:
    """Draw what a product has in each state, and the move."""
    from oms_core.inventory.commands import change_state
    from oms_core.inventory.queries import levels_of

    del place
    chosen = sku_choice(key="state")
    if chosen is None:
        st.caption(_("Find a product first: its states at every place are shown then."))
        return
    levels = desk.read(lambda s: levels_of(s, chosen["id"]))
    kinds = [kind for kind in STOCK_STATE.states if any(kind in row for row in levels)]
    names = [_("Warehouse"), _("On hand"), *(states.word(kind) for kind in kinds)]
    rows = [(row["location"], row["on_hand"], *(row[kind] for kind in kinds)) for row in levels]
    st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)
    with st.container(border=True, gap="xsmall"):
        where = location(key="state_place")
        left, right, last = st.columns(3)
        may = [kind for kind in STOCK_STATE.states if STOCK_STATE.moves[kind]]
        before = left.selectbox(_("From state"), may, format_func=states.word, key="state_from")
        after = right.selectbox(_("To state"), STOCK_STATE.moves[before], format_func=states.word, key="state_to")
        units = int(last.number_input(_("Units"), min_value=1, value=1, step=1, key="state_units"))
        reason = st.text_input(_("Reason"), key="state_reason", max_chars=120)
        do(
            ngettext("Move {n} unit", "Move {n} units", units).format(n=units),
            lambda s: change_state(
                s, variant_id=chosen["id"], location_id=where, quantity=units, from_state=before, to_state=after,
                reason=reason or "", zone=desk.zone(), actor=actions.ACTOR,
            ),
            _("{n} × {sku}: {state}").format(n=units, sku=chosen["sku"], state=states.word(after).lower()),
            key="state_move",
            disabled=not reason,
        )  # fmt: skip
