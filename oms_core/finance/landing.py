"""Landed cost: freight, duty and the like spread over what they brought in, exact to the minor unit."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.finance.cost_tables import (
    BASES,
    COST_KINDS,
    LandedCost,
    LandedCostLine,
    OpeningCost,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.money import split
from oms_core.kernel.rows import table_of
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001
_RECEIPT, _RECEIPT_LINE, _PO_LINE = table_of(Receipt), table_of(ReceiptLine), table_of(PurchaseOrderLine)
_PO, _VARIANT = table_of(PurchaseOrder), table_of(Variant)


def land_cost(
    session: Session,
    *,
    kind: str,
    amount_minor: int,
    currency: str,
    receipt_ids: Sequence[int],
    basis: str = "value",
    on_date: date | None = None,
    reference: str = "",
    note: str = "",
    zone: str,
    actor: str = "system",
) -> LandedCost:
    """Spread a cost over the lines of receipts by value, quantity or weight.

    Nothing is reposted: costing reads it from now on, for what was sold already as well.

    Parameters
    ----------
    amount_minor : int
        Minor units of `currency`; below zero takes a cost back (a credit note of the carrier).
    on_date : date, optional
        The day it became known; today when left out.

    Raises
    ------
    InvalidInput
        An unknown kind or basis, no amount, a currency that is no code, no receipts.
    NotFound
        An unknown receipt.
    Refused
        ``landed.no_weight`` names the variants without one; ``landed.currencies`` by value over receipts
        in several currencies.
    """
    _check(kind, basis, amount_minor, currency, receipt_ids)
    rows = _lines_of(session, receipt_ids)
    weights = _weights(rows, basis)
    found = _write(
        session, {row.id: part for row, part in zip(rows, split(amount_minor, weights), strict=True)},
        kind=kind, basis=basis, amount_minor=amount_minor, currency=currency, reference=reference, note=note,
        on_date=on_date or clock.business_date(clock.now(), zone), actor=actor, supplier_invoice_id=None,
    )  # fmt: skip
    journal.record(
        session, "cost.landed", "landed_cost", found.id, actor=actor, number=found.number, kind=kind,
        amount_minor=amount_minor, currency=currency, lines=len(rows),
    )  # fmt: skip
    return found


def _check(kind: str, basis: str, amount_minor: int, currency: str, receipt_ids: Sequence[int]) -> None:
    if kind not in COST_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(COST_KINDS)}")
    if basis not in BASES:
        raise InvalidInput("basis", basis, f"one of {', '.join(BASES)}")
    if amount_minor == 0:
        raise InvalidInput("amount", amount_minor, "an amount other than zero")
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise InvalidInput("currency", currency, "three capital letters (ISO 4217)")
    if not receipt_ids:
        raise InvalidInput("receipts", [], "at least one receipt", code="landed.no_receipts")


def _lines_of(session: Session, receipt_ids: Sequence[int]) -> list[Any]:
    """Return the lines of the receipts with what they may be weighed by."""
    statement = (
        sa.select(
            _RECEIPT_LINE.c.id, _RECEIPT_LINE.c.receipt_id, _RECEIPT_LINE.c.quantity, _PO_LINE.c.unit_cost_minor,
            _PO.c.currency, _VARIANT.c.weight_g, _VARIANT.c.sku,
        )
        .join(_PO_LINE, _PO_LINE.c.id == _RECEIPT_LINE.c.purchase_order_line_id)
        .join(_PO, _PO.c.id == _PO_LINE.c.purchase_order_id)
        .join(_VARIANT, _VARIANT.c.id == _PO_LINE.c.variant_id)
        .where(_RECEIPT_LINE.c.receipt_id.in_(receipt_ids))
        .order_by(_RECEIPT_LINE.c.id)
    )  # fmt: skip
    rows = list(session.execute(statement))
    for missing in sorted(set(receipt_ids) - {row.receipt_id for row in rows}):
        raise NotFound("receipt", missing)
    return rows


def _weights(rows: Sequence[Any], basis: str) -> list[int]:
    if basis == "quantity":
        return [row.quantity for row in rows]
    if basis == "weight":
        without = sorted({row.sku for row in rows if not row.weight_g})
        if without:
            raise Refused(
                "landed.no_weight",
                f"{len(without)} variant(s) have no weight: {', '.join(without[:10])}.",
                "Weigh them, or spread by value or quantity.",
                skus=without,
            )
        return [row.quantity * row.weight_g for row in rows]
    currencies = sorted({row.currency for row in rows})
    if len(currencies) > 1:
        raise Refused(
            "landed.currencies",
            f"The receipts are in {' and '.join(currencies)}; their values cannot be compared.",
            "Enter the cost for each currency's receipts, or spread it by quantity or weight.",
        )
    return [row.quantity * row.unit_cost_minor for row in rows]


def land_price_difference(session: Session, bill: SupplierInvoice, *, zone: str, actor: str) -> list[LandedCost]:
    """Make a bill's price differences part of what its receipts cost, one landed cost a billed line.

    Only units that arrived carry it: over the receipt lines of the billed line, by quantity.
    """
    statement = (
        sa.select(SupplierInvoiceLine, PurchaseOrderLine)
        .join(PurchaseOrderLine, PurchaseOrderLine.id == SupplierInvoiceLine.purchase_order_line_id)
        .where(SupplierInvoiceLine.supplier_invoice_id == bill.id)
        .order_by(SupplierInvoiceLine.id)
    )
    written = []
    for billed, ordered in session.execute(statement).all():
        units = min(billed.quantity, ordered.received_qty)
        worth = (billed.unit_cost_minor - ordered.unit_cost_minor) * units
        lines = sa.select(ReceiptLine.id, ReceiptLine.quantity).where(ReceiptLine.purchase_order_line_id == ordered.id)
        rows = session.execute(lines.order_by(ReceiptLine.id)).all()
        if worth and rows:
            parts = zip(rows, split(worth, [row.quantity for row in rows]), strict=True)
            written.append(_write(
                session, {row.id: part for row, part in parts}, kind="price_difference", basis="quantity",
                amount_minor=worth, currency=bill.currency, reference=bill.supplier_number, note=bill.number,
                on_date=clock.business_date(clock.now(), zone), actor=actor, supplier_invoice_id=bill.id,
            ))  # fmt: skip
    return written


def _write(session: Session, parts: Mapping[int, int], **values: Any) -> LandedCost:
    found = LandedCost(number=f"new-{uuid.uuid4().hex}", at=clock.now(), **values)
    session.add(found)
    session.flush()
    found.number = f"LC-{FIRST_NUMBER - 1 + found.id}"
    session.flush()
    rows = [{"landed_cost_id": found.id, "receipt_line_id": key, "amount_minor": part} for key, part in parts.items()]
    session.execute(sa.insert(table_of(LandedCostLine)), rows)
    return found


def set_opening_cost(
    session: Session, *, variant_id: int, unit_cost_minor: int, currency: str, actor: str = "system"
) -> None:
    """Say what one unit of the stock we started with cost; the latest entry counts.

    Raises
    ------
    NotFound, InvalidInput
        An unknown variant; a negative cost.
    """
    if session.get(Variant, variant_id) is None:
        raise NotFound("variant", variant_id)
    if unit_cost_minor < 0:
        raise InvalidInput("cost", unit_cost_minor, "zero or more")
    session.add(OpeningCost(
        variant_id=variant_id, unit_cost_minor=unit_cost_minor, currency=currency, at=clock.now(), actor=actor
    ))  # fmt: skip
    session.flush()
    journal.record(
        session, "cost.opening_set", "variant", variant_id, actor=actor, unit_cost_minor=unit_cost_minor,
        currency=currency,
    )  # fmt: skip
