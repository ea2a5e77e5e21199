"""Data health: wiring."""

from app import blocks, data, filters
from app.i18n import _
from app.views import health

place = data.place()
with blocks.head(_("Data health"), _("Is the data fresh and reconciled?")):
    pass
chosen = filters.chips(place, "period")
with blocks.guard("health"):
    facts = health.load(chosen)
    health.render(facts, place)
    blocks.footer(sheet=health.sheet(facts), queries=health.QUERIES, slugs=health.WATCHED)
