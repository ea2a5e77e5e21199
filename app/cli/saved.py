"""Questions kept under a name: save, show, answer, delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.jobs.questions import Answer

#: Who the journal names; who holds the shop's files may change everybody's questions.
ACTOR = "cli"

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the saved question.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Split by this dimension; may be given more than once.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree, below `metrics`."""
    metrics = next(g.typer_instance for g in app.registered_groups if g.name == "metrics")
    group = typer.Typer(help="Questions kept under a name.", no_args_is_help=True)
    if metrics is not None:
        metrics.add_typer(group, name="saved")
    command(group, "list", help="List the saved questions.")(list_saved)
    command(group, "show", help="Show one saved question.")(show)
    command(group, "save", help="Save a question under a name.")(save)
    command(group, "run", own_out=True, help="Answer a saved question; with --out write CSV, XLSX or PDF.")(run)
    command(group, "delete", help="Delete a saved question.")(delete)


def list_saved(door: Door) -> list[dict[str, Any]]:
    """List every question with its owner and what it asks."""
    from oms_core.reporting.saved import queries

    with door.workspace().reading() as session:
        return [_told(query) for query in queries(session)]


def _told(query: dict[str, Any]) -> dict[str, Any]:
    asked = query["question"]
    return {
        "name": query["name"],
        "owner": query["owner"],
        "shared": query["is_shared"],
        "metrics": ", ".join(asked.get("metrics", ())),
        "by": ", ".join(asked.get("by", ())),
        "period": asked.get("period", ""),
        "where": asked.get("where", ""),
        "compare": asked.get("compare", ""),
        "top": asked.get("top"),
        "saved_at": query["saved_at"],
    }


def show(door: Door, name: Name) -> dict[str, Any]:
    """Return one question as it is kept."""
    from oms_core.reporting.saved import find_query

    with door.workspace().reading() as session:
        query = find_query(session, name)
        columns = ("name", "owner", "is_shared", "saved_at", "question")
        return {column: getattr(query, column) for column in columns}


def save(
    door: Door,
    name: Name,
    slugs: Annotated[list[str], typer.Argument(metavar="SLUG...", help="Metrics, in the order of the columns.")],
    *,
    by: By = None,
    period: Annotated[
        str | None, typer.Option(help="yesterday, last_week, last_month, 7d, 28d, mtd, ytd, all …")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, in the shop's zone; with --until.")] = None,
    until: Annotated[str | None, typer.Option(help="Day after the last one, in the shop's zone.")] = None,
    where: Annotated[str, typer.Option(help="Filter on dimensions, such as \"country = 'DE'\".")] = "",
    compare: Annotated[str, typer.Option(help="previous or year.")] = "",
    top: Annotated[int | None, typer.Option(help="Keep the largest rows by the first metric.")] = None,
    private: Annotated[bool, typer.Option("--private", help="List it for its owner alone.")] = False,
) -> dict[str, Any]:
    """Check a question and keep it; the same name of the same owner is replaced."""
    from datetime import timedelta

    from analytics import inquiry
    from analytics.periods import parse_day
    from oms_core.kernel import clock
    from oms_core.reporting.saved import save_query

    workspace = door.workspace()
    first, end = parse_day("since", since), parse_day("until", until)
    asked = inquiry.Inquiry(
        tuple(slugs), tuple(by or ()), period or ("custom" if first or end else "28d"),
        first, end - timedelta(days=1) if end else None, where, compare, top,
    )  # fmt: skip
    inquiry.require(asked, clock.business_date(clock.now(), workspace.shop.zone))
    with workspace.transaction() as session:
        kept = save_query(session, name=name, question=asked.as_dict(), owner=ACTOR, shared=not private)
        return {"name": kept.name, "question": kept.question}


def run(
    door: Door,
    name: Name,
    *,
    out: Annotated[Path | None, typer.Option(help="Write .csv, .xlsx or .pdf instead.")] = None,
    language: Annotated[str, typer.Option(help="en or pl: words and number signs of the file.")] = "en",
) -> list[dict[str, Any]] | dict[str, Any]:
    """Refresh the replica, then answer."""
    from analytics.inquiry import from_dict
    from app.jobs.questions import answer
    from oms_core.reporting.saved import find_query

    workspace = door.workspace()
    with workspace.reading() as session:
        query = find_query(session, name)
    workspace.replica.refresh()
    found = answer(workspace, from_dict(query.question))
    return _rows(found) if out is None else _write(found, query.name, out, language, workspace.shop.name)


def _rows(found: Answer) -> list[dict[str, Any]]:
    """Return an answer's rows with money as decimals and its currency beside it."""
    from oms_core.kernel.money import to_decimal

    money = [column.name for column in found.columns if column.kind == "money"]
    names = [column.name for column in found.columns]
    rows = [{name: row[name] for name in names} for row in found.frame.to_dicts()]
    for row in rows:
        own = row.get("currency") or found.currency
        row.update({name: to_decimal(row[name], own) for name in money if row[name] is not None})
        if money:
            row["currency"] = own
    return rows


def _write(found: Answer, name: str, out: Path, language: str, sender: str) -> dict[str, Any]:
    from app.answers import written
    from app.documents.saving import save as save_file
    from oms_core.kernel.errors import InvalidInput
    from oms_core.reporting.tables import FORMATS, LANGUAGES

    kind = out.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise InvalidInput("out", str(out), f"a file ending in one of .{', .'.join(FORMATS)} was expected")
    if language not in LANGUAGES:
        raise InvalidInput("language", language, f"one of {', '.join(LANGUAGES)} was expected")
    _name, data = written(found, name, kind=kind, sender=sender, speaks=language)
    return {"file": str(out), "rows": found.frame.height, "bytes": save_file(out, data)}


def delete(door: Door, name: Name) -> dict[str, Any]:
    """Delete a question, whoever saved it."""
    from oms_core.reporting.saved import delete_query

    with door.workspace().transaction() as session:
        delete_query(session, name, actor=ACTOR, only_own=False)
    return {"deleted": name}
