"""Goods at the dock: units by line, and what came broken, missing or beyond the order, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import acting, actions
from app import format as fmt
from app.i18n import _, ngettext
from oms_core.backorders.commands import receive as receive_and_fill
from oms_core.purchasing.commands import Remark

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

Order = Mapping[str, Any]


def render(order: Order, place: Place) -> None:
    """Draw the popover of a delivery."""
    waiting = [line for line in order["lines"] if line["to_come_qty"]]
    label = ngettext("Receive {n} line", "Receive {n} lines", len(waiting)).format(n=len(waiting))
    solid = order["answer"] is None  # an answer that waits comes first
    with st.popover(label, icon=":material/inventory:", type="primary" if solid else "secondary"):
        st.caption(_("Units that arrived; change what differs."))
        differs = st.toggle(_("Something is broken, missing or too many"), key="po_differs")
        arrived: dict[int, int] = {}
        remarks: list[Remark] = []
        for line in waiting:
            arrived[line["id"]] = _units(line)
            if differs:
                remarks += _remarks(line, arrived[line["id"]])
        units = sum(arrived.values())
        label = ngettext("Take {n} unit into stock", "Take {n} units into stock", units).format(n=fmt.count(units))
        if st.button(label, icon=":material/inventory:", key="po_receive"):
            done = ngettext("{n} unit received", "{n} units received", units).format(n=fmt.count(units))
            _receive(order, arrived, remarks, zone=place.zone, done=done)


def _receive(order: Order, arrived: Mapping[int, int], remarks: Sequence[Remark], *, zone: str, done: str) -> None:
    """Take the goods into stock; who waits for them is served first."""

    def command(session: Session) -> str:
        receipt = receive_and_fill(
            session, purchase_order_id=order["id"], lines=arrived, zone=zone, actor=acting.name(), remarks=remarks
        )
        return receipt.number

    if actions.run(command, done=done):
        st.rerun()


def _units(line: Mapping[str, Any]) -> int:
    return int(
        st.number_input(
            f"{line['sku']} · {fmt.product(line['title'])}", min_value=0, value=line["to_come_qty"], step=1,
            key=f"po_arrived_{line['id']}",
        )
    )  # fmt: skip


def _remarks(line: Mapping[str, Any], arrived: int) -> list[Remark]:
    """Draw what differs of one line and return it; what is beyond the order follows from the units."""
    broken, missing, why = st.columns([1, 1, 2])
    key = line["id"]
    damaged = broken.number_input(_("Damaged"), min_value=0, max_value=arrived, step=1, key=f"po_broken_{key}")
    short = missing.number_input(_("Missing"), min_value=0, step=1, key=f"po_missing_{key}")
    reason = why.text_input(_("Reason"), key=f"po_why_{key}", max_chars=200)
    units = {"damaged": int(damaged), "short": int(short), "over": max(arrived - line["to_come_qty"], 0)}
    return [Remark(key, kind, n, reason) for kind, n in units.items() if n]
