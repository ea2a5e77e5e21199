"""Returns that wait for us, with the days left of what the law wants of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.orders.tables import Order
from oms_core.returns.case_tables import Claim, Exchange, Withdrawal
from oms_core.returns.tables import Return
from oms_core.returns.withdrawal_settling import pay_by

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

#: State of a return to what it waits for.
WAITS = {
    "requested": "answer", "approved": "goods", "in_transit": "goods", "received": "inspection", "inspected": "refund",
}  # fmt: skip
_FAR = 10_000


def return_queue(session: Session, *, zone: str, on: date | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Return the returns that wait, the most urgent first, then those that wait longest.

    Returns
    -------
    list of dict
        ``number, order, state, waits_for`` (answer, goods, inspection, refund), ``reason, requested_at,
        settled_by`` (the exchange, claim or withdrawal that settles it), ``due_on`` and ``days_left``
        (of a withdrawal's refund; None where the law sets no day or the shop may still wait),
        ``currency, total_minor``.
    """
    today = on or clock.business_date(clock.now(), zone)
    rows = session.execute(
        sa.select(Return, Order.number, Withdrawal, Exchange.number, Claim.number)
        .outerjoin(Order, Order.id == Return.order_id)
        .outerjoin(
            Withdrawal, sa.and_(Withdrawal.return_id == Return.id, Withdrawal.state.in_(("declared", "goodwill")))
        )
        .outerjoin(Exchange, Exchange.return_id == Return.id)
        .outerjoin(Claim, Claim.return_id == Return.id)
        .where(Return.state.in_(tuple(WAITS)), sa.not_(Return.is_history))
        .order_by(Return.id)
    ).all()
    told = [_told(*row, today=today, zone=zone) for row in rows]
    return sorted(told, key=lambda r: _FAR if r["days_left"] is None else r["days_left"])[:limit]


def _told(
    goods: Return, order: str | None, withdrawn: Withdrawal | None, exchange: str | None, claim: str | None, *,
    today: date, zone: str,
) -> dict[str, Any]:  # fmt: skip
    due = pay_by(withdrawn, goods, zone) if withdrawn else None
    keys = ("number", "state", "reason", "requested_at", "currency", "total_minor")
    return {key: getattr(goods, key) for key in keys} | {
        "order": order, "waits_for": WAITS[goods.state],
        "settled_by": (withdrawn.number if withdrawn else None) or exchange or claim or "",
        "due_on": due, "days_left": (due - today).days if due else None,
    }  # fmt: skip
