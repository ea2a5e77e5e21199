"""Checks of the numbers on schedule and on demand: every law, identity and reconciliation, kept with what it found."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError
from oms_core.reporting import checks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.workspace import Workspace

#: Time between two checks by the worker; a check that takes long is not repeated before ten times its length.
EVERY = timedelta(minutes=15)
_REST = 10


def is_due(workspace: Workspace) -> bool:
    """Tell whether the last check, whoever asked for it, is old enough for the next one."""
    with workspace.reading() as session:
        last = checks.history(session, limit=1)
    if not last:
        return True
    pause = max(EVERY, timedelta(milliseconds=last[0]["duration_ms"]) * _REST)
    return bool(clock.now() - last[0]["started_at"] >= pause)


def look(workspace: Workspace) -> bool:
    """Check when it is due; tell whether it was."""
    if not is_due(workspace):
        return False
    verify(workspace, actor="worker")
    return True


def verify(workspace: Workspace, *, actor: str) -> Sequence[Mapping[str, Any]]:
    """Check everything in this process's replica and keep what was found; return the laws.

    Raises
    ------
    OmsError
        It could not be finished; that is kept as well.
    """
    from analytics import checks as numbers
    from oms_core.audit import laws

    started_at, begun = clock.now(), time.perf_counter()
    try:
        with workspace.reading() as session:
            found = laws.run(session)
        found += numbers.prove(workspace.replica)
    except OmsError as error:
        _keep(workspace, checks.Checked(started_at, _ms(begun), (), error.message), actor)
        raise
    _keep(workspace, checks.Checked(started_at, _ms(begun), found), actor)
    return found


def _ms(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)


def _keep(workspace: Workspace, done: checks.Checked, actor: str) -> None:
    with workspace.transaction() as session:
        checks.keep(session, done, actor=actor)
