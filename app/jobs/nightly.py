"""What a shop computes once a day: customer values and forecasts, stored for every door to read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oms_core.kernel.errors import DataNotReady

if TYPE_CHECKING:
    from app.workspace import Workspace

log = logging.getLogger("ordersight.jobs")


class Nothing(Exception):
    """There was nothing to do, as the shop wants it."""


def _score(workspace: Workspace, actor: str) -> None:
    from app.jobs.clv import score_customers

    score_customers(workspace, actor=actor)


def _trial(workspace: Workspace, actor: str, replay: int = 0) -> None:
    from app.jobs.forecast_trial import judge

    judge(workspace, actor=actor, replay=replay)


def _remember(workspace: Workspace, actor: str) -> None:
    from app.jobs.segment_history import snapshot

    workspace.replica.refresh()
    snapshot(workspace, trigger="night", actor=actor)


def _offers(workspace: Workspace, actor: str, *, judge: bool = True) -> None:  # noqa: ARG001 - it is nobody's deed
    from app.jobs.offers import learn

    workspace.replica.refresh()
    learn(workspace, judge=judge)


def _forget(workspace: Workspace, actor: str) -> None:
    from oms_core.privacy.retention import Retention, apply_retention, retention

    with workspace.transaction() as session:
        if retention(session) == Retention():
            log.debug("%s: nothing is set to be emptied after a time", RETENTION)
            raise Nothing
        apply_retention(session, actor=actor)


def _forecast(workspace: Workspace, actor: str, before_storing: Callable[[], object] | None = None) -> None:
    from app.jobs.forecasts import run_forecast

    run_forecast(workspace, actor=actor, before_storing=before_storing)


def _backtest(workspace: Workspace, actor: str) -> None:
    from app.jobs.stock_backtest import run_when_due

    run_when_due(workspace, actor=actor)


def _low_points(workspace: Workspace, actor: str) -> None:  # noqa: ARG001 - the forecast sets these points
    from app.jobs.low_stock import points_from_forecast

    points_from_forecast(workspace)


SCORES, TRIAL, FORECASTS = "estimating customer value", "judging past forecasts", "forecasting demand"
SEGMENTS = "remembering segments"
OFFERS = "weighing offers"
POINTS = "setting points of low stock"
BACKTEST = "comparing stock policies"
RETENTION = "emptying what is past its keeping"
#: The day's jobs by what they do, in this order.
JOBS: dict[str, Callable[..., None]] = {
    SCORES: _score,
    SEGMENTS: _remember,
    OFFERS: _offers,
    TRIAL: _trial,
    FORECASTS: _forecast,
    POINTS: _low_points,
    BACKTEST: _backtest,
    RETENTION: _forget,
}


def run(workspace: Workspace, *, actor: str = "worker") -> int:
    """Run the day's jobs one after the other; each stores its result in one transaction.

    Returns
    -------
    int
        Jobs that stored something.
    """
    return sum(run_job(workspace, what, actor=actor) for what in JOBS)


def run_job(workspace: Workspace, what: str, *, actor: str, **given: Any) -> bool:
    """Run one of :data:`JOBS`; a shop too young for it goes without its result and is told so in the log."""
    try:
        JOBS[what](workspace, actor, **given)
    except DataNotReady as error:
        log.warning("%s: %s", what, error.message)
        return False
    except Nothing:
        return False
    return True
