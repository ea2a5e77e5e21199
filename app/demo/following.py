"""What follows from orders in a running demo shop: money, picking, parcels, suppliers; each when it is due.

Plans are functions of numbers (see `parcels`, `money`, `carriage`), so nothing has to be remembered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.demo.carriage import events_of, hand_over, leaves_at, tell
from app.demo.chance import dice
from app.demo.money import Step, movement, payment_plan, take
from app.demo.scenes import Scene, scene_of
from app.demo.selling import ON_ACCOUNT, PAID
from app.demo.stock import ACTOR
from oms_core.backorders.commands import receive
from oms_core.fulfilment.commands import open_work_for
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment, TrackingEvent
from oms_core.kernel.errors import OmsError
from oms_core.locations.tables import Channel, Location
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment
from oms_core.purchasing.commands import confirm
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine
from oms_core.routing.commands import allocate_orders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace

#: Acts of one kind in one look: a shop that slept does not burst.
AT_ONCE = 5
_MOVING = ("label_purchased", "picked_up", "in_transit", "out_for_delivery", "delayed", "failed")
_INCOMING = ("sent", "confirmed", "partially_received")

Act = Callable[["Session"], None]
Find = Callable[["Session", datetime], list[tuple[datetime, Act]]]

log = logging.getLogger("ordersight.demo")


@dataclass
class Following:
    """Looks at the shop and does what is due; one transaction an act."""

    workspace: Workspace
    seed: int

    @property
    def zone(self) -> str:
        """The shop's zone."""
        return self.workspace.shop.zone

    @cached_property
    def scene(self) -> Scene:
        """The scene of this demo."""
        with self.workspace.reading() as session:
            return scene_of(session)

    def look(self, now: datetime) -> int:
        """Do what is due by `now`; return how many acts were done."""
        done = 0
        for find in (self._payments, self._picking, self._parcels, self._suppliers):
            done += self._carry_out(find, now)
        return done

    def serve_waiting(self, now: datetime) -> int:
        """Try again to allocate orders that wait for goods; return how many were tried."""
        return self._carry_out(self._waiting, now)

    def _carry_out(self, find: Find, now: datetime) -> int:
        with self.workspace.reading() as session:
            due = sorted(find(session, now), key=lambda pair: pair[0])[:AT_ONCE]
        for at, act in due:
            try:
                with self.workspace.transaction() as session:
                    act(session)
            except OmsError as error:
                # a person was quicker, or the database was busy: the next look sees what is left
                log.info("not done (due %s): %s", at, error.message)
        return len(due)

    def _payments(self, session: Session, now: datetime) -> list[tuple[datetime, Act]]:
        """Find steps of payment plans that are due and not booked yet."""
        booked = sa.select(Payment.order_id, sa.func.count().label("steps")).group_by(Payment.order_id).subquery()
        rows = session.execute(
            sa.select(
                Order.id, Order.external_id, Order.placed_at, Order.total_minor, Channel.code,
                sa.func.coalesce(booked.c.steps, 0).label("steps"),
            )
            .join(Channel, Channel.id == Order.channel_id)
            .outerjoin(booked, booked.c.order_id == Order.id)
            .where(
                Order.state == "placed", Order.payment_status.in_(("none", "authorized", "voided")),
                Order.total_minor > 0, sa.not_(Order.is_history),
            )
        )  # fmt: skip
        due: list[tuple[datetime, Act]] = []
        for row in rows:
            plan = payment_plan(row.external_id, row.placed_at, on_account=row.code in ON_ACCOUNT, seed=self.seed)
            if row.steps < len(plan.steps) and plan.steps[row.steps].at <= now:
                due.append((plan.steps[row.steps].at, self._pay(row, plan.steps[row.steps])))
        return due

    def _pay(self, row: Any, step: Step) -> Act:
        money = movement(row.id, step, row.steps, amount_minor=row.total_minor, name=row.external_id)
        return lambda session: take(session, [money], zone=self.zone)

    def _picking(self, session: Session, now: datetime) -> list[tuple[datetime, Act]]:
        """Find fulfilment orders the warehouse is ready with."""
        rows = session.execute(
            sa.select(
                FulfillmentOrder.id, FulfillmentOrder.number, FulfillmentOrder.created_at, Order.payment_status,
                Order.external_id, Order.placed_at, Channel.code,
            )
            .join(Order, Order.id == FulfillmentOrder.order_id)
            .join(Channel, Channel.id == Order.channel_id)
            .where(FulfillmentOrder.state == "open", Order.state == "placed")
        )  # fmt: skip
        due: list[tuple[datetime, Act]] = []
        for row in rows:
            at = leaves_at(row.number, row.created_at, row.code, seed=self.seed, zone=self.zone, scene=self.scene)
            if at <= now and self._may_leave(row):
                due.append((at, self._ship(row.id, now)))
        return due

    def _may_leave(self, row: Any) -> bool:
        on_account = row.code in ON_ACCOUNT
        plan = payment_plan(row.external_id, row.placed_at, on_account=on_account, seed=self.seed)
        return row.payment_status in PAID or plan.ships_unpaid

    def _ship(self, work_id: int, now: datetime) -> Act:
        def act(session: Session) -> None:
            hand_over(session, [work_id], seed=self.seed, zone=self.zone, at=now, scene=self.scene)

        return act

    def _parcels(self, session: Session, now: datetime) -> list[tuple[datetime, Act]]:
        """Find carriers' events that are due: a parcel's plan less what was told already."""
        told = (
            sa.select(TrackingEvent.shipment_id, sa.func.count().label("n"))
            .where(TrackingEvent.external_id.like("event-%"))
            .group_by(TrackingEvent.shipment_id)
            .subquery()
        )
        rows = session.execute(
            sa.select(
                Shipment.id, Shipment.number, Shipment.carrier, Shipment.shipped_at, Shipment.promised_at,
                Location.code.label("place"), Order.ship_country, sa.func.coalesce(told.c.n, 0).label("n"),
            )
            .join(Location, Location.id == Shipment.location_id)
            .join(Order, Order.id == Shipment.order_id)
            .outerjoin(told, told.c.shipment_id == Shipment.id)
            .where(Shipment.state.in_(_MOVING), Shipment.is_simulated)
        )  # fmt: skip
        due: list[tuple[datetime, Act]] = []
        for sent in rows:
            events = events_of(sent, seed=self.seed, zone=self.zone, scene=self.scene)
            if sent.n < len(events) and events[sent.n].at <= now:
                due.append((events[sent.n].at, self._tell(sent.id, sent.n, events[sent.n], sent.carrier)))
        return due

    def _tell(self, shipment_id: int, index: int, event: Any, carrier: str) -> Act:
        return lambda session: tell(session, [(shipment_id, index, event)], actor=f"{carrier} (simulated)")

    def _suppliers(self, session: Session, now: datetime) -> list[tuple[datetime, Act]]:
        """Find simulated purchase orders a supplier answers or delivers now; docks work on weekday mornings."""
        local = now.astimezone(ZoneInfo(self.zone))
        if local.weekday() > 4 or not 8 <= local.hour < 17:
            return []
        due: list[tuple[datetime, Act]] = []
        orders = sa.select(PurchaseOrder).where(PurchaseOrder.is_simulated, PurchaseOrder.state.in_(_INCOMING))
        for order in session.scalars(orders):
            roll = dice(self.seed, "supplier", order.number)
            sent_at = order.sent_at or order.created_at
            answers_at = sent_at + timedelta(hours=roll.uniform(4, 60))
            expected = order.expected_on or now.date()
            late = (local.date() - expected).days - roll.choice((-1, 0, 0, 0, 1, 3, 6))
            if late >= 0:
                due.append((sent_at, self._receive(order.id)))
            elif order.state == "sent" and answers_at <= now and roll.random() < 0.85:
                due.append((answers_at, self._confirm(order.id)))
        return due

    def _confirm(self, order_id: int) -> Act:
        def act(session: Session) -> None:
            confirm(session, purchase_order_id=order_id, actor=ACTOR)

        return act

    def _receive(self, order_id: int) -> Act:
        def act(session: Session) -> None:
            rows = session.execute(
                sa.select(
                    PurchaseOrderLine.id,
                    PurchaseOrderLine.quantity - PurchaseOrderLine.received_qty - PurchaseOrderLine.cancelled_qty,
                ).where(PurchaseOrderLine.purchase_order_id == order_id)
            )
            lines = {key: rest for key, rest in rows if rest > 0}
            receive(session, purchase_order_id=order_id, lines=lines, zone=self.zone, actor=ACTOR, simulated=True)

        return act

    def _waiting(self, session: Session, now: datetime) -> list[tuple[datetime, Act]]:
        """Find placed orders nobody works on: they wait for goods that may have come meanwhile."""
        works = sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == Order.id)
        rows: Sequence[Any] = session.execute(
            sa.select(Order.id, Order.placed_at).where(
                Order.state == "placed", sa.not_(Order.is_history), sa.not_(sa.exists(works)),
                Order.placed_at < now - timedelta(minutes=1),
            )
        ).all()  # fmt: skip
        return [(row.placed_at, self._promise(row.id)) for row in rows]

    def _promise(self, order_id: int) -> Act:
        def act(session: Session) -> None:
            (outcome,) = allocate_orders(session, [order_id], zone=self.zone, actor=ACTOR)
            if not isinstance(outcome, OmsError):
                open_work_for(session, [order_id], actor=ACTOR)

        return act
