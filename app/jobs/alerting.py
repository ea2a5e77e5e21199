"""Thresholds of the board: measured every few seconds while there are any, one alert a crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.kernel import clock
from oms_core.reporting import alerts

if TYPE_CHECKING:
    from app.workspace import Workspace


def look(workspace: Workspace) -> dict[str, int]:
    """Compare the board's numbers with the thresholds; the write lock is taken only where one was crossed."""
    from analytics.board import measure
    from analytics.board import values as measured

    with workspace.reading() as session:
        if not alerts.thresholds(session):
            return {"raised": 0, "ended": 0}
    workspace.replica.refresh()
    values = measured(measure(workspace.replica, clock.now()))
    with workspace.reading() as session:
        if not alerts.crossings_due(session, values):
            return {"raised": 0, "ended": 0}
    with workspace.transaction() as session:
        return alerts.watch(session, values)
