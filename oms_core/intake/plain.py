"""Plain orders by the short way: inside somebody's transaction, or in a transaction of their own.

On PostgreSQL a transaction of their own is two round trips: a look, and one statement that writes everything
or nothing and is durable when it answers. The second asks for no begin, savepoint or commit.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from oms_core.intake import express
from oms_core.intake.express_sql import Unsure
from oms_core.kernel.database import explained
from oms_core.kernel.rows import core

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    from oms_core.intake.express import Request
    from oms_core.kernel.settings import Shop
    from oms_core.orders.new import NewOrder

#: Answers by place in the group of orders that was asked for.
Answers = dict[int, dict[str, Any]]


def place_plain(
    session: Session,
    shop: Shop,
    orders: Sequence[NewOrder],
    keys: Sequence[str | None],
    *,
    actor: str = "api",
    whole: bool = False,
) -> Answers:
    """Place what is plain of a group (see `intake.express`); return answers by place in the group.

    What is missing in the answer is not placed: it is not plain, not surely there, a twin, or its key was
    used before. It goes the long way, and in a transaction of its own: one that took locks for some
    orders must not come back for more.

    Parameters
    ----------
    whole : bool
        All of the group or nothing.
    """
    connection = core(session)
    group = without_twins(orders, keys, range(len(orders)))
    planned = express.plan(connection, shop, [orders[n] for n in group])
    if planned is None or (whole and len(planned.taken) < len(orders)):
        return {}
    asked = requests_of([orders[n] for n in group], [keys[n] for n in group])
    try:
        with connection.begin_nested():
            answers = express.write(connection, shop, planned, asked, actor=actor)
    except (Unsure, IntegrityError):
        return {}
    return {group[place]: said for place, said in answers.items()}


def place_plain_alone(
    engine: sa.Engine,
    shop: Shop,
    orders: Sequence[NewOrder],
    requests: Sequence[Request | None],
    *,
    actor: str = "api",
    kept: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Answers:
    """Do what :func:`place_plain` does in a transaction of its own; what is answered is durable.

    Parameters
    ----------
    requests : sequence
        For each order its idempotency key and fingerprint, or None.
    kept : callable, optional
        Makes of an answer what is kept under its key; the answer itself if not given.
    """
    group = without_twins(orders, [request and request[0] for request in requests], range(len(orders)))
    asked = [requests[n] for n in group]
    try:
        with explained():
            answers = _alone(engine, shop, [orders[n] for n in group], asked, actor=actor, kept=kept)
    except (Unsure, IntegrityError):
        return {}
    return {group[place]: said for place, said in answers.items()}


def _alone(
    engine: sa.Engine,
    shop: Shop,
    orders: Sequence[NewOrder],
    requests: Sequence[Request | None],
    *,
    actor: str,
    kept: Callable[[dict[str, Any]], dict[str, Any]] | None,
) -> Answers:
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            planned = express.plan(connection, shop, orders)
            return express.write(connection, shop, planned, requests, actor=actor, kept=kept) if planned else {}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        planned = express.plan(connection, shop, orders)
        if planned is None:
            return {}
        if planned.customers is not None:
            return express.write(connection, shop, planned, requests, actor=actor, kept=kept)
    with engine.begin() as connection:
        return express.write(connection, shop, planned, requests, actor=actor, kept=kept)


def without_twins(orders: Sequence[NewOrder], keys: Sequence[str | None], waiting: Sequence[int]) -> list[int]:
    """Return those waiting that share neither name nor key with an earlier one: twins wait for its outcome."""
    names, used, group = set[tuple[str, str]](), set[str](), list[int]()
    for n in waiting:
        name, key = (orders[n].channel, orders[n].external_id), keys[n]
        if name not in names and key not in used:
            group.append(n)
        names.add(name)
        used |= {key} if key else set()
    return group


def requests_of(orders: Sequence[NewOrder], keys: Sequence[str | None]) -> list[Request | None]:
    """Return each order's key with its fingerprint; None where there is no key."""
    return [(key, request_hash(new)) if key else None for new, key in zip(orders, keys, strict=True)]


def request_hash(new: NewOrder) -> str:
    """Return the fingerprint of an order: equal for equal content."""
    return hashlib.sha256(_fingerprint(new).encode()).hexdigest()


def _fields(value: object) -> object:
    """Return a dataclass as its fields (no copies), anything else JSON does not know as text."""
    names = getattr(value, "__dataclass_fields__", None)
    return str(value) if names is None else {name: getattr(value, name) for name in names}


_fingerprint = json.JSONEncoder(sort_keys=True, default=_fields).encode
