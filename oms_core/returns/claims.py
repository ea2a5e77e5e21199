"""Claims: damaged, missing, wrong or late goods; the customer may keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.rows import core, next_ids
from oms_core.orders.commands import locked_order
from oms_core.orders.tables import OrderLine
from oms_core.returns.asked import refuse_too_many, sold_lines, worth_of
from oms_core.returns.case_tables import CLAIM_KINDS, EVIDENCE_KINDS, Claim, ClaimEvidence, ClaimLine
from oms_core.returns.requesting import NewReturnLine, approve_return, request_return
from oms_core.returns.states import CLAIM
from oms_core.returns.taken import Taken, taken_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class NewClaimLine:
    """Units of one order line that something is wrong with."""

    order_line_id: int
    quantity: int


def open_claim(
    session: Session,
    *,
    order_id: int,
    kind: str,
    lines: Sequence[NewClaimLine],
    description: str = "",
    evidence: Sequence[tuple[str, str]] = (),
    actor: str = "system",
) -> Claim:
    """Take a complaint in; nothing moves until somebody decides.

    Parameters
    ----------
    kind : str
        ``damaged``, ``missing``, ``wrong`` or ``late``.
    evidence : sequence of (kind, body)
        ``photo`` and ``link`` are addresses, ``text`` is words.

    Raises
    ------
    Refused
        ``claim.too_many``: more than was shipped and is not returned or claimed; names every line.
    NotFound, InvalidInput
        A line of another order, a line twice, a quantity below 1, an unknown kind.
    """
    if kind not in CLAIM_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(CLAIM_KINDS)}")
    order = locked_order(session, order_id)
    sold = sold_lines(session, order, lines, document="claim")
    taken = taken_of(session, list(sold), late_too=True)
    refuse_too_many(
        lines, sold, taken, code="claim.too_many", what=f"More than can be claimed of {order.number}",
        left_is="claimable", hint="Only shipped units that were not returned or claimed before can be claimed.",
    )  # fmt: skip
    (claim_id,) = next_ids(core(session), "claims")
    found = Claim(
        id=claim_id, number=f"CLM-{FIRST_NUMBER - 1 + claim_id}", order_id=order_id, customer_id=order.customer_id,
        kind=kind, description=description, currency=order.currency, opened_at=clock.now(),
        is_simulated=order.is_simulated, version=0,
    )  # fmt: skip
    session.add(found)
    session.flush()
    session.add_all(_line(claim_id, new, sold[new.order_line_id], taken) for new in lines)
    _move(session, found, "opened", "claim.opened", actor=actor, kind=kind, lines=len(lines))
    for what, body in evidence:
        add_evidence(session, claim_id=claim_id, kind=what, body=body, actor=actor)
    return found


def add_evidence(session: Session, *, claim_id: int, kind: str, body: str, actor: str = "system") -> ClaimEvidence:
    """Keep what the customer shows: the address of a photo or page, or words."""
    found = locked(session, claim_id)
    if kind not in EVIDENCE_KINDS:
        raise InvalidInput("evidence", kind, f"one of {', '.join(EVIDENCE_KINDS)}")
    if not body.strip():
        raise InvalidInput("evidence", body, "an address or words were expected")
    shown = ClaimEvidence(claim_id=found.id, kind=kind, body=body, author=actor, at=clock.now())
    session.add(shown)
    session.flush()
    journal.record(session, "claim.evidence_added", "claim", found.id, actor=actor, kind=kind)
    return shown


def approve_claim(
    session: Session, *, claim_id: int, keeps_item: bool = True, note: str = "", zone: str, actor: str = "system"
) -> Claim:
    """Accept a claim; goods that have to come back get a return of their own, approved at once.

    Raises
    ------
    TransitionRefused
        It was decided before.
    InvalidInput
        Missing goods cannot be asked back.
    """
    found = _ready(session, claim_id, "approved")
    if not keeps_item and found.kind == "missing":
        raise InvalidInput("keeps_item", keeps_item, "what never arrived cannot come back")
    found.keeps_item = keeps_item
    if not keeps_item:
        lines = [NewReturnLine(line.order_line_id, line.quantity, found.kind) for line in lines_of(session, claim_id)]
        goods = request_return(
            session, order_id=found.order_id, lines=lines, reason=_REASONS[found.kind], zone=zone, actor=actor,
            besides_claim=claim_id, late="by_right",
        )  # fmt: skip
        approve_return(session, return_id=goods.id, actor=actor)
        found.return_id = goods.id
    _decide(session, found, "approved", note, actor)
    return found


def reject_claim(session: Session, *, claim_id: int, reason: str, actor: str = "system") -> Claim:
    """Refuse a claim, with the reason the customer is told; its units are free again."""
    if not reason.strip():
        raise InvalidInput("reason", reason, "the sentence the customer is told was expected")
    found = _ready(session, claim_id, "rejected")
    _decide(session, found, "rejected", reason, actor)
    return found


def locked(session: Session, claim_id: int) -> Claim:
    """Return the claim; its order's row is locked first, then its own, until the transaction ends."""
    order_id = session.scalar(sa.select(Claim.order_id).where(Claim.id == claim_id))
    if order_id is None:
        raise NotFound("claim", claim_id)
    locked_order(session, order_id)
    statement = sa.select(Claim).where(Claim.id == claim_id).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def lines_of(session: Session, claim_id: int) -> Sequence[ClaimLine]:
    """Return the lines of a claim."""
    return session.scalars(sa.select(ClaimLine).where(ClaimLine.claim_id == claim_id).order_by(ClaimLine.id)).all()


#: Reason of the return by kind of claim (see `returns.reasons`).
_REASONS = {"damaged": "damaged", "wrong": "wrong_item", "late": "late"}


def _ready(session: Session, claim_id: int, target: str) -> Claim:
    found = locked(session, claim_id)
    CLAIM.check(found.number, found.state, target)
    return found


def _line(claim_id: int, new: NewClaimLine, sold: OrderLine, taken: Mapping[int, Taken]) -> ClaimLine:
    return ClaimLine(
        claim_id=claim_id, order_line_id=sold.id, variant_id=sold.variant_id, sku=sold.sku, quantity=new.quantity,
        amount_minor=worth_of(new.quantity, sold, taken),
    )  # fmt: skip


def _decide(session: Session, found: Claim, target: str, note: str, actor: str) -> None:
    found.decision, found.decided_by, found.decided_at = note, actor, clock.now()
    facts = {"note": note, "keeps_item": found.keeps_item, "return_id": found.return_id}
    _move(session, found, target, f"claim.{target}", actor=actor, **facts)


def _move(session: Session, found: Claim, target: str, event: str, *, actor: str, **facts: Any) -> None:
    before, found.state = found.state, target
    found.version += 1
    session.flush()
    facts = {"number": found.number, "order_id": found.order_id, "from": before, "to": target, **facts}
    journal.record(session, event, "claim", found.id, actor=actor, **facts)
