"""`metrics report`: the ready reports on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    import polars as pl


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
    from oms_core.kernel.errors import InvalidInput

    if name is None:
        return [{"report": r.slug, "question": r.question, "says": r.says} for r in standing.REPORTS]
    wanted = standing.report(name)
    if wanted.is_list and (since or until or where):
        given = "where" if where else "since" if since else "until"
        raise InvalidInput(given, where or since or until, f"{name} is a list as of today", "Leave it out.")
    days = {"since": parse_day("since", since), "until": parse_day("until", until)}
    workspace = door.workspace()
    workspace.replica.refresh()
    frame = standing.answer(workspace.replica, workspace.shop, wanted, where=where, **days)
    return _rows(frame.head(top) if top else frame, wanted, short=door.format == "table")


def _rows(frame: pl.DataFrame, wanted: Any, *, short: bool) -> list[dict[str, Any]]:
    """Return rows with money as decimals; a table for people leaves the long words out."""
    from analytics.standing import columns
    from oms_core.kernel.money import to_decimal

    shown = [c for c in columns(wanted) if not (short and c.name in {"title", "category"})]
    rows = []
    for row in frame.iter_rows(named=True):
        told = {}
        for column in shown:
            value = row[column.name]
            if column.kind == "money" and value is not None:
                value = to_decimal(value, row["currency"])
            told[column.name.removesuffix("_minor")] = value
        rows.append(told | ({"currency": row["currency"]} if "currency" in row else {}))
    return rows
