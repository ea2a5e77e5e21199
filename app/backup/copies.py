"""Back up a shop while it runs; restore one, verified first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.backup import archive, postgres_copy, sqlite_copy
from oms_core import migrations
from oms_core.kernel import clock
from oms_core.kernel.database import explained
from oms_core.kernel.errors import DataNotReady, Refused

if TYPE_CHECKING:
    from app.workspace import Workspace


def backup(workspace: Workspace, out: Path) -> dict[str, Any]:
    """Write a consistent copy of the shop to one file; the shop goes on working.

    Returns
    -------
    dict
        ``bytes`` (of the file), ``rows`` (of all tables), ``checksum`` (SHA-256 of the data).
    """
    kind, made_at = workspace.engine.dialect.name, clock.now().isoformat()
    revision = migrations.current(workspace.engine) or ""
    with archive.writing(out) as writer:
        if kind == "sqlite":
            tables = sqlite_copy.add_copy(_file_of(workspace), writer, out.parent)
        else:
            with explained():
                tables = postgres_copy.add_copy(workspace.engine, writer)
        manifest = archive.Manifest(kind, revision, made_at, tables, writer.checksum)
        writer.finish(manifest)
    return {"bytes": out.stat().st_size, "rows": manifest.rows, "checksum": manifest.checksum}


def restore(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Put a backup in the place of the shop.

    The file is read to its end and its checksum, kind and rows are compared before anything is
    replaced. A SQLite shop that was there is kept as ``before-restore-N.db``.

    Returns
    -------
    dict
        ``bytes, rows, checksum`` as the backup said, ``revision`` of the data, and ``kept``: where
        the replaced shop is (None on PostgreSQL or when there was none).

    Raises
    ------
    Refused
        ``backup.other_database``: made from the other kind of database.
    InvalidInput, NotFound, DataNotReady
        No, a damaged, or another version's backup.
    """
    manifest = archive.verified(path)
    kind = workspace.engine.dialect.name
    if manifest.database != kind:
        raise Refused(
            "backup.other_database",
            f"{path.name} was made from {manifest.database}, this shop's database is {kind}.",
            "Restore it where ORDERSIGHT_DATABASE_URL names the same kind of database.",
        )
    kept = None
    if kind == "sqlite":
        _require_known(manifest.revision)
        workspace.close()
        kept = sqlite_copy.put_back(path, manifest, _file_of(workspace))
    else:
        _require_same_schema(workspace, manifest.revision)
        with explained():
            postgres_copy.put_back(path, manifest, workspace.engine)
    told = {"bytes": path.stat().st_size, "rows": manifest.rows, "checksum": manifest.checksum}
    return told | {"revision": manifest.revision, "kept": str(kept) if kept else None}


def _file_of(workspace: Workspace) -> Path:
    return Path(workspace.home.database_url.removeprefix("sqlite:///"))


def _require_known(revision: str) -> None:
    """Refuse data of a schema this version has never heard of."""
    if revision not in migrations.known():
        raise DataNotReady(
            "backup.newer",
            f"The backup's schema {revision} is not known to this version.",
            "Install the Ordersight version that made it.",
        )


def _require_same_schema(workspace: Workspace, revision: str) -> None:
    """Make the schema where there is none; refuse another one than the backup's."""
    found = migrations.current(workspace.engine) or migrations.upgrade(workspace.engine)
    if found != revision:
        raise DataNotReady(
            "backup.other_schema",
            f"The backup's schema is {revision}, this database is at {found}.",
            "Restore with the Ordersight version that made it, then run: ordersight upgrade",
        )
