"""Correct an issued invoice: after a return, or because a price, a quantity or the buyer was wrong.

A correction says what stood before, what stands after, and the difference, line by line. The original
and its corrections always add up to what is owed now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.finance import ledger
from oms_core.finance.partial import issued
from oms_core.finance.parties import Buyer, checked_tax_id
from oms_core.finance.records import Changed, issue, locked, write_lines
from oms_core.finance.returned import Current, after_return
from oms_core.finance.returned_parts import shares_of_return
from oms_core.finance.states import INVOICE
from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.finance.valuing import rate_bp
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused, TransitionRefused
from oms_core.orders.cancelling import locked_order
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

_PARTIES = (
    "seller_name", "seller_tax_id", "seller_address", "seller_account", "buyer_name", "buyer_tax_id",
    "buyer_address", "buyer_country", "customer_id", "order_id", "currency", "sold_on", "is_simulated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewValue:
    """What a line should say: units, net and tax, minor units."""

    quantity: int
    net_minor: int
    tax_minor: int


def correct_for_return(session: Session, shop: Shop, *, return_id: int, actor: str = "system") -> Invoice:
    """Issue the correction of a return: its gross is what the return owes the customer, with a minus.

    Of an order with several invoices each one that has some of the goods is corrected for its part; the
    first correction is returned. A return that was corrected for gives that correction back.

    Raises
    ------
    NotFound
        An unknown return.
    Refused
        ``invoice.none_to_correct``: the order has no issued invoice; ``invoice.return_open``: goods are
        still awaited, so what is owed is not known; ``invoice.nothing`` when it is worth nothing.
    """
    found = session.get(Return, return_id)
    if found is None or found.order_id is None:
        raise NotFound("return", return_id, hint="A credit without an order has no invoice to correct.")
    locked_order(session, found.order_id)
    earlier = session.scalar(sa.select(Invoice).where(Invoice.return_id == return_id).order_by(Invoice.id))
    if earlier is not None:
        return earlier
    before = issued(session, found.order_id)
    lines = session.scalars(sa.select(ReturnLine).where(ReturnLine.return_id == return_id)).all()
    if not before:
        raise Refused(
            "invoice.none_to_correct",
            f"Return {found.number} belongs to an order without an issued invoice.",
            "Issue the invoice first, or invoice the order after the return.",
        )
    if found.state not in {"received", "inspected", "closed"} or any(x.disposition == "pending" for x in lines):
        raise Refused("invoice.return_open", f"{found.number} is {found.state}: what it is worth is not settled yet.")
    extras = session.scalars(sa.select(ReturnAdjustment).where(ReturnAdjustment.return_id == return_id)).all()
    reason = found.reason or f"return {found.number}"
    made = [
        write_correction(session, shop, one, changed, reason=reason, buyer=None, return_id=return_id, actor=actor)
        for one, changed in _by_invoice(session, before, lines, extras)
        if changed
    ]
    if not made:
        raise Refused("invoice.nothing", "Nothing of the invoice changes.")
    return made[0]


def _by_invoice(
    session: Session, before: Sequence[Invoice], lines: Sequence[ReturnLine], extras: Sequence[ReturnAdjustment]
) -> list[tuple[Invoice, list[Changed]]]:
    """Return what a return changes on each invoice of its order."""
    known = [current(session, one) for one in before]
    if len(before) == 1:
        return [(before[0], after_return(known[0], lines, extras))]
    shares = shares_of_return(known, lines, extras)
    return [
        (one, after_return(now, took.lines, took.extras))
        for one, now, took in zip(before, known, shares, strict=True)
        if took.lines or took.extras
    ]


def correct_invoice(
    session: Session,
    shop: Shop,
    *,
    invoice_id: int,
    lines: Mapping[int, NewValue] | None = None,
    buyer: Buyer | None = None,
    reason: str,
    actor: str = "system",
) -> Invoice:
    """Issue a correction that a person decided: new values by line position, or another buyer.

    Raises
    ------
    InvalidInput
        No reason; nothing that changes; negative units; an unknown line; a wrong tax number.
    TransitionRefused
        A draft has nothing to correct.
    """
    original = locked(session, invoice_id)
    if original.kind == "correction":
        original = locked(session, original.corrects_id or 0)
    if original.state == "draft":
        raise TransitionRefused("invoice", f"draft {invoice_id}", "draft", "corrected", INVOICE.moves["draft"])
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why it is corrected", code="invoice.no_reason")
    locked_order(session, original.order_id)
    changed = _given(current(session, original), lines or {})
    if not changed and buyer is None:
        raise InvalidInput("lines", dict(lines or {}), "at least one line or the buyer that changes")
    return write_correction(
        session, shop, original, changed, reason=reason.strip(), buyer=buyer, return_id=None, actor=actor
    )


def current(session: Session, original: Invoice) -> dict[int, Current]:
    """Return what every line of an invoice says after all its corrections, by position."""
    statement = (
        sa.select(InvoiceLine)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(sa.or_(Invoice.id == original.id, Invoice.corrects_id == original.id), Invoice.state != "draft")
        .order_by(Invoice.id, InvoiceLine.position)
    )
    return {
        row.position: Current(
            row.position, row.kind, row.order_line_id, row.sku, row.title, row.tax_bp, row.after_qty,
            row.after_net_minor, row.after_tax_minor,
        )
        for row in session.scalars(statement)
    }  # fmt: skip


def _given(known: Mapping[int, Current], lines: Mapping[int, NewValue]) -> list[Changed]:
    changed = []
    for position, new in sorted(lines.items()):
        if position not in known:
            raise NotFound("invoice line", position, [str(n) for n in known])
        if new.quantity < 0:
            raise InvalidInput("quantity", new.quantity, "zero or more units")
        before = known[position]
        if (new.quantity, new.net_minor, new.tax_minor) != (before.quantity, before.net_minor, before.tax_minor):
            rate = rate_bp(new.net_minor, new.tax_minor, units=max(new.quantity, 1))
            changed.append(before.becomes(new.quantity, new.net_minor, new.tax_minor, tax_bp=rate))
    return changed


def write_correction(
    session: Session,
    shop: Shop,
    original: Invoice,
    changed: Sequence[Changed],
    *,
    reason: str,
    buyer: Buyer | None,
    return_id: int | None,
    actor: str,
) -> Invoice:
    """Write and issue a correction, mark the original, post it and settle the order's account."""
    if not changed and buyer is None:
        raise Refused("invoice.nothing", "Nothing of the invoice changes.")
    correction = Invoice(
        kind="correction", corrects_id=original.id, return_id=return_id, reason=reason, created_at=clock.now(),
        **{name: getattr(original, name) for name in _PARTIES},
    )  # fmt: skip
    if buyer is not None:
        _apply_buyer(correction, buyer)
    session.add(correction)
    session.flush()
    write_lines(session, correction, changed)
    issue(session, correction, shop, due_days=None, actor=actor)
    if original.state == "issued":
        INVOICE.check(original.number, original.state, "corrected")
        original.state, original.version = "corrected", original.version + 1
        session.flush()
    ledger.post_invoice(session, correction)
    ledger.settle_orders(session, [original.order_id], actor=actor)
    return locked(session, correction.id)


def _apply_buyer(correction: Invoice, buyer: Buyer) -> None:
    given = {
        "buyer_name": buyer.name, "buyer_tax_id": checked_tax_id(buyer.tax_id), "buyer_address": buyer.address,
        "buyer_country": buyer.country,
    }  # fmt: skip
    for name, value in given.items():
        if value:
            setattr(correction, name, value)
