"""Orders, their lines and adjustments from understood rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from oms_core.imports.amounts import half_even, micro_per_minor

#: Kinds that are the shop's books whatever document they stand on.
BOOKS = ("channel_fee", "payment_fee", "bad_debt")
#: Amounts of the whole document and the kind and sign they have as adjustments.
HEAD_AMOUNTS = {"shipping": 1, "discount": -1, "tax": 1, "fee": 1}
#: What a stated status makes of an order: (state, shipped, cancelled, paid by a stated payment).
OUTCOMES = {
    "placed": ("placed", False, False, False),
    "paid": ("placed", False, False, True),
    "shipped": ("closed", True, False, False),
    "delivered": ("closed", True, False, False),
    "returned": ("closed", True, False, False),
    "cancelled": ("cancelled", False, True, False),
}


@dataclass(frozen=True, slots=True)
class Sales:
    """Frames keyed by ``order`` (the source's number); no ids yet.

    ``lines`` has ``sequence``, the index of the row it came from.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame


def sales(rows: pl.DataFrame, heads: pl.DataFrame, stored: pl.DataFrame) -> Sales:
    """Build orders from the rows of sales that have at least one product.

    Parameters
    ----------
    rows : polars.DataFrame
        ``Batch.rows`` plus ``sequence`` and the document's ``currency``.
    heads : polars.DataFrame
        ``Batch.heads``; `status` decides what was shipped, cancelled and paid.
    stored : polars.DataFrame
        ``order, last_position`` of orders the shop has, to which mended rows are added.
    """
    goods = rows.filter((pl.col("flow") == "sale") & (pl.col("kind") == "product"))
    lines = _lines(goods, heads).join(
        stored.select("order", "last_position"), on="order", how="left", maintain_order="left"
    )
    lines = lines.with_columns(pl.col("position") + pl.col("last_position").fill_null(0)).drop("last_position")
    sold = pl.concat([lines.select("order"), stored.select("order")]).unique()
    beside = rows.filter((pl.col("flow") == "sale") & (pl.col("kind") != "product") & ~pl.col("kind").is_in(BOOKS))
    beside = beside.join(sold, on="order", how="semi", maintain_order="left")
    adjustments = pl.concat(
        [_beside(beside), head_amounts(heads.join(sold, on="order", how="semi", maintain_order="left"))]
    )
    adjustments = adjustments.with_columns(pl.col("kind").replace({"other": "manual"}))
    return Sales(_orders(lines, adjustments, heads), lines, adjustments)


def _lines(goods: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return order lines; the gross rounds once, and what a sub-penny price leaves is `rounding_minor`."""
    factor = micro_per_minor()
    outcome = heads.select("order", *_outcome())
    lines = goods.join(outcome, on="order", how="left", maintain_order="left").with_columns(
        position=pl.int_range(1, pl.len() + 1).over("order"),
        gross_minor=half_even(pl.col("amount"), factor),
        unit_price_minor=half_even(pl.col("amount"), factor * pl.col("quantity")),
        discount_minor=half_even(pl.col("line_discount").fill_null(0).abs(), factor),
        tax_minor=half_even(pl.col("line_tax").fill_null(0), factor),
    )
    return lines.select(
        "sequence", "table", "row", "order", "position", "sku", "title", "quantity", "unit_price_minor",
        (pl.col("gross_minor") - pl.col("quantity") * pl.col("unit_price_minor")).alias("rounding_minor"),
        "gross_minor", "discount_minor", "tax_minor",
        (pl.col("is_cancelled").cast(pl.Int64) * pl.col("quantity")).alias("cancelled_qty"),
        (pl.col("is_shipped").cast(pl.Int64) * pl.col("quantity")).alias("shipped_qty"),
    )  # fmt: skip


def _outcome() -> list[pl.Expr]:
    """Return ``state, is_shipped, is_cancelled, is_paid`` of each document; no status means delivered."""
    status = pl.col("status").replace({"": "delivered"}).fill_null("delivered")
    state = status.replace_strict({k: v[0] for k, v in OUTCOMES.items()}, return_dtype=pl.String).alias("state")
    flags = [
        status.replace_strict({k: v[i] for k, v in OUTCOMES.items()}, return_dtype=pl.Boolean).alias(name)
        for i, name in enumerate(("is_shipped", "is_cancelled", "is_paid"), start=1)
    ]
    return [state, *flags]


def _beside(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "sequence", "order", "kind", pl.col("sku").fill_null("").alias("code"), "title",
        pl.col("quantity").fill_null(1), half_even(pl.col("amount"), micro_per_minor()).alias("amount_minor"),
    )  # fmt: skip


def head_amounts(heads: pl.DataFrame) -> pl.DataFrame:
    """Return the amounts stated for whole documents (carriage, discount …) as adjustments."""
    parts = []
    for kind, sign in HEAD_AMOUNTS.items():
        value = pl.col(kind).abs() * sign if kind == "discount" else pl.col(kind)
        parts.append(
            heads.filter(pl.col(kind).fill_null(0) != 0).select(
                pl.lit(None, pl.Int64).alias("sequence"), "order", pl.lit(kind).alias("kind"), pl.lit("").alias("code"),
                pl.lit("").alias("title"), pl.lit(1, pl.Int64).alias("quantity"),
                half_even(value, micro_per_minor()).alias("amount_minor"),
            )
        )  # fmt: skip
    return pl.concat(parts)


def _orders(lines: pl.DataFrame, adjustments: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Return orders with their money added up."""
    money = ("gross_minor", "discount_minor", "tax_minor")
    none = [pl.lit(0, pl.Int64).alias(c) for c in money]
    both = pl.concat([lines.select("order", *money), adjustments.select("order", *none)])
    goods = both.group_by("order", maintain_order=True).agg(pl.col(c).sum() for c in money)
    amount, kind = pl.col("amount_minor"), pl.col("kind")
    beside = adjustments.group_by("order").agg(
        amount.filter(kind == "shipping").sum().alias("shipping_minor"),
        (-amount.filter(kind == "discount").sum()).alias("less"),
        amount.filter(kind == "tax").sum().alias("more_tax"),
        amount.filter(~kind.is_in(["shipping", "discount", "tax"])).sum().alias("other_minor"),
    )
    orders = goods.join(beside, on="order", how="left", maintain_order="left").with_columns(
        pl.col("shipping_minor", "less", "more_tax", "other_minor").fill_null(0)
    )
    orders = orders.with_columns(
        discount_minor=pl.col("discount_minor") + pl.col("less"), tax_minor=pl.col("tax_minor") + pl.col("more_tax")
    ).drop("less", "more_tax")
    total = sum((pl.col(c) for c in ("shipping_minor", "tax_minor", "other_minor")), pl.col("gross_minor"))
    return orders.with_columns(total_minor=total - pl.col("discount_minor")).join(
        heads.drop("shipping", "discount", "tax", "fee").with_columns(_outcome()),
        on="order", how="left", maintain_order="left",
    )  # fmt: skip
