"""What watches over purchase orders: limits and approvals, suppliers' answers, mail and files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path

from app.api.asking import Asking
from app.api.forms import Code, Number
from app.api.models import buying as b
from app.api.models import flows as m
from app.api.operations import Operations
from app.api.records import maybe_minor, minor
from app.api.routes.purchasing import Sku, seen, told
from app.documents import order_formats
from oms_core.catalog.tables import Supplier
from oms_core.kernel.errors import NotFound
from oms_core.kernel.settings import stored_shop
from oms_core.purchasing import commands, limits, names, terms
from oms_core.purchasing.queries import find, purchase_order_detail
from oms_core.purchasing.tables import PurchaseOrder
from oms_core.reporting import buying_mails

operations = Operations("purchasing", tag="purchase control")
ONE: dict[str, Any] = {"answers": m.Purchase, "example": m.PURCHASE}
BREAKS: dict[str, Any] = {"answers": dict[str, list[b.PriceBreak]], "example": {"items": [b.BREAK]}}
Buyer = Annotated[Code, Path(description="Person or role as the journal calls it; * for everybody else.")]
SupplierCode = Annotated[Code, Path(description="Code of a supplier.")]
Form = Annotated[Literal["pdf", "csv", "xlsx", "edi"], Path(description="Form of the order.")]


@operations.read("/buying-limits", answers=dict[str, list[b.Limit]], example={"items": [b.LIMIT]})
def buying_limits(asking: Asking) -> dict[str, Any]:
    """List who may send or approve how much alone."""
    return {"items": limits.limits(asking.session)}


@operations.write("/buying-limits/{buyer}", method="PUT", scope="finance:write", answers=b.Limit, example=b.LIMIT)
def set_limit(asking: Asking, buyer: Buyer, body: b.NewLimit) -> dict[str, Any]:
    """Set the most a buyer may send or approve alone."""
    amount = minor(body.amount, stored_shop(asking.session).currency)
    limits.set_limit(asking.session, buyer=buyer, amount_minor=amount, actor=asking.actor)
    return next(row for row in limits.limits(asking.session) if row["buyer"] == buyer.strip())


@operations.write(
    "/buying-limits/{buyer}", method="DELETE", scope="finance:write", answers=b.Dropped, example={"buyer": "anna"}
)
def drop_limit(asking: Asking, buyer: Buyer) -> dict[str, Any]:
    """Take a buyer's limit back."""
    limits.drop_limit(asking.session, buyer=buyer, actor=asking.actor)
    return {"buyer": buyer}


@operations.write("/purchase-orders/{number}/submit", **ONE)
def submit(asking: Asking, number: Number) -> dict[str, Any]:
    """Ask for an approval."""
    key = seen(asking, number)
    commands.submit(asking.session, purchase_order_id=key, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/approve", **ONE)
def approve(asking: Asking, number: Number, body: b.Note) -> dict[str, Any]:
    """Say yes to an order somebody else wrote, within one's own limit."""
    key = seen(asking, number)
    commands.approve(asking.session, purchase_order_id=key, note=body.note, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/reject", **ONE)
def reject(asking: Asking, number: Number, body: b.Reason) -> dict[str, Any]:
    """Give an order that waits for its approval back, with a reason."""
    key = seen(asking, number)
    commands.reject(asking.session, purchase_order_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/answer", **ONE)
def answer(asking: Asking, number: Number, body: b.Answer) -> dict[str, Any]:
    """Enter a supplier's confirmation that differs; it waits until it is accepted or refused."""
    session, key = asking.session, seen(asking, number)
    currency = session.get_one(PurchaseOrder, key).currency
    lines: dict[int, commands.AnswerLine] = {}
    for line in body.lines:
        (line_id,) = names.arrived_lines(session, key, {line.sku: 1})
        cost = maybe_minor(line.unit_cost, currency, "unit_cost")
        lines[line_id] = commands.AnswerLine(line.quantity, cost)
    commands.answer(session, purchase_order_id=key, lines=lines, expected_on=body.expected_on, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/accept-answer", **ONE)
def accept(asking: Asking, number: Number) -> dict[str, Any]:
    """Take the supplier's quantities, prices and day; the order is confirmed."""
    key = seen(asking, number)
    commands.accept(asking.session, purchase_order_id=key, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/refuse-answer", **ONE)
def refuse(asking: Asking, number: Number, body: b.Reason) -> dict[str, Any]:
    """Say no to the supplier's answer; the order stands as it was."""
    key = seen(asking, number)
    commands.refuse(asking.session, purchase_order_id=key, reason=body.reason, actor=asking.actor)
    return told(asking, key)


@operations.write("/purchase-orders/{number}/mail", status=201, answers=b.Mail, example=b.MAIL)
def mail(asking: Asking, number: Number, body: b.Post) -> dict[str, Any]:
    """Put a sent order into the post for its supplier; the worker hands it over and tries again."""
    session, key = asking.session, find(asking.session, number)
    spoken = body.language or stored_shop(session).language
    made = buying_mails.mail_order(
        session, purchase_order_id=key, format_=body.format, language=spoken, recipients=body.to, actor=asking.actor
    )
    return _mail(asking, made.id)


@operations.read("/buying-mails", answers=dict[str, list[b.Mail]], example={"items": [b.MAIL]})
def mails(asking: Asking) -> dict[str, Any]:
    """List the newest mail to suppliers and buyers and what became of it."""
    return {"items": buying_mails.mails(asking.session)}


@operations.write("/buying-mails/{key}/repeat", answers=b.Mail, example=b.MAIL)
def repeat(asking: Asking, key: Annotated[int, Path(ge=1, le=2**53)]) -> dict[str, Any]:
    """Put a failed mail into the post again."""
    return _mail(asking, buying_mails.repeat(asking.session, key, actor=asking.actor).id)


@operations.file("/purchase-orders/{number}/files/{form}", media="application/octet-stream")
def file(asking: Asking, number: Number, form: Form) -> tuple[str, bytes]:
    """Download a purchase order as PDF, CSV, XLSX or EDIFACT."""
    order = purchase_order_detail(asking.session, find(asking.session, number))
    data = order_formats.write(form, order, stored_shop(asking.session))
    return f"{order['number']}.{form}", data


@operations.read("/price-breaks", **BREAKS)
def price_breaks(asking: Asking) -> dict[str, Any]:
    """List what suppliers ask for larger quantities."""
    return {"items": terms.price_breaks(asking.session)}


@operations.write(
    "/suppliers/{supplier}/price-breaks/{sku}",
    method="PUT",
    answers=dict[str, list[b.PriceBreak]],
    example={"items": [b.BREAK]},
)
def set_price_breaks(asking: Asking, supplier: SupplierCode, sku: Sku, body: b.Breaks) -> dict[str, Any]:
    """Set every price break of an article at a supplier; an empty list takes them away."""
    session = asking.session
    currency = session.get_one(Supplier, names.supplier_id(session, supplier)).currency
    found = {x.from_qty: minor(x.unit_cost, currency, "unit_cost") for x in body.breaks}
    return {"items": terms.set_price_breaks(session, supplier=supplier, sku=sku, breaks=found, actor=asking.actor)}


def _mail(asking: Asking, key: int) -> dict[str, Any]:
    found = next((row for row in buying_mails.mails(asking.session, limit=500) if row["id"] == key), None)
    if found is None:
        raise NotFound("mail", key)
    return found
