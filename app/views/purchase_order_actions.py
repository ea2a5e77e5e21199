"""What may be done to a purchase order: the machine's moves as buttons, and its paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import actions, data
from app import format as fmt
from app.documents.purchase_order import csv, pdf
from app.i18n import _, language, ngettext
from oms_core.backorders.commands import receive as receive_and_fill
from oms_core.purchasing import commands
from oms_core.purchasing.states import INCOMING, PURCHASE_ORDER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

Order = Mapping[str, Any]


def render(order: Order, place: Place) -> None:
    """Draw the papers and the moves the state allows; the most useful one is solid."""
    may = PURCHASE_ORDER.moves[order["state"]]
    with st.container(horizontal=True, gap="xsmall"):
        if "sent" in may:
            _send(order, place)
        _papers(order)
        if order["state"] == "sent":
            _confirm(order, place)
        if order["state"] in INCOMING:
            _receive(order, place)
        if "closed" in may and order["state"] in {"received", "partially_received"}:
            _button(_("Close"), "done_all", "close", lambda s: commands.close(s, purchase_order_id=order["id"], **_ME))
        if "cancelled" in may:
            _cancel(order)


_ME: dict[str, Any] = {"actor": actions.ACTOR}


def _button(label: str, icon: str, name: str, command: Callable[[Session], object], *, done: str = "") -> None:
    if st.button(label, icon=f":material/{icon}:", key=f"po_{name}"):
        actions.run(command, done=done or label)
        st.rerun()


def _send(order: Order, place: Place) -> None:
    lines = len(order["lines"])
    label = ngettext("Send {n} line to the supplier", "Send {n} lines to the supplier", lines).format(
        n=fmt.count(lines)
    )
    if st.button(
        label, type="primary", icon=":material/send:", key="po_send", help=_("Marks it sent; the paper is below")
    ):
        done = actions.run(
            lambda s: commands.send(s, purchase_order_id=order["id"], zone=place.zone, **_ME) or True,
            done=_("{number} is sent").format(number=order["number"]),
        )
        if done:
            st.rerun()


def _papers(order: Order) -> None:
    shop = data.shop()
    name, spoken = order["number"], language()  # the file is made later, away from the reader's page
    st.download_button(
        _("Download PDF"), lambda: pdf(order, shop, language=spoken), file_name=f"{name}.pdf",
        mime="application/pdf", on_click="ignore", icon=":material/picture_as_pdf:", key="po_pdf",
    )  # fmt: skip
    st.download_button(
        _("CSV"), lambda: csv(order, language=spoken), file_name=f"{name}.csv", mime="text/csv",
        on_click="ignore", icon=":material/table:", key="po_csv",
    )  # fmt: skip


def _confirm(order: Order, place: Place) -> None:
    with st.popover(_("Confirmed"), icon=":material/check:"):
        usual = place.today + timedelta(days=round(order["supplier"]["lead_time_days"]))
        promised = st.date_input(
            _("Promised for"), value=order["expected_on"] or usual, format="DD.MM.YYYY", key="po_promised"
        )
        day = promised if isinstance(promised, date) else None
        _button(
            _("Book the confirmation"), "check", "confirm",
            lambda s: commands.confirm(s, purchase_order_id=order["id"], expected_on=day, **_ME),
            done=_("{number} is confirmed").format(number=order["number"]),
        )  # fmt: skip


def _receive(order: Order, place: Place) -> None:
    waiting = [line for line in order["lines"] if line["to_come_qty"]]
    label = ngettext("Receive {n} line", "Receive {n} lines", len(waiting)).format(n=len(waiting))
    with st.popover(label, icon=":material/inventory:", type="primary"):
        st.caption(_("Units that arrived; change what differs."))
        arrived = {
            line["id"]: int(
                st.number_input(
                    f"{line['sku']} · {fmt.product(line['title'])}", min_value=0, max_value=line["to_come_qty"],
                    value=line["to_come_qty"], step=1, key=f"po_arrived_{line['id']}",
                )
            )
            for line in waiting
        }  # fmt: skip
        units = sum(arrived.values())
        _button(
            ngettext("Take {n} unit into stock", "Take {n} units into stock", units).format(n=fmt.count(units)),
            "inventory", "receive",
            lambda s: receive_and_fill(s, purchase_order_id=order["id"], lines=arrived, zone=place.zone, **_ME),
            done=ngettext("{n} unit received", "{n} units received", units).format(n=fmt.count(units)),
        )  # fmt: skip


def _cancel(order: Order) -> None:
    with st.popover(_("Cancel order"), icon=":material/cancel:", type="tertiary"):
        st.markdown(
            _("Cancel **{number}**, {money}? This cannot be undone.").format(
                number=order["number"], money=fmt.money(order["total_minor"], order["currency"]).replace("$", "\\$")
            )
        )
        reason = st.text_input(_("Reason"), key="po_reason")
        _button(
            _("Cancel this order"), "cancel", "cancel",
            lambda s: commands.cancel(s, purchase_order_id=order["id"], reason=reason, **_ME),
            done=_("{number} is cancelled").format(number=order["number"]),
        )  # fmt: skip
