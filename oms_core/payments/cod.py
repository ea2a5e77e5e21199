"""Cash on delivery: the courier takes the money at the door and sends it with a list.

Placing an order authorises the amount (gateway ``cod``); booking the list captures it. Every row of
the list is kept with what became of it, so that list and books can be laid side by side.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InvalidInput, OmsError
from oms_core.kernel.rows import core, table_of
from oms_core.payments import cod_reading
from oms_core.payments.accounts import COD
from oms_core.payments.commands import NewMoney, pay_all
from oms_core.payments.tables import CodRemittance, CodRemittanceLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.payments.accounts import Account

_LIST, _LINE = table_of(CodRemittance), table_of(CodRemittanceLine)


@dataclass(frozen=True, slots=True)
class Remitted:
    """One row of a courier's list: a tracking number (or our order's number) and the money, minor units."""

    name: str
    amount_minor: int
    currency: str


@dataclass(slots=True)
class _Row:
    """A row while it is booked."""

    given: Remitted
    outcome: str = "unknown"
    account: Account | None = None
    expected_minor: int | None = None
    booked_minor: int = 0


def book_remittance(
    session: Session, *, carrier: str, reference: str, rows: Sequence[Remitted], zone: str, actor: str = "system"
) -> dict[str, Any]:
    """Book a courier's list: capture what came, say what did not fit; the same list again books nothing.

    A short amount is captured as it came (the rest stays due), what came beyond is captured too and
    shows as an over-payment. Rows of unknown parcels, of orders that were not cash on delivery or were
    paid before, and of another currency are kept and not booked.

    Returns
    -------
    dict
        ``carrier, reference, currency, total, booked, again, rows [{name, outcome, amount, expected,
        booked, order}], missing [{order, tracking_number, expected, delivered_at}]`` with amounts in
        minor units; `missing` are delivered parcels of this carrier whose money is on no list yet.

    Raises
    ------
    InvalidInput
        No rows, an amount that is not above zero, a parcel twice, several currencies.
    Conflict
        ``cod.other_list``: the reference was booked with other rows.
    """
    _check(carrier, reference, rows)
    connection = core(session)
    fingerprint = hashlib.sha256(json.dumps([asdict(row) for row in rows], sort_keys=True).encode()).hexdigest()
    if (earlier := cod_reading.find(connection, carrier, reference, fingerprint)) is not None:
        return cod_reading.report(connection, earlier, again=True)
    booked = _matched(connection, carrier, rows)
    key = _write_list(connection, carrier, reference, rows, fingerprint, zone=zone, actor=actor)
    for row in booked:
        _expect(row)
    _capture(session, booked, key, zone=zone, actor=actor)
    _write_lines(connection, key, booked)
    journal.record(
        session, "cod.remitted", "cod_remittance", key, actor=actor, carrier=carrier, reference=reference,
        rows=len(rows), booked_minor=sum(row.booked_minor for row in booked),
    )  # fmt: skip
    return cod_reading.report(connection, key, again=False)


def _check(carrier: str, reference: str, rows: Sequence[Remitted]) -> None:
    if not carrier.strip() or not reference.strip():
        raise InvalidInput("reference", reference, "the carrier and the name of its list")
    if not rows:
        raise InvalidInput("rows", [], "at least one parcel", code="cod.no_rows")
    for row in rows:
        if row.amount_minor <= 0:
            raise InvalidInput("amount", row.amount_minor, f"an amount above zero for {row.name}")
    names = [row.name for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InvalidInput("rows", ", ".join(twice[:5]), "each parcel once", code="cod.parcel_twice")
    currencies = sorted({row.currency for row in rows})
    if len(currencies) > 1:
        raise InvalidInput("currency", ", ".join(currencies), "one currency a list", code="cod.currencies")


def _matched(connection: sa.Connection, carrier: str, rows: Sequence[Remitted]) -> list[_Row]:
    """Return the rows with the accounts of their orders, locked in id order."""
    orders = cod_reading.orders_named(connection, carrier, [row.name for row in rows])
    from oms_core.payments.reading import accounts

    held = accounts(connection, orders.values(), lock=True) if orders else {}
    return [_Row(row, account=held.get(orders.get(row.name, 0))) for row in rows]


def _expect(row: _Row) -> None:
    """Say what was expected and what the amount means."""
    account = row.account
    if account is None:
        return
    if row.given.currency != account.currency:
        row.outcome = "wrong_currency"
        return
    held = [entry.id for entry in account.of_kind("authorize") if entry.gateway == COD]
    left = account.authorized_left()
    row.expected_minor = sum(left[key] for key in held)
    if not held:
        row.outcome = "not_cod"
    elif row.expected_minor == 0:
        row.outcome = "already_paid"
    elif row.given.amount_minor == row.expected_minor:
        row.outcome = "matched"
    else:
        row.outcome = "short" if row.given.amount_minor < row.expected_minor else "over"


def _capture(session: Session, rows: Sequence[_Row], key: int, *, zone: str, actor: str) -> None:
    """Capture what fits: up to what was held on the authorisation, the rest as money taken at once."""
    moved: list[tuple[_Row, NewMoney]] = []
    for n, row in enumerate(rows, start=1):
        if row.account is None or row.outcome not in {"matched", "short", "over"}:
            continue
        for part, minor in enumerate(_parts(row), start=1):
            moved.append((row, NewMoney(
                order_id=row.account.order_id, kind="capture", amount_minor=minor, gateway=COD,
                external_id=f"remittance-{key}-{n}-{part}",
            )))  # fmt: skip
    said = pay_all(session, [new for _, new in moved], zone=zone, actor=actor) if moved else []
    for (row, new), outcome in zip(moved, said, strict=True):
        if isinstance(outcome, OmsError):
            # a cancelled order: the courier's money is real, but not for this order any more
            row.outcome = "cancelled"
        else:
            row.booked_minor += new.amount_minor


def _parts(row: _Row) -> list[int]:
    expected = row.expected_minor or 0
    beyond = max(row.given.amount_minor - expected, 0)
    return [part for part in (min(row.given.amount_minor, expected), beyond) if part]


def _write_list(
    connection: sa.Connection,
    carrier: str,
    reference: str,
    rows: Sequence[Remitted],
    fingerprint: str,
    *,
    zone: str,
    actor: str,
) -> int:
    values: Mapping[str, Any] = {
        "carrier": carrier, "reference": reference, "currency": rows[0].currency,
        "total_minor": sum(row.amount_minor for row in rows), "booked_minor": 0, "fingerprint": fingerprint,
        "booked_at": clock.now(), "business_date": clock.business_date(clock.now(), zone), "actor": actor,
    }  # fmt: skip
    try:
        done = connection.execute(sa.insert(_LIST).values(values).returning(_LIST.c.id))
    except sa.exc.IntegrityError as error:
        raise Conflict("cod.other_list", f"{carrier} {reference} is being booked right now.", "Try again.") from error
    return int(done.scalar_one())


def _write_lines(connection: sa.Connection, key: int, rows: Sequence[_Row]) -> None:
    connection.execute(sa.insert(_LINE), [
        {
            "remittance_id": key, "position": n, "name": row.given.name, "amount_minor": row.given.amount_minor,
            "expected_minor": row.expected_minor, "booked_minor": row.booked_minor, "outcome": row.outcome,
            "order_id": row.account.order_id if row.account else None,
        }
        for n, row in enumerate(rows, start=1)
    ])  # fmt: skip
    total = sum(row.booked_minor for row in rows)
    connection.execute(sa.update(_LIST).where(_LIST.c.id == key).values(booked_minor=total))
