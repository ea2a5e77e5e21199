"""Withdraw from a contract: declared, acknowledged on a durable medium, timed by the law, apart from goodwill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids
from oms_core.orders.commands import locked_order
from oms_core.orders.tables import Order
from oms_core.returns import calendar, withdrawal_facts
from oms_core.returns.acknowledgement import acknowledge
from oms_core.returns.case_tables import WITHDRAWAL_CHANNELS, Withdrawal, WithdrawalLine
from oms_core.returns.states import WITHDRAWAL
from oms_core.returns.withdrawal_facts import Covered
from oms_core.returns.withdrawal_goods import take_goods

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a consumer declares; more than this may not be asked (minimal data).

    Attributes
    ----------
    lines : mapping of int to int, optional
        Units by order line; None is the whole order.
    declared_at : datetime, optional
        When it was sent (a letter's date counts, not its arrival); None is now.
    delivered_on : date, optional
        When the last good came, where no carrier told us.
    informed_on : date, optional
        The day the shop told of the right, if it was not before the sale.
    seals_kept : collection of int
        Order lines of an exempt category whose seal is unbroken.
    """

    channel: str = "web_form"
    name: str = ""
    email: str = ""
    lines: Mapping[int, int] | None = None
    statement: str = ""
    declared_at: datetime | None = None
    delivered_on: date | None = None
    was_informed: bool | None = None
    informed_on: date | None = None
    seals_kept: Collection[int] = field(default_factory=frozenset)


def declare_withdrawal(
    session: Session,
    *,
    order_id: int,
    declaration: Declaration,
    shop_name: str = "",
    language: str = "en",
    zone: str,
    actor: str = "customer",
) -> Withdrawal:
    """Take a declaration in, acknowledge it, and let it take effect if the law gives it any.

    Within the period the goods may be sent back at once (an approved return), and what has not left
    yet is taken off the order. Too late, no consumer, or nothing the right covers: it waits as
    ``undecided`` for the shop's goodwill.

    Raises
    ------
    Refused
        ``withdrawal.nothing_left``: everything was returned, cancelled or claimed before.
        ``withdrawal.too_many``: more units than are left; names every line.
    InvalidInput
        An unknown channel; a declaration of the future; a delivery day nobody knows; no
        address for the acknowledgement.
    """
    order = locked_order(session, order_id)
    at = _declared_at(declaration)
    email = declaration.email or order.email or ""
    if not email:
        raise InvalidInput("email", "", "an address for the acknowledgement was expected", code="withdrawal.no_email")
    chosen = _chosen(session, order, declaration)
    days = _days(session, order, declaration, declared_on=clock.business_date(at, zone), zone=zone)
    (key,) = next_ids(core(session), "withdrawals")
    found = Withdrawal(
        id=key, number=f"WD-{FIRST_NUMBER - 1 + key}", order_id=order_id, channel=declaration.channel,
        name=declaration.name or order.ship_name, email=email, statement=declaration.statement,
        is_whole=declaration.lines is None, declared_at=at, currency=order.currency,
        shop_collects=withdrawal_facts.settings(session).shop_collects, is_simulated=order.is_simulated, version=0,
        doubt=_doubt(session, order, chosen, days), **days,
    )  # fmt: skip
    session.add(found)
    session.flush()
    session.add_all(_line(key, covered, units) for covered, units in chosen)
    session.flush()
    told = {"channel": found.channel, "period_ends_on": str(found.period_ends_on), "refund_due_on": found.refund_due_on}
    if not calendar.is_known(found.country):
        told["calendar"] = calendar.weekends_only(found.country)
    _move(session, found, "declared", "withdrawal.declared", actor=actor, **_texts(told))
    acknowledge(session, found, order, shop_name=shop_name, language=language)
    journal.record(session, "withdrawal.acknowledged", "withdrawal", key, actor=actor, recipient=email)
    if found.doubt:
        _move(session, found, "undecided", "withdrawal.waits_for_decision", actor=actor, doubt=found.doubt)
    else:
        take_goods(session, found, order, reason="withdrawal", zone=zone, actor=actor)
    return found


def accept_as_goodwill(
    session: Session, *, withdrawal_id: int, note: str = "", zone: str, actor: str = "system"
) -> Withdrawal:
    """Accept what the law does not ask for: the goods may come back on the shop's own terms."""
    found = _ready(session, withdrawal_id, "goodwill")
    order = locked_order(session, found.order_id)
    found.decision, found.decided_by = note, actor
    take_goods(session, found, order, reason="changed_mind", zone=zone, actor=actor)
    _move(session, found, "goodwill", "withdrawal.accepted_as_goodwill", actor=actor, note=note)
    return found


def refuse_withdrawal(session: Session, *, withdrawal_id: int, reason: str, actor: str = "system") -> Withdrawal:
    """Refuse what the law does not cover, with the reason the buyer is told.

    Raises
    ------
    Refused
        ``withdrawal.in_time``: a declaration in time cannot be refused.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "the sentence the buyer is told was expected")
    found = _ready(session, withdrawal_id, "refused")
    if not found.doubt:
        raise Refused(
            "withdrawal.in_time",
            f"{found.number} was declared in time, by {found.period_ends_on or 'delivery'}: it has its effect.",
            "Settle it; damage beyond trying the goods lowers the refund by the policy's grades.",
        )
    found.decision, found.decided_by = reason, actor
    _move(session, found, "refused", "withdrawal.refused", actor=actor, reason=reason)
    return found


def note_proof_of_sending(
    session: Session, *, withdrawal_id: int, proof: str, at: datetime | None = None, actor: str = "system"
) -> Withdrawal:
    """Keep the consumer's proof that the goods are under way: from then on the refund may not wait for them."""
    found = locked(session, withdrawal_id)
    if not proof.strip():
        raise InvalidInput("proof", proof, "a tracking number or receipt was expected")
    if found.state not in ("declared", "goodwill"):
        WITHDRAWAL.check(found.number, found.state, "settled")
    found.proof, found.proof_at = proof, at or clock.now()
    _move(session, found, found.state, "withdrawal.proof_of_sending", actor=actor, proof=proof)
    return found


def locked(session: Session, withdrawal_id: int) -> Withdrawal:
    """Return the withdrawal; its order's row is locked first, then its own, until the transaction ends."""
    order_id = session.scalar(sa.select(Withdrawal.order_id).where(Withdrawal.id == withdrawal_id))
    if order_id is None:
        raise NotFound("withdrawal", withdrawal_id)
    locked_order(session, order_id)
    statement = sa.select(Withdrawal).where(Withdrawal.id == withdrawal_id).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def _ready(session: Session, withdrawal_id: int, target: str) -> Withdrawal:
    found = locked(session, withdrawal_id)
    WITHDRAWAL.check(found.number, found.state, target)
    return found


def _declared_at(declaration: Declaration) -> datetime:
    if declaration.channel not in WITHDRAWAL_CHANNELS:
        raise InvalidInput("channel", declaration.channel, f"one of {', '.join(WITHDRAWAL_CHANNELS)}")
    at, now = declaration.declared_at or clock.now(), clock.now()
    if at.tzinfo is None or at > now:
        raise InvalidInput("declared_at", at.isoformat(), "an aware time that is not in the future was expected")
    return at


def _chosen(session: Session, order: Order, declaration: Declaration) -> list[tuple[Covered, int]]:
    """Return what is withdrawn from: every unit left, or the units named."""
    left = {c.line.id: c for c in withdrawal_facts.covered_lines(session, order, unsealed_kept=declaration.seals_kept)}
    if not left:
        raise Refused(
            "withdrawal.nothing_left",
            f"Nothing of order {order.number} is left to withdraw from: all came back, was cancelled or claimed.",
        )
    if declaration.lines is None:
        return [(covered, covered.units) for covered in left.values()]
    _refuse_too_many(order, left, declaration.lines)
    return [(left[key], units) for key, units in declaration.lines.items()]


def _refuse_too_many(order: Order, left: Mapping[int, Covered], lines: Mapping[int, int]) -> None:
    if not lines:
        raise InvalidInput("lines", {}, "at least one line, or none given for the whole order")
    facts = []
    for key, units in lines.items():
        if units < 1:
            raise InvalidInput("quantity", units, "at least 1 unit was expected")
        most = left[key].units if key in left else 0
        if units > most:
            facts.append({"order_line_id": key, "sku": left[key].line.sku if key in left else "", "wanted": units,
                          "left": most})  # fmt: skip
    if facts:
        told = "; ".join(f"line {f['order_line_id']} {f['sku']} wanted {f['wanted']}, left {f['left']}" for f in facts)
        raise Refused(
            "withdrawal.too_many",
            f"More than is left of order {order.number}: {told}.",
            "Name only units that were not returned, cancelled or claimed before.",
            lines=facts,
        )


def _days(session: Session, order: Order, declaration: Declaration, *, declared_on: date, zone: str) -> dict[str, Any]:
    """Return every day of the clock, as the columns of a withdrawal."""
    country = withdrawal_facts.country_of(session, order)
    informed = declaration.was_informed
    if informed is None:
        informed = withdrawal_facts.settings(session).was_informed
    came = withdrawal_facts.last_good_on(session, order, zone, given=declaration.delivered_on)
    ends = came and calendar.period_ends(came, country, was_informed=informed, informed_on=declaration.informed_on)
    return {
        "country": country, "declared_on": declared_on, "last_good_on": came, "was_informed": informed,
        "informed_on": declaration.informed_on, "period_ends_on": ends,
        "send_back_by_on": calendar.ends(declared_on, country), "refund_due_on": calendar.refund_due(declared_on),
    }  # fmt: skip


def _doubt(session: Session, order: Order, chosen: Sequence[tuple[Covered, int]], days: Mapping[str, Any]) -> str:
    """Say why a declaration has no effect by law; empty when it has."""
    if withdrawal_facts.is_business(session, order):
        return "business"
    if days["period_ends_on"] is not None and days["declared_on"] > days["period_ends_on"]:
        return "late"
    return "exempt" if all(covered.exempt for covered, _ in chosen) else ""


def _line(withdrawal_id: int, covered: Covered, units: int) -> WithdrawalLine:
    return WithdrawalLine(
        withdrawal_id=withdrawal_id, order_line_id=covered.line.id, sku=covered.line.sku, title=covered.line.title,
        quantity=units, exempt=covered.exempt,
    )  # fmt: skip


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in facts.items()}


def _move(session: Session, found: Withdrawal, target: str, event: str, *, actor: str, **facts: Any) -> None:
    before, found.state = found.state, target
    found.version += 1
    session.flush()
    facts = {"number": found.number, "order_id": found.order_id, "from": before, "to": target, **facts}
    journal.record(session, event, "withdrawal", found.id, actor=actor, **facts)
