"""Find, lock, number and seal invoices; shared by issuing and correcting."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.finance.numbering import SERIES, next_number, written
from oms_core.finance.states import INVOICE
from oms_core.finance.tables import Invoice, InvoiceLine
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import NotFound
from oms_core.kernel.exchange import rate_on
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from oms_core.finance.valuing import Line
    from oms_core.kernel.settings import Shop

#: What stands on the paper: none of it may change after issue.
SEALED = (
    "number", "kind", "order_id", "return_id", "corrects_id", "seller_name", "seller_tax_id", "seller_address",
    "seller_account", "buyer_name", "buyer_tax_id", "buyer_address", "buyer_country", "reason", "currency", "net_minor",
    "tax_minor", "gross_minor", "shop_currency", "shop_rate", "shop_tax_minor", "shop_gross_minor", "sold_on",
    "issued_on", "due_on",
)  # fmt: skip
SEALED_LINE = (
    "position", "kind", "sku", "title", "tax_bp", "before_qty", "before_net_minor", "before_tax_minor", "after_qty",
    "after_net_minor", "after_tax_minor", "quantity", "net_minor", "tax_minor", "gross_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changed:
    """A line before and after; on an invoice there is nothing before.

    A correction's line keeps the `position` of the line it corrects; None counts on from the last.
    """

    after: Line
    before_qty: int = 0
    before_net_minor: int = 0
    before_tax_minor: int = 0
    position: int | None = None


def locked(session: Session, invoice_id: int) -> Invoice:
    """Return the invoice, its row locked until the transaction ends.

    Raises
    ------
    NotFound
        ``invoice.not_found``.
    """
    statement = sa.select(Invoice).where(Invoice.id == invoice_id).with_for_update(key_share=True)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("invoice", invoice_id, hint="List them with: ordersight invoices list")
    return found


def lines_of(session: Session, invoice_id: int) -> Sequence[InvoiceLine]:
    """Return the lines of an invoice, in their order."""
    return session.scalars(
        sa.select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    ).all()


def write_lines(session: Session, invoice: Invoice, changed: Iterable[Changed]) -> None:
    """Write the lines of a draft anew and set its sums from them."""
    session.execute(sa.delete(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id))
    rows = [_row(invoice.id, x.position or n, x) for n, x in enumerate(changed, start=1)]
    if rows:
        session.execute(sa.insert(table_of(InvoiceLine)), rows)
    # written together: the table's CHECK holds the three columns to each other
    invoice.net_minor, invoice.tax_minor = (sum(row[name] for row in rows) for name in ("net_minor", "tax_minor"))
    invoice.gross_minor = invoice.net_minor + invoice.tax_minor
    session.flush()


def _row(invoice_id: int, position: int, x: Changed) -> dict[str, Any]:
    net, tax = x.after.net_minor - x.before_net_minor, x.after.tax_minor - x.before_tax_minor
    return {
        "invoice_id": invoice_id, "position": position, "kind": x.after.kind, "order_line_id": x.after.order_line_id,
        "sku": x.after.sku, "title": x.after.title, "tax_bp": x.after.tax_bp, "before_qty": x.before_qty,
        "before_net_minor": x.before_net_minor, "before_tax_minor": x.before_tax_minor, "after_qty": x.after.quantity,
        "after_net_minor": x.after.net_minor, "after_tax_minor": x.after.tax_minor,
        "quantity": x.after.quantity - x.before_qty, "net_minor": net, "tax_minor": tax, "gross_minor": net + tax,
    }  # fmt: skip


def issue(session: Session, invoice: Invoice, shop: Shop, *, due_days: int | None, actor: str) -> None:
    """Give a draft its number and dates, state its tax in the shop's money and seal it; from now on it stands."""
    INVOICE.check(invoice.number or f"draft {invoice.id}", invoice.state, "issued")
    now = clock.now()
    today = clock.business_date(now, shop.zone)
    invoice.issued_on = today
    invoice.due_on = today + timedelta(days=shop.invoice_due_days if due_days is None else due_days)
    _state_in_shop_money(session, invoice, shop.currency, today)
    invoice.series, invoice.year = SERIES[invoice.kind], today.year
    # the counter's row is locked from here to the commit: as late as can be
    invoice.sequence = next_number(session, invoice.series, invoice.year)
    invoice.number = written(invoice.series, invoice.year, invoice.sequence)
    invoice.issued_at, invoice.state = now, "issued"
    invoice.version += 1
    session.flush()
    invoice.fingerprint = fingerprint(_values(invoice, SEALED), _line_values(session, invoice.id))
    session.flush()
    journal.record(
        session, f"invoice.{'issued' if invoice.kind == 'invoice' else 'corrected'}", "invoice", invoice.id,
        actor=actor, number=invoice.number, order_id=invoice.order_id, gross_minor=invoice.gross_minor,
    )  # fmt: skip


def _state_in_shop_money(session: Session, invoice: Invoice, shop_currency: str, day: date) -> None:
    """State gross and tax at the day's rate; without a published rate they stay empty."""
    rate = rate_on(session, invoice.currency, shop_currency, day)
    if rate is None:
        return
    invoice.shop_currency, invoice.shop_rate, invoice.shop_rate_on = shop_currency, rate.text, rate.on
    invoice.shop_tax_minor = rate.convert(invoice.tax_minor, invoice.currency, shop_currency)
    invoice.shop_gross_minor = rate.convert(invoice.gross_minor, invoice.currency, shop_currency)


def fingerprint(head: Sequence[Any], lines: Sequence[Sequence[Any]]) -> str:
    """Return the SHA-256 of what stands on the paper."""
    return hashlib.sha256(json.dumps([head, lines], default=str, ensure_ascii=False).encode()).hexdigest()


def _values(row: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def _line_values(session: Session, invoice_id: int) -> list[list[Any]]:
    return [_values(line, SEALED_LINE) for line in lines_of(session, invoice_id)]


def seal_of(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the fingerprint that these stored columns have; equal to the kept one of an untouched document."""
    return fingerprint([head[n] for n in SEALED], [[line[n] for n in SEALED_LINE] for line in lines])
