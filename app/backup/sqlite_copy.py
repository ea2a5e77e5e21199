"""Copy a SQLite shop while it runs, and put a copy back into the running file."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.backup.archive import Manifest, Writer, blocks
from oms_core.kernel.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBER = "oms.db"
#: Seconds the restore waits for other processes to let go of the database.
WAIT_SECONDS = 10.0


def add_copy(database: Path, writer: Writer, folder: Path) -> dict[str, int]:
    """Add a consistent copy of the database to a backup; return its rows by table.

    SQLite's own online backup: writers go on, and the copy is the state at one moment.
    """
    with _scratch(folder) as copy:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        rows = examined(copy)
        with copy.open("rb") as file:
            writer.add(MEMBER, blocks(file))
    return rows


def put_back(path: Path, manifest: Manifest, database: Path) -> Path | None:
    """Put a verified backup in the place of the shop's database.

    The copy is unpacked and examined first. Then it is written over the database page by page in
    one transaction of SQLite's own, so that readers see the old shop or the new one and a crash
    leaves the old one. The shop that was there is kept beside it.

    Returns
    -------
    Path or None
        Where the shop that was there is kept; None when there was none.

    Raises
    ------
    InvalidInput
        ``backup.rows``: the copy does not hold what its manifest says.
    Conflict
        ``backup.in_use``: another process keeps writing.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(database.parent) as copy:
        with zipfile.ZipFile(path) as file, file.open(MEMBER) as member, copy.open("wb") as target:
            shutil.copyfileobj(member, target, 1 << 20)
        if examined(copy) != manifest.tables:
            raise InvalidInput(
                "file", str(path), "it does not hold the rows it says", "Take another copy.", code="backup.rows"
            )
        kept = _keep(database)
        _overwrite(copy, database)
    return kept


def examined(database: Path) -> dict[str, int]:
    """Return rows by table of a database file that is sound.

    Raises
    ------
    InvalidInput
        ``backup.damaged``: SQLite finds a fault in the file.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise InvalidInput(
                "file", str(database), f"SQLite finds it damaged ({verdict})", "Take another copy.",
                code="backup.damaged",
            )  # fmt: skip
        listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        names = [name for (name,) in connection.execute(listed)]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def _keep(database: Path) -> Path | None:
    """Copy the shop that is there aside, under the first free name."""
    if not database.exists():
        return None
    numbers = iter(range(1, 10_000))
    kept = next(p for n in numbers if not (p := database.with_name(f"before-restore-{n}.db")).exists())
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(kept)) as target:
        source.backup(target)
    return kept


def _overwrite(copy: Path, database: Path) -> None:
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(database, timeout=WAIT_SECONDS)) as target:
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            raise Conflict(
                "backup.in_use",
                f"The shop's database is in use ({error}); nothing was changed.",
                "Stop the dashboard, the worker and imports, then restore again.",
            ) from error


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give the name of a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as made:
        yield Path(made) / MEMBER
