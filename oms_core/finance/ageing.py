"""Read the ledger: what is open, how old it is, a party's statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier
from oms_core.customers.tables import Customer
from oms_core.finance.ledger import open_amounts
from oms_core.finance.ledger_tables import SIDES, LedgerEntry
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

_ENTRY = table_of(LedgerEntry)
#: Buckets by days past due, oldest bound included.
BUCKETS = (("current", 0), ("days_1_30", 30), ("days_31_60", 60), ("days_61_90", 90), ("days_over_90", None))


def bucket_of(days_late: int) -> str:
    """Return the bucket of an age; what is due today or later is current."""
    for name, bound in BUCKETS:
        if bound is None or days_late <= bound:
            return name
    return BUCKETS[-1][0]


def open_entries(
    session: Session, *, side: str, today: date, party: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return entries with something open, oldest due first: amounts in minor units, days late, bucket."""
    _check_side(side)
    left = open_amounts()
    statement = (
        sa.select(_ENTRY, left.c.open_minor, _name().label("name"))
        .join(left, left.c.id == _ENTRY.c.id)
        .outerjoin(Customer, Customer.id == _ENTRY.c.customer_id)
        .outerjoin(Supplier, Supplier.id == _ENTRY.c.supplier_id)
        .where(_ENTRY.c.side == side, left.c.open_minor != 0)
        .order_by(_ENTRY.c.due_on, _ENTRY.c.id)
        .limit(limit)
    )
    if party:
        statement = statement.where(_ENTRY.c.party == party)
    return [
        {
            "id": row.id, "party": row.party, "name": row.name, "kind": row.kind, "document": row.document,
            "on_date": row.on_date, "due_on": row.due_on, "amount_minor": row.amount_minor,
            "open_minor": row.open_minor, "currency": row.currency, "days_late": max((today - row.due_on).days, 0),
            "bucket": bucket_of((today - row.due_on).days) if row.open_minor > 0 else "unapplied",
        }
        for row in session.execute(statement)
    ]  # fmt: skip


def _name() -> sa.ColumnElement[str]:
    guest = sa.literal("guest")
    return sa.func.coalesce(sa.func.nullif(Customer.name, ""), Customer.number, Supplier.name, guest)


def ageing(session: Session, *, side: str, today: date) -> list[dict[str, Any]]:
    """Return open claims by party and currency in buckets of age, the largest first; minor units.

    ``unapplied`` is money or credit of the party that settles nothing yet (positive); ``open`` is the
    claims less it.
    """
    return aged(open_entries(session, side=side, today=today))


def aged(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return open entries summed by party and currency, as :func:`ageing` does; pure."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in entries:
        row = rows.setdefault((entry["party"], entry["currency"]), _empty(entry))
        row[f"{entry['bucket']}_minor"] += abs(entry["open_minor"])
        row["open_minor"] += entry["open_minor"]
    return sorted(rows.values(), key=lambda row: (-row["open_minor"], row["party"]))


def _empty(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name, _ in BUCKETS] + ["unapplied"]
    head = {"party": entry["party"], "name": entry["name"], "currency": entry["currency"], "open_minor": 0}
    return head | {f"{name}_minor": 0 for name in names}


def statement(session: Session, *, party: str, currency: str, since: date, until: date) -> dict[str, Any]:
    """Return a party's account over a period: opening, every document with the running balance, closing.

    Balances are what the customer owes us, on the payable side what we owe the supplier; minor units.
    """
    c = _ENTRY.c
    mine = sa.and_(c.party == party, c.currency == currency)
    before = sa.select(sa.func.coalesce(sa.func.sum(c.amount_minor), 0)).where(mine, c.on_date < since)
    opening = running = int(session.scalar(before) or 0)
    rows = []
    within = sa.select(_ENTRY).where(mine, c.on_date >= since, c.on_date <= until).order_by(c.on_date, c.id)
    for row in session.execute(within):
        running += row.amount_minor
        rows.append({
            "on_date": row.on_date, "kind": row.kind, "document": row.document, "due_on": row.due_on,
            "amount_minor": row.amount_minor, "balance_minor": running,
        })  # fmt: skip
    return {
        "party": party, "currency": currency, "since": since, "until": until, "opening_minor": opening,
        "entries": rows, "closing_minor": running,
    }  # fmt: skip


def _check_side(side: str) -> None:
    if side not in SIDES:
        raise InvalidInput("side", side, f"one of {', '.join(SIDES)}")
