"""Which customers were made one, when, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.merge_tables import CustomerMerge
from oms_core.customers.tables import Customer
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MERGE = table_of(CustomerMerge)


def merges_of(session: Session, number: str = "", *, merge_id: int | None = None) -> list[dict[str, Any]]:
    """Return merges, newest first, of one customer or of all.

    Returns
    -------
    list of dict
        ``id, kept, merged`` (numbers), ``at, actor, reason, orders`` (that went), ``undone_at, undone_by``.
    """
    kept, merged = (table_of(Customer).alias(name) for name in ("kept", "merged"))
    rows = (
        sa.select(_MERGE, kept.c.number.label("kept"), merged.c.number.label("merged"))
        .join(kept, kept.c.id == _MERGE.c.kept_id)
        .join(merged, merged.c.id == _MERGE.c.merged_id)
        .order_by(_MERGE.c.id.desc())
    )
    if number:
        rows = rows.where(sa.or_(kept.c.number == number, merged.c.number == number))
    if merge_id is not None:
        rows = rows.where(_MERGE.c.id == merge_id)
    shown = ("id", "kept", "merged", "at", "actor", "reason", "undone_at", "undone_by")
    return [
        {name: row[name] for name in shown} | {"orders": len(row["moved"].get("orders", []))}
        for row in session.execute(rows).mappings()
    ]
