"""What the worker does for the books: take new payments of invoiced orders into the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workspace import Workspace


def settle(workspace: Workspace) -> int:
    """Invoice what was shipped where the shop wants it, post and match what was paid; return the orders touched."""
    from oms_core.finance.commands import settle as run
    from oms_core.finance.when_shipped import invoice_shipped
    from oms_core.kernel.settings import stored_shop

    with workspace.transaction() as session:
        invoice_shipped(session, stored_shop(session))
        return run(session, actor="worker")
