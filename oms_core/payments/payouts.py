"""Payouts: keep what a channel says it took, kept and sent, and lay it beside the books.

A statement moves no money of an order: the captures stand in `payments` already. It is evidence that is
compared with them (`oms_core.payments.payout_reading`); only fees nobody booked yet are booked from it, on request.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import Conflict, InvalidInput
from oms_core.kernel.rows import core, table_of
from oms_core.payments import payout_reading
from oms_core.payments.payout_tables import PAYOUT_KINDS, PayoutLine, PayoutStatement
from oms_core.payments.tables import Charge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

_STATEMENT, _LINE, _CHARGE = table_of(PayoutStatement), table_of(PayoutLine), table_of(Charge)


@dataclass(frozen=True, slots=True)
class Stated:
    """One row of a statement.

    Attributes
    ----------
    kind : str
        One of `PAYOUT_KINDS`.
    name : str
        The order's number, the channel's own number of it, or the gateway's of the payment.
    amount_minor : int
        Signed: what the customer paid, or (below zero) got back; minor units.
    fee_minor : int
        What the channel kept; below zero when it gave a fee back.
    """

    kind: str
    name: str
    amount_minor: int
    fee_minor: int = 0
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatement:
    """A statement's head: whose it is and what it calls itself.

    Attributes
    ----------
    gateway : str
        Only payments of this gateway are on it; every one of the channel's when empty.
    received_minor : int or None
        What arrived on the account, if anybody looked.
    """

    channel: str
    reference: str
    currency: str
    gateway: str = ""
    received_minor: int | None = None


def book_statement(
    session: Session,
    head: NewStatement,
    rows: Sequence[Stated],
    *,
    zone: str,
    book_fees: bool = False,
    actor: str = "system",
) -> dict[str, Any]:
    """Keep a statement and answer how it stands beside the books; the same one again keeps nothing.

    Parameters
    ----------
    book_fees : bool
        Book the fees that the books of the statement's days do not have yet, as one charge of its last day.

    Returns
    -------
    dict
        `payout_reading.report`, with ``again``.

    Raises
    ------
    InvalidInput
        No rows, an unknown kind, no reference.
    Conflict
        ``payout.other_statement``: the reference was kept with other rows.
    """
    _check(head, rows)
    connection = core(session)
    channel_id = payout_reading.channel_id(connection, head.channel)
    print_ = hashlib.sha256(
        json.dumps([asdict(head), [asdict(row) for row in rows]], sort_keys=True, default=str).encode()
    ).hexdigest()
    key = _kept(connection, channel_id, head, print_)
    again = key is not None
    if key is None:
        key = _write(connection, channel_id, head, rows, print_, zone=zone, actor=actor)
        journal.record(
            session, "payout.kept", "payout_statement", key, actor=actor, channel=head.channel,
            reference=head.reference, rows=len(rows),
        )  # fmt: skip
    if book_fees:
        _book_fees(session, key, head, actor=actor)
    return payout_reading.report(connection, key) | {"again": again}


def _check(head: NewStatement, rows: Sequence[Stated]) -> None:
    if not head.reference.strip():
        raise InvalidInput("reference", head.reference, "the statement's own name")
    if not rows:
        raise InvalidInput("rows", [], "at least one row", code="payout.no_rows")
    unknown = sorted({row.kind for row in rows} - set(PAYOUT_KINDS))
    if unknown:
        raise InvalidInput("kind", unknown[0], ", ".join(PAYOUT_KINDS))


def _kept(connection: sa.Connection, channel_id: int, head: NewStatement, print_: str) -> int | None:
    """Return the statement of this name when it was kept with these rows; refuse one kept with others."""
    c = _STATEMENT.c
    found = connection.execute(
        sa.select(c.id, c.fingerprint, c.business_date).where(c.channel_id == channel_id, c.reference == head.reference)
    ).one_or_none()
    if found is not None and found.fingerprint != print_:
        raise Conflict(
            "payout.other_statement",
            f"{head.channel} {head.reference} was kept on {found.business_date} with other rows.",
            "Nothing was kept; give a correcting statement a reference of its own.",
        )
    return None if found is None else int(found.id)


def _write(
    connection: sa.Connection,
    channel_id: int,
    head: NewStatement,
    rows: Sequence[Stated],
    print_: str,
    *,
    zone: str,
    actor: str,
) -> int:
    today = clock.business_date(clock.now(), zone)
    days = [row.on for row in rows if row.on] or [today]
    gross, fee = sum(row.amount_minor for row in rows), sum(row.fee_minor for row in rows)
    statement = sa.insert(_STATEMENT).values(
        channel_id=channel_id, gateway=head.gateway, reference=head.reference, currency=head.currency,
        since=min(days), until=max(days), gross_minor=gross, fee_minor=fee, net_minor=gross - fee,
        received_minor=head.received_minor, fingerprint=print_, booked_at=clock.now(), business_date=today, actor=actor,
    )  # fmt: skip
    try:
        key = int(connection.execute(statement.returning(_STATEMENT.c.id)).scalar_one())
    except sa.exc.IntegrityError as error:
        words = f"{head.channel} {head.reference} is being kept right now."
        raise Conflict("payout.other_statement", words, "Try again.") from error
    orders = payout_reading.orders_named(connection, channel_id, head.gateway, {row.name for row in rows if row.name})
    connection.execute(sa.insert(_LINE), [
        {
            "statement_id": key, "position": n, "kind": row.kind, "name": row.name, "on_date": row.on,
            "amount_minor": row.amount_minor, "fee_minor": row.fee_minor, "order_id": orders.get(row.name),
        }
        for n, row in enumerate(rows, start=1)
    ])  # fmt: skip
    return key


def _book_fees(session: Session, key: int, head: NewStatement, *, actor: str) -> None:
    """Book what the statement's fees are beyond the books of its days; once a statement."""
    connection = core(session)
    statement = connection.execute(sa.select(_STATEMENT).where(_STATEMENT.c.id == key)).one()
    lacking = statement.fee_minor - payout_reading.fees_in_books(connection, statement)
    name = f"{head.channel}/{head.reference}"
    booked = sa.select(_CHARGE.c.id).where(_CHARGE.c.source == "payout", _CHARGE.c.external_id == name)
    if lacking == 0 or connection.execute(booked).first():
        return
    connection.execute(sa.insert(_CHARGE).values(
        kind="channel_fee", channel_id=statement.channel_id, source="payout", external_id=name,
        title=f"Fees of {name}"[:300], code="", quantity=1, amount_minor=-lacking, currency=statement.currency,
        at=clock.now(), business_date=statement.until,
    ))  # fmt: skip
    journal.record(session, "payout.fees_booked", "payout_statement", key, actor=actor, amount_minor=lacking)
