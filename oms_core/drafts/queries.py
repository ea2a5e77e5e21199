"""Read drafts."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.drafts.states import DRAFT
from oms_core.drafts.tables import DRAFT_KINDS, Draft
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.money import to_decimal
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def draft_named(session: Session, number: str) -> Draft:
    """Return the draft of a number (``D-000001``, ``Q-000002``)."""
    found = session.scalars(sa.select(Draft).where(Draft.number == number)).one_or_none()
    if found is None:
        near = session.scalars(sa.select(Draft.number).order_by(Draft.id.desc()).limit(200)).all()
        raise NotFound("draft", number, difflib.get_close_matches(number, near), "See: ordersight drafts list")
    return found


def draft_of_token(session: Session, token: str) -> Draft:
    """Return the draft a payment link names; nothing is told about tokens that are near."""
    found = session.scalars(sa.select(Draft).where(Draft.payment_token == token)).one_or_none()
    if found is None:
        raise NotFound("payment link", "…", hint="Ask for a new one.", code="draft.link_unknown")
    return found


def draft_record(session: Session, draft: Draft) -> dict[str, Any]:
    """Return a draft as a record, its document and the order it became included."""
    order = session.get(Order, draft.order_id) if draft.order_id else None
    return _row(draft) | {
        "note": draft.note, "version": draft.version, "payment_token": draft.payment_token,
        "order": order.number if order else None, "created_by": draft.created_by,
        "invoice_sent_at": draft.invoice_sent_at, "completed_at": draft.completed_at, "document": draft.document,
    }  # fmt: skip


def drafts_list(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    limit: int = 50,
    before_id: int | None = None,
) -> list[dict[str, Any]]:
    """Return drafts, newest first; `before_id` pages on."""
    statement = sa.select(Draft).order_by(Draft.id.desc()).limit(limit)
    for name, value, known in (("state", state, DRAFT.states), ("kind", kind, DRAFT_KINDS)):
        if value is not None and value not in known:
            raise InvalidInput(name, value, f"one of {', '.join(known)}")
        statement = statement.where(getattr(Draft, name) == value) if value is not None else statement
    if before_id is not None:
        statement = statement.where(Draft.id < before_id)
    return [_row(draft) for draft in session.scalars(statement)]


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id, "number": draft.number, "kind": draft.kind, "state": draft.state, "email": draft.email,
        "total": to_decimal(draft.total_minor, draft.currency), "tax": to_decimal(draft.tax_minor, draft.currency),
        "currency": draft.currency, "expires_at": draft.expires_at, "created_at": draft.created_at,
    }  # fmt: skip
