"""May two customers be made one? What speaks against it is refused with its reason, never guessed away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance.tables import Invoice
from oms_core.kernel.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.customers.tables import Customer


def require_one_person(session: Session, kept: Customer, merged: Customer) -> None:
    """Refuse to merge two customers that cannot be, or may not become, one.

    Raises
    ------
    Refused
        ``merge.merged`` one of them was merged before; ``merge.erased``; ``merge.simulated`` a made-up
        person and a real one; ``merge.kinds`` a company and a person; ``merge.tax_ids`` two tax numbers.
    """
    for one in (kept, merged):
        if one.merged_into_id is not None:
            raise Refused(
                "merge.merged", f"Customer {one.number} was merged into another one before.", "Merge that one instead."
            )
        if one.erased_at is not None:
            raise Refused("merge.erased", f"Customer {one.number} was erased and is nobody any more.")
    if kept.is_simulated != merged.is_simulated:
        raise Refused("merge.simulated", f"Of {kept.number} and {merged.number} one is real and one is simulated.")
    if kept.kind != merged.kind:
        raise Refused(
            "merge.kinds",
            f"Customer {kept.number} is a {kept.kind} and {merged.number} is a {merged.kind}.",
            "Correct the kind of one of them first, if they are one.",
        )
    ours, theirs = _tax_ids(session, kept.id), _tax_ids(session, merged.id)
    if ours and theirs and ours != theirs:
        raise Refused(
            "merge.tax_ids",
            f"Customer {kept.number} was invoiced as {', '.join(sorted(ours))} and {merged.number} as"
            f" {', '.join(sorted(theirs))}: two tax numbers are two companies.",
            "Keep them apart.",
        )


def _tax_ids(session: Session, customer_id: int) -> set[str]:
    """Return the tax numbers on a customer's invoices, without spaces and dashes."""
    rows = sa.select(Invoice.buyer_tax_id).where(Invoice.customer_id == customer_id, Invoice.buyer_tax_id != "")
    return {"".join(c for c in text.upper() if c.isalnum()) for text in session.scalars(rows.distinct())}
