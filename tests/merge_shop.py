"""A person known twice and made one; and faults of that, planted."""

from __future__ import annotations

import sqlalchemy as sa
from small_shop import SmallShop, sell
from sqlalchemy.orm import Session

from oms_core.customers.tables import Customer
from oms_core.merging.commands import merge_customers

FAULTS = {
    "customers.merged_owns_nothing": [
        "UPDATE customer_merges SET undone_at = at, undone_by = 'nobody'",
        "UPDATE orders SET customer_id = (SELECT merged_id FROM customer_merges) WHERE id = 1",
    ],
}


def number_of(session: Session, order: int) -> str:
    """Return the number of an order's customer."""
    return session.scalars(sa.select(Customer.number).where(Customer.id == order)).one()


def meet_twice(session: Session, shop: SmallShop) -> None:
    """Sell to a person under two addresses and make the two one."""
    twice = [sell(session, shop, name, MUG=1).customer_id for name in ("ela", "ela.new")]
    kept, merged = (number_of(session, key) for key in twice)
    merge_customers(session, kept=kept, merged=merged, reason="same phone", actor="ola")
