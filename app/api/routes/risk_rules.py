"""The second look at orders: the shop's risk rules, and orders that may be one wish twice."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query
from sqlalchemy.orm import aliased

from app.api.asking import Asking
from app.api.forms import Code, PageOf
from app.api.models import many as m
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, newest_first
from oms_core.orders.tables import Order
from oms_core.review.rule_book import rule_book, rules_given, write_rules
from oms_core.review.tables import DuplicateSuspicion

operations = Operations("orders", tag="second look")
BOOK: dict[str, Any] = {"answers": m.RuleBook, "example": m.BOOK}
_COLUMNS = ("id", "kind", "state", "sentence", "found_at", "decided_by", "decided_at")


@operations.read("/risk-rules", **BOOK)
def show(asking: Asking) -> dict[str, Any]:
    """Show the risk rules that hold: the shop's own, or the usual ones."""
    return rule_book(asking.session)


@operations.write("/risk-rules", method="PUT", **BOOK)
def write(asking: Asking, body: m.Rules) -> dict[str, Any]:
    """Put a set of risk rules in the place of the one before; orders assessed before keep their score."""
    rows = [rule.model_dump() for rule in body.rules]
    inactive = [row["kind"] for row in rows if not row["is_active"]]
    return write_rules(asking.session, rules_given(rows), inactive=inactive, actor=asking.actor)


@operations.read("/duplicates", answers=PageOf[m.Suspicion], example={"items": [m.SUSPICION], "next_cursor": None})
def duplicates(
    asking: Asking, state: Annotated[Code | None, Query()] = None, order: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List orders that may be one wish sent twice, newest first; those decided on too unless a state is asked for."""
    newer, older = aliased(Order), aliased(Order)
    rows = sa.select(
        *(getattr(DuplicateSuspicion, name) for name in _COLUMNS),
        newer.number.label("order"),
        older.number.label("other_order"),
    )
    rows = rows.join(newer, newer.id == DuplicateSuspicion.order_id)
    rows = rows.join(older, older.id == DuplicateSuspicion.other_order_id)
    if state is not None:
        rows = rows.where(DuplicateSuspicion.state == state)
    if order is not None:
        rows = rows.where(sa.or_(newer.number == order, older.number == order))
    return newest_first(asking.session, rows, DuplicateSuspicion.id, limit=limit, cursor=cursor)
