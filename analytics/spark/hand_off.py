"""The hand-off: the replica's tables as Parquet files with a manifest that says what they are.

One folder holds one hand-off: ``manifest.json`` and a folder of files a table. It belongs to a place in the change
log (the replica's watermark), and is written anew when the replica has moved on. DuckDB writes it file by file, so it
needs no more memory than a query; the manifest comes last, so a hand-off without one was never finished. Large tables
with a business date are split by its month: a month is a file, and a reader of one quarter opens three.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from analytics import duck, layout, past, warehouse
from oms_core.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from analytics.replica import Replica

#: Raised when files are laid out differently; every hand-off is then written anew.
FORMAT = 1
#: From this many rows on a table with a business date is split by month: below, more files cost more than they save.
MONTHLY_ROWS = 500_000
#: Column of the month in split tables; only the folders' names hold it.
MONTH = "business_month"
MANIFEST = "manifest.json"
_RAW = re.compile(r"\braw\.(\w+)")


@dataclass(frozen=True, slots=True)
class Table:
    """One table handed over: its rows, the column its folders are named by, and each file's size and SHA-256."""

    rows: int
    split_by: str
    files: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class HandOff:
    """What a folder holds: tables as they stood at a watermark of a database."""

    folder: Path
    watermark: int
    source: str
    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(table.rows for table in self.tables.values())

    def damaged(self) -> list[str]:
        """Return the files that are missing or whose content is not what the manifest says."""
        return [
            name
            for table in self.tables.values()
            for name, (_, digest) in table.files.items()
            if not (self.folder / name).exists() or _digest(self.folder / name) != digest
        ]


def current(replica: Replica, folder: Path, *, monthly_rows: int = MONTHLY_ROWS) -> HandOff:
    """Return the hand-off of a refreshed replica: the one in the folder when it is still true, else a new one.

    Parameters
    ----------
    folder : Path
        Belongs to this replica alone; an older hand-off in it is deleted once the new one is whole.
    monthly_rows : int
        Rows from which a table is split by month.
    """
    with replica.cursor() as cursor:
        kept = duck.state(cursor)
        source, watermark = (kept.source, kept.mark.watermark) if kept else ("", 0)
        identity = hashlib.sha256(f"{FORMAT} {source} {layout.fingerprint()} {kept and kept.settings}".encode())
        found = read(folder)
        if found is not None and (found.watermark, found.source) == (watermark, identity.hexdigest()):
            return found
        return _write(cursor, folder, HandOff(folder, watermark, identity.hexdigest(), {}), monthly_rows)


def known(replica: Replica, folder: Path, at: datetime, *, monthly_rows: int = MONTHLY_ROWS) -> HandOff:
    """Return the hand-off of the tables as they were known at an instant (`analytics.past`)."""
    with past.Past(replica, at) as before:
        kept = duck.state(before.cursor)
        source, watermark = (kept.source, kept.mark.watermark) if kept else ("", 0)
        text = f"{FORMAT} {source} {layout.fingerprint()} {kept and kept.settings} {at.astimezone(UTC).isoformat()}"
        identity = hashlib.sha256(text.encode()).hexdigest()
        found = read(folder)
        if found is not None and (found.watermark, found.source) == (watermark, identity):
            return found
        return _write(before.cursor, folder, HandOff(folder, watermark, identity, {}), monthly_rows, before.table)


def read(folder: Path) -> HandOff | None:
    """Return the hand-off in a folder; None when there is none, or files are missing or cut short."""
    try:
        stored = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        tables = {
            name: Table(t["rows"], t["split_by"], {n: (size, digest) for n, (size, digest) in t["files"].items()})
            for name, t in stored["tables"].items()
        }
        whole = all((folder / n).stat().st_size == size for t in tables.values() for n, (size, _) in t.files.items())
        return HandOff(folder, stored["watermark"], stored["source"], tables) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def named(sql: str) -> list[str]:
    """Return the replicated tables a query names, sorted."""
    return sorted(set(_RAW.findall(sql)))


def tables() -> list[str]:
    """Return the replicated tables that models read, sorted: the others are not handed over."""
    return named("\n".join(warehouse.models().values()))


def _write(
    cursor: duckdb.DuckDBPyConnection,
    folder: Path,
    wanted: HandOff,
    monthly_rows: int,
    holds: Callable[[str], str] = "raw.{}".format,
) -> HandOff:
    """Write every table (``holds`` says what holds its rows), the manifest last; what was in the folder goes first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    written = {name: _table(cursor, folder, (name, holds(name)), monthly_rows) for name in tables()}
    found = HandOff(folder, wanted.watermark, wanted.source, written)
    stored: dict[str, Any] = {
        "format": FORMAT, "watermark": found.watermark, "source": found.source, "rows": found.rows,
        "written_at": clock.now().isoformat(), "tables": {name: asdict(table) for name, table in written.items()},
    }  # fmt: skip
    part = folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(stored, indent=1), encoding="utf-8")
    part.replace(folder / MANIFEST)
    return found


def _table(cursor: duckdb.DuckDBPyConnection, folder: Path, named: tuple[str, str], monthly_rows: int) -> Table:
    """Write one table (its name, and what holds its rows); columns keep the replica's types."""
    name, held = named
    rows = int(duck.run(cursor, f"SELECT count(*) FROM {held}")[0][0])
    dated = name != "shop" and any(c.name == "business_date" for c in layout.columns(name))
    target = folder / name
    target.mkdir()
    path = str(target).replace("'", "''")
    if dated and rows >= monthly_rows:
        duck.run(
            cursor,
            f"COPY (SELECT *, strftime(business_date, '%Y-%m') AS {MONTH} FROM {held}) TO '{path}'"
            f" (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({MONTH}), OVERWRITE_OR_IGNORE)",
        )
    else:
        duck.run(cursor, f"COPY (SELECT * FROM {held}) TO '{path}/all.parquet' (FORMAT parquet, COMPRESSION zstd)")
    files = {
        str(file.relative_to(folder)): (file.stat().st_size, _digest(file))
        for file in sorted(target.rglob("*.parquet"))
    }
    return Table(rows, MONTH if dated and rows >= monthly_rows else "", files)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
