"""Ready reports: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import ready_reports

place = data.place()
with blocks.head(_("Ready reports"), _("What is sold out, too much, late or uneven?")):
    pass

if not blocks.no_data():
    sheet = None
    with blocks.guard("reports"):
        sheet = ready_reports.render(place)
    blocks.footer(sheet=sheet)
