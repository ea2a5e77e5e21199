"""What each action on an order asks before it acts: stock, parcels, holds, notes, tags, cancelling, second looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from app import actions, desk
from app import format as fmt
from app.i18n import _
from app.views.order_actions import CARRIERS, REASONS, Action, act

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier

ACTOR = actions.ACTOR


def allocate(order: Dossier, _action: Action) -> None:
    """Ask to promise stock by the routing rules."""
    from oms_core.fulfilment.commands import open_fulfillment_orders
    from oms_core.routing.commands import allocate_order

    def command(session: Session) -> object:
        allocations = allocate_order(session, order.head["id"], zone=desk.zone(), actor=ACTOR)
        open_fulfillment_orders(session, order.head["id"], actor=ACTOR)
        return allocations

    st.caption(_("Stock is promised by the routing rules, all lines or none; the receipt says why."))
    act(_("Allocate now"), command, _("Order #{number} is allocated").format(number=order.head["number"]))


def units(order: Dossier, action: Action, *, verb: str) -> dict[int, int]:
    """Draw a quantity for each open unit of a fulfilment order; return units by allocation, nothing where zero."""
    work = next(one for one in order.work if one["id"] == action.target)
    found = {}
    for unit in (unit for unit in work["units"] if unit["open"]):
        label = f"{fmt.product(unit['title'])} {unit['sku']}"
        found[unit["id"]] = st.number_input(
            label, min_value=0, max_value=unit["open"], value=unit["open"] if verb == "ship" else 0, step=1,
            key=f"order_{verb}_{unit['id']}",
        )  # fmt: skip
    return {key: int(n) for key, n in found.items() if n}


def ship(order: Dossier, action: Action) -> None:
    """Ask what leaves: all open units, or some of them as a parcel of their own."""
    from oms_core.fulfilment.shipping import ship as command

    left, right = st.columns(2)
    carrier = left.selectbox(_("Carrier"), CARRIERS, key="order_carrier", accept_new_options=True)
    tracking = right.text_input(_("Tracking number"), key="order_tracking")
    lines = units(order, action, verb="ship")
    work = next(one for one in order.work if one["id"] == action.target)
    whole = sum(lines.values()) == sum(unit["open"] for unit in work["units"])
    label = _("Ship all open units") if whole else _("Ship {n} units, keep the rest").format(n=sum(lines.values()))
    act(
        label,
        lambda s: command(
            s, fulfillment_order_id=action.target, carrier=carrier or CARRIERS[0],
            tracking_number=(tracking or "").strip() or None, lines=None if whole else lines, zone=desk.zone(),
            actor=ACTOR,
        ),
        _("Order #{number} is on its way").format(number=order.head["number"]),
        disabled=not whole and not lines,
    )  # fmt: skip


def split(order: Dossier, action: Action) -> None:
    """Ask which units are to go on their own, from the same place."""
    from oms_core.fulfilment.rearranging import split as command

    st.caption(_("The units named here become work of their own; at least one unit stays."))
    lines = units(order, action, verb="split")
    label = _("Split {n} units off").format(n=sum(lines.values()))
    done = _("The work of order #{number} is split").format(number=order.head["number"])
    act(label, lambda s: command(s, action.target, lines, zone=desk.zone(), actor=ACTOR), done, disabled=not lines)


def deliver(order: Dossier, action: Action) -> None:
    """Ask to book a delivery."""
    from oms_core.fulfilment.commands import deliver as command

    st.caption(_("The parcel is booked as delivered now; this cannot be undone."))
    done = _("The parcel of order #{number} is delivered").format(number=order.head["number"])
    act(_("Book as delivered"), lambda s: command(s, shipment_id=action.target, actor=ACTOR), done)


def hold(order: Dossier, _action: Action) -> None:
    """Ask why an order is held back, and who looks after it."""
    from oms_core.fulfilment.holding import hold as command

    reason = st.text_input(_("Reason"), value=_("to be checked"), key="order_hold_reason", max_chars=120)
    left, right = st.columns(2)
    owner = left.text_input(_("Who looks after it"), key="order_hold_owner", max_chars=120)
    note = right.text_input(_("Note"), key="order_hold_note", max_chars=500)
    done = _("Order #{number} is on hold").format(number=order.head["number"])
    act(
        _("Hold the order"),
        lambda s: command(s, order.head["id"], reason=reason, note=note, owner=owner, actor=ACTOR),
        done,
    )


def release(order: Dossier, _action: Action) -> None:
    """Ask to release every active hold."""
    from oms_core.fulfilment.holding import release_all

    for one in order.holds:
        who = f"{one['held_by']}, {fmt.moment(one['held_at'], desk.zone())}"
        st.caption(" · ".join(part for part in (one["reason"], one["note"], one["owner"], who) if part))
    done = _("Order #{number} is released").format(number=order.head["number"])
    act(_("Release the hold"), lambda s: release_all(s, [one["id"] for one in order.holds], actor=ACTOR), done)


def note(order: Dossier, _action: Action) -> None:
    """Ask for a note; notes are never changed afterwards."""
    from oms_core.orders.notes import add_note

    body = st.text_area(_("Note"), key="order_note", placeholder=_("What the next person should know"))
    done = _("The note is kept")
    act(_("Keep the note"), lambda s: add_note(s, order.head["id"], body or "", actor=ACTOR), done)


def tag(order: Dossier, _action: Action) -> None:
    """Ask which tags the order is to have."""
    from oms_core.orders.tags import add_tags, remove_tags

    known = sorted({*order.tags, *desk.tags()})
    wanted = st.multiselect(
        _("Tags"), known, default=order.tags, accept_new_options=True, key="order_tags",
        placeholder=_("Choose or type a tag"),
    )  # fmt: skip

    def command(session: Session) -> object:
        more, less = set(wanted) - set(order.tags), set(order.tags) - set(wanted)
        found: list[object] = []
        if more:
            found += add_tags(session, [order.head["id"]], more, actor=ACTOR)
        if less:
            found += remove_tags(session, [order.head["id"]], less, actor=ACTOR)
        return found

    act(_("Keep the tags"), command, _("Tags of order #{number} are kept").format(number=order.head["number"]))


def cancel(order: Dossier, _action: Action) -> None:
    """Ask why an order is cancelled, repeating what it is worth."""
    from oms_core.orders.commands import cancel_order

    head, paid = order.head, order.balance.refundable_minor
    said = _("Its stock is released at once.")
    if paid:
        said += " " + _("{money} stays taken until you refund it.").format(money=fmt.money(paid, head["currency"]))
    st.caption(said.replace("$", "\\$"))
    reason = st.selectbox(_("Reason"), list(REASONS), format_func=lambda code: _(REASONS[code]), key="order_reason")
    label = _("Cancel order #{number}, {money}").format(
        number=head["number"], money=fmt.money(int(head["total_minor"]), head["currency"])
    )
    act(
        label,
        lambda s: cancel_order(s, head["id"], reason=reason, actor=ACTOR, zone=desk.zone()),
        _("Order #{number} is cancelled").format(number=head["number"]),
        danger=True,
    )


def risk(order: Dossier, _action: Action) -> None:
    """Ask for the decision on a doubted order."""
    from oms_core.review.risk import approve, reject

    found = order.risk or {}
    st.caption(_("Score {score} of 100").format(score=found.get("score", 0)))
    for reason in found.get("reasons", ()):
        st.caption(f"- {reason.get('sentence') or reason.get('kind')} (+{reason.get('points', 0)})")
    fine = st.segmented_control(
        _("Decision"), ["approve", "reject"], required=True, default="approve", key="order_risk",
        format_func=lambda code: _("Let it through") if code == "approve" else _("Refuse and cancel"),
    )  # fmt: skip
    key = order.head["id"]

    def command(session: Session) -> object:
        if fine == "approve":
            return approve(session, key, actor=ACTOR)
        return reject(session, key, zone=desk.zone(), actor=ACTOR)

    act(_("Decide"), command, _("Order #{number} is decided").format(number=order.head["number"]))


def duplicate(order: Dossier, _action: Action) -> None:
    """Ask whether two orders are one wish."""
    from oms_core.review.duplicates import confirm, dismiss

    found = next(one for one in order.suspicions if one.get("state") == "open")
    st.caption(found["sentence"])
    same = st.segmented_control(
        _("Decision"), ["dismiss", "confirm"], required=True, default="dismiss", key="order_duplicate",
        format_func=lambda code: _("Two wishes") if code == "dismiss" else _("One wish: cancel the newer"),
    )  # fmt: skip

    def command(session: Session) -> object:
        if same == "dismiss":
            return dismiss(session, found["id"], actor=ACTOR)
        return confirm(session, found["id"], cancel_newer=True, zone=desk.zone(), actor=ACTOR)

    act(_("Decide"), command, _("Order #{number} is decided").format(number=order.head["number"]))


ASKS: dict[str, Callable[[Dossier, Action], None]] = {
    "allocate": allocate, "ship": ship, "split": split, "deliver": deliver, "hold": hold, "release": release,
    "note": note, "tag": tag, "cancel": cancel, "risk": risk, "duplicate": duplicate,
}  # fmt: skip
