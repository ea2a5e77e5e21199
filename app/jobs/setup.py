"""Hand in master data: one transaction, or a dry run that is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oms_core.master_data.commands import Outcome, put
from oms_core.master_data.opening import STOCK, Stocked, put_stock
from oms_core.master_data.queries import sheet_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.workspace import Workspace
    from oms_core.kernel.settings import Shop


class _TakenBackError(Exception):
    """Ends the transaction of a dry run."""

    def __init__(self, outcome: Outcome | Stocked) -> None:
        super().__init__()
        self.outcome = outcome


def hand_in(
    workspace: Workspace,
    sheet: str,
    rows: Sequence[Mapping[str, object]],
    *,
    reason: str,
    actor: str,
    dry_run: bool = False,
) -> Outcome | Stocked:
    """Write rows of a sheet.

    Parameters
    ----------
    sheet : str
        A name of `master_data.sheets`, or ``stock``.
    reason : str
        Why stock changes; only ``stock`` asks.
    dry_run : bool
        Do it, say what was done, and take it back.
    """
    try:
        with workspace.transaction() as session:
            outcome = write(session, workspace.shop, sheet, rows, reason=reason, actor=actor)
            if dry_run:
                raise _TakenBackError(outcome)  # noqa: TRY301 - the way out of the transaction
    except _TakenBackError as taken_back:
        return taken_back.outcome
    return outcome


def write(
    session: Session, shop: Shop, sheet: str, rows: Sequence[Mapping[str, object]], *, reason: str, actor: str
) -> Outcome | Stocked:
    """Write rows of a sheet in the caller's transaction."""
    if sheet == STOCK.name:
        return put_stock(session, rows, reason=reason, zone=shop.zone, actor=actor)
    return put(session, sheet_named(sheet), rows, currency=shop.currency, actor=actor)
