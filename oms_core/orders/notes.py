"""Notes on orders: what somebody wrote, with the author and the time; never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.orders.tables import Order, OrderNote

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Letters a note may have.
LONGEST = 10_000


def add_note(session: Session, order_id: int, body: str, *, actor: str = "system") -> OrderNote:
    """Write a note on an order.

    The journal names the note and not its text, so that a text that must be forgotten stands in one place.

    Raises
    ------
    NotFound
        If there is no such order.
    InvalidInput
        If the note is empty or longer than 10,000 letters.
    """
    text = body.strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput("note", f"{len(text)} letters", f"1 to {LONGEST:,} letters")
    if session.scalar(sa.select(Order.id).where(Order.id == order_id)) is None:
        raise NotFound("order", order_id)
    note = OrderNote(order_id=order_id, body=text, author=actor, at=clock.now())
    session.add(note)
    session.flush()
    journal.record(session, "order.noted", "order", order_id, actor=actor, note_id=note.id)
    return note


def notes_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's notes, oldest first: author, time, text."""
    rows = session.scalars(sa.select(OrderNote).where(OrderNote.order_id == order_id).order_by(OrderNote.id))
    return [{"id": n.id, "at": n.at, "author": n.author, "body": n.body} for n in rows]
