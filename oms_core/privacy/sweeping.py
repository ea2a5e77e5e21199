"""Find what tells who somebody is in every text of the database, whoever wrote it there, and take it out."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.privacy.person import Marks

ERASED, NO_ADDRESS = "[erased]", "erased@example.invalid"
#: The shop's own words: goods, places, partners, settings; nobody who buys is described there.
PUBLIC = frozenset({
    "products", "variants", "suppliers", "supplier_items", "locations", "channels", "markets", "shop_settings",
    "exchange_rates", "document_counters", "routing_rules", "risk_rules", "return_reasons", "refund_policies",
    "forecasts", "forecast_runs", "stock_movements",
})  # fmt: skip
#: What the law keeps as it was issued (tax law; GDPR article 17(3)(b)); its seal would break.
SEALED = frozenset({"invoices", "invoice_lines"})
#: Tables whose rows are somebody's own: another's of the same name or street stays as it is.
OWNED = frozenset({"customers", "addresses", "orders", "customer_identities", "withdrawals", "drafts"})
_STAFF = re.compile(r"^(actor|author|owner|reviewer)$|_by$")


def sweep(session: Session, known: Marks) -> dict[str, int]:
    """Take a person's marks out of every text; return rows changed by table.

    Names and streets are left in the rows of others (`OWNED`), and in the columns that name who of the
    staff did something: a namesake is somebody else.
    """
    changed: dict[str, int] = {}
    for table in METADATA.sorted_tables:
        if table.name in PUBLIC | SEALED or "id" not in table.c:
            continue
        rows = _swept(session, table, known)
        if rows:
            changed[table.name] = rows
    return changed


def _swept(session: Session, table: sa.Table, known: Marks) -> int:
    everything = known.reached + (() if table.name in OWNED else known.called)
    asked = [
        (column, known.reached if _STAFF.search(column.name) else everything)
        for column in table.columns
        if isinstance(column.type, (sa.String, sa.JSON)) and not column.name.endswith("sha256")
    ]
    tests = [
        _text_of(column).icontains(form, autoescape=True) for column, ts in asked for t in ts for form in _forms(t)
    ]
    if not tests:
        return 0
    rows = session.execute(sa.select(table.c.id, *(column for column, _ in asked)).where(sa.or_(*tests))).all()
    for row in rows:
        values = {c.name: _clean(v, terms, c) for (c, terms), v in zip(asked, row[1:], strict=True) if v is not None}
        if table.name == "customer_messages":
            values["body_sha256"] = hashlib.sha256(values["body"].encode()).hexdigest()
        session.execute(sa.update(table).where(table.c.id == row[0]).values(values))
    return len(rows)


def _text_of(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def _forms(term: str) -> set[str]:
    """Return how a text may stand: SQLite folds ASCII letters only, and JSON may write the others as numbers."""
    cases = {term, term.lower(), term.upper(), term.title()}
    return cases | {json.dumps(case)[1:-1] for case in cases}


def _clean(value: Any, terms: Sequence[str], column: sa.Column[Any]) -> Any:
    cleaned = without(value, terms)
    length = getattr(column.type, "length", None)
    return cleaned[:length] if isinstance(cleaned, str) and length else cleaned


def without(value: Any, terms: Sequence[str]) -> Any:
    """Return a text, or a document of texts, with every term taken out; an e-mail stays the form of one."""
    if isinstance(value, str):
        for term in sorted(terms, key=len, reverse=True):
            value = re.sub(re.escape(term), NO_ADDRESS if "@" in term else ERASED, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, dict):
        return {without(key, terms): without(one, terms) for key, one in value.items()}
    return [without(one, terms) for one in value] if isinstance(value, list) else value
