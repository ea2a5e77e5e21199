"""Suspected duplicates: one wish of one buyer sent twice, by another channel or under another name."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.fulfilment.commands import NewHold, hold_all, release_all
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound
from oms_core.kernel.rows import core, loaded, packed, table_of, unpacked
from oms_core.locations.tables import Channel
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.review.states import SUSPICION
from oms_core.review.tables import DuplicateSuspicion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_ORDER, _LINE, _CHANNEL = table_of(Order), table_of(OrderLine), table_of(Channel)
_SUSPICION, _HOLD = table_of(DuplicateSuspicion), table_of(FulfillmentHold)
_COLUMNS = ("order_id", "other_order_id", "kind", "sentence", "state", "found_at", "decided_by")
#: Hours within which the same wish twice is suspicious.
WITHIN_HOURS = 24
#: Reason that a cancelled duplicate keeps.
CANCEL_REASON = "duplicate"


def find(
    session: Session, order_ids: Sequence[int], *, within_hours: int = WITHIN_HOURS, actor: str = "rules"
) -> list[int]:
    """Look for other orders of the same buyer that are the same wish; hold the newer of equal ones.

    The same variants and units are a strong suspicion: the newer order is held until somebody has
    decided. The same total alone is a weak one: it is only listed. Pairs suspected before stay as they
    are. A constant number of statements.

    Returns
    -------
    list of int
        Ids of the new suspicions.
    """
    connection = core(session)
    if connection.dialect.name != "sqlite":
        # whoever looks at the same orders in the same moment waits, and then finds the pairs known
        asked = sorted(set(order_ids))
        connection.execute(
            sa.select(_ORDER.c.id).where(_ORDER.c.id.in_(asked)).order_by(_ORDER.c.id).with_for_update(key_share=True)
        )
    pairs = _pairs(connection, order_ids, timedelta(hours=within_hours))
    if not pairs:
        return []
    lines = _lines(connection, {row.id for pair in pairs for row in pair})
    found = [(new, old, kind) for new, old in pairs if (kind := _kind(new, old, lines))]
    now = clock.now()
    rows = [
        (new.id, old.id, kind, _sentence(new, old, kind, len(lines[new.id])), SUSPICION.start, now, "")
        for new, old, kind in found
    ]
    if not rows:
        return []
    written = sorted(connection.execute(_write(connection.dialect.name, rows)).scalars())
    events = [("duplicate.suspected", row[0], {"other_order_id": row[1], "sentence": row[3]}) for row in rows]
    journal.record_all(session, "order", events, actor=actor)
    strong = [
        NewHold(order_id=new.id, reason="duplicate", note=f"looks like {old.number}", guard_key=_guard(old.number))
        for new, old, kind in found
        if kind == "same_lines"
    ]
    if strong:
        hold_all(session, strong, actor=actor)
    return written


def confirm(
    session: Session, suspicion_id: int, *, cancel_newer: bool = False, zone: str | None = None, actor: str
) -> DuplicateSuspicion:
    """Say that two orders are one wish.

    Parameters
    ----------
    cancel_newer : bool
        Cancel the newer order at once; money taken for it stays until it is refunded. Otherwise its
        hold stays, for whoever asks the customer.

    Raises
    ------
    Refused
        If the newer order is to be cancelled and has shipped (``order.shipped``); nothing is decided.
    """
    row = _row(session, suspicion_id)
    if row.state != "confirmed":
        SUSPICION.check(row.id, row.state, "confirmed")
    newer = session.get_one(Order, row.order_id)
    if cancel_newer and newer.state != "cancelled":
        cancel_order(session, row.order_id, reason=CANCEL_REASON, actor=actor, zone=zone)
    _decide(session, row, "confirmed", actor)
    return loaded(session, DuplicateSuspicion, suspicion_id)


def dismiss(session: Session, suspicion_id: int, *, actor: str) -> DuplicateSuspicion:
    """Say that two orders are two wishes: the hold of the newer is released and not put on again.

    Raises
    ------
    TransitionRefused
        If it was confirmed.
    """
    row = _row(session, suspicion_id)
    if row.state != "dismissed":
        SUSPICION.check(row.id, row.state, "dismissed")
    _decide(session, row, "dismissed", actor)
    other = session.get_one(Order, row.other_order_id)
    held = sa.select(_HOLD.c.id).where(
        _HOLD.c.order_id == row.order_id, _HOLD.c.guard_key == _guard(other.number), _HOLD.c.released_at.is_(None)
    )
    release_all(session, list(core(session).execute(held).scalars()), actor=actor)
    return loaded(session, DuplicateSuspicion, suspicion_id)


def suspicions_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return the suspicions an order is part of, oldest first."""
    either = sa.or_(_SUSPICION.c.order_id == order_id, _SUSPICION.c.other_order_id == order_id)
    columns = (_SUSPICION.c[name] for name in ("id", "order_id", "other_order_id", "kind", "sentence", "state"))
    rows = core(session).execute(sa.select(*columns).where(either).order_by(_SUSPICION.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping


def _guard(older: str) -> str:
    return f"duplicate:{older}"


def _row(session: Session, suspicion_id: int) -> Any:
    """Lock the newer order, then read the suspicion as it is."""
    connection = core(session)
    statement = sa.select(_SUSPICION).where(_SUSPICION.c.id == suspicion_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("suspicion", suspicion_id, hint="See: ordersight orders queue duplicates")
    connection.execute(sa.select(_ORDER.c.id).where(_ORDER.c.id == row.order_id).with_for_update(key_share=True))
    return connection.execute(statement).one()


def _decide(session: Session, row: Any, state: str, actor: str) -> None:
    if row.state == state:
        return
    connection = session.connection()
    values = {"state": state, "decided_by": actor, "decided_at": clock.now()}
    connection.execute(sa.update(_SUSPICION).where(_SUSPICION.c.id == row.id).values(**values))
    other = connection.execute(sa.select(_ORDER.c.number).where(_ORDER.c.id == row.other_order_id)).scalar_one()
    journal.record(
        session, f"duplicate.{state}", "order", row.order_id, actor=actor, other=other, before=row.state, after=state
    )


@lru_cache
def _same_buyer(dialect: str) -> sa.Select[Any]:
    """Build: for each order asked for, the other open or closed orders of its buyer within the hours."""
    asked = unpacked(dialect, order_id=int)
    this, other = _ORDER.alias("this"), _ORDER.alias("other")
    near = sa.and_(
        other.c.placed_at >= sa.bindparam("since"),
        other.c.placed_at <= sa.bindparam("until"),
    )
    return (
        sa.select(this.c.id.label("this_id"), other.c.id.label("other_id"))
        .join(asked, asked.c.order_id == this.c.id)
        .join(other, sa.and_(other.c.customer_id == this.c.customer_id, other.c.id != this.c.id))
        .where(near, other.c.currency == this.c.currency, this.c.state != "cancelled", other.c.state != "cancelled")
        .where(sa.not_(this.c.is_history), sa.not_(other.c.is_history))
    )


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted, c = unpacked(dialect, order_id=int), _ORDER.c
    return (
        sa.select(c.id, c.number, c.placed_at, c.total_minor, c.currency, _CHANNEL.c.code.label("channel"))
        .join(wanted, wanted.c.order_id == c.id)
        .join(_CHANNEL, _CHANNEL.c.id == c.channel_id)
    )


def _pairs(connection: sa.Connection, order_ids: Sequence[int], within: timedelta) -> list[tuple[Any, Any]]:
    """Return (newer, older) orders of one buyer within the time, not suspected before, in id order."""
    dialect, batch = connection.dialect.name, packed((key,) for key in sorted(set(order_ids)))
    span = connection.execute(_span(dialect), {"batch": batch}).one()
    if span.first is None:
        return []
    asked: dict[str, str | datetime] = {
        "batch": batch, "since": span.first - within, "until": span.last + within,
    }  # fmt: skip
    near = connection.execute(_same_buyer(dialect), asked)
    keys = sorted({(max(row.this_id, row.other_id), min(row.this_id, row.other_id)) for row in near})
    if not keys:
        return []
    known = connection.execute(_known(dialect), {"batch": packed(keys)})
    seen = {(row.order_id, row.other_order_id) for row in known}
    heads = connection.execute(
        _heads(dialect), {"batch": packed((k,) for k in sorted({k for key in keys for k in key}))}
    )
    orders = {row.id: row for row in heads}
    pairs = [(orders[new], orders[old]) for new, old in keys if (new, old) not in seen]
    return [(new, old) for new, old in pairs if abs(new.placed_at - old.placed_at) <= within]


@lru_cache
def _span(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    first, last = sa.func.min(_ORDER.c.placed_at), sa.func.max(_ORDER.c.placed_at)
    return sa.select(first.label("first"), last.label("last")).join(wanted, wanted.c.order_id == _ORDER.c.id)


@lru_cache
def _known(dialect: str) -> sa.Select[Any]:
    pair = unpacked(dialect, order_id=int, other_order_id=int)
    same = sa.and_(_SUSPICION.c.order_id == pair.c.order_id, _SUSPICION.c.other_order_id == pair.c.other_order_id)
    return sa.select(_SUSPICION.c.order_id, _SUSPICION.c.other_order_id).join(pair, same)


@lru_cache
def _units(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_LINE.c.order_id, _LINE.c.variant_id, sa.func.sum(_LINE.c.quantity).label("units"))
        .join(wanted, wanted.c.order_id == _LINE.c.order_id)
        .group_by(_LINE.c.order_id, _LINE.c.variant_id)
    )


def _lines(connection: sa.Connection, order_ids: set[int]) -> dict[int, dict[int, int]]:
    """Return units by variant of each order."""
    units: dict[int, dict[int, int]] = defaultdict(dict)
    batch = packed((key,) for key in sorted(order_ids))
    for row in connection.execute(_units(connection.dialect.name), {"batch": batch}):
        units[row.order_id][row.variant_id] = int(row.units)
    return units


def _kind(new: Any, old: Any, lines: dict[int, dict[int, int]]) -> str:
    if lines[new.id] == lines[old.id]:
        return "same_lines"
    return "same_total" if new.total_minor == old.total_minor > 0 else ""


def _sentence(new: Any, old: Any, kind: str, lines: int) -> str:
    minutes = int(abs(new.placed_at - old.placed_at) / timedelta(minutes=1))
    gap = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    same = f"the same {lines} line(s)" if kind == "same_lines" else "the same total, other lines"
    channels = f"through {new.channel}" + (
        f", {old.number} through {old.channel}" if new.channel != old.channel else ""
    )
    return f"{new.number} repeats {old.number} of the same buyer after {gap}: {same}, {channels}"


def _write(dialect: str, rows: Sequence[tuple[Any, ...]]) -> sa.sql.dml.ReturningInsert[Any]:
    """Build: insert suspicions; a pair somebody else found in this moment stays as it is."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    taking = insert(_SUSPICION).values([dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    same = ["order_id", "other_order_id"]
    return taking.on_conflict_do_nothing(index_elements=same).returning(_SUSPICION.c.id)
