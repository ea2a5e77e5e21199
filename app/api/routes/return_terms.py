"""The terms of returns: refund policies and reasons; the queues of the returns desk."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Day, Number
from app.api.models import terms as m
from app.api.operations import Operations
from app.api.pages import Limit
from app.api.records import columns, maybe_minor, minor
from oms_core.kernel.errors import NotFound
from oms_core.returns import reasons as catalogue
from oms_core.returns.desk_queue import return_queue
from oms_core.returns.policies import save_policy
from oms_core.returns.policy_tables import RefundPolicy

operations = Operations("returns", tag="terms of returns")
ONE: dict[str, Any] = {"answers": m.PolicyRecord, "example": m.POLICY}
On = Annotated[Day | None, Query(description="As of this day; today if left out.")]
CodeWord = Annotated[str, Path(pattern="^[a-z0-9_]{1,60}$", description="Small letters, digits and _.")]


@operations.read("/refund-policies", answers=m.Policies, example={"items": [m.POLICY]})
def list_(asking: Asking) -> dict[str, Any]:
    """List the refund policies; the most specific one that fits a return holds."""
    rows = asking.session.scalars(sa.select(RefundPolicy).order_by(RefundPolicy.code))
    return {"items": [_told(asking, row) for row in rows]}


@operations.read("/refund-policies/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one refund policy by its code."""
    found = asking.session.scalar(sa.select(RefundPolicy).where(RefundPolicy.code == number))
    if found is None:
        raise NotFound("refund policy", number, asking.session.scalars(sa.select(RefundPolicy.code)).all())
    return _told(asking, found)


@operations.write("/refund-policies/{number}", method="PUT", **ONE)
def write(asking: Asking, number: Number, body: m.Policy) -> dict[str, Any]:
    """Write a refund policy whole, or put it in the place of the one of that code."""
    own, currency = body.model_dump(exclude={"label", "fee", "standard_delivery"}), asking.shop.currency
    money = {
        "label_minor": minor(body.label, currency, "label"),
        "fee_minor": minor(body.fee, currency, "fee"),
        "standard_delivery_minor": maybe_minor(body.standard_delivery, currency, "standard_delivery"),
    }
    return _told(asking, save_policy(asking.session, code=number, actor=asking.actor, **own, **money))


@operations.read("/return-reasons", answers=m.Reasons, example={"items": [m.REASON]})
def reasons(asking: Asking) -> dict[str, Any]:
    """List the reasons of returns in English and Polish, and whose fault each is."""
    return {"items": [asdict(reason) for reason in catalogue.reasons(asking.session).values()]}


@operations.write("/return-reasons/{code}", method="PUT", answers=m.ReasonRecord, example=m.REASON)
def write_reason(asking: Asking, code: CodeWord, body: m.Reason) -> dict[str, Any]:
    """Add a reason, change one, or (inactive) take one out of the catalogue."""
    return columns(catalogue.save_reason(asking.session, code=code, **body.model_dump()), "id", "position")


@operations.read("/return-reasons/counts", answers=m.Returned, example={
    "items": [{"sku": "22114", "reason": "defective", "fault": "supplier", "units": 4, "goods": "17.00"}],
})  # fmt: skip
def why_returned(
    asking: Asking, by: Annotated[str, Query(pattern="^(sku|supplier)$")] = "sku",
    since: Annotated[Day | None, Query()] = None, until: Annotated[Day | None, Query()] = None,
) -> dict[str, Any]:  # fmt: skip
    """Count returned units by reason and SKU or supplier, most first."""
    return {"items": catalogue.why_returned(asking.session, by=by, since=since, until=until)}


@operations.read("/return-queue", answers=m.Queue, example={"items": [m.WAITING]})
def queue(asking: Asking, on: On = None, limit: Limit = 50) -> dict[str, Any]:
    """List the returns that wait for us, with the days left of what the law wants, most urgent first."""
    return {"items": return_queue(asking.session, zone=asking.zone, on=on, limit=limit)}


def _told(asking: Asking, found: RefundPolicy) -> dict[str, Any]:
    asking.session.flush()
    return columns(found, "id") | {"currency": asking.shop.currency}
