"""Backtest: wiring."""

import streamlit as st

from app import blocks, data
from app.i18n import _
from app.views import backtest

place = data.place()
with blocks.head(_("Backtest"), _("Would our orders have served as well with less stock?")):
    if backtest.load() is not None and st.button(_("Compare again"), icon=":material/replay:", key="backtest_again"):
        backtest.run_now()

if not blocks.no_data():
    with blocks.guard("backtest"):
        backtest.render(place)
    with blocks.guard("backtest_footer"):
        blocks.footer(sheet=backtest.sheet(), queries=backtest.QUERIES)
