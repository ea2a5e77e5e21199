"""The statements of the short way in: few, each for a whole group, the same facts on both databases."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.promise_tables import Backorder, ChannelStockRule
from oms_core.inventory.tables import Allocation, StockLevel, StockMovement
from oms_core.kernel.journal import IdempotencyKey, JournalEntry
from oms_core.kernel.rows import packed, table_of, unpacked, unpacked_as
from oms_core.locations.tables import Channel, Location
from oms_core.orders.tables import Order, OrderLine
from oms_core.routing.tables import RoutingDecision, RoutingRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_VARIANT, _LEVEL, _RULE = table_of(Variant), table_of(StockLevel), table_of(RoutingRule)
_CHANNEL, _PLACE, _CHANNEL_RULE = table_of(Channel), table_of(Location), table_of(ChannelStockRule)
_KEY, _ORDER, _WAITING = table_of(IdempotencyKey), table_of(Order), table_of(Backorder)
_DRAWN = ("orders", "order_lines", "allocations", "fulfillment_orders", "routing_decisions")
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
    "id": int, "order_id": int, "rules": str, "candidates": str, "chosen": str, "decided_by": str, "reason": str,
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
_EVENTS: dict[str, type] = {"event": str, "object_id": int, "data": str}
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


def ground(connection: sa.Connection, *, orders: int, lines: int) -> dict[str, Any]:
    """Return channels, routing rules, whether channels have stock rules, and drawn ids."""
    counts = {"orders": orders, "order_lines": lines, "allocations": lines}
    asked = {f"n_{table}": counts.get(table, orders) for table in _DRAWN}
    row = connection.execute(_ground(connection.dialect.name), asked).one()._mapping  # noqa: SLF001 - its public name
    found: dict[str, Any] = {name: json.loads(row[name] or "[]") for name in ("channels", "rules")}
    found["has_channel_rules"] = bool(row["has_channel_rules"])
    for table in _DRAWN:
        drawn = row[table]
        found[table] = iter(drawn if isinstance(drawn, list) else range(drawn + 1, drawn + 1 + asked[f"n_{table}"]))
    return found


@lru_cache
def _ground(dialect: str) -> sa.Select[Any]:
    def rows(table: sa.Table, *names: str, where: sa.ColumnElement[bool] | None = None) -> sa.ScalarSelect[Any]:
        columns = [table.c[name] for name in names]
        one = (sa.func.json_array if dialect == "sqlite" else sa.func.json_build_array)(*columns)
        inner = sa.select(one.label("one")).order_by(table.c.position, table.c.id)
        source = (inner if where is None else inner.where(where)).subquery()
        if dialect == "sqlite":
            return sa.select(sa.func.json_group_array(sa.func.json(source.c.one))).scalar_subquery()
        return sa.select(sa.cast(sa.func.json_agg(source.c.one), sa.Text)).scalar_subquery()

    def ids(table: str) -> sa.ScalarSelect[Any]:
        if dialect == "sqlite":
            return (
                sa.select(sa.func.coalesce(sa.func.max(sa.column("id")), 0))
                .select_from(sa.table(table))
                .scalar_subquery()
            )
        many = sa.func.generate_series(1, sa.bindparam(f"n_{table}", type_=sa.Integer())).alias(f"each_{table}")
        each = sa.func.nextval(sa.literal_column(f"'{table}_id_seq'"))
        return sa.select(sa.func.array_agg(each, type_=sa.ARRAY(sa.BigInteger))).select_from(many).scalar_subquery()

    return sa.select(
        rows(_CHANNEL, "code", "id", "service_window_minutes").label("channels"),
        rows(_RULE, "kind", where=_RULE.c.is_active).label("rules"),
        sa.exists(sa.select(_CHANNEL_RULE.c.id)).label("has_channel_rules"),
        *(ids(table).label(table) for table in _DRAWN),
    )


#: What is told of a place that has some of the goods.
PLACE = ("id", "name", "position", "country", "postal_code", "latitude", "longitude", "code")


@lru_cache
def _peek(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, sku=str)
    on_shelf = sa.and_(_LEVEL.c.variant_id == _VARIANT.c.id, _LEVEL.c.available > 0)
    columns = ("sku", "id", "title", "currency", "cost_minor", "stock_kind", "lead_time_days", "oversell_policy")
    waiting = sa.and_(_WAITING.c.variant_id == _VARIANT.c.id, _WAITING.c.state == "waiting")
    return (
        sa.select(
            *(_VARIANT.c[name] for name in columns),
            sa.exists(sa.select(_WAITING.c.id).where(waiting)).label("is_waited_for"),
            _PLACE.c.id.label("location_id"),
            _LEVEL.c.available,
            *(_PLACE.c[name].label(f"place_{name}") for name in PLACE),
        )
        .join(wanted, wanted.c.sku == _VARIANT.c.sku)
        # one join after the other: SQLite would build a join in brackets whole, every shelf of the shop, for each order
        .outerjoin(_LEVEL, on_shelf)
        .outerjoin(_PLACE, sa.and_(_PLACE.c.id == _LEVEL.c.location_id, _PLACE.c.is_active))
    )


def peek(connection: sa.Connection, skus: Iterable[str]) -> Sequence[Any]:
    """Return variants with what is on their shelves, not locked: a row for each place that has any."""
    batch = packed((sku,) for sku in sorted(skus))
    return connection.execute(_peek(connection.dialect.name), {"batch": batch}).all()


@lru_cache
def _lock(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, variant_id=int, location_id=int)
    same = sa.and_(_LEVEL.c.variant_id == wanted.c.variant_id, _LEVEL.c.location_id == wanted.c.location_id)
    return (
        sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, _LEVEL.c.available)
        .join(wanted, same)
        .order_by(_LEVEL.c.variant_id, _LEVEL.c.location_id)
        .with_for_update(of=_LEVEL)
    )


def lock(connection: sa.Connection, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Lock levels in (variant, location) order, as every command does, and return what is available in each."""
    rows = connection.execute(_lock(connection.dialect.name), {"batch": packed(sorted(keys))})
    return {(row[0], row[1]): row[2] for row in rows}


def _insert(dialect: str, table: sa.Table, varying: Mapping[str, type], same: Mapping[str, object]) -> sa.Insert:
    given = unpacked_as(dialect, table.name, varying)
    picked: list[sa.ColumnElement[Any]] = []
    for name in varying:
        kind = table.c[name].type
        reshaped = isinstance(kind, sa.JSON | sa.Boolean) and dialect != "sqlite"
        if reshaped:
            through = given.c[name] if isinstance(kind, sa.JSON) else sa.cast(given.c[name], sa.Integer)
            picked.append(sa.cast(through, kind))
        else:
            picked.append(given.c[name])
    for name, value in same.items():
        kind, shared = table.c[name].type, value in (_NOW, _ACTOR) and name in ("at", "created_at", "actor")
        picked.append(sa.bindparam(str(value), type_=kind) if shared else sa.literal(value, kind))
    return sa.insert(table).from_select([*varying, *same], sa.select(*picked), include_defaults=False)


@lru_cache
def _orders(dialect: str) -> sa.Insert:
    return _insert(dialect, _ORDER, _ORDERS, _ORDERS_SAME)


def write_orders(connection: sa.Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Write the orders themselves, before levels are locked: the order in which every command takes its locks."""
    connection.execute(_orders(connection.dialect.name), {_ORDER.name: packed(rows)})


@lru_cache
def _changes(dialect: str) -> tuple[sa.Update, sa.Update]:
    """Build: units from available to committed; the answers of the claimed keys."""
    moved = unpacked_as(dialect, "levels", {"variant_id": int, "location_id": int, "units": int})
    said = unpacked_as(dialect, "answers", {"key": str, "response": str})
    answer = said.c.response if dialect == "sqlite" else sa.cast(said.c.response, _KEY.c.response.type)
    return (
        sa.update(_LEVEL)
        .values(available=_LEVEL.c.available - moved.c.units, committed=_LEVEL.c.committed + moved.c.units)
        .where(_LEVEL.c.variant_id == moved.c.variant_id, _LEVEL.c.location_id == moved.c.location_id),
        sa.update(_KEY).values(response=answer).where(_KEY.c.key == said.c.key),
    )


@lru_cache
def _rest(dialect: str) -> list[sa.Executable]:
    """Build what is written after the lock: one statement where the database can, else one for each table."""
    inserts = [_insert(dialect, *spec) for spec in _REST]
    if dialect == "sqlite":
        return [*inserts, *_changes(dialect)]
    parts = [made.cte(f"write_{n}") for n, made in enumerate((*inserts, *_changes(dialect)))]
    return [sa.select(sa.literal_column("1")).add_cte(*parts)]


def write_rest(
    connection: sa.Connection,
    rows: Mapping[str, Iterable[Sequence[Any]]],
    *,
    now: datetime,
    actor: str,
) -> None:
    """Write lines, receipts, work, promises, movements and journal; move the levels; keep the answers.

    `rows` has the values of each table under its name, ``levels`` and ``answers``.
    """
    given = {name: packed(values) for name, values in rows.items()} | {_NOW: now, _ACTOR: actor}
    for statement in _rest(connection.dialect.name):
        connection.execute(statement, given)
