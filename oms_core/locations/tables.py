"""Channels orders come from, markets they go to, locations that hold stock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import REPLICATED, Base, Code, Currency, Pk, one_of

CHANNEL_KINDS = ("web", "marketplace", "wholesale", "store", "export", "manual")
LOCATION_KINDS = ("warehouse", "store", "third_party")


class Channel(Base):
    """A source of orders; `position` keeps its colour the same on every page.

    For `service_window_minutes` after an order is placed nothing of it is released to a warehouse.
    """

    __tablename__ = "channels"
    __table_args__ = (one_of("kind", CHANNEL_KINDS), REPLICATED)

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Code]
    kind: Mapped[Code]
    position: Mapped[int] = mapped_column(default=0)
    service_window_minutes: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))


class Market(Base):
    """Countries sold to together (`countries`: ISO alpha-2 codes)."""

    __tablename__ = "markets"
    __table_args__ = (REPLICATED,)

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Code]
    currency: Mapped[Currency]
    countries: Mapped[list[Any]]


class Location(Base):
    """A place that holds stock and may ship it. `position` is its rank in routing (1 first)."""

    __tablename__ = "locations"
    __table_args__ = (one_of("kind", LOCATION_KINDS), REPLICATED)

    id: Mapped[Pk]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Code]
    kind: Mapped[Code] = mapped_column(default="warehouse")
    country: Mapped[str] = mapped_column(sa.String(2))
    postal_code: Mapped[str] = mapped_column(sa.String(20), default="")
    city: Mapped[Code] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    position: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_simulated: Mapped[bool] = mapped_column(default=False)
