"""Goods to come: what may be promised by when, who waits for what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import SAID, Code, Record
from app.api.models import desk as m
from app.api.naming import channel as channel_id
from app.api.naming import place
from app.api.operations import Operations
from app.api.pages import Limit
from oms_core.backorders.atp import atp
from oms_core.backorders.commands import set_policy
from oms_core.backorders.queries import backorders_list
from oms_core.inventory.queries import variant_of
from oms_core.orders.queries import order_named

operations = Operations("stock", tag="goods to come")
Some = Annotated[Code | None, Query()]


class Promisable(Record):
    """Units that may be promised by each day on which that changes."""

    sku: str
    days: list[dict[str, Any]]


class Waiting(Record):
    """Promises of goods to come, the oldest first."""

    items: list[dict[str, Any]]


class Policy(Record):
    """What happens when a SKU is sold out."""

    sku: str
    policy: str


@operations.read("/inventory/available-to-promise", answers=Promisable, example={
    "sku": "22114", "days": [{"date": "2026-05-01", "units": 40}, {"date": "2026-05-12", "units": 88}],
})  # fmt: skip
def promisable(
    asking: Asking, sku: Annotated[Code, Query()], location: Some = None, channel: Some = None
) -> dict[str, Any]:
    """Show how many units may be promised by when: what is here, and what open purchase orders bring."""
    session, variant = asking.session, variant_of(asking.session, sku)
    days = atp(
        session, variant.id, place(session, location), zone=asking.zone,
        channel_id=channel_id(session, channel) if channel else None,
    )  # fmt: skip
    return {"sku": variant.sku, "days": [{"date": day, "units": units} for day, units in days]}


@operations.read("/backorders", answers=Waiting, example={
    "items": [{"id": 5, "order": "OS-010045", "sku": "22114", "quantity": 2, "promised_on": "2026-05-12"}],
})  # fmt: skip
def backorders(
    asking: Asking,
    sku: Some = None,
    order: Some = None,
    state: Annotated[str, Query(pattern="^(waiting|allocated|cancelled)$")] = "waiting",
    limit: Limit = 50,
) -> dict[str, Any]:
    """List who waits for goods to come, the oldest promise first."""
    session = asking.session
    variant = variant_of(session, sku).id if sku else None
    key = order_named(session, order).id if order else None
    return {"items": backorders_list(session, variant_id=variant, order_id=key, state=state, limit=limit)}


@operations.write(
    "/variants/{sku}/oversell-policy", method="PUT", answers=Policy, example={"sku": "22114", "policy": "backorder"}
)
def policy(
    asking: Asking, sku: Annotated[str, Path(min_length=1, max_length=120, pattern=SAID)], body: m.OversellPolicy
) -> dict[str, Any]:
    """Say what happens when a SKU is sold out: refuse, promise, or promise what is on its way."""
    found = set_policy(asking.session, variant_of(asking.session, sku).id, body.policy, actor=asking.actor)
    return {"sku": found.sku, "policy": found.oversell_policy}
