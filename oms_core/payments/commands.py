"""Take, hold, let go and give back money for orders; a gateway's whole report costs the statements of one line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import Conflict, NotFound, OmsError
from oms_core.kernel.exchange import rates_on
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, loaded, next_ids, table_of
from oms_core.orders.status import refresh
from oms_core.payments import credit, reading
from oms_core.payments.accounts import STORE_CREDIT, Account, Entry
from oms_core.payments.rules import check_payment
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

_PAYMENT = table_of(Payment)
_COLUMNS = (
    "id", "order_id", "kind", "amount_minor", "currency", "gateway", "external_id", "at", "business_date",
    "parent_id", "return_id", "shop_currency", "shop_amount_minor", "shop_rate", "shop_rate_on", "is_simulated",
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
    parent_id: int | None = None
    currency: str | None = None


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
    parent_id: int | None = None,
    currency: str | None = None,
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
    parent_id : int, optional
        The authorisation or capture it acts on; found by gateway when left out (`payments.rules`).
    currency : str, optional
        What the gateway says; refused when it is not the order's.

    Raises
    ------
    Refused
        If it is more than is left to capture, void or refund; ``credit.insufficient`` when a customer's
        store credit does not cover it.
    InvalidInput
        ``payment.wrong_currency``, an unknown kind, an amount that is not above zero.
    Conflict
        If the gateway's id already names another payment.
    """
    new = NewMoney(
        order_id=order_id, kind=kind, amount_minor=amount_minor, gateway=gateway, external_id=external_id,
        return_id=return_id, parent_id=parent_id, currency=currency,
    )  # fmt: skip
    (paid,) = pay_all(session, [new], zone=zone, actor=actor, simulated=simulated)
    if isinstance(paid, OmsError):
        raise paid
    return loaded(session, Payment, paid)


def pay_all(
    session: Session,
    moved: Sequence[NewMoney],
    *,
    zone: str,
    actor: str = "system",
    simulated: bool = False,
    reserved: bool = False,
) -> list[int | OmsError]:
    """Book many movements of money, each for itself, in the order given.

    `reserved` lets a command of this room use the gateway that is no money.

    Returns
    -------
    list of int or OmsError
        For each the id of its payment (an earlier one if it was booked before), or why it was refused.
    """
    connection = core(session)
    accounts = reading.accounts(connection, {new.order_id for new in moved}, lock=True)
    known = reading.known(connection, [(m.gateway, m.external_id) for m in moved if m.external_id is not None])
    balances = credit.locked_balances(connection, [accounts[m.order_id] for m in moved if _on_credit(m, accounts)])
    batch = _Batch(accounts, known, balances, reserved=reserved)
    outcome = [batch.check(new) for new in moved]
    keys = iter(_write(session, batch, zone=zone, actor=actor, simulated=simulated) if batch.good else [])
    booked: dict[tuple[str, str | None], int] = {}
    found = list[int | OmsError]()
    for new, said in zip(moved, outcome, strict=True):
        key = next(keys) if said is None else said
        if isinstance(key, int):
            booked[new.gateway, new.external_id] = key
        found.append(booked[new.gateway, new.external_id] if isinstance(key, _Again) else key)
    return found


def _on_credit(new: NewMoney, accounts: Mapping[int, Account]) -> bool:
    return new.gateway == STORE_CREDIT and new.order_id in accounts


class _Again:
    """The same movement as an earlier one of this batch."""


class _Batch:
    """Movements of money while they are checked one after the other, each against those before it."""

    def __init__(
        self, accounts: Mapping[int, Account], known: reading.Known, balances: credit.Balances, *, reserved: bool
    ) -> None:
        self.accounts, self.known, self.balances, self.reserved = accounts, known, balances, reserved
        #: What may be written; a parent below zero is the place of an earlier one in this list.
        self.good = list[NewMoney]()

    def check(self, new: NewMoney) -> int | _Again | OmsError | None:
        """Say None when the movement may be booked, else which payment it is already, or why not."""
        account = self.accounts.get(new.order_id)
        if account is None:
            return NotFound("order", new.order_id)
        name = None if new.external_id is None else (new.gateway, new.external_id)
        if name in self.known:
            key, *same = self.known[name]
            if tuple(same) != (new.order_id, new.kind, new.amount_minor):
                return _taken(*name)
            return _Again() if key is None else key
        try:
            self._accept(new, account)
        except OmsError as refused:
            return refused
        if name is not None:
            self.known[name] = (None, new.order_id, new.kind, new.amount_minor)
        return None

    def _accept(self, new: NewMoney, account: Account) -> None:
        amount = Money(new.amount_minor, new.currency or account.currency)
        parent = check_payment(
            account, new.kind, amount, gateway=new.gateway, parent_id=new.parent_id, reserved=self.reserved
        )
        if new.gateway == STORE_CREDIT:
            credit.move(self.balances, account, new.kind, new.amount_minor)
        self.good.append(replace(new, parent_id=parent))
        entry = Entry(_PROVISIONAL + len(self.good), new.kind, new.amount_minor, new.gateway, parent)
        account.entries.append(entry)


#: Ids of payments that are not written yet: above every real one, so that they count as younger.
_PROVISIONAL = 1 << 60


def _write(session: Session, batch: _Batch, *, zone: str, actor: str, simulated: bool) -> list[int]:
    """Write payments, store credit and journal and bring the orders' status up to date; return the ids."""
    connection, at = session.connection(), clock.now()
    good, keys = batch.good, next_ids(connection, "payments", len(batch.good))
    real = {_PROVISIONAL + n: key for n, key in enumerate(keys, start=1)}
    day = clock.business_date(at, zone)
    shops = _shop_money(connection, batch, day)
    rows = [
        (
            key, new.order_id, new.kind, new.amount_minor, batch.accounts[new.order_id].currency, new.gateway,
            new.external_id, at, day, real.get(new.parent_id or 0, new.parent_id), new.return_id, *shop, simulated,
        )
        for key, new, shop in zip(keys, good, shops, strict=True)
    ]  # fmt: skip
    try:
        bulk_insert(connection, _PAYMENT, _COLUMNS, rows, keys_drawn=True)
    except IntegrityError as error:
        # another transaction booked the same id in the same moment
        raise _taken(good[0].gateway, good[0].external_id) from error
    credit.book(connection, [
        credit.Moved(key, batch.accounts[new.order_id], new.kind, new.amount_minor, new.return_id)
        for key, new in zip(keys, good, strict=True) if new.gateway == STORE_CREDIT
    ], actor=actor)  # fmt: skip
    events = (
        (f"payment.{new.kind}", new.order_id, {"amount_minor": new.amount_minor, "gateway": new.gateway})
        for new in good
    )
    journal.record_all(session, "order", events, actor=actor)
    refresh(session, {new.order_id for new in good})
    return keys


def _shop_money(connection: sa.Connection, batch: _Batch, day: date) -> list[tuple[Any, ...]]:
    """Return each payment in the shop's money at the day's rate; empty where no rate was published."""
    heads = [batch.accounts[new.order_id] for new in batch.good]
    rates = {
        quote: rates_on(connection, {(a.currency, day) for a in heads if a.shop_currency == quote}, quote)
        for quote in {a.shop_currency for a in heads if a.shop_currency}
    }
    shops: list[tuple[Any, ...]] = []
    for new, account in zip(batch.good, heads, strict=True):
        shop = account.shop_currency or ""
        rate = rates.get(shop, {}).get((account.currency, day))
        worth = (None, None, None) if rate is None else (
            rate.convert(new.amount_minor, account.currency, shop), rate.text, rate.on
        )  # fmt: skip
        shops.append((account.shop_currency, *worth))
    return shops


def _taken(gateway: str, external_id: str | None) -> Conflict:
    return Conflict(
        "payment.duplicate",
        f"{gateway} already sent {external_id!r} for another movement of money.",
        "Check the gateway's report: one id names one payment.",
    )
