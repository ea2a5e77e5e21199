"""Sales: wiring."""

import streamlit as st

from app import blocks, data, filters, links
from app.i18n import _
from app.views import sales, sales_restated

place = data.place()
with blocks.head(_("Sales"), _("Are we on plan, and why not?")):
    if place.orders and st.button(_("Open the orders"), icon=":material/receipt_long:"):
        links.go("orders", view="all")
    if place.orders and st.button(_("Products by place"), icon=":material/grid_on:"):
        links.go("products")

if not blocks.no_data():
    chosen = filters.chips(place)
    with blocks.guard("sales"):
        facts = sales.load(chosen)
        if facts.bars.is_empty():
            blocks.nothing_matches(_("Nothing was sold"), chosen)
        else:
            view = sales.build(facts, chosen, place, narrow=blocks.on_phone())
            sales.render(view, chosen)
            with blocks.guard("sales.restated"):
                sales_restated.render(chosen, place)
            sheet = sales.sheet(facts, chosen, place)
            blocks.footer(sheet=sheet, period=chosen, queries=sales.QUERIES, slugs=sales.SLUGS)
