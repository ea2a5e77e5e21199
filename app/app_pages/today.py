"""Today: wiring."""

import streamlit as st

from app import blocks, data, links
from app.format import day_title
from app.i18n import _
from app.views import today

place = data.place()
with blocks.head(_("Today"), day_title(place.today), _("refreshed every 5 s")):
    if st.button(_("Search"), icon=":material/search:", shortcut="Mod+K", key="search"):
        links.go("orders", view="all")


def live() -> None:
    """Draw what moves."""
    here = data.place()
    with blocks.guard("today"):
        view = today.build(today.load(), now=here.now, today=here.today, zone=here.zone, currency=here.currency)
        today.render(view)


if not blocks.no_data():
    blocks.live(live)
    blocks.footer(queries=today.QUERIES)
