"""Commands that make and keep a shop: init, upgrade, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "init", help="Create the schema of a new shop in --home.")(init)
    command(app, "upgrade", help="Migrate an older shop's schema to this version.")(upgrade)
    command(app, "backup", help="Write a consistent copy of the shop to FILE while it runs.")(backup)
    command(app, "restore", help="Put a verified backup in the place of the shop.")(restore)


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


def backup(door: Door, file: Annotated[Path, typer.Argument(help="Where the copy goes.")]) -> dict[str, Any]:
    """Copy the shop into one file with rows and checksum inside."""
    from app.backup.copies import backup as copy

    return copy(door.workspace(), file)


def restore(door: Door, file: Annotated[Path, typer.Argument(help="A file made by backup.")]) -> dict[str, Any]:
    """Verify a backup from end to end, then put it in place; an empty home becomes the shop."""
    from app.backup.copies import restore as put_back
    from app.workspace import Workspace
    from oms_core.kernel.settings import Home

    workspace = Workspace(Home.find(door.home))
    door.opened.append(workspace)
    return put_back(workspace, file)
