"""Stock moves: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import stock_moves

place = data.place()
question = _("What moves between places, what was counted, why is on hand so?")
with blocks.head(_("Stock moves"), question):
    pass

with blocks.guard("stock_moves"):
    stock_moves.render(place)
blocks.footer()
