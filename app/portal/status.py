"""How a return or a withdrawal is doing: its steps, where the goods go, the money, what happened when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import format as fmt
from app.i18n import N_, _
from app.portal import words
from app.portal.forms import seal
from app.portal.frame import button, card, facts, field, lines, notice, page
from app.portal.html import Html, element
from app.portal.order import days_left
from oms_core.kernel.errors import NotFound
from oms_core.returns.case_queries import case_record
from oms_core.returns.case_tables import Exchange, Withdrawal
from oms_core.returns.queries import return_detail
from oms_core.returns.records import VOID, governed_by
from oms_core.returns.states import RETURN
from oms_core.returns.tables import Return
from oms_core.returns.withdrawal_settling import pay_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.portal.visit import Visit

_WISHES = {"refund": N_("My money back"), "store_credit": N_("Store credit")}


def return_of(visit: Visit, number: str) -> Return:
    """Return a return of this visit's order; one of another order is not there."""
    found = visit.session.scalar(sa.select(Return).where(Return.number == number, Return.order_id == visit.order.id))
    if found is None:
        raise NotFound("return", "this one")
    return found


def withdrawal_of(visit: Visit, number: str) -> Withdrawal:
    """Return a withdrawal of this visit's order; one of another order is not there."""
    mine = sa.select(Withdrawal).where(Withdrawal.number == number, Withdrawal.order_id == visit.order.id)
    found = visit.session.scalar(mine)
    if found is None:
        raise NotFound("withdrawal", "this one")
    return found


def show_return(visit: Visit, _form: Mapping[str, str], fault: str, *, number: str) -> Html:
    """Draw a return."""
    found = return_of(visit, number)
    detail = return_detail(visit.session, found.id)
    withdrawn = visit.session.scalar(sa.select(Withdrawal).where(Withdrawal.return_id == found.id))
    swapped = visit.session.scalar(sa.select(Exchange).where(Exchange.return_id == found.id))
    head = _head(visit, words.badge(words.RETURN, found.state))
    title = _("Return {number}").format(number=found.number)
    steps, money = _steps(visit, detail, swapped), _money(visit, detail, withdrawn, swapped)
    return page(
        visit, title, head, _refusal(detail), card(steps), _sending(visit, found, detail), _goods(detail),
        _instead(swapped), money, _timeline(visit, detail["timeline"]), _calling_off(visit, found, detail), fault=fault,
    )  # fmt: skip


def show_withdrawal(visit: Visit, _form: Mapping[str, str], fault: str, *, number: str) -> Html:
    """Draw a withdrawal: its receipt with date and time, its days, what happened."""
    found = withdrawal_of(visit, number)
    record = case_record(visit.session, "withdrawal", found.id)
    zone = visit.shop.zone
    goods = visit.session.get(Return, found.return_id) if found.return_id else None
    body = record["acknowledgement"]["body"] if record["acknowledgement"] else ""
    receipt = element("a", _("Save the confirmation (PDF)"), href=visit.at("withdrawals", number, "confirmation.pdf"),
                      cls="button primary")  # fmt: skip
    back = element("a", _("Return {number}").format(number=goods.number), href=visit.at("returns", goods.number),
                   cls="button quiet") if goods else None  # fmt: skip
    by = pay_by(found, goods, zone)
    is_open = found.state in ("declared", "goodwill")
    at = fmt.clock_time(found.declared_at, zone, seconds=True)
    days = facts({
        _("Declared"): f"{fmt.day(found.declared_on, year=True)}, {at}",
        _("Send the goods by"): fmt.day(found.send_back_by_on, year=True) if goods and not found.doubt else "",
        _("We refund you by"): fmt.day(by or found.refund_due_on, year=True) if is_open else "",
        _("Refunded"): fmt.money(found.refunded_minor, found.currency) if found.state == "settled" else "",
    })  # fmt: skip
    thanks = notice(
        _("We received your withdrawal. The confirmation goes to {email}.").format(email=found.email), "green"
    )
    head = _head(visit, words.badge(words.WITHDRAWAL, found.state))
    refused = notice(found.decision, "orange") if found.state == "refused" and found.decision else None
    return page(
        visit, _("Withdrawal {number}").format(number=found.number), head, thanks if body else None, refused,
        card(days, element("div", receipt if body else None, back, cls="actions")),
        card(*(element("p", line) for line in body.splitlines()), title=_("Confirmation")) if body else None,
        _timeline(visit, record["timeline"]), fault=fault,
    )  # fmt: skip


def _head(visit: Visit, badge: Html) -> Html:
    return element("p", badge, element("a", _("Back to the order"), href=visit.at()), cls="head")


def _refusal(detail: Mapping[str, Any]) -> Html | None:
    """Say why a return was declined or called off, in the shop's own words."""
    if detail["state"] not in VOID:
        return None
    events = {"declined": "return.declined", "cancelled": "return.cancelled"}
    said = next((e["data"].get("reason", "") for e in detail["timeline"] if e["event"] == events[detail["state"]]), "")
    told = _("We declined this return.") if detail["state"] == "declined" else _("This return was called off.")
    return notice(f"{told} {said}".strip(), "orange")


def _steps(visit: Visit, detail: Mapping[str, Any], swapped: Exchange | None) -> Html:
    """Draw the way of a return: asked for, approved, arrived, refunded (or the other goods are on their way)."""
    at: dict[str, datetime] = {event["event"]: event["at"] for event in detail["timeline"]}
    refunds = detail["refunds"]
    steps: list[tuple[str, datetime | None]] = [
        (_("Asked for"), detail["requested_at"]),
        (_("Approved"), at.get("return.approved")),
        (_("Arrived"), detail["received_at"]),
        (_("Replaced"), swapped.replaced_at) if swapped else (_("Refunded"), refunds[-1]["at"] if refunds else None),
    ]
    items = [
        element(
            "li",
            element("b", name),
            element("span", fmt.moment(when, visit.shop.zone)) if when else None,
            cls="done" if when else None,
        )
        for name, when in steps
        if when or detail["state"] not in VOID
    ]
    return element("ol", items, cls="steps")


def _sending(visit: Visit, found: Return, detail: Mapping[str, Any]) -> Html | None:
    """Draw where the goods go and why there, the slip to print, and the buttons of a parcel that is not here yet."""
    if found.state not in ("approved", "in_transit"):
        return None
    why = words.why(detail["send_to_why"])
    slip = element("a", _("Print the return slip (PDF)"), href=visit.at("returns", found.number, "slip.pdf"),
                   cls="button primary")  # fmt: skip
    told = element("p", _("Print the slip, put it into the parcel and stick the address on it."))
    address = element("p", lines(detail["send_to_lines"]), cls="title") if detail["send_to_lines"] else None
    sent = None
    if found.state == "approved":
        path = visit.at("returns", found.number, "sent")
        sent = element(
            "form", seal(visit, path),
            field(_("Tracking number"), element("input", name="tracking", maxlength=100, autocomplete="off"),
                  hint=_("If you have one.")),
            button(_("I have sent it"), quiet=True), method="post", action=path,
        )  # fmt: skip
    return card(
        address, element("p", why, cls="hint") if why else None, told, element("div", slip, cls="actions"),
        element("hr") if sent else None, sent, title=_("Send it to"),
    )  # fmt: skip


def _calling_off(visit: Visit, found: Return, detail: Mapping[str, Any]) -> Html | None:
    """Draw the way out of a return that nothing depends on yet."""
    if "cancelled" not in RETURN.moves[found.state] or detail["refunds"] or governed_by(visit.session, found):
        return None
    path = visit.at("returns", found.number, "cancel")
    return element(
        "form", seal(visit, path), button(_("I keep the goods: call the return off"), quiet=True), method="post",
        action=path, cls="aside",
    )  # fmt: skip


def _goods(detail: Mapping[str, Any]) -> Html:
    items = [
        element(
            "li",
            element("div", element("span", fmt.product(line["title"] or line["sku"]), cls="title"),
                    element("span", f"{line['quantity']} ×"), cls="row"),
            element("span", _arrived(line), cls="hint"),
        )
        for line in detail["lines"]
    ]  # fmt: skip
    return card(element("ul", items, cls="plain"), title=_("Products"))


def _instead(swapped: Exchange | None) -> Html | None:
    """Draw what goes out for goods that come back, and the difference."""
    if swapped is None:
        return None
    gap, currency = swapped.difference_minor, swapped.currency
    told = _("You pay {money} more.") if gap > 0 else _("You get {money} back.")
    difference = told.format(money=fmt.money(abs(gap), currency)) if gap else _("It costs the same.")
    goods = [element("li", f"{line['quantity']} × {line['sku']}") for line in swapped.new_lines]
    sent = element("p", _("It is on its way to you or soon will be.")) if swapped.replaced_at else None
    return card(element("ul", goods, cls="plain"), element("p", difference), sent, title=_("You get instead"))


def _arrived(line: Mapping[str, Any]) -> str:
    return " · ".join(
        part for part in (line["sku"], _("{n} arrived").format(n=line["received_qty"]) if line["received_qty"] else "")
        if part
    )  # fmt: skip


def _money(
    visit: Visit, detail: Mapping[str, Any], withdrawn: Withdrawal | None, swapped: Exchange | None
) -> Html | None:
    """Draw what the goods are worth, what was given back, and until when the rest is due by law."""
    if detail["state"] in VOID:
        return None
    currency = detail["currency"]
    pairs: dict[str, Any] = {
        _("Worth"): fmt.money(detail["total_minor"], currency),
        _("You wished"): _(_WISHES[detail["wish"]]) if detail["wish"] else "",
    }
    if withdrawn is not None and withdrawn.state in ("declared", "goodwill"):
        by = pay_by(withdrawn, visit.session.get(Return, detail["id"]), visit.shop.zone) or withdrawn.refund_due_on
        pairs[_("We refund you by")] = f"{fmt.day(by, year=True)} ({days_left(by, visit.today)})"
    refunds = [
        element("li", element("div", element("span", fmt.moment(row["at"], visit.shop.zone)),
                              element("b", fmt.money(row["amount_minor"], row["currency"])), cls="row"))
        for row in detail["refunds"]
    ]  # fmt: skip
    given = element("ul", refunds, cls="plain") if refunds else None
    note = element("p", _("What you get back is settled when we have checked the goods."), cls="hint")
    is_open = not refunds and swapped is None and detail["state"] != "closed"
    return card(facts(pairs), given, note if is_open else None, title=_("Money"))


def _timeline(visit: Visit, events: list[dict[str, Any]]) -> Html:
    told = [(event["at"], _(words.EVENTS[event["event"]])) for event in events if event["event"] in words.EVENTS]
    items = [
        element("li", element("time", fmt.moment(at, visit.shop.zone), datetime=at.isoformat()), element("span", text))
        for at, text in told
    ]
    return card(element("ol", items, cls="plain timeline"), title=_("What happened"))
