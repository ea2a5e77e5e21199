"""Four eyes: above a buyer's limit somebody else says yes before an order goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.money import to_decimal
from oms_core.purchasing import limits
from oms_core.purchasing.control_tables import PurchaseApproval
from oms_core.purchasing.records import move, ready

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.purchasing.tables import PurchaseOrder


def submit(session: Session, *, purchase_order_id: int, actor: str = "system") -> PurchaseOrder:
    """Ask for an approval; the journal says who may give it."""
    order = ready(session, purchase_order_id, "pending_approval")
    move(
        session, order, "pending_approval", "purchase_order.submitted", actor=actor, total_minor=order.total_minor,
        may_approve=limits.may_approve(session, order),
    )  # fmt: skip
    return order


def approve(session: Session, *, purchase_order_id: int, note: str = "", actor: str = "system") -> PurchaseOrder:
    """Say yes to an order as it stands now.

    Raises
    ------
    Refused
        ``purchase_order.own_hands``: by its author or last editor; ``purchase_order.over_limit``: above the
        approver's own limit. Both name who may.
    """
    order = ready(session, purchase_order_id, "approved")
    if actor in {order.drafted_by, order.edited_by}:
        raise _refused(session, order, "own_hands", f"{actor} wrote {order.number}; somebody else has to approve it.")
    if not limits.covers(session, order, actor):
        raise _refused(session, order, "over_limit", f"{order.number}, {_told(order)}, is above the limit of {actor}.")
    session.add(
        PurchaseApproval(
            purchase_order_id=order.id, approved_by=actor, edited_by=order.edited_by or "unknown",
            approved_at=clock.now(), total_minor=order.total_minor, currency=order.currency, note=note.strip(),
        )
    )  # fmt: skip
    move(session, order, "approved", "purchase_order.approved", actor=actor, total_minor=order.total_minor, note=note)
    return order


def reject(session: Session, *, purchase_order_id: int, reason: str, actor: str = "system") -> PurchaseOrder:
    """Give an order that waits for its approval back to its author, with a reason."""
    order = ready(session, purchase_order_id, "draft")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on what has to change", code="purchase_order.no_reason")
    void(session, order, reason=reason.strip())
    move(session, order, "draft", "purchase_order.rejected", actor=actor, reason=reason.strip())
    return order


def require_authority(session: Session, order: PurchaseOrder, actor: str) -> None:
    """Refuse to send an order that is above the sender's limit and that nobody approved as it stands.

    Raises
    ------
    Refused
        ``purchase_order.needs_approval``, with who may approve.
    """
    if standing(session, order) is not None or limits.covers(session, order, actor):
        return
    raise _refused(
        session, order, "needs_approval", f"{order.number}, {_told(order)}, is above the limit of {actor}: it needs "
        "somebody else's approval.",
    )  # fmt: skip


def standing(session: Session, order: PurchaseOrder) -> PurchaseApproval | None:
    """Return the approval that holds for the order's value as it is, if any."""
    a = PurchaseApproval
    found = sa.select(a).where(
        a.purchase_order_id == order.id, a.voided_at.is_(None), a.total_minor == order.total_minor
    )
    return session.scalars(found.order_by(a.id.desc()).limit(1)).one_or_none()


def void(session: Session, order: PurchaseOrder, *, reason: str) -> int:
    """Take the approvals of an order back; return how many."""
    a = PurchaseApproval
    held = session.scalars(sa.select(a).where(a.purchase_order_id == order.id, a.voided_at.is_(None))).all()
    for approval in held:
        approval.voided_at, approval.void_reason = clock.now(), reason
    session.flush()
    return len(held)


def approvals(session: Session, purchase_order_id: int) -> list[dict[str, Any]]:
    """Return the approvals of an order, newest first, those taken back too."""
    a = PurchaseApproval
    keys = ("approved_by", "approved_at", "total_minor", "note", "voided_at", "void_reason")
    found = session.scalars(sa.select(a).where(a.purchase_order_id == purchase_order_id).order_by(a.id.desc()))
    return [{key: getattr(x, key) for key in keys} for x in found]


def _refused(session: Session, order: PurchaseOrder, code: str, message: str) -> Refused:
    names = limits.may_approve(session, order)
    hint = f"May approve: {', '.join(names)}." if names else "Nobody's limit reaches it; raise one: buying-limits set."
    return Refused(f"purchase_order.{code}", message, hint, may_approve=names, total_minor=order.total_minor)


def _told(order: PurchaseOrder) -> str:
    return f"{to_decimal(order.total_minor, order.currency)} {order.currency}"
