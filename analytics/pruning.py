"""Keeping the change log short.

Rows below a replica's watermark are of no use to it. Deleting them is always safe: another replica
that had not come so far notices the gap (SQLite: missing sequence numbers; PostgreSQL: the mark kept
in the shop's settings) and loads everything anew instead of going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from analytics.sources import PRUNED
from oms_core.kernel.journal import ShopSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def prune(session: Session, watermark: int) -> int:
    """Delete the log rows below a watermark and remember that; return how many.

    Parameters
    ----------
    watermark : int
        :attr:`Replica.watermark` of the replica that lags most, of those that shall not load anew.
    """
    if session.get_bind().dialect.name == "sqlite":
        found = session.execute(sa.text("DELETE FROM change_log WHERE seq <= :w"), {"w": watermark})
        return int(found.rowcount)  # type: ignore[attr-defined]
    found = session.execute(
        sa.text("DELETE FROM change_log WHERE xid < CAST(CAST(:w AS text) AS xid8)"), {"w": str(watermark)}
    )
    _remember(session, watermark)
    return int(found.rowcount)  # type: ignore[attr-defined]


def _remember(session: Session, watermark: int) -> None:
    kept = session.scalar(sa.select(ShopSetting).where(ShopSetting.key == PRUNED))
    if kept is None:
        session.add(ShopSetting(key=PRUNED, value={"xid": watermark}))
    else:
        kept.value = {"xid": max(watermark, kept.value["xid"])}
