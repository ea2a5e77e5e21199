"""Read and lock the money of orders: a fixed number of statements for many (see `kernel.rows`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel.rows import packed, table_of, unpacked
from oms_core.orders.tables import Order
from oms_core.payments.accounts import Account, Entry
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PAYMENT, _ORDER = table_of(Payment), table_of(Order)
#: What a gateway's id names already: payment id (None while it is being written), order, kind, amount.
Known = dict[tuple[str, str], tuple[int | None, int, str, int]]


@lru_cache
def _heads(dialect: str, lock: bool) -> sa.Select[Any]:  # noqa: FBT001 - a key of the cache, positional by nature
    """Build: the orders in id order, locked if asked for, so that two refunds at once see each other."""
    wanted = unpacked(dialect, order_id=int)
    names = ("id", "number", "currency", "state", "total_minor", "customer_id", "shop_currency")
    statement = (
        sa.select(*(_ORDER.c[name] for name in names))
        .join(wanted, wanted.c.order_id == _ORDER.c.id)
        .order_by(_ORDER.c.id)
    )
    return statement.with_for_update(of=_ORDER, key_share=True) if lock else statement


@lru_cache
def _entries(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, order_id=int)
    names = ("order_id", "id", "kind", "amount_minor", "gateway", "parent_id")
    return (
        sa.select(*(_PAYMENT.c[name] for name in names))
        .where(_PAYMENT.c.order_id.in_(sa.select(wanted.c.order_id)))
        .order_by(_PAYMENT.c.id)
    )


def accounts(connection: sa.Connection, ids: Iterable[int], *, lock: bool) -> dict[int, Account]:
    """Return the accounts of orders by id; with `lock` held until the transaction ends."""
    dialect, batch = connection.dialect.name, {"batch": packed((key,) for key in sorted(set(ids)))}
    found = {row[0]: Account(*row) for row in connection.execute(_heads(dialect, lock), batch)}
    for order_id, *entry in connection.execute(_entries(dialect), batch):
        found[order_id].entries.append(Entry(*entry))
    return found


@lru_cache
def _find(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, gateway=str, external_id=str)
    names = ("gateway", "external_id", "id", "order_id", "kind", "amount_minor")
    same = sa.and_(_PAYMENT.c.gateway == wanted.c.gateway, _PAYMENT.c.external_id == wanted.c.external_id)
    return sa.select(*(_PAYMENT.c[name] for name in names)).join(wanted, same)


def known(connection: sa.Connection, names: Sequence[tuple[str, str]]) -> Known:
    """Return what the gateways' ids name already."""
    if not names:
        return {}
    rows = connection.execute(_find(connection.dialect.name), {"batch": packed(sorted(set(names)))})
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in rows}
