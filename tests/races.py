"""Two transactions in one moment, without a guess: the second is seen to wait before the first commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stock_shop import assert_lawful

from oms_core.kernel.database import transaction
from oms_core.kernel.errors import OmsError

Deed = Callable[[Session], object]
#: Seconds until a transaction that has to wait must have been seen at its lock; a fault, not a measure.
PATIENCE = 30.0
#: Whether somebody waits for a lock that a server process holds.
_WAITS_FOR = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND :holder = ANY (pg_blocking_pids(pid))"
)


def meanwhile(engine: sa.Engine, first: Deed, second: Deed) -> str:
    """Do the first, let the second begin and wait for it, commit the first; return what became of the second.

    PostgreSQL itself says that the second waits for the first. SQLite has one writer: whatever the second
    does, its BEGIN IMMEDIATE cannot succeed before the first has committed.

    Returns
    -------
    str
        ``done``, or the code of the refusal. No law is broken afterwards.
    """
    outcome, knocking = list[str | BaseException](), threading.Event()

    def other() -> None:
        knocking.set()
        try:
            with transaction(engine) as session:
                second(session)
            outcome.append("done")
        except OmsError as error:
            outcome.append(error.code)
        except BaseException as error:  # noqa: BLE001 - a thread's fault is raised where the test can see it
            outcome.append(error)

    thread = threading.Thread(target=other)

    try:
        with transaction(engine) as session:
            first(session)
            session.flush()
            thread.start()
            assert knocking.wait(PATIENCE), "the second never began"
            _wait_until_blocked(engine, session, outcome)
            assert outcome == [], f"the second did not wait for the first to be decided: {outcome}"
    finally:
        if thread.ident is not None:
            thread.join(PATIENCE)
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    with transaction(engine) as session:
        assert_lawful(session)
    return found


def _wait_until_blocked(engine: sa.Engine, session: Session, outcome: list[str | BaseException]) -> None:
    if engine.dialect.name == "sqlite":
        return
    holder = session.scalar(sa.text("SELECT pg_backend_pid()"))
    until = time.monotonic() + PATIENCE
    with engine.connect() as watcher:
        while not watcher.scalar(_WAITS_FOR, {"holder": holder}):
            watcher.rollback()
            if outcome:
                return
            assert time.monotonic() < until, "the second was never seen to wait"
            threading.Event().wait(0.01)  # let the others run; the proof is what the server says
