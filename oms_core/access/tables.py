"""API tokens. The secret itself is never kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from oms_core.kernel.database import Base, Code, Pk


class ApiToken(Base):
    """One bearer token of one program: the hash of its secret, its scopes, its life.

    `prefix` is the part that may be shown, so that people can tell tokens apart.
    """

    __tablename__ = "api_tokens"

    id: Mapped[Pk]
    name: Mapped[Code]
    prefix: Mapped[str] = mapped_column(sa.String(20), unique=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[Code] = mapped_column(default="system")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
