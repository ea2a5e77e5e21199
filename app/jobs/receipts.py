"""What a suggested quantity rests on, so that it can be worked out again by hand: kept with the order, and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from forecasting.regret import regret_curve
from oms_core.kernel.money import to_decimal

#: How a quantity was rounded, in words.
ROUNDING = {
    "nothing": "as needed", "packs": "up to whole packs", "minimum": "up to the supplier's minimum, in whole packs",
}  # fmt: skip
#: What a line of a new SKU says of its forecast: days of its own, look-alikes and what they weigh.
LAUNCH: dict[str, Any] = {"own_days": pl.Int64, "like_weight": pl.Float64, "look_alikes": pl.List(pl.String)}
#: Numbers of a line that are kept with the purchase order, so that the decision can be judged later.
RECEIPT = (
    "rate", "demand_lead", "demand_cover", "demand_protected", "safety", "spread", "measure", "target", "available",
    "incoming", "late_qty", "drafted", "position", "reorder_point", "up_to", "raw_qty", "rounding_qty", "rounding",
    "order_qty", "pack_qty", "moq_qty", "lead_time_days", "review_days", "cover_days", "shelf_life_days", "price_minor",
    "unit_cost_minor", "p_stock_out", "sells_out_on", "last_order_on", "urgency", "stated_days", "seen_deliveries",
    "seen_days", "seen_sd_days", *LAUNCH,
)  # fmt: skip


def decided(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return the steps from demand to the order, the service aimed at, and what a pack more or less would cost.

    The order is worked out again so: when ``position < reorder_point`` it is ``up_to - position``, rounded up to a
    unit, then to the minimum and to whole packs; else nothing. ``reorder_point`` is ``demand_protected + safety``,
    ``up_to`` is ``demand_lead + demand_cover + safety``, ``position`` is available, inbound and drafted.
    """
    return {
        "late": line["late_qty"], "position": line["position"], "demand_protected": round(line["demand_protected"], 2),
        "reorder_point": round(line["reorder_point"], 2), "up_to": round(line["up_to"], 2),
        "rounding_policy": ROUNDING[line["rounding"]],
        "service": {"measure": line["measure"], "target": line["target"]},
        "launch": {name: line.get(name) for name in LAUNCH} if line.get("own_days") is not None else None,
        "regret": [_priced(row, currency) for row in regret_curve(line)],
    }  # fmt: skip


def launched(lines: pl.DataFrame, scores: Mapping[str, Any]) -> pl.DataFrame:
    """Return the lines with what the stored forecast says of new SKUs; empty for all others."""
    rows = [
        (sku, of["own_days"], of["weight"], of["look_alikes"]) for sku, of in (scores.get("launches") or {}).items()
    ]
    told = pl.DataFrame(rows, schema={"sku": pl.String, **LAUNCH}, orient="row")
    return lines.join(told, on="sku", how="left", maintain_order="left")


def _priced(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return a point of the regret curve with money as decimals."""
    return {
        **{key: row[key] for key in ("quantity", "short", "left")},
        "cost": to_decimal(int(row["cost_minor"]), currency), "regret": to_decimal(int(row["regret_minor"]), currency),
    }  # fmt: skip
