"""Separated text: encoding, separator, quotes, ragged rows, any line ends."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from oms_core.kernel.errors import InvalidInput

#: Column of a rejected row that holds the fields its header has no names for.
SURPLUS = "rejected_surplus"
SEPARATORS = (",", ";", "\t", "|")
_LARGEST_CELL = min(sys.maxsize, 2**31 - 1)
#: Put below a file to see whether its last quote was closed.
_END = "end of the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text file is written; ``"auto"`` looks at the file.

    Attributes
    ----------
    encodings : tuple of str
        Codecs' names, of which the first that reads the whole file is taken; ``"auto"`` is UTF-8 (or UTF-16 by its
        mark).
    separator : str
        One character, or ``"auto"``: the one most frequent in the header.
    quote : str
        One character, or empty when the file has no quoting.
    skip_rows : int
        Lines above the header.
    """

    encodings: tuple[str, ...] = ("auto",)
    separator: str = "auto"
    quote: str = '"'
    skip_rows: int = 0


def read_text(name: str, data: bytes, dialect: Dialect) -> tuple[pl.DataFrame, list[tuple[int, dict[str, Any]]]]:
    """Return text columns with ``__row``, and the rows that do not fit the header."""
    text = _decoded(name, data, dialect.encodings)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    for _ in range(dialect.skip_rows):
        text = text.partition("\n")[2]
    text, above, separator = _from_header(text, dialect)
    first = 2 + dialect.skip_rows + above
    is_quoted = bool(dialect.quote) and dialect.quote in text
    frame, broken = _parsed(f"{text}\n{_END}" if is_quoted else text, separator, dialect.quote, first)
    if is_quoted:
        frame = _without_end(name, frame, first)
    blank = pl.all_horizontal(pl.exclude("__row").is_null())
    return frame.filter(~blank), broken


def _parsed(text: str, separator: str, quote: str, first: int) -> tuple[pl.DataFrame, list[tuple[int, dict[str, Any]]]]:
    try:
        frame = pl.read_csv(text.encode(), separator=separator, quote_char=quote or None, infer_schema=False)
    except pl.exceptions.PolarsError:
        return _row_by_row(text, separator, quote, first)
    frame.columns = _headers(frame.columns)
    return frame.with_row_index("__row", offset=first).with_columns(pl.col("__row").cast(pl.Int64)), []


def _without_end(name: str, frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """Take the mark at the end away; refuse a file whose last quote is open: it swallowed every row after it."""
    if frame.height and frame[-1, 1] == _END:
        return frame.head(-1)
    row = frame[-1, "__row"] if frame.height else first - 1
    raise InvalidInput(
        "file",
        name,
        f"a quote opened in row {row} is never closed",
        'Close it, or say in the mapping that the file has no quoting: [file] quote = "".',
        code="file.open_quote",
    )


def _from_header(text: str, dialect: Dialect) -> tuple[str, int, str]:
    """Return the text from its header on, how many lines stood above it, and the separator.

    Blank lines above the header and a spreadsheet's ``sep=;`` are none of the data.
    """
    above, said = 0, ""
    while True:
        line, ends, rest = text.partition("\n")
        mark = re.fullmatch(r"\ufeff?sep=(.)", line.rstrip("\r"), re.IGNORECASE)
        if not ends or (line.strip() and not mark):
            break
        above, text = above + 1, rest
        said = mark[1] if mark else said
    if dialect.separator == "auto":
        return text, above, said or likeliest(text.partition("\n")[0])
    return text, above, dialect.separator


def likeliest(header: str) -> str:
    """Return the separator most frequent in the header."""
    return max(SEPARATORS, key=lambda mark: (header.count(mark), -SEPARATORS.index(mark)))


def _headers(names: list[str]) -> list[str]:
    """Return the columns' names without outer blanks; of two of one name the second says so in its own."""
    made: list[str] = []
    for index, name in enumerate(name.strip() for name in names):
        made.append(name if name not in made else f"{name}_duplicated_{index}")
    return made


def _decoded(name: str, data: bytes, encodings: Sequence[str]) -> str:
    """Return the text by the first encoding that reads all of it; the first one's fault if none does."""
    faults = []
    for encoding in encodings:
        try:
            return data.decode(_codec(data, encoding)).replace("\x00", "")
        except LookupError as error:
            hint = "For example utf-8, windows-1250, iso-8859-2."
            raise InvalidInput("encoding", encoding, "no such encoding", hint, code="file.encoding") from error
        except UnicodeDecodeError as error:
            faults.append(error)
    line = data[: faults[0].start].count(b"\n") + 1
    raise InvalidInput(
        "file",
        name,
        f"line {line} is not {faults[0].encoding.upper()} text (byte {faults[0].start})",
        'Say the file\'s encoding in the mapping: [file] encoding = "windows-1250" (or iso-8859-1 …).',
        code="file.encoding",
    ) from faults[0]


def _codec(data: bytes, encoding: str) -> str:
    """Return the codec that is meant: a file's own mark goes first."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith(codecs.BOM_UTF8) or encoding.lower() in {"auto", "utf8", "utf-8"}:
        return "utf-8-sig"
    return encoding


def _row_by_row(
    text: str, separator: str, quote: str, first: int
) -> tuple[pl.DataFrame, list[tuple[int, dict[str, Any]]]]:
    """Read a file the fast reader refuses; rows with too many fields are kept apart, not cut."""
    csv.field_size_limit(_LARGEST_CELL)
    quoting: Literal[0, 3] = 0 if quote else 3  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text), delimiter=separator, quotechar=quote or None, quoting=quoting)
    header = _headers(next(reader))
    rows, broken = [], []
    for number, row in enumerate(reader, start=first):
        if len(row) > len(header):
            surplus = separator.join(row[len(header) :])
            broken.append((number, dict(zip([*header, SURPLUS], [*row[: len(header)], surplus], strict=True))))
        elif row:
            rows.append((number, *(value or None for value in row), *[None] * (len(header) - len(row))))
    schema = {"__row": pl.Int64} | dict.fromkeys(header, pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row"), broken
