"""The real credit notes of the last two weeks as returns: asked for, received, inspected, refunded, closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.chance import dice, share
from app.demo.selling import ACTOR, Selling
from oms_core.imports.documents import ReturnDocument
from oms_core.kernel.errors import Refused
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import Payment
from oms_core.returns.commands import (
    NewReturnAdjustment,
    NewReturnLine,
    ReceivedLine,
    approve_return,
    close_return,
    inspect_return,
    receive_return,
    refund_return,
    request_return,
)
from oms_core.returns.tables import Return, ReturnLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: Where returned goods go: shares of return lines; the rest is restocked.
TO_INSPECT, DAMAGED = 0.22, 0.08


@dataclass
class Returning:
    """The replay of credit notes that name a sale; `unmatched` collects those no return can stand for."""

    agenda: Agenda
    selling: Selling
    location_id: int
    zone: str
    seed: int
    unmatched: list[ReturnDocument] = field(default_factory=list)

    def plan(self, documents: Sequence[ReturnDocument]) -> None:
        """Plan every credit note at its own time; those without a sale are left to the books."""
        for document in documents:
            if document.order_external_id is None or not document.lines:
                self.unmatched.append(document)
            else:
                self.agenda.add(document.at, partial(self._receive, document))

    def _receive(self, document: ReturnDocument, session: Session) -> None:
        """Ask, approve and take in at the moment of the credit: that day the goods were in."""
        try:
            found = self._request(document, session)
        except Refused:
            self.unmatched.append(document)
            return
        approve_return(session, return_id=found.id, actor=ACTOR)
        lines = session.scalars(sa.select(ReturnLine).where(ReturnLine.return_id == found.id).order_by(ReturnLine.id))
        came = [ReceivedLine(line.id, line.quantity, self._disposition(found, line)) for line in lines]
        receive_return(
            session, return_id=found.id, lines=came, location_id=self.location_id, zone=self.zone, actor=ACTOR
        )
        waits = [line.line_id for line in came if line.disposition == "quality_control"]
        self._plan_the_rest(found.id, found.number, waits, document.at)

    def _request(self, document: ReturnDocument, session: Session) -> Return:
        """Ask for the return; what was credited beside the price paid is an adjustment of its own."""
        sold = self._sold(document, session)
        missing = [line.sku for line in document.lines if line.order_position not in sold]
        if missing:
            raise Refused("demo.sale_unknown", f"{document.external_id} returns {', '.join(missing)} never sold.")
        order_id = next(iter(sold.values())).order_id
        self.selling.ship_now(order_id, session)
        units: dict[int, int] = {}
        for line in document.lines:
            key = sold[line.order_position or 0].id
            units[key] = units.get(key, 0) + line.quantity
        given = [NewReturnAdjustment(a.kind, a.amount_minor, a.title) for a in document.adjustments]
        savepoint = session.begin_nested()
        found = self._ask(session, order_id, units, given, document.external_id)
        more = document.total_minor - found.total_minor
        if not more:
            savepoint.commit()
            return found
        savepoint.rollback()
        given.append(NewReturnAdjustment("manual", more, "credited at another price"))
        return self._ask(session, order_id, units, given, document.external_id)

    def _ask(
        self,
        session: Session,
        order_id: int,
        units: Mapping[int, int],
        adjustments: Sequence[NewReturnAdjustment],
        reason: str,
    ) -> Return:
        return request_return(
            session,
            order_id=order_id,
            lines=[NewReturnLine(key, quantity) for key, quantity in units.items()],
            reason=reason,
            adjustments=adjustments,
            zone=self.zone,
            actor=ACTOR,
        )

    def _sold(self, document: ReturnDocument, session: Session) -> Mapping[int, OrderLine]:
        positions = [line.order_position for line in document.lines]
        rows = session.scalars(
            sa.select(OrderLine)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.external_id == document.order_external_id, OrderLine.position.in_(positions))
        )
        return {line.position: line for line in rows}

    def _disposition(self, found: Return, line: ReturnLine) -> str:
        turn = share(self.seed, "disposition", found.number, line.id)
        if turn < TO_INSPECT:
            return "quality_control"
        return "damaged" if turn < TO_INSPECT + DAMAGED else "restock"

    def _plan_the_rest(self, return_id: int, number: str, waits: Sequence[int], at: datetime) -> None:
        roll = dice(self.seed, "return", number)
        done_at = at + timedelta(hours=roll.uniform(0.5, 4))
        if waits:
            done_at = at + timedelta(days=roll.uniform(1, 5))
            self.agenda.add(done_at, partial(self._inspect, return_id, waits))
        self.agenda.add(done_at + timedelta(minutes=30), partial(self._settle, return_id))

    def _inspect(self, return_id: int, waits: Sequence[int], session: Session) -> None:
        decisions = {line: ("restock", "damaged", "scrap")[line % 3] for line in waits}
        inspect_return(session, return_id=return_id, lines=decisions, zone=self.zone, actor=ACTOR)

    def _settle(self, return_id: int, session: Session) -> None:
        """Refund what the customer had paid and not yet got back, then close."""
        found = session.get_one(Return, return_id)
        sums: dict[str, int] = {
            kind: int(amount)
            for kind, amount in session.execute(
                sa.select(Payment.kind, sa.func.sum(Payment.amount_minor))
                .where(Payment.order_id == found.order_id)
                .group_by(Payment.kind)
            )
        }
        back = min(found.total_minor, sums.get("capture", 0) - sums.get("refund", 0))
        if back > 0:
            refund_return(session, return_id=return_id, gateway="card", amount_minor=back, zone=self.zone, actor=ACTOR)
        close_return(session, return_id=return_id, actor=ACTOR)
