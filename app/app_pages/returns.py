"""Returns desk: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import return_settings, returns

place = data.place()
with blocks.head(_("Returns"), _("What came back, and what do we owe for it?")):
    return_settings.button()

if not blocks.no_data():
    with blocks.guard("returns"):
        returns.render(place)
    blocks.footer()
