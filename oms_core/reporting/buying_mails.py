"""Mail that waits: an order for its supplier, news of low stock; handed over by the worker, tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.purchasing.mail_tables import BuyingMail
from oms_core.purchasing.tables import PurchaseOrder
from oms_core.reporting.schedules import require_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

#: Pause after each try that may be repeated; after the last one the mail has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
#: How long a worker may be silent while it hands a mail over; after that nobody knows, and it is not repeated.
LEASE = timedelta(minutes=10)
INTERRUPTED = (
    "The worker ended while the mail was handed over; whether it arrived is not known. Ask, then send it again."
)
_NOT_OUT = ("draft", "pending_approval", "approved", "cancelled")


def mail_order(
    session: Session,
    *,
    purchase_order_id: int,
    format_: str,
    language: str,
    recipients: Sequence[str] = (),
    actor: str = "system",
) -> BuyingMail:
    """Put a sent order into the post for its supplier, as PDF and in the form named.

    Parameters
    ----------
    recipients : sequence of str
        Addresses; the supplier's own when left out.

    Raises
    ------
    Refused
        ``purchase_order.not_sent``: mailing is part of sending, never a way around an approval.
        ``supplier.no_address``: none is known and none was given.
    InvalidInput
        An address that cannot be one.
    """
    order = session.get(PurchaseOrder, purchase_order_id)
    if order is None:
        raise NotFound("purchase order", purchase_order_id)
    if order.state in _NOT_OUT:
        raise Refused(
            "purchase_order.not_sent", f"{order.number} is {order.state}; it cannot be mailed.", "Send it first."
        )
    supplier = session.get_one(Supplier, order.supplier_id)
    addresses = [a.strip() for a in (recipients or [supplier.email]) if a.strip()]
    if not addresses:
        raise Refused(
            "supplier.no_address", f"No e-mail address of {supplier.name} is known.", "Name one: --to ADDRESS."
        )
    return queue(
        session, kind="purchase_order", recipients=addresses, format_=format_, language=language,
        purchase_order_id=order.id, facts={"number": order.number}, actor=actor,
    )  # fmt: skip


def queue(
    session: Session,
    *,
    kind: str,
    recipients: Sequence[str],
    format_: str,
    language: str,
    facts: dict[str, Any],
    purchase_order_id: int | None = None,
    actor: str = "system",
) -> BuyingMail:
    """Put a mail into the post; the worker hands it over."""
    for address in recipients:
        require_address("to", address)
    now = clock.now()
    mail = BuyingMail(
        kind=kind, purchase_order_id=purchase_order_id, recipients=list(dict.fromkeys(recipients)), format=format_,
        language=language, facts=facts, created_at=now, created_by=actor, next_try_at=now,
    )  # fmt: skip
    session.add(mail)
    session.flush()
    _tell(session, mail, "mail_queued", actor=actor, recipients=mail.recipients, format=format_)
    return mail


def is_due(session: Session) -> bool:
    """Tell without a lock whether a mail may be handed over now."""
    return session.execute(sa.select(BuyingMail.id).where(_due(clock.now())).limit(1)).first() is not None


def take(session: Session) -> BuyingMail | None:
    """Take the mail that waits longest; None when there is none. One found in another's hands has failed."""
    now = clock.now()
    first = sa.select(BuyingMail).where(_due(now)).order_by(BuyingMail.next_try_at, BuyingMail.id).limit(1)
    mail = session.scalars(first.with_for_update(skip_locked=True)).one_or_none()
    if mail is None:
        return None
    if mail.state == "sending":
        fail(session, mail, INTERRUPTED)
        return take(session)
    mail.state, mail.attempts, mail.next_try_at = "sending", mail.attempts + 1, now + LEASE
    session.flush()
    return mail


def settle(session: Session, mail: BuyingMail) -> None:
    """Note that the server took the mail."""
    mail.state, mail.sent_at, mail.last_error = "sent", clock.now(), ""
    session.flush()
    _tell(session, mail, "mailed", recipients=mail.recipients, format=mail.format)


def try_later(session: Session, mail: BuyingMail, sentence: str, *, waiting: Sequence[str] = ()) -> None:
    """Put a mail back for its next try, to those who still wait; after the last try it has failed."""
    if mail.attempts > len(PAUSES):
        fail(session, mail, f"{sentence} Tried {mail.attempts} times.")
        return
    mail.recipients = list(waiting or mail.recipients)
    mail.state, mail.last_error = "waiting", sentence
    mail.next_try_at = clock.now() + PAUSES[mail.attempts - 1]
    session.flush()


def fail(session: Session, mail: BuyingMail, sentence: str) -> None:
    """End a mail with the words a person reads."""
    mail.state, mail.error, mail.last_error = "failed", sentence, sentence
    session.flush()
    _tell(session, mail, "mail_failed", error=sentence)


def repeat(session: Session, mail_id: int, *, actor: str) -> BuyingMail:
    """Put a failed mail into the post again.

    Raises
    ------
    NotFound
        No such mail.
    InvalidInput
        It did not fail.
    """
    mail = session.get(BuyingMail, mail_id, with_for_update=True)
    if mail is None:
        raise NotFound("mail", mail_id)
    if mail.state != "failed":
        raise InvalidInput("mail", mail_id, f"it is {mail.state}; only a failed one is sent again")
    mail.state, mail.error, mail.attempts, mail.next_try_at = "waiting", "", 0, clock.now()
    session.flush()
    _tell(session, mail, "mail_queued", actor=actor, recipients=mail.recipients, format=mail.format)
    return mail


def mails(session: Session, *, purchase_order_id: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return mails, newest first: who, what, and what became of it."""
    found = sa.select(BuyingMail).order_by(BuyingMail.id.desc()).limit(limit)
    if purchase_order_id is not None:
        found = found.where(BuyingMail.purchase_order_id == purchase_order_id)
    keys = ("id", "kind", "recipients", "format", "state", "attempts", "created_at", "sent_at", "last_error")
    return [{key: getattr(mail, key) for key in keys} for mail in session.scalars(found)]


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(BuyingMail.state.in_(("waiting", "sending")), BuyingMail.next_try_at <= now)


def _tell(session: Session, mail: BuyingMail, event: str, *, actor: str = "worker", **facts: Any) -> None:
    """Leave an event with the order the mail is about; other mail has a journal of its own."""
    about = ("purchase_order", mail.purchase_order_id) if mail.purchase_order_id else ("buying_mail", mail.id)
    journal.record(session, f"{about[0]}.{event}", about[0], about[1], actor=actor, mail=mail.id, **facts)
