"""Laws of order changes: entries tell exactly how lines became what they are."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import LINE, ORDER
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.rows import table_of
from oms_core.order_changes.tables import OrderChange, OrderChangeEntry
from oms_core.orders.tables import OrderAdjustment

CHANGE, ENTRY, ADJUSTMENT = table_of(OrderChange), table_of(OrderChangeEntry), table_of(OrderAdjustment)
JOURNAL = table_of(JournalEntry)


def _removed_with_worth() -> sa.Select[*tuple[object, ...]]:
    c = LINE.c
    worth = sa.or_(c.cancelled_qty != c.quantity, c.gross_minor != 0, c.discount_minor != 0, c.tax_minor != 0)
    return (
        sa.select(ORDER.c.number, c.position, c.quantity, c.cancelled_qty, c.gross_minor)
        .join(ORDER, ORDER.c.id == c.order_id)
        .where(c.is_removed, worth)
    )


def _foreign_entries() -> sa.Select[*tuple[object, ...]]:
    """Return entries of a change that was not confirmed, or of another order's line."""
    wrong = sa.or_(
        CHANGE.c.state != "confirmed", CHANGE.c.order_id != ENTRY.c.order_id, LINE.c.order_id != ENTRY.c.order_id
    )
    return (
        sa.select(CHANGE.c.number, ENTRY.c.id, CHANGE.c.state, ENTRY.c.order_line_id)
        .join(CHANGE, CHANGE.c.id == ENTRY.c.order_change_id)
        .join(LINE, LINE.c.id == ENTRY.c.order_line_id)
        .where(wrong)
    )


def _impossible_beginnings() -> sa.Select[*tuple[object, ...]]:
    """Return lines that, less their entries, were placed with less than nothing."""
    e = ENTRY.c
    sums = summed(ENTRY, e.order_line_id, units=e.quantity, gross=e.gross_minor)
    now = sa.case((LINE.c.is_removed, 0), else_=LINE.c.quantity)
    units, gross = (now - sums.c.units).label("units"), (LINE.c.gross_minor - sums.c.gross).label("gross")
    return (
        sa.select(ORDER.c.number, LINE.c.position, units, gross)
        .join(sums, sums.c.key == LINE.c.id)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(sa.or_(units < 0, gross < 0))
    )


def _worth() -> sa.ColumnElement[int]:
    """Return what an entry did to the order's total."""
    e = ENTRY.c
    goods: sa.ColumnElement[int] = e.gross_minor - e.discount_minor - e.order_discount_minor + e.tax_minor
    return goods


def _differences_apart() -> sa.Select[*tuple[object, ...]]:
    """Return confirmed changes that moved the total by something else than their entries and adjustments."""
    e, a = ENTRY.c, ADJUSTMENT.c
    moved = summed(ENTRY, e.order_change_id, total=_worth())
    # an order's discount that a change moved is in the entries of the lines it was moved for
    amount = sa.case((a.kind == "discount", 0), else_=a.amount_minor)
    added = summed(ADJUSTMENT, a.order_change_id, total=amount)
    told = CHANGE.c.preview["difference_minor"].as_integer()
    found = zero(moved.c.total) + zero(added.c.total)
    return (
        sa.select(CHANGE.c.number, told.label("told"), found.label("found"))
        .outerjoin(moved, moved.c.key == CHANGE.c.id)
        .outerjoin(added, added.c.key == CHANGE.c.id)
        .where(CHANGE.c.state == "confirmed", told != found)
    )


def _untold() -> sa.Select[*tuple[object, ...]]:
    told = sa.exists().where(
        JOURNAL.c.object_type == "order", JOURNAL.c.object_id == CHANGE.c.order_id, JOURNAL.c.event == "order.changed",
        JOURNAL.c.data["change"].as_string() == CHANGE.c.number,
    )  # fmt: skip
    return sa.select(CHANGE.c.number, CHANGE.c.id).where(CHANGE.c.state == "confirmed", sa.not_(told))


LAWS = (
    Law(
        "order_changes.removed_lines_are_empty",
        "A line that was taken off whole is cancelled whole and worth nothing.",
        by_query(
            count_of(LINE, LINE.c.is_removed),
            _removed_with_worth(),
            "order {number}, line {position} was taken off: {cancelled_qty}/{quantity} cancelled, worth {gross_minor}",
        ),
    ),
    Law(
        "order_changes.entries_are_their_own",
        "An entry belongs to a confirmed change and to a line of that change's order.",
        by_query(
            count_of(ENTRY),
            _foreign_entries(),
            "change {number} ({state}), entry {id}: line {order_line_id} of something else",
        ),
    ),
    Law(
        "order_changes.lines_have_a_beginning",
        "A line less its entries is a line as it was placed: never below zero.",
        by_query(
            count_of(ENTRY),
            _impossible_beginnings(),
            "order {number}, line {position}: placed with {units} unit(s) worth {gross}",
        ),
    ),
    Law(
        "order_changes.entries_make_the_difference",
        "What a confirmed change did to the order's total is the sum of its entries and adjustments.",
        by_query(
            count_of(CHANGE, CHANGE.c.state == "confirmed"),
            _differences_apart(),
            "change {number}: the total moved by {told}, its entries and adjustments by {found}",
        ),
    ),
    Law(
        "order_changes.journal_tells",
        "Every confirmed change is in its order's journal.",
        by_query(
            count_of(CHANGE, CHANGE.c.state == "confirmed"), _untold(), "change {number} has no order.changed entry"
        ),
    ),
)
