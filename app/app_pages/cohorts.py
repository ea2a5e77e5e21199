"""Cohorts: wiring."""

from app import blocks, data, patterns
from app.i18n import _
from app.views import cohorts

place = data.place()
with blocks.head(_("Cohorts"), _("Do customers come back, and what are they worth?")):
    pass

if not blocks.no_data():
    with blocks.guard("cohorts"):
        measure = cohorts.choose()
        found = patterns.cohorts(place.today)
        if found.is_empty():
            blocks.empty_line("filters", _("No customer is known."), _("Only guests have bought so far."))
        else:
            cohorts.render(cohorts.build(found, measure, place, narrow=blocks.on_phone()), measure)
            blocks.footer(sheet=cohorts.sheet(found, place), slugs=("net_sales", "gross_margin", "customers"))
