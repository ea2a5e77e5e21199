"""Write, change and list schedules of reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput
from oms_core.reporting.naming import find
from oms_core.reporting.saved import find_query, kept_name
from oms_core.reporting.slots import Rhythm, next_slot
from oms_core.reporting.tables import CADENCES, FORMATS, LANGUAGES, ReportRun, ReportSchedule, SavedQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Most addresses of one report.
MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^@\s,;<>\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_DAYS = {"weekday": ("weekly", 7, "from Monday, 1, to Sunday, 7"), "month_day": ("monthly", 31, "from 1 to 31")}


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """What a schedule is to be."""

    name: str
    query: str
    recipients: Sequence[str]
    rhythm: Rhythm
    format: str = "xlsx"
    language: str = "en"


def rhythm_of(schedule: ReportSchedule) -> Rhythm:
    """Return when a schedule falls due."""
    return Rhythm(schedule.cadence, schedule.hour, schedule.weekday, schedule.month_day)


def save_schedule(session: Session, new: NewSchedule, *, zone: str, actor: str) -> ReportSchedule:
    """Write a schedule, or change the one of that name; its next slot is the first one still to come.

    Raises
    ------
    InvalidInput
        A format, language, cadence, hour, day or address that cannot be one.
    NotFound
        No saved question of that name, with near matches.
    """
    name = kept_name(new.name)
    _check(new)
    query = find_query(session, new.query)
    found = session.scalars(sa.select(ReportSchedule).where(ReportSchedule.name == name).with_for_update())
    schedule = found.one_or_none() or ReportSchedule(name=name, owner=actor, created_at=clock.now())
    schedule.saved_query_id, schedule.format, schedule.language = query.id, new.format, new.language
    schedule.recipients = list(dict.fromkeys(address.strip() for address in new.recipients))
    schedule.cadence, schedule.hour = new.rhythm.cadence, new.rhythm.hour
    schedule.weekday, schedule.month_day = new.rhythm.weekday, new.rhythm.month_day
    schedule.next_run_at = next_slot(new.rhythm, clock.now(), zone)
    session.add(schedule)
    session.flush()
    journal.record(
        session, "report.scheduled", "report_schedule", schedule.id, actor=actor, name=name, query=query.name,
        cadence=schedule.cadence, recipients=len(schedule.recipients),
    )  # fmt: skip
    return schedule


def _check(new: NewSchedule) -> None:
    for field, value, known in (
        ("format", new.format, FORMATS),
        ("language", new.language, LANGUAGES),
        ("cadence", new.rhythm.cadence, CADENCES),
    ):
        if value not in known:
            raise InvalidInput(field, value, f"one of {', '.join(known)} was expected")
    _check_rhythm(new.rhythm)
    if not 0 < len(new.recipients) <= MOST_RECIPIENTS:
        raise InvalidInput("recipients", len(new.recipients), f"1 to {MOST_RECIPIENTS} addresses were expected")
    for address in new.recipients:
        require_address("recipients", address.strip())


def _check_rhythm(rhythm: Rhythm) -> None:
    if not 0 <= rhythm.hour <= 23:
        raise InvalidInput("hour", rhythm.hour, "an hour from 0 to 23 was expected")
    for field, (cadence, last, words) in _DAYS.items():
        value = getattr(rhythm, field)
        if rhythm.cadence == cadence and not (value is not None and 1 <= value <= last):
            raise InvalidInput(field, value, f"a {cadence} report needs it, {words}")
        if rhythm.cadence != cadence and value is not None:
            raise InvalidInput(field, value, f"only a {cadence} report has it")


def require_address(field: str, address: str) -> None:
    """Refuse what cannot be an e-mail address.

    Raises
    ------
    InvalidInput
        ``input.<field>``.
    """
    if not _ADDRESS.fullmatch(address):
        raise InvalidInput(field, address, "an e-mail address was expected", "Write it as name@example.com.")


def pause_schedule(session: Session, name: str, *, paused: bool, zone: str, actor: str) -> ReportSchedule:
    """Stop a schedule or let it go on from the next slot to come; what it missed is not sent.

    Raises
    ------
    NotFound
        With near matches.
    """
    schedule = find_schedule(session, name)
    schedule.is_paused = paused
    if not paused:
        schedule.next_run_at = next_slot(rhythm_of(schedule), clock.now(), zone)
    session.flush()
    event = "report.paused" if paused else "report.resumed"
    journal.record(session, event, "report_schedule", schedule.id, actor=actor, name=schedule.name)
    return schedule


def delete_schedule(session: Session, name: str, *, actor: str) -> None:
    """Delete a schedule with the record of its runs.

    Raises
    ------
    NotFound
        With near matches.
    """
    schedule = find_schedule(session, name)
    session.execute(sa.delete(ReportRun).where(ReportRun.report_schedule_id == schedule.id))
    journal.record(session, "report.deleted", "report_schedule", schedule.id, actor=actor, name=schedule.name)
    session.delete(schedule)
    session.flush()


def find_schedule(session: Session, name: str) -> ReportSchedule:
    """Return a schedule by its name.

    Raises
    ------
    NotFound
        ``report.not_found`` with near matches.
    """
    return find(session, ReportSchedule, name, what="report", hint="List them: ordersight reports list")


def schedules(session: Session) -> list[dict[str, Any]]:
    """Return every schedule by name, with its question and what became of its last run."""
    last = (
        sa.select(ReportRun.report_schedule_id, sa.func.max(ReportRun.id).label("run_id"))
        .group_by(ReportRun.report_schedule_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(ReportSchedule, SavedQuery.name, ReportRun.state, ReportRun.error, ReportRun.slot_at)
        .join(SavedQuery, SavedQuery.id == ReportSchedule.saved_query_id)
        .outerjoin(last, last.c.report_schedule_id == ReportSchedule.id)
        .outerjoin(ReportRun, ReportRun.id == last.c.run_id)
        .order_by(ReportSchedule.name)
    )
    columns = (
        "id", "name", "cadence", "hour", "weekday", "month_day", "format", "language", "recipients", "next_run_at",
        "is_paused", "owner",
    )  # fmt: skip
    return [
        {column: getattr(schedule, column) for column in columns}
        | {"query": query, "last_state": state, "last_error": error or "", "last_slot_at": slot}
        for schedule, query, state, error, slot in rows
    ]
