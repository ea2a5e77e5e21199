"""Stock moves: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import stock_moves

place = data.place()
question = _("What is on its way between places, what was counted, and why is on hand what it is?")
with blocks.head(_("Stock moves"), question):
    pass

with blocks.guard("stock_moves"):
    stock_moves.render(place)
blocks.footer()
