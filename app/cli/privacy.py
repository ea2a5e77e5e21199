"""`ordersight customers export-data` and `erase`: what a person may ask of a shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

Row = dict[str, Any]
Number = Annotated[str, typer.Argument(help="Number of the customer, such as CU-000042.")]


def register_on(group: typer.Typer) -> None:
    """Add these commands to ``customers``."""
    command(group, "export-data", own_out=True)(export_data)
    command(group, "erase")(erase)


def register(app: typer.Typer) -> None:
    """Add this module's own commands to the tree."""
    group = typer.Typer(help="How long what tells who somebody is may be kept.", no_args_is_help=True)
    command(group, "retention")(retention)
    app.add_typer(group, name="privacy")


def export_data(
    door: Door,
    *,
    number: Number,
    out: Annotated[
        Path, typer.Option("--out", help="JSON file; FILE.txt, to be read by people, is written beside it.")
    ],
    actor: ActorOption = "cli",
) -> Row:
    """Write everything held about a person to a file."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.privacy import disclosure

    with door.workspace().transaction() as session:
        found = disclosure.disclose(session, number=number, actor=actor)
        try:
            out.write_text(json.dumps(found, ensure_ascii=False, indent=2, default=_plain) + "\n", encoding="utf-8")
            readable = out.with_name(out.name + ".txt")
            readable.write_text(disclosure.in_words(found), encoding="utf-8")
        except OSError as error:
            raise InvalidInput(
                "out", str(out), f"it cannot be written ({error.strerror})", code="export.out"
            ) from error
    return {
        "number": found["number"], "file": str(out), "readable": str(readable), "rows": disclosure.rows_of(found),
        "tables": {name: len(rows) for name, rows in found["tables"].items()}, "exports": len(found["exports"]),
        "reports": len(found["reports"]), "events": len(found["events"]),
    }  # fmt: skip


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def erase(
    door: Door,
    *,
    number: Number,
    confirm: Annotated[str, typer.Option("--confirm", help="The number once more: it cannot be undone.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be found; change nothing.")] = False,
    actor: ActorOption = "cli",
) -> Row:
    """Erase a person: name, addresses and words go; orders, money and stock stay. Lists files that held them."""
    from oms_core.privacy import erasure

    workspace = door.workspace()
    with workspace.transaction() as session:
        if dry_run:
            return erasure.preview(session, number=number)
        found = erasure.erase(session, number=number, confirmed=confirm, actor=actor)
    workspace.replica.refresh()
    return found


def retention(
    door: Door,
    *,
    guest_address_days: Annotated[
        int | None, typer.Option("--guest-address-days", min=0, help="Names and streets of guests' finished orders.")
    ] = None,
    answer_days: Annotated[
        int | None, typer.Option("--answer-days", min=0, help="Answers kept for repeated requests of the API.")
    ] = None,
    rejected_row_days: Annotated[
        int | None, typer.Option("--rejected-row-days", min=0, help="Text of imported rows that were put right since.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Empty now what is past its keeping; the night does it too.")
    ] = False,
    actor: ActorOption = "cli",
) -> Row:
    """Show or change how long things are kept, in days; 0 keeps for good. Nothing is thrown away unless set."""
    from dataclasses import asdict

    from oms_core.privacy import retention as rules

    given = {
        "guest_address_days": guest_address_days, "answer_days": answer_days, "rejected_row_days": rejected_row_days,
    }  # fmt: skip
    changes = {name: days for name, days in given.items() if days is not None}
    with door.workspace().transaction() as session:
        if changes:
            rules.set_retention(session, changes, actor=actor)
        emptied = rules.apply_retention(session, actor=actor) if apply else {}
        return asdict(rules.retention(session)) | ({"emptied": emptied} if apply else {})
