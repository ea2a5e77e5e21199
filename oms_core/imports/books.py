"""Charges: money (or stock) of the shop's books that is no customer's order."""

from __future__ import annotations

import polars as pl

from oms_core.imports.amounts import half_even, micro_per_minor
from oms_core.imports.sales import BOOKS, head_amounts


def charges(rows: pl.DataFrame, heads: pl.DataFrame, *, sold: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Build charges from what is neither on an order nor on a return.

    These are documents that are charges as a whole (bad debt), stock corrections, fees wherever they
    stand, and sales without any product (a document is an order when it sells something).

    Parameters
    ----------
    rows, heads : polars.DataFrame
        As for :func:`oms_core.imports.sales.sales`.
    sold : polars.DataFrame
        ``order`` of the documents that became orders.
    taken : polars.DataFrame
        ``order`` and ``charges`` (how many there are) of documents taken before, which get more rows now.
    """
    no_order = (pl.col("flow") == "sale") & ~pl.col("order").is_in(sold["order"].implode())
    mine = pl.col("flow").is_in(["charge", "stock"]) | pl.col("kind").is_in(BOOKS) | no_order
    back = (pl.col("flow") == "stock") & (pl.col("quantity") < 0)
    kind = (
        pl.when(back).then(pl.lit("stock_write_off"))
        .when(pl.col("flow") == "stock").then(pl.lit("stock_found"))
        .otherwise(pl.col("kind").replace({"product": "other"}))
    )  # fmt: skip
    signed = pl.when(pl.col("flow") == "return").then(-pl.col("quantity")).otherwise("quantity").fill_null(1)
    made = rows.filter(mine).select(
        "sequence", "order", kind.alias("kind"), pl.col("sku").fill_null("").alias("code"), "title",
        signed.alias("quantity"), half_even(pl.col("amount"), micro_per_minor()).alias("amount_minor"),
    )  # fmt: skip
    only = heads.join(rows.filter(~mine), on="order", how="anti").join(made, on="order", how="semi")
    made = pl.concat([made, head_amounts(only)])
    before = taken.select("order", pl.col("charges").alias("before"))
    made = made.join(before, on="order", how="left", maintain_order="left").with_columns(pl.col("before").fill_null(0))
    number = pl.int_range(1, pl.len() + 1).over("order") + pl.col("before")
    name = pl.when(number == 1).then("order").otherwise(pl.format("{}#{}", "order", number))
    head = heads.select("order", "at", "currency", "channel", "customer_key")
    return made.with_columns(external_id=name).join(head, on="order", how="left", maintain_order="left")
