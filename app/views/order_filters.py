"""Filters of the list of orders beside the shared ones: status axes, tag, warehouse; and which columns it shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import address, data, desk, states
from app.filters import quoted
from app.i18n import N_, _

#: Filter to the attribute of the search it narrows and the axis its values come from.
AXES = {
    "payment": ("payment_status", "payment", N_("Payment")),
    "fulfilment": ("fulfillment_status", "fulfillment", N_("Fulfilment")),
    "delivery": ("delivery_status", "delivery", N_("Delivery")),
    "sent_back": ("return_status", "return", N_("Return")),
}
#: Columns by name; the first ones are shown unless the reader chooses.
COLUMNS = {
    "number": N_("Order"), "customer": N_("Customer"), "ship_to": N_("Ship to"), "channel": N_("Channel"),
    "placed": N_("Placed"), "late_by": N_("Late by"), "fulfillment": N_("Fulfilment"), "payment": N_("Payment"),
    "warehouse": N_("Warehouse"), "units": N_("Units"), "total": N_("Total"), "why": N_("Stuck because"),
    "delivery": N_("Delivery"), "sent_back": N_("Return"), "tags": N_("Tags"), "email": N_("E-mail"),
    "tracking": N_("Tracking number"), "ship_by": N_("Ship by"), "external": N_("Channel's number"),
}  # fmt: skip
USUAL = tuple(COLUMNS)[:12]


def chips() -> None:
    """Draw the chip with the list's own filters; its label says how many are on."""
    on = len(chosen())
    label = _("Status, tag, warehouse") + (f" ({on})" if on else "")
    with st.popover(label, icon=":material/filter_alt:"):
        for key, (_attribute, axis, words) in AXES.items():
            _many(key, _(words), states.words(axis))
        _many("tag", _("Tag"), {tag: tag for tag in desk.tags()})
        _many("place", _("Warehouse"), _places())
    with st.popover(_("Columns"), icon=":material/view_column:"):
        _many("columns", _("Columns"), {name: _(words) for name, words in COLUMNS.items() if name != "number"})


def _many(key: str, label: str, names: Mapping[str, str]) -> None:
    with address.bound(key, [], names):
        st.multiselect(
            label, list(names), format_func=lambda code: names.get(code, code), placeholder=_("Any"), key=key
        )


def _places() -> dict[str, str]:
    return {name: name for name in data.locations()["name"].to_list()}


def chosen() -> dict[str, list[str]]:
    """Return the filters that are on: key to its values."""
    known: dict[str, Mapping[str, str]] = {key: states.words(axis) for key, (_a, axis, _w) in AXES.items()}
    known |= {"tag": {tag: tag for tag in desk.tags()}, "place": _places()}
    found = {key: address.read(key, [], values) for key, values in known.items()}
    return {key: values for key, values in found.items() if values}


def expression() -> str:
    """Return the filters that are on as one expression."""
    names = {key: attribute for key, (attribute, _axis, _words) in AXES.items()} | {"tag": "tag", "place": "warehouse"}
    return " AND ".join(
        f"{names[key]} IN ({', '.join(quoted(value) for value in values)})" for key, values in chosen().items()
    )


def columns() -> tuple[str, ...]:
    """Return the names of the columns to show, the order's number always first."""
    picked = address.read("columns", [], COLUMNS)
    return ("number", *(name for name in picked if name != "number")) if picked else USUAL


def clear() -> None:
    """Turn the list's own filters off (callback of a button)."""
    for key in (*AXES, "tag", "place"):
        st.session_state[key] = []
