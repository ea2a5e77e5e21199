"""Messages: wiring."""

from app import blocks
from app.i18n import _
from app.views import messages

with blocks.head(_("Messages"), _("What do we say to them, and what do we offer?")):
    pass

if not blocks.no_data():
    with blocks.guard("messages"):
        messages.render()
    blocks.footer(queries=messages.QUERIES)
