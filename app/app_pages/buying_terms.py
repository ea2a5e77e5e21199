"""Buying terms: wiring."""

from app import acting, blocks
from app.i18n import _
from app.views import buying_terms

with blocks.head(_("Buying terms"), _("Under which rules do we buy, and who may say yes?")):
    acting.ask()

with blocks.guard("buying_terms"):
    blocks.footer(sheet=buying_terms.render())
