"""Place orders: check them, know their customers, write them; a constant number of statements for many."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from oms_core.catalog.tables import Variant
from oms_core.customers.commands import Buyer, email_of, find_or_create_all
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import Conflict, NotFound, OmsError
from oms_core.kernel.exchange import rates_on
from oms_core.kernel.rows import core, loaded, next_ids, packed, table_of, unpacked
from oms_core.locations.tables import Channel
from oms_core.orders.exploding import bundles_in, exploded, is_service
from oms_core.orders.new import NewAddress, NewOrder, Totals, check
from oms_core.orders.status import refresh
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.catalog.bundles import Component

_ORDER, _LINE, _ADJUSTMENT = table_of(Order), table_of(OrderLine), table_of(OrderAdjustment)
_VARIANT, _CHANNEL = table_of(Variant), table_of(Channel)
_CHANNELS = sa.select(_CHANNEL.c.code, _CHANNEL.c.id, _CHANNEL.c.service_window_minutes)
_ORDER_COLUMNS = (
    "id", "number", "channel_id", "external_id", "customer_id", "email", "currency", "state", "placed_at",
    "business_date", "ship_by_at", "cancel_reason", "ship_name", "ship_line1", "ship_city", "ship_region",
    "ship_postal_code", "ship_country", "gross_minor", "discount_minor", "shipping_minor", "tax_minor",
    "other_minor", "total_minor", "payment_status", "fulfillment_status", "delivery_status", "return_status",
    "is_history", "is_test", "is_simulated", "version", "release_at", "bill_name", "bill_line1", "bill_city",
    "bill_postal_code", "bill_country", "shop_currency", "shop_total_minor", "shop_rate", "shop_rate_on",
)  # fmt: skip
_LINE_COLUMNS = (
    "order_id", "position", "variant_id", "sku", "title", "quantity", "unit_price_minor", "rounding_minor",
    "gross_minor", "discount_minor", "tax_minor", "unit_cost_minor", "cancelled_qty", "shipped_qty", "returned_qty",
    "stock_kind", "attributes", "lead_time_days", "bundle_sku", "bundle_qty",
)  # fmt: skip
_ADJUSTMENT_COLUMNS = ("order_id", "kind", "code", "title", "quantity", "amount_minor")


@dataclass(frozen=True, slots=True)
class _Checked:
    """An order that may be placed: its money, its channel, its variants by SKU."""

    new: NewOrder
    sums: Totals
    channel: Any
    variants: Mapping[str, Any]


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
    (placed,) = place_orders(session, [new], zone=zone, actor=actor)
    if isinstance(placed, OmsError):
        raise placed
    return loaded(session, Order, placed)


def place_orders(
    session: Session,
    orders: Sequence[NewOrder],
    *,
    zone: str,
    actor: str = "system",
    shop_currency: str | None = None,
) -> list[int | OmsError]:
    """Place many orders at once; each is placed or refused for itself.

    With `shop_currency` an order keeps its total in the shop's own money too, at the rate of its day or
    the last one published before it; without a rate that stays empty.

    Returns
    -------
    list of int or OmsError
        For each order its id, or why it was refused (see :func:`place_order`).
    """
    connection = core(session)
    outcome = _checked(connection, orders)
    good = [found for found in outcome if isinstance(found, _Checked)]
    try:
        keys = iter(_write(session, good, zone=zone, actor=actor, shop_currency=shop_currency))
    except IntegrityError as error:
        # another transaction placed the same order in the same moment
        raise _duplicate(good[0].new, "another") from error
    return [next(keys) if isinstance(found, _Checked) else found for found in outcome]


def _checked(connection: sa.Connection, orders: Sequence[NewOrder]) -> list[_Checked | OmsError]:
    """Check every order against itself, the master data and what was placed before."""
    channels = {row.code: row for row in connection.execute(_CHANNELS)}
    variants = _variants(connection, {line.sku for new in orders for line in new.lines})
    bundles = bundles_in(connection, orders, variants)
    variants |= {part.sku: part for parts in bundles.values() for part in parts}
    named = [(channels[new.channel].id, new.external_id) for new in orders if new.channel in channels]
    taken = _taken(connection, named)
    outcome = list[_Checked | OmsError]()
    for new in orders:
        try:
            found = _check(connection, new, channels, variants, bundles)
        except OmsError as error:
            outcome.append(error)
            continue
        name = (found.channel.id, new.external_id)
        outcome.append(_duplicate(new, taken[name]) if name in taken else found)
        taken.setdefault(name, "in the same batch")
    return outcome


def _check(
    connection: sa.Connection,
    new: NewOrder,
    channels: Mapping[str, Any],
    variants: Mapping[str, Any],
    bundles: Mapping[str, Sequence[Component]],
) -> _Checked:
    sums = check(new)
    if new.channel not in channels:
        raise NotFound("channel", new.channel, channels)
    missing = sorted({line.sku for line in new.lines if line.sku not in variants})
    if missing:
        raise _unknown(missing, connection.execute(sa.select(_VARIANT.c.sku)).scalars().all())
    return _Checked(exploded(new, bundles), sums, channels[new.channel], variants)


def _unknown(missing: Sequence[str], known: Sequence[str]) -> NotFound:
    """Name every unknown SKU, with what each may have meant."""
    if len(missing) == 1:
        return NotFound("variant", missing[0], known)
    near = [f"{m} → {g}" for m in missing for g in difflib.get_close_matches(m, known, n=1, cutoff=0.5)]
    return NotFound("variant", ", ".join(missing), (), f"Did you mean {'; '.join(near)}?" if near else "")


@lru_cache
def _find_variants(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, sku=str)
    names = ("id", "sku", "title", "currency", "cost_minor", "stock_kind", "lead_time_days")
    return sa.select(*(_VARIANT.c[name] for name in names)).join(wanted, _VARIANT.c.sku == wanted.c.sku)


def _variants(connection: sa.Connection, skus: set[str]) -> dict[str, Any]:
    batch = packed((sku,) for sku in sorted(skus))
    return {row.sku: row for row in connection.execute(_find_variants(connection.dialect.name), {"batch": batch})}


@lru_cache
def _find_taken(dialect: str) -> sa.Select[Any]:
    wanted = unpacked(dialect, channel_id=int, external_id=str)
    same = sa.and_(_ORDER.c.channel_id == wanted.c.channel_id, _ORDER.c.external_id == wanted.c.external_id)
    return sa.select(_ORDER.c.channel_id, _ORDER.c.external_id, _ORDER.c.number).join(wanted, same)


def _taken(connection: sa.Connection, names: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
    rows = connection.execute(_find_taken(connection.dialect.name), {"batch": packed(names)})
    return {(row[0], row[1]): row[2] for row in rows}


def _duplicate(new: NewOrder, number: str) -> Conflict:
    return Conflict(
        "order.duplicate",
        f"Channel {new.channel} already sent order {new.external_id!r}: it is {number}.",
        "Nothing was written; the order that exists is the one to work with.",
        number=number,
    )


def _write(
    session: Session, good: Sequence[_Checked], *, zone: str, actor: str, shop_currency: str | None
) -> list[int]:
    """Write orders, lines, adjustments and journal entries; return the ids."""
    if not good:
        return []
    connection = session.connection()
    buyers = [
        Buyer(c.new.customer, _fields(c.new.address), c.new.channel, c.new.is_simulated) if c.new.customer else None
        for c in good
    ]
    customers = find_or_create_all(session, buyers)
    keys = next_ids(connection, "orders", len(good))
    worth = _shop_money(connection, good, zone, shop_currency)
    rows = [
        (*_order_row(key, c, customer, zone), *shop)
        for key, c, customer, shop in zip(keys, good, customers, worth, strict=True)
    ]
    bulk_insert(connection, _ORDER, _ORDER_COLUMNS, rows, keys_drawn=True)
    lines = [row for key, c in zip(keys, good, strict=True) for row in _line_rows(key, c)]
    bulk_insert(connection, _LINE, _LINE_COLUMNS, lines)
    extras = [
        (key, a.kind, a.code, a.title, a.quantity, a.amount_minor)
        for key, c in zip(keys, good, strict=True)
        for a in c.new.adjustments
    ]
    if extras:
        bulk_insert(connection, _ADJUSTMENT, _ADJUSTMENT_COLUMNS, extras)
    events = (("order.placed", key, _fact(c)) for key, c in zip(keys, good, strict=True))
    journal.record_all(session, "order", events, actor=actor)
    if services := [key for key, c in zip(keys, good, strict=True) if is_service(c.new, c.variants)]:
        refresh(session, services)
    return keys


def _fields(address: NewAddress) -> dict[str, str]:
    return {name: getattr(address, name) for name in NewAddress.__dataclass_fields__}


def _order_row(key: int, checked: _Checked, customer_id: int | None, zone: str) -> tuple[Any, ...]:
    new, sums, to = checked.new, checked.sums, checked.new.address
    at = new.placed_at or clock.now()
    return (
        key, f"OS-{key:06d}", checked.channel.id, new.external_id, customer_id,
        email_of(new.customer) if new.customer else None, new.currency, "placed", at, clock.business_date(at, zone),
        new.ship_by_at, "", to.name, to.line1, to.city, to.region, to.postal_code, to.country,
        sums.gross_minor, sums.discount_minor, sums.shipping_minor, sums.tax_minor, sums.other_minor,
        sums.total_minor, "none" if sums.total_minor else "paid", "unfulfilled", "pending", "none",
        False, new.is_test, new.is_simulated, 1, _release_at(at, checked.channel.service_window_minutes),
        *_bill_to(new.billing),
    )  # fmt: skip


def _shop_money(
    connection: sa.Connection, good: Sequence[_Checked], zone: str, shop_currency: str | None
) -> list[tuple[Any, ...]]:
    """Return each order's total in the shop's money with its rate; nothing is asked for orders in it already."""
    if shop_currency is None:
        return [(None,) * 4] * len(good)
    days = [clock.business_date(c.new.placed_at or clock.now(), zone) for c in good]
    wanted = {(c.new.currency, day) for c, day in zip(good, days, strict=True)}
    rates = rates_on(connection, wanted, shop_currency)
    worth: list[tuple[Any, ...]] = []
    for c, day in zip(good, days, strict=True):
        rate = rates.get((c.new.currency, day))
        total = rate.convert(c.sums.total_minor, c.new.currency, shop_currency) if rate else None
        worth.append((shop_currency, total, rate.text, rate.on) if rate else (shop_currency, None, None, None))
    return worth


def _release_at(placed_at: datetime, window_minutes: int) -> datetime | None:
    """Return until when the customer may change the order before a warehouse sees it; None: at once."""
    return placed_at + timedelta(minutes=window_minutes) if window_minutes else None


def _bill_to(address: NewAddress | None) -> tuple[str | None, ...]:
    """Return the bill's address; nothing where it is the one the goods go to."""
    if address is None:
        return (None,) * 5
    return address.name, address.line1, address.city, address.postal_code, address.country


def _line_rows(key: int, checked: _Checked) -> list[tuple[Any, ...]]:
    """Return the rows of an order's lines; a line keeps the variant's cost as known at sale."""
    rows = []
    for position, line in enumerate(checked.new.lines, start=1):
        variant = checked.variants[line.sku]
        # there is no rate to convert a cost in another currency by
        cost = variant.cost_minor if variant.currency == checked.new.currency else None
        rows.append(
            (
                key, position, variant.id, line.sku, line.title or variant.title, line.quantity,
                line.unit_price_minor, line.rounding_minor, line.gross_minor, line.discount_minor,
                line.tax_minor, cost, 0, 0, 0, variant.stock_kind, line.attributes and dict(line.attributes),
                variant.lead_time_days, line.bundle_sku, line.bundle_qty,
            )
        )  # fmt: skip
    return rows


def _fact(checked: _Checked) -> dict[str, Any]:
    new = checked.new
    return {
        "channel": new.channel, "external_id": new.external_id, "lines": len(new.lines),
        "total_minor": checked.sums.total_minor, "currency": new.currency,
    }  # fmt: skip
