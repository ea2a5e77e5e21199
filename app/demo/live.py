"""New orders for a demo shop that runs: past orders come again, under new numbers, labelled simulated.

Nothing is remembered between two looks: what is due follows from the database and the clock, so the
feeder may be killed at any moment and started again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.demo.carriage import ship_by
from app.demo.chance import dice
from app.demo.scenes import scene_of
from oms_core.intake.commands import place
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.errors import InsufficientStock
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder

if TYPE_CHECKING:
    from app.workspace import Workspace

#: Orders an hour at the busiest hour of the data's day, and the least at night: a demo must move.
BUSIEST, QUIETEST = 150.0, 60.0
#: Orders of up to so many lines are played again.
MOST_LINES = 12
POOL_DAYS = 45

_POOL = sa.text(
    "SELECT o.id, o.placed_at FROM orders o JOIN order_lines l ON l.order_id = o.id"
    " WHERE o.external_id NOT LIKE 'SIM-%' AND NOT o.is_test AND o.placed_at >= :since"
    " GROUP BY o.id, o.placed_at HAVING count(*) <= :most AND sum(l.gross_minor) > 0 ORDER BY o.id"
)
_HEAD = sa.text(
    "SELECT o.currency, o.ship_country, h.code AS channel, c.email, c.name, c.kind, c.city, c.postal_code, c.country"
    " FROM orders o JOIN channels h ON h.id = o.channel_id LEFT JOIN customers c ON c.id = o.customer_id"
    " WHERE o.id = :order"
)
_LINES = sa.text(
    "SELECT l.sku, l.quantity, l.unit_price_minor FROM order_lines l WHERE l.order_id = :order ORDER BY l.position"
)


@dataclass
class Customers:
    """Makes customers order: decides when, and what."""

    workspace: Workspace
    seed: int

    @cached_property
    def pool(self) -> Sequence[Any]:
        """Past orders that may come again: id and placing time."""
        typed = _POOL.bindparams(sa.bindparam("since", type_=UtcDateTime())).columns(placed_at=UtcDateTime())
        with self.workspace.reading() as session:
            since = scene_of(session).ends - timedelta(days=POOL_DAYS)
            return session.execute(typed, {"since": since, "most": MOST_LINES}).all()

    @cached_property
    def by_hour(self) -> list[float]:
        """The data's own day: share of orders by local hour, 1 at the busiest."""
        zone = ZoneInfo(self.workspace.shop.zone)
        counts = [0] * 24
        for row in self.pool:
            counts[row.placed_at.astimezone(zone).hour] += 1
        top = max(*counts, 1)
        return [count / top for count in counts]

    def rate(self, now: datetime) -> float:
        """Return orders an hour at this moment of the shop's day."""
        hour = now.astimezone(ZoneInfo(self.workspace.shop.zone)).hour
        return max(QUIETEST, BUSIEST * self.by_hour[hour])

    def look(self, now: datetime, passed: timedelta) -> int:
        """Place the orders that came in the time passed since the last look; return how many."""
        roll = dice(self.seed, "live", now.isoformat())
        expected = self.rate(now) * passed.total_seconds() / 3600
        if not self.pool or roll.random() >= expected:
            return 0
        return int(self._order(roll, now))

    def _order(self, roll: Random, now: datetime) -> bool:
        new = self._again(roll, now)
        if new is None:
            return False
        try:
            with self.workspace.transaction() as session:
                place(session, self.workspace.shop, new, idempotency_key=new.external_id, actor="customer (simulated)")
        except InsufficientStock:
            # a sold-out product is no order: the customer leaves
            return False
        return True

    def _again(self, roll: Random, now: datetime) -> NewOrder | None:
        """Compose an order like a past one, at today's prices of that order."""
        with self.workspace.reading() as session:
            chosen = {"order": roll.choice(self.pool).id}
            head = session.execute(_HEAD, chosen).one()
            lines = session.execute(_LINES, chosen).all()
        wanted = [line for line in lines if line.unit_price_minor > 0]
        if not wanted:
            return None
        customer = None
        if head.email:
            customer = NewCustomer(email=head.email, name=head.name, kind=head.kind)
        return NewOrder(
            channel=head.channel,
            external_id=f"SIM-{now:%y%m%d-%H%M%S%f}",
            currency=head.currency,
            lines=[
                NewLine(sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor) for line in wanted
            ],
            customer=customer,
            address=NewAddress(
                country=head.ship_country,
                city=head.city or "",
                postal_code=head.postal_code or "",
                name=head.name or "",
            ),
            placed_at=now,
            ship_by_at=ship_by(now, zone=self.workspace.shop.zone),
            is_simulated=True,
        )
