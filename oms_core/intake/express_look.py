"""One look at everything a group of plain orders needs to be planned in memory: a statement, a document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.customers.tables import Customer, CustomerIdentity
from oms_core.inventory.promise_tables import Backorder, ChannelStockRule
from oms_core.inventory.tables import StockLevel
from oms_core.kernel.prepared import Prepared, constant
from oms_core.kernel.rows import packed, table_of, unpacked_as
from oms_core.locations.tables import Channel, Location
from oms_core.routing.rules import DEFAULT_RULES
from oms_core.routing.tables import RoutingRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from oms_core.customers.commands import Identity

_VARIANT, _LEVEL, _WAITING = table_of(Variant), table_of(StockLevel), table_of(Backorder)
_CHANNEL, _PLACE, _RULE = table_of(Channel), table_of(Location), table_of(RoutingRule)
_CHANNEL_RULE, _CUSTOMER, _IDENTITY = table_of(ChannelStockRule), table_of(Customer), table_of(CustomerIdentity)
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0")
_DRAWN = ("orders", "order_lines", "allocations", "fulfillment_orders", "routing_decisions")


class Goods(NamedTuple):
    """A variant as it may be sold."""

    sku: str
    id: int
    title: str
    currency: str
    cost_minor: int | None
    stock_kind: str
    lead_time_days: int | None
    oversell_policy: str
    is_waited_for: int


class Place(NamedTuple):
    """A location that has some of the goods."""

    id: int
    name: str
    position: int
    country: str
    postal_code: str
    latitude: float | None
    longitude: float | None
    code: str


class Known(NamedTuple):
    """A customer known by a name, and where their latest order went."""

    customer_id: int
    country: str
    region: str
    city: str
    postal_code: str


@dataclass(slots=True)
class Ground:
    """What a group is routed on, not locked: master data, drawn ids, what the shelves show, who the buyers are."""

    channels: dict[str, tuple[int, int]]
    rules: tuple[str, ...]
    has_channel_rules: bool
    variants: dict[str, Goods]
    shelf: dict[int, dict[int, int]]
    places: tuple[Place, ...]
    buyers: dict[Identity, Known]
    ids: dict[str, Iterator[int]]


def look(
    connection: sa.Connection, *, skus: Collection[str], names: Collection[Identity], orders: int, lines: int
) -> Ground:
    """Return the ground of a group; ids are drawn for so many orders and lines."""
    wanted = {"skus": packed((sku,) for sku in sorted(skus)), "names": packed(sorted(names))}
    counts = {f"n_{table}": lines if table in ("order_lines", "allocations") else orders for table in _DRAWN}
    given = wanted | {name: str(n) for name, n in counts.items()}
    told = json.loads(look_of(connection.dialect.name).run(connection, given)[0][0])
    shelf: dict[int, dict[int, int]] = {}
    for variant, location, available in told["shelf"] or ():
        shelf.setdefault(variant, {})[location] = available
    places = sorted((Place(*row) for row in told["places"] or ()), key=lambda place: (place.position, place.id))
    return Ground(
        channels={code: (key, window) for code, key, window in told["channels"] or ()},
        rules=tuple(kind for _, kind in sorted(told["rules"] or ())) or DEFAULT_RULES,
        has_channel_rules=bool(told["has_channel_rules"]),
        variants={row[0]: Goods(*row) for row in told["variants"] or ()},
        shelf=shelf,
        places=tuple(places),
        buyers={(kind, source, value): Known(*row) for kind, source, value, *row in told["buyers"] or ()},
        ids={table: _drawn(told[table], counts[f"n_{table}"]) for table in _DRAWN},
    )


def _drawn(told: list[int] | int, count: int) -> Iterator[int]:
    """Return drawn ids; SQLite's one writer takes those after the highest."""
    return iter(told if isinstance(told, list) else range(told + 1, told + 1 + count))


@lru_cache
def look_of(dialect: str) -> Prepared:
    """Build the statement: every part is a subquery of its own, found by index, told as a list of lists."""
    skus = unpacked_as(dialect, "skus", {"sku": str}, is_prepared=True)
    wanted = skus.join(_VARIANT, _VARIANT.c.sku == skus.c.sku)
    # one join after the other: SQLite would build a join in brackets whole, every shelf of the shop, for each order
    shelves = wanted.join(_LEVEL, sa.and_(_LEVEL.c.variant_id == _VARIANT.c.id, _LEVEL.c.available > _NOTHING))
    waiting = sa.and_(_WAITING.c.variant_id == _VARIANT.c.id, _WAITING.c.state == constant("waiting", sa.Text()))
    is_waited_for = sa.cast(sa.exists(sa.select(_WAITING.c.id).where(waiting)), sa.Integer)
    goods = [_VARIANT.c[name] for name in Goods._fields[:-1]]
    stocked = sa.select(_LEVEL.c.location_id).select_from(shelves)
    holding = sa.and_(_PLACE.c.is_active, _PLACE.c.id.in_(stocked))
    parts = {
        "channels": sa.select(_CHANNEL.c.code, _CHANNEL.c.id, _CHANNEL.c.service_window_minutes),
        "rules": sa.select(_RULE.c.position, _RULE.c.kind).where(_RULE.c.is_active),
        "variants": sa.select(*goods, is_waited_for.label("is_waited_for")).select_from(wanted),
        "shelf": sa.select(_LEVEL.c.variant_id, _LEVEL.c.location_id, _LEVEL.c.available).select_from(shelves),
        "places": sa.select(*(_PLACE.c[name] for name in Place._fields)).where(holding),
        "buyers": _buyers(dialect),
    }
    told: list[Any] = []
    for name, part in parts.items():
        told += [sa.literal_column(f"'{name}'"), _listed(dialect, part)]
    told += [sa.literal_column("'has_channel_rules'"), sa.exists(sa.select(_CHANNEL_RULE.c.id))]
    for table in _DRAWN:
        told += [sa.literal_column(f"'{table}'"), _next(dialect, table)]
    whole = (sa.func.json_object if dialect == "sqlite" else sa.func.json_build_object)(*told)
    return Prepared(sa.select(sa.cast(whole, sa.Text)), dialect)


def _buyers(dialect: str) -> sa.Select[Any]:
    names = unpacked_as(dialect, "names", {"kind": str, "source": str, "value": str}, is_prepared=True)
    same = sa.and_(*(_IDENTITY.c[name] == names.c[name] for name in ("kind", "source", "value")))
    found = names.join(_IDENTITY, same).join(_CUSTOMER, _CUSTOMER.c.id == _IDENTITY.c.customer_id)
    who = [_CUSTOMER.c[name] for name in Known._fields[1:]]
    return sa.select(
        _IDENTITY.c.kind, _IDENTITY.c.source, _IDENTITY.c.value, _CUSTOMER.c.id.label("customer_id"), *who
    ).select_from(found)


def _listed(dialect: str, part: sa.Select[Any]) -> sa.ColumnElement[Any]:
    """Return the rows of a part as one list of lists; None or empty when it has none."""
    one = (sa.func.json_array if dialect == "sqlite" else sa.func.json_build_array)(*part.selected_columns)
    rows = part.with_only_columns(one.label("one")).subquery()
    if dialect == "sqlite":
        listed = sa.select(sa.func.json_group_array(sa.func.json(rows.c.one))).scalar_subquery()
        return sa.func.json(listed)  # a list that comes from a subquery would be taken for a text
    return sa.select(sa.func.json_agg(rows.c.one)).scalar_subquery()


def _next(dialect: str, table: str) -> sa.ScalarSelect[Any]:
    """Return ids nobody has: drawn from the sequence, or the highest there is."""
    if dialect == "sqlite":
        top: sa.ColumnElement[int] = sa.func.coalesce(sa.func.max(sa.column("id")), _NOTHING)
        return sa.select(top).select_from(sa.table(table)).scalar_subquery()
    count = sa.cast(sa.bindparam(f"n_{table}", type_=sa.Text()), sa.Integer)
    each = sa.func.nextval(sa.literal_column(f"'{table}_id_seq'"))
    many = sa.func.generate_series(sa.literal_column("1"), count).alias(f"each_{table}")
    return sa.select(sa.func.json_agg(each)).select_from(many).scalar_subquery()
