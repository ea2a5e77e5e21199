"""What may be done to an order now: allocate, ship, book a delivery or a payment, cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import streamlit as st

from app import actions, data
from app import format as fmt
from app.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CARRIERS = ("DPD", "DHL", "UPS", "InPost", "Poczta Polska", "Royal Mail")
REASONS = {
    "customer": N_("The customer asked"),
    "stock": N_("Goods are not available"),
    "fraud": N_("Suspected fraud"),
    "mistake": N_("Placed by mistake"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be done: its name, the button's words and icon, and what it works on."""

    name: str
    label: str
    icon: str
    target: int = 0


def allowed(order: Mapping[str, Any], lines: pl.DataFrame, work: pl.DataFrame) -> list[Action]:
    """Return the actions of an order as it is, the most useful first; none for imported history."""
    if order["is_history"] or order["state"] != "placed":
        return []
    found: list[Action] = []
    short = lines.filter(
        pl.col("quantity") - pl.col("cancelled_qty") - pl.col("shipped_qty") - pl.col("allocated_qty") > 0
    ).height
    if short:
        label = ngettext("Allocate {n} line", "Allocate {n} lines", short).format(n=short)
        found.append(Action("allocate", label, "swap_horiz"))
    for row in work.filter(pl.col("state").is_in(["open", "in_progress"])).iter_rows(named=True):
        label = _("Ship from {place}").format(place=row["place"])
        found.append(Action("ship", label, "local_shipping", int(row["fulfillment_order_id"])))
    found += [
        Action("deliver", _("Book the delivery"), "task_alt", int(row["shipment_id"]))
        for row in work.filter(pl.col("shipment_id").is_not_null()).iter_rows(named=True)
        if row["parcel_state"] not in {"delivered", "voided"}
    ]
    owed = int(order["total_minor"]) - int(order["paid_minor"])
    if owed > 0:
        label = _("Book {money} paid").format(money=fmt.money(owed, order["currency"]))
        found.append(Action("pay", label, "payments", owed))
    if not int(lines["shipped_qty"].sum() or 0):
        found.append(Action("cancel", _("Cancel order"), "cancel"))
    return list({(a.name, a.target): a for a in found}.values())


def render(order: Mapping[str, Any], lines: pl.DataFrame, work: pl.DataFrame) -> None:
    """Draw the actions: at most three buttons, the rest in a menu; each asks what it needs before it acts."""
    offered = allowed(order, lines, work)
    if not offered:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for n, action in enumerate(offered[:3]):
            _button(action, primary=n == 0)
        if len(offered) > 3:
            rest = {a.label: a for a in offered[3:]}
            picked = st.menu_button(_("More"), list(rest), key="order_more")
            if picked:
                st.session_state["order_asking"] = _key(rest[picked])
    for action in offered:
        if st.session_state.get("order_asking") == _key(action):
            with st.container(border=True, gap="xsmall"):
                _ASK[action.name](order, action)


def _key(action: Action) -> str:
    return f"{action.name}_{action.target}"


def _button(action: Action, *, primary: bool) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary and action.name != "cancel" else "secondary"
    st.button(
        action.label, icon=f":material/{action.icon}:", type=kind, key=f"order_{_key(action)}",
        on_click=_ask_about, args=(_key(action),),
    )  # fmt: skip


def _ask_about(key: str) -> None:
    st.session_state["order_asking"] = key


def _act(label: str, command: Callable[[Session], object], done: str, *, danger: bool = False) -> None:
    """Draw the confirming button; on success the drawer shows the new facts."""
    with st.container(horizontal=True, gap="xsmall"):
        icon = ":material/warning:" if danger else ":material/check:"
        if st.button(label, type="primary", icon=icon, key="order_confirm"):
            if actions.run(command, done=done) is not None:
                st.session_state["order_asking"] = None
                st.rerun()
        elif st.button(_("Leave it"), type="tertiary", key="order_leave", on_click=_ask_about, args=("",)):
            return


def _ask_allocate(order: Mapping[str, Any], _action: Action) -> None:
    from oms_core.fulfilment.commands import open_fulfillment_orders
    from oms_core.routing.commands import allocate_order

    def command(session: Session) -> object:
        allocations = allocate_order(session, order["order_id"], zone=data.shop().zone, actor=actions.ACTOR)
        open_fulfillment_orders(session, order["order_id"], actor=actions.ACTOR)
        return allocations

    st.caption(_("Stock is promised by the routing rules, all lines or none; the receipt says why."))
    _act(_("Allocate now"), command, _("Order #{number} is allocated").format(number=order["number"]))


def _ask_ship(order: Mapping[str, Any], action: Action) -> None:
    from oms_core.fulfilment.commands import ship

    left, right = st.columns(2)
    carrier = left.selectbox(_("Carrier"), CARRIERS, key="order_carrier")
    tracking = right.text_input(_("Tracking number"), key="order_tracking")

    def command(session: Session) -> object:
        return ship(
            session, fulfillment_order_id=action.target, carrier=carrier, tracking_number=tracking.strip() or None,
            zone=data.shop().zone, actor=actions.ACTOR,
        )  # fmt: skip

    _act(_("Ship all open units"), command, _("Order #{number} is on its way").format(number=order["number"]))


def _ask_deliver(order: Mapping[str, Any], action: Action) -> None:
    from oms_core.fulfilment.commands import deliver

    st.caption(_("The parcel is booked as delivered now; this cannot be undone."))
    done = _("The parcel of order #{number} is delivered").format(number=order["number"])
    _act(_("Book as delivered"), lambda s: deliver(s, shipment_id=action.target, actor=actions.ACTOR), done)


def _ask_pay(order: Mapping[str, Any], action: Action) -> None:
    from oms_core.payments.commands import pay

    gateway = st.text_input(_("Paid through"), value="manual", key="order_gateway")

    def command(session: Session) -> object:
        return pay(
            session, order_id=order["order_id"], kind="capture", amount_minor=action.target,
            gateway=gateway.strip() or "manual", zone=data.shop().zone, actor=actions.ACTOR,
        )  # fmt: skip

    _act(action.label, command, _("Payment of order #{number} is booked").format(number=order["number"]))


def _ask_cancel(order: Mapping[str, Any], _action: Action) -> None:
    from oms_core.orders.commands import cancel_order

    paid = int(order["paid_minor"])
    said = _("Its stock is released at once.")
    if paid:
        said += " " + _("{money} stays taken until you refund it.").format(money=fmt.money(paid, order["currency"]))
    st.caption(said.replace("$", "\\$"))
    reason = st.selectbox(_("Reason"), list(REASONS), format_func=lambda code: _(REASONS[code]), key="order_reason")

    def command(session: Session) -> object:
        return cancel_order(session, order["order_id"], reason=reason, actor=actions.ACTOR, zone=data.shop().zone)

    label = _("Cancel order #{number}, {money}").format(
        number=order["number"], money=fmt.money(int(order["total_minor"]), order["currency"])
    )
    _act(label, command, _("Order #{number} is cancelled").format(number=order["number"]), danger=True)


_ASK: dict[str, Callable[[Mapping[str, Any], Action], None]] = {
    "allocate": _ask_allocate,
    "ship": _ask_ship,
    "deliver": _ask_deliver,
    "pay": _ask_pay,
    "cancel": _ask_cancel,
}
