"""The page of an order: what was bought, what may be asked today and until when, what was asked before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import format as fmt
from app.i18n import _, ngettext
from app.portal import words
from app.portal.frame import card, page
from app.portal.html import Html, element
from oms_core.returns.case_queries import cases
from oms_core.returns.offers import Offer, offer
from oms_core.returns.queries import returns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.portal.visit import Visit


def show(visit: Visit, _form: Mapping[str, str], fault: str) -> Html:
    """Draw the page."""
    order = visit.order
    found = offer(visit.session, order, zone=visit.shop.zone)
    title = _("Order {number}").format(number=order.number)
    placed = _("Placed on {day}").format(day=fmt.day(order.business_date, year=True))
    return page(
        visit, title, element("p", placed, cls="muted"), _asked(visit), _may(visit, found), _goods(found), fault=fault
    )


def _asked(visit: Visit) -> Html | None:
    """Draw what was asked before, newest first."""
    session, key = visit.session, visit.order.id
    items = [_return(visit, row) for row in returns(session, order_id=key)]
    items += [_withdrawal(visit, row) for row in cases(session, "withdrawal", order_id=key)]
    return card(element("ul", items, cls="plain"), title=_("What you asked for")) if items else None


def _return(visit: Visit, row: Mapping[str, Any]) -> Html:
    link = element("a", _("Return {number}").format(number=row["number"]), href=visit.at("returns", row["number"]))
    return _item(visit, link, words.badge(words.RETURN, row["state"]), row["requested_at"])


def _withdrawal(visit: Visit, row: Mapping[str, Any]) -> Html:
    text = _("Withdrawal {number}").format(number=row["number"])
    link = element("a", text, href=visit.at("withdrawals", row["number"]))
    return _item(visit, link, words.badge(words.WITHDRAWAL, row["state"]), row["declared_at"])


def _item(visit: Visit, link: Html, badge: Html, at: Any) -> Html:
    told = element("div", link, element("span", fmt.moment(at, visit.shop.zone), cls="hint"))
    return element("li", element("div", told, badge, cls="row"))


def _may(visit: Visit, found: Offer) -> Html:
    """Draw what may be asked today, each with its days."""
    return element("div", _goodwill(visit, found), _statutory(visit, found))


def _goodwill(visit: Visit, found: Offer) -> Html | None:
    if not found.returnable:
        if found.lines:
            return card(element("p", _("Once your parcel has left us, you can send things back here.")),
                        title=_("Send something back"))  # fmt: skip
        return card(element("p", _("Nothing of this order is left to send back.")), title=_("Send something back"))
    go = element("a", _("Choose what to send back"), href=visit.at("return"), cls="button primary")
    if found.is_goodwill_over and found.goodwill_ends_on:
        text = _(
            "The days for sending things back by goodwill ended on {day}. Faulty or wrong goods you can still report."
        )
        told = text.format(day=fmt.day(found.goodwill_ends_on, year=True))
    elif found.goodwill_ends_on:
        told = _("Possible until {day} ({left}).").format(
            day=fmt.day(found.goodwill_ends_on, year=True), left=days_left(found.goodwill_ends_on, visit.today)
        )
    else:
        told = _("For whatever reason, on our terms.")
    return card(element("p", told), element("div", go, cls="actions"), title=_("Send something back"))


def _statutory(visit: Visit, found: Offer) -> Html | None:
    clock = found.clock
    if clock.state in ("business", "nothing_left"):
        return None
    title = _("Withdraw from the contract")
    if clock.state == "exempt":
        return card(element("p", _("The right of withdrawal does not cover these goods.")), title=title)
    if clock.state == "over" and clock.ends_on:
        told = _("The period for withdrawing ended on {day}.").format(day=fmt.day(clock.ends_on, year=True))
        return card(element("p", told), title=title)
    go = element("a", _("Withdraw from contract here"), href=visit.at("withdraw"), cls="button quiet")
    return card(clock_words(visit, found), element("div", go, cls="actions"), title=title)


def clock_words(visit: Visit, found: Offer) -> Html:
    """Return until when a consumer may withdraw, in a sentence."""
    clock = found.clock
    if clock.state == "running" and clock.ends_on and clock.came_on:
        text = _(
            "You received the last goods on {came}. You may withdraw until {day} ({left}), without giving a reason."
        )
        told = text.format(
            came=fmt.day(clock.came_on, year=True), day=fmt.day(clock.ends_on, year=True),
            left=days_left(clock.ends_on, visit.today),
        )  # fmt: skip
    elif clock.state == "not_begun":
        told = _("You may withdraw now and until 14 days after the last goods have come, without giving a reason.")
    else:
        told = _("You may withdraw until 14 days after the last goods have come, without giving a reason.")
    return element("p", told)


def days_left(until: date, today: date) -> str:
    """Return how many days are left in words; the last day is today."""
    left = (until - today).days
    return ngettext("{n} day left", "{n} days left", left).format(n=left) if left else _("today is the last day")


def _goods(found: Offer) -> Html | None:
    """Draw what is left of the order with the units that may still come back or be withdrawn from."""
    if not found.lines:
        return None
    items = [
        element(
            "li",
            element("div", element("span", fmt.product(one.line.title or one.line.sku), cls="title"),
                    element("span", f"{one.units} ×"), cls="row"),
            element("span", one.line.sku, cls="hint"),
        )
        for one in found.lines
    ]  # fmt: skip
    return card(element("ul", items, cls="plain"), title=_("What is with you or on its way"))
