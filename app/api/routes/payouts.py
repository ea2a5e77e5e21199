"""Payouts: send a channel's statement, see what differs from the books, and what nobody paid out yet."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Code, Key, PageOf
from app.api.models import payouts as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from app.api.records import maybe_minor, minor
from oms_core.kernel.rows import core
from oms_core.payments import payout_reading, payouts
from oms_core.payments.payout_tables import PayoutStatement

operations = Operations("finance", tag="payouts")
ByChannel = Annotated[Code | None, Query(description="Code of a channel.")]


@operations.read("/payouts", answers=PageOf[m.Listed], example={"items": [m.LISTED], "next_cursor": None})
def list_(
    asking: Asking, channel: ByChannel = None, reference: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List payout statements, newest first, each with how many rows differ from the books."""
    connection, rows = core(asking.session), sa.select(PayoutStatement.id)
    if channel is not None:
        rows = rows.where(PayoutStatement.channel_id == payout_reading.channel_id(connection, channel))
    if reference is not None:
        rows = rows.where(PayoutStatement.reference == reference)
    found = newest_first(asking.session, rows, PayoutStatement.id, limit=limit, cursor=cursor)
    return found | {"items": [payout_reading.summary(connection, row["id"]) for row in found["items"]]}


@operations.read("/payouts/missing", answers=m.Missed, example={"items": [m.MISSING]})
def missing(asking: Asking, channel: Annotated[Code, Query(description="Code of a channel.")]) -> dict[str, Any]:
    """List captured payments of the days of a channel's statements that stand on none of them, at most 300."""
    return {"items": payout_reading.missing(core(asking.session), channel)}


@operations.read("/payouts/{key}", answers=m.Statement, example=m.STATEMENT)
def show(asking: Asking, key: Annotated[Key, Path(description="Its id.")]) -> dict[str, Any]:
    """Lay one statement beside the books, row by row."""
    return payout_reading.report(core(asking.session), key)


@operations.write("/payouts", status=201, answers=m.Kept, example={**m.STATEMENT, "again": False})
def keep(asking: Asking, body: m.NewStatement) -> dict[str, Any]:
    """Keep a statement and lay it beside the books; the same one again keeps nothing, other rows are refused."""
    currency = body.currency or asking.shop.currency
    head = payouts.NewStatement(
        channel=body.channel, reference=body.reference, currency=currency, gateway=body.gateway,
        received_minor=maybe_minor(body.received, currency, "received"),
    )  # fmt: skip
    rows = [
        payouts.Stated(
            row.kind, row.name, minor(row.amount, currency), minor(row.fee, currency, "fee"), row.on
        )
        for row in body.rows
    ]  # fmt: skip
    return payouts.book_statement(
        asking.session, head, rows, zone=asking.zone, book_fees=body.book_fees, actor=asking.actor
    )
