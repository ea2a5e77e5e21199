"""Sheets of master data as files: CSV in, rows that were not taken out."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from app.csv_reading import rows_of, text_of
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from oms_core.master_data.reading import Rejected

#: Columns a file of rejected rows has besides the sheet's; they are passed over when it is handed in again.
TOLD = ("row", "code", "why")


def read_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file.

    Raises
    ------
    NotFound
        ``file.not_found``.
    InvalidInput
        ``input.file``: it is not UTF-8 text.
    """
    if not file.is_file():
        near = [str(path) for path in file.parent.glob("*")] if file.parent.is_dir() else []
        raise NotFound("file", file, near, "Check the path.")
    return rows_of_bytes(file.read_bytes(), file.name)


def rows_of_bytes(data: bytes, name: str) -> list[dict[str, str]]:
    """Return the rows of an uploaded CSV."""
    rows = rows_of(text_of(data, name), name, ())
    told = all(column in rows[0] for column in TOLD) if rows else False
    return [{k: v for k, v in row.items() if not (told and k in TOLD)} for row in rows]


def write_rejected(file: Path, rejected: Sequence[Rejected]) -> None:
    """Write rows that were not taken, with the reason of each; the file can be mended and handed in again."""
    file.write_bytes(rejected_csv(rejected))


def rejected_csv(rejected: Sequence[Rejected]) -> bytes:
    """Return rows that were not taken as a CSV that spreadsheets open."""
    told = [row.as_dict() for row in rejected]
    names = list(dict.fromkeys(name for row in told for name in row if name not in TOLD))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, *TOLD], restval="")
    writer.writeheader()
    writer.writerows(told)
    return text.getvalue().encode("utf-8-sig")
