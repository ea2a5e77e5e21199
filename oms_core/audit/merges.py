"""Laws of customers found to be one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query
from oms_core.customers.merge_tables import CustomerMerge
from oms_core.customers.tables import Customer
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order

CUSTOMER, MERGE, ORDER = table_of(Customer), table_of(CustomerMerge), table_of(Order)


def _stray() -> sa.Select[Any]:
    """Return merged records that own an order, or that no open merge speaks of."""
    merge = sa.exists().where(
        MERGE.c.merged_id == CUSTOMER.c.id, MERGE.c.kept_id == CUSTOMER.c.merged_into_id, MERGE.c.undone_at.is_(None)
    )
    owns = sa.exists().where(ORDER.c.customer_id == CUSTOMER.c.id)
    merged = sa.select(CUSTOMER.c.id, CUSTOMER.c.number).where(CUSTOMER.c.merged_into_id.is_not(None))
    return merged.where(sa.or_(~merge, owns))


LAWS = (
    Law(
        "customers.merged_owns_nothing",
        "A merged customer belongs to an open merge and owns no order.",
        by_query(
            sa.select(sa.func.count()).select_from(CUSTOMER).where(CUSTOMER.c.merged_into_id.is_not(None)),
            _stray(),
            "customer {number} is merged, but owns orders or has no open merge",
        ),
    ),
)
