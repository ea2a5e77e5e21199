"""Work queues: what a person has to do next, by kind, with counts; one module for every door.

A thing to do is in a queue because of its facts; nothing is put in or taken out by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.kernel.money import to_decimal
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Channel, Location
from oms_core.orders.tables import OrderTag
from oms_core.review import queue_rows as rows
from oms_core.review.queue_rows import HOLD, ORDER, WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

_CHANNEL, _LOCATION, _TAG = table_of(Channel), table_of(Location), table_of(OrderTag)


@dataclass(frozen=True, slots=True)
class Queue:
    """A kind of work: its name, what it asks of a person, its statement."""

    name: str
    says: str
    rows: Callable[[], sa.SelectBase]


QUEUES = (
    Queue("to_confirm", "Not paid for yet: confirm, remind or cancel.", rows.to_confirm),
    Queue("to_route", "Units without a place to ship from: buy, transfer or change the order.", rows.to_route),
    Queue("risk_review", "Doubted by the risk rules: approve or reject.", rows.risk_review),
    Queue("duplicates", "May be the same wish twice: confirm or dismiss.", rows.suspected_duplicates),
    Queue("on_hold", "Held back by somebody: settle it and release.", rows.on_hold),
    Queue("scheduled", "The customer may still change it: nothing to do yet.", rows.scheduled),
    Queue("to_ship", "Ready to pack.", rows.to_ship),
    Queue("late", "Behind its promise: hurry it or tell the customer.", rows.late),
    Queue("exceptions", "Went wrong: find the parcel, give the money back.", rows.exceptions),
)
_BY_NAME = {queue.name: queue for queue in QUEUES}
#: What a queue may be narrowed by.
FILTERS = ("channel", "location", "tag", "owner", "country", "currency")


def counts(session: Session) -> dict[str, int]:
    """Return how many things wait in each queue; one statement."""
    return {row.name: int(row.n) for row in core(session).execute(_counts(), rows.now())}


def in_queue(
    session: Session,
    name: str,
    *,
    filters: Mapping[str, str] | None = None,
    limit: int = 50,
    after: tuple[datetime, int, int] | None = None,
) -> list[dict[str, Any]]:
    """Return the things of a queue, those that wait longest first.

    Parameters
    ----------
    filters : mapping of str to str
        See :data:`FILTERS`: codes of channel and location, a tag, a hold's owner, a country, a currency.
    after : (datetime, int, int), optional
        What :func:`page_after` says of the page before.

    Returns
    -------
    list of dict
        ``order_id, number, channel, placed_at, total, currency, country, state, fulfillment_order,
        location, item_id, since, why, version``.

    Raises
    ------
    NotFound
        If there is no such queue, with near matches.
    InvalidInput
        If a filter is not known.
    """
    statement = _list(named(name).name)
    for key, value in (filters or {}).items():
        statement = statement.where(_filter(key, value))
    if after is not None:
        since, order_id, place = after
        c = statement.selected_columns
        same_order = sa.and_(c.order_id == order_id, _place(c) > place)
        statement = statement.where(
            sa.or_(c.since > since, sa.and_(c.since == since, sa.or_(c.order_id > order_id, same_order)))
        )
    found = core(session).execute(statement.limit(limit), rows.now())
    return [_told(row) for row in found]


def named(name: str) -> Queue:
    """Return a queue by its name."""
    if name not in _BY_NAME:
        raise NotFound("queue", name, _BY_NAME, f"There are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[name]


@lru_cache
def _counts() -> sa.CompoundSelect[*tuple[Any, ...]]:
    parts: list[sa.Select[*tuple[Any, ...]]] = [
        sa.select(sa.literal_column(f"'{queue.name}'").label("name"), sa.func.count().label("n")).select_from(
            queue.rows().subquery()
        )
        for queue in QUEUES
    ]
    return sa.union_all(*parts)


@lru_cache
def _list(name: str) -> sa.Select[Any]:
    """Build: the queue's rows with what a list shows of the order, those that wait longest first."""
    things = _BY_NAME[name].rows().subquery("things")
    c = ORDER.c
    return (
        sa.select(
            things.c.order_id, things.c.work_id, things.c.item_id, things.c.since, things.c.why, c.number, c.state,
            c.placed_at, c.total_minor, c.currency, c.ship_country.label("country"), c.email, c.version,
            _CHANNEL.c.code.label("channel"), WORK.c.number.label("work_number"), _LOCATION.c.code.label("location"),
        )
        .select_from(things)
        .join(ORDER, c.id == things.c.order_id)
        .join(_CHANNEL, _CHANNEL.c.id == c.channel_id)
        .outerjoin(WORK, WORK.c.id == things.c.work_id)
        .outerjoin(_LOCATION, _LOCATION.c.id == WORK.c.location_id)
        .order_by(things.c.since, things.c.order_id, _place(things.c))
    )  # fmt: skip


def _filter(key: str, value: str) -> sa.ColumnElement[bool]:
    if key == "tag":
        return ORDER.c.id.in_(sa.select(_TAG.c.order_id).where(_TAG.c.tag == value.strip().lower()))
    if key == "owner":
        active = sa.and_(HOLD.c.released_at.is_(None), HOLD.c.owner == value)
        return ORDER.c.id.in_(sa.select(HOLD.c.order_id).where(active))
    columns: dict[str, sa.ColumnElement[str]] = {
        "channel": _CHANNEL.c.code, "location": _LOCATION.c.code, "country": ORDER.c.ship_country,
        "currency": ORDER.c.currency,
    }  # fmt: skip
    if key not in columns:
        raise InvalidInput("filter", key, f"one of {', '.join(FILTERS)}")
    return columns[key] == value


def _told(row: Any) -> dict[str, Any]:
    return {
        "order_id": row.order_id, "number": row.number, "channel": row.channel, "placed_at": row.placed_at,
        "total": to_decimal(row.total_minor, row.currency), "currency": row.currency, "country": row.country,
        "state": row.state, "fulfillment_order": row.work_number, "fulfillment_order_id": row.work_id,
        "location": row.location, "item_id": row.item_id, "since": row.since, "why": row.why, "version": row.version,
    }  # fmt: skip


def page_after(things: Sequence[Mapping[str, Any]]) -> tuple[datetime, int, int] | None:
    """Return the `after` of the page that follows these things; None when there are none."""
    if not things:
        return None
    last = things[-1]
    return last["since"], last["order_id"], last["item_id"] or last["fulfillment_order_id"] or 0


def _place(columns: Any) -> sa.ColumnElement[int]:
    """Return what tells several things of one order apart."""
    return sa.func.coalesce(columns.item_id, columns.work_id, 0)
