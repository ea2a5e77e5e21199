"""The numbers an import answers with; every row of the files is in exactly one of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from oms_core.imports.amounts import half_even, micro_per_minor
from oms_core.imports.plan import Plan
from oms_core.kernel.money import exponent, to_decimal

MICRO_DIGITS = 6


def counts_of(plan: Plan) -> dict[str, Any]:
    """Return the JSON answer of an import (`seconds` is filled in later); see `docs/imports.md`."""
    inside = plan.heads.filter("is_inside").select("order")
    mine = _Inside(plan, inside)
    choice, facts = plan.choice, plan.batch.facts
    rows = {
        "order_lines": mine.lines.height,
        "order_adjustments": _from_rows(mine.adjustments),
        "return_lines": _from_rows(mine.back, but=mine.lines),
        "return_adjustments": _from_rows(mine.back_beside),
        "charges": _from_rows(mine.charges),
        **choice.row_counts,
        "collapsed": facts["collapsed"],
        "ignored": facts["ignored"],
        "rejected": plan.rejected.height,
        "remaining": choice.rows.height - choice.rows.join(inside, on="order", how="semi").height,
    }
    matched = mine.back.filter(pl.col("matched_order").is_not_null())
    orders = mine.orders.join(plan.stored, on="order", how="anti")
    money = _money(plan, mine, inside)
    return {
        "read": plan.batch.read,
        "orders": orders.height,
        "lines": mine.lines.height,
        "customers": plan.people.new.height,
        "returns": mine.returns["order"].n_unique(),
        "unchanged": len(choice.unchanged),
        "rejected": plan.rejected.height,
        "rejections": _rejections(plan.rejected),
        **money,
        "seconds": 0.0,
        "products": plan.variants.height,
        "adjustments": mine.adjustments.height + mine.back_beside.height,
        "charges": mine.charges.height,
        "return_parts": mine.returns.height,
        "return_lines": mine.back.height,
        "matched_returns": matched.height,
        "standalone_credits": mine.back.height - matched.height,
        "customers_in_several_countries": _several_countries(plan.heads),
        "guests": orders.filter(pl.col("customer_key").is_null()).height,
        "duplicates": facts["duplicates"],
        "codes_as_written": facts["codes_as_written"],
        "changed": len(choice.changed),
        "changed_documents": choice.changed[:5],
        "mended": plan.mended.height,
        "totals_differ": _totals_differ(orders),
        "remaining": plan.heads.height - inside.height,
        "rows": rows,
        "by_kind": _by_kind(mine, plan.batch.currency),
    }


def _rejections(rejected: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many rows were rejected for each reason, with the first one's words, the most frequent first."""
    by_code = rejected.group_by("code", maintain_order=True).agg(
        pl.len().alias("rows"), pl.col("reason").first().alias("example")
    )
    return by_code.sort("rows", descending=True, maintain_order=True).to_dicts()


def _several_countries(heads: pl.DataFrame) -> int:
    """Count customers whose documents name more than one place."""
    places = heads.filter(pl.col("customer_key").is_not_null()).group_by("customer_key")
    return places.agg(pl.struct("country", "region").n_unique().alias("n")).filter(pl.col("n") > 1).height


def _totals_differ(orders: pl.DataFrame) -> int:
    """Count orders whose stated total is not what their parts add up to."""
    stated = half_even(pl.col("total"), micro_per_minor())
    return orders.filter(pl.col("total").is_not_null() & (stated != pl.col("total_minor"))).height


class _Inside:
    """The plan's frames, only what lies in the window."""

    def __init__(self, plan: Plan, inside: pl.DataFrame) -> None:
        def within(frame: pl.DataFrame) -> pl.DataFrame:
            return frame.join(inside, on="order", how="semi", maintain_order="left")

        who = plan.heads.select("order", "customer_key")
        self.orders = within(plan.sales.orders.drop("customer_key", strict=False)).join(who, on="order", how="left")
        self.lines, self.adjustments = within(plan.sales.lines), within(plan.sales.adjustments)
        self.returns, self.back = within(plan.credits.returns), within(plan.credits.lines)
        self.back_beside, self.charges = within(plan.credits.adjustments), within(plan.charges)


def _from_rows(frame: pl.DataFrame, but: pl.DataFrame | None = None) -> int:
    """Count entries that are rows of the files, not amounts stated for whole documents."""
    own = frame.filter(pl.col("sequence").is_not_null())
    return own.height if but is None else own.join(but, on="sequence", how="anti").height


def _money(plan: Plan, mine: _Inside, inside: pl.DataFrame) -> dict[str, Any]:
    """Return value, exact value and rounding of the currency with the most documents, and all currencies."""
    parts = [
        mine.orders.select("currency", pl.col("total_minor")),
        mine.returns.select("currency", -pl.col("total_minor")),
        mine.charges.select("currency", pl.col("amount_minor").alias("total_minor")),
    ]
    stored = pl.concat(parts).group_by("currency").agg(pl.col("total_minor").sum())
    head = plan.heads.select("order", "currency")
    rows = plan.choice.rows.join(inside, on="order", how="semi").join(head, on="order")
    exact = rows.group_by("currency").agg(pl.col("amount").sum(), pl.len())
    values = {}
    for currency, amount, _ in exact.sort("len", "currency", descending=[True, False]).iter_rows():
        minor = int(stored.filter(pl.col("currency") == currency)["total_minor"].sum())
        rows_only = _rows_minor(mine, currency)
        values[currency] = {
            "value": str(to_decimal(minor, currency)),
            "exact_value": _decimal(amount),
            "rounding": _decimal(rows_only * 10 ** (MICRO_DIGITS - exponent(currency)) - amount),
        }
    main = next(iter(values), plan.batch.currency)
    first = values.get(main, {"value": str(to_decimal(0, main)), "exact_value": "0", "rounding": "0"})
    return {**first, "currency": main, "values": values}


def _rows_minor(mine: _Inside, currency: str) -> int:
    """Return what the rows come to after rounding each of them to minor units."""
    money = mine.orders.select("order", "currency")
    back = mine.returns.select("external_id", "currency")
    # an order returned whole stands on one row, which its sale counts
    own = mine.back.join(mine.lines, on="sequence", how="anti").drop("currency")
    return (
        int(_of(mine.lines.join(money, on="order"), currency)["gross_minor"].sum())
        + int(_of(mine.adjustments.join(money, on="order"), currency)["amount_minor"].sum())
        - int(_of(own.join(back, on="external_id"), currency)["gross_minor"].sum())
        - int(_of(mine.back_beside.join(back, on="external_id"), currency)["amount_minor"].sum())
        + int(_of(mine.charges, currency)["amount_minor"].sum())
    )


def _of(frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    own = frame.filter(pl.col("currency") == currency)
    return own.filter(pl.col("sequence").is_not_null()) if "sequence" in own.columns else own


def _decimal(micro: int) -> str:
    """Return millionths as a decimal without trailing zeros."""
    from decimal import Decimal

    return f"{Decimal(micro).scaleb(-MICRO_DIGITS).normalize():f}"


def _by_kind(mine: _Inside, currency: str) -> dict[str, dict[str, Any]]:
    """Return entries and money by where they went and what they are."""
    found: dict[str, dict[str, Any]] = {}
    for where, frame in (("order", mine.adjustments), ("return", mine.back_beside), ("charge", mine.charges)):
        grouped = frame.group_by("kind").agg(pl.len(), pl.col("amount_minor").sum()).sort("kind")
        for kind, count, minor in grouped.iter_rows():
            found[f"{where}.{kind}"] = {"count": count, "value": str(to_decimal(int(minor), currency))}
    return found
