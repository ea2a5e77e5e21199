"""The invoice of a draft as a message: what is bought, what it costs, where to pay."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from oms_core.drafts.documents import order_of
from oms_core.kernel import clock
from oms_core.kernel.money import Money
from oms_core.orders.new import totals
from oms_core.returns.case_tables import CustomerMessage

if TYPE_CHECKING:
    from oms_core.drafts.tables import Draft
    from oms_core.kernel.settings import Shop

KIND = "draft_invoice"
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "draft": "Your order", "quote": "Our quote", "hello": "Hello {name},", "lines": "this is what you asked for:",
        "shipping": "Carriage", "discount": "Discount", "tax": "of which tax", "total": "To pay",
        "pay": "You can pay here: {link}", "until": "The offer stands until {day}.", "bye": "Kind regards",
    },
    "pl": {
        "draft": "Twoje zamówienie", "quote": "Nasza oferta", "hello": "Dzień dobry {name},",
        "lines": "oto, o co prosiłeś:", "shipping": "Dostawa", "discount": "Rabat", "tax": "w tym podatek",
        "total": "Do zapłaty", "pay": "Zapłać tutaj: {link}", "until": "Oferta jest ważna do {day}.",
        "bye": "Pozdrawiamy",
    },
}  # fmt: skip


def invoice_message(draft: Draft, shop: Shop, *, link_base: str, language: str) -> CustomerMessage:
    """Return the message, not yet sent; in the customer's language where it is known to us."""
    customer: dict[str, Any] = draft.document.get("customer") or {}
    spoken = language or str(customer.get("language") or "")
    words = _WORDS.get(spoken, _WORDS["en"])
    subject = f"{words[draft.kind]} {draft.number}: {Money(draft.total_minor, draft.currency)}"
    body = "\n".join(_body(draft, shop, words, f"{link_base.rstrip('/')}/pay/{draft.payment_token}"))
    return CustomerMessage(
        kind=KIND, object_type="draft", object_id=draft.id, recipient=draft.email,
        language=spoken if spoken in _WORDS else "en", subject=subject, body=body,
        body_sha256=hashlib.sha256(body.encode()).hexdigest(), created_at=clock.now(),
    )  # fmt: skip


def _body(draft: Draft, shop: Shop, words: dict[str, str], link: str) -> list[str]:
    new = order_of(draft.document, number=draft.number)
    sums, currency = totals(new.lines, new.adjustments), new.currency
    name = new.customer.name if new.customer else ""
    said = [words["hello"].format(name=name).replace(" ,", ","), "", words["lines"], ""]
    said += [f"{x.quantity} × {x.title or x.sku}: {Money(x.gross_minor, currency)}" for x in new.lines]
    for label, amount in (("discount", -sums.discount_minor), ("shipping", sums.shipping_minor)):
        said += [f"{words[label]}: {Money(amount, currency)}"] if amount else []
    said.append(f"{words['total']}: {Money(sums.total_minor, currency)}")
    said += [f"{words['tax']}: {Money(sums.tax_minor, currency)}"] if sums.tax_minor else []
    said += ["", words["pay"].format(link=link)]
    if draft.expires_at is not None:
        said.append(words["until"].format(day=clock.business_date(draft.expires_at, shop.zone).isoformat()))
    return [*said, "", words["bye"], shop.name]
