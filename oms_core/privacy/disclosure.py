"""Everything held about a person, for the person (GDPR articles 15 and 20): by table, and in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.journal import JournalEntry
from oms_core.privacy.person import Person, given_out, person
from oms_core.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

FORMAT = "ordersight.person/1"
#: Owners a row may name, in the order they are followed: column, table it points to.
_OWNERS = (
    ("customer_id", "customers"), ("order_id", "orders"), ("return_id", "returns"), ("claim_id", "claims"),
    ("withdrawal_id", "withdrawals"), ("shipment_id", "shipments"), ("invoice_id", "invoices"),
    ("store_credit_account_id", "store_credit_accounts"),
)  # fmt: skip
#: A statement takes so many keys.
_CHUNK = 5_000


def disclose(session: Session, *, number: str, actor: str = "system") -> dict[str, Any]:
    """Return everything held about a person, and note in the journal that it was given out.

    Returns
    -------
    dict
        ``format, at, number, tables`` (rows by table, columns as stored), ``exports`` and ``reports`` that
        held the person, ``events`` of the journal.

    Raises
    ------
    NotFound
        ``customer.not_found``.
    """
    one = person(session, number)
    held = _held(session, one)
    found = {
        "format": FORMAT,
        "at": clock.now(),
        "number": one.customer.number,
        "tables": held,
        **given_out(session, one),
        "events": _events(session, held),
    }
    journal.record(session, "customer.disclosed", "customer", one.customer.id, actor=actor, rows=rows_of(found))
    return found


def rows_of(found: dict[str, Any]) -> int:
    """Count the rows of a disclosure."""
    return sum(len(rows) for rows in found["tables"].values())


def _held(session: Session, one: Person) -> dict[str, list[dict[str, Any]]]:
    """Follow who owns what from the customer down; each row once."""
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    _add(rows, session, METADATA.tables["customers"], "id", one.ids)
    for column, owner in _OWNERS:
        keys = sorted(rows.get(owner, {}))
        for table in METADATA.sorted_tables:
            if keys and column in table.c and "id" in table.c and table.name != owner:
                _add(rows, session, table, column, keys)
    return {name: [found[key] for key in sorted(found)] for name, found in rows.items() if found}


def _add(
    rows: dict[str, dict[int, dict[str, Any]]], session: Session, table: sa.Table, column: str, keys: Sequence[int]
) -> None:
    for begin in range(0, len(keys), _CHUNK):
        some = sa.select(table).where(table.c[column].in_(keys[begin : begin + _CHUNK]))
        for row in session.execute(some).mappings():
            rows.setdefault(table.name, {})[int(row["id"])] = dict(row)


def _events(session: Session, held: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    wanted = {"customer": "customers", "order": "orders", "return": "returns", "draft": "drafts"}
    found: list[dict[str, Any]] = []
    for kind, name in wanted.items():
        keys = [int(row["id"]) for row in held.get(name, [])]
        for begin in range(0, len(keys), _CHUNK):
            statement = sa.select(JournalEntry.at, JournalEntry.event, JournalEntry.data).where(
                JournalEntry.object_type == kind, JournalEntry.object_id.in_(keys[begin : begin + _CHUNK])
            )
            found += [dict(row) for row in session.execute(statement).mappings()]
    return sorted(found, key=lambda row: row["at"])


def in_words(found: dict[str, Any]) -> str:
    """Return a disclosure as a text a person can read."""
    lines = [f"Everything held about customer {found['number']}, as of {found['at']:%Y-%m-%d %H:%M} UTC", ""]
    for name, rows in found["tables"].items():
        lines.append(f"{name.replace('_', ' ').capitalize()} ({len(rows)})")
        for row in rows:
            facts = (
                f"{key.replace('_', ' ')}: {value}" for key, value in row.items() if value is not None and value != ""
            )
            lines.append("  - " + "; ".join(facts))
        lines.append("")
    lines.append(f"Files that held this person ({len(found['exports'])} exports, {len(found['reports'])} reports)")
    lines += [
        f"  - {row['at']:%Y-%m-%d}: {row['file_name']} for {row['destination']}, {row['outcome']}"
        for row in found["exports"]
    ]
    lines += [f"  - {row['finished_at']:%Y-%m-%d}: {row['file_name']}" for row in found["reports"]]
    lines += ["", f"Events ({len(found['events'])})"]
    lines += [f"  - {row['at']:%Y-%m-%d %H:%M}: {row['event']}" for row in found["events"]]
    return "\n".join(lines) + "\n"
