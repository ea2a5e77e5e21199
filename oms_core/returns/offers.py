"""What the customer of an order may ask today: units that can come back, days left by goodwill and by law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput
from oms_core.returns import calendar, withdrawal_facts
from oms_core.returns.policies import terms_for
from oms_core.returns.windows import days_over, last_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order
    from oms_core.returns.policies import Terms
    from oms_core.returns.withdrawal_facts import Covered

#: Reason whose terms stand for goodwill in general.
GOODWILL = "changed_mind"


@dataclass(frozen=True, slots=True)
class WithdrawalClock:
    """The statutory clock of an order as it stands today.

    Attributes
    ----------
    state : str
        ``business`` (the right is a consumer's), ``exempt`` (it covers none of the goods), ``nothing_left``,
        ``unknown`` (nobody recorded the delivery), ``not_begun`` (goods are still to come; withdrawing is
        possible), ``running``, ``over``.
    came_on, ends_on : date, optional
        Day of the last delivery, and the last day of the period, both by the shop's zone.
    days_left : int, optional
        Days until `ends_on`; zero is its last day.
    """

    state: str
    came_on: date | None = None
    ends_on: date | None = None
    days_left: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether a declaration of today would be in time, as far as is known."""
        return self.state in ("not_begun", "running", "unknown")


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be asked of one order today.

    Attributes
    ----------
    lines : sequence of Covered
        Lines with units left: shipped ones may come back, unshipped ones may be withdrawn from.
    terms : Terms
        The terms of a return by goodwill.
    goodwill_ends_on : date, optional
        Last day for goodwill of the line whose days end first; None without limit or while under way.
    is_goodwill_over : bool
        The days of every line are over.
    """

    lines: Sequence[Covered]
    terms: Terms
    clock: WithdrawalClock
    goodwill_ends_on: date | None = None
    is_goodwill_over: bool = False

    @property
    def returnable(self) -> list[Covered]:
        """Lines of which shipped units may come back."""
        return [line for line in self.lines if line.shipped]


def offer(session: Session, order: Order, *, zone: str) -> Offer:
    """Return what the customer of an order may ask today; nothing is promised by it."""
    lines = withdrawal_facts.covered_lines(session, order)
    terms = terms_for(session, order, GOODWILL)
    here = {covered.line.id: GOODWILL for covered in lines if covered.shipped}
    over = days_over(session, order, here, zone=zone)
    ends = [day for day in last_days(session, order, list(here), terms, zone=zone).values() if day is not None]
    return Offer(
        lines=lines, terms=terms, clock=withdrawal_clock(session, order, lines, zone=zone),
        goodwill_ends_on=min(ends, default=None), is_goodwill_over=bool(here) and len(over) == len(here),
    )  # fmt: skip


def withdrawal_clock(session: Session, order: Order, lines: Sequence[Covered], *, zone: str) -> WithdrawalClock:
    """Return the statutory clock of an order with what is left of its lines."""
    if withdrawal_facts.is_business(session, order):
        return WithdrawalClock("business")
    if not lines:
        return WithdrawalClock("nothing_left")
    if all(covered.exempt for covered in lines):
        return WithdrawalClock("exempt")
    try:
        came = withdrawal_facts.last_good_on(session, order, zone)
    except InvalidInput:
        return WithdrawalClock("unknown")
    if came is None:
        return WithdrawalClock("not_begun")
    country = withdrawal_facts.country_of(session, order)
    informed = withdrawal_facts.settings(session).was_informed
    ends = calendar.period_ends(came, country, was_informed=informed)
    left = (ends - clock.business_date(clock.now(), zone)).days
    return WithdrawalClock("running" if left >= 0 else "over", came, ends, left)
