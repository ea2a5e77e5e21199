"""Verify every law: those of the operational database, and that the replica equals it."""

from __future__ import annotations

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
    with workspace.reading() as session:
        if workspace.engine.dialect.name == "postgresql":
            session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        found = laws.run(session, names)
    if not names and workspace.home.replica(workspace.consumer).exists():
        found += workspace.replica.verify()
    return found
