"""Drafts and quotes: wiring."""

from app import blocks, data
from app.i18n import _
from app.views import drafts

place = data.place()
with blocks.head(_("Drafts and quotes"), _("What was offered and is not an order yet?")):
    drafts.new(place)

with blocks.guard("drafts"):
    drafts.render(place)
blocks.footer()
