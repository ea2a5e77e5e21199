"""Orders: wiring."""

from app import blocks
from app.i18n import _

with blocks.head(_("Orders"), _("Where is each order stuck?")):
    pass
