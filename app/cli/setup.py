"""Set a shop up: its settings, and what it sells, where, from whom, and what lies there; by hand or from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption

SheetName = Annotated[str, typer.Argument(help="locations, channels, products, suppliers, supplier-items or stock.")]
PairsArgument = Annotated[list[str], typer.Argument(metavar="NAME=VALUE", help="Columns and their values.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why stock changes, for the ledger (sheet stock).")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="setup", help="Settings, locations, channels, products, suppliers, opening stock.")
    command(group, "settings", help="Show the shop's settings, or set NAME=VALUE …")(settings)
    command(group, "sheets", help="The sheets and their columns, in the order a new shop fills them in.")(sheets)
    command(group, "list", help="Rows of a sheet, as they can be handed in again.")(list_)
    command(group, "put", help="Make or change one row: SHEET NAME=VALUE …; - empties.")(put)
    command(group, "import", help="Make or change rows from a CSV file; safe to repeat.")(import_)
    app.add_typer(group)


def settings(door: Door, *, given: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE")] = None,
             actor: ActorOption = "cli") -> dict[str, Any]:  # fmt: skip
    """Return the settings, after setting those given."""
    from oms_core.master_data.settings import change_settings, settings_of

    workspace = door.workspace()
    if not given:
        return settings_of(workspace.shop)
    with workspace.transaction() as session:
        return settings_of(change_settings(session, pairs(given), actor=actor))


def sheets(door: Door) -> list[dict[str, Any]]:
    """Return every column of every sheet."""
    del door
    from oms_core.master_data.opening import STOCK
    from oms_core.master_data.sheets import SHEETS

    return [
        {
            "sheet": sheet.name, "column": column.name, "example": column.example,
            "needed": "to name a row" if column.name in sheet.key else "for a new row" if column.is_required else "",
        }
        for sheet in (*SHEETS.values(), STOCK)
        for column in sheet.columns
    ]  # fmt: skip


def list_(
    door: Door,
    *,
    sheet: SheetName,
    search: Annotated[str, typer.Option(help="Part of a text of the row.")] = "",
) -> list[dict[str, Any]]:
    """Return the rows of a sheet."""
    from oms_core.master_data.queries import rows_of

    with door.workspace().reading() as session:
        rows = rows_of(session, sheet, search=search)
    return [{name: cell for name, cell in row.items() if name != "id"} for row in rows]


def put(
    door: Door, *, sheet: SheetName, given: PairsArgument, reason: ReasonOption = "set by hand",
    actor: ActorOption = "cli",
) -> dict[str, Any]:  # fmt: skip
    """Make or change one row; what is wrong with it is the command's error."""
    from app.jobs.setup import hand_in

    outcome = hand_in(door.workspace(), sheet, [pairs(given)], reason=reason, actor=actor)
    if outcome.rejected:
        raise outcome.rejected[0].fault
    return {name: value for name, value in outcome.as_dict().items() if name != "rejected"}


def import_(
    door: Door,
    *,
    sheet: SheetName,
    file: Annotated[Path, typer.Argument(help="CSV with the sheet's columns; comma or semicolon.")],
    rejects: Annotated[Path | None, typer.Option(help="Write rows that were not taken here, with the reason.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and write nothing.")] = False,
    reason: ReasonOption = "imported",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Hand in a file; its good rows are written, the others are told and can be mended and handed in again."""
    from app.jobs.setup import hand_in
    from app.sheet_files import read_rows, write_rejected

    rows = read_rows(file)
    outcome = hand_in(door.workspace(), sheet, rows, reason=reason, actor=actor, dry_run=dry_run)
    for row in outcome.rejected[:20]:
        door.say(f"row {row.number}: [{row.fault.code}] {row.fault} {row.fault.hint}")
    if outcome.rejected and rejects is not None:
        write_rejected(rejects, outcome.rejected)
        door.say(
            f"{len(outcome.rejected)} row(s) that were not taken are in {rejects}: mend them and import that file."
        )
    door.status = 1 if outcome.rejected else 0
    return {"read": len(rows), **outcome.as_dict(), "rejected": len(outcome.rejected)}


def pairs(given: list[str]) -> dict[str, str]:
    """Return NAME=VALUE … as a row.

    Raises
    ------
    InvalidInput
        ``input.pair``.
    """
    from oms_core.kernel.errors import InvalidInput

    for pair in given:
        if "=" not in pair:
            raise InvalidInput("pair", pair, "NAME=VALUE was expected, such as name='My shop'")
    return {name.strip(): value for name, _, value in (pair.partition("=") for pair in given)}
