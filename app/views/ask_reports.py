"""Reports that are mailed: which, when, to whom, what became of them, and how to send one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import actions, blocks, data, states, tables
from app import format as fmt
from app.i18n import LANGUAGES, N_, _, language, ngettext
from app.views import ask_saved
from oms_core.kernel.errors import OmsError
from oms_core.reporting import runs, schedules
from oms_core.reporting.mail_settings import mail_server
from oms_core.reporting.slots import Rhythm
from oms_core.reporting.tables import CADENCES, FORMATS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.data import Place

CADENCE_WORDS = {"daily": N_("every day"), "weekly": N_("every week"), "monthly": N_("every month")}
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """Reports, their newest runs, and why nothing can be mailed (None when it can)."""

    schedules: Sequence[Mapping[str, Any]]
    runs: Sequence[Mapping[str, Any]]
    fault: OmsError | None


def load() -> Facts:
    """Read reports and runs as they stand now."""
    with data.floor().workspace.reading() as session:
        fault = None
        try:
            mail_server(session)
        except OmsError as error:
            fault = error
        return Facts(schedules.schedules(session), runs.runs(session, limit=20), fault)


def when(schedule: Mapping[str, Any]) -> str:
    """Return a report's rhythm in words: ``every week, Monday, 7:00``."""
    parts = [_(CADENCE_WORDS[schedule["cadence"]])]
    if schedule["weekday"]:
        parts.append(_(WEEKDAYS[schedule["weekday"] - 1]))
    if schedule["month_day"]:
        parts.append(_("day {n}").format(n=schedule["month_day"]))
    return ", ".join([*parts, f"{schedule['hour']}:00"])


def schedule_lines(found: Sequence[Mapping[str, Any]], zone: str) -> pl.DataFrame:
    """Return one row a report; pure."""
    rows = [
        {
            "name": s["name"],
            "query": s["query"],
            "when": when(s),
            "to": fmt.joined(s["recipients"], 2),
            "format": s["format"].upper(),
            "next": _("paused") if s["is_paused"] else fmt.moment(s["next_run_at"], zone),
            "last": [states.word(s["last_state"], "report_run")] if s["last_state"] else [],
            "error": s["last_error"],
        }
        for s in found
    ]
    kinds: dict[str, Any] = dict.fromkeys(("name", "query", "when", "to", "format", "next"), pl.String)
    return pl.DataFrame(rows, schema={**kinds, "last": pl.List(pl.String), "error": pl.String})


def run_lines(found: Sequence[Mapping[str, Any]], zone: str) -> pl.DataFrame:
    """Return one row a run, newest first; pure."""
    rows = [
        {
            "report": r["report"],
            "slot": fmt.moment(r["slot_at"], zone),
            "state": [states.word(r["state"], "report_run")],
            "attempts": r["attempts"],
            "rows": r["rows"],
            "kilobytes": None if r["bytes"] is None else round(r["bytes"] / 1000, 1),
            "error": r["error"] or r["last_error"],
        }
        for r in found
    ]
    kinds: dict[str, Any] = {
        "report": pl.String, "slot": pl.String, "state": pl.List(pl.String), "attempts": pl.Int64, "rows": pl.Int64,
        "kilobytes": pl.Float64, "error": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=kinds)


def render(place: Place) -> None:
    """Draw the reports below the answer."""
    facts = load()
    failed = sum(s["last_state"] == "failed" for s in facts.schedules)
    said = ngettext("{n} report", "{n} reports", len(facts.schedules)).format(n=len(facts.schedules))
    if failed:
        said += " · " + ngettext("the last run of {n} failed", "the last runs of {n} failed", failed).format(n=failed)
    blocks.section(_("Which reports are mailed by themselves?"), said if facts.schedules else "")
    if facts.fault is not None:
        _no_server()
    if facts.schedules:
        _schedules(facts.schedules, place)
    _new(place)
    if facts.runs:
        _runs(facts.runs, place)


def _no_server() -> None:
    """Say in one sentence what to set."""
    st.info(
        _(
            "No mail server is set, so nothing is mailed: run {command} and put the password into"
            " ORDERSIGHT_SMTP_PASSWORD."
        ).format(command="`ordersight reports server --host HOST --sender ADDRESS`"),
        icon=":material/mail:",
    )


def _schedules(found: Sequence[Mapping[str, Any]], place: Place) -> None:
    columns = {
        "name": tables.text(_("Report"), 170),
        "query": tables.text(_("Question"), 170),
        "when": tables.text(_("When"), 190),
        "to": tables.text(_("To"), 210),
        "format": tables.text(_("File"), 60),
        "next": tables.text(_("Next"), 140),
        "last": tables.badge(_("Last run"), states.badge_colours("report_run"), 100),
        "error": tables.text(_("Why")),
    }
    lines = schedule_lines(found, place.zone)
    chosen = blocks.table(lines, columns, key="ask_schedules", alt=_("Reports"), select="single-row")
    if not chosen:
        st.caption(_("Select a report to send it now, pause or delete it."))
        return
    schedule = found[chosen[0]]
    name, zone = schedule["name"], place.zone
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(_("Send now"), icon=":material/send:", key="report_send"):
            _act(lambda s: runs.send_now(s, name, actor=actions.ACTOR), _("The worker sends {name} now"), name)
        words = _("Resume") if schedule["is_paused"] else _("Pause")
        if st.button(words, icon=":material/pause_circle:", key="report_pause"):
            _act(
                lambda s: schedules.pause_schedule(
                    s, name, paused=not schedule["is_paused"], zone=zone, actor=actions.ACTOR
                ),
                _("{name} is changed"), name,
            )  # fmt: skip
        if st.button(_("Delete"), icon=":material/delete:", key="report_delete"):
            _act(lambda s: _deleted(s, name), _("{name} is deleted"), name)


def _deleted(session: Session, name: str) -> str:
    schedules.delete_schedule(session, name, actor=actions.ACTOR)
    return name


def _act(command: Any, done: str, name: str) -> None:
    if actions.run(command, done=done.format(name=name)):
        st.rerun()


def _new(place: Place) -> None:
    """Draw the form of a new report; the same name changes the one there is."""
    names = [query["name"] for query in ask_saved.known()]
    if not names:
        st.caption(_("Save a question, and it can be mailed every day, week or month."))
        return
    with st.popover(_("Mail a saved question"), icon=":material/schedule_send:"):
        cadence = st.segmented_control(
            _("How often"), list(CADENCES), default="daily", required=True, key="report_cadence",
            format_func=lambda code: _(CADENCE_WORDS[code]),
        )  # fmt: skip
        with st.form("report_new", border=False):
            _form(names, str(cadence), place.zone)


def _form(names: Sequence[str], cadence: str, zone: str) -> None:
    query = st.selectbox(_("Question"), names, key="report_query")
    name = st.text_input(_("Name of the report"), key="report_name", max_chars=60)
    to = st.text_area(_("To, one address a line"), key="report_to", height=80)
    weekday = (
        st.selectbox(_("Weekday"), range(1, 8), format_func=lambda n: _(WEEKDAYS[n - 1]), key="report_weekday")
        if cadence == "weekly"
        else None
    )
    day = st.number_input(_("Day of the month"), 1, 31, 1, key="report_day") if cadence == "monthly" else None
    hour = st.number_input(_("Hour, {zone}").format(zone=zone), 0, 23, 7, key="report_hour")
    kind = st.segmented_control(
        _("File"), list(FORMATS), default="xlsx", required=True, format_func=str.upper, key="report_kind"
    )
    speaks = st.segmented_control(
        _("Language"), list(LANGUAGES), default=language(), required=True, format_func=LANGUAGES.__getitem__,
        key="report_language",
    )  # fmt: skip
    if st.form_submit_button(_("Mail it"), icon=":material/schedule_send:", type="primary"):
        rhythm = Rhythm(cadence, int(hour), weekday, None if day is None else int(day))
        new = schedules.NewSchedule(name or query, query, to.split(), rhythm, str(kind), str(speaks))
        _act(
            lambda s: schedules.save_schedule(s, new, zone=zone, actor=actions.ACTOR),
            _("{name} is scheduled"),
            new.name,
        )


def _runs(found: Sequence[Mapping[str, Any]], place: Place) -> None:
    blocks.section(_("What became of the last ones?"), small=True)
    columns = {
        "report": tables.text(_("Report"), 170),
        "slot": tables.text(_("Slot"), 140),
        "state": tables.badge(_("State"), states.badge_colours("report_run"), 100),
        "attempts": tables.count(_("Tries"), 70),
        "rows": tables.count(_("Rows"), 80),
        "kilobytes": tables.number(_("kB"), 70),
        "error": tables.text(_("Why")),
    }
    lines = run_lines(found, place.zone)
    chosen = blocks.table(lines, columns, key="ask_runs", alt=_("Runs of reports, newest first"), select="single-row")
    run = found[chosen[0]] if chosen else None
    if run is not None and run["state"] == "failed" and st.button(
        _("Send it again"), icon=":material/refresh:", key="report_again", type="primary"
    ):  # fmt: skip
        _act(
            lambda s: runs.send_again(s, run["id"], actor=actions.ACTOR),
            _("The worker sends {name} now"),
            run["report"],
        )
    if run is not None and run["sha256"]:
        st.caption(f"{run['file_name']} · SHA-256 {run['sha256']} · {', '.join(run['delivered'])}")
