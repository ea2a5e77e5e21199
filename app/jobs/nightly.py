"""What a shop computes once a day: customer values and forecasts, stored for every door to read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from oms_core.kernel.errors import DataNotReady

if TYPE_CHECKING:
    from app.workspace import Workspace

log = logging.getLogger("ordersight.jobs")


def run(workspace: Workspace, *, actor: str = "worker", progress: Callable[[str, float], None] | None = None) -> int:
    """Run the day's jobs one after the other; each stores its result in one transaction.

    A shop too young for a job goes without its result and is told so in the log.

    Returns
    -------
    int
        Jobs that stored something.
    """
    from app.jobs.clv import score_customers
    from app.jobs.forecasts import run_forecast

    say = progress or (lambda _what, _share: None)
    jobs: tuple[tuple[str, Callable[[], object]], ...] = (
        ("estimating customer value", lambda: score_customers(workspace, actor=actor)),
        ("forecasting demand", lambda: run_forecast(workspace, actor=actor)),
    )
    done = 0
    for turn, (what, job) in enumerate(jobs):
        say(what, turn / len(jobs))
        try:
            job()
            done += 1
        except DataNotReady as error:
            log.warning("%s: %s", what, error.message)
    return done
