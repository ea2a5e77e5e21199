"""Bought together: which products stand in one order more often than chance would put them there.

With n orders in all, ``a`` of them with the one product, ``b`` with the other and ``k`` with both:

    support = k ÷ n        confidence = k ÷ a        lift = k × n ÷ (a × b)

Lift alone makes the rarest pair the best one: two products sold once, in the same order, have the largest lift there
is. So a pair counts only when that many orders with both are unlikely by chance: the probability of ``k`` or more under
the hypergeometric law (a shuffle of products over orders), held to a false discovery rate of 5 % over all pairs that
could have been found (Benjamini and Hochberg, 1995), not only those that were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.frames import query
from oms_core.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from analytics.past import Reader

#: Orders a pair must be in before anything is said of it.
LEAST_ORDERS = 5
#: Products in one order above which it is restocking and no basket.
MOST_PRODUCTS = 60
#: Share of pairs named that may be chance.
FALSE_DISCOVERIES = 0.05


def baskets(
    replica: Reader,
    *,
    since: date,
    until: date,
    sku: str | None = None,
    least: int = LEAST_ORDERS,
    most: int = MOST_PRODUCTS,
) -> pl.DataFrame:
    """Return pairs of products that were bought together in a period.

    Parameters
    ----------
    since, until : date
        Half-open period of business dates.
    sku : str, optional
        Only pairs with this product, which then is the first of each.
    least : int
        Orders a pair must be in.
    most : int
        Orders of more products are left out: they are restocking.

    Returns
    -------
    polars.DataFrame
        ``sku_a, sku_b, title_a, title_b, orders_a, orders_b, both, orders, left_out, support, confidence`` (of b, given
        a), ``confidence_back, lift, expected`` (orders with both by chance), ``p_value, is_significant``; those that
        stand furthest above chance first.

    Raises
    ------
    NotFound
        ``sku.not_found`` for an unknown product.
    InvalidInput
        ``input.least, input.most``.
    """
    if least < 1:
        raise InvalidInput("least", str(least), "it must be at least 1")
    if most < 2:
        raise InvalidInput("most", str(most), "it must be at least 2")
    if sku is not None:
        known = replica.frame("SELECT sku FROM dim_variants")["sku"].to_list()
        if sku not in known:
            raise NotFound("sku", sku, known)
    found = replica.frame(
        query("frames/baskets"), {"since": since, "until": until, "least": least, "most": most, "sku": sku}
    )
    return _judged(found, one_sided=sku is not None)


def _judged(found: pl.DataFrame, *, one_sided: bool) -> pl.DataFrame:
    """Add the measures of association and whether each pair is more than chance."""
    import polars as pl
    from scipy.stats import hypergeom

    # what meets no more often than by chance needs no law to say so
    more = found.filter(pl.col("both") * pl.col("orders") > pl.col("orders_a") * pl.col("orders_b"))
    n, a, b, k = (more[name].to_numpy() for name in ("orders", "orders_a", "orders_b", "both"))
    chances = more.select("sku_a", "sku_b", pl.Series("p_value", hypergeom.sf(k - 1, n, a, b) if more.height else []))
    found = found.join(chances.cast({"p_value": pl.Float64}), on=["sku_a", "sku_b"], how="left")
    products = int(found["products"][0]) if found.height else 0
    tested = products - 1 if one_sided else products * (products - 1) // 2
    judged = found.drop("products").with_columns(
        (pl.col("both") / pl.col("orders")).alias("support"),
        (pl.col("both") / pl.col("orders_a")).alias("confidence"),
        (pl.col("both") / pl.col("orders_b")).alias("confidence_back"),
        (pl.col("both") * pl.col("orders") / (pl.col("orders_a") * pl.col("orders_b"))).alias("lift"),
        (pl.col("orders_a") * pl.col("orders_b") / pl.col("orders")).alias("expected"),
        pl.col("p_value").fill_null(1.0),
    )
    ranked = judged.sort("p_value", "sku_a", "sku_b").with_row_index("rank", offset=1)
    below = ranked.filter(pl.col("p_value") * tested <= pl.col("rank") * FALSE_DISCOVERIES)["rank"]
    limit = int(str(below.max() or 0))
    kept = ranked.with_columns((pl.col("rank").is_between(1, limit) & (pl.col("lift") > 1)).alias("is_significant"))
    order = [pl.col("both") - pl.col("expected"), pl.col("lift")]
    return kept.drop("rank").sort(*order, "sku_a", "sku_b", descending=[True, True, False, False])
