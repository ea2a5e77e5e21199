"""Rules that say which location goods of which customers go back to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk


class ReturnAddress(Base):
    """One rule: returns of a market, a country or a part of its postal codes go to a location.

    The most specific rule that fits holds: a longer beginning of the postal code before a shorter
    one, a country before a market, a market before the rule for everybody (all three empty).
    `address` is what is printed on the parcel, line by line; empty prints the location's name and town.
    """

    __tablename__ = "return_addresses"
    __table_args__ = (
        sa.UniqueConstraint("market", "country", "postal_prefix"),
        sa.CheckConstraint("market = '' OR country = ''", name="market_or_country"),
        sa.CheckConstraint("postal_prefix = '' OR country <> ''", name="postal_codes_of_a_country"),
    )

    id: Mapped[Pk]
    market: Mapped[Code] = mapped_column(default="")
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    postal_prefix: Mapped[str] = mapped_column(sa.String(20), default="")
    location_id: Mapped[int] = mapped_column(sa.ForeignKey("locations.id"))
    address: Mapped[str] = mapped_column(sa.String(400), default="")
