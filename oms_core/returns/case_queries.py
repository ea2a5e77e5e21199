"""Read exchanges, claims, withdrawals and refunds: one by its number, or the list, with their timelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.kernel.journal import JournalEntry
from oms_core.orders.tables import Order
from oms_core.returns.acknowledgement import message_of
from oms_core.returns.calendar import is_known, weekends_only
from oms_core.returns.case_tables import Claim, ClaimEvidence, ClaimLine, Exchange, Withdrawal, WithdrawalLine
from oms_core.returns.exchange_money import settled_in_words
from oms_core.returns.policy_tables import Refund, RefundPart
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Documents by noun: model, and the instant they are listed by.
CASES: dict[str, tuple[Any, str]] = {
    "exchange": (Exchange, "requested_at"), "claim": (Claim, "opened_at"), "withdrawal": (Withdrawal, "declared_at"),
}  # fmt: skip
_LINES: dict[str, Any] = {"claim": ClaimLine, "withdrawal": WithdrawalLine}


def find_case(session: Session, noun: str, name: str | int) -> int:
    """Return the id of an exchange, claim or withdrawal given by its number or id.

    Raises
    ------
    NotFound
        With near matches among the newest numbers.
    """
    model, text = CASES[noun][0], str(name).strip()
    found = session.scalar(sa.select(model.id).where(sa.func.upper(model.number) == text.upper()))
    if found is None and text.isdigit():
        found = session.scalar(sa.select(model.id).where(model.id == int(text)))
    if found is None:
        raise NotFound(noun, text, session.scalars(sa.select(model.number).order_by(model.id.desc()).limit(500)).all())
    return int(found)


def cases(
    session: Session, noun: str, *, states: Sequence[str] = (), order_id: int | None = None
) -> list[dict[str, Any]]:
    """Return exchanges, claims or withdrawals, newest first: their columns and ``order`` (its number)."""
    model = CASES[noun][0]
    statement = _head(model).order_by(model.id.desc())
    if states:
        statement = statement.where(model.state.in_(states))
    if order_id is not None:
        statement = statement.where(model.order_id == order_id)
    return _rows(session, statement)


def case_record(session: Session, noun: str, key: int) -> dict[str, Any]:
    """Return one document with its lines, evidence or acknowledgement, refunds and timeline (newest first).

    An exchange has ``settled``, what became of the difference in words; a withdrawal ``calendar``,
    empty unless its country's public holidays are not known and weekends alone were counted.
    """
    model = CASES[noun][0]
    heads = _rows(session, _head(model).where(model.id == key))
    if not heads:
        raise NotFound(noun, key)
    record = heads[0]
    if noun in _LINES:
        lines = _LINES[noun]
        owner = lines.claim_id if noun == "claim" else lines.withdrawal_id
        record["lines"] = _rows(session, sa.select(*lines.__table__.columns).where(owner == key).order_by(lines.id))
    record |= _beside(session, noun, key, record)
    record["refunds"] = refunds_of_case(session, record)
    record["timeline"] = _rows(
        session,
        sa.select(JournalEntry.at, JournalEntry.actor, JournalEntry.event, JournalEntry.data)
        .where(JournalEntry.object_type == noun, JournalEntry.object_id == key)
        .order_by(JournalEntry.id.desc()),
    )
    return record


def refunds_of_case(session: Session, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the refunds of a document: its own, and those of its return, with lines and parts."""
    own, goods = record.get("refund_id"), record.get("return_id")
    statement = sa.select(Refund.id).where(sa.or_(Refund.id == own, sa.and_(Refund.return_id == goods)))
    return [refund_record(session, key) for key in session.scalars(statement.order_by(Refund.id))]


def refund_record(session: Session, key: int) -> dict[str, Any]:
    """Return one refund as it was explained, and the payments that paid it."""
    columns = (
        "number", "method", "policy", "currency", "total_minor", "bonus_minor", "lines", "actor", "at",
    )  # fmt: skip
    refund = session.get_one(Refund, key)
    parts = sa.select(RefundPart.gateway, RefundPart.amount_minor, RefundPart.payment_id)
    return {name: getattr(refund, name) for name in columns} | {
        "parts": _rows(session, parts.where(RefundPart.refund_id == key).order_by(RefundPart.id))
    }


def _head(model: Any) -> sa.Select[*tuple[Any, ...]]:
    goods = Return.number.label("return")
    return (
        sa.select(*model.__table__.columns, Order.number.label("order"), goods)
        .join(Order, Order.id == model.order_id)
        .outerjoin(Return, Return.id == model.return_id)
    )


def _beside(session: Session, noun: str, key: int, head: dict[str, Any]) -> dict[str, Any]:
    if noun == "claim":
        shown = sa.select(ClaimEvidence.kind, ClaimEvidence.body, ClaimEvidence.author, ClaimEvidence.at)
        return {"evidence": _rows(session, shown.where(ClaimEvidence.claim_id == key).order_by(ClaimEvidence.id))}
    if noun == "exchange":
        return {"settled": settled_in_words(head)}
    if noun == "withdrawal":
        message = message_of(session, key)
        names = ("recipient", "language", "subject", "body", "body_sha256", "created_at", "sent_at")
        told = {name: getattr(message, name) for name in names} if message else None
        country = head["country"]
        return {"acknowledgement": told, "calendar": "" if is_known(country) else weekends_only(country)}
    return {}


def _rows(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(statement).mappings()]
