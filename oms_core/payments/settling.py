"""Bring an order's money to zero: give an over-payment back, forgive a small rest, spend store credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, OmsError, Refused
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, loaded, table_of
from oms_core.payments.accounts import STORE_CREDIT, WRITE_OFF
from oms_core.payments.commands import NewMoney, pay, pay_all
from oms_core.payments.queries import account_of, balance_of
from oms_core.payments.tables import Charge, Payment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.payments.accounts import Account

#: The largest rest a person may forgive without saying how much, minor units of the order's currency.
WRITE_OFF_LIMIT_MINOR = 500


def refund_overpaid(session: Session, *, order_id: int, zone: str, actor: str = "system") -> list[Payment]:
    """Give back what was paid beyond the order's total, the way it came: the newest capture first.

    Raises
    ------
    Refused
        ``payment.not_overpaid``.
    """
    core(session)
    account = account_of(session, order_id, lock=True)
    left = balance_of(account).overpaid_minor
    if left <= 0:
        raise Refused("payment.not_overpaid", f"Order {account.number} is not overpaid: there is nothing to give back.")
    moved = []
    gateways = {entry.id: entry.gateway for entry in account.entries}
    for capture, there in reversed(account.captured_left().items()):
        part = min(left, there)
        if part > 0:
            moved.append(NewMoney(
                order_id=order_id, kind="refund", amount_minor=part, gateway=gateways[capture], parent_id=capture,
            ))  # fmt: skip
            left -= part
    return [_written(session, said) for said in pay_all(session, moved, zone=zone, actor=actor)]


def write_off(
    session: Session,
    *,
    order_id: int,
    reason: str,
    limit_minor: int = WRITE_OFF_LIMIT_MINOR,
    zone: str,
    actor: str = "system",
) -> Payment:
    """Forgive what is still owed: the order counts as paid, the loss stands in the books as bad debt.

    Parameters
    ----------
    limit_minor : int
        The most that may be forgiven, minor units of the order's currency.

    Raises
    ------
    InvalidInput
        No reason.
    Refused
        ``payment.nothing_due``; ``payment.write_off_too_large``.
    """
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why the rest is forgiven", code="payment.no_reason")
    core(session)
    account = account_of(session, order_id, lock=True)
    due = balance_of(account).due_minor
    _check_forgivable(account, due, limit_minor)
    new = NewMoney(order_id=order_id, kind="capture", amount_minor=due, gateway=WRITE_OFF)
    (said,) = pay_all(session, [new], zone=zone, actor=actor, reserved=True)
    payment = _written(session, said)
    session.execute(
        sa.insert(table_of(Charge)).values(
            kind="bad_debt", customer_id=account.customer_id, source=WRITE_OFF, external_id=f"payment-{payment.id}",
            code=account.number, title=reason.strip(), quantity=1, amount_minor=-due, currency=account.currency,
            at=clock.now(), business_date=payment.business_date,
        )
    )  # fmt: skip
    journal.record(
        session, "payment.written_off", "order", order_id, actor=actor, amount_minor=due, reason=reason.strip()
    )
    return payment


def _check_forgivable(account: Account, due: int, limit_minor: int) -> None:
    if due <= 0:
        raise Refused("payment.nothing_due", f"Order {account.number} owes nothing that could be written off.")
    if due > limit_minor:
        owed, most = Money(due, account.currency), Money(limit_minor, account.currency)
        raise Refused(
            "payment.write_off_too_large",
            f"Order {account.number} still owes {owed}; at most {most} may be written off.",
            "Ask for the rest, or name a higher limit if you may decide so.",
            due_minor=due,
        )


def spend_credit(
    session: Session, *, order_id: int, amount_minor: int | None = None, zone: str, actor: str = "system"
) -> Payment:
    """Pay an order from its customer's store credit: what is due, or a part of it.

    Raises
    ------
    Refused
        ``credit.insufficient``, ``credit.no_customer``, ``payment.nothing_due``.
    """
    wanted = amount_minor
    if wanted is None:
        account = account_of(session, order_id)
        wanted = balance_of(account).due_minor
        if wanted <= 0:
            raise Refused("payment.nothing_due", f"Order {account.number} owes nothing.")
    return pay(
        session, order_id=order_id, kind="capture", amount_minor=wanted, gateway=STORE_CREDIT, zone=zone, actor=actor
    )


def _written(session: Session, said: int | OmsError) -> Payment:
    if isinstance(said, OmsError):
        raise said
    return loaded(session, Payment, said)
