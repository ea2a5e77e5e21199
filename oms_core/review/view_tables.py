"""Saved views: a search of a list with a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Json, Pk


class SavedView(Base):
    """What somebody wants to see again: page, filters and columns under a name.

    A private view is its owner's; a shared one is everybody's to open and its owner's to change.
    """

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("page", "owner", "name"),)

    id: Mapped[Pk]
    page: Mapped[Code]
    name: Mapped[str] = mapped_column(sa.String(60))
    owner: Mapped[Code]
    is_shared: Mapped[bool] = mapped_column(default=False)
    query: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime]
