"""The simulated days after the cut as documents, for the replay through the real commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from app.demo.people import Person
from app.demo.simulated.days import days
from app.demo.simulated.frames import Chunk
from app.demo.simulated.places import CHANNELS
from oms_core.imports.documents import (
    AdjustmentDocument,
    LineDocument,
    OrderDocument,
    ReturnDocument,
    ReturnLineDocument,
)

_CODES = {n: c.code for n, c in enumerate(CHANNELS, 1)}


def orders(chunk: Chunk) -> list[OrderDocument]:
    """Return the chunk's orders in time order."""
    lines: dict[int, list[LineDocument]] = {}
    for row in chunk.order_lines.iter_rows(named=True):
        lines.setdefault(row["order_id"], []).append(
            LineDocument(
                row_number=row["id"],
                position=row["position"],
                variant_id=row["variant_id"],
                sku=row["sku"],
                title=row["title"],
                quantity=row["quantity"],
                unit_price_minor=row["unit_price_minor"],
                rounding_minor=0,
                gross_minor=row["gross_minor"],
                discount_minor=row["discount_minor"],
            )
        )
    carriage = {
        row["order_id"]: AdjustmentDocument(
            kind=row["kind"], code="", title=row["title"], quantity=1, amount_minor=row["amount_minor"]
        )
        for row in chunk.order_adjustments.iter_rows(named=True)
    }
    return [_order(row, lines[row["id"]], carriage) for row in chunk.orders.iter_rows(named=True)]


def _order(row: dict[str, Any], lines: list[LineDocument], carriage: Mapping[int, AdjustmentDocument]) -> OrderDocument:
    given = {
        name: row[name]
        for name in (
            "external_id", "number", "placed_at", "business_date", "customer_id", "email", "currency", "ship_name",
            "ship_city", "ship_region", "ship_postal_code", "ship_country", "total_minor",
        )
    }  # fmt: skip
    beside = carriage.get(row["id"])
    return OrderDocument(
        **given,
        channel=_CODES[row["channel_id"]],
        ship_line1="",
        lines=tuple(lines),
        adjustments=(beside,) if beside else (),
    )


def returns(pending: pl.DataFrame) -> list[ReturnDocument]:
    """Return what comes back in the replay, one document an order, in time order.

    Parameters
    ----------
    pending : DataFrame
        ``order, channel_id, customer_id, currency, ship_country, position, variant_id, sku, title, quantity,
        amount_minor, line_id, day``.
    """
    found = []
    for (order,), part in pending.sort("order", "position").group_by(["order"], maintain_order=True):
        first, day = part.row(0, named=True), max(part["day"].to_list())
        found.append(
            ReturnDocument(
                external_id=f"B{str(order)[1:]}",
                channel=_CODES[first["channel_id"]],
                at=_noon(day, str(order)),
                business_date=days().dates[day],
                customer_id=first["customer_id"],
                currency=first["currency"],
                ship_country=first["ship_country"],
                order_external_id=str(order),
                total_minor=int(part["amount_minor"].sum()),
                lines=tuple(_return_line(row, str(order)) for row in part.iter_rows(named=True)),
            )
        )
    return sorted(found, key=lambda one: (one.at, one.external_id))


def _return_line(row: dict[str, Any], order: str) -> ReturnLineDocument:
    given = {name: row[name] for name in ("variant_id", "sku", "title", "quantity", "amount_minor")}
    return ReturnLineDocument(
        row_number=row["line_id"],
        order_external_id=order,
        order_position=row["position"],
        **given,
    )


def _noon(day: int, order: str) -> datetime:
    """Return a time of the working day that belongs to an order."""
    hour = 9 + int(order[1:]) % 360 / 60
    instant: datetime = pl.Series([int(days().midnight[day] + hour * 3_600_000_000)]).cast(pl.Datetime("us", "UTC"))[0]
    return instant


def persons(customers: pl.DataFrame) -> dict[int, Person]:
    """Return customers by id, as the replay knows people."""
    return {
        row["id"]: Person(row["kind"], row["name"], row["email"], row["city"], row["postal_code"])
        for row in customers.iter_rows(named=True)
    }
