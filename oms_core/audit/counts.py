"""Laws of stock counts."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import MOVEMENT
from oms_core.inventory.count_tables import StockCount, StockCountLine
from oms_core.kernel.rows import table_of

COUNT, COUNT_LINE = table_of(StockCount), table_of(StockCountLine)


def _unposted() -> sa.Select[*tuple[object, ...]]:
    """Return lines whose posted difference is not theirs, or is not in the ledger."""
    m, line = MOVEMENT.c, COUNT_LINE.c
    moved = summed(MOVEMENT, m.count_line_id, units=sa.case((m.to_state == "loss", -m.quantity), else_=m.quantity))
    due = sa.case((COUNT.c.state == "posted", zero(line.counted_qty - line.expected_qty)), else_=0)
    wrong = sa.or_(zero(line.posted_qty) != due, zero(moved.c.units) != due)
    return (
        sa.select(
            COUNT.c.number, line.id, COUNT.c.state, due.label("difference"), zero(line.posted_qty).label("posted"),
            zero(moved.c.units).label("moved"),
        )
        .select_from(COUNT_LINE.join(COUNT, COUNT.c.id == line.stock_count_id))
        .outerjoin(moved, moved.c.key == line.id)
        .where(wrong)
    )  # fmt: skip


LAWS = (
    Law(
        "stock.counts_in_ledger",
        "A posted count has put exactly what was counted less what was expected into the ledger; no other has.",
        by_query(
            count_of(COUNT_LINE),
            _unposted(),
            "count {number} ({state}), line {id}: difference {difference}, posted {posted}, the ledger has {moved}",
        ),
    ),
)
