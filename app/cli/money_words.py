"""What the commands of money read and answer: CSV files, customers by name, days, amounts as decimal text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import csv_reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

ActorOption = Annotated[str, typer.Option("--actor", help="Who does it, for the journal.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the books and the journal.")]


def read_rows(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV (comma or semicolon, UTF-8) that has at least these columns; blank rows are left out.

    Raises
    ------
    InvalidInput
        The file cannot be read, or lacks a column; names those it has.
    """
    from oms_core.kernel.errors import InvalidInput

    try:
        return csv_reading.rows_of(csv_reading.text_of(path.read_bytes(), path.name), path.name, needed)
    except OSError as error:
        raise InvalidInput("file", str(path), f"a readable file ({error.strerror})", code="input.file") from error


def amount(text: str, currency: str) -> int:
    """Read a decimal amount, point or comma, that has no more decimals than the currency."""
    return csv_reading.amount(text, currency)


def day(text: str | None, name: str) -> date | None:
    """Read an ISO day; None stays None."""
    from datetime import date

    from oms_core.kernel.errors import InvalidInput

    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(name, text, "a day such as 2026-03-31 was expected") from error


def end_of(text: str | None, zone: str) -> datetime | None:
    """Read an ISO day (its end in the shop's zone) or an instant with its zone; None stays None."""
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from oms_core.kernel.errors import InvalidInput

    if not text:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(datetime.fromisoformat(text).date(), time.max, ZoneInfo(zone))
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("as_of", text, "a day such as 2026-03-31, or an instant with its zone") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def customer_id(session: Session, name: str) -> int:
    """Return a customer's id by number or e-mail; near numbers are offered."""
    import sqlalchemy as sa

    from oms_core.customers.tables import Customer
    from oms_core.kernel.errors import NotFound

    found = session.scalar(
        sa.select(Customer.id).where(sa.or_(Customer.number == name, Customer.email == name.lower())).limit(1)
    )
    if found is None:
        known = session.scalars(sa.select(Customer.number).where(Customer.number.contains(name[-3:])).limit(200)).all()
        raise NotFound("customer", name, known, "Give the customer's number or e-mail.")
    return int(found)


def variant_id(session: Session, sku: str) -> int:
    """Return a variant's id by SKU; near ones are offered."""
    import sqlalchemy as sa

    from oms_core.catalog.tables import Variant
    from oms_core.kernel.errors import NotFound

    found = session.scalar(sa.select(Variant.id).where(Variant.sku == sku))
    if found is None:
        raise NotFound("variant", sku, session.scalars(sa.select(Variant.sku)).all())
    return int(found)


def decimals(rows: Iterable[Mapping[str, Any]], currency: str | None = None) -> list[dict[str, Any]]:
    """Return rows whose minor units became decimal text, each in its own currency (or the one given)."""
    from app.cli.purchase_words import decimal_money

    return [decimal_money(row, str(row.get("currency") or currency)) for row in rows]
