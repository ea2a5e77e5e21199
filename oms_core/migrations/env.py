"""Alembic environment: runs on the connection the caller opened."""

from __future__ import annotations

from alembic import context

from oms_core.schema import METADATA

#: Made by dialect-specific statements (see `kernel.change_log`), so not in the metadata.
OUTSIDE_METADATA = {"change_log"}


def include(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out of comparisons what is not declared as a table."""
    return not (kind == "table" and name in OUTSIDE_METADATA)


context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, include_name=include)
with context.begin_transaction():
    context.run_migrations()
