"""Mail customers what became of their returns, and what else waits for them, where the shop wants it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import format as fmt
from app.i18n import _, speaking
from oms_core.kernel import clock
from oms_core.kernel.errors import OmsError, Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.orders.tables import Order
from oms_core.portal.links import email_of, link_of
from oms_core.reporting.mail_settings import mail_server
from oms_core.returns import outbox
from oms_core.returns.case_tables import CustomerMessage, Withdrawal
from oms_core.returns.records import lines_of
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace
    from oms_core.kernel.settings import Shop

log = logging.getLogger("ordersight.customers")
Facts = Mapping[str, Any]
#: What the messages are about, as the journal names it.
_KIND = "return"


def _requested(found: Return, _facts: Facts) -> tuple[str, str]:
    return (
        _("We have your return {number}").format(number=found.number),
        _("We received your wish to send goods back and will answer soon."),
    )


def _approved(found: Return, _facts: Facts) -> tuple[str, str]:
    where = "\n".join(["", _("Send the goods to:"), found.send_to]) if found.send_to else ""
    return _("Your return {number} is accepted").format(number=found.number), _("You may send the goods back.") + where


def _declined(found: Return, facts: Facts) -> tuple[str, str]:
    why = str(facts.get("reason") or "")
    said = _("We cannot take these goods back.")
    return _("About your return {number}").format(number=found.number), f"{said} {why}".strip()


def _arrived(found: Return, _facts: Facts) -> tuple[str, str]:
    return (
        _("Your goods of return {number} are here").format(number=found.number),
        _("We look at them now; the money follows."),
    )


def _refunded(found: Return, facts: Facts) -> tuple[str, str]:
    minor = facts.get("amount_minor")
    said = _("We gave the money back.")
    if minor is not None:
        said = _("We gave {money} back.").format(money=fmt.money(int(minor), found.currency))
    return _("Money for return {number}").format(number=found.number), said


#: Event of a return to what its customer reads: subject and first sentence.
TOLD: dict[str, Callable[[Return, Facts], tuple[str, str]]] = {
    "return.requested": _requested, "return.approved": _approved, "return.declined": _declined,
    "return.received": _arrived, "return.counted": _arrived, "return.refunded": _refunded,
}  # fmt: skip
#: What a withdrawal's acknowledgement says already.
ACKNOWLEDGED = ("return.requested", "return.approved")


def look(workspace: Workspace) -> dict[str, int]:
    """Write what is new to customers and hand over what waits; say how many were ``written`` and ``sent``.

    Nothing where the shop did not ask for it (setting ``mail_customers``), in a demo, whose customers are made up,
    and before a mail server is named.
    """
    done = {"written": 0, "sent": 0}
    shop = workspace.shop
    if not shop.mail_customers_since or shop.kind == "demo":
        return done
    since = datetime.fromisoformat(shop.mail_customers_since)
    with workspace.reading() as session:
        new = session.execute(_news(since).limit(1)).first()
        waits = outbox.is_due(session, since)
    if new:
        with workspace.transaction() as session:
            done["written"] = write(session, shop, since)
    while new or waits:
        sent = _hand_over(workspace, since)
        if sent is None:
            break
        done["sent"] += sent
    return done


def _news(since: datetime) -> sa.Select[Any]:
    """Return journal entries of returns that their customers were not told of."""
    entry = JournalEntry
    kind = sa.literal(_KIND + ":").concat(sa.cast(entry.id, sa.String))
    told = sa.select(CustomerMessage.id).where(
        CustomerMessage.object_type == _KIND, CustomerMessage.object_id == entry.object_id,
        CustomerMessage.kind == kind,
    )  # fmt: skip
    return (
        sa.select(entry.id, entry.event, entry.object_id, entry.data)
        .where(entry.object_type == _KIND, entry.event.in_(TOLD), entry.at >= max(since, clock.now() - outbox.RECENT))
        .where(~told.exists())
        .order_by(entry.id)
    )


def write(session: Session, shop: Shop, since: datetime) -> int:
    """Write a message for every event of a return its customer was not told of; return how many can be sent."""
    written = 0
    for entry in session.execute(_news(since)).all():
        found = session.get_one(Return, entry.object_id)
        order = session.get(Order, found.order_id) if found.order_id is not None else None
        message = _message(session, shop, found, order, entry)
        session.add(message)
        written += bool(message.recipient)
    session.flush()
    return written


def _message(session: Session, shop: Shop, found: Return, order: Order | None, entry: Any) -> CustomerMessage:
    """Return a message; one without a recipient says only that nobody is told of this event."""
    recipient = "" if order is None or found.is_history or found.is_simulated else email_of(session, order)
    if entry.event in ACKNOWLEDGED and _withdrawn(session, found.id):
        recipient = ""
    spoken = _language(session, order) or shop.language
    subject, body = ("", "")
    if recipient and order is not None:
        with speaking(spoken):
            subject, first = TOLD[entry.event](found, entry.data)
            body = _body(session, shop, found, order, first)
    return CustomerMessage(
        kind=f"{_KIND}:{entry.id}", object_type=_KIND, object_id=found.id, recipient=recipient, language=spoken,
        subject=subject, body=body, body_sha256=hashlib.sha256(body.encode()).hexdigest(), created_at=clock.now(),
    )  # fmt: skip


def _withdrawn(session: Session, return_id: int) -> bool:
    return session.scalar(sa.select(Withdrawal.id).where(Withdrawal.return_id == return_id).limit(1)) is not None


def _language(session: Session, order: Order | None) -> str:
    from oms_core.customers.tables import Customer

    if order is None or order.customer_id is None:
        return ""
    spoken = session.scalar(sa.select(Customer.language).where(Customer.id == order.customer_id)) or ""
    return spoken if spoken in {"en", "pl"} else ""


def _body(session: Session, shop: Shop, found: Return, order: Order, first: str) -> str:
    goods = [f"- {line.quantity} × {line.title or line.sku} ({line.sku})" for line in lines_of(session, found.id)]
    parts = [first, "\n".join([_("Order {number}:").format(number=order.number), *goods])]
    try:
        parts.append(_("How it stands: {link}").format(link=link_of(session, order)))
    except Refused:  # the customer's pages are closed
        log.debug("return %s: no link", found.number)
    return "\n\n".join([*parts, shop.name]) + "\n"


def _hand_over(workspace: Workspace, since: datetime) -> int | None:
    """Hand one message over; None when nothing waits or no mail server is named."""
    from app.mail import MailFailed, deliver

    with workspace.reading() as session:
        try:
            server = mail_server(session)
        except OmsError:
            return None
    with workspace.transaction() as session:
        taken = outbox.take(session, since)
        if taken is None:
            return None
        key, mail = taken.id, _mail(taken, server.sender)
    try:
        result = deliver(server, mail, [str(mail["To"])])
        bad, later = "; ".join((result.refused | result.later).values()), bool(result.later)
    except MailFailed as error:
        bad, later = error.message, error.may_repeat
    with workspace.transaction() as session:
        message = session.get_one(CustomerMessage, key, with_for_update=True)
        words = bad.replace(message.recipient, "…") if message.recipient else bad  # the timeline names nobody
        if not bad:
            outbox.settle(session, message)
        elif later:
            outbox.try_later(session, message, words)
        else:
            outbox.fail(session, message, words)
    return int(not bad)


def _mail(message: CustomerMessage, sender: str) -> EmailMessage:
    """Return the mail; its Message-ID is the same at every try, so that a server that sees it twice can tell."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, sender, message.recipient
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<customer-{message.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail
