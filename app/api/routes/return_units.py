"""Returns unit by unit, and what a refund of them is made of."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Amount, Number
from app.api.models import cases as m
from app.api.models import flows
from app.api.operations import Operations
from app.api.records import columns, maybe_minor
from app.api.routes.returns import seen, told
from oms_core.inventory.queries import location_of
from oms_core.returns import refunds, units
from oms_core.returns.queries import find
from oms_core.returns.tables import Return

operations = Operations("returns", tag="units of returns")
UNITS: dict[str, Any] = {"answers": m.UnitList, "example": {"items": [m.UNIT]}}
ONE: dict[str, Any] = {"answers": flows.Back, "example": flows.BACK}


@operations.read("/returns/{number}/units", **UNITS)
def list_(asking: Asking, number: Number) -> dict[str, Any]:
    """List the units counted for a return, with what was decided on each."""
    return {"items": [columns(unit) for unit in units.units_of(asking.session, find(asking.session, number))]}


@operations.write("/returns/{number}/units", status=201, **UNITS)
def count(asking: Asking, number: Number, body: m.CountedUnits) -> dict[str, Any]:
    """Count units in; the rest may still come another day."""
    key, place = seen(asking, number), location_of(asking.session, body.location)
    units.count_units(
        asking.session, return_id=key, counts={x.line_id: x.units for x in body.lines}, location_id=place.id,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return {"items": [columns(unit) for unit in units.units_of(asking.session, key)]}


@operations.write("/returns/{number}/inspect", **ONE)
def inspect(asking: Asking, number: Number, body: m.Inspected) -> dict[str, Any]:
    """Decide on counted units one by one."""
    key = seen(asking, number)
    decisions = [units.UnitDecision(x.unit_id, x.disposition, x.grade, x.note) for x in body.decisions]
    units.inspect_units(asking.session, return_id=key, decisions=decisions, zone=asking.zone, actor=asking.actor)
    return told(asking, key)


@operations.read("/returns/{number}/refund-proposal", answers=m.Proposal, example=m.PROPOSAL)
def propose(
    asking: Asking,
    number: Number,
    method: Annotated[str, Query(pattern="^(original|store_credit)$")] = "original",
    carriage_paid: Annotated[Amount | None, Query(description="What the customer paid to send it back.")] = None,
    label_used: Annotated[bool, Query(description="The customer used the shop's label.")] = False,  # noqa: FBT002 - a query parameter is given by name
) -> dict[str, Any]:
    """Show what a refund of a return would be, line by line; nothing is written."""
    key = find(asking.session, number)
    currency = asking.session.get_one(Return, key).currency
    found = refunds.propose_refund(
        asking.session, key, method=method, label_used=label_used,
        carriage_paid_minor=maybe_minor(carriage_paid, currency, "carriage_paid") or 0,
    )  # fmt: skip
    return asdict(found)


@operations.write("/returns/{number}/settle", **ONE)
def settle(asking: Asking, number: Number, body: m.Terms) -> dict[str, Any]:
    """Write what the policy adds and keeps back, and pay the proposal."""
    key = seen(asking, number)
    currency = asking.session.get_one(Return, key).currency
    refunds.settle_refund(
        asking.session, return_id=key, method=body.method, label_used=body.label_used,
        carriage_paid_minor=maybe_minor(body.carriage_paid, currency, "carriage_paid") or 0, zone=asking.zone,
        actor=asking.actor,
    )  # fmt: skip
    return told(asking, key)
