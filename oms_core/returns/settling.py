"""Settle a return: give the money back, close it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused, TransitionRefused
from oms_core.kernel.money import Money
from oms_core.payments.commands import pay
from oms_core.payments.tables import Payment
from oms_core.returns.records import lines_of, locked, move, ready, refunded, refuse_governed, revalue
from oms_core.returns.rules import share
from oms_core.returns.states import RETURN
from oms_core.returns.tables import ReturnUnit
from oms_core.returns.units import line_disposition

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.returns.tables import Return, ReturnLine

#: States in which the goods are in and the money may go back.
REFUNDABLE = ("received", "inspected", "closed")


def refund_return(
    session: Session,
    *,
    return_id: int,
    gateway: str,
    amount_minor: int | None = None,
    external_id: str | None = None,
    zone: str,
    actor: str = "system",
) -> Payment:
    """Give money back for received goods: what is still owed, or a part of it.

    Parameters
    ----------
    amount_minor : int, optional
        Minor units of the return's currency; None is everything that is owed and not yet refunded.

    Raises
    ------
    TransitionRefused
        Nothing has arrived yet.
    Refused
        ``return.lines_pending`` while lines are still to come, ``return.nothing_owed``,
        ``return.refund_too_large``, ``return.governed`` (an exchange, claim or withdrawal settles it);
        or the payment is refused (see `payments.commands.pay`).
    """
    found = locked(session, return_id)
    if found.state not in REFUNDABLE or found.order_id is None:
        raise TransitionRefused("return", found.number, found.state, "refunded", RETURN.moves[found.state])
    refuse_governed(session, found)
    _refuse_pending(session, found)
    owed = found.total_minor - refunded(session, return_id)
    wanted = owed if amount_minor is None else amount_minor
    _refuse_amount(found, wanted, owed)
    payment = pay(
        session, order_id=found.order_id, kind="refund", amount_minor=wanted, gateway=gateway,
        external_id=external_id, zone=zone, actor=actor, return_id=return_id, simulated=found.is_simulated,
    )  # fmt: skip
    move(session, found, found.state, "return.refunded", actor=actor, amount_minor=wanted, payment_id=payment.id)
    return payment


def close_return(session: Session, *, return_id: int, actor: str = "system") -> Return:
    """Finish a return; lines that never came are taken off it with their value.

    Raises
    ------
    TransitionRefused
        Nothing has arrived yet, or it is closed already.
    Refused
        ``return.not_inspected`` while units wait in quality control.
    """
    found = ready(session, return_id, "closed")
    lines = lines_of(session, return_id)
    waiting = [line.sku for line in lines if line.disposition == "quality_control"]
    if waiting:
        raise Refused(
            "return.not_inspected",
            f"{found.number} cannot be closed: {', '.join(waiting)} still in quality control.",
            "Inspect them first: restock, damaged or scrap.",
        )
    missing = [line for line in lines if line.disposition == "pending"]
    for line in missing:
        _close_short(session, found, line)
    revalue(session, found)
    found.closed_at = clock.now()
    move(session, found, "closed", "return.closed", actor=actor, not_received=[line.sku for line in missing])
    return found


def _close_short(session: Session, found: Return, line: ReturnLine) -> None:
    """Take units that never came off a line, with their value; what came has to be decided on."""
    statement = sa.select(ReturnUnit.disposition).where(ReturnUnit.return_line_id == line.id)
    became = line_disposition(line, session.scalars(statement).all(), short=True)
    if became == "quality_control":
        raise Refused(
            "return.not_inspected",
            f"{found.number} cannot be closed: {line.received_qty} unit(s) of {line.sku} are not decided on.",
            "Inspect them first: restock, damaged or scrap.",
        )
    line.disposition, line.amount_minor = became, share(line.amount_minor, line.received_qty, line.quantity)


def _refuse_pending(session: Session, found: Return) -> None:
    pending = [line.sku for line in lines_of(session, found.id) if line.disposition == "pending"]
    if pending:
        raise Refused(
            "return.lines_pending",
            f"{found.number} still waits for {', '.join(pending)}; what is owed is not known yet.",
            "Receive them, or close the return so that they are taken off it.",
        )


def _refuse_amount(found: Return, wanted: int, owed: int) -> None:
    if owed <= 0:
        raise Refused("return.nothing_owed", f"Everything owed for {found.number} was refunded.")
    if wanted <= 0:
        raise InvalidInput("amount", str(Money(wanted, found.currency)), "an amount above zero was expected")
    if wanted > owed:
        raise Refused(
            "return.refund_too_large",
            f"{Money(wanted, found.currency)} is more than the {Money(owed, found.currency)} owed for {found.number}.",
            "Refund what is owed; goodwill beyond it is an adjustment on the return.",
            owed_minor=owed,
        )
