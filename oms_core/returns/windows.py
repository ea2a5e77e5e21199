"""How long goods may be sent back by goodwill: the days of the refund policy, counted from delivery.

The right of withdrawal has a clock of its own (`returns.calendar`) and never asks here; neither does
a claim. A reason that is not the customer's fault is no goodwill: no days count, unless a policy was
written for that very reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

import sqlalchemy as sa

from oms_core.fulfilment.tables import Shipment, ShipmentLine
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.returns.policies import terms_for
from oms_core.returns.withdrawal_facts import NOT_COMING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order
    from oms_core.returns.policies import Terms

LATE = ("refuse", "allow", "by_right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """One order line whose days are over."""

    order_line_id: int
    reason: str
    policy: str
    days_allowed: int
    counted_from: date
    last_day: date
    days_late: int
    is_delivery_known: bool

    @property
    def sentence(self) -> str:
        """Say what is over, since when, and by which policy."""
        since = "delivered" if self.is_delivery_known else "ordered (nobody recorded its delivery)"
        return (
            f"line {self.order_line_id} was {since} on {self.counted_from}; policy {self.policy} allows"
            f" {self.days_allowed} day(s), until {self.last_day}, {self.days_late} day(s) ago"
        )


def days_over(
    session: Session, order: Order, reasons: Mapping[int, str], *, late: str = "refuse", zone: str
) -> list[Over]:
    """Return the lines whose days by the policy of their reason are over; empty when all are in time.

    Parameters
    ----------
    reasons : mapping of int to str
        Reason by order line.
    late : str
        As `returns.requesting.request_return` takes it; nothing is over ``by_right``.

    Raises
    ------
    InvalidInput
        An unknown word for `late`.
    """
    if late not in LATE:
        raise InvalidInput("late", late, f"one of {', '.join(LATE)}")
    if late == "by_right":
        return []
    terms = {reason: terms_for(session, order, reason) for reason in set(reasons.values())}
    limited = [key for key, reason in reasons.items() if terms[reason].days_allowed is not None]
    if not limited:
        return []
    came, today = _came_on(session, order, limited, zone), clock.business_date(clock.now(), zone)
    found = [_over(key, reasons[key], terms[reasons[key]], *came[key], today) for key in sorted(limited)]
    return [one for one in found if one is not None]


def last_days(
    session: Session, order: Order, line_ids: Sequence[int], terms: Terms, *, zone: str
) -> dict[int, date | None]:
    """Return the last day by goodwill of each line under the given terms; None without limit or while under way."""
    if terms.days_allowed is None or not line_ids:
        return dict.fromkeys(line_ids)
    allowed = timedelta(days=terms.days_allowed)
    came = _came_on(session, order, line_ids, zone)
    return {key: since + allowed if since else None for key, (since, _known) in came.items()}


def _over(key: int, reason: str, terms: Terms, since: date | None, is_known: bool, today: date) -> Over | None:  # noqa: FBT001 - private, a fact beside its date
    """Return what is over of one line; None when it is in time, or has not arrived yet."""
    if since is None or terms.days_allowed is None:
        return None
    last = since + timedelta(days=terms.days_allowed)
    if today <= last:
        return None
    return Over(
        order_line_id=key, reason=reason, policy=terms.code, days_allowed=terms.days_allowed, counted_from=since,
        last_day=last, days_late=(today - last).days, is_delivery_known=is_known,
    )  # fmt: skip


def _came_on(session: Session, order: Order, line_ids: Sequence[int], zone: str) -> dict[int, tuple[date | None, bool]]:
    """Return the day the last unit of each line was delivered, and whether somebody recorded it.

    None while a parcel of it is under way. Of an imported order without parcels the day it was
    ordered counts: nobody knows a later one.
    """
    rows = session.execute(
        sa.select(ShipmentLine.order_line_id, Shipment.delivered_at)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.order_line_id.in_(line_ids), Shipment.state.not_in(NOT_COMING))
    ).all()
    parcels: dict[int, list[datetime | None]] = {key: [] for key in line_ids}
    for row in rows:
        parcels[row.order_line_id].append(row.delivered_at)
    return {key: _last(order, came, zone) for key, came in parcels.items()}


def _last(order: Order, came: Sequence[datetime | None], zone: str) -> tuple[date | None, bool]:
    if not came:
        return (order.business_date if order.is_history else None), False
    days = [clock.business_date(at, zone) for at in came if at is not None]
    return (max(days) if len(days) == len(came) else None), True


def refuse_late(order: Order, over: list[Over]) -> NoReturn:
    """Refuse goods whose days are over, naming every line."""
    told = "; ".join(one.sentence for one in over)
    facts = [
        {"order_line_id": one.order_line_id, "policy": one.policy, "days_allowed": one.days_allowed,
         "last_day": str(one.last_day), "days_late": one.days_late}
        for one in over
    ]  # fmt: skip
    raise Refused(
        "return.too_late",
        f"Too late for a return of {order.number} by goodwill: {told}.",
        "A person may allow it all the same; a consumer's withdrawal or a claim has days of its own.",
        lines=facts,
    )
