"""What happened to an order, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from app import blocks, states
from app import format as fmt
from app.i18n import N_, _

EVENTS = {
    "placed": N_("Placed"),
    "cancelled": N_("Cancelled, stock released"),
    "closed": N_("Closed"),
    "routed": N_("Routed to {note}"),
    "shipped": N_("Parcel left"),
    "payment.authorize": N_("Payment authorised, {money}"),
    "payment.capture": N_("Paid, {money}"),
    "payment.void": N_("Authorisation voided, {money}"),
    "payment.refund": N_("Refunded, {money}"),
    "return.requested": N_("Return asked for, {money}"),
    "return.received": N_("Return arrived"),
    "ship_by_passed": N_("Ship-by time passed"),
}
_TROUBLE = {"ship_by_passed", "parcel.failed", "parcel.delayed", "parcel.lost", "parcel.return_to_sender", "cancelled"}


def text(event: Mapping[str, Any], *, now: datetime, zone: str, currency: str) -> str:
    """Return one event's line: ``Wed 8 Dec, 10:51 · Placed``."""
    name, note = event["event"], event["note"] or ""
    at: datetime = event["happened_at"]
    same_day = at.astimezone(ZoneInfo(zone)).date() == now.astimezone(ZoneInfo(zone)).date()
    when = f"{_('Today')} {fmt.clock_time(at, zone)}" if same_day else fmt.moment(at, zone)
    if name.startswith("parcel."):
        said = _("Parcel: {state}").format(state=states.word(name.removeprefix("parcel.")).lower())
    else:
        money = fmt.money(int(event["minor"]), currency) if event["minor"] is not None else ""
        said = _(EVENTS[name]).format(note=note, money=money)
    return f"{when} · {said}"


def render(events: pl.DataFrame, now: datetime, zone: str, currency: str) -> None:
    """Draw the timeline as steps; trouble is red, the rest is done."""
    blocks.section(_("What happened?"), small=True)
    for event in events.iter_rows(named=True):
        state = "error" if event["event"] in _TROUBLE else "complete"
        label = text(event, now=now, zone=zone, currency=currency).replace("$", "\\$")
        note = event["note"] if event["event"] not in {"routed", "placed"} else ""
        with st.status(label, type="step", state=state, expanded=bool(note)):  # type: ignore[arg-type]
            if note:
                st.caption(note)
