"""Suppliers' invoices: enter, match three ways, approve or dispute, pay."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, Variant
from oms_core.finance import ledger
from oms_core.finance.cost_tables import SupplierInvoice, SupplierInvoiceLine
from oms_core.finance.landing import land_price_difference
from oms_core.finance.ledger_tables import LedgerEntry, SupplierPayment
from oms_core.finance.states import SUPPLIER_INVOICE
from oms_core.finance.three_way import Billed, Difference, differences
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, Refused
from oms_core.kernel.money import Money
from oms_core.purchasing.records import lines_of, locked
from oms_core.purchasing.tables import PurchaseOrderLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class BilledLine:
    """Units and unit cost (minor units, without tax) of one purchase-order line."""

    line_id: int
    quantity: int
    unit_cost_minor: int


def enter_supplier_invoice(
    session: Session,
    *,
    purchase_order_id: int,
    supplier_number: str,
    issued_on: date,
    lines: Sequence[BilledLine],
    tax_minor: int = 0,
    currency: str | None = None,
    due_on: date | None = None,
    actor: str = "system",
) -> SupplierInvoice:
    """Enter a supplier's bill as it stands on its paper; nothing is owed until it is approved.

    Parameters
    ----------
    due_on : date, optional
        Without it, `issued_on` and the supplier's payment days.

    Raises
    ------
    NotFound
        An unknown purchase order; a line of another one.
    InvalidInput
        No lines, a line twice, units below one, a negative cost or tax, another currency than ordered.
    Conflict
        ``supplier_invoice.duplicate``: this supplier's number was entered already.
    """
    order = locked(session, purchase_order_id)
    if currency is not None and currency != order.currency:
        raise InvalidInput("currency", currency, f"{order.number} was ordered in {order.currency}")
    if not supplier_number.strip():
        raise InvalidInput("supplier_number", supplier_number, "the number on the supplier's paper")
    _check_lines(session, order.id, order.number, lines, tax_minor)
    _refuse_twice(session, order.supplier_id, supplier_number.strip())
    supplier = session.get_one(Supplier, order.supplier_id)
    net = sum(line.quantity * line.unit_cost_minor for line in lines)
    found = SupplierInvoice(
        number=f"new-{uuid.uuid4().hex}", supplier_id=order.supplier_id, supplier_number=supplier_number.strip(),
        purchase_order_id=order.id, currency=order.currency, net_minor=net, tax_minor=tax_minor,
        gross_minor=net + tax_minor, issued_on=issued_on,
        due_on=due_on or issued_on + timedelta(days=supplier.payment_days), entered_at=clock.now(),
    )  # fmt: skip
    session.add(found)
    session.flush()
    found.number = f"SI-{FIRST_NUMBER - 1 + found.id}"
    session.add_all(
        SupplierInvoiceLine(
            supplier_invoice_id=found.id, purchase_order_line_id=line.line_id, quantity=line.quantity,
            unit_cost_minor=line.unit_cost_minor,
        )
        for line in lines
    )  # fmt: skip
    session.flush()
    _note(session, found, "supplier_invoice.entered", actor=actor, gross_minor=found.gross_minor)
    return found


def _check_lines(session: Session, order_id: int, number: str, lines: Sequence[BilledLine], tax_minor: int) -> None:
    known = {line.id for line in lines_of(session, order_id)}
    if not lines:
        raise InvalidInput("lines", [], "at least one line", code="supplier_invoice.no_lines")
    for line in lines:
        if line.line_id not in known:
            raise NotFound("purchase order line", line.line_id, hint=f"It is not a line of {number}.")
        if line.quantity < 1 or line.unit_cost_minor < 0:
            raise InvalidInput("lines", line.line_id, "at least one unit at a cost of zero or more")
    if len({line.line_id for line in lines}) < len(lines):
        raise InvalidInput("lines", len(lines), "each purchase-order line once")
    if tax_minor < 0:
        raise InvalidInput("tax", tax_minor, "zero or more")


def _refuse_twice(session: Session, supplier_id: int, supplier_number: str) -> None:
    earlier = session.scalar(
        sa.select(SupplierInvoice.number).where(
            SupplierInvoice.supplier_id == supplier_id, SupplierInvoice.supplier_number == supplier_number
        )
    )
    if earlier is not None:
        raise Conflict(
            "supplier_invoice.duplicate",
            f"The supplier's invoice {supplier_number!r} was entered already: it is {earlier}.",
            "Nothing was written; work with the one that exists.",
            number=earlier,
        )


def find_differences(session: Session, supplier_invoice_id: int) -> list[Difference]:
    """Return how a bill differs from its order and receipts as they are now; nothing when it fits."""
    found = session.get(SupplierInvoice, supplier_invoice_id)
    if found is None:
        raise NotFound("supplier invoice", supplier_invoice_id)
    before = (
        sa.select(SupplierInvoiceLine.purchase_order_line_id, sa.func.sum(SupplierInvoiceLine.quantity).label("units"))
        .join(SupplierInvoice, SupplierInvoice.id == SupplierInvoiceLine.supplier_invoice_id)
        .where(SupplierInvoice.id != supplier_invoice_id, SupplierInvoice.state != "cancelled")
        .where(SupplierInvoice.purchase_order_id == found.purchase_order_id)
        .group_by(SupplierInvoiceLine.purchase_order_line_id)
        .subquery()
    )
    statement = (
        sa.select(SupplierInvoiceLine, PurchaseOrderLine, Variant.sku, sa.func.coalesce(before.c.units, 0))
        .join(PurchaseOrderLine, PurchaseOrderLine.id == SupplierInvoiceLine.purchase_order_line_id)
        .join(Variant, Variant.id == PurchaseOrderLine.variant_id)
        .outerjoin(before, before.c.purchase_order_line_id == PurchaseOrderLine.id)
        .where(SupplierInvoiceLine.supplier_invoice_id == supplier_invoice_id)
        .order_by(SupplierInvoiceLine.id)
    )
    said = []
    for billed, ordered, sku, billed_before in session.execute(statement):
        line = Billed(
            sku=sku, quantity=billed.quantity, unit_cost_minor=billed.unit_cost_minor,
            ordered=ordered.quantity - ordered.cancelled_qty, received=ordered.received_qty,
            agreed_minor=ordered.unit_cost_minor, billed_before=int(billed_before),
        )  # fmt: skip
        said += differences(line, found.currency)
    return said


def approve_supplier_invoice(
    session: Session, *, supplier_invoice_id: int, accept: str = "", zone: str, actor: str = "system"
) -> SupplierInvoice:
    """Approve a bill: it is owed from now on. Accepted price differences become part of what the goods cost.

    Parameters
    ----------
    accept : str
        Why differences are accepted; needed when there are any.

    Raises
    ------
    Refused
        ``supplier_invoice.differs``: names every difference.
    TransitionRefused
        It is approved, paid or cancelled already.
    """
    found = _ready(session, supplier_invoice_id, "approved")
    said = find_differences(session, supplier_invoice_id)
    if said and not accept.strip():
        raise Refused(
            "supplier_invoice.differs",
            f"{found.number} does not fit its order: {' '.join(d.sentence for d in said)}",
            "Dispute it, or approve it with a reason why the differences are accepted.",
            differences=[{"sku": d.sku, "kind": d.kind, "amount_minor": d.amount_minor} for d in said],
        )
    land_price_difference(session, found, zone=zone, actor=actor)
    ledger.post(session, [{
        "side": "payable", "party": f"S:{found.supplier_id}", "customer_id": None, "supplier_id": found.supplier_id,
        "order_id": None, "kind": "supplier_invoice", "document_id": found.id, "document": found.supplier_number,
        "on_date": found.issued_on, "due_on": found.due_on, "amount_minor": found.gross_minor,
        "currency": found.currency,
    }])  # fmt: skip
    _move(session, found, "approved", actor=actor, reason=accept.strip())
    return found


def dispute_supplier_invoice(
    session: Session, *, supplier_invoice_id: int, reason: str, actor: str = "system"
) -> SupplierInvoice:
    """Set a bill aside until the supplier has answered; nothing is owed."""
    return _decide(session, supplier_invoice_id, "disputed", reason, actor=actor)


def cancel_supplier_invoice(
    session: Session, *, supplier_invoice_id: int, reason: str, actor: str = "system"
) -> SupplierInvoice:
    """Throw away a bill that was entered wrongly or taken back by the supplier."""
    return _decide(session, supplier_invoice_id, "cancelled", reason, actor=actor)


def pay_supplier_invoice(
    session: Session,
    *,
    supplier_invoice_id: int,
    amount_minor: int | None = None,
    reference: str = "",
    zone: str,
    actor: str = "system",
) -> SupplierPayment:
    """Book money sent to the supplier: what is open of the bill, or a part of it.

    Raises
    ------
    Refused
        ``supplier_invoice.not_approved``; ``supplier_invoice.paid_too_much``.
    InvalidInput
        An amount that is not above zero.
    """
    found = _locked(session, supplier_invoice_id)
    if found.state != "approved":
        raise Refused(
            "supplier_invoice.not_approved", f"{found.number} is {found.state}; only an approved bill is paid."
        )
    claim = sa.select(LedgerEntry.id).where(LedgerEntry.kind == "supplier_invoice", LedgerEntry.document_id == found.id)
    paid = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(SupplierPayment.amount_minor), 0)).where(
            SupplierPayment.supplier_invoice_id == found.id
        )
    )
    left = found.gross_minor - int(paid or 0)
    amount = left if amount_minor is None else amount_minor
    _check_payment(found, amount, left)
    day = clock.business_date(clock.now(), zone)
    payment = SupplierPayment(
        supplier_invoice_id=found.id, amount_minor=amount, currency=found.currency, reference=reference,
        at=clock.now(), business_date=day, actor=actor,
    )  # fmt: skip
    session.add(payment)
    session.flush()
    ledger.post(session, [{
        "side": "payable", "party": f"S:{found.supplier_id}", "customer_id": None, "supplier_id": found.supplier_id,
        "order_id": None, "kind": "supplier_payment", "document_id": payment.id,
        "document": reference or f"payment {payment.id}", "on_date": day, "due_on": day, "amount_minor": -amount,
        "currency": found.currency,
    }])  # fmt: skip
    settling = sa.select(LedgerEntry.id).where(
        LedgerEntry.kind == "supplier_payment", LedgerEntry.document_id == payment.id
    )
    keys = [session.execute(statement).scalar_one() for statement in (claim, settling)]
    ledger.match(session, claim_id=keys[0], settling_id=keys[1], amount_minor=amount, actor=actor)
    if amount == left:
        _move(session, found, "paid", actor=actor, reason=found.reason)
    return payment


def _check_payment(found: SupplierInvoice, amount: int, left: int) -> None:
    if amount <= 0:
        raise InvalidInput("amount", str(Money(amount, found.currency)), "an amount above zero")
    if amount > left:
        raise Refused(
            "supplier_invoice.paid_too_much",
            f"{found.number}: {Money(amount, found.currency)} is more than the {Money(left, found.currency)} open.",
            f"Pay at most {Money(left, found.currency)}.",
            left_minor=left,
        )


def _decide(session: Session, key: int, target: str, reason: str, *, actor: str) -> SupplierInvoice:
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why", code="supplier_invoice.no_reason")
    found = _ready(session, key, target)
    _move(session, found, target, actor=actor, reason=reason.strip())
    return found


def _locked(session: Session, key: int) -> SupplierInvoice:
    statement = sa.select(SupplierInvoice).where(SupplierInvoice.id == key).with_for_update(key_share=True)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("supplier invoice", key, hint="List them with: ordersight ledger bills")
    return found


def _ready(session: Session, key: int, target: str) -> SupplierInvoice:
    found = _locked(session, key)
    SUPPLIER_INVOICE.check(found.number, found.state, target)
    return found


def _move(session: Session, found: SupplierInvoice, target: str, *, actor: str, reason: str) -> None:
    before, found.state = found.state, target
    found.reason, found.decided_at = reason, clock.now()
    _note(session, found, f"supplier_invoice.{target}", actor=actor, **{"from": before, "reason": reason})


def _note(session: Session, found: SupplierInvoice, event: str, *, actor: str, **facts: Any) -> None:
    found.version += 1
    session.flush()
    journal.record(session, event, "supplier_invoice", found.id, actor=actor, number=found.number, **facts)
