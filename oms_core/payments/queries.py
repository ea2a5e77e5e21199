"""Read an order's money."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.kernel.money import to_decimal
from oms_core.payments import reading
from oms_core.payments.accounts import WRITE_OFF
from oms_core.payments.tables import Payment, StoreCreditEntry

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.payments.accounts import Account


@dataclass(frozen=True, slots=True)
class Balance:
    """An order's money, minor units of its currency.

    `due_minor` is what the customer still owes, `overpaid_minor` what came beyond the total; at most
    one of them is above zero.
    """

    currency: str
    total_minor: int
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    written_off_minor: int
    due_minor: int
    overpaid_minor: int
    refundable_minor: int


def account_of(session: Session, order_id: int, *, lock: bool = False) -> Account:
    """Return the account of one order.

    Raises
    ------
    NotFound
        ``order.not_found``.
    """
    found = reading.accounts(session.connection(), [order_id], lock=lock)
    if order_id not in found:
        raise NotFound("order", order_id)
    return found[order_id]


def balance(session: Session, order_id: int) -> Balance:
    """Return what an order owes and what was paid for it."""
    return balance_of(account_of(session, order_id))


def balance_of(account: Account) -> Balance:
    """Return the balance of an account; a cancelled order owes nothing."""
    owed = 0 if account.state == "cancelled" else account.total_minor
    forgiven = account.sum_of("capture") - account.sum_of("capture", but=WRITE_OFF)
    difference = owed - account.settled_minor
    return Balance(
        currency=account.currency,
        total_minor=account.total_minor,
        authorized_minor=sum(account.authorized_left().values()),
        captured_minor=account.sum_of("capture", but=WRITE_OFF),
        refunded_minor=account.sum_of("refund"),
        written_off_minor=forgiven,
        due_minor=max(difference, 0),
        overpaid_minor=min(max(-difference, 0), account.refundable_minor),
        refundable_minor=account.refundable_minor,
    )


def balance_record(session: Session, order_id: int) -> dict[str, Any]:
    """Return the balance as a record: names without ``_minor``, decimal amounts."""
    found = asdict(balance(session, order_id))
    currency = found.pop("currency")
    amounts = {name.removesuffix("_minor"): to_decimal(minor, currency) for name, minor in found.items()}
    return {"currency": currency, **amounts}


def payments_of(session: Session, order_id: int) -> list[dict[str, Any]]:
    """Return an order's payments, oldest first."""
    rows = session.scalars(sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.id))
    return [
        {
            "at": p.at, "kind": p.kind, "amount": to_decimal(p.amount_minor, p.currency), "currency": p.currency,
            "gateway": p.gateway, "external_id": p.external_id, "id": p.id, "parent_id": p.parent_id,
            "shop_amount": None if p.shop_amount_minor is None or p.shop_currency is None
            else to_decimal(p.shop_amount_minor, p.shop_currency),
            "shop_currency": p.shop_currency, "shop_rate": p.shop_rate, "shop_rate_on": p.shop_rate_on,
        }
        for p in rows
    ]  # fmt: skip


def still_owed(session: Session, order_id: int, kind: str = "capture") -> int:
    """Return what is left to take (or to give back, or to void), minor units; never below zero."""
    account = account_of(session, order_id)
    if kind == "refund":
        return account.refundable_minor
    if kind == "void":
        return sum(account.authorized_left().values())
    return max(account.total_minor - account.settled_minor, 0)


def credit_entries(session: Session, customer_id: int) -> list[dict[str, Any]]:
    """Return a customer's store credit as it moved, oldest first, with the running balance by currency."""
    rows = session.scalars(
        sa.select(StoreCreditEntry).where(StoreCreditEntry.customer_id == customer_id).order_by(StoreCreditEntry.id)
    )
    running: dict[str, int] = {}
    told = []
    for row in rows:
        running[row.currency] = running.get(row.currency, 0) + row.amount_minor
        told.append({
            "at": row.at, "kind": row.kind, "amount": to_decimal(row.amount_minor, row.currency),
            "balance": to_decimal(running[row.currency], row.currency), "currency": row.currency,
            "reason": row.reason, "actor": row.actor,
        })  # fmt: skip
    return told
