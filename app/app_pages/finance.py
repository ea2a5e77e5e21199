"""Finance: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import finance

place = data.place()
with blocks.head(_("Finance"), _("Who owes us, whom do we owe, what is stock worth?")):
    pass

if not blocks.no_data():
    sheet = None
    with blocks.guard("finance"):
        sheet = finance.render(place)
    blocks.footer(sheet=sheet)
