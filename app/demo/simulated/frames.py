"""The simulated days as tables: the columns, types and meanings of the core's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.demo.simulated.assortment import EUR_PER_PLN, Assortment
from app.demo.simulated.days import DAYS, Ints, days, hours
from app.demo.simulated.parcels import Parcels
from app.demo.simulated.people import people
from app.demo.simulated.places import CHANNELS, EXPORT, STORES, countries, towns
from app.demo.simulated.places import goods as words
from app.demo.simulated.trading import Today

UTC_INSTANT = pl.Datetime("us", "UTC")
_SHIPPING = np.array([c.shipping_minor for c in CHANNELS])
_FREE_FROM = np.array([c.free_from_minor for c in CHANNELS])
_CURRENCY = pl.Series([c.currency for c in CHANNELS])


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some days of the shop, in time order; every frame has the columns of the core's table of that name."""

    customers: pl.DataFrame
    orders: pl.DataFrame
    order_lines: pl.DataFrame
    order_adjustments: pl.DataFrame
    returns: pl.DataFrame
    return_lines: pl.DataFrame
    shipments: pl.DataFrame
    tracking_events: pl.DataFrame

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the tables of a chunk."""
        return tuple(f.name for f in fields(cls))


@dataclass(frozen=True, eq=False)
class _Sold:
    """Orders and lines that were served, as arrays: orders first, then lines (`order` is an index of orders)."""

    day: Ints
    number: Ints
    channel: Ints
    town: Ints
    place: Ints
    is_business: NDArray[np.bool_]
    placed: Ints
    order: Ints
    sku: Ints
    units: Ints
    unit: Ints
    gross: Ints
    discount: Ints
    back_after: Ints


class Tables:
    """Turns days into chunks; remembers the last id of every table.

    Parameters
    ----------
    until : int
        Day from which nothing is known yet: what comes back or arrives later is still out.
    ends : int
        What comes back from `until` on, but before this day, is kept for :meth:`pending`.
    """

    def __init__(self, goods: Assortment, *, seed: int, until: int, ends: int = DAYS) -> None:
        self.goods, self.seed, self.until, self.ends = goods, seed, until, ends
        self._pending: list[pl.DataFrame] = []
        self.next = dict.fromkeys(Chunk.names(), 1)
        self.parcels = Parcels(seed, ends)
        self.sku, self.title = pl.Series(goods.sku), pl.Series(goods.title)

    def _ids(self, table: str, count: int) -> Ints:
        first = self.next[table]
        self.next[table] += count
        return np.arange(first, first + count)

    def chunk(self, todays: Sequence[Today]) -> Chunk:
        """Return the tables of some days that follow those of the last call."""
        sold = _sold(todays)
        ids = self._ids("orders", len(sold.day))
        line_ids = self._ids("order_lines", len(sold.order))
        back = (sold.back_after > 0) & (sold.day[sold.order] + sold.back_after < self.until)
        who = people(sold.number, sold.town, sold.is_business, seed=self.seed)
        orders, adjustments = self._orders(sold, ids, who, back)
        lines = self._lines(sold, ids, line_ids, back)
        self._keep(sold, orders, lines)
        returns, return_lines = self._returns(sold, orders, line_ids, back)
        shipments, tracking = self.parcels.frames(
            ids, day=sold.day, placed=sold.placed, place=sold.place, channel=sold.channel,
            country=towns().country[sold.town], is_business=sold.is_business, first=self.next,
        )  # fmt: skip
        return Chunk(
            customers=self._customers(todays),
            orders=orders,
            order_lines=lines,
            order_adjustments=adjustments,
            returns=returns,
            return_lines=return_lines,
            shipments=shipments,
            tracking_events=tracking,
        )

    def _keep(self, sold: _Sold, orders: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Remember the lines that come back between `until` and `ends`."""
        day = sold.day[sold.order] + sold.back_after
        mine = np.flatnonzero((sold.back_after > 0) & (day >= self.until) & (day < self.ends))
        head = orders.select(pl.col("number").alias("order"), "channel_id", "customer_id", "currency", "ship_country")[
            sold.order[mine]
        ]
        line = lines.select(
            pl.col("id").alias("line_id"), "position", "variant_id", "sku", "title", "quantity",
            (pl.col("gross_minor") - pl.col("discount_minor")).alias("amount_minor"),
        )[mine]  # fmt: skip
        self._pending.append(pl.concat([head, line], how="horizontal").with_columns(day=pl.Series(day[mine])))

    def pending(self) -> pl.DataFrame:
        """Return the lines sold so far that come back between `until` and `ends`."""
        return pl.concat(self._pending)

    def _customers(self, todays: Sequence[Today]) -> pl.DataFrame:
        """Return the customers who came in these days; their id is the one in their number."""
        new = [(today, today.buyers.joined) for today in todays]
        ids = np.concatenate([today.buyers.number[mask] for today, mask in new])
        town = np.concatenate([today.buyers.town[mask] for today, mask in new])
        firm = np.concatenate([today.buyers.is_business[mask] for today, mask in new])
        at = np.concatenate([
            days().at(np.full(mask.sum(), today.day), hours(today.buyers.moment[mask])) for today, mask in new
        ])  # fmt: skip
        made = people(ids, town, firm, seed=self.seed)
        return made.with_columns(
            id=pl.Series(ids), created_at=pl.Series(at).cast(UTC_INSTANT), is_simulated=pl.lit(value=True)
        ).sort("id")

    def _orders(
        self, sold: _Sold, ids: Ints, who: pl.DataFrame, back: NDArray[np.bool_]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        count = len(ids)
        gross = _sum(sold.order, sold.gross, count)
        discount = _sum(sold.order, sold.discount, count)
        free = (gross - discount >= _FREE_FROM[sold.channel]) | np.isin(sold.channel, STORES)
        shipping = np.where(free, 0, _SHIPPING[sold.channel])
        units = _sum(sold.order, sold.units, count)
        lost = _sum(sold.order, np.where(back, sold.units, 0), count)
        known = sold.number > 0
        store = np.isin(sold.channel, STORES)
        city, code = ([getattr(c, name) for c in CHANNELS] for name in ("city", "postal_code"))
        at_store = pl.Series(store)
        places = pl.DataFrame({
            "ship_city": pl.Series(city).gather(sold.channel).zip_with(at_store, who["city"]),
            "ship_postal_code": pl.Series(code).gather(sold.channel).zip_with(at_store, who["postal_code"]),
            "ship_region": pl.repeat("", count, eager=True).zip_with(at_store, who["region"]),
        })  # fmt: skip
        number = "Z" + pl.Series(ids).cast(pl.String).str.zfill(8)
        at = pl.Series(sold.placed).cast(UTC_INSTANT)
        frame = places.with_columns(
            id=pl.Series(ids), number=number, external_id=number, channel_id=pl.Series(sold.channel + 1),
            customer_id=pl.Series(sold.number).set(pl.Series(~known), None),
            email=who["email"].set(pl.Series(~known), None),
            ship_name=who["name"].set(pl.Series(~known), ""),
            ship_country=pl.Series(list(countries())).gather(towns().country[sold.town]),
            currency=_CURRENCY.gather(sold.channel), placed_at=at, closed_at=at,
            business_date=pl.Series(_dates()).gather(sold.day),
            gross_minor=pl.Series(gross), discount_minor=pl.Series(discount), shipping_minor=pl.Series(shipping),
            tax_minor=pl.lit(0), other_minor=pl.lit(0), total_minor=pl.Series(gross - discount + shipping),
            state=pl.lit("closed"), payment_status=pl.lit("paid"), fulfillment_status=pl.lit("fulfilled"),
            delivery_status=pl.lit("delivered"),
            return_status=pl.Series(
                np.where(lost == 0, "none", np.where(lost < units, "partially_returned", "returned")), dtype=pl.String
            ),
            is_history=pl.lit(value=True), is_simulated=pl.lit(value=True),
        )  # fmt: skip
        charged = frame.filter(pl.col("shipping_minor") > 0).select(
            pl.col("id").alias("order_id"), pl.lit("shipping").alias("kind"), pl.lit("").alias("code"),
            pl.lit("Dostawa").alias("title"), pl.lit(1, pl.Int64).alias("quantity"),
            pl.col("shipping_minor").alias("amount_minor"),
        )  # fmt: skip
        return frame, charged.with_columns(id=pl.Series(self._ids("order_adjustments", charged.height)))

    def _lines(self, sold: _Sold, ids: Ints, line_ids: Ints, back: NDArray[np.bool_]) -> pl.DataFrame:
        is_first = np.ones(len(line_ids), dtype=bool)
        is_first[1:] = sold.order[1:] != sold.order[:-1]
        starts = np.flatnonzero(is_first)
        lengths = np.diff(np.append(starts, len(line_ids)))
        position = np.arange(len(line_ids)) - np.repeat(starts, lengths) + 1
        return pl.DataFrame({
            "id": line_ids,
            "order_id": ids[sold.order],
            "position": position.astype(np.int64),
            "variant_id": sold.sku + 1,
            "sku": self.sku.gather(sold.sku),
            "title": self.title.gather(sold.sku),
            "quantity": sold.units,
            "unit_price_minor": sold.unit,
            "rounding_minor": np.zeros(len(line_ids), dtype=np.int64),
            "gross_minor": sold.gross,
            "discount_minor": sold.discount,
            "shipped_qty": sold.units,
            "returned_qty": np.where(back, sold.units, 0),
        })  # fmt: skip

    def _returns(
        self, sold: _Sold, orders: pl.DataFrame, line_ids: Ints, back: NDArray[np.bool_]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return what came back: one return an order, on the day of its slowest line."""
        lines = np.flatnonzero(back)
        order = sold.order[lines]
        who, inverse = np.unique(order, return_inverse=True)
        after = np.zeros(len(who), dtype=np.int64)
        np.maximum.at(after, inverse, sold.back_after[lines])
        day = np.minimum(sold.day[who] + after, self.until - 1)
        ids = self._ids("returns", len(who))
        amount = (sold.gross - sold.discount)[lines]
        goods = _sum(inverse, amount, len(who))
        at = pl.Series(days().at(day, np.full(len(who), 12.0))).cast(UTC_INSTANT)
        number = "R" + pl.Series(ids).cast(pl.String).str.zfill(7)
        kept = ("channel_id", "customer_id", "currency", "ship_country", pl.col("id").alias("order_id"))
        returns = orders.select(*kept)[who].with_columns(
            id=pl.Series(ids), number=number, external_id=number, state=pl.lit("closed"), reason=pl.lit(""),
            requested_at=at, received_at=at, closed_at=at, business_date=pl.Series(_dates()).gather(day),
            goods_minor=pl.Series(goods), other_minor=pl.lit(0, pl.Int64), total_minor=pl.Series(goods),
            is_history=pl.lit(value=True), is_simulated=pl.lit(value=True),
        )  # fmt: skip
        units = sold.units[lines]
        return returns, pl.DataFrame({
            "id": self._ids("return_lines", len(lines)),
            "return_id": ids[inverse],
            "order_line_id": line_ids[lines],
            "variant_id": sold.sku[lines] + 1,
            "sku": self.sku.gather(sold.sku[lines]),
            "title": self.title.gather(sold.sku[lines]),
            "quantity": units,
            "received_qty": units,
            "amount_minor": amount,
            "disposition": np.full(len(lines), "scrap"),
        })  # fmt: skip


def _sum(group: Ints, values: Ints, count: int) -> Ints:
    return np.bincount(group, weights=values, minlength=count).astype(np.int64)


def _dates() -> pl.Series:
    return pl.Series(days().dates, dtype=pl.Date)


def _sold(todays: Sequence[Today]) -> _Sold:
    """Return what was served: lines with units, orders with a line; amounts in the channel's currency."""
    parts: list[tuple[NDArray[np.generic], ...]] = []
    shift = 0
    for today in todays:
        kept = np.flatnonzero(today.outcome.units > 0)
        orders, index = np.unique(today.basket.order[kept], return_inverse=True)
        b, sku = today.buyers, today.basket.sku[kept]
        parts.append((
            np.full(len(orders), today.day), b.number[orders], b.channel[orders], b.town[orders], b.place[orders],
            b.is_business[orders], days().at(np.full(len(orders), today.day), hours(b.moment[orders])),
            index + shift, sku, today.outcome.units[kept], today.list_price[sku], today.promoted[sku],
            today.back_after[kept],
        ))  # fmt: skip
        shift += len(orders)
    day, number, channel, town, place, firm, placed, order, sku, units, price, promoted, back = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    abroad = channel[order] == EXPORT
    unit = np.where(abroad, np.maximum(1, np.rint(price * EUR_PER_PLN)), price).astype(np.int64)
    discount = units * (unit - np.rint(unit * (1 - promoted)).astype(np.int64))
    return _Sold(day, number, channel, town, place, firm, placed, order, sku, units, unit, units * unit, discount, back)


def variants(goods: Assortment) -> pl.DataFrame:
    """Return the catalogue as variants; ``category`` and ``supplier`` (an index) beside the core's columns."""
    names = [kind["name"] for kind in words()["category"]]
    created = days().midnight[goods.launched]
    return pl.DataFrame({
        "id": np.arange(1, goods.count + 1),
        "product_id": np.arange(1, goods.count + 1),
        "code": goods.sku,
        "sku": goods.sku,
        "title": goods.title,
        "category": [names[c] for c in goods.category.tolist()],
        "supplier": goods.supplier,
        "price_minor": goods.price,
        "currency": ["PLN"] * goods.count,
        "cost_minor": goods.cost,
        "cost_is_simulated": [True] * goods.count,
        "weight_g": goods.weight_g,
        "is_active": [True] * goods.count,
        "created_at": pl.Series(created).cast(UTC_INSTANT),
    })  # fmt: skip
