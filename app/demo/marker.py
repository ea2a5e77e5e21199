"""The mark a demo shop carries in its database: how far it was built, and from which seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.database import transaction
from oms_core.kernel.journal import ShopSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.workspace import Workspace

KEY = "demo"


def read(session: Session) -> dict[str, Any] | None:
    """Return ``state`` (``building``, ``built`` or ``ready``) and ``seed``; None without a mark."""
    found: dict[str, Any] | None = session.scalar(sa.select(ShopSetting.value).where(ShopSetting.key == KEY))
    return found


def write(engine: sa.Engine, **facts: Any) -> None:
    """Write the mark, keeping facts that are not given."""
    with transaction(engine) as session:
        kept = session.scalars(sa.select(ShopSetting).where(ShopSetting.key == KEY)).one_or_none()
        if kept is None:
            session.add(ShopSetting(key=KEY, value=facts))
        else:
            kept.value = {**kept.value, **facts}


def seed_of(workspace: Workspace) -> int:
    """Return the seed everything simulated in this shop follows from."""
    with workspace.reading() as session:
        return int((read(session) or {}).get("seed", 0))
