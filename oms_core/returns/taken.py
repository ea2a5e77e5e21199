"""What returns and claims have taken of an order's lines: units nobody else may ask for, and their value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.returns.case_tables import Claim, ClaimLine
from oms_core.returns.records import VOID
from oms_core.returns.tables import Return, ReturnLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: States of a return whose pending lines still take units of the order.
TAKING = ("requested", "approved", "in_transit", "received", "inspected")
#: Claims that settle the units themselves: a late unit is still the customer's to return.
SETTLING_KINDS = ("damaged", "missing", "wrong")


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of an order line that are spoken for and not yet back, and the value of all that was taken."""

    units: int = 0
    amount_minor: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.units + other.units, self.amount_minor + other.amount_minor)


def taken_of(
    session: Session, order_line_ids: Sequence[int], *, besides_claim: int | None = None, late_too: bool = False
) -> dict[int, Taken]:
    """Return what was taken of order lines: by returns, and by claims whose goods do not come back.

    Parameters
    ----------
    besides_claim : int, optional
        Leave this claim out (its own units are about to be returned).
    late_too : bool
        Count claims for lateness as well: nobody claims the same unit twice.
    """
    by_returns, by_claims = (
        _by_returns(session, order_line_ids),
        _by_claims(session, order_line_ids, besides_claim=besides_claim, late_too=late_too),
    )
    both = set(by_returns) | set(by_claims)
    return {key: by_returns.get(key, Taken()) + by_claims.get(key, Taken()) for key in both}


def _by_returns(session: Session, order_line_ids: Sequence[int]) -> dict[int, Taken]:
    pending = sa.and_(ReturnLine.disposition == "pending", Return.state.in_(TAKING))
    statement = (
        sa.select(
            ReturnLine.order_line_id,
            sa.func.sum(sa.case((pending, ReturnLine.quantity - ReturnLine.received_qty), else_=0)),
            sa.func.sum(ReturnLine.amount_minor),
        )
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_line_id.in_(order_line_ids), Return.state.not_in(VOID))
        .group_by(ReturnLine.order_line_id)
    )
    return {key: Taken(int(units), int(amount)) for key, units, amount in session.execute(statement)}


def _by_claims(
    session: Session, order_line_ids: Sequence[int], *, besides_claim: int | None, late_too: bool
) -> dict[int, Taken]:
    statement = (
        sa.select(ClaimLine.order_line_id, sa.func.sum(ClaimLine.quantity), sa.func.sum(ClaimLine.amount_minor))
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .outerjoin(Return, Return.id == Claim.return_id)
        .where(
            ClaimLine.order_line_id.in_(order_line_ids),
            Claim.state != "rejected",
            Claim.resolution != "none",
            # goods that come back are counted by their return
            sa.or_(Claim.return_id.is_(None), Return.state.in_(VOID)),
        )
        .group_by(ClaimLine.order_line_id)
    )
    if not late_too:
        statement = statement.where(Claim.kind.in_(SETTLING_KINDS))
    if besides_claim is not None:
        statement = statement.where(Claim.id != besides_claim)
    return {key: Taken(int(units), int(amount)) for key, units, amount in session.execute(statement)}
