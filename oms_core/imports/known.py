"""What the shop already has of a source: documents, numbers, people, goods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from oms_core.catalog.tables import Product, Variant
from oms_core.customers.tables import Customer, CustomerIdentity
from oms_core.imports.tables import ImportDocument, RejectedRow
from oms_core.locations.tables import Channel
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import Charge
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Values of one ``IN`` list; SQLite takes 32,766 bound values.
_CHUNK = 10_000
TOTALS = ("row_count", "total_qty", "total_micro", "code_hash")


def frame(connection: sa.Connection, statement: sa.Executable, schema: dict[str, Any]) -> pl.DataFrame:
    """Return a query's rows as a frame."""
    rows = [tuple(row) for row in connection.execute(statement)]
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True, slots=True)
class Known:
    """Read before planning, in the import's own transaction.

    Attributes
    ----------
    documents : polars.DataFrame
        ``order`` and control totals of documents this source brought before.
    elsewhere : set of (str, str)
        (channel code, number) of orders and returns that came another way.
    """

    documents: pl.DataFrame
    elsewhere: pl.DataFrame
    identities: pl.DataFrame
    variants: dict[str, int]
    products: dict[str, int]
    channels: dict[str, int]
    numbers: frozenset[str]
    customer_numbers: frozenset[str]
    rejected: list[RejectedRow]


def read_known(connection: sa.Connection, source: str, channels: Sequence[str]) -> Known:
    """Read what a source's import has to know."""
    identity = sa.select(CustomerIdentity.kind, CustomerIdentity.value, CustomerIdentity.customer_id)
    mine = CustomerIdentity.source.in_([source, ""])
    return Known(
        documents=frame(
            connection,
            sa.select(ImportDocument.external_id, *(getattr(ImportDocument, c) for c in TOTALS)).where(
                ImportDocument.source == source
            ),
            {"order": pl.String} | dict.fromkeys(TOTALS, pl.Int64),
        ),
        elsewhere=_elsewhere(connection, source, channels),
        identities=frame(
            connection, identity.where(mine), {"kind": pl.String, "value": pl.String, "customer_id": pl.Int64}
        ),
        variants=_pairs(connection, sa.select(Variant.sku, Variant.id)),
        products=_pairs(connection, sa.select(Product.code, Product.id)),
        channels=_pairs(connection, sa.select(Channel.code, Channel.id)),
        numbers=frozenset(connection.scalars(sa.select(Order.number)))
        | frozenset(connection.scalars(sa.select(Return.number))),
        customer_numbers=frozenset(connection.scalars(sa.select(Customer.number))),
        rejected=_rejected(connection, source),
    )


def _pairs(connection: sa.Connection, statement: sa.Executable) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(statement)}


def _elsewhere(connection: sa.Connection, source: str, channels: Sequence[str]) -> pl.DataFrame:
    """Return ``order, channel`` of documents in these channels that no import of the source brought."""
    brought = sa.select(ImportDocument.external_id).where(ImportDocument.source == source)
    parts = [
        sa.select(table.external_id, Channel.code)
        .join(Channel, Channel.id == table.channel_id)
        .where(Channel.code.in_(channels), table.external_id.not_in(brought))
        for table in (Order, Return)
    ]
    return pl.concat([frame(connection, part, {"order": pl.String, "channel": pl.String}) for part in parts]).unique()


def _rejected(connection: sa.Connection, source: str) -> list[RejectedRow]:
    names = ("id", "file_name", "row_number", "raw_sha256", "raw", "resolved_at")
    columns = [getattr(RejectedRow, name) for name in names]
    rows = connection.execute(sa.select(*columns).where(RejectedRow.source == source))
    return [RejectedRow(**dict(zip(names, row, strict=True))) for row in rows]


def sold_lines(connection: sa.Connection, customers: Sequence[int], orders: Sequence[str], source: str) -> pl.DataFrame:
    """Return stored lines that a new credit note could reverse: of these customers or these orders."""
    schema: dict[str, Any] = {
        "line_id": pl.Int64, "order": pl.String, "order_id": pl.Int64, "customer_id": pl.Int64, "sku": pl.String,
        "unit_price_minor": pl.Int64, "at": pl.Datetime("us", "UTC"), "left_qty": pl.Int64, "channel": pl.String,
        "position": pl.Int64,
    }  # fmt: skip
    statement = (
        sa.select(
            OrderLine.id, Order.external_id, Order.id, Order.customer_id, OrderLine.sku, OrderLine.unit_price_minor,
            Order.placed_at, OrderLine.shipped_qty - OrderLine.returned_qty, Channel.code, OrderLine.position,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Channel, Channel.id == Order.channel_id)
        .where(OrderLine.shipped_qty > OrderLine.returned_qty)
    )  # fmt: skip
    wanted: list[sa.ColumnElement[bool]] = [
        Order.customer_id.in_(customers[i : i + _CHUNK]) for i in range(0, len(customers), _CHUNK)
    ]
    ours = sa.select(ImportDocument.external_id).where(ImportDocument.source == source)
    wanted += [
        sa.and_(Order.external_id.in_(orders[i : i + _CHUNK]), Order.external_id.in_(ours))
        for i in range(0, len(orders), _CHUNK)
    ]
    found = [frame(connection, statement.where(clause), schema) for clause in wanted]
    return pl.concat([pl.DataFrame(schema=schema), *found]).unique("line_id").sort("at", "line_id")


def stored_orders(connection: sa.Connection, channels: Sequence[str], orders: Sequence[str]) -> pl.DataFrame:
    """Return ``order, order_id, last_position`` of stored orders by their external numbers."""
    schema: dict[str, Any] = {"order": pl.String, "order_id": pl.Int64, "last_position": pl.Int64}
    last = sa.func.coalesce(sa.func.max(OrderLine.position), 0)
    statement = (
        sa.select(Order.external_id, Order.id, last)
        .join(Channel, Channel.id == Order.channel_id)
        .outerjoin(OrderLine, OrderLine.order_id == Order.id)
        .where(Channel.code.in_(channels))
        .group_by(Order.external_id, Order.id)
    )
    parts = [orders[i : i + _CHUNK] for i in range(0, len(orders), _CHUNK)]
    found = [frame(connection, statement.where(Order.external_id.in_(part)), schema) for part in parts]
    return pl.concat([pl.DataFrame(schema=schema), *found])


def charge_counts(connection: sa.Connection, source: str, orders: Sequence[str]) -> pl.DataFrame:
    """Return ``order, charges``: how many charges these documents already have."""
    counts: dict[str, int] = {}
    for start in range(0, len(orders), _CHUNK):
        part = orders[start : start + _CHUNK]
        names = connection.scalars(
            sa.select(Charge.external_id).where(
                Charge.source == source, sa.or_(Charge.external_id.in_(part), Charge.external_id.like("%#%"))
            )
        )
        for name in names:
            order = name if name in set(part) else name.rpartition("#")[0]
            if order in set(part):
                counts[order] = counts.get(order, 0) + 1
    return pl.DataFrame(
        {"order": list(counts), "charges": list(counts.values())}, schema={"order": pl.String, "charges": pl.Int64}
    )
