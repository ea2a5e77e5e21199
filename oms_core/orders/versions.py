"""Versions of orders: whoever commits first wins, the other hears who changed what since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import Conflict
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

_JOURNAL = table_of(JournalEntry)
#: Events named before "and n more".
_NAMED = 3
#: Events named when it is not known since when.
_LAST = 2


def journal_mark(session: Session, order_id: int) -> int:
    """Return the id of the order's last journal entry: what a reader of the order knows of it."""
    mine = sa.and_(_JOURNAL.c.object_type == "order", _JOURNAL.c.object_id == order_id)
    return int(session.scalar(sa.select(sa.func.coalesce(sa.func.max(_JOURNAL.c.id), 0)).where(mine)) or 0)


def require_version(session: Session, order: Order, expected: int, *, since: int | None = None) -> None:
    """Refuse to go on when the order (locked by the caller) is no longer the one that was read.

    Parameters
    ----------
    expected : int
        The version the caller saw.
    since : int, optional
        The :func:`journal_mark` the caller saw, to tell exactly what happened after it.

    Raises
    ------
    Conflict
        ``order.stale``: who changed what since, and the version it is at now.
    """
    if order.version == expected:
        return
    events = _events(session, order.id, since)
    named = "; ".join(f"{e['event']} by {e['actor']}" for e in events[:_NAMED])
    more = f" and {len(events) - _NAMED} more" if len(events) > _NAMED else ""
    raise Conflict(
        "order.stale",
        f"Order {order.number} is at version {order.version}, not {expected}: {named or 'its status'}{more} since.",
        "Read the order again and propose the change on what it is now.",
        number=order.number,
        version=order.version,
        expected_version=expected,
        changes=events,
    )


def _events(session: Session, order_id: int, since: int | None) -> list[dict[str, Any]]:
    """Return what the journal tells of the order after the mark; without one, its last entries."""
    c = _JOURNAL.c
    statement = sa.select(c.id, c.at, c.actor, c.event).where(
        c.object_type == "order", c.object_id == order_id, c.event.not_like("order\\_change.%", escape="\\")
    )
    if since is None:
        rows = session.execute(statement.order_by(c.id.desc()).limit(_LAST)).all()[::-1]
    else:
        rows = list(session.execute(statement.where(c.id > since).order_by(c.id)).all())
    return [{"at": row.at.isoformat(), "actor": row.actor, "event": row.event} for row in rows]
