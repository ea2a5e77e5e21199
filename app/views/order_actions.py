"""What may be done to an order now, and why the rest may not: read from the state machines and the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from app import actions
from app import format as fmt
from app.i18n import N_, _, ngettext
from oms_core.fulfilment.queries import SHIPPABLE
from oms_core.fulfilment.states import SHIPMENT
from oms_core.kernel import clock
from oms_core.order_changes.commands import EDITABLE
from oms_core.orders.states import ORDER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.dossier import Dossier

CARRIERS = ("DPD", "DHL", "UPS", "InPost", "Poczta Polska", "Royal Mail")
REASONS = {
    "customer": N_("The customer asked"),
    "stock": N_("Goods are not available"),
    "fraud": N_("Suspected fraud"),
    "mistake": N_("Placed by mistake"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: its name, the button's words and icon, what it works on, and why it cannot be done."""

    name: str
    label: str
    icon: str
    target: int = 0
    refused: str = ""

    @property
    def key(self) -> str:
        """Name of the action and its target."""
        return f"{self.name}_{self.target}"


def offered(order: Dossier) -> list[Action]:
    """Return the actions of an order as it is, the most useful first; refused ones say why."""
    if not order.live:
        return []
    found = [*_second_looks(order), *_stock_actions(order), *_care_actions(order), *_case_actions(order)]
    found += [*_money_actions(order), *_work_actions(order), _cancelling(order)]
    return list({one.key: one for one in found}.values())


def _stock_actions(order: Dossier) -> list[Action]:
    placed = "" if order.head["state"] == "placed" else _("the order is not open")
    short = [line for line in order.lines if unpromised(order, line) > 0]
    label = ngettext("Allocate {n} line", "Allocate {n} lines", len(short)).format(n=len(short))
    found = [Action("allocate", label, "swap_horiz")] if short and not placed else []
    open_work = [one for one in order.work if one["state"] in SHIPPABLE]
    found += [
        Action("ship", _("Ship from {place}").format(place=one["place"]), "local_shipping", int(one["id"]))
        for one in open_work
    ]
    if not open_work:
        held = _("it is on hold") if order.holds else placed or _("nothing is allocated and open")
        found.append(Action("ship", _("Ship"), "local_shipping", refused=held))
    found += [
        Action("deliver", _("Book the delivery"), "task_alt", int(one["id"]))
        for one in order.parcels
        if "delivered" in SHIPMENT.moves[one["state"]]
    ]
    if len(open_work) == 1 and sum(unit["open"] for unit in open_work[0]["units"]) > 1:
        found.append(Action("split", _("Split the work"), "call_split", int(open_work[0]["id"])))
    return found


def _work_actions(order: Dossier) -> list[Action]:
    """Return what may be done with work that is not the usual: another place, one parcel, made goods, the window."""
    found = [
        Action("together", _("Ship with the buyer's other orders"), "inventory_2", own)
        for own in dict.fromkeys(one["own"] for one in order.companions)
    ]
    found += [
        Action("move", _("Let another place ship {number}").format(number=one["number"]), "moving", int(one["id"]))
        for one in order.work
        if one["state"] in SHIPPABLE
    ]
    if order.head["state"] == "placed" and any(unmade(order, line) for line in order.lines):
        found.append(Action("made", _("Book made units"), "construction"))
    until = order.head["release_at"]
    if order.head["state"] == "placed" and until is not None and until > clock.now():
        found.append(Action("release_now", _("To the warehouse now"), "timer_off"))
    return found


def unmade(order: Dossier, line: Mapping[str, Any]) -> int:
    """Return the units of a made-to-order line that are wanted and not booked as made yet."""
    if line["stock_kind"] != "made_to_order":
        return 0
    booked = sum(int(u["open"]) for work in order.work for u in work["units"] if u["sku"] == line["sku"])
    return max(int(line["quantity"]) - int(line["cancelled_qty"]) - int(line["shipped_qty"]) - booked, 0)


def unpromised(order: Dossier, line: Mapping[str, Any]) -> int:
    """Return the units of a line that are neither sent, promised, waiting for goods nor in need of none."""
    if line["stock_kind"] != "stocked":
        return 0
    wanted = int(line["quantity"]) - int(line["cancelled_qty"]) - int(line["shipped_qty"])
    promised = sum(int(u["open"]) for work in order.work for u in work["units"] if u["sku"] == line["sku"])
    waiting = sum(int(b.get("waiting", b.get("quantity", 0))) for b in order.backorders if b["sku"] == line["sku"])
    return max(wanted - promised - waiting, 0)


def _money_actions(order: Dossier) -> list[Action]:
    nothing = "" if order.balance.refundable_minor else _("nothing was captured")
    found = [Action("refund", _("Give money back"), "undo", refused=nothing)]
    whole = bool(order.invoice) and not any(line["left"] for line in order.invoicing["lines"])
    issued = _("it has invoice {number}").format(number=order.invoice) if whole else ""
    cancelled = _("the order is cancelled") if order.head["state"] == "cancelled" else ""
    found.append(Action("invoice", _("Issue the invoice"), "receipt", refused=issued or cancelled))
    return found


def _second_looks(order: Dossier) -> list[Action]:
    """Return what somebody waits for a decision on: it comes before everything else."""
    found = [Action("release", _("Release the hold"), "play_circle")] if order.holds else []
    if order.risk is not None and order.risk["state"] == "open":
        found.append(Action("risk", _("Review the risk"), "gpp_maybe"))
    if any(one.get("state") == "open" for one in order.suspicions):
        found.append(Action("duplicate", _("Review the duplicate"), "content_copy"))
    if order.balance.due_minor > 0:
        label = _("Book {money} paid").format(money=fmt.money(order.balance.due_minor, order.head["currency"]))
        found.append(Action("pay", label, "payments", order.balance.due_minor))
    return found


def _care_actions(order: Dossier) -> list[Action]:
    state = order.head["state"]
    fixed = "" if state in EDITABLE else _("the order is cancelled")
    gone = "" if state == "placed" else _("the order is not open")
    return [
        Action("edit", _("Edit"), "edit", refused=fixed),
        Action("hold", _("Hold"), "pause_circle", refused=gone),
        Action("note", _("Write a note"), "edit_note"),
        Action("tag", _("Tags"), "sell"),
    ]


def _case_actions(order: Dossier) -> list[Action]:
    left = "" if order.sent else _("nothing has left yet")
    return [
        Action("return", _("Request a return"), "assignment_return", refused=left),
        Action("exchange", _("Exchange goods"), "swap_calls", refused=left),
        Action("claim", _("Open a claim"), "report", refused=left),
    ]


def _cancelling(order: Dossier) -> Action:
    may = "cancelled" in ORDER.moves[order.head["state"]]
    shipped = any(line["shipped_qty"] for line in order.lines)
    why = "" if may and not shipped else _("goods have left") if shipped else _("the order is not open")
    return Action("cancel", _("Cancel order"), "cancel", refused=why)


def render(order: Dossier, asks: dict[str, Callable[[Dossier, Action], None]]) -> None:
    """Draw the actions: four buttons, the rest in a menu, what is refused and why; each asks before it acts."""
    every = offered(order)
    open_ones = [one for one in every if not one.refused]
    if not open_ones:
        return
    _bar(open_ones)
    _not_now(every)
    for action in open_ones:
        if st.session_state.get("order_asking") == action.key:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{action.label}**".replace("$", "\\$"))
                asks[action.name](order, action)


def _bar(open_ones: list[Action]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for n, action in enumerate(open_ones[:4]):
            _button(action, primary=n == 0)
        rest = {one.label: one for one in open_ones[4:]}
        picked = st.menu_button(_("More"), list(rest), key="order_more") if rest else None
        if picked:
            st.session_state["order_asking"] = rest[picked].key


def _not_now(every: list[Action]) -> None:
    """Say what cannot be done now, by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in (one for one in every if one.refused):
        reasons.setdefault(one.refused, []).append(one.label.lower())
    if reasons:
        said = "; ".join(f"{', '.join(labels)} ({why})" for why, labels in reasons.items())
        st.caption(_("Not now: {actions}").format(actions=said))


def _button(action: Action, *, primary: bool) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary and action.name != "cancel" else "secondary"
    st.button(
        action.label, icon=f":material/{action.icon}:", type=kind, key=f"order_{action.key}",
        on_click=ask_about, args=(action.key,),
    )  # fmt: skip


def ask_about(key: str) -> None:
    """Open the questions of an action; none for an empty key."""
    st.session_state["order_asking"] = key


def act(
    label: str, command: Callable[[Session], object], done: str, *, danger: bool = False, disabled: bool = False
) -> None:
    """Draw the confirming button; on success the drawer shows the new facts."""
    with st.container(horizontal=True, gap="xsmall"):
        icon = ":material/warning:" if danger else ":material/check:"
        pressed = st.button(label, type="primary", icon=icon, key="order_confirm", disabled=disabled)
        st.button(_("Leave it"), type="tertiary", key="order_leave", on_click=ask_about, args=("",))
    if pressed and actions.run(command, done=done) is not None:
        st.session_state["order_asking"] = None
        st.rerun()
