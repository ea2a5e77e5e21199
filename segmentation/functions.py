"""What customers did, counted on their orders and lines. Adding a function is one entry in `_ENTRIES`.

Days are whole days in the shop's zone, `since` and `until` included. A customer without such orders has 0, never a
missing value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import polars as pl

from oms_core.kernel.expressions import Call, ExpressionFault, Function, Offset, resolve
from segmentation.facts import Facts

Answer: TypeAlias = Callable[[Facts, Call], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Entry:
    """A function and how it is counted: a frame of ``customer_id`` and ``answer``."""

    function: Function
    answer: Answer


def _between(call: Call, today: date) -> pl.Expr:
    """Return the condition on the day of an order."""
    keep = pl.lit(value=True)
    since, until = call.get("since"), call.get("until")
    if isinstance(since, (date, Offset)):
        keep = keep & (pl.col("business_date") >= resolve(since, today))
    if isinstance(until, (date, Offset)):
        keep = keep & (pl.col("business_date") <= resolve(until, today))
    return keep


def _equal(call: Call, *names: str) -> pl.Expr:
    """Return the condition that text columns equal the arguments of the same names, whatever the case."""
    keep = pl.lit(value=True)
    for name in names:
        wanted = call.get(name)
        if isinstance(wanted, str):
            keep = keep & (pl.col(name).str.to_lowercase() == wanted.lower())
    return keep


def _orders(facts: Facts, call: Call) -> pl.DataFrame:
    keep = _between(call, facts.today) & _equal(call, "channel")
    amount = call.get("amount")
    if isinstance(amount, (int, Decimal)):
        least = float(amount * facts.minor_units)
        keep = keep & (pl.col("amount_minor") >= least) & (pl.col("currency") == facts.currency)
    return facts.orders.filter(keep)


def _count_orders(facts: Facts, call: Call) -> pl.DataFrame:
    return _orders(facts, call).group_by("customer_id").agg(pl.len().cast(pl.Int64).alias("answer"))


def _sum_orders(facts: Facts, call: Call) -> pl.DataFrame:
    own = _orders(facts, call).filter(pl.col("currency") == facts.currency)
    return own.group_by("customer_id").agg(pl.col("amount_minor").sum().alias("answer"))


def _units(facts: Facts, call: Call) -> pl.DataFrame:
    keep = _between(call, facts.today) & _equal(call, "sku", "category", "title")
    return facts.lines.filter(keep).group_by("customer_id").agg(pl.col("quantity").sum().alias("answer"))


def _entry(name: str, answer: Answer, returns: tuple[str, ...], en: str, pl_: str, **arguments: str) -> Entry:
    positional = "since" if "since" in arguments else ""
    labels = {"en": en, "pl": pl_}
    return Entry(
        Function(name=name, arguments=arguments, returns=returns, positional=positional, labels=labels), answer
    )


_SPAN = {"since": "date", "until": "date"}
_ENTRIES = (
    _entry(
        "orders_placed", _count_orders, ("boolean", "number"), "orders placed", "złożone zamówienia",
        **_SPAN, amount="money", channel="text", count="number",
    ),
    _entry(
        "number_of_orders", _count_orders, ("number",), "number of orders", "liczba zamówień",
        **_SPAN, channel="text",
    ),
    _entry("amount_spent", _sum_orders, ("money",), "amount spent", "wydana kwota", **_SPAN, channel="text"),
    _entry(
        "products_purchased", _units, ("boolean", "number"), "products bought", "kupione produkty",
        **_SPAN, sku="text", category="text", title="text", count="number",
    ),
)  # fmt: skip

#: ``segment('name')`` is answered by the compiler itself, because it needs the other segments.
SEGMENT = Function(
    name="segment",
    arguments={"name": "text"},
    returns=("boolean",),
    positional="name",
    required=("name",),
    labels={"en": "member of the segment", "pl": "należy do segmentu"},
)

ENTRIES = {e.function.name: e for e in _ENTRIES}
FUNCTIONS = {**{name: e.function for name, e in ENTRIES.items()}, "segment": SEGMENT}


def least(call: Call) -> int | Decimal:
    """Return how many orders or units ``= TRUE`` asks for: the argument `count`, else 1."""
    count = call.get("count")
    return count if isinstance(count, (int, Decimal)) else 1


def refuse_count(call: Call) -> None:
    """Refuse `count` in a call that is compared with a number: it would be said twice."""
    if call.get("count") is not None:
        sentence = f"{call.name}() has count and is compared with a number"
        hint = f"Write {call.name}(count: 3) = TRUE or {call.name}() >= 3."
        raise ExpressionFault("expression.type", sentence, hint)
