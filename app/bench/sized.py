"""A simulated shop of any size in a replica and, for a peer, in PostgreSQL: the same rows in both.

The rows come from `app.demo.simulated.write_parquet`; nothing goes through the operational tables on the way to the
replica, so ten million lines take a minute and not an hour. The replica's tables, models and settings are the real
ones (`analytics.layout`, `analytics.warehouse`), so a query reads what it reads in a shop.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from analytics import duck, layout, warehouse
from analytics.replica import Replica
from app.demo.simulated import write_parquet
from oms_core.kernel.settings import Shop
from oms_core.schema import METADATA, TRACKED

if TYPE_CHECKING:
    import duckdb

#: The simulated merchant: zone and currency of its numbers.
SHOP = Shop(name="Simulated", zone="Europe/Warsaw", currency="PLN", country="PL")
SEED = 1


def shop_files(folder: Path, lines: int) -> Path:
    """Write a shop of about `lines` order lines as Parquet; keep it when it is there already."""
    target = folder / f"lines-{lines}"
    if not (target / "truth" / "settings.json").exists():
        write_parquet(target, lines=lines, seed=SEED)
    return target


def replica_of(files: Path, path: Path) -> Replica:
    """Open a replica file and fill its tables from the shop's files; it is not meant to be refreshed."""
    replica = Replica.open(path, f"sqlite:///{path.with_suffix('.none')}")
    with replica.cursor() as cursor:
        for table in TRACKED:
            duck.run(cursor, layout.create(table))
            fill(cursor, files, table)
        settings = {"zone": SHOP.zone, "currency": SHOP.currency}
        warehouse.install(cursor, {name: json.dumps({"value": value}) for name, value in settings.items()})
        duck.run(cursor, "CHECKPOINT")
    return replica


def fill(cursor: duckdb.DuckDBPyConnection, files: Path, table: str) -> None:
    """Insert a table's files, oldest month first, as the change log would have brought them."""
    if not (files / table).exists():
        return
    parts = f"{files / table}/**/*.parquet"
    described = "SELECT name FROM (DESCRIBE SELECT * FROM read_parquet($p, hive_partitioning=false)) AS d(name)"
    given = duck.run(cursor, described, {"p": parts})
    known, held = {c.name: c.type for c in layout.columns(table)}, {name for (name,) in given}
    values = {name: f'"{name}"' for name in known if name in held} | _defaults(table, held)
    names = ", ".join(f'"{name}"' for name in values)
    typed = ", ".join(f"CAST({value} AS {known[name]})" for name, value in values.items())
    duck.run(
        cursor,
        f"INSERT INTO raw.{table} ({names}) SELECT {typed} FROM read_parquet($p, hive_partitioning=false) ORDER BY id",
        {"p": parts},
    )


def _defaults(table: str, held: set[str]) -> dict[str, str]:
    """Return what the core writes into columns that the files leave out, as SQL."""
    found = {}
    for column in METADATA.tables[table].columns:
        default = column.default
        if column.name not in held and default is not None and default.is_scalar:
            value = default.arg  # type: ignore[attr-defined]
            found[column.name] = f"'{value}'" if isinstance(value, str) else str(value)
    return found
