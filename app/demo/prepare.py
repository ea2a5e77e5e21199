"""What a shop that has run for a year would have done: scores, segments, forecasts, warm replicas.

Each job stores its result in one transaction and may run twice; the clock stands at the data's end.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from oms_core.kernel import clock

if TYPE_CHECKING:
    from app.demo.build import Progress
    from app.workspace import Workspace

ACTOR = "demo"
#: Processes that keep a replica of their own (see `Workspace.consumer`).
CONSUMERS = ("dashboard",)
#: Past weeks forecast as they would have been then, so that the forecasts have a record on the first day.
REPLAYED_WEEKS = 3


def prepare(workspace: Workspace, *, at: datetime, progress: Progress) -> None:
    """Run every job once with the clock held at `at`, then give each consumer a warm replica.

    The customers are scored and past weeks put on trial in a process of their own while this one forecasts; they are
    stored first, so that the same seed makes the same journal. Then that process compares stock policies.
    """
    from app.jobs import nightly

    progress("loading the replica", 0.9)
    with clock.frozen(at):
        workspace.replica.refresh()
    hand_out(workspace)
    with clock.frozen(at), _beside(workspace.home.path, at) as beside:
        progress("estimating customer value, forecasting demand, putting past forecasts on trial", 0.92)
        beside(nightly.SCORES, {})
        judged = beside(nightly.TRIAL, {"replay": REPLAYED_WEEKS})
        if not nightly.run_job(workspace, nightly.FORECASTS, actor=ACTOR, before_storing=judged):
            judged()
        compared = beside(nightly.BACKTEST, {})
        progress("remembering who is in which segment", 0.97)
        nightly.run_job(workspace, nightly.SEGMENTS, actor=ACTOR)
        nightly.run_job(workspace, nightly.OFFERS, actor=ACTOR, judge=False)
        progress("comparing stock policies and warming the dashboard", 0.98)
        compared()
        workspace.replica.refresh()
    hand_out(workspace)


@contextmanager
def _beside(home: Path, at: datetime) -> Iterator[Callable[[str, dict[str, int]], Callable[[], None]]]:
    """Give what starts jobs in one process beside the block, one after the other; it gives what waits so far."""
    begun: list[Future[None]] = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        def start(job: str, given: dict[str, int]) -> Callable[[], None]:
            begun.append(pool.submit(run_beside, home, at, job, given))
            until = len(begun)
            return lambda: _finished(begun[:until])

        yield start


def _finished(jobs: list[Future[None]]) -> None:
    for job in jobs:
        job.result()


def run_beside(home: Path, at: datetime, job: str, given: dict[str, int]) -> None:
    """Run a nightly job of a home with the clock held at `at`, from the replica of the first consumer."""
    from app.jobs import nightly
    from app.workspace import Workspace

    workspace = Workspace.open(home, consumer=CONSUMERS[0])
    try:
        with clock.frozen(at):
            nightly.run_job(workspace, job, actor=ACTOR, **given)
    finally:
        workspace.close()


def hand_out(workspace: Workspace) -> None:
    """Copy the replica to the other consumers; a copied file goes on from where it stands."""
    workspace.replica.close()
    del workspace.replica
    source = workspace.home.replica(workspace.consumer)
    for consumer in CONSUMERS:
        shutil.copyfile(source, workspace.home.replica(consumer))
