"""What may be done to a purchase order: the machine's moves as buttons, and its papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import acting, actions, data, links
from app import format as fmt
from app.documents.order_formats import FORMATS
from app.i18n import LANGUAGES, _, language, ngettext
from app.views import (
    finance_bill_entry,
    purchase_order_answer,
    purchase_order_approval,
    purchase_order_edit,
    purchase_order_receive,
)
from oms_core.purchasing import commands
from oms_core.purchasing.answering import ANSWERABLE
from oms_core.purchasing.states import INCOMING, PURCHASE_ORDER
from oms_core.reporting import buying_mails

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

Order = Mapping[str, Any]
#: States in which something arrived that can be billed.
ARRIVED = ("partially_received", "received", "closed")


def render(order: Order, place: Place) -> None:
    """Draw the papers and the moves the state allows; the most useful one is solid."""
    may = PURCHASE_ORDER.moves[order["state"]]
    purchase_order_approval.banner(order, place)
    purchase_order_answer.banner(order)
    with st.container(horizontal=True, gap="xsmall"):
        if "sent" in may and order["authority"].get("may_send"):
            _send(order, place)
        purchase_order_approval.moves(order)
        purchase_order_edit.render(order, place)
        _papers(order)
        _mail(order)
        if order["state"] == "sent" and order["answer"] is None:
            _confirm(order, place)
        if order["state"] in ANSWERABLE and order["answer"] is None:
            purchase_order_answer.enter(order, place)
        if order["state"] in INCOMING:
            purchase_order_receive.render(order, place)
        _bill(order)
        if "closed" in may and order["state"] in {"received", "partially_received"}:
            button(_("Close"), "done_all", "close", lambda s: commands.close(s, purchase_order_id=order["id"], **me()))
        if "cancelled" in may:
            _cancel(order)
        acting.ask()


def me() -> dict[str, str]:
    """Return the actor as commands take it."""
    return {"actor": acting.name()}


def button(label: str, icon: str, name: str, command: Callable[[Session], object], *, done: str = "") -> None:
    """Draw a button that runs a command and draws the page anew when it was done."""
    pressed = st.button(label, icon=f":material/{icon}:", key=f"po_{name}")
    if pressed and actions.run(lambda s: bool(command(s)) or True, done=done or label):
        st.rerun()


def _send(order: Order, place: Place) -> None:
    lines = len(order["lines"])
    label = ngettext("Send {n} line to the supplier", "Send {n} lines to the supplier", lines).format(
        n=fmt.count(lines)
    )
    if order["twins"]:
        with st.popover(label, icon=":material/send:", type="primary"):
            _despite(order, place)
        return
    if st.button(
        label, type="primary", icon=":material/send:", key="po_send", help=_("Marks it sent; the paper is below")
    ):
        _sent(order, place, "")


def _despite(order: Order, place: Place) -> None:
    """Tell which late orders still bring the same goods, and ask why more are ordered."""
    st.markdown(f":orange[:material/warning:] **{_('The same goods are late already.')}**")
    for twin in order["twins"][:5]:
        late = ngettext("{n} day late", "{n} days late", twin["days_late"]).format(n=twin["days_late"])
        to_come = _("{n} to come with {number}").format(n=fmt.count(twin["to_come_qty"]), number=twin["number"])
        st.caption(f"{twin['sku']} · {to_come} · {late}")
    again = st.text_input(_("Why are both meant?"), key="po_again", max_chars=200)
    if st.button(_("Send it all the same"), icon=":material/send:", key="po_send", disabled=not again.strip()):
        _sent(order, place, again)


def _sent(order: Order, place: Place, again: str) -> None:
    done = actions.run(
        lambda s: commands.send(s, purchase_order_id=order["id"], zone=place.zone, again=again, **me()) or True,
        done=_("{number} is sent").format(number=order["number"]),
    )
    if done:
        st.rerun()


def _papers(order: Order) -> None:
    """Draw the PDF as a button and the other forms beside it."""
    _paper(order, "pdf")
    with st.popover(_("Other forms"), icon=":material/folder_open:"):
        for name in FORMATS:
            if name != "pdf":
                _paper(order, name)


def _paper(order: Order, name: str) -> None:
    form, shop, spoken = FORMATS[name], data.shop(), language()  # the file is made later, away from the page
    st.download_button(
        _(form.label), lambda: form.write(order, shop, spoken), file_name=f"{order['number']}{form.suffix}",
        mime=form.mime, on_click="ignore", icon=f":material/{form.icon}:", key=f"po_{name}",
    )  # fmt: skip


def _mail(order: Order) -> None:
    """Draw the form that puts a sent order into the post: marking it as sent mails nothing by itself."""
    if not order["sent_at"] or order["state"] == "cancelled":
        return
    with st.popover(_("Mail to the supplier"), icon=":material/outgoing_mail:"):
        to = st.text_input(_("Mail it to"), value=order["supplier"]["email"], key="po_mail_to")
        left, right = st.columns(2)
        form = left.selectbox(_("With the PDF"), list(FORMATS), format_func=str.upper, key="po_mail_form")
        spoken = right.selectbox(_("Language"), list(LANGUAGES), format_func=str.upper, key="po_mail_language")
        button(
            _("Put it into the post"), "mail", "mail",
            lambda s: buying_mails.mail_order(
                s, purchase_order_id=order["id"], format_=form, language=spoken,
                recipients=[a for a in to.replace(";", ",").split(",") if a.strip()], **me(),
            ),
            done=_("{number} is in the post").format(number=order["number"]),
        )  # fmt: skip


def _bill(order: Order) -> None:
    """Draw the way to where the supplier's bill is entered, once something arrived."""
    if order["state"] in ARRIVED:
        st.button(
            _("Enter the bill"), icon=":material/receipt:", key="po_bill", on_click=links.go, args=("finance",),
            kwargs={"finance_view": "payables", finance_bill_entry.ORDER: order["number"]},
        )  # fmt: skip


def _confirm(order: Order, place: Place) -> None:
    with st.popover(_("Confirmed"), icon=":material/check:"):
        usual = place.today + timedelta(days=round(order["supplier"]["lead_time_days"]))
        promised = st.date_input(
            _("Promised for"), value=order["expected_on"] or usual, format="DD.MM.YYYY", key="po_promised"
        )
        day = promised if isinstance(promised, date) else None
        button(
            _("Book the confirmation"), "check", "confirm",
            lambda s: commands.confirm(s, purchase_order_id=order["id"], expected_on=day, **me()),
            done=_("{number} is confirmed").format(number=order["number"]),
        )  # fmt: skip


def _cancel(order: Order) -> None:
    with st.popover(_("Cancel order"), icon=":material/cancel:", type="tertiary"):
        st.markdown(
            _("Cancel **{number}**, {money}? This cannot be undone.").format(
                number=order["number"], money=fmt.money(order["total_minor"], order["currency"]).replace("$", "\\$")
            )
        )
        reason = st.text_input(_("Reason"), key="po_reason")
        button(
            _("Cancel this order"), "cancel", "cancel",
            lambda s: commands.cancel(s, purchase_order_id=order["id"], reason=reason, **me()),
            done=_("{number} is cancelled").format(number=order["number"]),
        )  # fmt: skip
