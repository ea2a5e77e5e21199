"""The withdrawal function (Directive 2011/83/EU, article 11a): a statement, then its confirmation, then the receipt."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from app import format as fmt
from app.i18n import _
from app.portal.forms import seal
from app.portal.frame import button, card, facts, field, notice, page, radios
from app.portal.html import Html, element
from app.portal.order import clock_words
from app.portal.picking import picked, units_choice
from oms_core.kernel.errors import InvalidInput
from oms_core.portal.links import email_of
from oms_core.returns.offers import Offer, offer
from oms_core.returns.withdrawals import Declaration, declare_withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.portal.visit import Visit
    from oms_core.returns.withdrawal_facts import Covered

ACTOR = "customer"
CONFIRM = "confirm"
#: Fields of the statement that its confirmation repeats.
_SAID = ("extent", "name", "email", "statement", "delivered_on")


def show(visit: Visit, form: Mapping[str, str], fault: str) -> Html:
    """Draw the statement: all or some of the goods, the name, where the confirmation goes."""
    found = offer(visit.session, visit.order, zone=visit.shop.zone)
    title = _("Withdraw from the contract")
    if not found.clock.is_open:
        closed = element("p", _("Withdrawing from this order is not possible any more, or not for these goods."))
        return page(visit, title, card(closed, element("a", _("Back to the order"), href=visit.at())), fault=fault)
    there = visit.at("withdraw")
    asked = element(
        "form", seal(visit, there), card(clock_words(visit, found)), card(_extent(form), _lines(found, form)),
        card(*_person(visit, found, form), title=_("Your statement")),
        element("div", button(_("Go on")), cls="actions"),
        method="post", action=there,
    )  # fmt: skip
    return page(visit, title, asked, fault=fault)


def state(visit: Visit, form: Mapping[str, str]) -> Html:
    """Draw the confirmation of a statement: what will be declared, in words, and the button that declares it."""
    said = declaration(visit, form)
    found = offer(visit.session, visit.order, zone=visit.shop.zone)
    there = visit.at("withdraw", CONFIRM)
    kept = {name: form.get(name, "") for name in _SAID}
    kept |= {f"units-{key}": str(units) for key, units in picked(form).items()}
    hidden = [element("input", type_="hidden", name=name, value=value) for name, value in kept.items()]
    words = _("I withdraw from the contract for these goods of order {number}:").format(number=visit.order.number)
    goods = [
        element("li", f"{units} × {fmt.product(one.line.title or one.line.sku)}")
        for one, units in _chosen(found, said)
    ]  # fmt: skip
    pairs = facts({_("Your name"): said.name, _("Confirmation goes to"): said.email, _("Your words"): said.statement})
    declare = element("form", seal(visit, there), hidden, button(_("Confirm withdrawal")), method="post", action=there)
    change = element("a", _("Change something"), href=visit.at("withdraw"), cls="button quiet")
    exempt = [one for one, _units in _chosen(found, said) if one.exempt]
    warned = notice(_("Some of these goods are not covered by the right of withdrawal."), "orange") if exempt else None
    statement = card(element("p", words), element("ul", goods), pairs)
    return page(visit, _("Confirm your withdrawal"), statement, warned, element("div", declare, change, cls="actions"))


def declare(visit: Visit, form: Mapping[str, str]) -> str:
    """Declare the withdrawal and lead to its receipt; the acknowledgement waits in the outbox from now on."""
    made = declare_withdrawal(
        visit.session, order_id=visit.order.id, declaration=declaration(visit, form), shop_name=visit.shop.name,
        language=visit.language, zone=visit.shop.zone, actor=ACTOR,
    )  # fmt: skip
    return visit.at("withdrawals", made.number)


def declaration(visit: Visit, form: Mapping[str, str]) -> Declaration:
    """Return what a form declares.

    Raises
    ------
    InvalidInput
        ``withdrawal.no_lines``, ``portal.email``, ``portal.day``.
    """
    is_whole = form.get("extent", "whole") == "whole"
    units = {} if is_whole else picked(form)
    if not is_whole and not units:
        raise InvalidInput("lines", {}, "at least one line", code="withdrawal.no_lines")
    email = form.get("email", "")[:254] or email_of(visit.session, visit.order)
    name, at, host = email.partition("@")
    if not (name and at and "." in host) or any(sign.isspace() for sign in email):
        raise InvalidInput("email", email, "an e-mail address", code="portal.email")
    return Declaration(
        channel="web_form", name=form.get("name", "")[:200], email=email, lines=None if is_whole else units,
        statement=form.get("statement", "")[:1000], delivered_on=_day(visit, form.get("delivered_on", "")),
    )  # fmt: skip


def _day(visit: Visit, text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("delivered_on", text, "a day", code="portal.day") from error
    if not visit.order.business_date <= found <= visit.today:
        raise InvalidInput("delivered_on", text, "a day since the order", code="portal.day")
    return found


def _chosen(found: Offer, said: Declaration) -> list[tuple[Covered, int]]:
    if said.lines is None:
        return [(one, one.units) for one in found.lines]
    return [(one, said.lines[one.line.id]) for one in found.lines if one.line.id in said.lines]


def _extent(form: Mapping[str, str]) -> Html:
    options = {
        "whole": (_("The whole order"), ""),
        "part": (_("Some of the goods"), _("Choose them below.")),
    }
    return radios(_("What do you withdraw from?"), "extent", options, form.get("extent", "whole"))


def _lines(found: Offer, form: Mapping[str, str]) -> Html:
    items = []
    for one in found.lines:
        name, key = fmt.product(one.line.title or one.line.sku), one.line.id
        why = _("not covered by the right of withdrawal") if one.exempt else one.line.sku
        told = element("div", element("span", name, cls="title"), element("span", why, cls="hint"))
        units = units_choice(
            f"units-{key}", one.units, form.get(f"units-{key}", ""), label=_("Units of {name}").format(name=name)
        )
        items.append(element("li", element("div", told, units, cls="line wide")))
    return element("ul", items, cls="plain")


def _person(visit: Visit, found: Offer, form: Mapping[str, str]) -> list[Html]:
    """Draw the fields of the statement; no more is asked than the law allows."""
    name = form.get("name", visit.order.ship_name)
    email = form.get("email", email_of(visit.session, visit.order))
    asked = [
        field(_("Your name"), element("input", name="name", value=name, maxlength=200, autocomplete="name")),
        field(
            _("Where do we send the confirmation?"),
            element("input", name="email", type_="email", value=email, required=True, maxlength=254,
                    autocomplete="email"),
        ),
        field(
            _("Your words, if you like"),
            element("textarea", form.get("statement", ""), name="statement", maxlength=1000),
            hint=_("You need not give a reason."),
        ),
    ]  # fmt: skip
    if found.clock.state == "unknown":
        day = element(
            "input", type_="date", name="delivered_on", required=True, min=str(visit.order.business_date),
            max=str(visit.today), value=form.get("delivered_on", ""),
        )  # fmt: skip
        asked.append(field(_("On which day did you receive the last goods?"), day))
    return asked
