"""Buying terms: who may order how much, which service goods are to have, when a shelf is low, what more units cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app import address
from app.i18n import N_, _
from app.views import buying_breaks, buying_limits, buying_points, buying_service

if TYPE_CHECKING:
    from app.exports import Sheet

#: Side of the page to its title and what draws it; each answers with what may be exported.
SIDES: Mapping[str, tuple[str, Callable[[], Sheet | None]]] = {
    "limits": (N_("Limits and four eyes"), buying_limits.render),
    "service": (N_("Service by class"), buying_service.render),
    "points": (N_("Low-stock points"), buying_points.render),
    "breaks": (N_("Price breaks"), buying_breaks.render),
}
FIRST = "limits"


def render() -> Sheet | None:
    """Draw the choice of side and the side; return what may be exported."""
    with address.bound("terms_side", FIRST, SIDES):
        side = st.segmented_control(
            _("View"), list(SIDES), required=True, key="terms_side", label_visibility="collapsed",
            format_func=lambda name: _(SIDES[name][0]),
        )  # fmt: skip
    return SIDES[str(side or FIRST)][1]()
