"""Replenishment: wiring."""

from app import acting, blocks, data
from app.i18n import _
from app.views import replenishment

place = data.place()
with blocks.head(_("Replenishment"), _("What do I order today, and from whom?")):
    acting.ask()

if not blocks.no_data():
    with blocks.guard("replenishment"):
        replenishment.render(place)
    with blocks.guard("replenishment_footer"):
        blocks.footer(sheet=replenishment.sheet(place), queries=replenishment.QUERIES)
