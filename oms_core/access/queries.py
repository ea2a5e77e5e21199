"""Read API tokens; never their secrets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.access.tables import ApiToken
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SHOWN = ("prefix", "name", "scopes", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at")


def tokens(session: Session) -> list[dict[str, Any]]:
    """Return every token, newest first, with its `state`: active, expired or revoked."""
    from oms_core.kernel import clock

    now = clock.now()
    found = session.scalars(sa.select(ApiToken).order_by(ApiToken.id.desc()))
    return [token_record(token, now) for token in found]


def token_record(token: ApiToken, now: datetime) -> dict[str, Any]:
    """Return what may be shown of a token."""
    return {key: getattr(token, key) for key in _SHOWN} | {"state": state_of(token, now)}


def state_of(token: ApiToken, now: datetime) -> str:
    """Return active, expired or revoked."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "active"


def token_named(session: Session, prefix: str) -> ApiToken:
    """Return the token of a prefix (or of a name only one token bears)."""
    either = sa.or_(ApiToken.prefix == prefix, ApiToken.name == prefix)
    found = session.scalars(sa.select(ApiToken).where(either).limit(2)).all()
    if len(found) != 1:
        known = session.scalars(sa.select(ApiToken.prefix)).all()
        raise NotFound("token", prefix, known, "See: ordersight tokens list (name it by its prefix)")
    return found[0]


def by_hash(session: Session, secret_hash: str) -> ApiToken | None:
    """Return the token of a secret's hash."""
    return session.scalars(sa.select(ApiToken).where(ApiToken.secret_hash == secret_hash)).one_or_none()
