"""Privacy: wiring."""

from app import blocks
from app.i18n import _
from app.views import privacy

with blocks.head(_("Privacy"), _("What do we hold about people, for how long, and who sees it?")):
    pass

with blocks.guard("privacy"):
    privacy.render()
blocks.footer(queries=privacy.QUERIES)
