"""Read what a change is reckoned on: the order, its lines and promises, its money, what is in stock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.bundles import Component, components_of
from oms_core.catalog.tables import Variant
from oms_core.inventory.tables import Allocation, StockLevel
from oms_core.inventory.waiting import waiting_by_line, waiting_units
from oms_core.kernel.exchange import Rate
from oms_core.kernel.rows import core, table_of
from oms_core.locations.tables import Location
from oms_core.order_changes.lines import Line
from oms_core.order_changes.plan import ADDRESS_COLUMNS, MONEY, Ground
from oms_core.order_changes.tables import OrderChangeEntry
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import Payment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.order_changes.actions import Action

_LINE, _ALLOCATION, _VARIANT = table_of(OrderLine), table_of(Allocation), table_of(Variant)
_LEVEL, _LOCATION, _PAYMENT = table_of(StockLevel), table_of(Location), table_of(Payment)
_ENTRY = table_of(OrderChangeEntry)
#: Columns a line is read from and written to, apart from its keys and what is derived.
LINE_COLUMNS = (
    "position", "variant_id", "sku", "title", "quantity", "unit_price_minor", "rounding_minor", "discount_minor",
    "tax_minor", "unit_cost_minor", "cancelled_qty", "shipped_qty", "returned_qty", "is_removed", "stock_kind",
    "attributes", "lead_time_days", "bundle_sku", "bundle_qty",
)  # fmt: skip
#: What an added line takes from its variant.
_VARIANT_COLUMNS = (
    "id", "sku", "title", "price_minor", "currency", "cost_minor", "stock_kind", "lead_time_days", "oversell_policy",
)  # fmt: skip


def read_ground(session: Session, order: Order, actions: Sequence[Action]) -> Ground:
    """Return the order as the plan needs it; four or five statements."""
    connection = core(session)
    lines = _lines(connection, order.id)
    variants, bundles = _named(connection, {a["sku"] for a in actions if a["kind"] == "add_line"})
    wanted = {line.variant_id for line in lines} | {row.id for row in variants.values()}
    return Ground(
        order_id=order.id,
        number=order.number,
        state=order.state,
        currency=order.currency,
        version=order.version,
        money={name: getattr(order, f"{name}_minor") for name in MONEY},
        address={name: getattr(order, f"ship_{name}") for name in ADDRESS_COLUMNS},
        lines=lines,
        captured_minor=_captured(connection, order.id),
        shop_currency=order.shop_currency,
        shop_rate=Rate(order.shop_rate, order.shop_rate_on) if order.shop_rate and order.shop_rate_on else None,
        variants=variants,
        bundles=bundles,
        available=_available(connection, wanted),
    )


def _lines(connection: sa.Connection, order_id: int) -> list[Line]:
    held = sa.func.coalesce(sa.func.sum(_ALLOCATION.c.quantity - _ALLOCATION.c.released_qty), 0)
    promised = (
        sa.select(_ALLOCATION.c.order_line_id.label("key"), sa.cast(held, sa.BigInteger).label("held"))
        .join(_LINE, _LINE.c.id == _ALLOCATION.c.order_line_id)
        .where(_LINE.c.order_id == order_id)
        .group_by(_ALLOCATION.c.order_line_id)
        .subquery()
    )
    units = sa.cast(sa.func.sum(_ENTRY.c.quantity), sa.BigInteger).label("n")
    changed = (
        sa.select(_ENTRY.c.order_line_id.label("key"), units)
        .where(_ENTRY.c.order_id == order_id)
        .group_by(_ENTRY.c.order_line_id)
        .subquery()
    )
    added = sa.case((changed.c.n > 0, changed.c.n), else_=0)
    statement = (
        sa.select(
            _LINE.c.id, *(_LINE.c[name] for name in LINE_COLUMNS), sa.func.coalesce(promised.c.held, 0).label("held"),
            added.label("added"), _VARIANT.c.oversell_policy,
        )
        .join(_VARIANT, _VARIANT.c.id == _LINE.c.variant_id)
        .outerjoin(promised, promised.c.key == _LINE.c.id)
        .outerjoin(changed, changed.c.key == _LINE.c.id)
        .where(_LINE.c.order_id == order_id)
        .order_by(_LINE.c.position)
    )  # fmt: skip
    rows = connection.execute(statement).mappings().all()
    waiting = waiting_by_line(connection, [row["id"] for row in rows])
    return [Line(**row, waiting=waiting.get(row["id"], 0)) for row in rows]


def _named(connection: sa.Connection, skus: Collection[str]) -> tuple[dict[str, Any], dict[str, Sequence[Component]]]:
    """Return the variants that actions name and the components of bundles among them, by SKU."""
    variants = _variants(connection, skus)
    bundles = {variants[sku].id: sku for sku in skus if sku in variants and variants[sku].stock_kind == "bundle"}
    if not bundles:
        return variants, {}
    found: dict[str, Sequence[Component]] = {
        bundles[key]: parts for key, parts in components_of(connection, list(bundles)).items()
    }
    return variants | _variants(connection, {part.sku for parts in found.values() for part in parts}), found


def _variants(connection: sa.Connection, skus: Iterable[str]) -> dict[str, Any]:
    """Return the named variants by SKU; when one is unknown, every SKU there is, for near matches."""
    named = sorted(set(skus))
    if not named:
        return {}
    columns = [_VARIANT.c[name] for name in _VARIANT_COLUMNS]
    found = {row.sku: row for row in connection.execute(sa.select(*columns).where(_VARIANT.c.sku.in_(named)))}
    if len(found) < len(named):
        found = {row.sku: row for row in connection.execute(sa.select(*columns))}
    return found


def _available(connection: sa.Connection, variant_ids: set[int]) -> dict[int, int]:
    """Return the units that active locations could promise, by variant, less those that earlier orders wait for."""
    free = _LEVEL.c.available + _LEVEL.c.backorder_limit_qty
    statement = (
        sa.select(_LEVEL.c.variant_id, sa.cast(sa.func.sum(sa.case((free > 0, free), else_=0)), sa.BigInteger))
        .join(_LOCATION, _LOCATION.c.id == _LEVEL.c.location_id)
        .where(_LEVEL.c.variant_id.in_(sorted(variant_ids)), _LOCATION.c.is_active)
        .group_by(_LEVEL.c.variant_id)
    )
    waiting = waiting_units(connection, variant_ids)
    return {row[0]: max(int(row[1]) - waiting.get(row[0], 0), 0) for row in connection.execute(statement)}


def _captured(connection: sa.Connection, order_id: int) -> int:
    sign = sa.case((_PAYMENT.c.kind == "capture", 1), (_PAYMENT.c.kind == "refund", -1), else_=0)
    statement = sa.select(sa.func.coalesce(sa.func.sum(sign * _PAYMENT.c.amount_minor), 0))
    return int(connection.execute(statement.where(_PAYMENT.c.order_id == order_id)).scalar_one())
