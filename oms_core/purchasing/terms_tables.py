"""What a supplier asks for larger quantities."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Minor, Pk, Qty


class PriceBreak(Base):
    """Unit cost from a quantity on, for all units of the line; in the supplier item's currency."""

    __tablename__ = "price_breaks"
    __table_args__ = (
        sa.UniqueConstraint("supplier_item_id", "from_qty"),
        sa.CheckConstraint("from_qty > 1", name="beyond_one"),
        sa.CheckConstraint("unit_cost_minor > 0", name="cost_positive"),
    )

    id: Mapped[Pk]
    supplier_item_id: Mapped[int] = mapped_column(sa.ForeignKey("supplier_items.id"))
    from_qty: Mapped[Qty]
    unit_cost_minor: Mapped[Minor]
