"""What a customer reads when something cannot be done: a sentence by the error's code, never its inner facts."""

from __future__ import annotations

from app.i18n import N_, _
from oms_core.kernel.errors import OmsError

SENTENCES = {
    "portal.not_entered": N_("We find no order with this number and this e-mail address. Check both and try again."),
    "portal.too_many": N_("Too many tries. Wait {retry_after} seconds and try again."),
    "portal.closed": N_("The return page of this shop is closed. Please write to the shop."),
    "portal.form_unknown": N_("This form was not understood. Fill it in again, please."),
    "portal.form_old": N_("This page stood open for a long time. Check what you filled in and send it again."),
    "portal.form_sent": N_("This form was sent before. What you see below is how things stand now."),
    "portal.no_reason": N_("Say for every product why you send it back."),
    "portal.no_choice": N_(
        "Choose for every product what you want instead. What has no such choice can only be sent back for money."
    ),
    "link.not_found": N_("This link does not lead anywhere. Enter with your order number and e-mail address."),
    "request.unknown_path": N_("There is no such page."),
    "return.no_lines": N_("Choose at least one product to send back."),
    "return.too_many": N_("Some of these products are on their way back already. Choose from what is left below."),
    "return.too_late": N_(
        "The days for sending this back by goodwill are over. If it is faulty or not what you ordered, say so as"
        " the reason."
    ),
    "return.not_found": N_("There is no such return."),
    "return.transition_refused": N_("This return has moved on meanwhile. What you see is how it stands now."),
    "withdrawal.nothing_left": N_("Nothing of this order is left to withdraw from."),
    "withdrawal.too_many": N_("Fewer products are left than you chose. Choose from what is left below."),
    "withdrawal.no_lines": N_("Choose at least one product."),
    "withdrawal.delivery_unknown": N_("Say on which day you received the goods, please."),
    "withdrawal.not_found": N_("There is no such withdrawal."),
    "withdrawal.no_email": N_("Say where we send the confirmation, please."),
    "portal.email": N_("This is no e-mail address. Check it, please."),
    "portal.day": N_("This is no day, or it has not come yet."),
    "stock.insufficient": N_("What you want instead is not in stock at the moment."),
    "database.locked": N_("We are busy right now. Try again in a moment."),
}
OTHER = N_("This is not possible right now. Please write to the shop.")


def sentence(error: OmsError) -> str:
    """Return what a customer is told about an error, in their language."""
    told = _(SENTENCES.get(error.code, OTHER))
    return told.format(retry_after=error.facts.get("retry_after", ""))
