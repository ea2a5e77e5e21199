"""What an operation is handed: a session, the shop, who asks; and what it may say beside its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.api.doors import Doors
from oms_core.kernel.errors import Conflict, InvalidInput
from oms_core.kernel.journal import JournalEntry
from oms_core.orders.versions import require_version

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.api.tokens import Bearer
    from oms_core.kernel.settings import Shop
    from oms_core.orders.tables import Order

#: Journal entries told at most to who comes with an old version.
_TOLD = 5


@dataclass
class Asking:
    """One request on its way.

    Attributes
    ----------
    headers : dict
        Headers of the answer; :meth:`is_version` sets its ``ETag``.
    """

    doors: Doors
    opened: Session | None
    bearer: Bearer
    if_match: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session of this request, one transaction."""
        if self.opened is None:
            msg = "this question was declared to need no session"
            raise AssertionError(msg)
        return self.opened

    @property
    def shop(self) -> Shop:
        """The shop's settings."""
        return self.doors.workspace.shop

    @property
    def zone(self) -> str:
        """Zone of business dates."""
        return self.shop.zone

    @property
    def actor(self) -> str:
        """Who the journal says it was."""
        return self.bearer.actor

    @property
    def expected_version(self) -> int | None:
        """Return the version of ``If-Match``; None when the header is missing or ``*``."""
        if self.if_match is None or self.if_match.strip() == "*":
            return None
        text = self.if_match.strip().removeprefix("W/").strip('"')
        if not text.isdecimal() or len(text) > 18:
            raise InvalidInput(
                "If-Match", self.if_match, 'the ETag of the last answer, such as "3"', code="input.if_match"
            )
        return int(text)

    def is_version(self, version: int) -> None:
        """Say which version the answer shows."""
        self.headers["ETag"] = f'"{version}"'

    def require_version(self, kind: str, key: int, version: int) -> None:
        """Refuse an edit of something that has changed since the caller saw it.

        Parameters
        ----------
        kind : str
            What it is called in the journal: ``order``, ``purchase_order`` …

        Raises
        ------
        Conflict
            ``request.stale`` with who changed what.
        """
        expected = self.expected_version
        if expected is None or expected == version:
            return
        changes = self._changes(kind, key, max(version - expected, 1))
        told = "; ".join(f"{c['event']} by {c['actor']} at {c['at']:%Y-%m-%d %H:%M:%S}Z" for c in changes)
        raise Conflict(
            "request.stale",
            f"It is at version {version} now, not {expected}: {told or 'changed'}.",
            "Read it again, look at what changed, and send your edit with the new ETag.",
            expected_version=expected,
            current_version=version,
            changes=changes,
        )

    def require_order(self, order: Order) -> None:
        """Refuse an edit of an order that has changed since the caller saw it (``order.stale``)."""
        expected = self.expected_version
        if expected is not None:
            require_version(self.session, order, expected)

    def _changes(self, kind: str, key: int, count: int) -> list[dict[str, Any]]:
        entry = JournalEntry
        newest = (
            sa.select(entry.at, entry.actor, entry.event, entry.data)
            .where(entry.object_type == kind, entry.object_id == key)
            .order_by(entry.id.desc())
            .limit(min(count, _TOLD))
        )
        return [dict(row) for row in self.session.execute(newest).mappings()]
