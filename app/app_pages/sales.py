"""Sales: wiring."""

from app import blocks
from app.i18n import _

with blocks.head(_("Sales"), _("Are we on plan, and why not?")):
    pass
