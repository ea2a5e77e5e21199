"""Withdrawals: the consumer's right to send goods back within fourteen days."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Day, Number, PageOf
from app.api.models import cases as m
from app.api.models import terms
from app.api.models.flows import Why
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.kernel.errors import NotFound
from oms_core.orders.queries import order_named
from oms_core.orders.tables import Order
from oms_core.returns import withdrawals
from oms_core.returns.case_queries import case_record
from oms_core.returns.case_tables import Withdrawal
from oms_core.returns.withdrawal_settling import settle_withdrawal, withdrawal_queue

operations = Operations("returns", tag="withdrawals")
ONE: dict[str, Any] = {"answers": m.Withdrawal, "example": m.WITHDRAWAL}
On = Annotated[Day | None, Query(description="As of this day; today if left out.")]


@operations.read("/withdrawals", answers=PageOf[m.Withdrawal], example={"items": [m.WITHDRAWAL], "next_cursor": None})
def list_(asking: Asking, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    """List withdrawals, newest first."""
    rows = sa.select(*sa.inspect(Withdrawal).columns, Order.number.label("order"))
    rows = rows.join(Order, Order.id == Withdrawal.order_id)
    return newest_first(asking.session, rows, Withdrawal.id, limit=limit, cursor=cursor)


@operations.read("/withdrawal-queue", answers=terms.Queue, example={"items": [terms.WITHDRAWN]})
def queue(asking: Asking, on: On = None, limit: Limit = 50) -> dict[str, Any]:
    """List the withdrawals that wait for money or a decision, with the days left, most urgent first."""
    return {"items": withdrawal_queue(asking.session, zone=asking.zone, on=on)[:limit]}


@operations.file("/withdrawals/{number}/acknowledgement", media="application/pdf", tells=True)
def acknowledgement(asking: Asking, number: Number) -> tuple[str, bytes]:
    """Print the acknowledgement of a withdrawal as it was written, as PDF."""
    # loaded here: the PDF library is large, and most requests never print
    from app.documents.withdrawal import render

    record = case_record(asking.session, "withdrawal", _named(asking, number).id)
    return f"{record['number']}.pdf", render(record, asking.shop.name, suffix=".pdf")


@operations.read("/withdrawals/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one withdrawal with its days, lines, acknowledgement, refunds and timeline."""
    return _told(asking, _named(asking, number))


@operations.write("/withdrawals", status=201, **ONE)
def declare(asking: Asking, body: m.NewWithdrawal) -> dict[str, Any]:
    """Take a declaration in and acknowledge it; within the period the goods may be sent back at once."""
    given = withdrawals.Declaration(
        channel=body.channel, name=body.name, email=body.email, statement=body.statement,
        lines={x.order_line_id: x.quantity for x in body.lines} if body.lines else None,
        declared_at=body.declared_at, delivered_on=body.delivered_on,
    )  # fmt: skip
    order = order_named(asking.session, body.order)
    made = withdrawals.declare_withdrawal(
        asking.session, order_id=order.id, declaration=given, shop_name=asking.shop.name, language=body.language,
        zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made)


@operations.write("/withdrawals/{number}/accept", **ONE)
def accept(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Accept what the law does not ask for, as goodwill."""
    key = _seen(asking, number)
    made = withdrawals.accept_as_goodwill(
        asking.session, withdrawal_id=key, note=body.reason, zone=asking.zone, actor=asking.actor
    )
    return _told(asking, made)


@operations.write("/withdrawals/{number}/refuse", **ONE)
def refuse(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Refuse what the law does not cover, with the reason the buyer is told."""
    key = _seen(asking, number)
    made = withdrawals.refuse_withdrawal(asking.session, withdrawal_id=key, reason=body.reason, actor=asking.actor)
    return _told(asking, made)


@operations.write("/withdrawals/{number}/proof-of-sending", **ONE)
def prove(asking: Asking, number: Number, body: m.Proof) -> dict[str, Any]:
    """Keep the consumer's proof that the goods are under way."""
    key = _seen(asking, number)
    made = withdrawals.note_proof_of_sending(asking.session, withdrawal_id=key, proof=body.proof, actor=asking.actor)
    return _told(asking, made)


@operations.write("/withdrawals/{number}/settle", **ONE)
def settle(asking: Asking, number: Number, body: m.SettleWithdrawal) -> dict[str, Any]:
    """Give the money back: goods and the standard delivery, no fee."""
    key = _seen(asking, number)
    made = settle_withdrawal(
        asking.session, withdrawal_id=key, method=body.method, consumer_agreed=body.consumer_agreed,
        before_goods=body.before_goods, zone=asking.zone, actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made)


def _named(asking: Asking, number: str) -> Withdrawal:
    found = asking.session.scalars(sa.select(Withdrawal).where(Withdrawal.number == number)).one_or_none()
    if found is None:
        newest = sa.select(Withdrawal.number).order_by(Withdrawal.id.desc()).limit(500)
        raise NotFound("withdrawal", number, asking.session.scalars(newest))
    return found


def _seen(asking: Asking, number: str) -> int:
    found = _named(asking, number)
    asking.require_version("withdrawal", found.id, found.version)
    return found.id


def _told(asking: Asking, found: Withdrawal) -> dict[str, Any]:
    asking.session.flush()
    asking.session.refresh(found)
    asking.is_version(found.version)
    return case_record(asking.session, "withdrawal", found.id)
