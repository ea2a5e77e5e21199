"""Commands of drafts and quotes: create, update, send the invoice, complete, cancel, expire.

A draft promises nothing and counts nowhere until it is completed; then it is placed, paid and promised
like any other order, in one transaction. When stock is short the draft stays as it was.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.customers.tables import Customer
from oms_core.drafts.documents import order_of, whole
from oms_core.drafts.expiring import expire_due
from oms_core.drafts.messages import invoice_message
from oms_core.drafts.states import DRAFT
from oms_core.drafts.tables import DRAFT_KINDS, Draft
from oms_core.intake.commands import answer_of, place
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids
from oms_core.orders.new import NewPayment
from oms_core.orders.tables import Order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop
    from oms_core.returns.case_tables import CustomerMessage

__all__ = ["cancel", "complete", "create", "expire_due", "send_invoice", "update"]

#: Bytes of the random token in a payment link.
_TOKEN_BYTES = 24


def create(
    session: Session,
    document: object,
    *,
    kind: str = "draft",
    note: str = "",
    expires_at: datetime | None = None,
    actor: str = "system",
) -> Draft:
    """Keep an order that is not placed yet.

    Parameters
    ----------
    document : object
        An order as ``POST /v1/orders`` takes it, without payments; `external_id` may be left out, and a
        line's price (the catalogue's is taken and fixed).
    kind : str
        ``draft`` or ``quote``.
    expires_at : datetime, optional
        Aware; until when it may be completed.

    Raises
    ------
    InvalidInput, NotFound
        The document is no order of this shop (see `drafts.documents.whole`).
    """
    if kind not in DRAFT_KINDS:
        raise InvalidInput("kind", kind, f"one of {', '.join(DRAFT_KINDS)}")
    _check_expiry(expires_at)
    kept, new, sums = whole(session, document)
    (key,) = next_ids(core(session), "drafts")
    email = new.customer.email if new.customer else None
    draft = Draft(
        id=key, number=f"{'Q' if kind == 'quote' else 'D'}-{key:06d}", kind=kind, document=kept,
        currency=new.currency, total_minor=sums.total_minor, tax_minor=sums.tax_minor,
        customer_id=_customer(session, email), email=email, note=note, expires_at=expires_at,
        payment_token=secrets.token_urlsafe(_TOKEN_BYTES), created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    session.add(draft)
    _tell(session, draft, "created", actor=actor, total_minor=draft.total_minor, currency=draft.currency)
    return draft


def update(
    session: Session,
    draft_id: int,
    *,
    document: object | None = None,
    note: str | None = None,
    expires_at: datetime | None = None,
    actor: str = "system",
    expected_version: int | None = None,
) -> Draft:
    """Change a draft; one whose invoice was sent, or that expired, is open again.

    Raises
    ------
    Conflict
        ``draft.stale``: it is not at `expected_version`.
    TransitionRefused
        It is completed or cancelled.
    """
    draft = _locked(session, draft_id)
    if expected_version is not None and draft.version != expected_version:
        raise Conflict(
            "draft.stale",
            f"{draft.number} is at version {draft.version}, not {expected_version}.",
            "Read it again and repeat the change.",
            version=draft.version,
        )
    if draft.state != "open":
        DRAFT.check(draft.number, draft.state, "open")
    _check_expiry(expires_at)
    before = draft.total_minor
    if document is not None:
        draft.document, new, sums = whole(session, document)
        draft.currency, draft.total_minor, draft.tax_minor = new.currency, sums.total_minor, sums.tax_minor
        draft.email = new.customer.email if new.customer else None
        draft.customer_id = _customer(session, draft.email)
    draft.note = draft.note if note is None else note
    # an expired draft needs a new day; without one it has none
    draft.expires_at = expires_at or (None if draft.state == "expired" else draft.expires_at)
    draft.state, draft.version = "open", draft.version + 1
    _tell(
        session, draft, "updated", actor=actor, before={"total_minor": before}, after={"total_minor": draft.total_minor}
    )
    return draft


def send_invoice(
    session: Session, shop: Shop, draft_id: int, *, link_base: str = "", language: str = "", actor: str = "system"
) -> CustomerMessage:
    """Write the invoice with its payment link to the customer; it waits in the outbox to be sent.

    Parameters
    ----------
    link_base : str
        Address of the customer's pages; the link is ``{link_base}/pay/{token}``.
    language : str
        ``en`` or ``pl``; the customer's own when left out.

    Raises
    ------
    Refused
        ``draft.no_email``, or ``draft.expired``.
    """
    draft = _locked(session, draft_id)
    _refuse_expired(draft)
    if draft.state != "invoice_sent":
        DRAFT.check(draft.number, draft.state, "invoice_sent")
    if not draft.email:
        raise Refused("draft.no_email", f"{draft.number} has no e-mail to send an invoice to.", "Add the customer's.")
    message = invoice_message(draft, shop, link_base=link_base, language=language)
    session.add(message)
    draft.state, draft.invoice_sent_at, draft.version = "invoice_sent", clock.now(), draft.version + 1
    _tell(session, draft, "invoice_sent", actor=actor, to=draft.email)
    return message


def complete(
    session: Session,
    shop: Shop,
    draft_id: int,
    *,
    gateway: str | None = None,
    amount_minor: int | None = None,
    external_id: str | None = None,
    actor: str = "system",
) -> dict[str, Any]:
    """Make the draft an order: placed, paid and promised in this transaction; twice is once.

    Parameters
    ----------
    gateway : str, optional
        How it was paid (``cash``, ``card`` …); None leaves the order to be paid.
    amount_minor : int, optional
        What was paid; the total when left out, less for a deposit.
    external_id : str, optional
        The gateway's own id of the payment.

    Returns
    -------
    dict
        The intake's answer about the order (see `intake.place`), and ``draft``, its number.

    Raises
    ------
    InsufficientStock
        With every shortage; the draft stays as it was.
    Refused
        ``draft.expired``.
    """
    draft = _locked(session, draft_id)
    if draft.order_id is not None:
        return answer_of(session, session.get_one(Order, draft.order_id)) | {"draft": draft.number}
    _refuse_expired(draft)
    DRAFT.check(draft.number, draft.state, "completed")
    new = order_of(draft.document, number=draft.number)
    paid = draft.total_minor if amount_minor is None else amount_minor
    if gateway is not None and paid:
        new = replace(new, payments=[NewPayment(gateway=gateway, amount_minor=paid, external_id=external_id)])
    answer = place(session, shop, new, actor=actor)
    draft.state, draft.order_id, draft.completed_at = "completed", answer["id"], clock.now()
    draft.customer_id = session.get_one(Order, answer["id"]).customer_id
    draft.version += 1
    _tell(session, draft, "completed", actor=actor, order=answer["number"], gateway=gateway, paid_minor=paid)
    return answer | {"draft": draft.number}


def cancel(session: Session, draft_id: int, *, reason: str = "", actor: str = "system") -> Draft:
    """Give a draft up; twice is once."""
    draft = _locked(session, draft_id)
    if draft.state != "cancelled":
        DRAFT.check(draft.number, draft.state, "cancelled")
        draft.state, draft.version = "cancelled", draft.version + 1
        _tell(session, draft, "cancelled", actor=actor, reason=reason)
    return draft


def _locked(session: Session, draft_id: int) -> Draft:
    statement = sa.select(Draft).where(Draft.id == draft_id).with_for_update(key_share=True)
    draft = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if draft is None:
        raise NotFound("draft", draft_id)
    return draft


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is None:
        return
    if expires_at.tzinfo is None:
        raise InvalidInput("expires_at", expires_at.isoformat(), "a time with its zone")
    if expires_at <= clock.now():
        raise InvalidInput("expires_at", expires_at.isoformat(), "a time still to come")


def _refuse_expired(draft: Draft) -> None:
    if draft.state == "expired" or (draft.expires_at is not None and draft.expires_at <= clock.now()):
        raise Refused(
            "draft.expired",
            f"{draft.number} expired on {draft.expires_at:%Y-%m-%d %H:%M} UTC.",
            "Update it with a new expiry first; its prices may have changed.",
        )


def _customer(session: Session, email: str | None) -> int | None:
    if not email:
        return None
    known = sa.select(Customer.id).where(sa.func.lower(Customer.email) == email.strip().lower()).order_by(Customer.id)
    return session.scalars(known).first()


def _tell(session: Session, draft: Draft, event: str, *, actor: str, **facts: Any) -> None:
    session.flush()
    journal.record(session, f"draft.{event}", "draft", draft.id, actor=actor, number=draft.number, **facts)
