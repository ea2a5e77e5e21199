"""Exchanges, claims and withdrawals: documents of their own beside the return."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import cases as m
from app.api.models.flows import Why
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import maybe_minor
from app.api.routes.returns import line_of
from oms_core.kernel.errors import NotFound
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.returns import claims, exchanges
from oms_core.returns.case_queries import case_record
from oms_core.returns.case_tables import Claim, Exchange
from oms_core.returns.claim_resolving import resolve_claim
from oms_core.returns.commands import NewReturnLine

operations = Operations("returns", tag="exchanges and claims")
EXCHANGE: dict[str, Any] = {"answers": m.Exchange, "example": m.EXCHANGE}
CLAIM: dict[str, Any] = {"answers": m.Claim, "example": m.CLAIM}
State = Annotated[Code | None, Query()]


@operations.read("/exchanges", answers=PageOf[m.Exchange], example={"items": [m.EXCHANGE], "next_cursor": None})
def list_exchanges(asking: Asking, state: State = None, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List exchanges, newest first."""
    return _page(asking, Exchange, state, limit, cursor)


@operations.read("/exchanges/{number}", **EXCHANGE)
def show_exchange(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one exchange with its goods, refunds, timeline, and in words how its difference was settled."""
    return _told(asking, _named(asking, Exchange, number))


@operations.write("/exchanges", status=201, **EXCHANGE)
def request_exchange(asking: Asking, body: m.NewExchange) -> dict[str, Any]:
    """Ask to swap goods of an order for others; nothing moves and nothing is promised yet."""
    session, order = asking.session, order_named(asking.session, body.order)
    back = [NewReturnLine(line_of(session, order, line), line.quantity, line.reason) for line in body.back]
    new = [
        exchanges.NewExchangeLine(
            sku=x.sku, quantity=x.quantity, unit_price_minor=maybe_minor(x.unit_price, order.currency, "unit_price")
        )
        for x in body.new
    ]
    made = exchanges.request_exchange(
        session, order_id=order.id, back=back, new=new, reason=body.reason, sends_first=body.sends_first,
        wants=body.wants, late="allow" if body.allow_late else "refuse", zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made)


@operations.write("/exchanges/{number}/approve", **EXCHANGE)
def approve_exchange(asking: Asking, number: Number) -> dict[str, Any]:
    """Allow the exchange: the goods may be sent back."""
    key = _seen(asking, Exchange, number).id
    return _told(asking, exchanges.approve_exchange(asking.session, exchange_id=key, actor=asking.actor))


@operations.write("/exchanges/{number}/send-replacement", **EXCHANGE)
def send_replacement(asking: Asking, number: Number) -> dict[str, Any]:
    """Add the new goods to the order before the old ones are back."""
    key = _seen(asking, Exchange, number).id
    made = exchanges.send_replacement(asking.session, exchange_id=key, zone=asking.zone, actor=asking.actor)
    return _told(asking, made)


@operations.write("/exchanges/{number}/complete", **EXCHANGE)
def complete_exchange(asking: Asking, number: Number) -> dict[str, Any]:
    """Finish when the goods are back: new goods on the order, the difference settled."""
    key = _seen(asking, Exchange, number).id
    made = exchanges.complete_exchange(asking.session, exchange_id=key, zone=asking.zone, actor=asking.actor)
    return _told(asking, made)


@operations.write("/exchanges/{number}/cancel", **EXCHANGE)
def cancel_exchange(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Call the exchange off before goods arrived."""
    key = _seen(asking, Exchange, number).id
    made = exchanges.cancel_exchange(
        asking.session, exchange_id=key, reason=body.reason, zone=asking.zone, actor=asking.actor
    )
    return _told(asking, made)


@operations.read("/claims", answers=PageOf[m.Claim], example={"items": [m.CLAIM], "next_cursor": None})
def list_claims(asking: Asking, state: State = None, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List claims, newest first."""
    return _page(asking, Claim, state, limit, cursor)


@operations.read("/claims/{number}", **CLAIM)
def show_claim(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one claim with its lines, evidence, refunds and timeline."""
    return _told(asking, _named(asking, Claim, number))


@operations.write("/claims", status=201, **CLAIM)
def open_claim(asking: Asking, body: m.NewClaim) -> dict[str, Any]:
    """Take a complaint in; nothing moves until somebody decides."""
    made = claims.open_claim(
        asking.session, order_id=order_named(asking.session, body.order).id, kind=body.kind,
        lines=[claims.NewClaimLine(x.order_line_id, x.quantity) for x in body.lines], description=body.description,
        evidence=[(x.kind, x.body) for x in body.evidence], actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made)


@operations.write("/claims/{number}/evidence", status=201, **CLAIM)
def add_evidence(asking: Asking, number: Number, body: m.Evidence) -> dict[str, Any]:
    """Keep what the customer shows."""
    found = _seen(asking, Claim, number)
    claims.add_evidence(asking.session, claim_id=found.id, kind=body.kind, body=body.body, actor=asking.actor)
    return _told(asking, found)


@operations.write("/claims/{number}/approve", **CLAIM)
def approve_claim(asking: Asking, number: Number, body: m.ApproveClaim) -> dict[str, Any]:
    """Accept a claim; goods that have to come back get a return of their own."""
    key = _seen(asking, Claim, number).id
    made = claims.approve_claim(
        asking.session, claim_id=key, keeps_item=body.keeps_item, note=body.note, zone=asking.zone, actor=asking.actor
    )
    return _told(asking, made)


@operations.write("/claims/{number}/reject", **CLAIM)
def reject_claim(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Refuse a claim, with the reason the customer is told."""
    key = _seen(asking, Claim, number).id
    return _told(asking, claims.reject_claim(asking.session, claim_id=key, reason=body.reason, actor=asking.actor))


@operations.write("/claims/{number}/resolve", **CLAIM)
def resolve(asking: Asking, number: Number, body: m.ResolveClaim) -> dict[str, Any]:
    """Settle an approved claim: money back, a replacement, store credit, or nothing."""
    found = _seen(asking, Claim, number)
    made = resolve_claim(
        asking.session, claim_id=found.id, resolution=body.resolution,
        amount_minor=maybe_minor(body.amount, found.currency), zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made)


def _page(asking: Asking, model: Any, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    rows = sa.select(*sa.inspect(model).columns, Order.number.label("order")).join(Order, Order.id == model.order_id)
    if state is not None:
        rows = rows.where(model.state == state)
    return newest_first(asking.session, rows, model.id, limit=limit, cursor=cursor)


def _named(asking: Asking, model: Any, number: str) -> Any:
    found = asking.session.scalars(sa.select(model).where(model.number == number)).one_or_none()
    if found is None:
        known = asking.session.scalars(sa.select(model.number).order_by(model.id.desc()).limit(500))
        raise NotFound(model.__name__.lower(), number, known)
    return found


def _seen(asking: Asking, model: Any, number: str) -> Any:
    found = _named(asking, model, number)
    asking.require_version(model.__name__.lower(), found.id, found.version)
    return found


def _told(asking: Asking, found: Any) -> dict[str, Any]:
    asking.session.flush()
    asking.session.refresh(found)
    asking.is_version(found.version)
    return case_record(asking.session, type(found).__name__.lower(), found.id)
