"""Purchase orders: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import purchase_order_edit, purchase_orders

place = data.place()
with blocks.head(_("Purchase orders"), _("What is on its way, what is late?")):
    purchase_order_edit.new()

with blocks.guard("purchase_orders"):
    purchase_orders.render(place)
blocks.footer(sheet=purchase_orders.sheet(place), queries=purchase_orders.QUERIES)
