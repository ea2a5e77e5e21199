"""Saved questions, slots of reports under two workers, thresholds and kept checks; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from held import NOON
from sqlalchemy.orm import Session

from oms_core.audit.laws import run as check_laws
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, Refused
from oms_core.reporting import alerts, checks, runs
from oms_core.reporting.saved import delete_query, find_query, queries, save_query
from oms_core.reporting.schedules import NewSchedule, find_schedule, pause_schedule, save_schedule, schedules
from oms_core.reporting.slots import Rhythm, last_slot, next_slot
from oms_core.reporting.tables import ReportRun
from oms_core.reporting.trust_tables import Alert

ZONE = "Europe/Warsaw"
LAWS = ("reports.sent_is_proven", "checks.counts_are_their_findings", "alerts.crossed_their_threshold")
MADE = runs.Made("sales.csv", rows=2, bytes=3, sha256="ab")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_slot_is_an_hour_of_the_shops_day_whatever_the_clocks_do() -> None:
    daily = Rhythm("daily", 2)
    assert next_slot(daily, at("2024-03-30T12:00"), ZONE) == at("2024-03-31T01:00")  # 2:00 is skipped: 3:00
    assert next_slot(daily, at("2024-03-31T01:00"), ZONE) == at("2024-04-01T00:00")
    assert next_slot(daily, at("2024-10-26T12:00"), ZONE) == at("2024-10-27T00:00")  # the first of two
    assert next_slot(daily, at("2024-10-27T00:00"), ZONE) == at("2024-10-28T01:00")
    monthly = Rhythm("monthly", 7, month_day=31)
    assert next_slot(monthly, at("2024-02-01T00:00"), ZONE) == at("2024-02-29T06:00")
    weekly = Rhythm("weekly", 0, weekday=1)
    for rhythm in (daily, monthly, weekly):
        slot = at("2024-01-01T00:00")
        for _ in range(60):
            after = next_slot(rhythm, slot, ZONE)
            assert after > slot
            assert last_slot(rhythm, after, ZONE) == after
            assert last_slot(rhythm, after - timedelta(seconds=1), ZONE) < after
            slot = after


def prepare(session: Session) -> None:
    save_query(session, name=" Daily  sales ", question={"metrics": ["orders"]}, owner="anna", shared=False)
    new = NewSchedule("To the boss", "Daily sales", ["boss@example.com"], Rhythm("daily", 7))
    save_schedule(session, new, zone=ZONE, actor="anna")


def test_questions_are_kept_found_and_guarded(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        prepare(session)
        assert [q["name"] for q in queries(session, owner="anna")] == ["Daily sales"]
        assert queries(session, owner="jan") == []
        with pytest.raises(NotFound, match="dayly") as near:
            find_query(session, "dayly sales")
        assert "Daily sales" in near.value.hint
        with pytest.raises(Refused) as theirs:
            save_query(session, name="Daily sales", question={}, owner="jan")
        assert theirs.value.code == "saved_query.not_yours"
        with pytest.raises(Refused) as used:
            delete_query(session, "Daily sales", actor="anna")
        assert used.value.code == "saved_query.in_use"
        for wrong in (
            NewSchedule("X", "Daily sales", ["nobody"], Rhythm("daily", 7)),
            NewSchedule("X", "Daily sales", ["a@b.pl\nBcc: c@d.pl"], Rhythm("daily", 7)),
            NewSchedule("X", "Daily sales", ["a@b.pl"], Rhythm("weekly", 7)),
            NewSchedule("X", "Daily sales", ["a@b.pl"], Rhythm("daily", 24)),
            NewSchedule("X", "Daily sales", ["a@b.pl"], Rhythm("daily", 7), format="doc"),
        ):
            with pytest.raises(InvalidInput):
                save_schedule(session, wrong, zone=ZONE, actor="anna")
        pause_schedule(session, "To the boss", paused=True, zone=ZONE, actor="anna")
    with clock.frozen(NOON + timedelta(days=2)), transaction(engine) as session:
        assert runs.open_due(session, zone=ZONE) == 0
        resumed = pause_schedule(session, "To the boss", paused=False, zone=ZONE, actor="anna")
        assert resumed.next_run_at == at("2010-12-12T06:00")


def test_two_workers_open_and_take_a_slot_once(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        prepare(session)
        assert find_schedule(session, "To the boss").next_run_at == at("2010-12-10T06:00")
    later = NOON + timedelta(days=1)
    start = Barrier(2)

    def work(_worker: int) -> tuple[int, int | None]:
        start.wait()
        with transaction(engine) as session:
            opened = runs.open_due(session, zone=ZONE)
        start.wait()
        with transaction(engine) as session:
            run = runs.take(session)
            return opened, None if run is None else run.id

    with clock.frozen(later):
        with ThreadPoolExecutor(2) as pool:
            (one, first), (two, second) = pool.map(work, range(2))
        assert sorted((one, two)) == [0, 1]
        assert [run for run in (first, second) if run is not None] == [first or second]
    run_id = first or second
    with clock.frozen(later + runs.LEASE + timedelta(seconds=1)), transaction(engine) as session:
        taken = runs.take(session)  # the first one fell silent while making the file
        assert (taken.id, taken.attempts) == (run_id, 2)
        with pytest.raises(Conflict):
            runs.hand_over(session, run_id, MADE, attempt=1)  # and comes back too late
        runs.hand_over(session, run_id, MADE, attempt=2)
    with clock.frozen(later + 3 * runs.LEASE), transaction(engine) as session:
        assert runs.take(session) is None  # fell silent while handing over: never by itself again
        [told] = runs.runs(session)
        assert (told["state"], told["error"]) == ("failed", runs.INTERRUPTED)
        assert schedules(session)[0]["last_state"] == "failed"
        runs.send_again(session, run_id, actor="anna")
        again = runs.take(session)
        runs.hand_over(session, run_id, MADE, attempt=again.attempts)
        runs.settle(session, run_id, delivered=["boss@example.com"], refused={})
        assert [law["broken"] for law in check_laws(session, LAWS)] == [0, 0, 0]
        with pytest.raises(Refused):
            runs.send_again(session, run_id, actor="anna")
        session.execute(sa.update(ReportRun).values(sha256=""))
        assert check_laws(session, LAWS)[0]["broken"] == 1


def test_a_crossing_raises_one_alert_and_ends_it(engine: sa.Engine, noon: datetime) -> None:
    with transaction(engine) as session:
        rule = alerts.set_threshold(session, measure="late", threshold=10, actor="anna")
        assert alerts.set_threshold(session, measure="late", threshold=5, actor="anna").id == rule.id
        slow = alerts.set_threshold(session, measure="placed", threshold=1, direction="below", actor="anna")
        alerts.drop_threshold(session, slow.id, actor="anna")
        for wrong in ({"threshold": float("nan")}, {"threshold": -1}, {"threshold": 1, "direction": "beside"}):
            with pytest.raises(InvalidInput):
                alerts.set_threshold(session, measure="late", actor="anna", **wrong)
        turns = []
        for value in (5, 6, 9, 6, 5, None, 7):
            due = alerts.crossings_due(session, {("late", ""): value})
            done = alerts.watch(session, {("late", ""): value})
            assert due == any(done.values())
            turns.append(done["raised"] - done["ended"])
        assert turns == [0, 1, 0, 0, -1, 0, 1]
        newest, older = alerts.alerts(session)
        assert (newest["ended_at"], older["ended_at"], newest["value"]) == (None, noon, 7)
        assert alerts.acknowledge(session, newest["id"], actor="anna").acknowledged_by == "anna"
        assert alerts.acknowledge(session, newest["id"], actor="jan").acknowledged_by == "anna"
        assert check_laws(session, LAWS)[2] == {
            "name": "alerts.crossed_their_threshold", "checked": 2, "broken": 0, "first_broken": None
        }  # fmt: skip
        session.execute(sa.update(Alert).values(value=0))
        assert check_laws(session, LAWS)[2]["broken"] == 2


def test_checks_are_kept_with_what_broke_and_old_findings_go(
    engine: sa.Engine, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "KEPT", 1)
    good = {"name": "a.holds", "checked": 3, "broken": 0, "first_broken": None}
    bad = {"name": "b.breaks", "checked": 3, "broken": 2, "first_broken": "order 1"}
    with transaction(engine) as session:
        assert checks.last_run(session) is None
        for n, found in enumerate(((good, bad), (good,), ())):
            error = "" if found else "The replica is locked."
            checks.keep(session, checks.Checked(noon + timedelta(minutes=n), 12, found, error), actor="worker")
        last = checks.last_run(session)
        assert last is not None
        assert (last["laws"], last["broken"], [f["law"] for f in last["findings"]]) == (1, 0, ["a.holds"])
        failed, whole, broken = checks.history(session)
        assert (failed["error"], whole["broken"], broken["first_broken"]) == ("The replica is locked.", 0, "order 1")
        assert session.scalar(sa.select(sa.func.count()).select_from(checks.FINDING)) == 2
        assert check_laws(session, LAWS)[1]["broken"] == 0
        session.execute(sa.delete(checks.FINDING).where(checks.FINDING.c.broken > 0))
        assert check_laws(session, LAWS)[1]["broken"] == 1
