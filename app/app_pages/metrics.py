"""Metrics: wiring."""

from app import blocks, data, filters
from app.i18n import _
from app.views import metrics

place = data.place()
with blocks.head(_("Metrics"), _("How is each number defined?")):
    pass
chosen = filters.chips(place, "period")
with blocks.guard("metrics"):
    view = metrics.render(chosen, place)
    blocks.footer(sheet=metrics.sheet(view), period=chosen)
