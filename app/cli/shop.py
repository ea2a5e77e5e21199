"""Commands that make and keep a shop: init, upgrade."""

from __future__ import annotations

from typing import Any

import typer

from app.cli.door import Door, command


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "init", help="Create the schema of a new shop in --home.")(init)
    command(app, "upgrade", help="Migrate an older shop's schema to this version.")(upgrade)


def init(door: Door) -> dict[str, Any]:
    """Create the schema, and the shop's settings when there are none."""
    from app.workspace import Workspace
    from oms_core.kernel.settings import Home, load_shop, save_shop
    from oms_core.migrations import upgrade as migrate

    workspace = Workspace(Home.find(door.home))
    revision = migrate(workspace.engine)
    with workspace.transaction() as session:
        save_shop(session, load_shop(session))
    return {"revision": revision, "home": str(workspace.home.path)}


def upgrade(door: Door) -> dict[str, Any]:
    """Migrate the schema; does nothing on a current one."""
    return init(door)
