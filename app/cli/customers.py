"""`ordersight customers`: one person known twice made one and parted again; what a person may ask of a shop."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli import privacy
from app.cli.door import Door, command
from app.cli.order_words import ActorOption

Row = dict[str, Any]
Kept = Annotated[str, typer.Argument(help="Number of the customer that stays, such as C-000042.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="What a person may ask, and one person known twice.", no_args_is_help=True)
    command(group, "merge", help="Make one customer part of another; orders, credit and consents follow.")(merge)
    command(group, "undo-merge", help="Part two customers again; what was ordered since stays.")(undo)
    command(group, "merges", help="List merges, newest first.")(merges)
    privacy.register_on(group)
    app.add_typer(group, name="customers")


def merge(
    door: Door,
    *,
    kept: Kept,
    other: Annotated[str, typer.Option("--other", help="Number of the customer that becomes part of the first.")],
    reason: Annotated[str, typer.Option("--reason", help="Why they are one, for the journal.")],
    actor: ActorOption = "cli",
) -> Row:
    """Merge and return the merge."""
    from oms_core.merging import commands, queries

    with door.workspace().transaction() as session:
        made = commands.merge_customers(session, kept=kept, merged=other, reason=reason, actor=actor)
        return queries.merges_of(session, merge_id=made.id)[0]


def undo(
    door: Door,
    *,
    merge_id: Annotated[int, typer.Argument(help="Id of the merge.")],
    actor: ActorOption = "cli",
) -> Row:
    """Undo and return the merge."""
    from oms_core.merging import commands, queries

    with door.workspace().transaction() as session:
        commands.undo_merge(session, merge_id=merge_id, actor=actor)
        return queries.merges_of(session, merge_id=merge_id)[0]


def merges(
    door: Door, *, customer: Annotated[str, typer.Option("--customer", help="Of one customer.")] = ""
) -> list[Row]:
    """Return merges."""
    from oms_core.merging import queries

    with door.workspace().reading() as session:
        return queries.merges_of(session, customer)
