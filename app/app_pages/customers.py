"""Customers: wiring."""

import streamlit as st

from app import blocks, data, links
from app.i18n import _
from app.views import customers

place = data.place()
with blocks.head(_("Customers"), _("Who is worth what, who is leaving?")):
    if place.orders:
        icon = ":material/filter_alt:"
        st.button(_("Build segment"), icon=icon, on_click=links.go, args=("segments",), key="to_segments")

if not blocks.no_data():
    with blocks.guard("customers"):
        customers.render(place)
    blocks.footer(sheet=customers.sheet(place), queries=customers.QUERIES)
