"""Metrics: wiring."""

from app import blocks
from app.i18n import _

with blocks.head(_("Metrics"), _("How is each number defined?")):
    pass
