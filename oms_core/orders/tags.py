"""Tags of orders: words to find them by, put on and taken off many orders at once.

Tags commute and are no part of what an order promises, so they do not move its version.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError
from oms_core.kernel.rows import core, packed, table_of, unpacked
from oms_core.orders.tables import Order, OrderTag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

_ORDER, _TAG = table_of(Order), table_of(OrderTag)
#: Letters a tag may have.
LONGEST = 60
_SPACES = re.compile(r"\s+")


def add_tags(
    session: Session, order_ids: Sequence[int], tags: Iterable[str], *, actor: str = "system"
) -> list[list[str] | OmsError]:
    """Put tags on orders; one that is there already stays as it is.

    Returns
    -------
    list of (list of str) or OmsError
        For each order its tags afterwards, or why it has none (no such order).

    Raises
    ------
    InvalidInput
        If a tag is empty, longer than 60 letters or holds a comma (``input.tag``).
    """
    words = clean(tags)
    return _change(session, order_ids, actor, lambda has: sorted({*has, *words}))


def remove_tags(
    session: Session, order_ids: Sequence[int], tags: Iterable[str], *, actor: str = "system"
) -> list[list[str] | OmsError]:
    """Take tags off orders; one that is not there is no fault. Returns and raises as :func:`add_tags`."""
    words = set(clean(tags))
    return _change(session, order_ids, actor, lambda has: sorted(set(has) - words))


def tags_of(session: Session, order_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the tags of orders, in alphabetical order, by order id; one statement."""
    connection = core(session)
    found: dict[int, list[str]] = {key: [] for key in order_ids}
    for row in connection.execute(_tags(connection.dialect.name), {"batch": packed((key,) for key in order_ids)}):
        found[row.order_id].append(row.tag)
    return found


def clean(tags: Iterable[str]) -> list[str]:
    """Return tags as they are kept: lower case, single spaces, each once."""
    words = list(dict.fromkeys(_SPACES.sub(" ", tag).strip().lower() for tag in tags))
    for word in words:
        if not word or len(word) > LONGEST or "," in word:
            raise InvalidInput("tag", word, f"1 to {LONGEST} letters without a comma")
    if not words:
        raise InvalidInput("tag", "", "at least one tag")
    return words


def _change(session: Session, order_ids: Sequence[int], actor: str, new: Any) -> list[list[str] | OmsError]:
    """Set the tags of orders to ``new(tags they have)``; a constant number of statements."""
    connection = core(session)
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(set(order_ids)))}
    known = set(connection.execute(_lock(dialect), batch).scalars())
    before = tags_of(session, sorted(known))
    after: dict[int, list[str]] = {key: new(has) for key, has in before.items()}
    _write(session, before, after, actor)
    return [after[key] if key in after else NotFound("order", key) for key in order_ids]


def _write(
    session: Session, before: Mapping[int, Sequence[str]], after: Mapping[int, Sequence[str]], actor: str
) -> None:
    connection, now = session.connection(), clock.now()
    more = [(key, tag, actor, now) for key in after for tag in after[key] if tag not in before[key]]
    less = [(key, tag) for key in after for tag in before[key] if tag not in after[key]]
    if more:
        bulk_insert(connection, _TAG, ("order_id", "tag", "added_by", "added_at"), more)
    if less:
        connection.execute(_delete(connection.dialect.name), {"batch": packed(less)})
    events = [
        ("order.tagged" if len(after[key]) > len(before[key]) else "order.untagged", key,
         {"before": {"tags": list(before[key])}, "after": {"tags": list(after[key])}})
        for key in after
        if after[key] != before[key]
    ]  # fmt: skip
    if events:
        journal.record_all(session, "order", events, actor=actor)


@lru_cache
def _lock(dialect: str) -> sa.Select[Any]:
    """Build: lock the orders, in id order, so that the same tag added twice at once is seen."""
    wanted = unpacked(dialect, order_id=int)
    statement = sa.select(_ORDER.c.id).join(wanted, wanted.c.order_id == _ORDER.c.id)
    return statement.order_by(_ORDER.c.id).with_for_update(of=_ORDER, key_share=True)


@lru_cache
def _tags(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    return (
        sa.select(_TAG.c.order_id, _TAG.c.tag)
        .join(wanted, wanted.c.order_id == _TAG.c.order_id)
        .order_by(_TAG.c.order_id, _TAG.c.tag)
    )


@lru_cache
def _delete(dialect: str) -> sa.Delete:
    gone = unpacked(dialect, order_id=int, tag=str)
    same = sa.exists().where(gone.c.order_id == _TAG.c.order_id, gone.c.tag == _TAG.c.tag)
    return sa.delete(_TAG).where(same)
