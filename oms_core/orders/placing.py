"""Place an order: check it, know its customer, write it in a constant number of statements."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.catalog.tables import Variant
from oms_core.customers.commands import find_or_create
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import Conflict, NotFound
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of, unpacked
from oms_core.locations.tables import Channel
from oms_core.orders.new import NewOrder, Totals, check
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_ORDER, _LINE, _ADJUSTMENT = table_of(Order), table_of(OrderLine), table_of(OrderAdjustment)
_VARIANT, _CHANNEL = table_of(Variant), table_of(Channel)
_SAME = sa.select(_ORDER.c.number).where(
    _ORDER.c.channel_id == sa.bindparam("channel"), _ORDER.c.external_id == sa.bindparam("external")
)
_INSERT_ORDER, _INSERT_ADJUSTMENTS = sa.insert(_ORDER), sa.insert(_ADJUSTMENT)
_LINE_COLUMNS = (
    "order_id", "position", "variant_id", "sku", "title", "quantity", "unit_price_minor", "rounding_minor",
    "gross_minor", "discount_minor", "tax_minor", "unit_cost_minor", "cancelled_qty", "shipped_qty", "returned_qty",
)  # fmt: skip
_FIND_CHANNEL = sa.select(_CHANNEL.c.id).where(_CHANNEL.c.code == sa.bindparam("code"))


def place_order(session: Session, new: NewOrder, *, zone: str, actor: str = "system") -> Order:
    """Place an order; it then waits to be paid and allocated.

    Parameters
    ----------
    zone : str
        The shop's time zone, for the business date.

    Raises
    ------
    InvalidInput
        If the order is not whole in itself (see `orders.new.check`).
    NotFound
        If the channel or a SKU is unknown; near matches are offered.
    Conflict
        If the channel already sent an order of this name (``order.duplicate``).
    """
    sums = check(new)
    connection = core(session)
    channel_id = _channel(connection, new.channel)
    variants = _variants(connection, [line.sku for line in new.lines])
    _refuse_duplicate(connection, channel_id, new)
    customer_id = None
    if new.customer:
        place = asdict(new.address)
        customer_id = find_or_create(session, new.customer, place, source=new.channel, simulated=new.is_simulated)
    at = new.placed_at or clock.now()
    try:
        order_id = _write(connection, new, sums, channel_id=channel_id, customer_id=customer_id, at=at, zone=zone)
    except IntegrityError as error:
        raise _duplicate(new, "another") from error
    _write_lines(connection, order_id, new, variants)
    journal.record(
        session, "order.placed", "order", order_id, actor=actor, channel=new.channel, external_id=new.external_id,
        lines=len(new.lines), total_minor=sums.total_minor, currency=new.currency,
    )  # fmt: skip
    return loaded(session, Order, order_id)


def _channel(connection: sa.Connection, code: str) -> int:
    found = connection.execute(_FIND_CHANNEL, {"code": code}).scalar_one_or_none()
    if found is None:
        raise NotFound("channel", code, connection.execute(sa.select(_CHANNEL.c.code)).scalars().all())
    return int(found)


@lru_cache
def _find_variants(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, sku=str)
    return sa.select(_VARIANT.c.id, _VARIANT.c.sku, _VARIANT.c.title, _VARIANT.c.currency, _VARIANT.c.cost_minor).join(
        wanted, _VARIANT.c.sku == wanted.c.sku
    )


def _variants(connection: sa.Connection, skus: Sequence[str]) -> dict[str, Any]:
    """Return the variants by SKU; refuse unknown SKUs, all named, with what they may have meant."""
    batch = packed((sku,) for sku in sorted(set(skus)))
    found = {row.sku: row for row in connection.execute(_find_variants(connection.dialect.name), {"batch": batch})}
    missing = sorted({sku for sku in skus if sku not in found})
    if missing:
        known = connection.execute(sa.select(_VARIANT.c.sku)).scalars().all()
        near = [f"{m} → {g}" for m in missing for g in difflib.get_close_matches(m, known, n=1, cutoff=0.5)]
        hint = f"Did you mean {'; '.join(near)}?" if len(missing) > 1 and near else ""
        raise NotFound("variant", ", ".join(missing), known if len(missing) == 1 else (), hint)
    return found


def _refuse_duplicate(connection: sa.Connection, channel_id: int, new: NewOrder) -> None:
    same = connection.execute(_SAME, {"channel": channel_id, "external": new.external_id}).scalar_one_or_none()
    if same is not None:
        raise _duplicate(new, same)


def _duplicate(new: NewOrder, number: str) -> Conflict:
    return Conflict(
        "order.duplicate",
        f"Channel {new.channel} already sent order {new.external_id!r}: it is {number}.",
        "Nothing was written; the order that exists is the one to work with.",
        number=number,
    )


def _write(
    connection: sa.Connection,
    new: NewOrder,
    sums: Totals,
    *,
    channel_id: int,
    customer_id: int | None,
    at: datetime,
    zone: str,
) -> int:
    (order_id,) = next_ids(connection, "orders")
    address = new.address
    connection.execute(
        _INSERT_ORDER,
        {
            "id": order_id, "number": f"OS-{order_id:06d}", "channel_id": channel_id,
            "external_id": new.external_id, "customer_id": customer_id,
            "email": new.customer.email.strip().lower() if new.customer and new.customer.email else None,
            "currency": new.currency, "state": "placed", "placed_at": at,
            "business_date": clock.business_date(at, zone), "ship_by_at": new.ship_by_at,
            "ship_name": address.name, "ship_line1": address.line1, "ship_city": address.city,
            "ship_region": address.region, "ship_postal_code": address.postal_code,
            "ship_country": address.country, **asdict(sums), "total_minor": sums.total_minor,
            "payment_status": "none" if sums.total_minor else "paid",
            "is_simulated": new.is_simulated, "is_test": new.is_test,
        },
    )  # fmt: skip
    return order_id


def _write_lines(connection: sa.Connection, order_id: int, new: NewOrder, variants: Mapping[str, Any]) -> None:
    """Write lines and adjustments; a line keeps the variant's cost as known at sale."""
    rows = (
        (
            order_id, position, variants[line.sku].id, line.sku, line.title or variants[line.sku].title,
            line.quantity, line.unit_price_minor, line.rounding_minor, line.gross_minor, line.discount_minor,
            line.tax_minor, _cost(variants[line.sku], new.currency), 0, 0, 0,
        )
        for position, line in enumerate(new.lines, start=1)
    )  # fmt: skip
    bulk_insert(connection, _LINE, _LINE_COLUMNS, rows)
    if new.adjustments:
        connection.execute(_INSERT_ADJUSTMENTS, [{"order_id": order_id, **asdict(a)} for a in new.adjustments])


def _cost(variant: Any, currency: str) -> int | None:
    """Return the unit cost when it is in the order's currency; there is no rate to convert it by."""
    cost: int | None = variant.cost_minor
    return cost if variant.currency == currency else None
