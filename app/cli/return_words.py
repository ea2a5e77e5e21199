"""What the commands of returns, exchanges, claims and withdrawals share: lines by SKU, money as decimal text."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door
from app.cli.order_words import ActorOption, sku_units
from app.cli.purchase_words import decimal_money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

OrderArgument = Annotated[str, typer.Argument(help="Number of the order, such as OS-000001.")]
CaseArgument = Annotated[str, typer.Argument(help="Its number, such as EX-1001, CLM-1001 or WD-1001.")]
StateOption = Annotated[list[str] | None, typer.Option("--state", help="Only these states.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in a word of the catalogue or your own.")]
LateOption = Annotated[bool, typer.Option("--allow-late", help="Although the policy's days are over; journalled.")]
NoteOption = Annotated[str, typer.Option("--note", help="A sentence for the journal.")]

__all__ = [
    "ActorOption", "CaseArgument", "LateOption", "NoteOption", "OrderArgument", "ReasonOption", "StateOption",
    "case_told", "cases_told", "instant", "line_units",
]  # fmt: skip


def line_units(session: Session, order: Order, given: Sequence[str]) -> list[tuple[int, int]]:
    """Turn SKU=UNITS into (order line, units); units are shared over lines of the same SKU, shipped first."""
    import sqlalchemy as sa

    from oms_core.kernel.errors import NotFound
    from oms_core.orders.tables import OrderLine

    by_sku: dict[str, list[OrderLine]] = {}
    for line in session.scalars(
        sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    ):
        by_sku.setdefault(line.sku, []).append(line)
    found = list[tuple[int, int]]()
    for text in given:
        sku, units = sku_units(text)
        if sku not in by_sku:
            raise NotFound("line", sku, by_sku, f"Order {order.number} has no line of it.")
        *firsts, last = by_sku[sku]
        for line in firsts:
            here = min(units, line.quantity - line.cancelled_qty - line.returned_qty)
            units -= here
            found += [(line.id, here)] if here else []
        found += [(last.id, units)] if units else []
    return found


def cases_told(door: Door, noun: str, states: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return the list of exchanges, claims or withdrawals, money as decimal text beside its currency."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.returns import states as machines
    from oms_core.returns.case_queries import cases

    known = getattr(machines, noun.upper()).states
    for state in states or ():
        if state not in known:
            raise InvalidInput("state", state, f"one of {', '.join(known)}")
    with door.workspace().reading() as session:
        rows = cases(session, noun, states=states or ())
    hidden = {"id", "order_id", "return_id", "customer_id", "order_change_id", "refund_id", "version"}
    return [decimal_money({k: v for k, v in row.items() if k not in hidden}, row["currency"]) for row in rows]


def case_told(door: Door, session: Session, noun: str, key: int) -> dict[str, Any]:
    """Return one document: whole as JSON, its head otherwise."""
    from oms_core.returns.case_queries import case_record

    session.expire_all()
    record = case_record(session, noun, key)
    told = decimal_money(record, record["currency"])
    if door.format == "json":
        return told
    kept = ("number", "order", "return", "state", "doubt", "kind", "resolution", "settlement", "difference", "amount",
            "period_ends_on", "refund_due_on", "refunded", "currency")  # fmt: skip
    return {name: told[name] for name in kept if name in told}


def instant(text: str | None, zone: str) -> datetime | None:
    """Read a day or an instant; a day without a time is noon in the shop's zone."""
    from zoneinfo import ZoneInfo

    from oms_core.kernel.errors import InvalidInput

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text if len(text) > len("2026-01-01") else f"{text}T12:00")
    except ValueError as error:
        raise InvalidInput("at", text, "a day or instant such as 2026-11-22 or 2026-11-22T10:30") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
