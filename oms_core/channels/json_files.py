"""JSON and JSON lines as a flat table: nested objects by dotted names, a list of lines as rows."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from oms_core.kernel.errors import InvalidInput


def read_json(name: str, data: bytes) -> pl.DataFrame:
    """Return the records of a JSON document (or one a line) as text columns.

    A record's nested objects become ``outer.inner``; its longest list of objects becomes rows, with
    the list's name before the dot, and the record's own columns repeated on each.
    """
    try:
        records = _records(data.decode("utf-8-sig"))
    except ValueError as error:
        raise InvalidInput("file", name, f"it is not readable JSON ({error})", code="file.json") from error
    rows = [row for record in records for row in _rows(record)]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return pl.DataFrame(
        {key: [row.get(key) for row in rows] for key in columns}, schema=dict.fromkeys(columns, pl.String)
    )


def _records(text: str) -> list[dict[str, Any]]:
    """Return the list of records: an array, an object's only list, or one object a line."""
    try:
        whole = json.loads(text, parse_float=str)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
        whole = [_line(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    while isinstance(whole, dict) and len(whole) == 1 and isinstance(inner := next(iter(whole.values())), dict):
        whole = inner  # {"order": {…}}
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        single = not lists or any(key in whole for key in ("id", "order_id", "number", "line_items"))
        whole = [whole] if single else max(lists, key=len)
    for number, record in enumerate(whole, start=1):
        if not isinstance(record, dict):
            raise ValueError(f"entry {number} is no object")  # noqa: TRY004 - a fault of the file, told with the others
    return list(whole)


def _line(number: int, line: str) -> Any:
    """Read one line of JSON lines; a fault is told with the file's own line."""
    try:
        return json.loads(line, parse_float=str)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {number}: {error.msg} at character {error.pos + 1}") from error


def _rows(record: dict[str, Any]) -> list[dict[str, str | None]]:
    """Return a record as one row, or one row for each object of its longest list."""
    lists = {k: v for k, v in record.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    if not lists:
        return [_flat(record)]
    longest = max(lists, key=lambda key: (key in {"line_items", "lines", "items", "lineItems"}, len(lists[key])))
    outer = _flat({k: v for k, v in record.items() if k != longest})
    return [outer | _flat(item, f"{longest}.") for item in lists[longest]]


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{_sound(key)}.")
        elif isinstance(value, list):
            flat[prefix + _sound(key)] = _sound(json.dumps(value, ensure_ascii=False)) if value else None
        else:
            flat[prefix + _sound(key)] = _plain(value)
    return flat


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else _sound(str(value))


def _sound(text: str) -> str:
    """Return a text every database takes: no zero characters, and a mark for half of a two-part character."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")
