"""Tables that people hand in: a CSV as rows, amounts as minor units; shared by the command line and the dashboard."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.money import exponent, to_minor

if TYPE_CHECKING:
    from collections.abc import Sequence


def text_of(data: bytes, name: str) -> str:
    """Return a file's text.

    Raises
    ------
    InvalidInput
        ``input.file``: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("file", name, "UTF-8 text", code="input.file") from error


def rows_of(text: str, name: str, needed: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV (comma or semicolon) that has at least these columns; blank rows are left out.

    Raises
    ------
    InvalidInput
        It lacks a column; names those it has.
    """
    head = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(text.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [name.strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in needed if name not in columns]
    if missing:
        has = ", ".join(columns) or "none"
        raise InvalidInput("file", name, f"columns {', '.join(needed)} (missing {', '.join(missing)}; it has {has})")
    rows = [{(k or "").strip().lower(): (v or "").strip() for k, v in row.items() if k} for row in reader]
    return [row for row in rows if any(row.values())]


def amount(text: str, currency: str) -> int:
    """Read a decimal amount, point or comma, that has no more decimals than the currency; minor units.

    Raises
    ------
    InvalidInput
        ``input.amount``.
    """
    plain = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise InvalidInput("amount", text, "a decimal number such as 12.30") from error
    if not value.is_finite() or value != value.quantize(Decimal(1).scaleb(-exponent(currency))):
        raise InvalidInput("amount", text, f"an amount with at most {exponent(currency)} decimals ({currency})")
    return to_minor(value, currency)
