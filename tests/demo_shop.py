"""Demo shops for tests: built once, from the last weeks of the data."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import oms_core.schema  # noqa: F401 - the laws look at every table
from app.demo.build import Extent
from app.demo.shop import ensure
from oms_core.audit import laws
from oms_core.kernel import clock
from oms_core.kernel.database import reading
from oms_core.kernel.settings import Home

SMALL = Extent(weeks=3, replay_days=2)
SEED = 7
#: Columns that nobody may foresee.
_SECRET = {"payment_token"}
#: What depends on the machine and not on the seed.
_PASSING = {"import_runs", "shop_settings", "change_log", "sqlite_sequence"}


def make(path: Path, *, seed: int = SEED, extent: Extent = SMALL) -> dict[str, Any]:
    return ensure(Home(path), seed=seed, extent=extent, progress=lambda _what, _share: None)


def make_whole(path: Path) -> dict[str, Any]:
    return make_small(path, extent=Extent())


def make_small(path: Path, *, extent: Extent = SMALL) -> dict[str, Any]:
    """Make a shop and put the process's clock back."""
    before = clock.offset()
    try:
        return make(path, extent=extent)
    finally:
        clock.set_offset(before)


def copy_of(built: Path, home: Path) -> Path:
    """Copy a built home without what a running one leaves."""
    return shutil.copytree(built, home, ignore=shutil.ignore_patterns("*.duckdb", "*.lock"))


def broken(engine: sa.Engine) -> list[dict[str, Any]]:
    with reading(engine) as session:
        return [law for law in laws.run(session) if law["broken"]]


def fingerprint(path: Path) -> dict[str, tuple[int, str]]:
    """Rows and hash of every table."""
    found = {}
    with sqlite3.connect(path / "oms.db") as connection:
        names = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in sorted(set(names) - _PASSING):
            columns = [r[1] for r in connection.execute(f"PRAGMA table_info({name})") if r[1] not in _SECRET]
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name} ORDER BY 1").fetchall()
            found[name] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    connection.close()
    return found
