"""Orders: wiring."""

import streamlit as st

from app import blocks, data, filters
from app.i18n import _
from app.views import order_filters, orders

place = data.place()
seen = filters.read(place)
with blocks.head(_("Orders"), _("Where is each order stuck?"), orders.caption(seen, place)):
    if place.orders:
        blocks.export(orders.sheet(seen, place), seen, kind="secondary")

if not blocks.no_data():
    with st.container(horizontal=True, gap="xsmall"):
        chosen = filters.chips(place, "period", "channel", "country")
        order_filters.chips()
    with blocks.guard("orders"):
        orders.render(chosen, place)
    blocks.footer(queries=orders.QUERIES)
