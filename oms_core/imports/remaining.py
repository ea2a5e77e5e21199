"""Documents outside the window as plain objects, for whoever carries them out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl

from oms_core.imports.documents import (
    AdjustmentDocument,
    ChargeDocument,
    Documents,
    LineDocument,
    OrderDocument,
    ReturnDocument,
    ReturnLineDocument,
)
from oms_core.imports.master import Keys
from oms_core.imports.plan import Plan

_SHIP = {"name": "ship_name", "street": "ship_line1", "city": "ship_city", "region": "ship_region"}


def remaining(plan: Plan, keys: Keys) -> Documents:
    """Return the plan's documents that lie outside the window, in time order."""
    outside = plan.heads.filter(~pl.col("is_inside")).select("order")
    if outside.is_empty():
        return Documents()

    def rest(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(outside, on="order", how="semi", maintain_order="left")

    who = keys.people.rename({"customer_id": "who"})
    head = plan.heads.select("order", "business_date")
    goods = rest(plan.sales.lines).join(keys.variants, on="sku", how="left", maintain_order="left")
    orders = rest(plan.sales.orders).join(who, on="order", how="left")
    back = rest(plan.credits.lines).join(keys.variants, on="sku", how="left", maintain_order="left")
    sold = plan.sales.lines.select(pl.col("sequence").alias("sold_sequence"), pl.col("position").alias("new_position"))
    back = back.join(sold, on="sold_sequence", how="left", maintain_order="left")
    lines, beside = _grouped(goods, "order"), _grouped(rest(plan.sales.adjustments), "order")
    back_lines, back_beside = _grouped(back, "external_id"), _grouped(rest(plan.credits.adjustments), "external_id")
    charges = rest(plan.charges).join(who, on="order", how="left").join(head, on="order", how="left")
    return Documents(
        orders=[_order(r, lines[r["order"]], beside[r["order"]]) for r in _timed(orders)],
        returns=[
            _return(r, back_lines[r["external_id"]], back_beside[r["external_id"]])
            for r in _timed(rest(plan.credits.returns).join(who, on="order", how="left"))
        ],
        charges=[_charge(r) for r in _timed(charges)],
    )


def _timed(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.sort("at", maintain_order=True).to_dicts()


def _grouped(frame: pl.DataFrame, key: str) -> defaultdict[str, list[dict[str, Any]]]:
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        groups[row[key]].append(row)
    return groups


def _adjustments(rows: list[dict[str, Any]]) -> tuple[AdjustmentDocument, ...]:
    return tuple(
        AdjustmentDocument(
            kind=r["kind"],
            code=r["code"],
            title=r["title"] or "",
            quantity=r["quantity"],
            amount_minor=r["amount_minor"],
        )
        for r in rows
    )


def _order(row: dict[str, Any], lines: list[dict[str, Any]], beside: list[dict[str, Any]]) -> OrderDocument:
    names = (
        "row",
        "position",
        "variant_id",
        "sku",
        "quantity",
        "unit_price_minor",
        "rounding_minor",
        "gross_minor",
        "discount_minor",
        "tax_minor",
    )
    made = (
        LineDocument(title=r["title"] or "", **{("row_number" if n == "row" else n): r[n] for n in names})
        for r in lines
    )
    return OrderDocument(
        external_id=row["order"],
        number=row["order"],
        channel=row["channel"],
        placed_at=row["at"],
        business_date=row["business_date"],
        customer_id=row["who"],
        email=row["email"],
        currency=row["currency"],
        **{ours: row[theirs] or "" for theirs, ours in _SHIP.items()},
        ship_postal_code=row["postal_code"] or "",
        ship_country=row["country"],
        total_minor=row["total_minor"],
        lines=tuple(made),
        adjustments=_adjustments(beside),
    )


def _return(row: dict[str, Any], lines: list[dict[str, Any]], beside: list[dict[str, Any]]) -> ReturnDocument:
    made = tuple(
        ReturnLineDocument(
            row_number=r["row"],
            variant_id=r["variant_id"],
            sku=r["sku"],
            title=r["title"] or "",
            quantity=r["quantity"],
            amount_minor=r["amount_minor"],
            order_external_id=r["matched_order"],
            order_position=r["sold_position"] or r["new_position"],
        )
        for r in lines
    )
    channel = next((r["sold_channel"] for r in lines if r["sold_channel"]), row["channel"])
    return ReturnDocument(
        external_id=row["external_id"],
        channel=channel,
        at=row["at"],
        business_date=row["business_date"],
        customer_id=row["who"],
        currency=row["currency"],
        ship_country=row["country"],
        order_external_id=row["matched_order"],
        total_minor=row["total_minor"],
        lines=made,
        adjustments=_adjustments(beside),
    )


def _charge(row: dict[str, Any]) -> ChargeDocument:
    names = ("external_id", "kind", "channel", "code", "quantity", "amount_minor", "currency", "at", "business_date")
    return ChargeDocument(customer_id=row["who"], title=row["title"] or "", **{n: row[n] for n in names})
