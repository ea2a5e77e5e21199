"""Ask for a return: products and units, the reason of each, and what the customer would like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import format as fmt
from app.i18n import _
from app.portal import words
from app.portal.forms import seal
from app.portal.frame import button, card, choice, page, radios
from app.portal.html import Html, element
from app.portal.picking import picked, units_choice
from oms_core.kernel.errors import InvalidInput
from oms_core.returns.alternatives import alternatives
from oms_core.returns.commands import NewReturnLine, request_return
from oms_core.returns.exchanges import NewExchangeLine, request_exchange
from oms_core.returns.offers import Offer, offer
from oms_core.returns.reasons import reasons
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.portal.visit import Visit
    from oms_core.returns.withdrawal_facts import Covered

ACTOR = "customer"
#: Reasons of the catalogue that have a way of their own, or that nobody sends goods back for.
_NOT_OFFERED = ("withdrawal", "exchange", "missing")


def show(visit: Visit, form: Mapping[str, str], fault: str) -> Html:
    """Draw the form."""
    found = offer(visit.session, visit.order, zone=visit.shop.zone)
    title = _("What do you send back?")
    if not found.returnable:
        none = element("p", _("Nothing of this order is left to send back."))
        return page(visit, title, card(none, element("a", _("Back to the order"), href=visit.at())), fault=fault)
    offered = {"": _("Choose a reason")} | _reasons(visit)
    others = _others(visit, found)
    lines = element("ul", [_line(one, offered, others.get(one.line.id), form) for one in found.returnable], cls="plain")
    wish = _wish(found, form, can_exchange=bool(others))
    asked = element(
        "form", seal(visit), card(lines, title=_("Products")), card(wish), card(_terms(visit, found)),
        element("div", button(_("Ask for the return")), cls="actions"),
        method="post", action=visit.path,
    )  # fmt: skip
    return page(visit, title, asked, fault=fault)


def ask(visit: Visit, form: Mapping[str, str]) -> str:
    """Ask for the return and lead to its page.

    Raises
    ------
    InvalidInput
        ``return.no_lines``; ``portal.no_reason`` for a line without one of the reasons offered.
    Refused
        What `returns.requesting.request_return` refuses.
    """
    offered = _reasons(visit)
    units = picked(form)
    why = {key: form.get(f"reason-{key}", "") for key in units}
    if any(reason not in offered for reason in why.values()):
        raise InvalidInput("reason", "", "a reason of the list for each product", code="portal.no_reason")
    lines = [NewReturnLine(key, count, why[key]) for key, count in units.items()]
    wish = form.get("wish", "")
    if wish == "exchange":
        return _exchange(visit, lines, form, why)
    made = request_return(
        visit.session, order_id=visit.order.id, lines=lines, reason=_shared(why), zone=visit.shop.zone, actor=ACTOR,
        wish=wish if wish in ("refund", "store_credit") else "refund", simulated=visit.order.is_simulated,
    )  # fmt: skip
    return visit.at("returns", made.number)


def _exchange(visit: Visit, lines: list[NewReturnLine], form: Mapping[str, str], why: Mapping[int, str]) -> str:
    """Ask for other variants instead, one for each product that comes back."""
    others = alternatives(visit.session, visit.order, why)
    wanted: dict[str, int] = {}
    for line in lines:
        sku = form.get(f"instead-{line.order_line_id}", "")
        if sku not in {variant.sku for variant in others.get(line.order_line_id, ())}:
            raise InvalidInput("instead", sku, "another variant of the product", code="portal.no_choice")
        wanted[sku] = wanted.get(sku, 0) + line.quantity
    made = request_exchange(
        visit.session, order_id=visit.order.id, back=lines, reason=_shared(why), zone=visit.shop.zone, actor=ACTOR,
        new=[NewExchangeLine(sku=sku, quantity=units) for sku, units in wanted.items()],
    )  # fmt: skip
    return visit.at("returns", visit.session.get_one(Return, made.return_id).number)


def _others(visit: Visit, found: Offer) -> dict[int, dict[str, str]]:
    """Return what each product may be exchanged for, SKU to name and price."""
    known = alternatives(visit.session, visit.order, [one.line.id for one in found.returnable])
    currency = visit.order.currency
    return {
        key: {v.sku: f"{fmt.product(v.title)}, {fmt.money(v.price_minor, currency)}" for v in variants}
        for key, variants in known.items()
    }


def _shared(why: Mapping[int, str]) -> str:
    """Return the reason of the whole return: what most of its lines say."""
    given = list(why.values())
    return max(given, key=given.count, default="")


def _reasons(visit: Visit) -> dict[str, str]:
    known = reasons(visit.session)
    return {code: words.reason(found) for code, found in known.items() if code not in _NOT_OFFERED}


def _line(one: Covered, offered: dict[str, str], others: dict[str, str] | None, form: Mapping[str, str]) -> Html:
    key, name = one.line.id, fmt.product(one.line.title or one.line.sku)
    left = _("{n} can come back").format(n=one.shipped)
    told = element("div", element("span", name, cls="title"), element("span", f"{one.line.sku} · {left}", cls="hint"))
    units = units_choice(
        f"units-{key}", one.shipped, form.get(f"units-{key}", ""), label=_("Units of {name}").format(name=name)
    )
    reason = choice(
        f"reason-{key}", offered, form.get(f"reason-{key}", ""), label=_("Reason for {name}").format(name=name)
    )
    instead = None
    if others:
        listed = {"": _("Choose what you want instead")} | others
        chosen = form.get(f"instead-{key}", "")
        instead = choice(f"instead-{key}", listed, chosen, label=_("Instead of {name}").format(name=name))
    return element("li", element("div", told, units, reason, instead, cls="line"))


def _wish(found: Offer, form: Mapping[str, str], *, can_exchange: bool) -> Html:
    bonus = found.terms.credit_bonus_bp
    more = _("With {percent} on top.").format(percent=fmt.percent(bonus / 10_000)) if bonus else ""
    options = {
        "refund": (_("My money back"), _("The way you paid.")),
        "store_credit": (_("Store credit"), more or _("To spend on your next order.")),
    }
    if can_exchange:
        options["exchange"] = (_("Another size or kind"), _("Choose it above; you pay or get back the difference."))
    return radios(_("What would you like?"), "wish", options, form.get("wish", "refund"))


def _terms(visit: Visit, found: Offer) -> Html:
    """Tell what a return by goodwill costs, before it is asked for."""
    terms, currency = found.terms, visit.order.currency
    payer = _("We pay for sending it back.") if terms.carriage_payer == "shop" else _("You pay for sending it back.")
    told = [payer]
    if terms.fee_bp:
        told.append(_("We keep {percent} of the goods' price.").format(percent=fmt.percent(terms.fee_bp / 10_000, 1)))
    if terms.fee_minor:
        told.append(_("We keep a fee of {money}.").format(money=fmt.money(terms.fee_minor, currency)))
    fair = _("If the goods are faulty or not what you ordered, sending them back costs you nothing.")
    return element("div", element("p", " ".join(told)), element("p", fair, cls="hint"))
