"""Orders: wiring."""

from app import blocks, data, filters
from app.i18n import _
from app.views import orders

place = data.place()
seen = filters.read(place)
with blocks.head(_("Orders"), _("Where is each order stuck?"), orders.caption(seen, place)):
    if place.orders:
        blocks.export(orders.sheet(seen, place), seen, kind="secondary")

if not blocks.no_data():
    chosen = filters.chips(place, "period", "channel", "country")
    with blocks.guard("orders"):
        orders.render(chosen, place)
    blocks.footer(queries=orders.QUERIES)
