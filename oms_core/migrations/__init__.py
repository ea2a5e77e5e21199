"""Alembic migrations: create, upgrade and verify the schema of either database."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from oms_core.kernel.database import explained
from oms_core.kernel.errors import DataNotReady

if TYPE_CHECKING:
    import sqlalchemy as sa

FOLDER = Path(__file__).parent


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


@functools.cache
def head() -> str:
    """Return the newest revision this version knows; read from the scripts once a process."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def known() -> set[str]:
    """Return every revision this version knows."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(engine: sa.Engine) -> str | None:
    """Return the database's revision; None when it has no Ordersight schema."""
    with explained(), engine.connect().execution_options(reading=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: sa.Engine, revision: str = "head") -> str:
    """Create or migrate the schema; return the revision reached."""
    with explained(), engine.begin() as connection:
        command.upgrade(_config(connection), revision)
    return current(engine) or ""


def downgrade(engine: sa.Engine, revision: str = "base") -> None:
    """Undo migrations down to `revision`."""
    with explained(), engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def require_current(engine: sa.Engine) -> None:
    """Refuse a database without a schema, or with another version's schema.

    Raises
    ------
    DataNotReady
        ``database.no_schema``, ``database.older`` or ``database.newer``.
    """
    found, wanted = current(engine), head()
    if found == wanted:
        return
    if found is None:
        raise DataNotReady("database.no_schema", "There is no Ordersight shop here yet.", "Run: ordersight init")
    if found in known():
        raise DataNotReady(
            "database.older",
            f"The database is at revision {found}, this version needs {wanted}.",
            "Make a copy of it, then run: ordersight upgrade",
            found=found,
            wanted=wanted,
        )
    raise DataNotReady(
        "database.newer",
        f"The database is at revision {found}, which this version does not know (its newest is {wanted}).",
        "Install the Ordersight version that wrote it.",
        found=found,
        wanted=wanted,
    )
