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
    usable = title.is_not_null() & (title != "")
    if notes:
        usable &= ~title.str.contains(notes).fill_null(value=False)
    titles = _most_frequent(fresh.filter(usable).with_columns(title=title), "title")
    prices = _most_frequent(fresh.filter(pl.col("unit_price_minor") > 0), "unit_price_minor")
    made = fresh.group_by("sku", maintain_order=True).agg(
        pl.col("at").min().alias("created_at"), pl.col("currency").first(), title.drop_nulls().first().alias("any")
    )
    made = made.join(titles, on="sku", how="left", maintain_order="left")
    made = made.join(prices, on="sku", how="left", maintain_order="left")
    return made.select(
        "sku",
        pl.coalesce("title", "any", "sku").str.slice(0, 300).alias("title"),
        pl.col("unit_price_minor").fill_null(0).alias("price_minor"),
        "currency",
        "created_at",
    )


def _most_frequent(lines: pl.DataFrame, column: str) -> pl.DataFrame:
    counted = lines.group_by("sku", column).agg(pl.len().alias("n"))
    return (
        counted.sort(["n", column], descending=[True, False])
        .unique("sku", keep="first", maintain_order=True)
        .select("sku", column)
    )
