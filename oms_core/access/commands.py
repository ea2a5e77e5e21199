"""Make, revoke and note the use of API tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.access.queries import token_named
from oms_core.access.scopes import read_scopes
from oms_core.access.tables import ApiToken
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

#: How every token begins, so that a leaked one is found by searching for it.
MARK = "osk"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made; `secret` is shown once and never again."""

    token: ApiToken
    secret: str


def create_token(
    session: Session, *, name: str, scopes: Iterable[str], expires_at: datetime | None = None, actor: str = "system"
) -> NewToken:
    """Make a token; its secret is returned here and only its hash is kept.

    Raises
    ------
    InvalidInput
        Without a name or scopes, or with an expiry that has passed.
    NotFound
        An unknown scope, with near matches.
    """
    if not name.strip() or len(name) > 120:
        raise InvalidInput("name", name, "a name of 1 to 120 characters: which program uses it")
    if expires_at is not None and expires_at <= clock.now():
        raise InvalidInput("expires_at", expires_at.isoformat(), "a time to come")
    prefix = f"{MARK}_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        name=name.strip(), prefix=prefix, secret_hash=secret_hash(secret), scopes=read_scopes(scopes),
        created_at=clock.now(), created_by=actor, expires_at=expires_at,
    )  # fmt: skip
    session.add(token)
    session.flush()
    journal.record(session, "token.created", "api_token", token.id, actor=actor, name=token.name, scopes=token.scopes)
    return NewToken(token, secret)


def revoke_token(session: Session, prefix: str, *, actor: str = "system") -> ApiToken:
    """End a token's life at once.

    Raises
    ------
    NotFound
        With near matches.
    Refused
        ``token.already_revoked``.
    """
    token = token_named(session, prefix)
    if token.revoked_at is not None:
        raise Refused("token.already_revoked", f"Token {token.prefix} was revoked on {token.revoked_at:%Y-%m-%d}.")
    token.revoked_at = clock.now()
    session.flush()
    journal.record(session, "token.revoked", "api_token", token.id, actor=actor, name=token.name)
    return token


def note_use(session: Session, used: Mapping[int, datetime]) -> None:
    """Keep when tokens were last used; an older time never replaces a newer one."""
    for key, at in used.items():
        later = sa.or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < at)
        session.execute(sa.update(ApiToken).where(ApiToken.id == key, later).values(last_used_at=at))


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret. It holds 256 random bits, so that a plain hash cannot be reversed."""
    return hashlib.sha256(secret.encode()).hexdigest()
