"""What a withdrawal does to goods: an approved return for what left, taken off the order what did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.order_changes import commands as changes
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import OrderLine
from oms_core.returns.case_tables import Withdrawal, WithdrawalLine
from oms_core.returns.requesting import NewReturnLine, approve_return, request_return
from oms_core.returns.taken import Taken, taken_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order


def take_goods(session: Session, found: Withdrawal, order: Order, *, reason: str, zone: str, actor: str) -> None:
    """Let a withdrawal take effect on the goods it names; exempt lines stay out unless it is goodwill.

    Units not yet sent are taken first: what never leaves needs no parcel back.
    """
    unsent, sent = _split(session, found)
    if unsent:
        found.cancelled_minor = _take_off(session, found, order, unsent, zone=zone, actor=actor)
    if sent:
        lines = [NewReturnLine(key, units, reason) for key, units in sent.items()]
        goods = request_return(
            session, order_id=order.id, lines=lines, reason=reason, zone=zone, actor=actor, late="by_right"
        )
        approve_return(session, return_id=goods.id, actor=actor)
        found.return_id = goods.id
    session.flush()


def _split(session: Session, found: Withdrawal) -> tuple[dict[int, int], dict[int, int]]:
    """Return units to take off the order and units to send back, by order line."""
    statement = (
        sa.select(WithdrawalLine, OrderLine)
        .join(OrderLine, OrderLine.id == WithdrawalLine.order_line_id)
        .where(WithdrawalLine.withdrawal_id == found.id)
        .order_by(WithdrawalLine.id)
    )
    rows = session.execute(statement.execution_options(populate_existing=True)).all()
    taken = taken_of(session, [line.id for _, line in rows])
    unsent, sent = dict[int, int](), dict[int, int]()
    for wanted, line in rows:
        # the law leaves exempt lines out; once a person decided for goodwill, all that was named counts
        if wanted.exempt and not found.doubt:
            continue
        off = min(wanted.quantity, line.quantity - line.cancelled_qty - line.shipped_qty)
        back = line.shipped_qty - line.returned_qty - taken.get(line.id, Taken()).units
        unsent[line.id], sent[line.id] = off, min(wanted.quantity - off, back)
    return {k: n for k, n in unsent.items() if n}, {k: n for k, n in sent.items() if n}


def _take_off(
    session: Session, found: Withdrawal, order: Order, units: Mapping[int, int], *, zone: str, actor: str
) -> int:
    """Take unsent units off the order and return the value by which it fell, minor units."""
    lines = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id)).all()
    live = {line.id: line.quantity - line.cancelled_qty for line in lines if line.quantity > line.cancelled_qty}
    before = order.total_minor
    if live == dict(units):
        cancel_order(session, order.id, reason="withdrawal", actor=actor, zone=zone)
        return before
    actions = [
        {"kind": "set_quantity", "line_id": key, "quantity": live[key] - n}
        if live[key] > n
        else {"kind": "remove_line", "line_id": key}
        for key, n in units.items()
    ]
    change = changes.propose(session, order.id, actions, zone=zone, actor=actor, reason=found.number)
    changes.confirm(session, change.id, zone=zone, actor=actor)
    session.refresh(order)
    return before - order.total_minor
