"""Data health: wiring."""

from app import blocks
from app.i18n import _

with blocks.head(_("Data health"), _("Is the data fresh and reconciled?")):
    pass
