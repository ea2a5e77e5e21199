"""Laws of orders: money that adds up, units within what was ordered, status as the facts say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.rows import core, table_of
from oms_core.orders.status import derived
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ORDER, LINE, ADJUSTMENT = table_of(Order), table_of(OrderLine), table_of(OrderAdjustment)
JOURNAL = table_of(JournalEntry)
#: Money columns of an order (without ``_minor``), the total last.
_MONEY = ("gross", "discount", "shipping", "tax", "other", "total")
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
#: Orders whose status is derived at a time.
_CHUNK = 5_000


def _line_money() -> sa.Select[*tuple[object, ...]]:
    c = LINE.c
    wrong = sa.or_(
        c.gross_minor != c.quantity * c.unit_price_minor + c.rounding_minor,
        c.discount_minor < 0,
        c.discount_minor > c.gross_minor,
    )
    return (
        sa.select(ORDER.c.number, c.position, c.quantity, c.unit_price_minor, c.rounding_minor, c.gross_minor)
        .join(ORDER, ORDER.c.id == c.order_id)
        .where(wrong)
    )


def _order_money() -> sa.Select[*tuple[object, ...]]:
    """Return orders that are not the sum of their parts.

    Orders (as they are stored, negative), lines and adjustments are put under each other and added
    up in one pass; what is not zero is the difference.
    """
    parts = sa.union_all(_stored_money(), _line_sums(), _adjustment_sums()).subquery()
    apart = [sa.func.sum(parts.c[name]).label(name) for name in _MONEY]
    differences = (
        sa.select(parts.c.order_id, *apart)
        .group_by(parts.c.order_id)
        .having(sa.or_(*(column != 0 for column in apart)))
        .subquery()
    )
    return sa.select(ORDER.c.number, ORDER.c.total_minor, *(differences.c[name] for name in _MONEY)).join(
        differences, differences.c.order_id == ORDER.c.id
    )


def _stored_money() -> sa.Select[*tuple[object, ...]]:
    c = ORDER.c
    total = c.gross_minor - c.discount_minor + c.shipping_minor + c.tax_minor + c.other_minor
    stored = [(-c[f"{name}_minor"]).label(name) for name in _MONEY[:-1]]
    return sa.select(c.id.label("order_id"), *stored, (total - c.total_minor).label("total"))


def _line_sums() -> sa.Select[*tuple[object, ...]]:
    c = LINE.c
    return sa.select(c.order_id, c.gross_minor, c.discount_minor, _NOTHING, c.tax_minor, _NOTHING, _NOTHING)


def _adjustment_sums() -> sa.Select[*tuple[object, ...]]:
    c = ADJUSTMENT.c

    def of(kind: str) -> sa.ColumnElement[int]:
        return sa.case((c.kind == kind, c.amount_minor), else_=0)

    other = sa.case((c.kind.in_(("shipping", "discount", "tax")), 0), else_=c.amount_minor)
    return sa.select(c.order_id, _NOTHING, -of("discount"), of("shipping"), of("tax"), other, _NOTHING)


def _units() -> sa.Select[*tuple[object, ...]]:
    c = LINE.c
    wrong = sa.or_(
        c.cancelled_qty + c.shipped_qty > c.quantity, c.cancelled_qty < 0, c.shipped_qty < 0, c.quantity <= 0
    )
    return (
        sa.select(ORDER.c.number, c.position, c.quantity, c.shipped_qty, c.cancelled_qty)
        .join(ORDER, ORDER.c.id == c.order_id)
        .where(wrong)
    )


def status_follows_facts(session: Session) -> Finding:
    """Derive every order's status again and compare it with what is stored."""
    connection = core(session)
    keys = list(connection.execute(sa.select(ORDER.c.id).order_by(ORDER.c.id)).scalars())
    wrong, first = 0, None
    for start in range(0, len(keys), _CHUNK):
        for key, stored, axes in derived(connection, keys[start : start + _CHUNK]):
            if stored != axes:
                wrong += 1
                first = first or (key, stored, axes)
    if first is None:
        return Finding(len(keys), 0)
    number = connection.execute(sa.select(ORDER.c.number).where(ORDER.c.id == first[0])).scalar_one()
    return Finding(len(keys), wrong, f"order {number}: stored {first[1]}, the facts say {first[2]}")


def _untold() -> sa.Select[*tuple[object, ...]]:
    told = sa.exists().where(
        JOURNAL.c.object_type == "order", JOURNAL.c.object_id == ORDER.c.id, JOURNAL.c.event == "order.placed"
    )
    return sa.select(ORDER.c.number, ORDER.c.id).where(sa.not_(ORDER.c.is_history), sa.not_(told))


LAWS = (
    Law(
        "orders.line_money",
        "A line's gross is quantity times unit price plus rounding, and its discount lies within it.",
        by_query(
            count_of(LINE),
            _line_money(),
            "order {number}, line {position}: {quantity} × {unit_price_minor} + {rounding_minor} is not {gross_minor}",
        ),
    ),
    Law(
        "orders.money_adds_up",
        "An order's gross, discount, shipping, tax, other and total are the sums of its lines and adjustments.",
        by_query(
            count_of(ORDER),
            _order_money(),
            "order {number} (total {total_minor}): lines and adjustments differ from what is stored by gross {gross},"
            " discount {discount}, shipping {shipping}, tax {tax}, other {other}; its own columns by {total}",
        ),
    ),
    Law(
        "orders.units_within_ordered",
        "Shipped and cancelled units of a line together are at most its quantity.",
        by_query(
            count_of(LINE),
            _units(),
            "order {number}, line {position}: {shipped_qty} shipped and {cancelled_qty} cancelled of {quantity}",
        ),
    ),
    Law(
        "orders.status_follows_facts",
        "State and the payment, fulfilment, delivery and return status of an order are what its facts say.",
        status_follows_facts,
    ),
    Law(
        "orders.journal_tells",
        "Every order placed here (not imported history) has its placing in the journal.",
        by_query(count_of(ORDER, sa.not_(ORDER.c.is_history)), _untold(), "order {number} has no order.placed"),
    ),
)
