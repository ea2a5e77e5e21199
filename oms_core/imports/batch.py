"""What a channel hands to the loader: rows that are understood, rows that are not, and the channels.

This is the contract between the rooms: any reader that fills a :class:`Batch` gets idempotency,
matching of returns, rejected rows and speed from the loader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

#: Columns of :attr:`Batch.rows`. Amounts are millionths of the currency unit.
ROWS: dict[str, Any] = {
    "table": pl.Int32,  # index into Batch.tables
    "row": pl.Int64,  # number of the row in its table
    "place": pl.String,  # "file:row" of the rejected row this one mends, if it says so
    "order": pl.String,  # number of the source's document
    "flow": pl.String,  # sale, return, charge, stock
    "kind": pl.String,  # product, or an adjustment's or charge's kind
    "sku": pl.String,
    "title": pl.String,
    "quantity": pl.Int64,  # units; on a return: units that come back
    "amount": pl.Int64,  # what the row adds to what the customer owes; negative on returns
    "line_discount": pl.Int64,
    "line_tax": pl.Int64,
    "reverses": pl.String,  # number of the order a return reverses, if the source says so
}
#: Columns of :attr:`Batch.heads`: one row a document, what its rows say together.
HEADS: dict[str, Any] = {
    "order": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "customer": pl.String,
    "email": pl.String,
    "phone": pl.String,
    "name": pl.String,
    "street": pl.String,
    "city": pl.String,
    "region": pl.String,
    "postal_code": pl.String,
    "country": pl.String,
    "currency": pl.String,
    "channel": pl.String,  # code of one of Batch.channels
    "status": pl.String,  # placed, paid, shipped, delivered, cancelled, returned
    "cancelled_at": pl.Datetime("us", "UTC"),
    "returned_at": pl.Datetime("us", "UTC"),
    "shipping": pl.Int64,
    "discount": pl.Int64,
    "tax": pl.Int64,
    "fee": pl.Int64,
    "total": pl.Int64,
}
#: Columns of :attr:`Batch.rejected` beside the raw row.
REJECTED: dict[str, Any] = {
    "table": pl.Int32, "row": pl.Int64, "order": pl.String, "code": pl.String, "reason": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel the source sells through."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table as it was read: for rejected rows and for recognising mended ones."""

    name: str
    frame: pl.DataFrame
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything one import brings.

    Attributes
    ----------
    source : str
        The identity space: document numbers are unique in it.
    zone : str
        The shop's zone, for business dates.
    read : int
        Rows the files have.
    joined : dict
        ``(table, row)`` of a line to ``(table, row)`` of its order, when orders came in a second file
        (only of refused rows).
    places : dict
        ``(table, row)`` to the place a refused row says it mends.
    facts : dict
        Counts made while reading (duplicates, codes as written …), passed through to the answer.
    """

    source: str
    files: list[str]
    mapping_sha256: str
    zone: str
    currency: str
    customer_kind: str
    title_notes: str
    read: int
    rows: pl.DataFrame
    rejected: pl.DataFrame
    tables: list[RawTable]
    heads: pl.DataFrame
    channels: list[ChannelRow]
    facts: dict[str, Any]
    joined: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    places: dict[tuple[int, int], str] = field(default_factory=dict)
