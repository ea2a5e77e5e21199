"""Setup: wiring."""

from app import blocks
from app.i18n import _
from app.views import setup

with blocks.head(_("Setup"), _("What does the shop sell, where, from whom, and how does it see the world?")):
    pass
with blocks.guard("setup"):
    blocks.footer(sheet=setup.render())
