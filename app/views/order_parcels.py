"""Where an order's units are: work by warehouse with what is open, parcels with what the carrier said, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, states
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.fulfilment.states import SHIPMENT

if TYPE_CHECKING:
    from app.dossier import Dossier

ACTOR = actions.ACTOR


def tab(order: Dossier, zone: str) -> None:
    """Draw work, parcels and promises."""
    if not (order.work or order.parcels or order.backorders):
        st.caption(_("Nothing is allocated yet: no warehouse has work for this order."))
    for work in order.work:
        _work(work, zone)
    for parcel in order.parcels:
        _parcel(parcel, zone)
    for wait in order.backorders:
        _waiting(wait)


def _work(work: Mapping[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{work['number']}, {work['place']}**", width="content")
            st.badge(states.word(work["state"]), color=states.colour("fulfillment_order", work["state"]))  # type: ignore[arg-type]
            if work["ship_by_at"] is not None and work["state"] not in {"closed", "cancelled"}:
                st.caption(_("ship by {moment}").format(moment=fmt.moment(work["ship_by_at"], zone)), width="content")
        rows = [
            (f"{fmt.product(unit['title'])} :gray[{unit['sku']}]", int(unit["open"]), int(unit["shipped_qty"]))
            for unit in work["units"]
        ]
        if rows:
            names = [_("Line"), _("Open"), _("Sent")]
            st.table(pl.DataFrame(rows, schema=names, orient="row"), border="horizontal", hide_index=True)


def _parcel(parcel: Mapping[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            named = " ".join(part for part in (parcel["carrier"], parcel["service"]) if part)
            st.markdown(f"**{_('Parcel {number}').format(number=parcel['number'])}, {named}**", width="content")
            st.badge(states.word(parcel["state"]), color=states.colour("shipment", parcel["state"]))  # type: ignore[arg-type]
        if parcel["tracking_number"]:
            st.code(parcel["tracking_number"], language=None)
        units = ", ".join(f"{line['quantity']} × {line['sku']}" for line in parcel["lines"])
        left = _("left {place} {moment}").format(
            place=parcel["location"], moment=fmt.moment(parcel["shipped_at"], zone)
        )
        st.caption(" · ".join(part for part in (units, left) if part))
        for event in parcel["events"]:
            said = f"{fmt.moment(event['at'], zone)} · {states.word(event['state'])}"
            st.caption(f"{said} · {event['message']}" if event["message"] else said)
        _track(parcel)


def _track(parcel: Mapping[str, Any]) -> None:
    """Draw what the carrier may say next; a voided or delivered parcel has nothing more to say."""
    may = SHIPMENT.moves[parcel["state"]]
    if not may:
        return
    from oms_core.fulfilment.tracking import track

    with st.popover(_("Book news of the parcel"), icon=":material/pin_drop:", type="tertiary"):
        state = st.selectbox(
            _("What the carrier says"), list(may), format_func=states.word, key=f"track_{parcel['id']}"
        )
        message = st.text_input(_("Message"), key=f"track_words_{parcel['id']}", max_chars=300)
        if not st.button(_("Book it"), type="primary", key=f"track_do_{parcel['id']}"):
            return
        done = actions.run(
            lambda s: track(s, shipment_id=parcel["id"], state=state, message=message or "", actor=ACTOR),
            done=_("Parcel {number}: {state}").format(number=parcel["number"], state=states.word(state).lower()),
        )
        if done is not None:
            st.rerun()


def _waiting(wait: Mapping[str, Any]) -> None:
    n = int(wait["waiting"])
    said = ngettext("{n} unit of {sku} waits", "{n} units of {sku} wait", n).format(n=n, sku=wait["sku"])
    if wait["promised_on"]:
        said += ", " + _("promised for {day}").format(day=fmt.day(wait["promised_on"]))
    if wait["purchase_order"]:
        said += ", " + _("from purchase order {number}").format(number=wait["purchase_order"])
    st.markdown(f":material/hourglass_top: {said}")
