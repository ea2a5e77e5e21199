"""Simulated suppliers after the cut: orders drafted, sent, answered and received through the real commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.buying import Bought
from app.demo.calendar import Calendar
from app.demo.chance import share
from app.demo.stock import ACTOR, Order, Past
from oms_core.purchasing.commands import NewLine, close, confirm, draft_purchase_order, receive, send
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

#: Share of the last day's orders still waiting for the buyer's approval.
STILL_DRAFT = 0.6


@dataclass
class Supplying:
    """The replay of purchase orders from the cut on."""

    agenda: Agenda
    past: Past
    bought: Bought
    calendar: Calendar
    seed: int
    goods_came: Callable[[Sequence[int], Session], None]

    def plan(self, orders: Sequence[Order]) -> None:
        """Plan what is left to happen to every order of the simulation."""
        for order in orders:
            if order.ordered_on >= self.past.cut:
                self.agenda.add(self.calendar.at(order.ordered_on, 9), partial(self._draft, order))
            self._plan_answer(order)
            self._plan_arrivals(order)

    def _plan_answer(self, order: Order) -> None:
        at = order.confirmed_at(self.calendar, seed=self.seed)
        if at is not None and at >= self.calendar.at(self.past.cut, 0):
            self.agenda.add(at, partial(self._confirm, order))

    def _plan_arrivals(self, order: Order) -> None:
        days: dict[int, list[int]] = defaultdict(list)
        for line in order.lines:
            if self.bought.plan.arrives_on[line] >= self.past.cut:
                days[self.bought.plan.arrives_on[line]].append(line)
        for day, lines in days.items():
            hour = 8 + 2 * share(self.seed, "dock", order.supplier, order.place, day)
            self.agenda.add(self.calendar.at(day, hour), partial(self._receive, order, lines))

    def _draft(self, order: Order, session: Session) -> None:
        plan = self.bought.plan
        lines = [
            NewLine(int(self.bought.variant[plan.pair[i]]), plan.ordered[i], self.past.costs[plan.pair[i]])
            for i in order.lines
        ]
        drafted = draft_purchase_order(
            session,
            supplier_id=self.past.suppliers[order.supplier],
            location_id=self.past.locations[order.place],
            lines=lines,
            expected_on=self.calendar.day(order.expected_on()),
            actor=ACTOR,
            simulated=True,
        )
        order.id = drafted.id
        rows = session.execute(
            sa.select(PurchaseOrderLine.id)
            .where(PurchaseOrderLine.purchase_order_id == drafted.id)
            .order_by(PurchaseOrderLine.position)
        ).scalars()
        order.line_ids = dict(zip(order.lines, rows, strict=True))
        last_day = order.ordered_on == self.calendar.days - 1
        if not last_day or share(self.seed, "approval", drafted.id) >= STILL_DRAFT:
            self.agenda.add(self.calendar.at(order.ordered_on, 9.5), partial(self._send, order))

    def _send(self, order: Order, session: Session) -> None:
        send(session, purchase_order_id=order.id, zone=self.calendar.zone, actor=ACTOR)

    def _confirm(self, order: Order, session: Session) -> None:
        if self._state(order, session) == "sent":
            confirm(session, purchase_order_id=order.id, actor=ACTOR)

    def _receive(self, order: Order, lines: Sequence[int], session: Session) -> None:
        plan = self.bought.plan
        came = {order.line_ids[line]: plan.received[line] for line in lines}
        receive(session, purchase_order_id=order.id, lines=came, zone=self.calendar.zone, actor=ACTOR, simulated=True)
        self.goods_came([int(self.bought.variant[plan.pair[line]]) for line in lines], session)
        if all(plan.arrives_on[line] <= plan.arrives_on[lines[0]] for line in order.lines):
            day = plan.arrives_on[lines[0]]
            self.agenda.add(self.calendar.at(day, 16), partial(self._close, order))

    def _close(self, order: Order, session: Session) -> None:
        """Call off what the supplier did not send."""
        if self._state(order, session) in {"partially_received", "received"}:
            close(session, purchase_order_id=order.id, reason="rest not delivered", actor=ACTOR)

    def _state(self, order: Order, session: Session) -> str:
        return session.execute(sa.select(PurchaseOrder.state).where(PurchaseOrder.id == order.id)).scalar_one()
