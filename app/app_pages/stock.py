"""Stock: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import stock

place = data.place()
with blocks.head(_("Stock"), _("What will run out, what is dead?")):
    pass

if not blocks.no_data():
    with blocks.guard("stock"):
        stock.render(place)
    blocks.footer(sheet=stock.sheet(place), queries=stock.QUERIES, slugs=stock.SLUGS)
