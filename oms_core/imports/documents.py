"""Source documents as plain Python objects: what an import hands back instead of storing it.

A replay (the demo's last two weeks) receives these and sends them through the real commands.
Amounts are integer minor units of `currency`; instants are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDocument:
    """One product line; ``gross = quantity x unit_price + rounding`` (see `orders.tables`)."""

    row_number: int
    position: int
    variant_id: int
    sku: str
    title: str
    quantity: int
    unit_price_minor: int
    rounding_minor: int
    gross_minor: int
    discount_minor: int = 0
    tax_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentDocument:
    """Money on a document that is not a product; signed like the source's table."""

    kind: str
    code: str
    title: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDocument:
    """One order of the source. `channel` is a channel's code, `customer_id` our key (None: a guest)."""

    external_id: str
    number: str
    channel: str
    placed_at: datetime
    business_date: date
    customer_id: int | None
    email: str | None
    currency: str
    ship_name: str
    ship_line1: str
    ship_city: str
    ship_region: str
    ship_postal_code: str
    ship_country: str
    total_minor: int
    lines: tuple[LineDocument, ...]
    adjustments: tuple[AdjustmentDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineDocument:
    """Units that came back; the sale they reverse is named by order and position, if it is known."""

    row_number: int
    variant_id: int
    sku: str
    title: str
    quantity: int
    amount_minor: int
    order_external_id: str | None = None
    order_position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDocument:
    """One credit note of the source; `order_external_id` is None for a stand-alone credit.

    A source document that reverses several orders is handed back as several returns
    (``C489449``, ``C489449/2`` …), one for each order.
    """

    external_id: str
    channel: str
    at: datetime
    business_date: date
    customer_id: int | None
    currency: str
    ship_country: str
    order_external_id: str | None
    total_minor: int
    lines: tuple[ReturnLineDocument, ...] = ()
    adjustments: tuple[AdjustmentDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeDocument:
    """Money (or, at amount 0, stock) of the books that is no customer's order."""

    external_id: str
    kind: str
    channel: str | None
    customer_id: int | None
    code: str
    title: str
    quantity: int
    amount_minor: int
    currency: str
    at: datetime
    business_date: date


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents outside the imported window, each list in time order."""

    orders: list[OrderDocument] = field(default_factory=list)
    returns: list[ReturnDocument] = field(default_factory=list)
    charges: list[ChargeDocument] = field(default_factory=list)
