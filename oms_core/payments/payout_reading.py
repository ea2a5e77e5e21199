"""Lay payout statements beside the books: what fits, what does not, what nobody paid out yet.

Compared order by order: the sales (refunds) of all statements of a channel with what the books captured (gave
back), so that a payment split over two statements fits and one that was paid out twice does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.kernel.rows import table_of
from oms_core.locations.tables import Channel
from oms_core.orders.tables import Order
from oms_core.payments.accounts import COD, STORE_CREDIT, WRITE_OFF
from oms_core.payments.payout_tables import PayoutLine, PayoutStatement
from oms_core.payments.tables import Charge, Payment

if TYPE_CHECKING:
    from collections.abc import Iterable

_STATEMENT, _LINE, _PAYMENT, _ORDER, _CHANNEL, _CHARGE = map(
    table_of, (PayoutStatement, PayoutLine, Payment, Order, Channel, Charge)
)
#: What comes of comparing a row of a statement with the books.
OUTCOMES = ("matched", "short", "over", "not_in_books", "unknown", "other_channel", "fee", "other")
#: Money that no channel pays out: a courier brings it, a customer had it with us, or it is none.
_NEVER_PAID_OUT = (COD, STORE_CREDIT, WRITE_OFF)
_MOVED = {"sale": "capture", "refund": "refund"}


def channel_id(connection: sa.Connection, code: str) -> int:
    """Return a channel's id by its code.

    Raises
    ------
    NotFound
        ``channel.not_found``, with near matches.
    """
    known = {row.code: int(row.id) for row in connection.execute(sa.select(_CHANNEL.c.code, _CHANNEL.c.id))}
    if code not in known:
        raise NotFound("channel", code, list(known), f"Channels are: {', '.join(sorted(known))}.")
    return known[code]


def orders_named(connection: sa.Connection, channel: int, gateway: str, names: Iterable[str]) -> dict[str, int]:
    """Return orders by their number, by the channel's own number, or by the gateway's number of a payment."""
    rest = set(names)
    found: dict[str, int] = {}
    o, p = _ORDER.c, _PAYMENT.c
    of_gateway = p.gateway == gateway if gateway else sa.true()
    for statement, column in (
        (sa.select(o.number, o.id), o.number),
        (sa.select(o.external_id, o.id).where(o.channel_id == channel), o.external_id),
        (sa.select(p.external_id, p.order_id).where(of_gateway), p.external_id),
    ):
        asked = sorted(rest)
        for start in range(0, len(asked), 500):
            rows = connection.execute(statement.where(column.in_(asked[start : start + 500])))
            found |= {row[0]: int(row[1]) for row in rows}
        rest -= found.keys()
    return found


def statement_named(connection: sa.Connection, channel: str, reference: str) -> int:
    """Return a statement's id by its channel's code and its own name.

    Raises
    ------
    NotFound
        ``payout_statement.not_found``, with near matches of the channel's.
    """
    c = _STATEMENT.c
    rows = connection.execute(sa.select(c.reference, c.id).where(c.channel_id == channel_id(connection, channel)))
    known = {row.reference: int(row.id) for row in rows}
    if reference not in known:
        raise NotFound("payout statement", reference, list(known), "List them with: ordersight payouts list")
    return known[reference]


def statements(connection: sa.Connection, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the newest statements with how many rows differ and the fees the books lack."""
    c = _STATEMENT.c
    heads = connection.execute(sa.select(c.id).order_by(c.until.desc(), c.id.desc()).limit(limit))
    return [summary(connection, key) for (key,) in heads.all()]


def summary(connection: sa.Connection, key: int) -> dict[str, Any]:
    """Return :func:`report` with the number of rows, and of those that differ (``odd``), in the rows' place.

    Raises
    ------
    NotFound
        ``payout_statement.not_found``.
    """
    found = report(connection, key)
    rows = found.pop("rows")
    return found | {"rows": len(rows), "odd": sum(row["outcome"] not in {"matched", "fee", "other"} for row in rows)}


def report(connection: sa.Connection, key: int) -> dict[str, Any]:
    """Return a statement beside the books.

    Raises
    ------
    NotFound
        ``payout_statement.not_found``.

    Returns
    -------
    dict
        ``id, channel, gateway, reference, currency, since, until, gross_minor, fee_minor, net_minor,
        received_minor, received_difference_minor, fees_in_books_minor, fee_difference_minor, difference_minor``
        (of all rows), and ``rows`` ``[{kind, name, order, amount_minor, fee_minor, elsewhere_minor, books_minor,
        difference_minor, outcome}]``: one for each order and kind, `elsewhere` stands on other statements,
        difference = amount + elsewhere - books. Differences of fees: statement - books.
    """
    head = connection.execute(
        sa.select(_STATEMENT, _CHANNEL.c.code.label("channel"))
        .join(_CHANNEL, _CHANNEL.c.id == _STATEMENT.c.channel_id)
        .where(_STATEMENT.c.id == key)
    ).one_or_none()
    if head is None:
        raise NotFound("payout statement", key, hint="List them with: ordersight payouts list")
    rows = _rows(connection, head)
    fees = fees_in_books(connection, head)
    received = head.received_minor
    return {
        "id": key, "channel": head.channel, "gateway": head.gateway, "reference": head.reference,
        "currency": head.currency, "since": head.since, "until": head.until, "gross_minor": head.gross_minor,
        "fee_minor": head.fee_minor, "net_minor": head.net_minor, "received_minor": received,
        "received_difference_minor": None if received is None else received - head.net_minor,
        "fees_in_books_minor": fees, "fee_difference_minor": head.fee_minor - fees,
        "difference_minor": sum(row["difference_minor"] for row in rows), "rows": rows,
    }  # fmt: skip


def fees_in_books(connection: sa.Connection, head: Any) -> int:
    """Return the fees booked for a statement's channel on its days, in its currency; a cost is positive."""
    c = _CHARGE.c
    total = sa.select(sa.func.coalesce(sa.func.sum(c.amount_minor), 0)).where(
        c.channel_id == head.channel_id, c.currency == head.currency, c.kind.in_(("channel_fee", "payment_fee")),
        c.business_date.between(head.since, head.until),
    )  # fmt: skip
    return -int(connection.execute(total).scalar_one())


def _rows(connection: sa.Connection, head: Any) -> list[dict[str, Any]]:
    """Return the statement's rows, one for each order and kind, beside the other statements and the books."""
    x = _LINE.c
    mine = (
        sa.select(
            x.kind, x.name, x.order_id, _ORDER.c.number, _ORDER.c.channel_id, sa.func.min(x.position).label("position"),
            sa.func.sum(x.amount_minor).label("amount"), sa.func.sum(x.fee_minor).label("fee"),
        )
        .outerjoin(_ORDER, _ORDER.c.id == x.order_id)
        .where(x.statement_id == head.id)
        .group_by(x.kind, x.name, x.order_id, _ORDER.c.number, _ORDER.c.channel_id)
        .order_by(sa.func.min(x.position))
    )  # fmt: skip
    stated, books = _stated(connection, head), _in_books(connection, head)
    told, seen = [], dict[tuple[str, int], dict[str, Any]]()
    for row in connection.execute(mine):
        compared = row.kind in _MOVED and row.order_id is not None
        if compared and (row.kind, row.order_id) in seen:
            first = seen[row.kind, row.order_id]
            first["amount_minor"] += int(row.amount)
            first["fee_minor"] += int(row.fee)
            first["elsewhere_minor"] -= int(row.amount)
            continue
        whole = stated.get((row.kind, row.order_id), 0) if compared else int(row.amount)
        held = books.get((row.kind, row.order_id), 0) if compared else 0
        line = {
            "kind": row.kind, "name": row.name, "order": row.number, "amount_minor": int(row.amount),
            "fee_minor": int(row.fee), "elsewhere_minor": whole - int(row.amount), "books_minor": held,
            "difference_minor": whole - held if row.kind in _MOVED else 0,
            "outcome": _outcome(row, head, whole, held),
        }  # fmt: skip
        if compared:
            seen[row.kind, row.order_id] = line
        told.append(line)
    return told


def _outcome(row: Any, head: Any, stated: int, books: int) -> str:
    if row.kind not in _MOVED:
        return str(row.kind)
    if row.order_id is None:
        return "unknown"
    if row.channel_id != head.channel_id:
        return "other_channel"
    if books == 0:
        return "not_in_books"
    if stated == books:
        return "matched"
    return "short" if abs(stated) < abs(books) else "over"


def _stated(connection: sa.Connection, head: Any) -> dict[tuple[str, int], int]:
    """Return what all statements of the channel, gateway and currency say of the orders on this one."""
    x, s = _LINE.c, _STATEMENT.c
    here = sa.select(x.order_id).where(x.statement_id == head.id, x.order_id.is_not(None))
    statement = (
        sa.select(x.kind, x.order_id, sa.func.sum(x.amount_minor))
        .join(_STATEMENT, s.id == x.statement_id)
        .where(s.channel_id == head.channel_id, s.gateway == head.gateway, s.currency == head.currency)
        .where(x.order_id.in_(here))
        .group_by(x.kind, x.order_id)
    )
    return {(row[0], int(row[1])): int(row[2]) for row in connection.execute(statement)}


def _in_books(connection: sa.Connection, head: Any) -> dict[tuple[str, int], int]:
    """Return what the books captured for, and gave back to, the orders on a statement; refunds below zero."""
    x, p = _LINE.c, _PAYMENT.c
    here = sa.select(x.order_id).where(x.statement_id == head.id, x.order_id.is_not(None))
    statement = (
        sa.select(p.kind, p.order_id, sa.func.sum(p.amount_minor))
        .where(p.order_id.in_(here), p.currency == head.currency, p.kind.in_(_MOVED.values()), _paid_out(head.gateway))
        .group_by(p.kind, p.order_id)
    )
    found = {(row[0], int(row[1])): int(row[2]) for row in connection.execute(statement)}
    kinds = {moved: kind for kind, moved in _MOVED.items()}
    return {(kinds[kind], order): minor if kind == "capture" else -minor for (kind, order), minor in found.items()}


def _paid_out(gateway: str) -> sa.ColumnElement[bool]:
    """Return which payments a statement speaks of."""
    column = _PAYMENT.c.gateway
    return column == gateway if gateway else column.not_in(_NEVER_PAID_OUT)


def missing(connection: sa.Connection, channel: str, *, limit: int = 300) -> list[dict[str, Any]]:
    """Return payments captured on the days of a channel's statements that stand on none of them, oldest first.

    Returns
    -------
    list of dict
        ``order, captured_on, captured_minor, currency, gateway, waits_days`` (up to the last statement's end).
    """
    key, s, p, o = channel_id(connection, channel), _STATEMENT.c, _PAYMENT.c, _ORDER.c
    spans = connection.execute(
        sa.select(s.gateway, s.currency, sa.func.min(s.since).label("since"), sa.func.max(s.until).label("until"))
        .where(s.channel_id == key)
        .group_by(s.gateway, s.currency)
    ).all()
    told: list[dict[str, Any]] = []
    for span in spans:
        on_list = (
            sa.select(_LINE.c.order_id)
            .join(_STATEMENT, s.id == _LINE.c.statement_id)
            .where(s.channel_id == key, s.gateway == span.gateway, s.currency == span.currency)
            .where(_LINE.c.kind == "sale", _LINE.c.order_id.is_not(None))
        )
        taken = (
            sa.select(o.number, p.business_date, p.amount_minor, p.currency, p.gateway)
            .join(_ORDER, o.id == p.order_id)
            .where(o.channel_id == key, p.kind == "capture", p.currency == span.currency, _paid_out(span.gateway))
            .where(p.business_date.between(span.since, span.until), p.order_id.not_in(on_list))
            .order_by(p.business_date, p.id)
            .limit(limit)
        )
        told += [
            {
                "order": row.number, "captured_on": row.business_date, "captured_minor": row.amount_minor,
                "currency": row.currency, "gateway": row.gateway, "waits_days": (span.until - row.business_date).days,
            }
            for row in connection.execute(taken)
        ]  # fmt: skip
    return told
