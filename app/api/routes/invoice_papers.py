"""Invoices before and after they are issued: drafts, corrections, the paper."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Number
from app.api.models import papers as m
from app.api.operations import Operations
from app.api.records import minor
from app.api.routes.invoices import ONE, invoice_of
from oms_core.finance.commands import Buyer, NewValue, correct_for_order, correct_invoice, draft_invoice
from oms_core.finance.queries import invoice_detail
from oms_core.kernel.errors import InvalidInput
from oms_core.orders.queries import order_named

operations = Operations("finance", tag="invoices")
Language = Annotated[
    str | None, Query(pattern="^(en|pl)$", description="Language of the paper; the shop's if left out.")
]


@operations.write("/orders/{number}/invoice-draft", status=201, **ONE)
def draft(asking: Asking, number: Number, body: m.Draft) -> dict[str, Any]:
    """Write the draft of an order's invoice, or write it anew; it has no number until it is issued."""
    order = order_named(asking.session, number)
    made = draft_invoice(asking.session, asking.shop, order_id=order.id, buyer=_buyer(body.buyer), actor=asking.actor)
    return invoice_detail(asking.session, made.id)


@operations.write("/orders/{number}/invoice-correction", status=201, **ONE)
def follow(asking: Asking, number: Number, body: m.Reason) -> dict[str, Any]:
    """Bring an issued invoice to what its changed order says now."""
    order = order_named(asking.session, number)
    made = correct_for_order(asking.session, asking.shop, order_id=order.id, reason=body.reason, actor=asking.actor)
    return invoice_detail(asking.session, made.id)


@operations.write("/invoices/{number}/corrections", status=201, **ONE)
def correct(asking: Asking, number: Number, body: m.Correction) -> dict[str, Any]:
    """Correct an issued invoice by hand: new values of lines, or another buyer."""
    session, key = asking.session, invoice_of(asking, number)
    currency = invoice_detail(session, key)["currency"]
    positions = [line.position for line in body.lines]
    if len(set(positions)) < len(positions):
        raise InvalidInput("lines", positions, "each line once", code="invoice.line_twice")
    lines = {
        line.position: NewValue(line.quantity, minor(line.net, currency, "net"), minor(line.tax, currency, "tax"))
        for line in body.lines
    }
    made = correct_invoice(
        session, asking.shop, invoice_id=key, lines=lines, buyer=_buyer(body.buyer), reason=body.reason,
        actor=asking.actor,
    )  # fmt: skip
    return invoice_detail(session, made.id)


@operations.file("/invoices/{number}/document", media="application/pdf", tells=True)
def paper(asking: Asking, number: Number, language: Language = None) -> tuple[str, bytes]:
    """Print an invoice or correction by its id (or its order's number) as PDF, in English or Polish."""
    # loaded here: the PDF library is large, and most requests never print
    from app.documents.invoice import render

    detail = invoice_detail(asking.session, invoice_of(asking, number))
    name = str(detail["number"] or f"draft-{detail['order']}").replace("/", "-")
    return f"{name}.pdf", render(detail, asking.shop, suffix=".pdf", language=language)


def _buyer(given: Any) -> Buyer | None:
    return Buyer(**given.model_dump()) if given else None
