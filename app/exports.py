"""Frames as files: CSV for machines, CSV for Polish Excel, XLSX with definitions, Parquet.

Files are built when the reader clicks. CSV is UTF-8 with a byte-order mark, ISO dates and dot
decimals; the Polish variant has semicolons and decimal commas, as Excel in Polish expects.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What leaves the house: rows, and what a reader needs to trust them.

    Attributes
    ----------
    name : str
        Stem of the file name, e.g. ``orders``.
    frame : polars.DataFrame
        Typed columns; money as decimals with its currency in the column name.
    definitions : mapping of str to str
        Column or metric to its definition, for the *Definitions* sheet.
    facts : mapping of str to str
        Filters, refresh time and the like.
    """

    name: str
    frame: pl.DataFrame
    definitions: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows leave."""
        return self.frame.height

    def ready(self) -> Sheet:
        """Return itself: the rows are there."""
        return self


@dataclass(frozen=True, slots=True)
class Later:
    """A sheet whose rows are read only when the reader clicks; `rows` is how many there will be."""

    name: str
    rows: int
    make: Callable[[], Sheet]

    def ready(self) -> Sheet:
        """Read the rows."""
        return self.make()


def file_name(name: str, suffix: str, since: date | None = None, until: date | None = None) -> str:
    """Return ``orders_2026-11-01_2026-11-22.csv`` (last day included)."""
    period = f"_{since.isoformat()}_{until.isoformat()}" if since and until else ""
    return f"{name}{period}.{suffix}"


def csv(sheet: Sheet) -> bytes:
    """Return UTF-8 CSV with a byte-order mark, comma-separated, dot decimals, ISO dates."""
    return BOM + _safe(_flat(sheet.frame)).write_csv().encode()


def csv_polish(sheet: Sheet) -> bytes:
    """Return the CSV Excel opens in Polish: semicolons and decimal commas."""
    return BOM + _safe(_flat(sheet.frame)).write_csv(separator=";", decimal_comma=True).encode()


def _safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with text that a spreadsheet shows and never runs (OWASP, CSV injection)."""
    from app.documents.table_file import FORMULA_STARTS

    return frame.with_columns(
        pl.when(
            pl.any_horizontal(pl.col(name).str.strip_chars_start(" \u00a0").str.starts_with(s) for s in FORMULA_STARTS)
        )
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String
    )


def parquet(sheet: Sheet) -> bytes:
    """Return Parquet; types are kept."""
    buffer = io.BytesIO()
    sheet.frame.write_parquet(buffer)
    return buffer.getvalue()


def xlsx(sheet: Sheet) -> bytes:
    """Return a workbook: typed cells under a frozen header, and a *Definitions* sheet."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        bold = book.add_format({"bold": True})
        _write_rows(book.add_worksheet(sheet.name[:31]), _flat(sheet.frame), bold)
        _write_definitions(book.add_worksheet("Definitions"), sheet, bold)
    return buffer.getvalue()


def _write_rows(page: object, frame: pl.DataFrame, bold: object) -> None:
    for n, name in enumerate(frame.columns):
        page.write(0, n, name, bold)  # type: ignore[attr-defined]
        page.set_column(n, n, min(40, max(10, len(name) + 2)))  # type: ignore[attr-defined]
        for row, value in enumerate(frame[name].to_list(), start=1):
            _write_cell(page, row, n, value)
    page.freeze_panes(1, 0)  # type: ignore[attr-defined]
    page.autofilter(0, 0, frame.height, max(0, frame.width - 1))  # type: ignore[attr-defined]


def _write_cell(page: object, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)  # type: ignore[attr-defined]
    elif isinstance(value, datetime):
        page.write_string(row, column, value.isoformat(sep=" ", timespec="seconds"))  # type: ignore[attr-defined]
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, datetime.min.time()))  # type: ignore[attr-defined]
    elif isinstance(value, int | float):
        page.write_number(row, column, value)  # type: ignore[attr-defined]
    else:
        page.write_string(row, column, str(value))  # type: ignore[attr-defined]


def _write_definitions(page: object, sheet: Sheet, bold: object) -> None:
    facts = [*sheet.facts.items(), ("Rows", str(sheet.frame.height))]
    lines = [*facts, ("", ""), *sheet.definitions.items()]
    for row, (name, meaning) in enumerate(lines):
        page.write_string(row, 0, name, bold)  # type: ignore[attr-defined]
        page.write_string(row, 1, meaning)  # type: ignore[attr-defined]
    page.set_column(0, 0, 28)  # type: ignore[attr-defined]
    page.set_column(1, 1, 110)  # type: ignore[attr-defined]


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with lists joined and times in ISO, so that every cell is one value."""
    flat = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.cast(pl.List(pl.String)).list.join(", ")
        elif isinstance(kind, pl.Duration):
            column = column.dt.total_hours(fractional=True)
        flat.append(column)
    return frame.select(flat)


@dataclass(frozen=True, slots=True)
class Format:
    """One offered format: label, suffix, type and how its bytes are made."""

    label: str
    suffix: str
    mime: str
    write: Callable[[Sheet], bytes]

    def write_later(self, sheet: Sheet | Later) -> bytes:
        """Read the rows now and return the file."""
        return self.write(sheet.ready())


FORMATS = (
    Format("CSV", "csv", "text/csv", csv),
    Format("CSV, polski Excel", "pl.csv", "text/csv", csv_polish),
    Format("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    Format("Parquet", "parquet", "application/vnd.apache.parquet", parquet),
)
