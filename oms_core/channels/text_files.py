"""Separated text: encoding, separator, quotes, ragged rows, any line ends."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from oms_core.kernel.errors import InvalidInput

#: Column of a rejected row that holds the fields its header has no names for.
SURPLUS = "rejected_surplus"
SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text file is written; ``"auto"`` looks at the file.

    Attributes
    ----------
    encoding : str
        A codec's name; ``"auto"`` is UTF-8 (or UTF-16 by its mark) and refuses anything else.
    separator : str
        One character, or ``"auto"``: the one most frequent in the header.
    quote : str
        One character, or empty when the file has no quoting.
    skip_rows : int
        Lines above the header.
    """

    encoding: str = "auto"
    separator: str = "auto"
    quote: str = '"'
    skip_rows: int = 0


def read_text(name: str, data: bytes, dialect: Dialect) -> tuple[pl.DataFrame, list[tuple[int, dict[str, Any]]]]:
    """Return text columns with ``__row``, and the rows that do not fit the header."""
    text = _decoded(name, data, dialect.encoding)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    for _ in range(dialect.skip_rows):
        text = text.partition("\n")[2]
    separator = _separator(text, dialect)
    first = 2 + dialect.skip_rows
    try:
        frame = pl.read_csv(text.encode(), separator=separator, quote_char=dialect.quote or None, infer_schema=False)
        broken: list[tuple[int, dict[str, Any]]] = []
        frame = frame.with_row_index("__row", offset=first).with_columns(pl.col("__row").cast(pl.Int64))
    except pl.exceptions.PolarsError:
        frame, broken = _row_by_row(text, separator, dialect.quote, first)
    frame = frame.rename(lambda column: column.strip())
    blank = pl.all_horizontal(pl.exclude("__row").is_null())
    return frame.filter(~blank), broken


def _decoded(name: str, data: bytes, encoding: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data.startswith(codecs.BOM_UTF8) or encoding.lower() in {"auto", "utf8", "utf-8"}:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding).replace("\x00", "")
    except LookupError as error:
        raise InvalidInput(
            "encoding",
            encoding,
            "no such encoding",
            "For example utf-8, windows-1250, iso-8859-2.",
            code="file.encoding",
        ) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInput(
            "file",
            name,
            f"line {line} is not {encoding.removesuffix('-sig').upper()} text (byte {error.start})",
            'Say the file\'s encoding in the mapping: [file] encoding = "windows-1250" (or iso-8859-1 …).',
            code="file.encoding",
        ) from error


def _separator(text: str, dialect: Dialect) -> str:
    if dialect.separator != "auto":
        return dialect.separator
    header = text.lstrip("\n").partition("\n")[0]
    return max(SEPARATORS, key=lambda mark: (header.count(mark), -SEPARATORS.index(mark)))


def _row_by_row(
    text: str, separator: str, quote: str, first: int
) -> tuple[pl.DataFrame, list[tuple[int, dict[str, Any]]]]:
    """Read a file the fast reader refuses; rows with too many fields are kept apart, not cut."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    quoting: Literal[0, 3] = 0 if quote else 3  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text), delimiter=separator, quotechar=quote or None, quoting=quoting)
    header = next(reader)
    rows, broken = [], []
    for number, row in enumerate(reader, start=first):
        if len(row) > len(header):
            surplus = separator.join(row[len(header) :])
            broken.append((number, dict(zip([*header, SURPLUS], [*row[: len(header)], surplus], strict=True))))
        elif row:
            rows.append((number, *(value or None for value in row), *[None] * (len(header) - len(row))))
    schema = {"__row": pl.Int64} | dict.fromkeys(header, pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row"), broken
