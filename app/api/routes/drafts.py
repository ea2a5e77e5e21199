"""Drafts and quotes: keep, change, invoice, complete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Number, PageOf
from app.api.models import drafts as m
from app.api.models.flows import Why
from app.api.operations import Operations
from app.api.pages import Cursor, Limit, page, unpacked
from oms_core.drafts import commands
from oms_core.drafts.queries import draft_named, draft_record, drafts_list
from oms_core.kernel.money import to_minor

operations = Operations("orders", tag="drafts")
ONE: dict[str, Any] = {"answers": m.Draft, "example": m.DRAFT}


@operations.read("/drafts", answers=PageOf[m.DraftRow], example={
    "items": [{key: m.DRAFT[key] for key in m.ROW_KEYS}], "next_cursor": None,
})  # fmt: skip
def list_(
    asking: Asking, state: Annotated[Code | None, Query()] = None, kind: Annotated[Code | None, Query()] = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """List drafts and quotes, newest first."""
    before = unpacked(cursor).get("before")
    return page(drafts_list(asking.session, state=state, kind=kind, limit=limit + 1, before_id=before), limit)


@operations.read("/drafts/{number}", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show one draft with its document."""
    return _told(asking, number)


@operations.write("/drafts", status=201, **ONE)
def create(asking: Asking, body: m.NewDraft) -> dict[str, Any]:
    """Keep an order that is not placed yet: no stock is promised, nothing is counted."""
    made = commands.create(
        asking.session, body.document.document(), kind=body.kind, note=body.note, expires_at=body.expires_at,
        actor=asking.actor,
    )  # fmt: skip
    return _told(asking, made.number)


@operations.write("/drafts/{number}", method="PATCH", **ONE)
def update(asking: Asking, number: Number, body: m.DraftEdit) -> dict[str, Any]:
    """Change a draft; one whose invoice was sent, or that expired, is open again."""
    commands.update(
        asking.session, draft_named(asking.session, number).id, note=body.note, expires_at=body.expires_at,
        document=body.document.document() if body.document else None, actor=asking.actor,
        expected_version=asking.expected_version,
    )  # fmt: skip
    return _told(asking, number)


@operations.write("/drafts/{number}/invoice", answers=m.Message, example=m.MESSAGE)
def invoice(asking: Asking, number: Number, body: m.InvoiceWish) -> dict[str, Any]:
    """Write the invoice with its payment link into the outbox."""
    draft = _seen(asking, number)
    message = commands.send_invoice(
        asking.session, asking.shop, draft.id, link_base=body.link_base, language=body.language, actor=asking.actor
    )
    asking.session.flush()
    return {
        "draft": draft.number, "to": message.recipient, "language": message.language, "subject": message.subject,
        "body": message.body, "created_at": message.created_at, "sent_at": message.sent_at,
    }  # fmt: skip


@operations.write("/drafts/{number}/complete", status=201, answers=m.Completed, example=m.COMPLETED)
def complete(asking: Asking, number: Number, body: m.Completion) -> dict[str, Any]:
    """Make it an order: placed, paid and promised at once; completing twice is completing once.

    Not enough stock is refused with every shortage, and the draft stays as it was.
    """
    draft = _seen(asking, number)
    paid = to_minor(body.amount, draft.currency) if body.amount is not None else None
    return commands.complete(
        asking.session, asking.shop, draft.id, gateway=body.gateway, amount_minor=paid, external_id=body.external_id,
        actor=asking.actor,
    )  # fmt: skip


@operations.write("/drafts/{number}/cancel", **ONE)
def cancel(asking: Asking, number: Number, body: Why) -> dict[str, Any]:
    """Give a draft up."""
    commands.cancel(asking.session, _seen(asking, number).id, reason=body.reason, actor=asking.actor)
    return _told(asking, number)


def _seen(asking: Asking, number: str) -> Any:
    """Return the draft, the one the caller saw."""
    draft = draft_named(asking.session, number)
    asking.require_version("draft", draft.id, draft.version)
    return draft


def _told(asking: Asking, number: str) -> dict[str, Any]:
    draft = draft_named(asking.session, number)
    asking.is_version(draft.version)
    return draft_record(asking.session, draft)
