"""Tables as files that people open in a spreadsheet: CSV that Excel reads right and cannot run.

UTF-8 with a byte-order mark, so that Polish letters survive; separator and decimal sign of the
reader's language, because a Polish Excel splits at semicolons; text that a spreadsheet would run as
a formula is neutralised with an apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BOM = "\ufeff"
#: First characters that make a spreadsheet take text for a formula; full-width forms count too.
FORMULA_STARTS = tuple("=+-@\t\r\n|%＝＋－＠")
#: Separator and decimal sign by language.
DIALECTS = {"en": (",", "."), "pl": (";", ",")}


def safe(text: str) -> str:
    """Return text that a spreadsheet shows and never runs."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], *, language: str) -> bytes:
    """Return a CSV file; numbers keep their type, every text is made safe.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence
        Values: text, integers, decimals, dates, None.
    language : str
        ``en`` or ``pl``: separator and decimal sign.
    """
    separator, decimal_sign = DIALECTS[language]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
    writer.writerow([safe(name) for name in header])
    writer.writerows([_cell(value, decimal_sign) for value in row] for row in rows)
    return (BOM + file.getvalue()).encode("utf-8")


def _cell(value: object, decimal_sign: str) -> object:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", decimal_sign)
    if isinstance(value, date):
        return value.isoformat()
    return safe(value) if isinstance(value, str) else value
