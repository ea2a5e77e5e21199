"""Sales invoices and their corrections, and the counters that number them without gaps."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.finance.states import INVOICE
from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, Qty, one_of

_DRAFT = sa.text("kind = 'invoice' AND state = 'draft'")
INVOICE_KINDS = ("invoice", "correction")
LINE_KINDS = ("goods", "shipping", "other")


class DocumentCounter(Base):
    """The last number given in a series and year; its row is the lock that keeps numbers without gaps."""

    __tablename__ = "document_counters"
    __table_args__ = (sa.UniqueConstraint("series", "year"),)

    id: Mapped[Pk]
    series: Mapped[Code]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Base):
    """A sales invoice, or a correction of one; nothing of it changes once it is issued but its state.

    A correction's amounts are differences to what stood before it, so that an invoice and its
    corrections add up to what is owed now. ``gross = net + tax``, minor units of `currency`.
    An order may have several invoices, each for some of its units (of one parcel, if `shipment_id` says
    so); `order_gross_minor` is what the whole order was worth when this one was written.
    `fingerprint` is the SHA-256 of everything that stands on the paper, taken when it is issued.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        one_of("kind", INVOICE_KINDS),
        one_of("state", INVOICE.states),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name="gross_adds_up"),
        sa.CheckConstraint("(state = 'draft') = (issued_at IS NULL)", name="issued_has_time"),
        sa.CheckConstraint("(state = 'draft') = (number IS NULL)", name="issued_has_number"),
        sa.CheckConstraint("kind <> 'correction' OR corrects_id IS NOT NULL", name="correction_has_original"),
        sa.Index("uq_invoices_series", "series", "year", "sequence", unique=True),
        sa.Index(None, "order_id"),
        sa.Index(
            "uq_invoices_draft_of_order", "order_id", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT
        ),
        sa.Index("uq_invoices_shipment_id", "shipment_id", unique=True),
        REPLICATED,
    )  # fmt: skip

    id: Mapped[Pk]
    number: Mapped[Code | None] = mapped_column(unique=True)
    series: Mapped[Code | None]
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    kind: Mapped[Code]
    state: Mapped[Code] = mapped_column(default="draft")
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey("returns.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoices.id"), index=True)
    shipment_id: Mapped[int | None]
    order_gross_minor: Mapped[int | None]
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    seller_name: Mapped[str] = mapped_column(sa.String(200), default="")
    seller_tax_id: Mapped[Code] = mapped_column(default="")
    seller_address: Mapped[str] = mapped_column(sa.String(400), default="")
    seller_account: Mapped[Code] = mapped_column(default="")
    buyer_name: Mapped[str] = mapped_column(sa.String(200), default="")
    buyer_tax_id: Mapped[Code] = mapped_column(default="")
    buyer_address: Mapped[str] = mapped_column(sa.String(400), default="")
    buyer_country: Mapped[str] = mapped_column(sa.String(2), default="")
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    currency: Mapped[Currency]
    net_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor] = mapped_column(default=0)
    gross_minor: Mapped[Minor] = mapped_column(default=0)
    shop_currency: Mapped[Currency | None]
    shop_rate: Mapped[str | None] = mapped_column(sa.String(40))
    shop_rate_on: Mapped[date | None]
    shop_tax_minor: Mapped[int | None]
    shop_gross_minor: Mapped[int | None]
    sold_on: Mapped[date]
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    fingerprint: Mapped[str] = mapped_column(sa.String(64), default="")
    is_simulated: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class InvoiceLine(Base):
    """One line: before, after and their difference (before is zero on an invoice).

    `tax_bp` is the rate in basis points of a hundredth of a percent (2300 is 23 %); empty when it cannot
    be told from the amounts.
    """

    __tablename__ = "invoice_lines"
    __table_args__ = (
        sa.UniqueConstraint("invoice_id", "position"),
        one_of("kind", LINE_KINDS),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name="gross_adds_up"),
        sa.CheckConstraint(
            "quantity = after_qty - before_qty AND net_minor = after_net_minor - before_net_minor"
            " AND tax_minor = after_tax_minor - before_tax_minor",
            name="difference_adds_up",
        ),
        REPLICATED,
    )

    id: Mapped[Pk]
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoices.id"))
    position: Mapped[int]
    kind: Mapped[Code]
    order_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_lines.id"), index=True)
    sku: Mapped[Code] = mapped_column(default="")
    title: Mapped[str] = mapped_column(sa.String(300), default="")
    tax_bp: Mapped[int | None]
    before_qty: Mapped[Qty] = mapped_column(default=0)
    before_net_minor: Mapped[Minor] = mapped_column(default=0)
    before_tax_minor: Mapped[Minor] = mapped_column(default=0)
    after_qty: Mapped[Qty]
    after_net_minor: Mapped[Minor]
    after_tax_minor: Mapped[Minor]
    quantity: Mapped[Qty]
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    gross_minor: Mapped[Minor]
