"""What the worker does for the books: take new payments of invoiced orders into the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workspace import Workspace


def settle(workspace: Workspace) -> int:
    """Post and match what was paid since; return the orders touched."""
    from oms_core.finance.commands import settle as run

    with workspace.transaction() as session:
        return run(session, actor="worker")
