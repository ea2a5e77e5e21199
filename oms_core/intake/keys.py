"""Idempotency keys: a keyed write is done once, and its answer is given again."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.kernel import clock
from oms_core.kernel.database import Json
from oms_core.kernel.errors import Conflict, OmsError
from oms_core.kernel.journal import IdempotencyKey
from oms_core.kernel.rows import core, packed, table_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

_KEY = table_of(IdempotencyKey)


def claim(session: Session, requests: Sequence[tuple[str | None, str]]) -> list[dict[str, Any] | OmsError | None]:
    """Claim the keys of requests (key, fingerprint), or return the answers they already got.

    On PostgreSQL a second caller waits here for the first one's transaction to end.

    Returns
    -------
    list of (dict or Conflict or None)
        None: the request has no key, or its key is ours now.
    """
    prints = {key: fingerprint for key, fingerprint in requests if key}
    if not prints:
        return [None] * len(requests)
    connection = core(session)
    batch = packed((key, prints[key]) for key in sorted(prints))
    ours = set(connection.execute(_take(connection.dialect.name), {"batch": batch, "now": clock.now()}).scalars())
    others = {}
    if len(ours) < len(prints):
        batch = packed((key,) for key in prints if key not in ours)
        others = {row.key: row for row in connection.execute(_known(connection.dialect.name), {"batch": batch})}
    return [_said(key, fingerprint, others[key]) if key in others else None for key, fingerprint in requests]


def unclaim(session: Session, keys: Sequence[str | None]) -> None:
    """Give back keys claimed in this transaction that have no answer: the long way claims them again."""
    given = [(key,) for key in keys if key]
    if given:
        connection = core(session)
        connection.execute(_forget(connection.dialect.name), {"batch": packed(given)})


def keep(session: Session, answers: Mapping[str | None, Mapping[str, Any]]) -> None:
    """Store the answers of claimed keys, to be given again."""
    update = sa.update(_KEY).where(_KEY.c.key == sa.bindparam("claimed")).values(response=sa.bindparam("answer"))
    rows = [{"claimed": key, "answer": answer} for key, answer in answers.items() if key]
    if rows:
        core(session).execute(update, rows)


@lru_cache
def _take(dialect: str) -> sa.sql.dml.ReturningInsert[str]:
    """Build: insert the keys nobody has, in key order, and return them."""
    wanted = unpacked(dialect, key=str, request_hash=str)
    now = sa.bindparam("now", type_=_KEY.c["at"].type)
    rows = sa.select(wanted.c.key, wanted.c.request_hash, sa.literal_column("'{}'"), now).where(sa.true())
    if dialect != "sqlite":
        rows = sa.select(wanted.c.key, wanted.c.request_hash, sa.cast(sa.literal("{}"), Json), now)
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    taking = insert(_KEY).from_select(["key", "request_hash", "response", "at"], rows)
    return taking.on_conflict_do_nothing(index_elements=["key"]).returning(_KEY.c.key)


@lru_cache
def _forget(dialect: str) -> sa.Delete:
    wanted = unpacked(dialect, key=str)
    return sa.delete(_KEY).where(_KEY.c.key.in_(sa.select(wanted.c.key)))


@lru_cache
def _known(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, key=str)
    return sa.select(_KEY.c.key, _KEY.c.request_hash, _KEY.c.response).join(wanted, wanted.c.key == _KEY.c.key)


def _said(key: str | None, fingerprint: str, found: Any) -> dict[str, Any] | OmsError:
    if found.request_hash != fingerprint:
        return Conflict(
            "idempotency.other_request",
            f"Idempotency key {key!r} was used for another order.",
            "Send a new key with a new order; the same key only repeats the same order.",
        )
    answer: dict[str, Any] = found.response
    return answer
