"""Laws of orders: money that adds up, units within what was ordered, status as the facts say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of, summed, zero
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.rows import core, table_of
from oms_core.orders.status import derived
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ORDER, LINE, ADJUSTMENT = table_of(Order), table_of(OrderLine), table_of(OrderAdjustment)
JOURNAL = table_of(JournalEntry)
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
    lines = summed(
        LINE, LINE.c.order_id, gross=LINE.c.gross_minor, discount=LINE.c.discount_minor, tax=LINE.c.tax_minor
    )
    kind, amount = ADJUSTMENT.c.kind, ADJUSTMENT.c.amount_minor
    named = ("shipping", "discount", "tax")
    beside = summed(
        ADJUSTMENT,
        ADJUSTMENT.c.order_id,
        **{name: sa.case((kind == name, amount), else_=0) for name in named},
        other=sa.case((kind.not_in(named), amount), else_=0),
    )
    c = ORDER.c
    facts = {
        "gross_minor": zero(lines.c.gross),
        "discount_minor": zero(lines.c.discount) - zero(beside.c.discount),
        "shipping_minor": zero(beside.c.shipping),
        "tax_minor": zero(lines.c.tax) + zero(beside.c.tax),
        "other_minor": zero(beside.c.other),
    }
    total = c.gross_minor - c.discount_minor + c.shipping_minor + c.tax_minor + c.other_minor
    wrong = sa.or_(c.total_minor != total, *(c[name] != value for name, value in facts.items()))
    return (
        sa.select(
            c.number, c.total_minor, *(c[name] for name in facts),
            *(value.label(f"true_{name}") for name, value in facts.items()),
        )
        .outerjoin(lines, lines.c.key == c.id)
        .outerjoin(beside, beside.c.key == c.id)
        .where(wrong)
    )  # fmt: skip


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
            "order {number}: total {total_minor}; gross {gross_minor} (lines say {true_gross_minor}),"
            " discount {discount_minor} ({true_discount_minor}), shipping {shipping_minor} ({true_shipping_minor}),"
            " tax {tax_minor} ({true_tax_minor}), other {other_minor} ({true_other_minor})",
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
