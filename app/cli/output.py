"""Results as table, JSON, CSV or Parquet; JSON goes to standard output alone."""

from __future__ import annotations

import json
import math
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from app.cli.door import Door


def emit(result: Any, door: Door) -> None:
    """Print a result in the door's format, or write it to its file."""
    if result is None:
        return
    if door.format == "json":
        _text(json.dumps(_jsonable(result), ensure_ascii=False, allow_nan=False), door)
    elif door.format == "table":
        _table(result, door)
    else:
        _frame_out(result, door)


def rows_of(result: Any) -> list[dict[str, Any]]:
    """Return a result as a list of records; one dict is one record."""
    if hasattr(result, "to_dicts"):
        return list(result.to_dicts())
    return [result] if isinstance(result, dict) else list(result)


def _jsonable(value: Any) -> Any:
    """Return containers of plain values; NaN has no JSON and becomes null."""
    if hasattr(value, "to_dicts"):
        value = value.to_dicts()
    if isinstance(value, dict):
        return {str(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _text_of(value)


def _text_of(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _text(text: str, door: Door) -> None:
    if door.out:
        door.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)  # noqa: T201


def _table(result: Any, door: Door) -> None:
    from rich.console import Console
    from rich.table import Table

    rows = rows_of(result)
    table = Table(show_header=isinstance(result, dict) is False)
    if isinstance(result, dict):
        table.add_column()
        table.add_column()
        for key, value in result.items():
            table.add_row(str(key), str(value))
    else:
        for key in rows[0] if rows else ["nothing found"]:
            table.add_column(str(key))
        for row in rows:
            table.add_row(*("" if v is None else str(v) for v in row.values()))
    if door.out:
        with door.out.open("w", encoding="utf-8") as file:
            Console(file=file, width=200).print(table)
    else:
        Console().print(table)


def to_frame(result: Any) -> pl.DataFrame:
    """Return a result as a Polars frame; nested values become JSON text."""
    import polars as pl

    if isinstance(result, pl.DataFrame):
        return result
    flat = [
        {k: json.dumps(_jsonable(v)) if isinstance(v, (dict, list)) else v for k, v in row.items()}
        for row in rows_of(result)
    ]
    return pl.DataFrame(flat, infer_schema_length=None)


def _frame_out(result: Any, door: Door) -> None:
    frame = to_frame(result)
    if door.format == "csv":
        text = frame.write_csv()
        if door.out:
            door.out.write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
        return
    if door.out is None:
        raise InvalidInput("out", None, "Parquet needs a file", "Add --out FILE.parquet.")
    frame.write_parquet(door.out)
