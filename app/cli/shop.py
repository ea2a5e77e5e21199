"""Commands that make and keep a shop: init, upgrade, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "init", help="Create the schema of a new shop in --home.")(init)
    command(app, "upgrade", help="Migrate an older shop's schema to this version.")(upgrade)
    command(app, "backup", help="Write a consistent copy of the shop to FILE while it runs.")(backup)
    command(app, "restore", help="Put a verified backup in the place of the shop.")(restore)


def init(
    door: Door,
    *,
    name: Annotated[str | None, typer.Option(help="Name of the shop.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of its business days, such as Europe/Warsaw.")] = None,
    currency: Annotated[str | None, typer.Option(help="Its currency, such as PLN.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country, such as PL.")] = None,
    language: Annotated[str | None, typer.Option(help="en or pl.")] = None,
) -> dict[str, Any]:
    """Create the schema, and the shop's settings when there are none; those given are set."""
    from oms_core.master_data.settings import change_settings

    given = {"name": name, "zone": zone, "currency": currency, "country": country, "language": language}
    said = {setting: value for setting, value in given.items() if value is not None}
    workspace, revision = _migrated(door)
    with workspace.transaction() as session:
        shop = change_settings(session, said, actor="cli")
    told = {"name": shop.name, "zone": shop.zone, "currency": shop.currency}
    return {"revision": revision, "home": str(workspace.home.path), **told}


def upgrade(door: Door) -> dict[str, Any]:
    """Migrate the schema; does nothing on a current one."""
    workspace, revision = _migrated(door)
    return {"revision": revision, "home": str(workspace.home.path)}


def _migrated(door: Door) -> tuple[Workspace, str]:
    from app.workspace import Workspace
    from oms_core.kernel.settings import Home, load_shop, save_shop
    from oms_core.migrations import upgrade as migrate

    workspace = Workspace(Home.find(door.home))
    revision = migrate(workspace.engine)
    with workspace.transaction() as session:
        save_shop(session, load_shop(session))
    return workspace, revision


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
