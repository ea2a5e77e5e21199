"""Who did what, when; and the idempotency keys of writes from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from oms_core.kernel import clock
from oms_core.kernel.database import REPLICATED, Base, Code, Pk


class JournalEntry(Base):
    """One past-tense event: ``order.placed``, ``shipment.delivered`` …; append-only.

    `data` holds the facts (before and after where something changed).
    """

    __tablename__ = "journal"
    __table_args__ = (sa.Index(None, "object_type", "object_id"), REPLICATED)

    id: Mapped[Pk]
    at: Mapped[datetime]
    actor: Mapped[Code]
    event: Mapped[Code]
    object_type: Mapped[Code]
    object_id: Mapped[int]
    data: Mapped[dict[str, Any]]


class IdempotencyKey(Base):
    """The answer already given to a keyed write; the same key gets the same answer again."""

    __tablename__ = "idempotency_keys"

    id: Mapped[Pk]
    key: Mapped[str] = sa.orm.mapped_column(sa.String(200), unique=True)
    request_hash: Mapped[str] = sa.orm.mapped_column(sa.String(64))
    response: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ShopSetting(Base):
    """One setting of the shop as JSON, by key (name, zone, currency, clock offset …)."""

    __tablename__ = "shop_settings"

    id: Mapped[Pk]
    key: Mapped[str] = sa.orm.mapped_column(sa.String(80), unique=True)
    value: Mapped[dict[str, Any]]


#: Built once: every command writes an entry.
_WRITE = sa.insert(Base.metadata.tables[JournalEntry.__tablename__])


def record_all(
    session: Session, object_type: str, events: Iterable[tuple[str, int, Mapping[str, Any]]], *, actor: str = "system"
) -> None:
    """Write many entries (event, object id, facts) in one statement."""
    from oms_core.kernel.bulk import bulk_insert

    now, table = clock.now(), Base.metadata.tables[JournalEntry.__tablename__]
    rows = [(now, actor, event, object_type, key, dict(data)) for event, key, data in events]
    columns = ("at", "actor", "event", "object_type", "object_id", "data")
    bulk_insert(session.connection(), table, columns, rows)


def record(
    session: Session, event: str, object_type: str, object_id: int, *, actor: str = "system", **data: Any
) -> None:
    """Write one journal entry inside the caller's transaction."""
    entry = {
        "at": clock.now(), "actor": actor, "event": event, "object_type": object_type, "object_id": object_id,
        "data": data,
    }  # fmt: skip
    session.connection().execute(_WRITE, entry)
