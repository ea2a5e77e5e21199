"""Any file of rows as columns of text: CSV, TSV, JSON(L), XLSX, Parquet, by content and not by suffix.

Everything becomes text in one form (ISO dates, plain decimals), so that one set of parsers reads every
format and the raw row of a rejection is what a person sees in the file.
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from oms_core.channels.json_files import read_json
from oms_core.channels.text_files import Dialect, read_text
from oms_core.kernel.errors import InvalidInput, NotFound

#: First bytes of formats that are not text.
PARQUET, ZIP, OLE, GZIP = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
FORMATS = "CSV, TSV, JSON, JSON lines, XLSX and Parquet"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file.

    Attributes
    ----------
    name : str
        File name (and sheet), as said in messages and kept with rejected rows.
    frame : polars.DataFrame
        Text columns plus ``__row`` (the row's number as a spreadsheet shows it).
    broken : list of (int, dict)
        Rows that have more fields than the header: number and what they hold.
    is_typed : bool
        Whether the format has numbers of its own (with a decimal point), as workbooks and Parquet have.
    has_serial_days : bool
        Whether a bare number in a column of dates is a spreadsheet's day.
    """

    name: str
    frame: pl.DataFrame
    broken: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    is_typed: bool = True
    has_serial_days: bool = False

    @property
    def columns(self) -> list[str]:
        """The file's own columns."""
        return [c for c in self.frame.columns if c != "__row"]


def read_tables(path: Path, dialect: Dialect, *, sheets: tuple[str, ...] = ()) -> list[Table]:
    """Read every table of a file.

    Raises
    ------
    NotFound
        If there is no such file.
    InvalidInput
        If the file is of another kind, empty, or not readable in the stated encoding.
    """
    data = _content(path)
    kind = _kind(path.name, data, dialect.encodings)
    if kind == "parquet":
        tables = [Table(path.name, _numbered(as_text(_parquet(path.name, data)), first=1))]
    elif kind == "workbook":
        tables = _workbook(path.name, data, sheets, skip_rows=dialect.skip_rows)
    elif kind == "json":
        tables = [Table(path.name, _numbered(read_json(path.name, data), first=1))]
    else:
        frame, broken = read_text(path.name, data, dialect)
        tables = [Table(path.name, frame, broken, is_typed=False)]
    _require_rows(path.name, tables)
    return tables


def _content(path: Path) -> bytes:
    if not path.exists():
        near = [p.name for p in path.parent.glob("*.*")] if path.parent.is_dir() else []
        raise NotFound("file", path.name, near, f"No such file in {path.parent}.", code="file.not_found")
    if path.is_dir():
        raise InvalidInput("file", path.name, "a file was expected, not a folder", code="file.is_folder")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "file", path.name, f"it cannot be read ({error.strerror})", code="file.unreadable"
        ) from error
    if data.startswith(GZIP):
        data = _unpacked(path.name, data)
    if not data.strip():
        raise InvalidInput("file", path.name, "it is empty", "Give a file with a header and rows.", code="file.empty")
    return data


def _unpacked(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput("file", name, "it is no whole gzip file", code="file.wrong_type") from error


def _kind(name: str, data: bytes, encodings: tuple[str, ...]) -> str:
    """Return what the bytes are; refuse what holds no rows."""
    if data.startswith(PARQUET):
        return "parquet"
    if data.startswith((ZIP, OLE)):
        return "workbook"
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or encodings[0].lower().startswith(("utf-16", "utf-32"))
    if data.startswith(b"%PDF") or (b"\x00" in data[:4096] and not is_wide):
        raise InvalidInput("file", name, f"its content is none of {FORMATS}", code="file.wrong_type")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return "json"
    return "text"


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every column as text; whole floats lose their ``.0`` where the whole column is whole."""
    return frame.select(_column_text(frame[name]) for name in frame.columns)


def _column_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column
    if column.dtype in {pl.Float32, pl.Float64}:
        column = column.cast(pl.Float64).fill_nan(None)
        whole = (column == column.floor()).all() and (column.abs() < 2**53).all()
        return (column.cast(pl.Int64) if whole else column).cast(pl.String)
    if isinstance(column.dtype, pl.Datetime):
        zone = column.dtype.time_zone
        utc = column.dt.convert_time_zone("UTC") if zone else column
        return utc.dt.strftime("%Y-%m-%d %H:%M:%S%.f" + ("+00:00" if zone else ""))
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        return pl.Series(column.name, [None if v is None else str(v) for v in column.to_list()], dtype=pl.String)
    return column.cast(pl.String)


def _numbered(frame: pl.DataFrame, *, first: int) -> pl.DataFrame:
    return frame.with_row_index("__row", offset=first).with_columns(pl.col("__row").cast(pl.Int64))


def _parquet(name: str, data: bytes) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as error:
        raise InvalidInput("file", name, "it is no whole Parquet file", code="file.wrong_type") from error


def _workbook(name: str, data: bytes, sheets: tuple[str, ...], *, skip_rows: int) -> list[Table]:
    """Read the sheets of a workbook: the named ones, else every one that has rows.

    Empty lines above the header belong to the numbering of rows, not to the table.
    """
    import fastexcel

    try:
        reader = fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        raise InvalidInput("file", name, f"its content is none of {FORMATS}", code="file.wrong_type") from error
    for sheet in sheets:
        if sheet not in reader.sheet_names:
            raise NotFound("sheet", sheet, reader.sheet_names, f"{name} has: {', '.join(reader.sheet_names)}.")
    tables = []
    for sheet in sheets or reader.sheet_names:
        frame = reader.load_sheet(sheet, header_row=skip_rows, dtypes="string").to_polars()
        label = name if len(reader.sheet_names) == 1 else f"{name}#{sheet}"
        tables.append(Table(label, _numbered(as_text(frame), first=2 + skip_rows), has_serial_days=True))
    return [t for t in tables if t.frame.height] or tables[:1]


def _require_rows(name: str, tables: list[Table]) -> None:
    if not tables or not any(t.frame.height or t.broken for t in tables):
        raise InvalidInput(
            "file", name, "it has a header and no rows", "Give a file with at least one row.", code="file.empty"
        )
