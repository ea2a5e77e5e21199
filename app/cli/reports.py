"""Reports that are mailed by themselves: schedules, runs, the mail server."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command

#: Who the journal names.
ACTOR = "cli"

Report = Annotated[str, typer.Argument(metavar="NAME", help="Name of the report.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Reports that are mailed by themselves.", no_args_is_help=True)
    app.add_typer(group, name="reports")
    command(group, "list", help="List the reports with their next run and what became of the last.")(list_reports)
    command(group, "schedule", help="Mail a saved question every day, week or month.")(schedule)
    command(group, "pause", help="Stop a report until it is resumed.")(pause)
    command(group, "resume", help="Let a paused report go on from its next slot.")(resume)
    command(group, "delete", help="Delete a report and the record of its runs.")(delete_report)
    command(group, "runs", help="List the runs of reports, newest first.")(list_runs)
    command(group, "send", help="Send a report now, out of turn.")(send)
    command(group, "again", help="Send a failed run again to those who do not have it.")(again)
    command(group, "server", help="Show or set the mail server.")(server)


def list_reports(door: Door) -> list[dict[str, Any]]:
    """List the reports; recipients are joined."""
    from oms_core.reporting.schedules import schedules

    with door.workspace().reading() as session:
        return [row | {"recipients": ", ".join(row["recipients"])} for row in schedules(session)]


def schedule(
    door: Door,
    name: Report,
    *,
    query: Annotated[str, typer.Option(help="The saved question to send.")],
    to: Annotated[list[str], typer.Option("--to", help="A recipient; may be given more than once.")],
    cadence: Annotated[str, typer.Option(help="daily, weekly or monthly.")] = "daily",
    hour: Annotated[int, typer.Option(help="Hour of the shop's day, 0 to 23.")] = 7,
    weekday: Annotated[int | None, typer.Option(help="For weekly: 1 (Monday) to 7.")] = None,
    day: Annotated[int | None, typer.Option(help="For monthly: 1 to 31, cut to the month's length.")] = None,
    kind: Annotated[str, typer.Option("--as", help="csv, xlsx or pdf.")] = "xlsx",
    language: Annotated[str, typer.Option(help="en or pl.")] = "en",
) -> dict[str, Any]:
    """Write a report, or change the one of that name."""
    from oms_core.reporting.schedules import NewSchedule, save_schedule
    from oms_core.reporting.slots import Rhythm

    workspace = door.workspace()
    new = NewSchedule(name, query, to, Rhythm(cadence, hour, weekday, day), kind, language)
    with workspace.transaction() as session:
        kept = save_schedule(session, new, zone=workspace.shop.zone, actor=ACTOR)
        return {"name": kept.name, "next_run_at": kept.next_run_at}


def pause(door: Door, name: Report) -> dict[str, Any]:
    """Stop a report."""
    return _paused(door, name, paused=True)


def resume(door: Door, name: Report) -> dict[str, Any]:
    """Let a report go on."""
    return _paused(door, name, paused=False)


def _paused(door: Door, name: str, *, paused: bool) -> dict[str, Any]:
    from oms_core.reporting.schedules import pause_schedule

    workspace = door.workspace()
    with workspace.transaction() as session:
        kept = pause_schedule(session, name, paused=paused, zone=workspace.shop.zone, actor=ACTOR)
        return {"name": kept.name, "paused": kept.is_paused, "next_run_at": kept.next_run_at}


def delete_report(door: Door, name: Report) -> dict[str, Any]:
    """Delete a report; its question stays."""
    from oms_core.reporting.schedules import delete_schedule

    with door.workspace().transaction() as session:
        delete_schedule(session, name, actor=ACTOR)
    return {"deleted": name}


def list_runs(
    door: Door, *, report: Annotated[str | None, typer.Option(help="Only of this report.")] = None
) -> list[dict[str, Any]]:
    """List runs: state, attempts, the sentence of an error, file, size and hash."""
    from oms_core.reporting.runs import runs

    with door.workspace().reading() as session:
        found = runs(session, schedule=report)
    if door.format != "table":
        return found
    shown = ("id", "report", "slot_at", "state", "attempts", "rows", "bytes", "error")
    return [{key: row[key] for key in shown} for row in found]


def send(door: Door, name: Report) -> dict[str, Any]:
    """Open a run and send what waits; the worker does the same by itself."""
    from oms_core.reporting.runs import send_now

    workspace = door.workspace()
    with workspace.transaction() as session:
        run_id = send_now(session, name, actor=ACTOR).id
    return _sent(door, run_id)


def again(
    door: Door, run_id: Annotated[int, typer.Argument(metavar="RUN", help="Id of a failed run.")]
) -> dict[str, Any]:
    """Put a failed run back and send what waits."""
    from oms_core.reporting.runs import send_again

    with door.workspace().transaction() as session:
        send_again(session, run_id, actor=ACTOR)
    return _sent(door, run_id)


def _sent(door: Door, run_id: int) -> dict[str, Any]:
    """Send what waits and return what became of a run; exit status 1 when it failed."""
    from app.jobs import reports
    from oms_core.reporting.runs import runs

    workspace = door.opened[-1]
    reports.look(workspace)
    with workspace.reading() as session:
        found = next(row for row in runs(session) if row["id"] == run_id)
    door.status = 1 if found["state"] == "failed" else 0
    return found


def server(
    door: Door,
    *,
    host: Annotated[str | None, typer.Option(help="Name of the server.")] = None,
    sender: Annotated[str | None, typer.Option(help="Address the mail comes from.")] = None,
    port: Annotated[int | None, typer.Option(help="587 with starttls, 465 with tls.")] = None,
    security: Annotated[str | None, typer.Option(help="starttls, tls or none.")] = None,
    user: Annotated[str | None, typer.Option(help="Login; the password is ORDERSIGHT_SMTP_PASSWORD.")] = None,
) -> dict[str, Any]:
    """Set what is given and show what is set; the password is never stored nor shown."""
    from dataclasses import asdict, replace

    from oms_core.kernel.errors import DataNotReady
    from oms_core.reporting.mail_settings import MailServer, mail_server, set_mail_server

    given = {"host": host, "sender": sender, "port": port, "security": security, "user": user}
    told: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    workspace = door.workspace()
    with workspace.transaction() as session:
        try:
            kept = mail_server(session)
        except DataNotReady:
            if not told:
                raise
            kept = MailServer(host="", sender="")
        if told:
            kept = set_mail_server(session, replace(kept, **told), actor=ACTOR)
    return asdict(kept) | {"password": "set" if kept.password else "not set"}
