"""Orders with their fulfilment orders and holds, as read under lock, and the statements that change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.queries import UNFINISHED_WORK
from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.orders import tables as orders

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOLD, _WORK, _ORDER = table_of(FulfillmentHold), table_of(FulfillmentOrder), table_of(orders.Order)
_NOW = sa.bindparam("now", type_=UtcDateTime())
#: Active holds whose date has come.
DUE_HOLDS = (
    sa.select(_HOLD.c.id)
    .where(_HOLD.c.released_at.is_(None), _HOLD.c.until_at <= _NOW)
    .order_by(_HOLD.c.until_at, _HOLD.c.id)
    .limit(sa.bindparam("most"))
)
#: Orders with scheduled work whose service window has ended.
DUE_WINDOWS = (
    sa.select(_WORK.c.order_id)
    .distinct()
    .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
    .where(UNFINISHED_WORK, _WORK.c.state == sa.literal_column("'scheduled'"))
    .where(sa.or_(_ORDER.c.release_at.is_(None), _ORDER.c.release_at <= _NOW))
    .order_by(_WORK.c.order_id)
    .limit(sa.bindparam("most"))
)


@dataclass(slots=True)
class Work:
    """A fulfilment order: where it is and, on hold, where it goes back to."""

    id: int
    number: str
    state: str
    held_from: str | None

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to do."""
        return not FULFILLMENT_ORDER.moves[self.state]


@dataclass(slots=True)
class Hold:
    """A hold; `how` it ended, empty while it is active."""

    id: int
    order_id: int
    fulfillment_order_id: int | None
    reason: str
    guard_key: str
    how: str

    @property
    def active(self) -> bool:
        """Whether it still keeps something back."""
        return not self.how


@dataclass(slots=True)
class Order:
    """An order with its work and its holds, released ones too."""

    id: int
    number: str
    state: str
    fulfillment_status: str
    release_at: datetime | None
    works: list[Work] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)

    def states(self) -> dict[str, str]:
        """Return the state of each unfinished fulfilment order, by number."""
        return {work.number: work.state for work in self.works if not work.finished}

    def covered(self, work: Work) -> bool:
        """Return whether an active hold keeps this fulfilment order back."""
        return any(one.active and one.fulfillment_order_id in {None, work.id} for one in self.holds)

    def guarded(self, guard_key: str) -> Hold | None:
        """Return the hold that stands for a guard key: an active one, else one a person released."""
        same = [one for one in self.holds if guard_key and one.guard_key == guard_key]
        standing = [one for one in same if one.active] or [one for one in same if one.how == "person"]
        return standing[-1] if standing else None

    def wanted(self, work: Work, now: datetime) -> tuple[str, str | None]:
        """Return the state a fulfilment order should have, and where it goes back to from a hold."""
        if work.finished:
            return work.state, None
        place = (work.held_from or "open") if work.state == "on_hold" else work.state
        if place == "scheduled" and (self.release_at is None or self.release_at <= now):
            place = "open"
        return ("on_hold", place) if self.covered(work) else (place, None)


def locked(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, Order]:
    """Lock orders, in id order, and return them with their work and holds; three statements."""
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(set(order_ids)))}
    found = {row[0]: Order(*row) for row in connection.execute(_heads(dialect), batch)}
    for row in connection.execute(_works(dialect), batch):
        found[row[0]].works.append(Work(*row[1:]))
    for row in connection.execute(_holds(dialect), batch):
        found[row.order_id].holds.append(Hold(*row))
    return found


def orders_of(connection: sa.Connection, hold_ids: Iterable[int]) -> dict[int, int]:
    """Return the order of each hold, by hold id."""
    batch = {"batch": packed((key,) for key in sorted(set(hold_ids)))}
    return {row[0]: row[1] for row in connection.execute(_belongs(connection.dialect.name), batch)}


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted, c = unpacked(dialect, order_id=int), _ORDER.c
    return (
        sa.select(c.id, c.number, c.state, c.fulfillment_status, c.release_at)
        .join(wanted, wanted.c.order_id == c.id)
        .order_by(c.id)
        .with_for_update(of=_ORDER, key_share=True)
    )


@lru_cache
def _works(dialect: str) -> sa.Select[Any]:
    wanted, c = unpacked(dialect, order_id=int), _WORK.c
    columns = (c.order_id, c.id, c.number, c.state, c.held_from)
    return sa.select(*columns).join(wanted, wanted.c.order_id == c.order_id).order_by(c.id)


@lru_cache
def _holds(dialect: str) -> sa.Select[Any]:
    wanted, c = unpacked(dialect, order_id=int), _HOLD.c
    columns = (c.id, c.order_id, c.fulfillment_order_id, c.reason, c.guard_key, c.released_how)
    return sa.select(*columns).join(wanted, wanted.c.order_id == c.order_id).order_by(c.id)


@lru_cache
def _belongs(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, hold_id=int)
    return sa.select(_HOLD.c.id, _HOLD.c.order_id).join(wanted, wanted.c.hold_id == _HOLD.c.id)


@lru_cache
def end(dialect: str) -> sa.Update:
    """Build: end the holds of a batch (id) with ``by, how, now``."""
    ended = unpacked(dialect, hold_id=int)
    values = {"released_by": sa.bindparam("by"), "released_how": sa.bindparam("how"), "released_at": _NOW}
    return sa.update(_HOLD).where(_HOLD.c.id == ended.c.hold_id).values(values)


@lru_cache
def move(dialect: str) -> sa.Update:
    """Build: give the fulfilment orders of a batch (id, state, held_from) their new state."""
    new = unpacked(dialect, id=int, state=str, held_from=str)
    values = {"state": new.c.state, "held_from": new.c.held_from, "version": _WORK.c.version + 1}
    return sa.update(_WORK).where(_WORK.c.id == new.c.id).values(values)
