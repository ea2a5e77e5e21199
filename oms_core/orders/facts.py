"""The facts an order's status is derived from, read for many orders at once.

Payments, fulfilment orders, shipments and returns live in rooms above this one; their columns are
named here and not imported, so that imports keep going one way (a test holds the names to the
schema).
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.orders.rules import Axes, Facts
from oms_core.orders.tables import Order, OrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence

PAYMENTS = sa.table("payments", sa.column("order_id"), sa.column("kind"), sa.column("amount_minor"))
FULFILLMENT_ORDERS = sa.table(
    "fulfillment_orders",
    sa.column("id"),
    sa.column("order_id"),
    sa.column("state"),
    sa.column("closed_at"),
    sa.column("version"),
)
FULFILLMENT_HOLDS = sa.table(
    "fulfillment_holds",
    sa.column("order_id"),
    sa.column("released_at"),
    sa.column("released_by"),
    sa.column("released_how"),
)
SHIPMENTS = sa.table("shipments", sa.column("order_id"), sa.column("state"))
RETURNS = sa.table("returns", sa.column("order_id"), sa.column("state"))

_ORDER, _LINE = table_of(Order), table_of(OrderLine)
AXES = ("state", "payment_status", "fulfillment_status", "delivery_status", "return_status")


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    live, service = _LINE.c.quantity - _LINE.c.cancelled_qty, _LINE.c.stock_kind == "service"
    return (
        sa.select(
            _ORDER.c.id,
            *(_ORDER.c[name] for name in AXES),
            _ORDER.c.is_history,
            _ORDER.c.total_minor,
            sa.func.coalesce(sa.func.sum(sa.case((service, 0), else_=live)), 0).label("live"),
            sa.func.coalesce(sa.func.sum(_LINE.c.shipped_qty), 0).label("shipped"),
            sa.func.coalesce(sa.func.sum(_LINE.c.returned_qty), 0).label("returned"),
            sa.func.coalesce(sa.func.sum(sa.case((service, live), else_=0)), 0).label("services"),
        )
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .outerjoin(_LINE, _LINE.c.order_id == _ORDER.c.id)
        .group_by(_ORDER.c.id)
    )


@lru_cache
def _counts(dialect: str) -> sa.CompoundSelect[Any]:
    """Build the statement: (room, order, state or kind, sum or count) of the four rooms above."""
    wanted = unpacked(dialect, order_id=int)

    def part(room: str, table: sa.TableClause, key: str, value: sa.ColumnElement[int]) -> sa.Select[Any]:
        return (
            sa.select(sa.literal_column(f"'{room}'").label("room"), table.c.order_id, table.c[key], value)
            .where(table.c.order_id.in_(sa.select(wanted.c.order_id)))
            .group_by(table.c.order_id, table.c[key])
        )

    count: sa.ColumnElement[int] = sa.func.count()
    return sa.union_all(
        part("payments", PAYMENTS, "kind", sa.func.sum(PAYMENTS.c.amount_minor)),
        part("fulfillment_orders", FULFILLMENT_ORDERS, "state", count),
        part("shipments", SHIPMENTS, "state", count),
        part("returns", RETURNS, "state", count),
    )


def read(connection: sa.Connection, order_ids: Sequence[int]) -> list[tuple[int, Axes, Facts]]:
    """Return (id, stored axes, facts) of the orders; two statements."""
    batch = {"batch": packed((key,) for key in sorted(set(order_ids)))}
    dialect = connection.dialect.name
    counted: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for room, order_id, key, value in connection.execute(_counts(dialect), batch):
        counted[order_id][room][key] = int(value)
    found = []
    for row in connection.execute(_heads(dialect), batch):
        rooms = counted[row[0]]
        facts = Facts(
            row[1], row[6], row[7], int(row[8]), int(row[9]), int(row[10]),
            rooms["payments"], rooms["fulfillment_orders"], rooms["shipments"], rooms["returns"], int(row[11]),
        )  # fmt: skip
        found.append((row[0], Axes(*row[1:6]), facts))
    return found
