"""Ask: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import ask, ask_reports, ask_saved

place = data.place()
with blocks.head(_("Ask"), _("Which number do you need?")):
    ask_saved.menu()
if not blocks.no_data():
    asked, found = ask.render(place)
    ask_saved.save(asked, may=found is not None)
    blocks.footer(sheet=ask.sheet(asked, found), slugs=asked.metrics if found else ())
    with blocks.guard("ask.reports"):
        ask_reports.render(place)
