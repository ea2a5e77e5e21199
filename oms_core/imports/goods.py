"""New variants of an import: one for each code, named by its most frequent title."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl


def new_variants(lines: pl.DataFrame, known: Collection[str], notes: str) -> pl.DataFrame:
    """Return ``sku, title, price_minor, currency, created_at`` of codes the shop does not know.

    Parameters
    ----------
    lines : polars.DataFrame
        ``sku, title, unit_price_minor, currency, at`` of products sold or returned.
    known : collection of str
        Codes the shop has.
    notes : str
        Regular expression of titles that are notes of the warehouse and name no product.

    Notes
    -----
    The title is the most frequent one (blanks merged), the price the most frequent positive unit price;
    ties go to the first in order.
    """
    fresh = lines.filter(~pl.col("sku").is_in(pl.Series(list(known), dtype=pl.String).implode()))
    title = pl.col("title").str.replace_all(r"\s+", " ").str.strip_chars()
    titles = fresh.group_by("sku", "title").len("n").with_columns(title).filter(pl.col("title") != "")
    if notes:
        titles = titles.filter(~pl.col("title").str.contains(notes))
    titles = titles.group_by("sku", "title").agg(pl.col("n").sum())
    prices = fresh.filter(pl.col("unit_price_minor") > 0).group_by("sku", "unit_price_minor").len("n")
    made = fresh.group_by("sku", maintain_order=True).agg(
        pl.col("at").min().alias("created_at"),
        pl.col("currency").first(),
        pl.col("title").drop_nulls().first().alias("any"),
    )
    titles, prices = _most_frequent(titles, "title"), _most_frequent(prices, "unit_price_minor")
    made = made.join(titles, on="sku", how="left", maintain_order="left")
    made = made.join(prices, on="sku", how="left", maintain_order="left")
    return made.select(
        "sku",
        pl.coalesce("title", "any", "sku").str.slice(0, 300).alias("title"),
        pl.col("unit_price_minor").fill_null(0).alias("price_minor"),
        "currency",
        "created_at",
    )


def _most_frequent(counted: pl.DataFrame, column: str) -> pl.DataFrame:
    ranked = counted.sort(["n", column], descending=[True, False])
    return ranked.unique("sku", keep="first", maintain_order=True).select("sku", column)
