"""Drafts whose time has passed expire; the worker looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.drafts.tables import Draft
from oms_core.kernel import clock, journal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: States in which a draft may still become an order.
OPEN = ("open", "invoice_sent")


def _due() -> sa.Select[Any]:
    return sa.select(Draft).where(Draft.state.in_(OPEN), Draft.expires_at <= clock.now()).order_by(Draft.id)


def is_due(session: Session) -> bool:
    """Return whether a draft's time has passed; reads only."""
    return session.scalars(_due().limit(1)).first() is not None


def expire_due(session: Session, *, actor: str = "worker") -> int:
    """Expire every open draft whose time has passed; return how many. Safe to run as often as one likes."""
    found = session.scalars(_due().with_for_update(key_share=True), execution_options={"populate_existing": True}).all()
    for draft in found:
        draft.state, draft.version = "expired", draft.version + 1
    session.flush()
    journal.record_all(session, "draft", [("draft.expired", d.id, {"number": d.number}) for d in found], actor=actor)
    return len(found)


def end_due(session: Session) -> dict[str, int]:
    """Expire what is due; return how many as the worker counts."""
    return {"drafts": expire_due(session)}
