"""Look at new orders soon after they are placed: risk and duplicates (why not while placing: docs/adr/0011)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import Order
from oms_core.review import duplicates, risk
from oms_core.review.tables import RiskAssessment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ORDER, _ASSESSMENT = table_of(Order), table_of(RiskAssessment)
#: Orders looked at in one transaction, at most.
AT_ONCE = 500
#: How far back from the newest assessed order one that was committed late is looked for, in ids.
LATE_COMMITS = 10_000


def look(session: Session, *, most: int = AT_ONCE, actor: str = risk.RULES) -> dict[str, int]:
    """Assess orders nobody has looked at, and find their duplicates; called by the worker.

    Returns
    -------
    dict
        ``assessed`` and ``suspected``; call again while something was assessed.
    """
    waiting = list(core(session).execute(_WAITING, {"most": most}).scalars())
    if not waiting:
        return {"assessed": 0, "suspected": 0}
    risk.assess(session, waiting, actor=actor)
    return {"assessed": len(waiting), "suspected": len(duplicates.find(session, waiting, actor=actor))}


def is_due(session: Session) -> bool:
    """Return whether an order waits to be looked at; reads only."""
    return core(session).execute(_WAITING, {"most": 1}).first() is not None


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


_WAITING = _waiting()
