"""Mailed reports: open what is due, make the file, hand it over, note what became of it."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.errors import Conflict, DataNotReady, OmsError

if TYPE_CHECKING:
    from datetime import datetime

    from app.workspace import Workspace
    from oms_core.reporting.mail_settings import MailServer
    from oms_core.reporting.runs import Made

log = logging.getLogger("ordersight.reports")
TYPES = {
    "csv": ("text", "csv"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": ("application", "pdf"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A run this process has taken, with what it needs to know of its schedule and question."""

    id: int
    attempt: int
    slot_at: datetime
    name: str
    question: dict[str, Any]
    format: str
    language: str
    recipients: tuple[str, ...]


def look(workspace: Workspace) -> dict[str, int]:
    """Open the runs that are due and send what waits, one after the other.

    Returns
    -------
    dict of str to int
        ``opened`` runs, ``sent`` ones, and those that were ``put_off`` or ``failed``.
    """
    from oms_core.reporting import runs

    done = {"opened": 0, "sent": 0, "put_off": 0, "failed": 0}
    if not _is_due(workspace):
        return done
    with workspace.transaction() as session:
        done["opened"] = runs.open_due(session, zone=workspace.shop.zone)
    while (taken := _take(workspace)) is not None:
        done[send(workspace, taken)] += 1
    return done


def _is_due(workspace: Workspace) -> bool:
    """Tell without the write lock whether there is anything to open or to send."""
    from oms_core.reporting.tables import ReportRun, ReportSchedule

    now = clock.now()
    due = sa.select(ReportSchedule.id).where(~ReportSchedule.is_paused, ReportSchedule.next_run_at <= now)
    waiting = sa.select(ReportRun.id).where(ReportRun.state.in_(("waiting", "preparing", "sending")))
    ready = waiting.where(sa.or_(ReportRun.next_try_at <= now, ReportRun.lease_until < now))
    with workspace.reading() as session:
        return any(session.execute(query.limit(1)).first() for query in (due, ready))


def _take(workspace: Workspace) -> Taken | None:
    from oms_core.reporting import runs
    from oms_core.reporting.tables import ReportSchedule, SavedQuery

    with workspace.transaction() as session:
        run = runs.take(session)
        if run is None:
            return None
        schedule = session.get_one(ReportSchedule, run.report_schedule_id)
        query = session.get_one(SavedQuery, schedule.saved_query_id)
        waiting = tuple(a for a in schedule.recipients if a not in run.delivered and a not in run.refused)
        return Taken(
            run.id, run.attempts, run.slot_at, schedule.name, dict(query.question), schedule.format, schedule.language,
            waiting,
        )  # fmt: skip


def send(workspace: Workspace, taken: Taken) -> str:
    """Make a run's file and hand it over; return ``sent``, ``put_off`` or ``failed``."""
    from app.mail import MailFailed
    from oms_core.reporting import runs
    from oms_core.reporting.mail_settings import mail_server

    try:
        with workspace.reading() as session:
            server = mail_server(session)
        made, data = _made(workspace, taken)
        with workspace.transaction() as session:
            runs.hand_over(session, taken.id, made, attempt=taken.attempt)
        return _hand_over(workspace, server, taken, _message(workspace, server, taken, made, data))
    except Conflict as error:
        log.info("%s: %s", taken.name, error.message)
        return "put_off"
    except OmsError as error:
        may_repeat = isinstance(error, MailFailed) and error.may_repeat
        return _failed(workspace, taken, _sentence(error), may_repeat=may_repeat or _passes(error))
    except Exception as error:
        log.exception("report %s failed", taken.name, exc_info=error)
        return _failed(workspace, taken, f"The report could not be made ({type(error).__name__}).", may_repeat=True)


def _passes(error: OmsError) -> bool:
    """Tell whether an error goes away by itself: the replica's file in another process's hands."""
    return (isinstance(error, DataNotReady) and error.code.startswith("database.")) or error.code == "replica.locked"


def _sentence(error: OmsError) -> str:
    return " ".join(part for part in (error.message, error.hint) if part)


def _made(workspace: Workspace, taken: Taken) -> tuple[Made, bytes]:
    """Return a run's file as of its slot's business day, from a replica that is up to date."""
    from analytics.inquiry import from_dict
    from app.answers import written
    from app.jobs.questions import answer
    from oms_core.reporting.runs import Made

    workspace.replica.refresh()
    today = clock.business_date(taken.slot_at, workspace.shop.zone)
    found = answer(workspace, from_dict(taken.question), today=today)
    name, data = written(
        found, taken.name, kind=taken.format, sender=workspace.shop.name, speaks=taken.language
    )  # fmt: skip
    return Made(name, found.frame.height, len(data), hashlib.sha256(data).hexdigest()), data


def _message(workspace: Workspace, server: MailServer, taken: Taken, made: Made, data: bytes) -> EmailMessage:
    """Return the mail. Its Message-ID is the run's, so that a server that sees it twice can tell."""
    from app.i18n import _, ngettext, speaking

    mail = EmailMessage()
    with speaking(taken.language):
        day = clock.business_date(taken.slot_at, workspace.shop.zone).isoformat()
        mail["Subject"] = f"{taken.name}, {day}"
        rows = ngettext("{n} row", "{n} rows", made.rows).format(n=made.rows)
        body = [
            _("{name} of {shop}, as of {day}.").format(name=taken.name, shop=workspace.shop.name, day=day),
            _("The file {file} is attached: {rows}.").format(file=made.file_name, rows=rows),
            _("SHA-256 {hash}").format(hash=made.sha256),
        ]
    mail["From"], mail["To"] = server.sender, ", ".join(taken.recipients)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<report-{taken.id}-{made.sha256[:16]}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(body))
    kind, subkind = TYPES[taken.format]
    told = {"charset": "utf-8"} if kind == "text" else None
    mail.add_attachment(data, maintype=kind, subtype=subkind, filename=made.file_name, params=told)
    return mail


def _hand_over(workspace: Workspace, server: MailServer, taken: Taken, message: EmailMessage) -> str:
    from app.mail import Delivery, deliver
    from oms_core.reporting import runs

    result = deliver(server, message, taken.recipients) if taken.recipients else Delivery()
    with workspace.transaction() as session:
        if result.later:
            told = "; ".join(f"{address}: {words}" for address, words in result.later.items())
            sentence = f"The mail server put off {told}."
            run = runs.try_later(session, taken.id, sentence, delivered=result.taken, refused=result.refused)
        else:
            run = runs.settle(session, taken.id, delivered=result.taken, refused=result.refused)
        return _outcome(run.state)


def _failed(workspace: Workspace, taken: Taken, sentence: str, *, may_repeat: bool) -> str:
    from oms_core.reporting import runs
    from oms_core.reporting.tables import ReportRun

    with workspace.transaction() as session:
        if may_repeat:
            return _outcome(runs.try_later(session, taken.id, sentence).state)
        runs.fail(session, session.get_one(ReportRun, taken.id, with_for_update=True), sentence)
    return "failed"


def _outcome(state: str) -> str:
    return {"sent": "sent", "failed": "failed"}.get(state, "put_off")
