"""The supplier's answer: a plain yes, or other quantities and prices that the buyer accepts or refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.purchasing import limits
from oms_core.purchasing.answer_tables import SupplierAnswer, SupplierAnswerLine
from oms_core.purchasing.approving import void
from oms_core.purchasing.records import lines_of, locked, move, touch
from oms_core.purchasing.tables import PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.purchasing.tables import PurchaseOrder

#: States in which a supplier may still answer with changes.
ANSWERABLE = ("sent", "confirmed")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What the supplier says to one line; None leaves it as ordered.

    Parameters
    ----------
    quantity : int, optional
        Units it will deliver; zero for none.
    unit_cost_minor : int, optional
        Price of one, minor units of the order's currency.
    """

    quantity: int | None = None
    unit_cost_minor: int | None = None


def answer(
    session: Session,
    *,
    purchase_order_id: int,
    lines: Mapping[int, AnswerLine],
    expected_on: date | None = None,
    actor: str = "system",
) -> SupplierAnswer:
    """Write down an answer that differs from the order; nothing changes until somebody accepts it.

    Raises
    ------
    NotFound
        A line of another order.
    InvalidInput
        Below zero; ``purchase_order.answer_same`` when nothing differs.
    Refused
        ``purchase_order.not_answerable`` in other states; ``purchase_order.answer_open`` while one waits.
    """
    order = locked(session, purchase_order_id)
    _require_answerable(session, order)
    ordered = {line.id: line for line in lines_of(session, order.id)}
    changed = [row for key, said in lines.items() if (row := _difference(order, ordered, key, said)) is not None]
    if not changed:
        raise InvalidInput(
            "lines", len(lines), "nothing differs from the order", "Confirm it as it is.",
            code="purchase_order.answer_same",
        )  # fmt: skip
    after = {x.purchase_order_line_id: x.quantity * x.unit_cost_minor for x in changed}
    total = sum(after.get(i, _asked(line) * line.unit_cost_minor) for i, line in ordered.items())
    before = sum(_asked(line) * line.unit_cost_minor for line in ordered.values())
    said = SupplierAnswer(
        purchase_order_id=order.id, answered_at=clock.now(), entered_by=actor, expected_on=expected_on,
        total_before_minor=before, total_minor=total,
    )  # fmt: skip
    session.add(said)
    session.flush()
    for row in changed:
        row.supplier_answer_id = said.id
    session.add_all(changed)
    touch(
        session, order, "purchase_order.answered", actor=actor, lines=len(changed), total_before_minor=before,
        total_minor=total,
    )  # fmt: skip
    return said


def accept(session: Session, *, purchase_order_id: int, actor: str = "system") -> PurchaseOrder:
    """Take the supplier's answer: quantities, prices and the day become the order's; it is confirmed.

    Fewer units are called off, so that what was asked for stays known; the value is what the lines say now.

    Raises
    ------
    Refused
        ``purchase_order.no_answer``; ``purchase_order.answer_nothing`` when the supplier delivers nothing at all;
        ``purchase_order.over_limit`` when it became dearer than the actor may decide.
    """
    order = locked(session, purchase_order_id)
    said, rows = _open(session, order)
    ordered = {line.id: line for line in lines_of(session, order.id)}
    before = order.total_minor
    for row in rows:
        _apply(ordered[row.purchase_order_line_id], row)
    if not any(line.quantity - line.cancelled_qty for line in ordered.values()):
        raise Refused(
            "purchase_order.answer_nothing", f"The supplier delivers nothing of {order.number}.", "Cancel the order."
        )
    order.total_minor = sum(line.quantity * line.unit_cost_minor for line in ordered.values())
    _require_covered(session, order, before, actor)
    said.state, said.decided_at, said.decided_by = "accepted", clock.now(), actor
    order.expected_on = said.expected_on or order.expected_on
    facts: dict[str, Any] = {"before_minor": before, "total_minor": order.total_minor, "lines": len(rows)}
    if order.total_minor != before:
        void(session, order, reason="changed by the supplier's answer")
    if order.state == "confirmed":
        touch(session, order, "purchase_order.answer_accepted", actor=actor, **facts)
    else:
        order.confirmed_at = clock.now()
        move(session, order, "confirmed", "purchase_order.answer_accepted", actor=actor, **facts)
    return order


def refuse(session: Session, *, purchase_order_id: int, reason: str, actor: str = "system") -> PurchaseOrder:
    """Say no to the supplier's answer; the order stands as it was, and another answer may come."""
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word for the supplier", code="purchase_order.no_reason")
    order = locked(session, purchase_order_id)
    said, _rows = _open(session, order)
    said.state, said.decided_at, said.decided_by, said.reason = "refused", clock.now(), actor, reason.strip()
    touch(session, order, "purchase_order.answer_refused", actor=actor, reason=reason.strip())
    return order


def open_answer(session: Session, purchase_order_id: int) -> dict[str, Any] | None:
    """Return the answer that waits for a decision, with its lines by SKU, or None."""
    said = session.scalars(
        sa.select(SupplierAnswer).where(
            SupplierAnswer.purchase_order_id == purchase_order_id, SupplierAnswer.state == "open"
        )
    ).one_or_none()
    if said is None:
        return None
    keys = ("answered_at", "entered_by", "expected_on", "total_before_minor", "total_minor")
    row, line = SupplierAnswerLine, PurchaseOrderLine
    statement = (
        sa.select(
            Variant.sku, Variant.title, row.quantity_before, row.quantity, row.unit_cost_before_minor,
            row.unit_cost_minor,
        )
        .join(line, line.id == row.purchase_order_line_id)
        .join(Variant, Variant.id == line.variant_id)
        .where(row.supplier_answer_id == said.id)
        .order_by(line.position)
    )  # fmt: skip
    told: dict[str, Any] = {key: getattr(said, key) for key in keys}
    return told | {"lines": [dict(x) for x in session.execute(statement).mappings()]}


def _asked(line: PurchaseOrderLine) -> int:
    return line.quantity - line.cancelled_qty


def _difference(
    order: PurchaseOrder, ordered: Mapping[int, PurchaseOrderLine], key: int, said: AnswerLine
) -> SupplierAnswerLine | None:
    """Return a line of the answer, or None when it says what was ordered."""
    line = ordered.get(key)
    if line is None:
        raise NotFound("purchase order line", key, hint=f"It is not a line of {order.number}.")
    quantity = _asked(line) if said.quantity is None else said.quantity
    cost = line.unit_cost_minor if said.unit_cost_minor is None else said.unit_cost_minor
    if quantity < 0 or cost < 0:
        raise InvalidInput("line", key, f"{quantity} units at {cost}: zero or more was expected")
    if (quantity, cost) == (_asked(line), line.unit_cost_minor):
        return None
    return SupplierAnswerLine(
        purchase_order_line_id=key, quantity_before=_asked(line), quantity=quantity,
        unit_cost_before_minor=line.unit_cost_minor, unit_cost_minor=cost,
    )  # fmt: skip


def _apply(line: PurchaseOrderLine, row: SupplierAnswerLine) -> None:
    """Write what the supplier said into a line; more units than were asked for are asked for now."""
    fewer = _asked(line) - row.quantity
    if fewer >= 0:
        line.cancelled_qty += fewer
    else:
        line.quantity -= fewer
    line.unit_cost_minor = row.unit_cost_minor


def _require_answerable(session: Session, order: PurchaseOrder) -> None:
    if order.state not in ANSWERABLE:
        raise Refused(
            "purchase_order.not_answerable",
            f"{order.number} is {order.state}; a supplier's changes are entered between sending and the first goods.",
            "Receive what came, with a reason where it differs.",
        )
    require_decided(session, order)


def require_decided(session: Session, order: PurchaseOrder) -> None:
    """Refuse to go on while an answer of the supplier waits for a decision."""
    if open_answer(session, order.id) is not None:
        raise Refused(
            "purchase_order.answer_open",
            f"An answer to {order.number} waits for a decision.",
            "Accept or refuse it first.",
        )


def _open(session: Session, order: PurchaseOrder) -> tuple[SupplierAnswer, Sequence[SupplierAnswerLine]]:
    a, row = SupplierAnswer, SupplierAnswerLine
    said = session.scalars(sa.select(a).where(a.purchase_order_id == order.id, a.state == "open")).one_or_none()
    if said is None or order.state not in ANSWERABLE:
        raise Refused(
            "purchase_order.no_answer",
            f"No answer to {order.number} waits for a decision.",
            "Enter the supplier's answer.",
        )
    return said, session.scalars(sa.select(row).where(row.supplier_answer_id == said.id)).all()


def _require_covered(session: Session, order: PurchaseOrder, before: int, actor: str) -> None:
    """Refuse to make an order dearer than the actor's limit."""
    if order.total_minor <= before or limits.covers(session, order, actor):
        return
    names = limits.may_approve(session, order)
    raise Refused(
        "purchase_order.over_limit",
        f"With the supplier's answer {order.number} is above the limit of {actor}.",
        f"May accept: {', '.join(names) or 'nobody; raise a limit'}.",
        may_approve=names,
    )
