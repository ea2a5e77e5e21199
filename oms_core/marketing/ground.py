"""Segments asked of the operational database itself: traits of the last snapshot, orders and credits of this moment.

Amounts are those of the orders as they were placed (an edit afterwards does not change what somebody chose to spend),
as the replica counts them; cancelled orders are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Product, Variant
from oms_core.kernel.expressions.sql import Column, Ground
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Channel
from oms_core.marketing.segment_tables import CustomerTraits, SegmentMember
from oms_core.order_changes.tables import OrderChangeEntry
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import StoreCreditAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from oms_core.kernel.expressions import Expression
    from oms_core.kernel.expressions.rows import RowFunction

TRAITS, MEMBERS = table_of(CustomerTraits), table_of(SegmentMember)
ORDERS, LINES, CHANNELS = table_of(Order), table_of(OrderLine), table_of(Channel)
EDITS, CREDITS = table_of(OrderChangeEntry), table_of(StoreCreditAccount)
VARIANTS, PRODUCTS = table_of(Variant), table_of(Product)


def ground(
    dialect: str,
    *,
    kinds: Mapping[str, str],
    functions: Mapping[str, RowFunction],
    lookup: Callable[[str], Expression],
    lists: Iterable[str],
    today: date,
    currency: str,
    minor_units: int,
) -> Ground:
    """Return what the compiler asks in this database.

    Parameters
    ----------
    dialect : str
        ``sqlite`` or ``postgresql``: they read a day out of JSON differently.
    kinds : mapping of str to str
        Kind of each attribute that traits hold.
    lists : iterable of str
        Segments that are lists: their members are the open stays.
    """
    people: dict[str, Column] = {"customer_id": TRAITS.c.customer_id}
    people |= {name: _trait(name, kind, dialect) for name, kind in kinds.items()}
    people |= {f"place_{axis}": TRAITS.c.body[f"place_{axis}"].as_float() for axis in "xyz"}
    return Ground(
        people=people, kinds=kinds, rows={"orders": orders(), "lines": lines(), "credits": credits_of()},
        functions=functions, lookup=lookup, today=today, currency=currency, minor_units=minor_units,
        frozen={name.lower(): _listed(name) for name in lists},
    )  # fmt: skip


def _trait(name: str, kind: str, dialect: str) -> Column:
    value = TRAITS.c.body[name]
    if kind == "date":
        text = value.as_string()
        day: Column = sa.type_coerce(text, sa.Date) if dialect == "sqlite" else sa.cast(text, sa.Date)
        return day
    if kind == "boolean":
        yes: Column = value.as_boolean()
        return yes
    plain: Column = value.as_string() if kind in {"text", "choice", "list"} else value.as_float()
    return plain


def _listed(name: str) -> sa.Select[Any]:
    return sa.select(MEMBERS.c.customer_id).where(MEMBERS.c.segment == name, MEMBERS.c.left_id.is_(None))


def orders() -> sa.Subquery:
    """Return one row an order that stands, of a known customer: day, channel, country, amount as placed, currency."""
    changed = EDITS.c.gross_minor - EDITS.c.discount_minor - EDITS.c.order_discount_minor
    edited = (
        sa.select(EDITS.c.order_id, sa.func.sum(changed).label("minor")).group_by(EDITS.c.order_id).subquery("edited")
    )
    amount = ORDERS.c.gross_minor - ORDERS.c.discount_minor - sa.func.coalesce(edited.c.minor, 0)
    return (
        sa.select(
            ORDERS.c.customer_id, ORDERS.c.business_date, CHANNELS.c.code.label("channel"),
            ORDERS.c.ship_country.label("country"), amount.label("amount_minor"), ORDERS.c.currency,
        )
        .join_from(ORDERS, CHANNELS, CHANNELS.c.id == ORDERS.c.channel_id)
        .outerjoin(edited, edited.c.order_id == ORDERS.c.id)
        .where(*_standing())
        .subquery("orders_that_stand")
    )  # fmt: skip


def _standing() -> tuple[sa.ColumnElement[bool], ...]:
    placed = ORDERS.c.state.in_(("placed", "closed"))
    return (placed, ~ORDERS.c.is_test, ORDERS.c.customer_id.is_not(None), ORDERS.c.cancelled_at.is_(None))


def lines() -> sa.Subquery:
    """Return one row a product line that stands: day, SKU, title, category, units not cancelled."""
    kept = sa.case((LINES.c.is_removed, 0), else_=LINES.c.quantity - LINES.c.cancelled_qty)
    return (
        sa.select(
            ORDERS.c.customer_id, ORDERS.c.business_date, VARIANTS.c.sku,
            VARIANTS.c.title, PRODUCTS.c.category, kept.label("quantity"), ORDERS.c.currency,
        )
        .join_from(LINES, ORDERS, ORDERS.c.id == LINES.c.order_id)
        .join(VARIANTS, VARIANTS.c.id == LINES.c.variant_id)
        .join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id)
        .where(*_standing(), kept > 0)
        .subquery("lines_that_stand")
    )  # fmt: skip


def credits_of() -> sa.Subquery:
    """Return one row a store credit: currency and balance."""
    return sa.select(CREDITS.c.customer_id, CREDITS.c.currency, CREDITS.c.balance_minor).subquery("credits_kept")
