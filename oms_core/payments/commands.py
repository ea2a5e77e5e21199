"""Take, hold, let go and give back money for orders; a gateway's whole report costs the statements of one line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import Conflict, NotFound, OmsError
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of, unpacked
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order
from oms_core.payments.rules import check_payment
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

_PAYMENT, _ORDER = table_of(Payment), table_of(Order)
_COLUMNS = (
    "id", "order_id", "kind", "amount_minor", "currency", "gateway", "external_id", "at", "business_date",
    "return_id", "is_simulated",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMoney:
    """One movement of money for an order (see :func:`pay`)."""

    order_id: int
    kind: str
    amount_minor: int
    gateway: str
    external_id: str | None = None
    return_id: int | None = None


@dataclass(slots=True)
class _Account:
    """An order's money while movements are read: sums by kind, minor units."""

    number: str
    currency: str
    state: str
    sums: dict[str, int]


#: What a gateway's id names already: payment id (None while it is being written), order, kind, amount.
_Known = dict[tuple[str, str], tuple[int | None, int, str, int]]


def pay(
    session: Session,
    *,
    order_id: int,
    kind: str,
    amount_minor: int,
    gateway: str,
    external_id: str | None = None,
    zone: str,
    actor: str = "system",
    return_id: int | None = None,
    simulated: bool = False,
) -> Payment:
    """Book one movement of money; the same gateway's same id twice is one payment.

    Parameters
    ----------
    kind : str
        ``authorize``, ``capture``, ``void`` or ``refund``.
    amount_minor : int
        Above zero, minor units of the order's currency.
    external_id : str, optional
        The gateway's own id; makes a repeated call harmless.

    Raises
    ------
    Refused
        If a refund exceeds what was captured and is left (see `payments.rules`).
    Conflict
        If the gateway's id already names another payment.
    """
    new = NewMoney(
        order_id=order_id, kind=kind, amount_minor=amount_minor, gateway=gateway, external_id=external_id,
        return_id=return_id,
    )  # fmt: skip
    (paid,) = pay_all(session, [new], zone=zone, actor=actor, simulated=simulated)
    if isinstance(paid, OmsError):
        raise paid
    return loaded(session, Payment, paid)


def pay_all(
    session: Session, moved: Sequence[NewMoney], *, zone: str, actor: str = "system", simulated: bool = False
) -> list[int | OmsError]:
    """Book many movements of money, each for itself, in the order given.

    Returns
    -------
    list of int or OmsError
        For each the id of its payment (an earlier one if it was booked before), or why it was refused.
    """
    connection = core(session)
    accounts = _accounts(connection, {new.order_id for new in moved})
    known = _known(connection, [(new.gateway, new.external_id) for new in moved if new.external_id is not None])
    outcome = [_check(new, accounts.get(new.order_id), known) for new in moved]
    good = [new for new, said in zip(moved, outcome, strict=True) if said is None]
    keys = iter(_write(session, good, accounts, zone=zone, actor=actor, simulated=simulated) if good else [])
    booked: dict[tuple[str, str | None], int] = {}
    found = list[int | OmsError]()
    for new, said in zip(moved, outcome, strict=True):
        key = next(keys) if said is None else said
        if isinstance(key, int):
            booked[new.gateway, new.external_id] = key
        found.append(booked[new.gateway, new.external_id] if isinstance(key, _Again) else key)
    return found


class _Again:
    """The same movement as an earlier one of this batch."""


@lru_cache
def _heads(dialect: str) -> sa.Select[Any]:
    """Build: lock the orders' money, in id order, so that two refunds at once see each other."""
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_ORDER.c.id, _ORDER.c.number, _ORDER.c.currency, _ORDER.c.state)
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .order_by(_ORDER.c.id)
        .with_for_update(of=_ORDER)
    )


@lru_cache
def _sums(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    total = sa.cast(sa.func.sum(_PAYMENT.c.amount_minor), sa.BigInteger)
    return (
        sa.select(_PAYMENT.c.order_id, _PAYMENT.c.kind, total)
        .where(_PAYMENT.c.order_id.in_(sa.select(wanted.c.order_id)))
        .group_by(_PAYMENT.c.order_id, _PAYMENT.c.kind)
    )


def _accounts(connection: sa.Connection, ids: Iterable[int]) -> dict[int, _Account]:
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(ids))}
    accounts = {
        row.id: _Account(row.number, row.currency, row.state, {}) for row in connection.execute(_heads(dialect), batch)
    }
    for order_id, kind, total in connection.execute(_sums(dialect), batch):
        accounts[order_id].sums[kind] = total
    return accounts


@lru_cache
def _find(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, gateway=str, external_id=str)
    names = ("gateway", "external_id", "id", "order_id", "kind", "amount_minor")
    same = sa.and_(_PAYMENT.c.gateway == wanted.c.gateway, _PAYMENT.c.external_id == wanted.c.external_id)
    return sa.select(*(_PAYMENT.c[name] for name in names)).join(wanted, same)


def _known(connection: sa.Connection, names: Sequence[tuple[str, str]]) -> _Known:
    if not names:
        return {}
    rows = connection.execute(_find(connection.dialect.name), {"batch": packed(sorted(set(names)))})
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in rows}


def _check(new: NewMoney, account: _Account | None, known: _Known) -> int | _Again | OmsError | None:
    """Say None when the movement may be booked, else which payment it is already, or why not."""
    if account is None:
        return NotFound("order", new.order_id)
    facts = (new.order_id, new.kind, new.amount_minor)
    if new.external_id is not None and (new.gateway, new.external_id) in known:
        key, *same = known[new.gateway, new.external_id]
        if tuple(same) != facts:
            return _taken(new.gateway, new.external_id)
        return _Again() if key is None else key
    amount = Money(new.amount_minor, account.currency)
    try:
        check_payment(new.kind, amount, account.sums, number=account.number, cancelled=account.state == "cancelled")
    except OmsError as refused:
        return refused
    account.sums[new.kind] = account.sums.get(new.kind, 0) + new.amount_minor
    if new.external_id is not None:
        known[new.gateway, new.external_id] = (None, *facts)
    return None


def _write(
    session: Session,
    good: Sequence[NewMoney],
    accounts: dict[int, _Account],
    *,
    zone: str,
    actor: str,
    simulated: bool,
) -> list[int]:
    """Write payments and journal entries and bring the orders' status up to date; return the ids."""
    connection, at = session.connection(), clock.now()
    keys, day = next_ids(connection, "payments", len(good)), clock.business_date(at, zone)
    rows = [
        (
            key, new.order_id, new.kind, new.amount_minor, accounts[new.order_id].currency, new.gateway,
            new.external_id, at, day, new.return_id, simulated,
        )
        for key, new in zip(keys, good, strict=True)
    ]  # fmt: skip
    try:
        bulk_insert(connection, _PAYMENT, _COLUMNS, rows, keys_drawn=True)
    except IntegrityError as error:
        # another transaction booked the same id in the same moment
        raise _taken(good[0].gateway, good[0].external_id) from error
    events = (
        (f"payment.{new.kind}", new.order_id, {"amount_minor": new.amount_minor, "gateway": new.gateway})
        for new in good
    )
    journal.record_all(session, "order", events, actor=actor)
    refresh(session, {new.order_id for new in good})
    return keys


def _taken(gateway: str, external_id: str | None) -> Conflict:
    return Conflict(
        "payment.duplicate",
        f"{gateway} already sent {external_id!r} for another movement of money.",
        "Check the gateway's report: one id names one payment.",
    )
