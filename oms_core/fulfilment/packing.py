"""What can be packed: the open units of fulfilment orders, and parcels taken off them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, FulfillmentOrderLine, Shipment
from oms_core.inventory.tables import Allocation
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, OmsError, Refused
from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORK, _WORK_LINE = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine)
_ALLOCATION, _ORDER, _SHIPMENT = table_of(Allocation), table_of(Order), table_of(Shipment)
_HOLD = table_of(FulfillmentHold)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParcel:
    """A parcel to be handed to a carrier (see :func:`ship`)."""

    fulfillment_order_id: int
    carrier: str
    tracking_number: str | None = None
    lines: Mapping[int, int] | None = None
    cost_minor: int = 0
    promised_at: datetime | None = None
    service: str = ""


@dataclass(slots=True)
class Work:
    """A fulfilment order while parcels are packed from it; `left` is open units by allocation."""

    id: int
    number: str
    order_id: int
    location_id: int
    state: str
    currency: str
    rows: dict[int, Any]
    left: dict[int, int]
    order_number: str = ""
    release_at: datetime | None = None
    holds: Sequence[str] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel that may leave: units by allocation."""

    new: NewParcel
    work: Work
    units: dict[int, int]


@lru_cache
def _lock(dialect: str) -> sa.Select[Any]:
    """Build: lock the orders, as every command on an order does first (SQLite has one writer)."""
    wanted = unpacked(dialect, work_id=int)
    orders = sa.select(_WORK.c.order_id).join(wanted, wanted.c.work_id == _WORK.c.id)
    return sa.select(_ORDER.c.id).where(_ORDER.c.id.in_(orders)).order_by(_ORDER.c.id).with_for_update(key_share=True)


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, work_id=int)
    return (
        sa.select(
            _WORK.c.id, _WORK.c.number, _WORK.c.order_id, _WORK.c.location_id, _WORK.c.state, _ORDER.c.currency,
            _ORDER.c.number.label("order_number"), _ORDER.c.release_at,
        )
        .join(wanted, wanted.c.work_id == _WORK.c.id)
        .join(_ORDER, _ORDER.c.id == _WORK.c.order_id)
    )  # fmt: skip


@lru_cache
def _rows(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, work_id=int)
    open_qty = _ALLOCATION.c.quantity - _ALLOCATION.c.shipped_qty - _ALLOCATION.c.released_qty
    return (
        sa.select(
            _WORK_LINE.c.fulfillment_order_id, _WORK_LINE.c.allocation_id, _WORK_LINE.c.order_line_id,
            _ALLOCATION.c.variant_id, _ALLOCATION.c.quantity, _ALLOCATION.c.shipped_qty, open_qty.label("open"),
        )
        .join(wanted, wanted.c.work_id == _WORK_LINE.c.fulfillment_order_id)
        .join(_ALLOCATION, _ALLOCATION.c.id == _WORK_LINE.c.allocation_id)
        .order_by(_WORK_LINE.c.allocation_id)
    )  # fmt: skip


def works_of(connection: sa.Connection, ids: set[int]) -> dict[int, Work]:
    """Lock the orders of fulfilment orders and return these with their open units, by id."""
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(ids))}
    if dialect != "sqlite":
        connection.execute(_lock(dialect), batch)
    works = {
        row[0]: Work(
            row.id, row.number, row.order_id, row.location_id, row.state, row.currency, {}, {},
            row.order_number, row.release_at, (), row.state,
        )
        for row in connection.execute(_heads(dialect), batch)
    }  # fmt: skip
    for row in connection.execute(_rows(dialect), batch):
        work = works[row.fulfillment_order_id]
        work.rows[row.allocation_id] = row
        if row.open > 0:
            work.left[row.allocation_id] = row.open
    waiting = [work for work in works.values() if work.state == "on_hold"]
    for work in waiting:
        work.holds = holds_on(connection, order_id=work.order_id, work_id=work.id)
    return works


def holds_on(connection: sa.Connection, *, order_id: int, work_id: int) -> list[str]:
    """Return the active holds that cover a fulfilment order, each in words: since when, by whom, why."""
    c = _HOLD.c
    covers = sa.or_(c.fulfillment_order_id.is_(None), c.fulfillment_order_id == work_id)
    columns = (c.id, c.reason, c.note, c.owner, c.until_at, c.held_by, c.held_at)
    statement = sa.select(*columns).where(c.order_id == order_id, c.released_at.is_(None), covers).order_by(c.id)
    return [_in_words(row) for row in connection.execute(statement)]


def _in_words(row: Any) -> str:
    note = f" ({row.note})" if row.note else ""
    owner = f", {row.owner} looks after it" if row.owner else ""
    until = f", until {row.until_at:%Y-%m-%d %H:%M} UTC" if row.until_at else ""
    return f"{row.reason}{note}, held by {row.held_by} since {row.held_at:%Y-%m-%d %H:%M} UTC{owner}{until}"


@lru_cache
def _find_taken(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, carrier=str, tracking_number=str)
    same = sa.and_(_SHIPMENT.c.carrier == wanted.c.carrier, _SHIPMENT.c.tracking_number == wanted.c.tracking_number)
    return sa.select(_SHIPMENT.c.carrier, _SHIPMENT.c.tracking_number).join(wanted, same)


def labels_taken(connection: sa.Connection, labels: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which labels (carrier, tracking number) are a shipment's already."""
    if not labels:
        return set()
    rows = connection.execute(_find_taken(connection.dialect.name), {"batch": packed(labels)})
    return {(row[0], row[1]) for row in rows}


def pack(new: NewParcel, work: Work | None, taken: set[tuple[str, str]]) -> Packed | OmsError:
    """Take a parcel's units off what its work has left, or say why it cannot leave."""
    if work is None:
        return NotFound("fulfilment order", new.fulfillment_order_id)
    label = (new.carrier, new.tracking_number or "")
    if label in taken:
        return label_taken(*label)
    try:
        refuse_waiting(work)
        units = units_of(work, new.lines)
        state = "closed" if sum(units.values()) == sum(work.left.values()) else "in_progress"
        if work.state != state:
            FULFILLMENT_ORDER.check(work.number, work.state, state)
    except OmsError as refused:
        return refused
    work.state = state
    for key, n in units.items():
        work.left[key] -= n
    if new.tracking_number:
        taken.add(label)
    return Packed(new, work, units)


def refuse_waiting(work: Work) -> None:
    """Refuse work that somebody holds back, or that may still be changed, saying who, why and until when."""
    if work.state == "on_hold":
        why = "; ".join(work.holds) or "no reason was kept"
        raise Refused(
            "shipment.on_hold",
            f"{work.number} of order {work.order_number} is on hold: {why}.",
            f"Ask whoever holds it, or release it: ordersight orders release {work.order_number}",
            holds=list(work.holds),
        )
    if work.state == "scheduled":
        when = f"{work.release_at:%Y-%m-%d %H:%M} UTC" if work.release_at else "the worker looks"
        raise Refused(
            "shipment.scheduled",
            f"{work.number} of order {work.order_number} is not released to the warehouse before {when}.",
            "The customer may still change the order; ship it after that.",
        )


def units_of(work: Work, lines: Mapping[int, int] | None) -> dict[int, int]:
    """Return units by allocation id, checked against what is open."""
    units = {k: n for k, n in work.left.items() if n} if lines is None else {k: n for k, n in lines.items() if n}
    for key, n in units.items():
        if n < 0 or n > work.left.get(key, 0):
            expectation = f"at most the {work.left.get(key, 0)} open units of allocation {key} on {work.number}"
            raise InvalidInput("quantity", n, expectation, code="shipment.more_than_open")
    if not units:
        raise InvalidInput("lines", {}, f"at least one open unit of {work.number}", code="shipment.empty")
    return units


def label_taken(carrier: str, tracking_number: str | None) -> Conflict:
    """Say that a tracking number names another parcel."""
    return Conflict(
        "shipment.duplicate",
        f"{carrier} tracking number {tracking_number!r} is another shipment's.",
        "Check the label; a number names one parcel.",
    )
