"""Store credit: money a customer has with us, in one currency; issued, spent, given back, never below zero.

The account's row is locked by everyone who changes it, always after the order's, and a CHECK of the
database is the last guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.customers.tables import Customer
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, table_of
from oms_core.payments.tables import StoreCreditAccount, StoreCreditEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from oms_core.payments.accounts import Account

_ACCOUNT, _ENTRY = table_of(StoreCreditAccount), table_of(StoreCreditEntry)
#: Balance by (customer, currency), minor units, while a batch is checked.
Balances = dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A payment through store credit, as it was booked."""

    payment_id: int
    account: Account
    kind: str
    amount_minor: int
    return_id: int | None


def balance(session: Session, customer_id: int, currency: str) -> int:
    """Return what a customer may still spend in a currency, minor units."""
    found = session.scalar(
        sa.select(_ACCOUNT.c.balance_minor).where(
            _ACCOUNT.c.customer_id == customer_id, _ACCOUNT.c.currency == currency
        )
    )
    return int(found or 0)


def issue_credit(
    session: Session,
    *,
    customer_id: int,
    amount_minor: int,
    currency: str,
    reason: str,
    order_id: int | None = None,
    return_id: int | None = None,
    actor: str = "system",
) -> int:
    """Give a customer store credit (or take back what was given wrongly, with a negative amount).

    Returns
    -------
    int
        The new balance, minor units.

    Raises
    ------
    InvalidInput
        No amount, no reason, a currency that is no ISO code.
    NotFound
        An unknown customer.
    Refused
        ``credit.insufficient``: more would be taken back than is there.
    """
    if amount_minor == 0:
        raise InvalidInput("amount", amount_minor, "an amount other than zero")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why credit is given", code="credit.no_reason")
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise InvalidInput("currency", currency, "three capital letters (ISO 4217)")
    if session.get(Customer, customer_id) is None:
        raise NotFound("customer", customer_id)
    connection, key = core(session), (customer_id, currency)
    balances = _locked(connection, {key})
    _require(balances[key] + amount_minor, balances[key], -amount_minor, currency, who=f"customer {customer_id}")
    kind = "issue" if amount_minor > 0 else "correct"
    facts = {"order_id": order_id, "return_id": return_id, "payment_id": None, "reason": reason.strip()}
    _append(connection, [_row(key, kind, amount_minor, actor) | facts])
    journal.record(
        session, f"credit.{kind}", "customer", customer_id, actor=actor, amount_minor=amount_minor, currency=currency,
        reason=reason.strip(),
    )  # fmt: skip
    return balances[key] + amount_minor


def locked_balances(connection: sa.Connection, accounts: Iterable[Account]) -> Balances:
    """Lock and return the store credit of the orders' customers; nothing is asked when there are none."""
    keys = {(a.customer_id, a.currency) for a in accounts if a.customer_id is not None}
    return _locked(connection, keys) if keys else {}


def move(balances: Balances, account: Account, kind: str, amount_minor: int) -> None:
    """Take a capture from, or put a refund onto, the balance of an order's customer, or refuse."""
    key = (account.customer_id or 0, account.currency)
    change = -amount_minor if kind == "capture" else amount_minor
    _require(balances[key] + change, balances[key], amount_minor, account.currency, who=f"of order {account.number}")
    balances[key] += change


def book(connection: sa.Connection, moved: Sequence[Moved], *, actor: str) -> None:
    """Write the entries of payments that went through store credit."""
    rows = []
    for m in moved:
        spent = m.kind == "capture"
        key = (m.account.customer_id or 0, m.account.currency)
        change = -m.amount_minor if spent else m.amount_minor
        row = _row(key, "spend" if spent else "give_back", change, actor)
        rows.append(row | {
            "order_id": m.account.order_id, "return_id": m.return_id, "payment_id": m.payment_id,
            "reason": m.account.number,
        })  # fmt: skip
    if rows:
        _append(connection, rows)


def _require(after: int, before: int, wanted: int, currency: str, *, who: str) -> None:
    if after < 0:
        raise Refused(
            "credit.insufficient",
            f"{Money(wanted, currency)} of store credit was asked for, but the customer {who.removeprefix('customer ')}"
            f" has {Money(before, currency)}.",
            "Take the rest by another gateway.",
            balance_minor=before,
        )


def _locked(connection: sa.Connection, keys: set[tuple[int, str]]) -> Balances:
    """Lock the accounts in one order for everybody, making those that are not there yet."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [{"customer_id": customer, "currency": currency} for customer, currency in sorted(keys)]
    connection.execute(insert(StoreCreditAccount).on_conflict_do_nothing(), rows)
    statement = (
        sa.select(_ACCOUNT.c.customer_id, _ACCOUNT.c.currency, _ACCOUNT.c.balance_minor)
        .where(sa.tuple_(_ACCOUNT.c.customer_id, _ACCOUNT.c.currency).in_(sorted(keys)))
        .order_by(_ACCOUNT.c.customer_id, _ACCOUNT.c.currency)
        .with_for_update(key_share=True)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(statement)}


def _row(key: tuple[int, str], kind: str, change: int, actor: str) -> dict[str, Any]:
    return {
        "customer_id": key[0], "currency": key[1], "kind": kind, "amount_minor": change, "at": clock.now(),
        "actor": actor,
    }  # fmt: skip


def _append(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Write entries and bring the (locked) balances to their sum."""
    connection.execute(sa.insert(_ENTRY), rows)
    for row in rows:
        connection.execute(
            sa.update(_ACCOUNT)
            .where(_ACCOUNT.c.customer_id == row["customer_id"], _ACCOUNT.c.currency == row["currency"])
            .values(balance_minor=_ACCOUNT.c.balance_minor + row["amount_minor"])
        )
