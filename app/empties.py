"""Nothing to show, in three kinds: no data yet, filters that leave nothing, nothing to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from app import data, filters, links
from app import format as fmt
from app.i18n import _, ngettext

Kind = Literal["no_data", "filters", "done"]
_ICONS = {
    "no_data": (":material/inbox:", "gray"),
    "filters": (":material/filter_alt_off:", "gray"),
    "done": (":material/task_alt:", "green"),
}


@contextmanager
def empty(kind: Kind, title: str, body: str, *, note: str = "") -> Iterator[None]:
    """Draw one of the three empty states as a card; buttons drawn inside the block stand in its middle.

    Parameters
    ----------
    kind : {"no_data", "filters", "done"}
        Nothing was loaded yet · the filters leave nothing · there is nothing to do.
    """
    icon, colour = _ICONS[kind]
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f"## :{colour}[{icon}]", text_alignment="center")
        st.markdown(f"**{title}**", text_alignment="center")
        st.caption(body, text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center", gap="xsmall"):
            yield
        if note:
            st.caption(note, text_alignment="center")
        st.space("small")


def empty_line(kind: Kind, title: str, body: str) -> None:
    """Draw an empty state as one line inside a small card."""
    icon, colour = _ICONS[kind]
    with st.container(border=True):
        st.markdown(f":{colour}[{icon}] **{title}** :small[:gray[{body}]]")


def no_data() -> bool:
    """Draw the first empty state when the shop has no order at all, and say whether it did."""
    if data.place().orders:
        return False
    with empty(
        "no_data",
        _("No orders yet"),
        _("Load the demo shop to look around, or bring a CSV of your own."),
        note=_("In a terminal: {demo} or {own}").format(demo="`ordersight demo`", own="`ordersight import csv FILE`"),
    ):
        if st.button(_("Set the shop up"), icon=":material/tune:", key="no_data_setup"):
            links.go("setup")
    return True


def nothing_matches(what: str, chosen: filters.Filters, *, clear: Mapping[str, str] | None = None) -> None:
    """Draw the second empty state: which filters are on, and a button that resets them.

    Parameters
    ----------
    clear : mapping of str to str
        Keys of the page's own filters and the values the button gives them.
    """
    place = data.place()
    said = [
        *(
            [_("Channel: {names}").format(names=", ".join(place.channels[c] for c in chosen.channels))]
            if chosen.channels
            else []
        ),
        *(
            [_("Country: {names}").format(names=", ".join(place.countries[c] for c in chosen.countries))]
            if chosen.countries
            else []
        ),
        _("Placed: {period}").format(period=fmt.span(chosen.since, chosen.until)),
    ]
    on = len(chosen.active) + (chosen.period != filters.DEFAULT_PERIOD)
    own = dict(clear or {})
    narrowed = bool(on) or any(st.session_state.get(key, value) != value for key, value in own.items())
    shop_has = _("The shop has {n} orders in all").format(n=fmt.count(place.orders))
    with empty("filters", what, ". ".join(said) + ".", note=shop_has):
        st.button(
            ngettext("Reset {n} filter", "Reset {n} filters", on).format(n=on) if on else _("Show everything"),
            on_click=_clear if narrowed else filters.show_all,
            args=(own,) if narrowed else (),
            type="primary",
            key="reset_filters",
        )


def _clear(own: Mapping[str, str]) -> None:
    filters.clear()
    for key, value in own.items():
        st.session_state[key] = value
