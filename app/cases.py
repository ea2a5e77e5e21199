"""The returns desk's questions to the database: what waits for whom, and one case whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import data, desk

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Queue of returns to the states it holds; the other queues are objects of their own.
RETURN_STATES = {
    "requested": ("requested",),
    "to_receive": ("approved", "in_transit"),
    "to_inspect": ("received",),
    "to_refund": ("inspected",),
}
#: Queue to the model of `oms_core.returns.case_tables` and the states in which it waits for us.
CASES = {
    "exchanges": ("Exchange", ("requested", "approved", "awaiting_goods")),
    "claims": ("Claim", ("opened", "approved")),
    "withdrawals": ("Withdrawal", ("declared", "undecided", "goodwill")),
}
MOST = 200


def counts() -> dict[str, int]:
    """Return how many cases wait in each queue."""
    return _counts(data.watermark())


@data.remembered(5)
def _counts(mark: str) -> dict[str, int]:
    del mark
    return desk.read(_count)


def _count(session: Session) -> dict[str, int]:
    from oms_core.returns.tables import Return

    state = sa.select(Return.state, sa.func.count()).where(sa.not_(Return.is_history)).group_by(Return.state)
    by_state = {row[0]: int(row[1]) for row in session.execute(state)}
    found = {queue: sum(by_state.get(s, 0) for s in states) for queue, states in RETURN_STATES.items()}
    for queue, (name, states) in CASES.items():
        model = _model(name)
        found[queue] = int(session.scalar(sa.select(sa.func.count()).where(model.state.in_(states))) or 0)
    return found


def _model(name: str) -> Any:
    from oms_core.returns import case_tables

    return getattr(case_tables, name)


def waiting(queue: str) -> list[dict[str, Any]]:
    """Return the cases of a queue, those that wait longest first: at most :data:`MOST`."""
    return desk.read(lambda session: _waiting(session, queue))


def _waiting(session: Session, queue: str) -> list[dict[str, Any]]:
    from oms_core.orders.tables import Order
    from oms_core.returns.tables import Return

    if queue in CASES:
        name, states = CASES[queue]
        model = _model(name)
        statement = sa.select(model, Order).join(Order, Order.id == model.order_id).where(model.state.in_(states))
    else:
        model = Return
        statement = sa.select(model, Order).outerjoin(Order, Order.id == Return.order_id)
        statement = (
            statement.where(Return.state.in_(("closed", "declined", "cancelled")))
            if queue == "done"
            else statement.where(Return.state.in_(RETURN_STATES[queue]), sa.not_(Return.is_history))
        )
    newest_first = queue == "done"
    rows = session.execute(statement.order_by(model.id.desc() if newest_first else model.id).limit(MOST)).all()
    due = _deadlines(session, [order.id for _case, order in rows if order is not None])
    return [_row(case, order, due) for case, order in rows]


def _deadlines(session: Session, order_ids: list[int]) -> dict[int, Any]:
    """Return the day by which the law wants a refund, by order; the earliest of its open withdrawals."""
    model = _model("Withdrawal")
    rows = session.execute(
        sa.select(model.order_id, sa.func.min(model.refund_due_on))
        .where(model.order_id.in_(order_ids), model.state.in_(("declared", "goodwill")))
        .group_by(model.order_id)
    )
    return {row[0]: row[1] for row in rows}


def _row(case: Any, order: Any, due: dict[int, Any]) -> dict[str, Any]:
    kind = type(case).__name__.lower()
    money = {"return": "total_minor", "exchange": "difference_minor", "claim": "amount_minor"}.get(kind)
    at = {"return": "requested_at", "exchange": "requested_at", "claim": "opened_at"}.get(kind, "declared_at")
    return {
        "kind": kind, "number": case.number, "state": case.state, "order": order.number if order else "",
        "customer": (order.ship_name or order.email or "") if order else "", "currency": case.currency,
        "minor": getattr(case, money) if money else 0, "at": getattr(case, at),
        "reason": getattr(case, "reason", "") or (case.kind if kind == "claim" else ""),
        "due_on": case.refund_due_on if kind == "withdrawal" else due.get(order.id if order else 0),
    }  # fmt: skip


def one(kind: str, number: str) -> dict[str, Any]:
    """Return a case whole: its own facts, the order's number, and for goods the return with lines and units.

    Raises
    ------
    NotFound
        There is no such case.
    """
    return desk.read(lambda session: _one(session, kind, number))


def _one(session: Session, kind: str, number: str) -> dict[str, Any]:
    from oms_core.kernel.errors import NotFound
    from oms_core.orders.tables import Order
    from oms_core.returns import queries
    from oms_core.returns.tables import Return

    model = Return if kind == "return" else _model(kind.capitalize())
    case = session.scalars(sa.select(model).where(model.number == number)).one_or_none()
    if case is None:
        known = session.scalars(sa.select(model.number).order_by(model.id.desc()).limit(200)).all()
        raise NotFound(kind, number, known)
    facts = {column.key: getattr(case, column.key) for column in sa.inspect(model).column_attrs}
    order = session.get(Order, case.order_id) if case.order_id else None
    return_id = case.id if kind == "return" else facts.get("return_id")
    return {
        **facts,
        "kind_of_case": kind,
        "order": order.number if order else "",
        "customer": (order.ship_name or order.email or "") if order else "",
        "goods": queries.return_detail(session, return_id) if return_id else None,
        "lines": _lines(session, kind, case.id),
        "governed": _governed(session, case.id) if kind == "return" else "",
    }


def _governed(session: Session, return_id: int) -> str:
    """Return the number of the exchange, claim or withdrawal that settles a return; empty when it settles itself."""
    for name, _states in CASES.values():
        model = _model(name)
        found = session.scalar(sa.select(model.number).where(model.return_id == return_id))
        if found is not None:
            return str(found)
    return ""


def _lines(session: Session, kind: str, key: int) -> list[dict[str, Any]]:
    from oms_core.returns.case_tables import ClaimLine, WithdrawalLine

    if kind == "claim":
        return [
            {"sku": line.sku, "title": "", "quantity": line.quantity, "minor": line.amount_minor}
            for line in session.scalars(sa.select(ClaimLine).where(ClaimLine.claim_id == key).order_by(ClaimLine.id))
        ]
    if kind == "withdrawal":
        mine = sa.select(WithdrawalLine).where(WithdrawalLine.withdrawal_id == key).order_by(WithdrawalLine.id)
        return [
            {"sku": line.sku, "title": line.title, "quantity": line.quantity, "minor": 0, "exempt": line.exempt}
            for line in session.scalars(mine)
        ]
    return []
