"""Order changes, and the dated entries by which a confirmed one moved the money and units of lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Minor, Pk, Qty, one_of
from oms_core.order_changes.states import ORDER_CHANGE

#: What an entry did to its line; `removed` counts as cancelled goods, the others as sales of that day.
ENTRY_KINDS = ("added", "removed", "price", "discount")


class OrderChange(Base):
    """A proposed set of actions on an order, with the preview a person decides on.

    `base_version` is the order's version the proposal was made for; `journal_id` the last journal
    entry known then, so that a stale proposal can say what happened since.
    """

    __tablename__ = "order_changes"
    __table_args__ = (
        one_of("state", ORDER_CHANGE.states),
        sa.CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided_has_time"),
        REPLICATED,
    )

    id: Mapped[Pk]
    number: Mapped[Code] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    state: Mapped[Code] = mapped_column(default="pending")
    base_version: Mapped[int]
    journal_id: Mapped[int] = mapped_column(default=0)
    actions: Mapped[list[Any]]
    preview: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    proposed_by: Mapped[Code]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[Code] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(sa.String(500), default="")


class OrderChangeEntry(Base):
    """What a confirmed change did to one line, signed, on its own day; append-only.

    A line as it was placed is the line as it is now less all its entries. `discount_minor` is the
    line's own discount, `order_discount_minor` the part of the order's discount that went with it.
    """

    __tablename__ = "order_change_entries"
    __table_args__ = (one_of("kind", ENTRY_KINDS), sa.Index(None, "order_line_id"), REPLICATED)

    id: Mapped[Pk]
    order_change_id: Mapped[int] = mapped_column(sa.ForeignKey("order_changes.id"), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_lines.id"))
    kind: Mapped[Code]
    at: Mapped[datetime]
    business_date: Mapped[date]
    quantity: Mapped[Qty]
    gross_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    order_discount_minor: Mapped[Minor] = mapped_column(default=0)
    tax_minor: Mapped[Minor]
