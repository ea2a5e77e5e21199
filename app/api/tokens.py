"""Who is asking: bearer tokens looked up, remembered for a moment, their use noted now and then."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from oms_core.access.commands import note_use, secret_hash
from oms_core.access.queries import by_hash
from oms_core.access.scopes import allows
from oms_core.kernel import clock
from oms_core.kernel.errors import Refused

if TYPE_CHECKING:
    from app.workspace import Workspace

#: Seconds a looked-up token is believed: a revoked one stops working within them.
BELIEVED_SECONDS = 1.0
#: Tokens remembered at most, so that guesses cannot fill the memory.
_REMEMBERED = 4096
_HINT = "Send: Authorization: Bearer TOKEN. Make one with: ordersight tokens create"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that may come in."""

    id: int
    prefix: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def actor(self) -> str:
        """Who the journal says it was."""
        return f"api:{self.name}"[:120]

    def require(self, scope: str) -> None:
        """Refuse what the scopes do not allow."""
        if not allows(self.scopes, scope):
            raise Refused(
                "token.scope",
                f"Token {self.prefix} may not {scope}.",
                f"Use a token with the scope {scope}.",
                required=scope,
                held=list(self.scopes),
            )


class TokenBook:
    """The tokens of a shop as this process knows them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._seen: dict[str, tuple[float, Bearer | None]] = {}
        self._used: dict[int, datetime] = {}
        self._lock = threading.Lock()

    def known(self, secret: str) -> Bearer | None:
        """Return a token looked up a moment ago; None when the database must be asked."""
        at, bearer = self._seen.get(secret_hash(secret), (0.0, None))
        return bearer if time.monotonic() - at < BELIEVED_SECONDS else None

    def look_up(self, secret: str) -> Bearer | None:
        """Ask the database for a token."""
        hashed = secret_hash(secret)
        with self._workspace.reading() as session:
            row = by_hash(session, hashed)
            if row is None:
                return None
            found = Bearer(row.id, row.prefix, row.name, tuple(row.scopes), row.expires_at, row.revoked_at)
        with self._lock:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[hashed] = (time.monotonic(), found)
        return found

    def admit(self, bearer: Bearer | None) -> Bearer:
        """Return the token if it is alive, and note its use."""
        if bearer is None:
            raise Refused("token.unknown", "This token is not known here.", _HINT)
        now = clock.now()
        if bearer.revoked_at is not None:
            raise Refused("token.revoked", f"Token {bearer.prefix} was revoked.", "Make a new one.")
        if bearer.expires_at is not None and bearer.expires_at <= now:
            raise Refused("token.expired", f"Token {bearer.prefix} has expired.", "Make a new one.")
        self._used[bearer.id] = now
        return bearer

    def keep_uses(self) -> None:
        """Write when tokens were last used; called now and then, not at every request."""
        with self._lock:
            used, self._used = self._used, {}
        if used:
            with self._workspace.transaction() as session:
                note_use(session, used)


def secret_in(authorization: str) -> str:
    """Return the secret of an ``Authorization`` header.

    Raises
    ------
    Refused
        ``token.missing``.
    """
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Refused("token.missing", "This request names no token.", _HINT)
    return secret.strip()
