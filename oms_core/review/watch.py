"""Look at orders soon after they are placed or changed: risk, duplicates (why not while placing: docs/adr/0011)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.database import UtcDateTime
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import Order
from oms_core.review import duplicates, risk
from oms_core.review.tables import RiskAssessment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ORDER, _ASSESSMENT = table_of(Order), table_of(RiskAssessment)
#: Edits are the room beside this one: the columns needed are named here and not imported.
CHANGES = sa.table("order_changes", sa.column("order_id"), sa.column("state"), sa.column("decided_at", UtcDateTime()))
#: Edits older than this were seen, or belong to a time before there was a review.
EDITS_OF = timedelta(days=1)
#: Orders looked at in one transaction, at most.
AT_ONCE = 500
#: How far back from the newest assessed order one that was committed late is looked for, in ids.
LATE_COMMITS = 10_000


def look(session: Session, *, most: int = AT_ONCE, actor: str = risk.RULES) -> dict[str, int]:
    """Assess orders nobody has looked at, or that were edited since, and find their duplicates.

    Called by the worker. What a person decided on an order stays when it is assessed again.

    Returns
    -------
    dict
        ``assessed`` and ``suspected``; call again while something was assessed.
    """
    waiting = _due(session, most)
    if not waiting:
        return {"assessed": 0, "suspected": 0}
    risk.assess(session, waiting, actor=actor)
    return {"assessed": len(waiting), "suspected": len(duplicates.find(session, waiting, actor=actor))}


def is_due(session: Session) -> bool:
    """Return whether an order waits to be looked at; reads only."""
    return bool(_due(session, 1))


def _due(session: Session, most: int) -> list[int]:
    connection = core(session)
    new = connection.execute(_WAITING, {"most": most}).scalars()
    edited = connection.execute(_EDITED, {"since": clock.now() - EDITS_OF, "most": most}).scalars()
    return sorted({*new, *edited})[:most]


def _edited() -> sa.Select[int]:
    """Build: open orders with an edit confirmed after their assessment."""
    since = sa.bindparam("since", type_=UtcDateTime())
    return (
        sa.select(_ASSESSMENT.c.order_id)
        .join(CHANGES, CHANGES.c.order_id == _ASSESSMENT.c.order_id)
        .join(_ORDER, _ORDER.c.id == _ASSESSMENT.c.order_id)
        .where(CHANGES.c.state == "confirmed", CHANGES.c.decided_at > since)
        .where(CHANGES.c.decided_at > _ASSESSMENT.c.at, _ORDER.c.state == "placed")
        .distinct()
        .order_by(_ASSESSMENT.c.order_id)
        .limit(sa.bindparam("most"))
    )


def _waiting() -> sa.Select[int]:
    """Build: placed orders without assessment, oldest first.

    Ids grow with time, so only orders from a little before the newest assessed one are asked for: an id
    is drawn before its order is committed, and a slow transaction may come after a quick one.
    """
    assessed = sa.exists().where(_ASSESSMENT.c.order_id == _ORDER.c.id)
    newest = sa.select(sa.func.coalesce(sa.func.max(_ASSESSMENT.c.order_id), 0)).scalar_subquery()
    return (
        sa.select(_ORDER.c.id)
        .where(_ORDER.c.id > newest - LATE_COMMITS, _ORDER.c.state == "placed")
        .where(sa.not_(_ORDER.c.is_history), sa.not_(_ORDER.c.is_test), sa.not_(assessed))
        .order_by(_ORDER.c.id)
        .limit(sa.bindparam("most"))
    )


_WAITING, _EDITED = _waiting(), _edited()
