"""Snapshots, lists, history, overlap and differences of segments; RFM cut points and clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.workspace import Workspace

Name = Annotated[str, typer.Argument(metavar="NAME", help="A segment's name.")]
Language = Annotated[str, typer.Option("--language", help="Language of the sentences: en or pl.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most rows.")]


def register_on(group: typer.Typer) -> None:
    """Add these commands to ``segments``."""
    command(group, "snapshot")(snapshot)
    command(group, "history")(history)
    command(group, "movements")(movements)
    command(group, "freeze")(freeze)
    command(group, "retire")(retire)
    command(group, "versions")(versions)
    command(group, "diff")(diff)
    command(group, "undo")(undo)
    command(group, "overlap")(overlap)
    command(group, "strategy")(strategy)
    command(group, "rfm")(rfm)
    command(group, "clusters")(clusters)


def snapshot(door: Door) -> list[dict[str, Any]]:
    """Count every living segment and keep who came and went, and why."""
    from app.jobs import segment_history

    return segment_history.snapshot(_ready(door), actor="cli")


def history(door: Door, name: Name, limit: Limit = 30) -> list[dict[str, Any]]:
    """Show how a segment grew: one row a snapshot, newest first."""
    from app.jobs import segments
    from oms_core.kernel.money import to_decimal
    from oms_core.marketing import snapshot_queries

    workspace = door.workspace()
    found = segments.library(workspace).find(name)
    with workspace.reading() as session:
        rows = snapshot_queries.snapshots(session, found.name, limit=limit)
    return [
        {
            "at": row["at"], "date": row["business_date"], "version": row["version"], "by": row["trigger_kind"],
            "members": row["members"], "entered": row["entered_count"], "left": row["left_count"],
            "reachable": row["reachable"].get("email"), "currency": row["currency"],
            "spent_12m": to_decimal(row["spent_12m_minor"], row["currency"]),
        }
        for row in rows
    ]  # fmt: skip


def movements(door: Door, name: Name, limit: Limit = 50, language: Language = "en") -> list[dict[str, Any]]:
    """Show who came into a segment and who went, and which clause changed from what to what."""
    from app.jobs import segments
    from oms_core.marketing import snapshot_queries
    from segmentation.reason_words import told

    workspace = door.workspace()
    found = segments.library(workspace).find(name)
    with workspace.reading() as session:
        rows = snapshot_queries.movements(session, found.name, limit=limit)
    return [
        {
            "date": row["business_date"], "number": row["number"], "name": row["name"], "kind": row["kind"],
            "because": "; ".join(told(one, language) for one in row["because"] or []),
        }
        for row in rows
    ]  # fmt: skip


def freeze(
    door: Door,
    expression: Annotated[str, typer.Argument(metavar="NAME|EXPR", help="Whose members of today.")],
    name: Annotated[str, typer.Option("--as", help="Name of the list.")],
) -> dict[str, Any]:
    """Keep today's members as a list that never changes by itself."""
    from app.jobs import segment_history

    return segment_history.freeze(_ready(door), expression, name=name)


def retire(door: Door, name: Name) -> dict[str, Any]:
    """Take a saved segment out of the list; its versions and its history stay."""
    from oms_core.marketing.commands import retire_segment

    with door.workspace().transaction() as session:
        retire_segment(session, name=name, actor="cli")
    return {"name": name, "retired": True}


def versions(door: Door, name: Name) -> list[dict[str, Any]]:
    """List the definitions a segment ever had, newest first."""
    from app.jobs import segment_history

    return segment_history.versions(door.workspace(), name)


def diff(
    door: Door,
    name: Name,
    older: Annotated[int | None, typer.Option("--from", help="A version; the one before if left away.")] = None,
    newer: Annotated[int | None, typer.Option("--to", help="A version; the newest if left away.")] = None,
) -> dict[str, Any]:
    """Compare two versions of a segment: clauses, and whom the change lets in and leaves out today."""
    from app.jobs import segment_history

    found = segment_history.diff(_ready(door), name, older=older, newer=newer)
    return {
        "from": found.older.version, "to": found.newer.version, "added": list(found.added),
        "removed": list(found.removed), "kept": list(found.kept), "members_in": found.joined,
        "members_out": found.gone,
    }  # fmt: skip


def undo(door: Door, name: Name) -> dict[str, Any]:
    """Give a segment the definition it had before its last change."""
    from app.jobs import segment_history

    kept = segment_history.undo(door.workspace(), name)
    return {"name": kept.name, "version": kept.version, "expression": kept.expression}


def overlap(
    door: Door,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Segments; all if left away.")] = None,
) -> Any:
    """Show how many customers each two segments share: of the members of A, how many are in B too."""
    from app.jobs import segments

    return segments.overlap_matrix(_ready(door), names or ())


def strategy(
    door: Door,
    expression: Annotated[str, typer.Argument(metavar="NAME|EXPR", help="A segment's name, or an expression.")],
    language: Language = "en",
) -> dict[str, str]:
    """Say what to do about a segment and how to speak to it."""
    from app.jobs import segments
    from segmentation.strategies import strategy_for

    found = segments.evaluate(_ready(door), expression)
    return strategy_for(found.segment, found.members).said(language)


def rfm(door: Door) -> dict[str, Any]:
    """Show the cut points of recency, frequency and money, and the size and worth of each group."""
    from app.jobs import segment_models

    return segment_models.rfm(_ready(door))


def clusters(
    door: Door,
    save: Annotated[bool, typer.Option("--save", help="Keep them: the attribute cluster speaks of them.")] = False,  # noqa: FBT002 - an option, given by name
    seed: Annotated[int, typer.Option("--seed", help="Another seed draws other samples.")] = 0,
    language: Language = "en",
) -> dict[str, Any]:
    """Find clusters of customers; with --save keep them as the next version."""
    from app.jobs import segment_models

    return segment_models.clusters(_ready(door), save=save, seed=seed, language=language)


def _ready(door: Door) -> Workspace:
    """Open the shop and bring its replica up to date."""
    workspace = door.workspace()
    workspace.replica.refresh()
    return workspace
