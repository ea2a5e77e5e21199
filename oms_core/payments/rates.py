"""Take in published exchange rates, and state orders and payments in the shop's own money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import Conflict, InvalidInput
from oms_core.kernel.exchange import ExchangeRate, rates_on
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_RATE, _ORDER, _PAYMENT = table_of(ExchangeRate), table_of(Order), table_of(Payment)


@dataclass(frozen=True, slots=True)
class NewRate:
    """One unit of `base` in `quote` on a day, as decimal text."""

    base: str
    quote: str
    on_date: date
    rate: str


def publish(session: Session, rates: Sequence[NewRate], *, source: str, replace: bool = False) -> dict[str, int]:
    """Keep published rates; the same ones again change nothing.

    Orders and payments keep the rate they were stated with, whatever is published later.

    Parameters
    ----------
    replace : bool
        A different rate for a day that has one takes its place; otherwise it is refused.

    Returns
    -------
    dict
        ``added, unchanged, replaced``.

    Raises
    ------
    InvalidInput
        A currency that is no ISO code, equal currencies, a rate that is not a number above zero.
    Conflict
        ``rate.different``: names the first day whose rate differs; nothing is kept.
    """
    connection = core(session)
    for new in rates:
        _check(new)
    stored = {
        (row.base, row.quote, row.on_date): (row.id, row.rate)
        for row in connection.execute(sa.select(_RATE).where(_RATE.c.on_date.in_({new.on_date for new in rates})))
    }
    counts = {"added": 0, "unchanged": 0, "replaced": 0}
    fresh = dict[tuple[str, str, date], str]()
    for new in rates:
        pair = (new.base, new.quote, new.on_date)
        before = fresh.get(pair) or (stored[pair][1] if pair in stored else None)
        if before is None:
            fresh[pair] = new.rate
            counts["added"] += 1
        elif Decimal(before) == Decimal(new.rate):
            counts["unchanged"] += 1
        else:
            _replace(connection, new, before, stored.get(pair), source=source, replace=replace)
            counts["replaced"] += 1
    if fresh:
        rows = [
            {"base": base, "quote": quote, "on_date": day, "rate": rate, "source": source}
            for (base, quote, day), rate in fresh.items()
        ]
        connection.execute(sa.insert(_RATE), rows)
    return counts


def _check(new: NewRate) -> None:
    for currency in (new.base, new.quote):
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
            raise InvalidInput("currency", currency, "three capital letters (ISO 4217)")
    if new.base == new.quote:
        raise InvalidInput("quote", new.quote, "another currency than the base")
    try:
        good = Decimal(new.rate) > 0 and Decimal(new.rate).is_finite() and len(new.rate) <= 40
    except InvalidOperation:
        good = False
    if not good:
        raise InvalidInput("rate", new.rate, "a decimal number above zero")


def _replace(
    connection: sa.Connection,
    new: NewRate,
    before: str,
    stored: tuple[int, str] | None,
    *,
    source: str,
    replace: bool,
) -> None:
    if not replace or stored is None:
        raise Conflict(
            "rate.different",
            f"{new.base}/{new.quote} of {new.on_date} is {before} already, and {new.rate} was given.",
            "Check which one was published; replace it if the stored one is wrong.",
        )
    connection.execute(sa.update(_RATE).where(_RATE.c.id == stored[0]).values(rate=new.rate, source=source))


def restate(session: Session, shop_currency: str, *, order_ids: Sequence[int] | None = None) -> dict[str, int]:
    """State orders and payments in the shop's money where that is still empty, at their own day's rate.

    Parameters
    ----------
    order_ids : sequence of int, optional
        Only these, and anew when they were stated before (their total changed); otherwise every order
        and payment that has no shop money yet.

    Returns
    -------
    dict
        ``orders, payments`` stated now; ``without_rate`` left empty because no rate was published.
    """
    connection = core(session)
    done = {"orders": 0, "payments": 0, "without_rate": 0}
    for name, table, amount, worth in (
        ("orders", _ORDER, "total_minor", "shop_total_minor"),
        ("payments", _PAYMENT, "amount_minor", "shop_amount_minor"),
    ):
        rows = connection.execute(_unstated(table, amount, worth, name, order_ids)).all()
        stated, missing = _state(connection, table, worth, rows, shop_currency)
        done[name] += stated
        done["without_rate"] += missing
    return done


def _unstated(
    table: sa.Table, amount: str, worth: str, name: str, order_ids: Sequence[int] | None
) -> sa.Select[*tuple[Any, ...]]:
    c = table.c
    statement = sa.select(c.id, c.currency, c.business_date, c[amount]).order_by(c.id)
    if order_ids is None:
        return statement.where(c[worth].is_(None))
    key = c.id if name == "orders" else c.order_id
    again = sa.true() if name == "orders" else c[worth].is_(None)
    return statement.where(key.in_(list(order_ids)), again)


def _state(
    connection: sa.Connection, table: sa.Table, worth: str, rows: Sequence[Any], shop_currency: str
) -> tuple[int, int]:
    """Write the shop money of rows (id, currency, day, amount); return how many, and how many had no rate."""
    rates = rates_on(connection, {(row[1], row[2]) for row in rows}, shop_currency)
    stated = []
    for key, currency, day, amount in rows:
        rate = rates.get((currency, day))
        if rate is not None:
            value = rate.convert(amount, currency, shop_currency)
            stated.append((key, shop_currency, value, rate.text, rate.on.isoformat()))
    if stated:
        new = unpacked(connection.dialect.name, key=int, currency=str, value=int, rate=str, day=str)
        day_type: sa.types.TypeEngine[Any] = sa.Text() if connection.dialect.name == "sqlite" else sa.Date()
        connection.execute(
            sa.update(table)
            .values({
                "shop_currency": new.c.currency, worth: new.c.value, "shop_rate": new.c.rate,
                "shop_rate_on": sa.type_coerce(sa.cast(new.c.day, day_type), sa.Date()),
            })
            .where(table.c.id == new.c.key),
            {"batch": packed(stated)},
        )  # fmt: skip
    return len(stated), len(rows) - len(stated)
