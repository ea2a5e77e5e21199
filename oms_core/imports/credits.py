"""Returns and stand-alone credits from understood rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from oms_core.imports.amounts import half_even, micro_per_minor
from oms_core.imports.sales import BOOKS, head_amounts


@dataclass(frozen=True, slots=True)
class Credits:
    """Frames keyed by ``external_id``; a source document that reverses several orders has several parts."""

    returns: pl.DataFrame
    lines: pl.DataFrame
    adjustments: pl.DataFrame


def return_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the goods that come back, valued positive: ``gross = quantity x unit price + rounding``.

    What is given back is the gross less the line's discount; the tax that stood on top of it is an adjustment.
    """
    factor = micro_per_minor()
    goods = rows.filter(_is_goods()).with_columns(
        gross_minor=half_even(-pl.col("amount"), factor),
        unit_price_minor=half_even(-pl.col("amount"), factor * pl.col("quantity")),
    )
    less, tax = (half_even(pl.col(c).fill_null(0).abs(), factor) for c in ("line_discount", "line_tax"))
    return goods.with_columns(
        amount_minor=pl.col("gross_minor") - less,
        tax_minor=tax,
        rounding_minor=pl.col("gross_minor") - pl.col("quantity") * pl.col("unit_price_minor"),
    )


def _is_goods() -> pl.Expr:
    return (
        (pl.col("flow") == "return")
        & (pl.col("kind") == "product")
        & (pl.col("quantity") > 0)
        & (pl.col("amount") <= 0)
    )


def credit_notes(rows: pl.DataFrame, heads: pl.DataFrame, lines: pl.DataFrame) -> Credits:
    """Build returns, one for each order a document reverses (none: a stand-alone credit).

    Parameters
    ----------
    rows, heads : polars.DataFrame
        As for :func:`oms_core.imports.sales.sales`.
    lines : polars.DataFrame
        :func:`return_lines` plus ``matched_order`` (external number, null if none) and ``line_key``.

    Notes
    -----
    The first part keeps the document's number; the others are ``number/2``, ``number/3`` … in the
    order of their first row. Corrections that are not goods belong to the first part.
    """
    beside = rows.filter((pl.col("flow") == "return") & ~_is_goods() & ~pl.col("kind").is_in(BOOKS)).select(
        "sequence", "order", pl.col("kind").replace({"product": "manual", "other": "manual"}),
        pl.col("sku").fill_null("").alias("code"), "title", pl.col("quantity").fill_null(1),
        half_even(-pl.col("amount"), micro_per_minor()).alias("amount_minor"),
    )  # fmt: skip
    only_back = heads.join(rows.filter(pl.col("flow") == "sale"), on="order", how="anti")
    only_back = only_back.join(pl.concat([lines.select("order"), beside.select("order")]), on="order", how="semi")
    stated = head_amounts(only_back).with_columns(-pl.col("amount_minor").abs() * _owed_sign())
    beside = pl.concat([beside, stated, _taxes(lines)])
    parts = _parts(lines, beside)
    lines = lines.join(parts, on=["order", "matched_order"], how="left", nulls_equal=True, maintain_order="left")
    first = parts.filter(pl.col("part") == 1).select("order", "external_id")
    beside = beside.join(first, on="order", how="left", maintain_order="left")
    return Credits(_returns(parts, lines, beside, heads), lines, beside)


def _taxes(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the tax given back with each document's goods."""
    taxed = lines.group_by("order", maintain_order=True).agg(pl.col("tax_minor").sum())
    return taxed.filter(pl.col("tax_minor") != 0).select(
        pl.lit(None, pl.Int64).alias("sequence"), "order", pl.lit("tax").alias("kind"), pl.lit("").alias("code"),
        pl.lit("").alias("title"), pl.lit(1, pl.Int64).alias("quantity"), pl.col("tax_minor").alias("amount_minor"),
    )  # fmt: skip


def _owed_sign() -> pl.Expr:
    """Carriage and the like stated for a credit note are given back; a stated discount is taken back."""
    return pl.when(pl.col("kind") == "discount").then(1).otherwise(-1)


def _parts(lines: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """Return the orders each document reverses, numbered."""
    seen = pl.concat([
        lines.select("order", "matched_order", "sequence"),
        beside.join(lines, on="order", how="anti").select(
            "order", pl.lit(None, pl.String).alias("matched_order"), "sequence"
        ),
    ])  # fmt: skip
    parts = seen.group_by("order", "matched_order", maintain_order=True).agg(pl.col("sequence").min())
    parts = parts.sort("sequence", maintain_order=True, nulls_last=True)
    number = pl.int_range(1, pl.len() + 1).over("order").alias("part")
    name = pl.when(pl.col("part") == 1).then("order").otherwise(pl.format("{}/{}", "order", "part"))
    return parts.with_columns(number).with_columns(external_id=name).drop("sequence")


def _returns(parts: pl.DataFrame, lines: pl.DataFrame, beside: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    goods = lines.group_by("external_id").agg(pl.col("amount_minor").sum().alias("goods_minor"))
    other = beside.group_by("external_id").agg(pl.col("amount_minor").sum().alias("other_minor"))
    made = parts.join(goods, on="external_id", how="left", maintain_order="left")
    made = made.join(other, on="external_id", how="left", maintain_order="left")
    made = made.with_columns(pl.col("goods_minor", "other_minor").fill_null(0))
    made = made.join(
        heads.drop("shipping", "discount", "tax", "fee", "total"), on="order", how="left", maintain_order="left"
    )
    return made.with_columns(
        total_minor=pl.col("goods_minor") + pl.col("other_minor"),
        at=pl.when(pl.col("status") == "returned").then(pl.coalesce("returned_at", "at")).otherwise("at"),
    )
