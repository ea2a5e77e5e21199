"""The one statement that writes a group of plain orders: keys, orders, promises, ledger, journal and answers."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.customers.commands import still_buys
from oms_core.customers.tables import Customer
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.tables import Allocation, StockLevel, StockMovement
from oms_core.kernel.bulk import instant_text
from oms_core.kernel.database import Json
from oms_core.kernel.journal import IdempotencyKey, JournalEntry
from oms_core.kernel.prepared import Prepared, constant
from oms_core.kernel.rows import table_of, unpacked_as
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEVEL, _KEY, _ORDER, _CUSTOMER = (table_of(one) for one in (StockLevel, IdempotencyKey, Order, Customer))
_NOW, _ACTOR = "now", "actor"

#: Of each table: what differs by row (in the order of the values), and what is the same in every row.
_ORDERS: dict[str, type] = {
    "id": int, "number": str, "channel_id": int, "external_id": str, "customer_id": int, "email": str,
    "currency": str, "placed_at": datetime, "business_date": date, "ship_by_at": datetime, "ship_name": str,
    "ship_line1": str, "ship_city": str, "ship_region": str, "ship_postal_code": str, "ship_country": str,
    "gross_minor": int, "discount_minor": int, "tax_minor": int, "total_minor": int, "payment_status": str,
    "is_test": int, "is_simulated": int, "shop_currency": str, "shop_total_minor": int, "shop_rate_on": date,
}  # fmt: skip
_ORDERS_SAME: dict[str, object] = {
    "state": "placed", "cancel_reason": "", "shipping_minor": 0, "other_minor": 0, "fulfillment_status": "unfulfilled",
    "delivery_status": "pending", "return_status": "none", "is_history": False, "version": 1,
    "shop_rate": "1",
}  # fmt: skip
_LINES: dict[str, type] = {
    "id": int, "order_id": int, "position": int, "variant_id": int, "sku": str, "title": str, "quantity": int,
    "unit_price_minor": int, "rounding_minor": int, "gross_minor": int, "discount_minor": int, "tax_minor": int,
    "unit_cost_minor": int, "lead_time_days": int,
}  # fmt: skip
_LINES_SAME: dict[str, object] = {"cancelled_qty": 0, "shipped_qty": 0, "returned_qty": 0}
_DECISIONS: dict[str, type] = {
    "id": int, "order_id": int, "rules": dict, "candidates": dict, "chosen": dict, "decided_by": str, "reason": str,
}  # fmt: skip
_WORK: dict[str, type] = {
    "id": int, "number": str, "order_id": int, "location_id": int, "routing_decision_id": int, "ship_by_at": datetime,
}  # fmt: skip
_ALLOCATIONS: dict[str, type] = {
    "id": int, "order_line_id": int, "variant_id": int, "location_id": int, "quantity": int,
}  # fmt: skip
_WORK_LINES: dict[str, type] = {
    "fulfillment_order_id": int, "order_line_id": int, "allocation_id": int, "quantity": int,
}  # fmt: skip
_MOVES: dict[str, type] = {
    "variant_id": int, "business_date": date, "quantity": int, "from_location_id": int, "to_location_id": int,
    "allocation_id": int, "is_simulated": int,
}  # fmt: skip
_MOVES_SAME: dict[str, object] = {"kind": "allocated", "from_state": "available", "to_state": "committed", "reason": ""}
_EVENTS: dict[str, type] = {"event": str, "object_id": int, "data": dict}
#: Written after the levels are locked, parents before children.
_REST: tuple[tuple[sa.Table, dict[str, type], dict[str, object]], ...] = (
    (table_of(OrderLine), _LINES, _LINES_SAME),
    (table_of(RoutingDecision), _DECISIONS, {"at": _NOW}),
    (table_of(FulfillmentOrder), _WORK, {"state": "open", "created_at": _NOW, "version": 1}),
    (table_of(Allocation), _ALLOCATIONS, {"shipped_qty": 0, "released_qty": 0, "created_at": _NOW}),
    (table_of(FulfillmentOrderLine), _WORK_LINES, {}),
    (table_of(StockMovement), _MOVES, {**_MOVES_SAME, "at": _NOW, "actor": _ACTOR}),
    (table_of(JournalEntry), _EVENTS, {"object_type": "order", "at": _NOW, "actor": _ACTOR}),
)


_KEYS: dict[str, type] = {"key": str, "request_hash": str, "response": dict}
_LEVELS: dict[str, type] = {"variant_id": int, "location_id": int, "units": int}
#: Every batch a write is given, by name: rows as `kernel.rows.packed` gives them.
BATCHES = ("idempotency_keys", "orders", "levels", *(table.name for table, _, _ in _REST))


class Unsure(Exception):
    """What was looked at is not what is there: the long way decides."""


def claim(connection: sa.Connection, keys: str, *, now: datetime) -> None:
    """Claim keys (key, fingerprint, answer), waiting for a twin's transaction; `Unsure` when one is not ours."""
    given = {_KEY.name: keys, _NOW: _moment(connection, now)}
    if len(_claim_of(connection.dialect.name).run(connection, given)) < len(json.loads(keys)):
        raise Unsure


def write(connection: sa.Connection, batches: Mapping[str, str], *, now: datetime, actor: str) -> None:
    """Write a group, its locks in every command's order: keys, orders, then levels by variant and location.

    Raises
    ------
    Unsure
        A key is taken, a level holds less than is promised, or a buyer was merged or erased meanwhile. PostgreSQL
        has taken the statement back by then; on SQLite that is for the caller.
    """
    given = {**batches, _NOW: _moment(connection, now), _ACTOR: actor}
    dialect = connection.dialect.name
    if dialect != "sqlite":
        try:
            _whole(dialect).run(connection, given)
        except sa.exc.DataError as error:
            raise Unsure from error
        return
    claim(connection, batches[_KEY.name], now=now)
    moved, *_ = [step.run(connection, given) for step in _steps(dialect)]
    if len(moved) < len(json.loads(batches["levels"])):
        raise Unsure


def _moment(connection: sa.Connection, now: datetime) -> datetime | str:
    return instant_text(now) if connection.dialect.name == "sqlite" else now


def _insert(
    dialect: str,
    table: sa.Table,
    varying: Mapping[str, type],
    same: Mapping[str, object],
    *after: sa.ColumnElement[bool],
) -> sa.Insert:
    """Build an insert of a batch of that table's name; `after` has to be true, and so has to be found out before."""
    rows = unpacked_as(dialect, table.name, varying, is_prepared=True)
    picked: list[sa.ColumnElement[Any]] = []
    for name in varying:
        is_flag = isinstance(table.c[name].type, sa.Boolean) and dialect != "sqlite"
        picked.append(sa.cast(sa.cast(rows.c[name], sa.Integer), sa.Boolean) if is_flag else rows.c[name])
    for name, value in same.items():
        kind, shared = table.c[name].type, value in (_NOW, _ACTOR) and name in ("at", "created_at", "actor")
        picked.append(sa.bindparam(str(value), type_=kind) if shared else constant(value, kind))
    # the word WHERE keeps SQLite from reading ON CONFLICT as part of a join
    select = sa.select(*picked).where(*(after or (sa.true(),)))
    return sa.insert(table).from_select([*varying, *same], select, include_defaults=False)


def _claim(dialect: str) -> Any:
    """Build: take the keys nobody has, with their answers, in the order given; return them."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    plain = _insert(dialect, _KEY, _KEYS, {"at": _NOW})
    taking = insert(_KEY).from_select([*_KEYS, "at"], cast("sa.Select[Any]", plain.select), include_defaults=False)
    return taking.on_conflict_do_nothing(index_elements=["key"]).returning(_KEY.c.id)


@lru_cache
def _claim_of(dialect: str) -> Prepared:
    return Prepared(_claim(dialect), dialect)


def _move(units: sa.FromClause, *where: sa.ColumnElement[bool]) -> sa.sql.dml.ReturningUpdate[Any]:
    """Build: units from available to committed, where there are as many; return the levels."""
    return (
        sa.update(_LEVEL)
        .values(available=_LEVEL.c.available - units.c.units, committed=_LEVEL.c.committed + units.c.units)
        .where(*where, _LEVEL.c.available >= units.c.units)
        .returning(_LEVEL.c.id)
    )


def _same_level(wanted: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(_LEVEL.c.variant_id == wanted.c.variant_id, _LEVEL.c.location_id == wanted.c.location_id)


@lru_cache
def _steps(dialect: str) -> list[Prepared]:
    """Build one statement for each table: SQLite's one writer needs no locks and cannot write in a WITH."""
    wanted = unpacked_as(dialect, "levels", _LEVELS, is_prepared=True)
    written = [_insert(dialect, _ORDER, _ORDERS, _ORDERS_SAME), *(_insert(dialect, *spec) for spec in _REST)]
    return [Prepared(one, dialect) for one in (_move(wanted, _same_level(wanted)), *written)]


@lru_cache
def _whole(dialect: str) -> Prepared:
    """Build everything as one statement; each part that takes locks asks for the count of the one before it.

    Fewer keys or levels than were given divide by zero: the statement undoes itself, and a transaction of its own
    needs neither a begin nor a savepoint nor a commit.
    """

    def count(part: sa.CTE) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(part).scalar_subquery()

    def is_whole(part: sa.CTE, batch: str) -> sa.ColumnElement[bool]:
        given = sa.cast(sa.bindparam(batch, type_=sa.Text()), Json)
        return count(part) == sa.func.jsonb_array_length(given)

    claimed = _claim(dialect).cte("claimed")
    rows = unpacked_as(dialect, _ORDER.name, _ORDERS, is_prepared=True)
    # who is merged or erased at this moment is waited for, and then is nobody's buyer any more
    buyers = (
        sa.select(_CUSTOMER.c.id)
        .where(_CUSTOMER.c.id.in_(sa.select(rows.c.customer_id)), *still_buys())
        .where(count(claimed) >= sa.literal_column("0"))
        .order_by(_CUSTOMER.c.id)
        .with_for_update(of=_CUSTOMER, read=True, key_share=True)
        .cte("buyers")
    )
    orders = _insert(dialect, _ORDER, _ORDERS, _ORDERS_SAME, count(buyers) >= sa.literal_column("0"))
    placed = orders.returning(_ORDER.c.id).cte("placed")
    wanted = unpacked_as(dialect, "levels", _LEVELS, is_prepared=True)
    locked = (
        sa.select(_LEVEL.c.id, wanted.c.units)
        .join(wanted, _same_level(wanted))
        .where(count(placed) >= sa.literal_column("0"))
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL, key_share=True)
        .cte("locked")
    )
    moved = _move(locked, _LEVEL.c.id == locked.c.id).cte("moved")
    rest = [_insert(dialect, *spec).cte(f"write_{n}") for n, spec in enumerate(_REST)]
    named = sa.select(sa.func.count(rows.c.customer_id.distinct())).scalar_subquery()
    all_there = sa.and_(is_whole(claimed, _KEY.name), is_whole(moved, "levels"), count(buyers) == named)
    proof = sa.literal_column("1").op("/")(sa.cast(all_there, sa.Integer))
    return Prepared(sa.select(proof).add_cte(*rest), dialect)
