"""Who owes whom: entries of receivables and payables, and what settles what."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Minor, Pk, one_of

SIDES = ("receivable", "payable")
ENTRY_KINDS = ("invoice", "correction", "payment", "refund", "supplier_invoice", "supplier_payment")


class LedgerEntry(Base):
    """One document in a party's account.

    Positive is a claim (the customer owes us; on the payable side we owe the supplier), negative
    settles one. `party` names the account: ``C:<customer>``, ``O:<order>`` of a guest, ``S:<supplier>``.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        one_of("side", SIDES),
        one_of("kind", ENTRY_KINDS),
        sa.UniqueConstraint("kind", "document_id"),
        sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        sa.Index(None, "party", "currency"),
        sa.Index(None, "side", "due_on"),
        REPLICATED,
    )

    id: Mapped[Pk]
    side: Mapped[Code]
    party: Mapped[Code]
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customers.id"))
    supplier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("suppliers.id"))
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    kind: Mapped[Code]
    document_id: Mapped[int]
    document: Mapped[Code]
    on_date: Mapped[date]
    due_on: Mapped[date]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    at: Mapped[datetime]


class LedgerMatch(Base):
    """A part of a claim settled by a part of what settles it."""

    __tablename__ = "ledger_matches"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"), REPLICATED)

    id: Mapped[Pk]
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_entries.id"), index=True)
    settling_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_entries.id"), index=True)
    amount_minor: Mapped[Minor]
    at: Mapped[datetime]
    actor: Mapped[Code] = mapped_column(default="system")


class SupplierPayment(Base):
    """Money we sent to a supplier for one of its invoices."""

    __tablename__ = "supplier_payments"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"), REPLICATED)

    id: Mapped[Pk]
    supplier_invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("supplier_invoices.id"), index=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    reference: Mapped[Code] = mapped_column(default="")
    at: Mapped[datetime]
    business_date: Mapped[date]
    actor: Mapped[Code] = mapped_column(default="system")
