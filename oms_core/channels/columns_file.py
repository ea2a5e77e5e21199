"""A file of plain columns (transactions, demand panels) as text, however its program separates and marks it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import polars as pl

from oms_core.channels.text_files import Dialect, likeliest, read_text
from oms_core.kernel.errors import InvalidInput

_GZIP, _WIDE = b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
_HEAD = 65_536
_COMMA_NUMBER = r"^[+-]?\d+(?:,\d+)?$"


def read_columns(path: Path) -> pl.DataFrame:
    """Return a separated text file as columns of text.

    A file of commas goes straight to the fast reader. Others (semicolons, tabs, UTF-16, gzip) are read like an
    import's; in a file not separated by commas, columns of numbers with decimal commas become plain numbers.

    Raises
    ------
    InvalidInput
        ``file.fields``, ``file.encoding``, ``file.open_quote``, ``file.wrong_type``, ``file.empty``.
    polars.exceptions.PolarsError
        From the fast reader.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    header = head.lstrip(b"\r\n").partition(b"\n")[0].decode(errors="replace")
    if not head.startswith((_GZIP, *_WIDE)) and likeliest(header) == ",":
        return pl.read_csv(path, infer_schema=False)
    data = _unpacked(path) if head.startswith(_GZIP) else path.read_bytes()
    if not data.strip():
        raise InvalidInput("file", path.name, "it is empty", "Give a file with a header and rows.", code="file.empty")
    frame, broken = read_text(path.name, data, Dialect())
    if broken:
        what = f"row {broken[0][0]} has more fields than the header"
        raise InvalidInput(
            "file", path.name, what, "Put quotes around cells that hold the separator.", code="file.fields"
        )
    plain = frame.drop("__row")
    return plain.with_columns(_plain_numbers(plain[name]) for name in plain.columns)


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidInput("file", path.name, "it is no whole gzip file", code="file.wrong_type") from error


def _plain_numbers(column: pl.Series) -> pl.Series:
    """Return a column of numbers with decimal commas (and nothing else) with points."""
    cells = column.str.strip_chars()
    if cells.str.contains(_COMMA_NUMBER).all() and cells.str.contains(",", literal=True).any():
        return cells.str.replace(",", ".", literal=True)
    return column
