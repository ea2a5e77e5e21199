"""Read returns: the list, and one with its lines, money and timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.kernel.journal import JournalEntry
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment
from oms_core.returns.places import told
from oms_core.returns.records import lines_of, refunded
from oms_core.returns.tables import Return, ReturnAdjustment
from oms_core.returns.units import units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_OWN = (
    "id", "number", "order_id", "state", "reason", "currency", "requested_at", "business_date", "received_at",
    "closed_at", "goods_minor", "other_minor", "total_minor", "is_history", "is_simulated", "version", "wish",
)  # fmt: skip
_LINE = (
    "id", "order_line_id", "variant_id", "sku", "title", "quantity", "received_qty", "amount_minor", "disposition",
    "location_id", "reason",
)  # fmt: skip

_UNIT = (
    "id", "return_line_id", "position", "disposition", "grade", "note", "location_id", "counted_at", "counted_by",
    "inspected_at", "inspected_by",
)  # fmt: skip


def find(session: Session, name: str | int) -> int:
    """Return the id of a return given by its number or its id.

    Raises
    ------
    NotFound
        With near matches among the newest numbers.
    """
    text = str(name).strip()
    by_number = session.scalar(sa.select(Return.id).where(sa.func.upper(Return.number) == text.upper()))
    if by_number is not None:
        return by_number
    by_id = session.scalar(sa.select(Return.id).where(Return.id == int(text))) if text.isdigit() else None
    if by_id is None:
        newest = session.scalars(sa.select(Return.number).order_by(Return.id.desc()).limit(500)).all()
        raise NotFound("return", text, newest)
    return by_id


def returns(session: Session, *, states: Sequence[str] = (), order_id: int | None = None) -> list[dict[str, Any]]:
    """Return returns, newest first: ``number, order, state, reason, currency, total_minor, requested_at`` and more."""
    statement = (
        sa.select(*(getattr(Return, key) for key in _OWN), Order.number.label("order"))
        .outerjoin(Order, Order.id == Return.order_id)
        .order_by(Return.id.desc())
    )
    if states:
        statement = statement.where(Return.state.in_(states))
    if order_id is not None:
        statement = statement.where(Return.order_id == order_id)
    return [dict(row) for row in session.execute(statement).mappings()]


def return_detail(session: Session, return_id: int) -> dict[str, Any]:
    """Return one return with lines, adjustments, refunds, what is still owed, where it is sent, and its timeline.

    Raises
    ------
    NotFound
        ``return.not_found``.
    """
    found = session.get(Return, return_id)
    if found is None:
        raise NotFound("return", return_id)
    detail = {key: getattr(found, key) for key in _OWN}
    detail["lines"] = [{key: getattr(line, key) for key in _LINE} for line in lines_of(session, return_id)]
    detail["units"] = [{key: getattr(unit, key) for key in _UNIT} for unit in units_of(session, return_id)]
    detail["adjustments"] = _rows(
        session,
        sa.select(ReturnAdjustment.kind, ReturnAdjustment.title, ReturnAdjustment.amount_minor)
        .where(ReturnAdjustment.return_id == return_id)
        .order_by(ReturnAdjustment.id),
    )
    detail["refunds"] = _rows(
        session,
        sa.select(Payment.at, Payment.gateway, Payment.amount_minor, Payment.currency)
        .where(Payment.return_id == return_id, Payment.kind == "refund")
        .order_by(Payment.id),
    )
    order = session.get(Order, found.order_id) if found.order_id else None
    detail |= told(session, found, order)
    detail["owed_minor"] = found.total_minor - refunded(session, return_id)
    detail["timeline"] = _rows(
        session,
        sa.select(JournalEntry.at, JournalEntry.actor, JournalEntry.event, JournalEntry.data)
        .where(JournalEntry.object_type == "return", JournalEntry.object_id == return_id)
        .order_by(JournalEntry.id.desc()),
    )
    return detail


def _rows(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(statement).mappings()]
