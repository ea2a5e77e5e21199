"""Write rows as a file: comma-separated values that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from segmentation.destinations.model import Cell, Sheet

BYTE_ORDER_MARK = "\ufeff".encode()
CSV = "text/csv"
#: What a spreadsheet would run as a formula; plain numbers such as +48 600 700 800 or -12.50 are none.
_FORMULA, _NUMBER = re.compile(r"^\s*[=+\-@\t\r]"), re.compile(r"^[+\-]?[0-9][0-9 .]*$")


def neutral(text: str | None) -> str | None:
    """Return a text no spreadsheet takes for a formula: an apostrophe before what would be one."""
    if text and _FORMULA.match(text) and not _NUMBER.match(text):
        return "'" + text
    return text


def is_harmless(text: str) -> bool:
    """Whether a text can stand in a file as it is."""
    return neutral(text) == text


def comma_separated(sheet: Sheet) -> bytes:
    """Return UTF-8 CSV without a byte order mark: a platform would read the mark into the first header."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow([column.name for column in sheet.columns])
    rows.writerows([[_text(cell) for cell in row] for row in sheet.rows])
    return buffer.getvalue().encode("utf-8")


def comma_separated_for_excel(sheet: Sheet) -> bytes:
    """Return UTF-8 CSV with a byte order mark, so that Excel reads Polish letters."""
    return BYTE_ORDER_MARK + comma_separated(sheet)


def _text(cell: Cell) -> str | None:
    if cell is None or isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)
