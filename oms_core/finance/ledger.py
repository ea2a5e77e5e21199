"""Receivables and payables: post documents, and match what settles to what is claimed.

Payments of invoiced orders are taken into the ledger from the payments room, which knows nothing of it:
``settle`` may run as often as one likes and books each payment once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.finance.ledger_tables import LedgerEntry, LedgerMatch
from oms_core.finance.tables import Invoice
from oms_core.kernel import clock
from oms_core.kernel.errors import Conflict, InvalidInput, NotFound, Refused
from oms_core.kernel.money import Money
from oms_core.kernel.rows import core, table_of
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

_ENTRY, _MATCH, _PAYMENT, _ORDER = map(table_of, (LedgerEntry, LedgerMatch, Payment, Order))
_INVOICE = table_of(Invoice)
#: Orders settled at a time.
_CHUNK = 500


def party_of(customer_id: int | None, order_id: int) -> str:
    """Return the account of a buyer; a guest's order is an account of its own."""
    return f"O:{order_id}" if customer_id is None else f"C:{customer_id}"


def post(session: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Write ledger entries; amounts of zero are no entries."""
    rows = [{"at": clock.now(), **entry} for entry in entries if entry["amount_minor"]]
    if not rows:
        return
    try:
        core(session).execute(sa.insert(_ENTRY), rows)
    except IntegrityError as error:
        raise Conflict("ledger.posted", "The document is in the ledger already.", "Read it again.") from error


def post_invoice(session: Session, invoice: Invoice) -> None:
    """Put an issued invoice or correction into its buyer's account."""
    post(session, [{
        "side": "receivable", "party": party_of(invoice.customer_id, invoice.order_id),
        "customer_id": invoice.customer_id, "supplier_id": None, "order_id": invoice.order_id, "kind": invoice.kind,
        "document_id": invoice.id, "document": invoice.number, "on_date": invoice.issued_on,
        "due_on": invoice.due_on, "amount_minor": invoice.gross_minor, "currency": invoice.currency,
    }])  # fmt: skip


def settle(session: Session, *, actor: str = "system") -> int:
    """Take every payment of invoiced orders that is not in the ledger yet, and match; return the orders touched."""
    statement = (
        sa.select(_PAYMENT.c.order_id)
        .join(_INVOICE, sa.and_(_INVOICE.c.order_id == _PAYMENT.c.order_id, _INVOICE.c.kind == "invoice"))
        .outerjoin(
            _ENTRY, sa.and_(_ENTRY.c.document_id == _PAYMENT.c.id, _ENTRY.c.kind.in_(("payment", "refund")))
        )
        .where(_PAYMENT.c.kind.in_(("capture", "refund")), _INVOICE.c.state != "draft", _ENTRY.c.id.is_(None))
        .distinct()
        .order_by(_PAYMENT.c.order_id)
    )  # fmt: skip
    orders = list(session.scalars(statement))
    for start in range(0, len(orders), _CHUNK):
        settle_orders(session, orders[start : start + _CHUNK], actor=actor)
    return len(orders)


def settle_orders(session: Session, order_ids: Sequence[int], *, actor: str = "system") -> None:
    """Post the payments of invoiced orders and match each order's claims with what settles them, oldest first."""
    connection = core(session)
    heads = (
        sa.select(_ORDER.c.id).where(_ORDER.c.id.in_(order_ids)).order_by(_ORDER.c.id).with_for_update(key_share=True)
    )
    connection.execute(heads).all()
    post(session, [_payment_entry(row) for row in connection.execute(_unposted(order_ids))])
    rows = _open_entries(connection, _ENTRY.c.order_id.in_(order_ids), side="receivable")
    by_order: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        by_order.setdefault((row.order_id, row.party), []).append(row)
    matches = [m for group in by_order.values() for m in _pairs(group)]
    _write_matches(connection, matches, actor=actor)


def _unposted(order_ids: Sequence[int]) -> sa.Select[Any]:
    posted = sa.select(_ENTRY.c.document_id).where(_ENTRY.c.kind.in_(("payment", "refund")))
    # an order may have several invoices, and its payments stand in the ledger once
    invoiced = sa.select(_INVOICE.c.order_id).where(
        _INVOICE.c.order_id.in_(order_ids), _INVOICE.c.kind == "invoice", _INVOICE.c.state != "draft"
    )
    return (
        sa.select(_PAYMENT, _ORDER.c.customer_id)
        .join(_ORDER, _ORDER.c.id == _PAYMENT.c.order_id)
        .where(
            _PAYMENT.c.order_id.in_(order_ids), _PAYMENT.c.kind.in_(("capture", "refund")),
            _PAYMENT.c.order_id.in_(invoiced),
            _PAYMENT.c.id.not_in(posted.where(_ENTRY.c.order_id.in_(order_ids))),
        )
        .order_by(_PAYMENT.c.id)
    )  # fmt: skip


def _payment_entry(row: Any) -> dict[str, Any]:
    is_refund = row.kind == "refund"
    return {
        "side": "receivable", "party": party_of(row.customer_id, row.order_id), "customer_id": row.customer_id,
        "supplier_id": None, "order_id": row.order_id, "kind": "refund" if is_refund else "payment",
        "document_id": row.id, "document": f"{row.gateway} {row.external_id or row.id}",
        "on_date": row.business_date, "due_on": row.business_date,
        "amount_minor": row.amount_minor if is_refund else -row.amount_minor, "currency": row.currency,
    }  # fmt: skip


def open_amounts() -> sa.Subquery:
    """Return every entry with what is still open of it (signed), as a table: ``id, open_minor``."""
    claimed = _sums(_MATCH.c.claim_id)
    settled = _sums(_MATCH.c.settling_id)
    left = _ENTRY.c.amount_minor - sa.func.coalesce(claimed.c.total, 0) + sa.func.coalesce(settled.c.total, 0)
    return (
        sa.select(_ENTRY.c.id, sa.cast(left, sa.BigInteger).label("open_minor"))
        .outerjoin(claimed, claimed.c.key == _ENTRY.c.id)
        .outerjoin(settled, settled.c.key == _ENTRY.c.id)
        .subquery("open_entries")
    )


def _sums(key: sa.ColumnElement[int]) -> sa.Subquery:
    return sa.select(key.label("key"), sa.func.sum(_MATCH.c.amount_minor).label("total")).group_by(key).subquery()


def _open_entries(connection: sa.Connection, *where: sa.ColumnElement[bool], side: str) -> Sequence[Any]:
    """Lock entries in id order and return those with something open, oldest due first."""
    connection.execute(
        sa.select(_ENTRY.c.id)
        .where(*where, _ENTRY.c.side == side)
        .order_by(_ENTRY.c.id)
        .with_for_update(key_share=True)
    ).all()
    left = open_amounts()
    statement = (
        sa.select(_ENTRY, left.c.open_minor)
        .join(left, left.c.id == _ENTRY.c.id)
        .where(*where, _ENTRY.c.side == side, left.c.open_minor != 0)
        .order_by(_ENTRY.c.due_on, _ENTRY.c.id)
    )
    return connection.execute(statement).all()


def _pairs(entries: Iterable[Any]) -> list[tuple[int, int, int]]:
    """Return matches (claim, settling, amount) that use up the smaller side, oldest first; pure."""
    rows = list(entries)
    claims = [[row.id, row.open_minor] for row in rows if row.open_minor > 0]
    settling = [[row.id, -row.open_minor] for row in rows if row.open_minor < 0]
    found = []
    while claims and settling:
        amount = min(claims[0][1], settling[0][1])
        found.append((claims[0][0], settling[0][0], amount))
        for side in (claims, settling):
            side[0][1] -= amount
            if not side[0][1]:
                side.pop(0)
    return found


def _write_matches(connection: sa.Connection, matches: Sequence[tuple[int, int, int]], *, actor: str) -> None:
    if matches:
        rows = [
            {"claim_id": claim, "settling_id": settling, "amount_minor": amount, "at": clock.now(), "actor": actor}
            for claim, settling, amount in matches
        ]
        connection.execute(sa.insert(_MATCH), rows)


def match(
    session: Session, *, claim_id: int, settling_id: int, amount_minor: int | None = None, actor: str = "system"
) -> int:
    """Settle a claim by a payment or credit of the same account, wholly or in part; return the amount matched.

    Raises
    ------
    NotFound
        An unknown entry.
    InvalidInput
        Entries of two accounts or currencies, or of the wrong sign; an amount that is not above zero.
    Refused
        ``ledger.match_too_large``: more than is open on either side.
    """
    connection = core(session)
    rows: list[Any] = []
    for side in ("receivable", "payable"):
        rows += _open_entries(connection, _ENTRY.c.id.in_((claim_id, settling_id)), side=side)
    found = {row.id: row for row in rows}
    for key in (claim_id, settling_id):
        if key not in found:
            raise NotFound("open ledger entry", key, hint="See: ordersight ledger open")
    claim, settling = found[claim_id], found[settling_id]
    if (claim.party, claim.currency) != (settling.party, settling.currency):
        raise InvalidInput("entries", f"{claim.document} and {settling.document}", "one account and one currency")
    if claim.open_minor < 0 or settling.open_minor > 0:
        raise InvalidInput("entries", f"{claim.document} and {settling.document}", "a claim, and what settles it")
    most = min(claim.open_minor, -settling.open_minor)
    amount = most if amount_minor is None else amount_minor
    if amount <= 0:
        raise InvalidInput("amount", amount, "an amount above zero")
    if amount > most:
        raise Refused(
            "ledger.match_too_large",
            f"{Money(amount, claim.currency)} is more than the {Money(most, claim.currency)} open on both.",
            f"Match at most {Money(most, claim.currency)}.",
            open_minor=most,
        )
    _write_matches(connection, [(claim_id, settling_id, amount)], actor=actor)
    return amount
