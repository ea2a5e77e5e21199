"""Today: wiring."""

import streamlit as st

from app import blocks, data, links
from app.format import day_title
from app.i18n import _
from app.views import board_alerts, today, today_numbers

place = data.place()
with blocks.head(_("Today"), day_title(place.today), _("refreshed every 5 s")):
    if st.button(_("Search"), icon=":material/search:", shortcut="Mod+K", key="search"):
        links.go("orders", view="all")


def live() -> None:
    """Draw what moves."""
    here = data.place()
    board_alerts.strip(here)
    with blocks.guard("today"):
        today.render(today.build(today.load(here), here, narrow=blocks.on_phone()))


if not blocks.no_data():
    blocks.live(live)
    blocks.footer(queries=today.QUERIES, slugs=today_numbers.SLUGS)
