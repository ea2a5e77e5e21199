"""Matches in accounts by hand, and what the stock we started with cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Key
from app.api.models import papers as m
from app.api.naming import variants
from app.api.operations import Operations
from app.api.records import maybe_minor, minor
from oms_core.finance.commands import match, set_opening_cost
from oms_core.finance.ledger_tables import LedgerEntry
from oms_core.finance.matches import matches_of, newest_between, unmatch
from oms_core.kernel.errors import NotFound

operations = Operations("finance", tag="accounts")
ONE: dict[str, Any] = {"answers": m.Match, "example": m.MATCH}


@operations.read("/ledger/matches", answers=m.Matches, example={"items": [m.MATCH]})
def list_(asking: Asking, entry: Annotated[Key, Query(description="Id of a ledger entry.")]) -> dict[str, Any]:
    """List what a ledger entry was matched with, oldest first."""
    return {"items": matches_of(asking.session, entry)}


@operations.write("/ledger/matches", status=201, **ONE)
def settle(asking: Asking, body: m.NewMatch) -> dict[str, Any]:
    """Settle a claim by a payment or credit of the same account, wholly or in part."""
    entry = asking.session.get(LedgerEntry, body.claim)
    if entry is None:
        raise NotFound("ledger entry", body.claim, hint="See: GET /v1/ledger/open")
    wanted = maybe_minor(body.amount, entry.currency)
    match(asking.session, claim_id=body.claim, settling_id=body.settling, amount_minor=wanted, actor=asking.actor)
    return newest_between(asking.session, body.claim, body.settling)


@operations.write("/ledger/matches/{key}/undo", **ONE)
def undo(asking: Asking, key: Annotated[Key, Path(description="Its id.")], body: m.Reason) -> dict[str, Any]:
    """Take a match back: both entries are open again; the journal keeps it."""
    return unmatch(asking.session, key, reason=body.reason, actor=asking.actor)


@operations.write("/opening-costs", status=201, answers=m.OpeningCostsTaken, example=m.OPENING)
def opening(asking: Asking, body: m.OpeningCosts) -> dict[str, Any]:
    """Say what a unit of the stock we started with cost, in the shop's currency."""
    session, currency = asking.session, asking.shop.currency
    known, rows = variants(session, (row.sku for row in body.costs)), []
    for row in body.costs:
        cost = minor(row.unit_cost, currency, "unit_cost")
        set_opening_cost(
            session, variant_id=known[row.sku], unit_cost_minor=cost, currency=currency, actor=asking.actor
        )
        rows.append({"sku": row.sku, "unit_cost_minor": cost, "currency": currency})
    return {"items": rows}
