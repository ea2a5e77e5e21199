"""The first page: a customer enters with the number of an order and their e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.i18n import _
from app.portal.forms import seal
from app.portal.frame import button, card, field, page
from app.portal.html import Html, element
from app.portal.visit import ROOT
from oms_core.kernel.errors import NotFound
from oms_core.portal.entering import order_by
from oms_core.portal.links import token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.portal.visit import Visit


def show(visit: Visit, form: Mapping[str, str], fault: str) -> Html:
    """Draw the form."""
    number = element(
        "input", name="number", value=form.get("number", ""), required=True, maxlength=60, autocomplete="off",
        autocapitalize="characters", spellcheck="false",
    )  # fmt: skip
    email = element(
        "input", name="email", type_="email", value=form.get("email", ""), required=True, maxlength=254,
        autocomplete="email",
    )  # fmt: skip
    asked = element(
        "form",
        seal(visit),
        field(_("Order number"), number, hint=_("It is in the confirmation of your order.")),
        field(_("E-mail address"), email, hint=_("The one you gave with your order.")),
        button(_("Find my order")),
        method="post", action=ROOT,
    )  # fmt: skip
    told = element("p", _("Send something back, withdraw from a contract, or see how your return is doing."))
    return page(visit, _("Your order and returns"), told, card(asked), fault=fault)


def enter(visit: Visit, form: Mapping[str, str]) -> str:
    """Return the path of the order's page.

    Raises
    ------
    NotFound
        ``portal.not_entered``, the same for an unknown number and a wrong address.
    """
    found = order_by(visit.session, number=form.get("number", "")[:60], email=form.get("email", "")[:254])
    if found is None:
        raise NotFound("order", "this one", code="portal.not_entered")
    return f"{ROOT}/{token_of(visit.session, found)}"
