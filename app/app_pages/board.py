"""Board: wiring."""

import streamlit as st

from app import blocks, data
from app.i18n import _
from app.views import board, board_alerts

with blocks.head(_("Board"), _("What happens this second, and what waits too long?")):
    board.wall_link()
if not blocks.no_data():
    board.live()
    if "wall" not in st.query_params:
        board_alerts.thresholds(data.place())
        blocks.footer()
