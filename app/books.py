"""What the Finance page asks about customers' and suppliers' accounts, and about invoices."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app import data, desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

#: The most rows of a list; who looks for more searches.
MOST = 500
#: Ids asked for in one statement.
_CHUNK = 500


def open_documents(side: str, today: date) -> list[dict[str, Any]]:
    """Return what is open on a side of the ledger, oldest due first, with the order or bill behind each."""
    return desk.read(lambda session: _open_documents(session, side, today))


def _open_documents(session: Session, side: str, today: date) -> list[dict[str, Any]]:
    from oms_core.finance.ageing import open_entries

    entries = open_entries(session, side=side, today=today)
    behind = _behind(session, [entry["id"] for entry in entries])
    return [{**entry, **behind.get(entry["id"], {"order": "", "bill": ""})} for entry in entries]


def _behind(session: Session, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the order's number, or our number of the supplier's bill, by ledger entry."""
    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.ledger_tables import LedgerEntry
    from oms_core.orders.tables import Order

    of_bill = sa.and_(LedgerEntry.kind == "supplier_invoice", SupplierInvoice.id == LedgerEntry.document_id)
    statement = (
        sa.select(LedgerEntry.id, Order.number, SupplierInvoice.number)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .outerjoin(SupplierInvoice, of_bill)
    )
    found = {}
    for start in range(0, len(ids), _CHUNK):
        for key, order, bill in session.execute(statement.where(LedgerEntry.id.in_(ids[start : start + _CHUNK]))):
            found[key] = {"order": order or "", "bill": bill or ""}
    return found


def has_entries(side: str) -> bool:
    """Say whether anything ever stood on a side of the ledger."""
    from oms_core.finance.ledger_tables import LedgerEntry

    statement = sa.select(LedgerEntry.id).where(LedgerEntry.side == side).limit(1)
    return desk.read(lambda session: session.scalar(statement)) is not None


def statement(party: str, currency: str, since: date, until: date) -> dict[str, Any]:
    """Return a party's account over a period (`finance.ageing.statement`)."""
    from oms_core.finance.ageing import statement as told

    return desk.read(lambda session: told(session, party=party, currency=currency, since=since, until=until))


def invoices(*, text: str = "", state: str = "all") -> list[dict[str, Any]]:
    """Return the newest invoices and corrections that a search finds, at most :data:`MOST`.

    Parameters
    ----------
    text : str
        Part of the invoice's or order's number, of the buyer's name or tax number.
    state : str
        A state of the machine, ``correction``, or ``all``.
    """
    return desk.read(lambda session: _invoices(session, text.strip(), state))


def _invoices(session: Session, text: str, state: str) -> list[dict[str, Any]]:
    from oms_core.finance.tables import Invoice
    from oms_core.orders.tables import Order

    names = (
        "number", "kind", "state", "buyer_name", "buyer_tax_id", "net_minor", "tax_minor", "gross_minor", "currency",
        "sold_on", "issued_on", "due_on",
    )  # fmt: skip
    columns = [getattr(Invoice, name) for name in names]
    statement = sa.select(*columns, Order.number.label("order")).join(Order, Order.id == Invoice.order_id)
    if text:
        fields = (Invoice.number, Invoice.buyer_name, Invoice.buyer_tax_id, Order.number)
        statement = statement.where(sa.or_(*(field.icontains(text, autoescape=True) for field in fields)))
    if state == "correction":
        statement = statement.where(Invoice.kind == state)
    elif state != "all":
        statement = statement.where(Invoice.state == state, Invoice.kind == "invoice")
    rows = session.execute(statement.order_by(Invoice.id.desc()).limit(MOST))
    return [dict(row) for row in rows.mappings()]


def invoice_count() -> int:
    """Return how many invoices there are in all."""
    from oms_core.finance.tables import Invoice

    return int(desk.read(lambda session: session.scalar(sa.select(sa.func.count(Invoice.id)))) or 0)


def invoice(number: str) -> dict[str, Any]:
    """Return an invoice whole, and what its lines say after all corrections (``now``).

    Parameters
    ----------
    number : str
        The invoice's, or its order's while it is a draft.

    Raises
    ------
    NotFound
        ``invoice.not_found``.
    """
    return desk.read(lambda session: _invoice(session, number))


def _invoice(session: Session, number: str) -> dict[str, Any]:
    from oms_core.finance.correcting import current
    from oms_core.finance.queries import invoice_detail, invoice_named
    from oms_core.finance.tables import Invoice

    key = invoice_named(session, number)
    found = session.get_one(Invoice, key)
    original = found if found.corrects_id is None else session.get_one(Invoice, found.corrects_id)
    now = current(session, original)
    return {**invoice_detail(session, key), "now": [now[position] for position in sorted(now)]}


def stock_value(day: date, method: str) -> list[dict[str, Any]]:
    """Return what stock was worth at the end of a day, by variant (`finance.cost_queries.stock_value`).

    Parameters
    ----------
    method : str
        ``fifo`` or ``average``.
    """
    return _stock_value(data.watermark(), day, method)


@data.remembered(6)
def _stock_value(mark: str, day: date, method: str) -> list[dict[str, Any]]:
    del mark
    from oms_core.finance.cost_queries import stock_value as reckon

    end = datetime.combine(day, time.max, ZoneInfo(data.shop().zone))
    with data.floor().workspace.reading() as session:
        return reckon(session, data.shop(), as_of=end, method=method)
