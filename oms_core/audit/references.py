"""The law of references: whatever a row names is there, foreign key or plain link."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

import oms_core.access.tables
import oms_core.catalog.tables
import oms_core.customers.tables
import oms_core.inventory.low_tables
import oms_core.locations.tables
import oms_core.marketing.tables
import oms_core.marketing.value_tables
import oms_core.planning.policy_tables
import oms_core.planning.tables
import oms_core.purchasing.answer_tables
import oms_core.purchasing.mail_tables
import oms_core.purchasing.terms_tables
import oms_core.reporting.tables
import oms_core.reporting.trust_tables
import oms_core.review.view_tables  # noqa: F401 - every table that names another is known from here on
from oms_core.audit.law import Finding, Law
from oms_core.kernel.database import Base
from oms_core.kernel.rows import core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

#: Links without a foreign key (their rooms lie above the naming one): table, column, named table.
LINKS = (
    ("stock_movements", "allocation_id", "allocations"),
    ("stock_movements", "shipment_line_id", "shipment_lines"),
    ("stock_movements", "return_line_id", "return_lines"),
    ("stock_movements", "receipt_line_id", "receipt_lines"),
    ("stock_movements", "transfer_line_id", "transfer_lines"),
    ("payments", "return_id", "returns"),
    ("invoices", "shipment_id", "shipments"),
    ("returns", "send_to_location_id", "locations"),
    ("shipments", "parent_shipment_id", "shipments"),
    ("exchanges", "order_change_id", "order_changes"),
    ("claims", "order_change_id", "order_changes"),
    ("routing_decisions", "superseded_by_id", "routing_decisions"),
)


def references() -> Iterator[tuple[sa.Column[Any], sa.Column[Any]]]:
    """Yield every reference of the schema: the naming column and the key it names."""
    tables = Base.metadata.tables
    for table in tables.values():
        for column in table.columns:
            for key in column.foreign_keys:
                yield column, key.column
    for name, link, named in LINKS:
        yield tables[name].c[link], tables[named].c.id


@functools.cache
def _lost(column: sa.Column[Any], key: sa.Column[Any]) -> sa.Select[int, Any]:
    """Return the question how many rows name what is not there, and the first; there are hundreds: built once."""
    target = key.table.alias("named")
    return (
        sa.select(sa.func.count(), sa.func.min(column))
        .select_from(column.table.outerjoin(target, target.c[key.name] == column))
        .where(column.is_not(None), target.c[key.name].is_(None))
    )


def references_hold(session: Session) -> Finding:
    """Look for the first and count all rows that name what is not there; one pass a reference."""
    connection, broken, first = core(session), 0, None
    known = sorted(references(), key=lambda pair: (pair[0].table.name, pair[0].name))
    for column, key in known:
        count, value = connection.execute(_lost(column, key)).one()
        broken += count
        if count and first is None:
            first = f"{column.table.name}.{column.name} names {key.table.name} {value}, which is not there"
    return Finding(len(known), broken, first)


LAWS = (
    Law(
        "records.references_hold",
        "Whatever a row names (order, variant, allocation, receipt line …) is there; counted by kind of reference.",
        references_hold,
    ),
)
