"""Runs of reports: opened once a slot, taken by one worker, tried again with growing pauses, told when they fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, NotFound, Refused
from oms_core.reporting.schedules import find_schedule, rhythm_of
from oms_core.reporting.slots import last_slot, next_slot
from oms_core.reporting.states import REPORT_RUN
from oms_core.reporting.tables import ReportRun, ReportSchedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

#: Pause after each try that may be repeated; after the last one the run has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
#: How long the process that took a run may be silent before another one looks after it.
LEASE = timedelta(minutes=10)
INTERRUPTED = (
    "The worker ended while the mail was being handed over; whether it arrived is not known. "
    "Ask a recipient, then send it again if needed."
)


@dataclass(frozen=True, slots=True)
class Made:
    """The file of a run."""

    file_name: str
    rows: int
    bytes: int
    sha256: str


def open_due(session: Session, *, zone: str) -> int:
    """Open a run for every schedule that is due and move its next slot; return how many were opened.

    Slots that passed while no worker ran are not made up for one by one: the last of them is sent.
    """
    now = clock.now()
    due = sa.select(ReportSchedule).where(~ReportSchedule.is_paused, ReportSchedule.next_run_at <= now)
    found = session.scalars(due.order_by(ReportSchedule.id).with_for_update(skip_locked=True)).all()
    for schedule in found:
        rhythm = rhythm_of(schedule)
        _open(session, schedule, slot_at=max(last_slot(rhythm, now, zone), schedule.next_run_at))
        schedule.next_run_at = next_slot(rhythm, now, zone)
    session.flush()
    return len(found)


def _open(session: Session, schedule: ReportSchedule, *, slot_at: datetime) -> ReportRun:
    run = ReportRun(
        report_schedule_id=schedule.id, slot_at=slot_at, next_try_at=clock.now(), delivered=[], refused={}
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run


def send_now(session: Session, name: str, *, actor: str) -> ReportRun:
    """Open a run out of turn; its slot is this instant.

    Raises
    ------
    NotFound
        With near matches.
    """
    run = _open(session, find_schedule(session, name), slot_at=clock.now())
    journal.record(session, "report.asked_for", "report_run", run.id, actor=actor, name=name)
    return run


def send_again(session: Session, run_id: int, *, actor: str) -> ReportRun:
    """Let a failed run be tried again from the first pause on; who has the mail already does not get it twice.

    Raises
    ------
    NotFound
        No such run.
    TransitionRefused
        A run that has not failed.
    """
    run = session.get(ReportRun, run_id, with_for_update=True)
    if run is None:
        raise NotFound("report run", run_id, hint="List them: ordersight reports runs")
    REPORT_RUN.check(run_id, run.state, "waiting")
    if run.state != "failed":
        raise Refused("report_run.is_underway", f"Run {run_id} is {run.state}.", "Wait until it is done.")
    _waits(run, attempts=0, next_try_at=clock.now())
    run.refused = {}
    session.flush()
    journal.record(session, "report.sent_again", "report_run", run.id, actor=actor)
    return run


def _waits(run: ReportRun, *, attempts: int, next_try_at: datetime) -> None:
    run.state, run.attempts, run.next_try_at = "waiting", attempts, next_try_at
    run.error, run.finished_at, run.lease_until = "", None, None


def take(session: Session) -> ReportRun | None:
    """Take the run that waits longest and may be tried now; None when there is none.

    A run whose process fell silent while making the file is taken up again; one that fell silent while handing
    it to the server has failed, for nobody knows whether it arrived.
    """
    now = clock.now()
    silent = sa.and_(ReportRun.state.in_(("preparing", "sending")), ReportRun.lease_until < now)
    due = sa.or_(sa.and_(ReportRun.state == "waiting", ReportRun.next_try_at <= now), silent)
    first = sa.select(ReportRun).where(due).order_by(ReportRun.next_try_at, ReportRun.id).limit(1)
    run = session.scalars(first.with_for_update(skip_locked=True)).one_or_none()
    if run is None:
        return None
    if run.state == "sending":
        fail(session, run, INTERRUPTED)
        return take(session)
    run.state, run.lease_until, run.attempts = "preparing", now + LEASE, run.attempts + 1
    session.flush()
    return run


def hand_over(session: Session, run_id: int, made: Made, *, attempt: int) -> ReportRun:
    """Note the file and that it goes to the server now: from here on the run is never repeated by itself.

    Raises
    ------
    Conflict
        ``report_run.taken_over`` when another process has taken the run in the meantime.
    """
    run = session.get_one(ReportRun, run_id, with_for_update=True)
    if (run.state, run.attempts) != ("preparing", attempt):
        raise Conflict("report_run.taken_over", f"Run {run_id} was taken over by another worker.")
    run.state, run.lease_until = "sending", clock.now() + LEASE
    run.file_name, run.rows, run.bytes, run.sha256 = made.file_name, made.rows, made.bytes, made.sha256
    session.flush()
    return run


def settle(session: Session, run_id: int, *, delivered: Sequence[str], refused: Mapping[str, str]) -> ReportRun:
    """Note who has the mail. The run is sent when nobody was refused, else failed with the server's words."""
    run = _noted(session, run_id, delivered, refused)
    if run.refused:
        told = "; ".join(f"{address}: {words}" for address, words in run.refused.items())
        fail(session, run, f"The mail server refused {told}")
        return run
    run.state, run.finished_at, run.lease_until, run.error = "sent", clock.now(), None, ""
    session.flush()
    journal.record(
        session, "report.sent", "report_run", run.id, actor="worker", attempts=run.attempts,
        recipients=len(run.delivered), bytes=run.bytes,
    )  # fmt: skip
    return run


def _noted(session: Session, run_id: int, delivered: Sequence[str], refused: Mapping[str, str]) -> ReportRun:
    """Return the run with who has the mail and who was refused so far."""
    run = session.get_one(ReportRun, run_id, with_for_update=True)
    run.delivered = list(dict.fromkeys([*run.delivered, *delivered]))
    run.refused = {
        address: words for address, words in {**run.refused, **refused}.items() if address not in run.delivered
    }
    return run


def try_later(
    session: Session,
    run_id: int,
    sentence: str,
    *,
    delivered: Sequence[str] = (),
    refused: Mapping[str, str] | None = None,
) -> ReportRun:
    """Put a run back for its next try, or fail it after the last one."""
    run = _noted(session, run_id, delivered, refused or {})
    if run.attempts > len(PAUSES):
        fail(session, run, f"{sentence} Tried {run.attempts} times.")
        return run
    _waits(run, attempts=run.attempts, next_try_at=clock.now() + PAUSES[run.attempts - 1])
    run.last_error = sentence
    session.flush()
    return run


def fail(session: Session, run: ReportRun, sentence: str) -> None:
    """End a run with the reason a person reads."""
    run.state, run.error, run.last_error = "failed", sentence, sentence
    run.finished_at, run.lease_until = clock.now(), None
    session.flush()
    journal.record(
        session, "report.failed", "report_run", run.id, actor="worker", attempts=run.attempts, error=sentence
    )


def runs(session: Session, *, schedule: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return runs, newest first, with the schedule's name."""
    found = (
        sa.select(ReportRun, ReportSchedule.name)
        .join(ReportSchedule, ReportSchedule.id == ReportRun.report_schedule_id)
        .order_by(ReportRun.id.desc())
        .limit(limit)
    )
    if schedule is not None:
        found = found.where(ReportSchedule.id == find_schedule(session, schedule).id)
    columns = (
        "id", "slot_at", "state", "attempts", "next_try_at", "finished_at", "error", "last_error", "file_name", "rows",
        "bytes", "sha256", "delivered", "refused",
    )  # fmt: skip
    return [
        {"report": name} | {column: getattr(run, column) for column in columns} for run, name in session.execute(found)
    ]
