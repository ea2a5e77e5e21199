"""Rejected rows: kept as they were, written out to be mended, recognised when they come back."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from oms_core.imports.batch import Batch

if TYPE_CHECKING:
    from oms_core.imports.tables import RejectedRow

#: Columns added to a file of rejected rows; readers leave them out of the raw row.
PLACE, CODE, REASON = "rejected_row", "rejected_code", "rejected_reason"
_OWN = {PLACE, CODE, REASON, "__row"}


def digest(raw: dict[str, Any]) -> str:
    """Return what tells two raw rows apart: a hash of their cells."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def place(file_name: str, row_number: int, sha256: str) -> str:
    """Return the name by which a mended row says what it mends."""
    return f"{file_name}:{row_number}:{sha256[:12]}"


#: A row of a batch: index of its table and its number there.
Spot = tuple[int, int]


def raw_rows(batch: Batch, wanted: Iterable[Spot]) -> dict[Spot, dict[str, Any]]:
    """Return rows as they stood in their files, with their orders' columns if those came from a second file."""
    spots = list(wanted)
    heads = {spot: batch.joined[spot] for spot in spots if spot in batch.joined}
    cells = _cells(batch, [*spots, *heads.values()])
    found = {}
    for spot in spots:
        raw = cells.get(spot, {})
        head = cells.get(heads[spot], {}) if spot in heads else {}
        # a name both files have gets "orders." before the orders' one
        found[spot] = raw | {(f"orders.{k}" if k in raw else k): v for k, v in head.items()}
    return found


def _cells(batch: Batch, spots: list[Spot]) -> dict[Spot, dict[str, Any]]:
    """Return the cells of rows; every table is searched once."""
    found: dict[Spot, dict[str, Any]] = {}
    for index in {table for table, _ in spots}:
        source = batch.tables[index]
        numbers = pl.DataFrame({"__row": [row for table, row in spots if table == index]}, schema={"__row": pl.Int64})
        for cells in source.frame.join(numbers, on="__row", how="semi").iter_rows(named=True):
            found[index, cells["__row"]] = {k: v for k, v in cells.items() if k not in _OWN}
        found |= {(index, row): source.extra[row] for row in numbers["__row"] if row in source.extra}
    return found


def rejected_rows(batch: Batch) -> pl.DataFrame:
    """Return the refused rows of a batch with file, raw cells (JSON), their hash, code and reason."""
    made = []
    raws = raw_rows(batch, batch.rejected.select("table", "row").iter_rows())
    for table, row, order, code, reason in batch.rejected.iter_rows():
        raw = raws[table, row]
        made.append(
            (
                batch.tables[table].name[:300],
                row,
                order,
                digest(raw),
                json.dumps(raw, ensure_ascii=False, default=str),
                code,
                reason,
                batch.places.get((table, row)),
            )
        )
    schema = dict.fromkeys(
        ("file_name", "row_number", "external_id", "raw_sha256", "raw", "code", "reason", "place"), pl.String
    )
    return pl.DataFrame(made, schema=schema | {"row_number": pl.Int64}, orient="row")


def mended(batch: Batch, known: list[RejectedRow]) -> pl.DataFrame:
    """Return which good rows stand for a row rejected before.

    A row is recognised by the ``rejected_row`` column of the file written for mending, or by standing at
    the same place of a file of the same name with at least half of its cells unchanged.

    Returns
    -------
    polars.DataFrame
        ``table, row, rejected_id, is_open, by_name`` (`is_open`: not mended before; `by_name`: through
        the column).
    """
    schema = {"table": pl.Int32, "row": pl.Int64, "rejected_id": pl.Int64, "is_open": pl.Boolean, "by_name": pl.Boolean}
    if not known:
        return pl.DataFrame(schema=schema)
    made = [*_by_column(batch, known), *_by_place(batch, known)]
    return pl.DataFrame(made, schema=schema, orient="row").unique(["table", "row"], keep="first", maintain_order=True)


def _by_column(batch: Batch, known: list[RejectedRow]) -> Iterable[tuple[int, int, int, bool, bool]]:
    names = {place(r.file_name, r.row_number, r.raw_sha256): r for r in known}
    told = batch.rows.filter(pl.col("place").is_not_null()).select("table", "row", "place")
    for table, row, name in told.iter_rows():
        if name in names:
            yield table, row, names[name].id, names[name].resolved_at is None, True


def _by_place(batch: Batch, known: list[RejectedRow]) -> Iterable[tuple[int, int, int, bool, bool]]:
    for index, table in enumerate(batch.tables):
        here = {r.row_number: r for r in known if r.file_name == table.name}
        if not here:
            continue
        wanted = pl.Series(list(here), dtype=pl.Int64).implode()
        good = batch.rows.filter((pl.col("table") == index) & pl.col("row").is_in(wanted))
        for (_, row), raw in raw_rows(batch, ((index, row) for row in good["row"])).items():
            if _alike(raw, here[row].raw):
                yield index, row, here[row].id, here[row].resolved_at is None, False


def _alike(now: dict[str, Any], before: dict[str, Any]) -> bool:
    same = sum(now.get(key) == value for key, value in before.items())
    return bool(same * 2 >= len(before))


def write_rejects(path: Path, rows: pl.DataFrame, *, separator: str, encoding: str) -> int:
    """Write rejected rows with the reasons beside their cells; mend them there and import the file again.

    The file is written the way the source writes (separator, encoding), so that the same mapping reads it.
    """
    raws = [json.loads(raw) for raw in rows["raw"]]
    columns = list(dict.fromkeys(key for raw in raws for key in raw))
    with path.open("w", encoding=encoding, errors="xmlcharrefreplace", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([*columns, PLACE, CODE, REASON])
        for raw, row in zip(raws, rows.iter_rows(named=True), strict=True):
            name = row["place"] or place(row["file_name"], row["row_number"], row["raw_sha256"])
            writer.writerow([*(raw.get(c) for c in columns), name, row["code"], row["reason"]])
    return len(raws)
