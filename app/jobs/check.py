"""Verify every law: those of the operational database, of the numbers, and that the replica equals its source."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.audit import laws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.workspace import Workspace


def check(workspace: Workspace, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Check the laws in one snapshot, so that trade going on meanwhile breaks none.

    Parameters
    ----------
    names : sequence of str
        Only these laws of the core; all laws, the replica's too, when empty.

    Returns
    -------
    list of dict
        ``name, checked, broken, first_broken``, one row a law. The replica's laws are there when
        this process's replica file is.
    """
    if names or not workspace.home.replica(workspace.consumer).exists():
        return _core_laws(workspace, names)
    from analytics import checks

    replica = workspace.replica
    with ThreadPoolExecutor(1) as beside:
        # two databases, two cores: each is read by its own engine outside Python's lock
        verified = beside.submit(checks.prove, replica)
        return _core_laws(workspace, ()) + verified.result()


def _core_laws(workspace: Workspace, names: Sequence[str]) -> list[dict[str, Any]]:
    with workspace.reading() as session:
        if workspace.engine.dialect.name == "postgresql":
            session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        return laws.run(session, names)
