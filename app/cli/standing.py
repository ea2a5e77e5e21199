"""`metrics report`: the ready reports on the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command

#: Words that a table for people leaves out: it would not fit.
_LONG = ("title", "category", "supplier", "name")


def register(group: typer.Typer) -> None:
    """Add this module's command to the group of numbers."""
    command(group, "report", help="Print a ready report: sold_out, overstock, suppliers, delivery, demand.")(report)


def report(
    door: Door,
    name: Annotated[str | None, typer.Argument(help="Which report; their list when left out.")] = None,
    *,
    since: Annotated[str | None, typer.Option(help="First day, for reports over a period.")] = None,
    until: Annotated[str | None, typer.Option(help="Day after the last one.")] = None,
    where: Annotated[str | None, typer.Option(help="Filter on dimensions, for reports over a period.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="How many rows to keep.")] = None,
) -> list[dict[str, Any]]:
    """Refresh the replica, then answer."""
    from analytics import standing
    from analytics.periods import parse_day
    from app.jobs.standing import rows

    if name is None:
        return [{"report": r.slug, "question": r.question, "says": r.says} for r in standing.REPORTS]
    standing.report(name)
    days = {"since": parse_day("since", since), "until": parse_day("until", until)}
    workspace = door.workspace()
    workspace.replica.refresh()
    told = rows(workspace, name, where=where, top=top, **days)
    if door.format != "table":
        return told
    return [{key: value for key, value in row.items() if key not in _LONG} for row in told]
