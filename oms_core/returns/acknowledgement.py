"""The acknowledgement of a withdrawal: its content with date and time, kept as text on a durable medium."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.orders.cancelling import shop_zone
from oms_core.returns.case_tables import CustomerMessage, Withdrawal, WithdrawalLine
from oms_core.returns.places import send_to

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

KIND = "withdrawal_acknowledgement"

_WORDS = {
    "en": {
        "subject": "We received your withdrawal {number} (order {order})",
        "head": "Acknowledgement of withdrawal {number}",
        "received": "We received your withdrawal from the contract on {at} ({zone}), through: {channel}.",
        "order": "Order: {order}, placed on {placed}.",
        "who": "Declared by: {name}, {email}.",
        "whole": "You withdraw from the whole order:",
        "part": "You withdraw from these goods:",
        "said": "Your words: {statement}",
        "exempt": "not covered by the right of withdrawal: {why}",
        "send": "Please send the goods back by {send_by}{where}.",
        "refund": "We refund you by {due}; we may wait until the goods, or proof that you sent them, are with us.",
        "collect": "We collect the goods and refund you by {due}.",
        "doubt": "We will tell you soon what we can do: {why}",
        "keep": "Please keep this message.",
    },
    "pl": {
        "subject": "Otrzymaliśmy odstąpienie od umowy {number} (zamówienie {order})",
        "head": "Potwierdzenie otrzymania odstąpienia od umowy {number}",
        "received": "Otrzymaliśmy oświadczenie o odstąpieniu od umowy {at} ({zone}), sposób: {channel}.",
        "order": "Zamówienie: {order}, złożone {placed}.",
        "who": "Oświadczenie złożył(a): {name}, {email}.",
        "whole": "Odstąpienie dotyczy całego zamówienia:",
        "part": "Odstąpienie dotyczy tych towarów:",
        "said": "Treść oświadczenia: {statement}",
        "exempt": "prawo odstąpienia nie obejmuje tego towaru: {why}",
        "send": "Prosimy odesłać towar do {send_by}{where}.",
        "refund": "Pieniądze zwrócimy do {due}; możemy poczekać na towar lub dowód jego odesłania.",
        "collect": "Towar odbierzemy, a pieniądze zwrócimy do {due}.",
        "doubt": "Wkrótce napiszemy, co możemy zrobić: {why}",
        "keep": "Prosimy zachować tę wiadomość.",
    },
}
_CHANNELS = {
    "en": {
        "web_form": "online form", "email": "e-mail", "phone": "telephone", "post": "post", "in_person": "in person",
    },
    "pl": {
        "web_form": "formularz internetowy", "email": "e-mail", "phone": "telefon", "post": "poczta",
        "in_person": "osobiście",
    },
}  # fmt: skip
_WHYS = {
    "en": {
        "late": "the period for withdrawing had ended.",
        "business": "the right of withdrawal is a consumer's.",
        "exempt": "the right of withdrawal does not cover these goods.",
        "made_to_order": "made to your order", "hygiene": "hygiene goods whose seal was broken",
    },
    "pl": {
        "late": "termin na odstąpienie już minął.",
        "business": "prawo odstąpienia przysługuje konsumentowi.",
        "exempt": "prawo odstąpienia nie obejmuje tych towarów.",
        "made_to_order": "towar wykonany na zamówienie", "hygiene": "towar higieniczny z naruszoną plombą",
    },
}  # fmt: skip


def acknowledge(session: Session, found: Withdrawal, order: Order, *, shop_name: str, language: str) -> CustomerMessage:
    """Write the acknowledgement and put it into the outbox; a withdrawal has one, however often it is asked for."""
    spoken = language if language in _WORDS else "en"
    written = message_of(session, found.id)
    if written is not None:
        return written
    body = _body(session, found, order, shop_name, spoken)
    subject = _WORDS[spoken]["subject"].format(number=found.number, order=order.number)
    message = CustomerMessage(
        kind=KIND, object_type="withdrawal", object_id=found.id, recipient=found.email, language=spoken,
        subject=subject, body=body, body_sha256=hashlib.sha256(body.encode()).hexdigest(), created_at=clock.now(),
    )  # fmt: skip
    session.add(message)
    found.acknowledged_at = message.created_at
    session.flush()
    return message


def message_of(session: Session, withdrawal_id: int) -> CustomerMessage | None:
    """Return the acknowledgement of a withdrawal as it was written."""
    statement = sa.select(CustomerMessage).where(
        CustomerMessage.object_type == "withdrawal", CustomerMessage.object_id == withdrawal_id,
        CustomerMessage.kind == KIND,
    )  # fmt: skip
    return session.scalar(statement)


def _body(session: Session, found: Withdrawal, order: Order, shop_name: str, spoken: str) -> str:
    words, zone = _WORDS[spoken], shop_zone(session)
    lines = session.scalars(
        sa.select(WithdrawalLine).where(WithdrawalLine.withdrawal_id == found.id).order_by(WithdrawalLine.id)
    )
    at = found.declared_at.astimezone(ZoneInfo(zone))
    told = [
        words["head"].format(number=found.number),
        shop_name,
        words["received"].format(at=f"{at:%Y-%m-%d %H:%M:%S}", zone=zone, channel=_CHANNELS[spoken][found.channel]),
        words["order"].format(order=order.number, placed=f"{order.placed_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"),
        words["who"].format(name=found.name or "—", email=found.email),
        words["whole" if found.is_whole else "part"],
        *(_line(line, spoken) for line in lines),
        words["said"].format(statement=found.statement) if found.statement else "",
        *_next_steps(session, found, order, spoken),
        words["keep"],
    ]
    return "\n".join(line for line in told if line) + "\n"


def _line(line: WithdrawalLine, spoken: str) -> str:
    title = f" {line.title}" if line.title else ""
    exempt = _WORDS[spoken]["exempt"].format(why=_WHYS[spoken].get(line.exempt, line.exempt)) if line.exempt else ""
    return f"- {line.quantity} × {line.sku}{title}" + (f" ({exempt})" if exempt else "")


def _next_steps(session: Session, found: Withdrawal, order: Order, spoken: str) -> list[str]:
    words = _WORDS[spoken]
    if found.doubt:
        return [words["doubt"].format(why=_WHYS[spoken][found.doubt])]
    if found.shop_collects:
        return [words["collect"].format(due=found.refund_due_on)]
    address = send_to(session, order).line
    where = f": {address}" if address else ""
    return [words["send"].format(send_by=found.send_back_by_on, where=where), words["refund"].format(
        due=found.refund_due_on
    )]  # fmt: skip
