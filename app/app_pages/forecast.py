"""Forecast: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import forecast

place = data.place()
with blocks.head(_("Forecast"), _("What will sell, how sure are we?")):
    pass

if not blocks.no_data():
    with blocks.guard("forecast"):
        forecast.render(place)
    blocks.footer(sheet=forecast.sheet(place), queries=forecast.QUERIES)
