"""The last two weeks of real orders, carried out through the real commands at their own times."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.carriage import events_of, hand_over, leaves_at, ship_by, tell
from app.demo.money import Terms, movement, payment_plan, take
from app.demo.people import Person
from app.demo.scenes import RETAIL, Scene
from oms_core.customers.commands import NewCustomer
from oms_core.fulfilment.commands import open_work_for
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.imports.documents import AdjustmentDocument, LineDocument, OrderDocument
from oms_core.kernel import clock
from oms_core.kernel.errors import InsufficientStock, OmsError
from oms_core.locations.tables import Channel
from oms_core.orders.commands import NewAddress, NewAdjustment, NewLine, NewOrder, place_orders
from oms_core.orders.tables import Order
from oms_core.payments.commands import NewMoney
from oms_core.routing.commands import allocate_orders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.demo.parcels import Event

ACTOR = "replay"
#: Channels and payment gateways are read every quarter of an hour.
FEED_SECONDS = 900
#: Channels whose customers may pay on account.
ON_ACCOUNT = frozenset({"wholesale", "export"})
#: Payment states in which goods may leave.
PAID = ("paid", "overpaid", "authorized", "partially_refunded", "refunded")


@dataclass
class Selling:
    """The replay of orders: what happens to one decides what is planned next."""

    agenda: Agenda
    people: Mapping[int, Person]
    zone: str
    seed: int
    scene: Scene = RETAIL
    order_ids: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, frozenset[int]] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)

    def plan(self, documents: Sequence[OrderDocument]) -> None:
        """Plan the placing of every order; orders of one quarter of an hour come in together, at its last one."""
        for _, group in groupby(documents, key=lambda d: int(d.placed_at.timestamp()) // FEED_SECONDS):
            together = list(group)
            self.agenda.add(together[-1].placed_at, partial(self._place, together))

    def _place(self, documents: Sequence[OrderDocument], session: Session) -> None:
        news = [self._new(d) for d in documents]
        wanted: dict[int, frozenset[int]] = {}
        for document, placed in zip(documents, place_orders(session, news, zone=self.zone, actor=ACTOR), strict=True):
            if isinstance(placed, OmsError):
                raise placed
            self.order_ids[document.external_id] = placed
            wanted[placed] = frozenset(line.variant_id for line in document.lines)
            self._plan_money(placed, document)
        self._promise(wanted, session)

    def _new(self, document: OrderDocument) -> NewOrder:
        new = new_order(document, self.people.get(document.customer_id or 0), zone=self.zone)
        return new if self.scene is RETAIL else replace(new, is_simulated=True)

    def _plan_money(self, order_id: int, document: OrderDocument) -> None:
        on_account = document.channel in ON_ACCOUNT
        terms = payment_plan(document.external_id, document.placed_at, on_account=on_account, seed=self.seed)
        self.terms[order_id] = terms
        total = document.total_minor
        for index, step in enumerate(terms.steps if total > 0 else ()):
            money = movement(order_id, step, index, amount_minor=total, name=document.external_id)
            # never before the feed brought the order
            at = max(step.at, clock.now())
            self.agenda.add_to_round(at, "gateways", money, self._pay, every_seconds=FEED_SECONDS)

    def _pay(self, moved: Sequence[NewMoney], session: Session) -> None:
        take(session, moved, zone=self.zone)

    def _promise(self, wanted: Mapping[int, frozenset[int]], session: Session) -> None:
        """Allocate; an order that cannot be served waits for goods."""
        outcomes = allocate_orders(session, list(wanted), zone=self.zone, actor=ACTOR)
        served = []
        for order_id, outcome in zip(wanted, outcomes, strict=True):
            if isinstance(outcome, InsufficientStock):
                self.waiting[order_id] = wanted[order_id]
            elif isinstance(outcome, OmsError):
                raise outcome
            else:
                served.append(order_id)
        works = open_work_for(session, served, actor=ACTOR) if served else []
        self._plan_work(works, session)

    def _plan_work(self, works: Sequence[int], session: Session) -> None:
        heads = session.execute(
            sa.select(FulfillmentOrder.id, FulfillmentOrder.number, Channel.code)
            .join(Order, Order.id == FulfillmentOrder.order_id)
            .join(Channel, Channel.id == Order.channel_id)
            .where(FulfillmentOrder.id.in_(works))
            .order_by(FulfillmentOrder.id)
        ).all()
        for work in heads:
            at = leaves_at(work.number, clock.now(), work.code, seed=self.seed, zone=self.zone, scene=self.scene)
            self.agenda.add_to_round(at, "warehouse", work.id, self._ship)

    def goods_came(self, variants: Collection[int], session: Session) -> None:
        """Try again to serve those who wait for these goods, oldest first."""
        hopeful = {key: wanted for key, wanted in self.waiting.items() if not wanted.isdisjoint(variants)}
        for key in hopeful:
            del self.waiting[key]
        if hopeful:
            self._promise(hopeful, session)

    def _ship(self, work_ids: Sequence[int], session: Session) -> None:
        """Hand over a wave; what is not paid waits for a later one."""
        rows = session.execute(
            sa.select(FulfillmentOrder.id, FulfillmentOrder.order_id, Order.payment_status)
            .join(Order, Order.id == FulfillmentOrder.order_id)
            .where(FulfillmentOrder.id.in_(work_ids), FulfillmentOrder.state == "open")
            .order_by(FulfillmentOrder.id)
        ).all()
        free = {row.id for row in rows if row.payment_status in PAID or self.terms[row.order_id].ships_unpaid}
        later = clock.now() + timedelta(hours=6)
        for row in rows:
            if row.id not in free:
                self.agenda.add_to_round(later, "warehouse", row.id, self._ship)
        self._hand_over(sorted(free), session)

    def _hand_over(self, work_ids: Sequence[int], session: Session) -> None:
        if not work_ids:
            return
        for sent in hand_over(session, work_ids, seed=self.seed, zone=self.zone, at=clock.now(), scene=self.scene):
            events = events_of(sent, seed=self.seed, zone=self.zone, scene=self.scene)
            for index, event in enumerate(events):
                self.agenda.add_to_round(event.at, "carriers", (sent.id, index, event), self._tell)

    def _tell(self, news: Sequence[tuple[int, int, Event]], session: Session) -> None:
        tell(session, sorted(news, key=lambda entry: (entry[2].at, entry[0])))

    def ship_now(self, order_id: int, session: Session) -> None:
        """Ship what is still open of an order: the real return proves that it had left."""
        open_work = sa.select(FulfillmentOrder.id).where(
            FulfillmentOrder.order_id == order_id, FulfillmentOrder.state == "open"
        )
        self._hand_over(session.scalars(open_work.order_by(FulfillmentOrder.id)).all(), session)


def new_order(document: OrderDocument, person: Person | None, *, zone: str) -> NewOrder:
    """Return the command's input for a source document; names and towns are invented."""
    address = NewAddress(country=document.ship_country, city=document.ship_city, postal_code=document.ship_postal_code)
    customer = None
    if person is not None:
        customer = NewCustomer(email=person.email, name=person.name, kind=person.kind)
        address = NewAddress(
            country=document.ship_country,
            city=document.ship_city or person.city,
            postal_code=document.ship_postal_code or person.postal_code,
            name=person.name,
        )
    return NewOrder(
        channel=document.channel,
        external_id=document.external_id,
        currency=document.currency,
        lines=[_line(line) for line in document.lines],
        adjustments=[_adjustment(entry) for entry in document.adjustments],
        customer=customer,
        address=address,
        placed_at=document.placed_at,
        ship_by_at=ship_by(document.placed_at, zone=zone),
        total_minor=document.total_minor,
    )


def _line(line: LineDocument) -> NewLine:
    return NewLine(
        sku=line.sku,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        discount_minor=line.discount_minor,
        tax_minor=line.tax_minor,
        rounding_minor=line.rounding_minor,
        title=line.title,
    )


def _adjustment(entry: AdjustmentDocument) -> NewAdjustment:
    return NewAdjustment(
        kind=entry.kind, amount_minor=entry.amount_minor, code=entry.code, title=entry.title, quantity=entry.quantity
    )
