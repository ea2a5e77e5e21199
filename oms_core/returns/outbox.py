"""Messages to customers on their way to the mail server: taken one by one, tried again, never sent twice by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.returns.case_tables import CustomerMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Pause after each try that may be repeated; after the last one the message has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
#: How long a worker may be silent while it hands a message over; after that nobody knows, and it is not repeated.
LEASE = timedelta(minutes=10)
#: Older messages are not sent any more: news of last month would only puzzle.
RECENT = timedelta(days=3)
INTERRUPTED = "The worker ended while the message was handed over; whether it arrived is not known."


def is_due(session: Session, since: datetime) -> bool:
    """Tell without a lock whether a message may be handed over now."""
    return session.execute(sa.select(CustomerMessage.id).where(_due(since)).limit(1)).first() is not None


def take(session: Session, since: datetime) -> CustomerMessage | None:
    """Take the message that waits longest; None when there is none. One found in another's hands has failed.

    Parameters
    ----------
    since : datetime
        Messages written before are nobody's business: the shop did not mail its customers then.
    """
    first = sa.select(CustomerMessage).where(_due(since)).order_by(CustomerMessage.id).limit(1)
    found = session.scalars(first.with_for_update(skip_locked=True)).one_or_none()
    if found is None:
        return None
    if found.sending_at is not None:
        fail(session, found, INTERRUPTED)
        return take(session, since)
    found.sending_at, found.attempts = clock.now(), found.attempts + 1
    session.flush()
    return found


def settle(session: Session, message: CustomerMessage) -> None:
    """Note that the server took the message."""
    message.sent_at, message.sending_at = clock.now(), None
    session.flush()
    journal.record(session, "message.mailed", message.object_type, message.object_id, actor="worker",
                   subject=message.subject)  # fmt: skip


def try_later(session: Session, message: CustomerMessage, sentence: str) -> None:
    """Put a message back for its next try; after the last one it has failed."""
    if message.attempts > len(PAUSES):
        fail(session, message, f"{sentence} Tried {message.attempts} times.")
        return
    message.sending_at, message.next_try_at = None, clock.now() + PAUSES[message.attempts - 1]
    session.flush()


def fail(session: Session, message: CustomerMessage, sentence: str) -> None:
    """End a message with the words a person reads in the timeline."""
    message.sending_at, message.error = None, sentence
    session.flush()
    journal.record(session, "message.failed", message.object_type, message.object_id, actor="worker",
                   subject=message.subject, error=sentence)  # fmt: skip


def _due(since: datetime) -> sa.ColumnElement[bool]:
    now, m = clock.now(), CustomerMessage
    in_hands = sa.and_(m.sending_at.is_not(None), m.sending_at > now - LEASE)
    return sa.and_(
        m.sent_at.is_(None), m.error == "", m.recipient != "", m.created_at >= max(since, now - RECENT),
        sa.not_(sa.func.coalesce(in_hands, False)), sa.or_(m.next_try_at.is_(None), m.next_try_at <= now),
    )  # fmt: skip
