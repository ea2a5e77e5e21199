"""One purchase order with everything a buyer decides by: authority, late twins, landed costs, mail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from oms_core.finance.landed_queries import landed_of_order
from oms_core.kernel import clock
from oms_core.kernel.errors import Refused
from oms_core.purchasing import approving, duplicates, limits, queries
from oms_core.purchasing.tables import PurchaseOrder
from oms_core.reporting import buying_mails

if TYPE_CHECKING:
    from app.workspace import Workspace

#: States in which an order has not gone out.
BEFORE_SENDING = ("draft", "pending_approval", "approved")


def purchase_order(workspace: Workspace, number: str, *, actor: str) -> dict[str, Any]:
    """Return one purchase order as it stands in the shop's database.

    Beside `purchasing.queries.purchase_order_detail`: ``authority`` (``may_send``, ``may_approve``, ``no_rate``) of
    `actor`, ``twins`` (lines of late orders with the same goods), ``landed``, ``mails`` and the supplier's
    ``lead_time`` as stated, seen and used.

    Raises
    ------
    NotFound
        ``purchase_order.not_found``, with near matches.
    """
    today = clock.business_date(clock.now(), workspace.shop.zone)
    with workspace.reading() as session:
        detail = queries.purchase_order_detail(session, queries.find(session, number))
        order = session.get_one(PurchaseOrder, detail["id"])
        waits = detail["state"] in BEFORE_SENDING
        detail["authority"] = _authority(session, order, actor) if waits else {}
        detail["twins"] = duplicates.of_order(session, order, today) if waits and not order.is_simulated else []
        detail["landed"] = landed_of_order(session, order.id)
        detail["lead_time"] = _lead_time(workspace, detail["supplier"], today)
        detail["mails"] = buying_mails.mails(session, purchase_order_id=order.id)
        return detail


def _lead_time(workspace: Workspace, supplier: dict[str, Any], today: date) -> dict[str, Any]:
    """Return what one supplier states, what its deliveries of the last year show, and what plans go by."""
    import polars as pl

    from analytics import frames
    from forecasting import lead_times

    seen = frames.supplier_lead_times(workspace.replica, today - timedelta(days=lead_times.WINDOW_DAYS))
    stated = {"supplier_id": supplier["id"], "lead_time_days": float(supplier["lead_time_days"])}
    one = pl.DataFrame([stated | {"lead_time_sd_days": 0.0}])
    return lead_times.used(one, seen).row(0, named=True)


def _authority(session: Any, order: PurchaseOrder, actor: str) -> dict[str, Any]:
    """Return whether an actor may send or approve an order, and who else may approve it."""
    try:
        covered = limits.covers(session, order, actor)
        names = limits.may_approve(session, order)
    except Refused as error:
        return {"may_send": False, "covered": False, "may_approve": [], "own_hands": False, "no_rate": error.message}
    approved = approving.standing(session, order) is not None
    return {
        "may_send": covered or approved, "covered": covered, "approved": approved, "may_approve": names,
        "own_hands": actor in {order.drafted_by, order.edited_by}, "no_rate": "",
    }  # fmt: skip
