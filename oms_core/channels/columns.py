"""From the tables of the files to one table with our column names, still text."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

import polars as pl

from oms_core.channels.csv_mapping import LINE_FIELDS, ORDER_FIELDS, Mapping
from oms_core.channels.files import Table
from oms_core.channels.instants import serial_days
from oms_core.channels.text_files import SURPLUS
from oms_core.imports.rejects import PLACE
from oms_core.kernel.errors import InvalidInput

FIELDS = (*LINE_FIELDS, *ORDER_FIELDS)
AMOUNTS = (
    "quantity", "unit_price", "line_total", "line_discount", "line_tax", "shipping", "discount", "tax", "fee", "total",
)  # fmt: skip
DATES = ("placed_at", "date", "cancelled_at", "returned_at")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of all files under our names.

    Attributes
    ----------
    rows : polars.DataFrame
        Text columns (:data:`FIELDS`, absent ones null), ``__table``, ``__row``, ``__place``, ``__surplus``,
        ``__sku`` (the code exactly as written).
    orphans : polars.DataFrame
        ``__table, __row, order`` of orders that have no line.
    unknown : set of str
        Order numbers of lines that no file of orders has.
    tables, order_tables : list of Table
        What was read, by ``__table`` (orders follow lines).
    line_tables : int
        How many of them hold lines.
    """

    rows: pl.DataFrame
    orphans: pl.DataFrame
    unknown: frozenset[str]
    tables: list[Table]
    line_tables: int


def gather(tables: list[Table], mapping: Mapping) -> Gathered:
    """Name the columns, put the files below each other, and join orders to their lines."""
    lines = [t for t in tables if not _is_orders(t, mapping)]
    orders = [t for t in tables if _is_orders(t, mapping)]
    if not lines:
        line = mapping.line_columns
        _pick(orders[0], line, "[columns]")
    fields = mapping.line_columns | ({} if orders else {k: v for k, v in mapping.order_columns.items() if k != "order"})
    rows = pl.concat([_named(t, i, fields, mapping) for i, t in enumerate(lines)], how="diagonal")
    unknown: frozenset[str] = frozenset()
    orphans = rows.select("__table", "__row", "order").clear()
    if orders:
        heads = pl.concat(
            [_named(t, i, mapping.order_columns, mapping) for i, t in enumerate(orders, len(lines))],
            how="diagonal",
        )
        rows, orphans, unknown = _joined(rows, heads)
    missing = [pl.lit(None, pl.String).alias(f) for f in FIELDS if f not in rows.columns]
    return Gathered(rows.with_columns(missing), orphans, unknown, lines + orders, len(lines))


def _is_orders(table: Table, mapping: Mapping) -> bool:
    """Return whether a table holds orders only: it has their key and lacks the lines' columns."""
    if not mapping.has_orders_file:
        return False
    has = {f for f in ("sku", "quantity") if _match(table.columns, mapping.line_columns[f])}
    return not has and _match(table.columns, mapping.order_columns["order"]) is not None


def _joined(rows: pl.DataFrame, heads: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, frozenset[str]]:
    """Give every line its order's columns; the first of two orders of one number counts."""
    heads = heads.unique("order", keep="first", maintain_order=True)
    orphans = heads.join(rows, on="order", how="anti").select("__table", "__row", "order")
    unknown = frozenset(rows.join(heads, on="order", how="anti")["order"].drop_nulls().unique())
    own = [c for c in heads.columns if c in ORDER_FIELDS]
    joined = rows.drop([c for c in own if c in rows.columns]).join(
        heads.select("order", pl.col("__row").alias("__head"), pl.col("__table").alias("__head_table"), *own),
        on="order", how="left", maintain_order="left",
    )  # fmt: skip
    return joined, orphans, unknown


def _named(table: Table, index: int, fields: dict[str, tuple[str, ...]], mapping: Mapping) -> pl.DataFrame:
    found = _pick(table, fields, "[orders.columns]" if fields is mapping.order_columns else "[columns]")
    place = pl.col(PLACE) if PLACE in table.columns else pl.lit(None, pl.String)
    written = [pl.col(found["sku"]).alias("__sku")] if "sku" in found else []
    return table.frame.select(
        *written,
        pl.lit(index, pl.Int32).alias("__table"),
        pl.col("__row"),
        place.alias("__place"),
        (pl.col(SURPLUS) if SURPLUS in table.columns else pl.lit(None, pl.String)).alias("__surplus"),
        *(_cell(table, field, c, mapping).alias(field) for field, c in found.items()),
    )


def _cell(table: Table, field: str, column: str, mapping: Mapping) -> pl.Expr:
    """Return a column as the mapping expects its texts: clean, its own numbers and days written out."""
    comma = table.is_typed and mapping.decimal == "," and field in AMOUNTS
    text = _clean(column, mapping.nulls, comma=comma)
    if not (table.has_serial_days and field in DATES):
        return text
    return pl.coalesce(serial_days(text).dt.strftime("%Y-%m-%d %H:%M:%S"), text)


def _clean(column: str, nulls: tuple[str, ...], *, comma: bool) -> pl.Expr:
    """Return a column trimmed of blanks (also unbreakable ones), empty cells (and `nulls`) as null.

    With `comma` the format's own numbers get the decimal comma the mapping expects of texts.
    """
    trimmed = pl.col(column).str.strip_chars(" \t\r\n\u00a0\ufeff\x00")
    if comma:
        trimmed = trimmed.str.replace(r"^(-?\d+)\.(\d+)$", "$1,$2")
    return pl.when(~trimmed.is_in(["", *nulls])).then(trimmed)


def _pick(table: Table, fields: dict[str, tuple[str, ...]], where: str) -> dict[str, str]:
    """Return our field to the table's column; say every missing column at once, with near matches."""
    found: dict[str, str] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for field, names in fields.items():
        column = _match(table.columns, tuple(n for name in names if name for n in (f"orders.{name}", name)))
        if column is not None:
            found[field] = column
        elif "" not in names:
            missing[field] = names
    if missing:
        raise _missing(table, missing, where)
    return found


def _match(columns: list[str], names: tuple[str, ...]) -> str | None:
    """Return the first of `names` the table has; letter case, blanks and underscores do not matter."""
    for name in names:
        if name in columns:
            return name
    plain = {_plain(c): c for c in reversed(columns)}
    return next((plain[_plain(name)] for name in names if _plain(name) in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _missing(table: Table, missing: dict[str, tuple[str, ...]], where: str) -> InvalidInput:
    named = ", ".join(f"{' or '.join(map(repr, names))} ({field})" for field, names in missing.items())
    near = {
        field: difflib.get_close_matches(names[0], table.columns, n=2, cutoff=0.5) for field, names in missing.items()
    }
    guesses = [f'{field} = "{found[0]}"' for field, found in near.items() if found]
    has = ", ".join(table.columns[:20]) + (" …" if len(table.columns) > 20 else "")
    hint = f"Did you mean {', '.join(guesses)} under {where}? " if guesses else ""
    return InvalidInput(
        "file",
        table.name,
        f"it has no column {named}",
        f"{hint}The file has: {has}.{_of_sheets(table)}",
        code="file.missing_column",
        missing=list(missing),
        columns=table.columns,
    )


def _of_sheets(table: Table) -> str:
    """Return the way out for a workbook whose other sheets hold something else."""
    return ' If this sheet holds no orders, name those that do: [file] sheets = ["…"].' if "#" in table.name else ""
