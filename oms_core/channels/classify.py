"""What a row is: its document's flow, its kind, its channel; rules come from the mapping."""

from __future__ import annotations

from functools import reduce
from operator import and_

import polars as pl

from oms_core.channels.csv_mapping import LINE_KINDS, Mapping, Rule

#: Kinds that are money of the shop's books whatever document they stand on.
BOOKS = ("channel_fee", "payment_fee", "bad_debt")
_SIGNS = {"zero": 0, "positive": 1, "negative": -1}


def holds(rule: Rule) -> pl.Expr:
    """Return the expression that is true where every condition of a rule holds on the row."""
    return reduce(and_, [_condition(*entry) for entry in rule.conditions.items()], pl.lit(value=True))


def _condition(name: str, wanted: str) -> pl.Expr:
    if name == "customer":
        known = pl.col("customer").is_not_null() | pl.col("email").is_not_null()
        return known if wanted == "known" else ~known
    if name in {"price", "quantity"}:
        return pl.col("amount" if name == "price" else "quantity").sign() == _SIGNS[wanted] * _price_sign(name)
    if name in {"country", "country_not"}:
        same = pl.col("country").is_in([c.strip().upper() for c in wanted.split(",")])
        return same if name == "country" else ~same
    column = {"channel": "channel", "type": "type_written"}.get(name, name)
    return pl.col(column).fill_null("").str.contains(wanted)


def _price_sign(name: str) -> pl.Expr:
    """Return 1 for a quantity; for a price the quantity's sign, since the amount carries both."""
    return pl.when(pl.col("quantity") < 0).then(-1).otherwise(1) if name == "price" else pl.lit(1)


def classify(rows: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Add ``kind`` and ``flow``; turn return rows so that units that come back are positive.

    Document rules must hold for every row of the document; the first that does decides. A row whose
    type column says so is a return; a product with a negative quantity on a sale is one too, unless
    the mapping says otherwise.
    """
    rows = rows.with_columns(_amount())
    kind = _first([(holds(r), r.is_) for r in mapping.line_rules], default="product")
    said = pl.col("type").is_in(LINE_KINDS)
    rows = rows.with_columns(kind=pl.when(said).then("type").otherwise(kind))
    flow = _first([(holds(r).all().over("order"), r.is_) for r in mapping.document_rules], default="sale")
    rows = rows.with_columns(flow=flow if mapping.document_rules else pl.lit("sale"))
    back = pl.col("type") == "return"
    if mapping.negative_is_return:
        back = back.fill_null(value=False) | ((pl.col("kind") == "product") & (pl.col("quantity") < 0))
    rows = rows.with_columns(flow=pl.when((pl.col("flow") == "sale") & back).then(pl.lit("return")).otherwise("flow"))
    return _turned(rows, mapping)


def _amount() -> pl.Expr:
    """Return what the row comes to: its total if the source says one, else quantity times price."""
    quantity = pl.col("quantity").fill_null(1)
    total = pl.col("line_total").abs() * pl.when(quantity < 0).then(-1).otherwise(pl.col("line_total").sign())
    return pl.coalesce(total, quantity * pl.col("unit_price")).alias("amount")


def _first(cases: list[tuple[pl.Expr, str]], *, default: str) -> pl.Expr:
    """Return the outcome of the first case that holds."""
    outcome: pl.Expr = pl.lit(default)
    for condition, value in reversed(cases):
        outcome = pl.when(condition).then(pl.lit(value)).otherwise(outcome)
    return outcome


def _turned(rows: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Give return rows positive units and a negative amount, whichever signs the source writes.

    A source that writes units that come back as positive may write their price, or nothing, as negative.
    """
    is_return = pl.col("flow") == "return"
    goods = rows.filter(is_return & (pl.col("kind") == "product"))
    sign = mapping.return_sign
    if sign == "auto":
        sign = "negative" if (goods["quantity"] < 0).any() or goods.is_empty() else "positive"
    turn = is_return & (pl.col("quantity").fill_null(1) > 0) if sign == "positive" else pl.lit(value=False)
    is_signed = ((pl.col("kind") == "product") & (pl.col("amount") < 0)).any().over("order")
    return rows.with_columns(
        amount=pl.when(turn & ~is_signed).then(-pl.col("amount")).otherwise("amount"),
        quantity=pl.when(is_return & ~turn).then(-pl.col("quantity")).otherwise("quantity"),
    )


def channels(rows: pl.DataFrame, mapping: Mapping, default: str) -> pl.Expr:
    """Return each row's channel code: the source's own word, else the first rule any row of its document meets."""
    ruled = _first([(holds(r).any().over("order"), r.code) for r in mapping.channel_rules], default=default)
    if not mapping.channel_rules:
        ruled = pl.lit(default)
    word = pl.col("channel").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "-").str.strip_chars("-")
    return (
        pl.coalesce(pl.when(word != "").then(word).first().over("order"), ruled) if rows["channel"].count() else ruled
    )
