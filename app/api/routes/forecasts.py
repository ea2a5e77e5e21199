"""Forecasts: what the newest stored run said, before the fact."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code
from app.api.models import knowing as m
from app.api.operations import Operations
from oms_core.inventory.queries import variant_of
from oms_core.planning.queries import forecasts, latest_run

operations = Operations("planning", tag="forecasts")


@operations.read("/forecasts", answers=m.Forecast, example=m.FORECAST)
def latest(
    asking: Asking,
    sku: Annotated[Code, Query(description="SKU of the variant.")],
    kind: Annotated[
        str, Query(pattern="^(day|sum)$", description="Single days, or sums over the first n days.")
    ] = "day",
) -> dict[str, Any]:
    """Show the newest forecast of a SKU: mean and quantiles, units."""
    variant, run = variant_of(asking.session, sku), latest_run(asking.session)
    rows = forecasts(asking.session, run["id"], kind=kind, variant_ids=[variant.id])
    days = [
        {
            "number": row["day_number"],
            "date": run["cutoff_on"] + timedelta(days=row["day_number"]),
            "mean": row["mean"],
            "quantiles": row["quantiles"],
        }
        for row in rows
    ]
    head = {key: run[key] for key in ("at", "cutoff_on", "engine")}
    return {"run": run["id"], **head, "sku": variant.sku, "kind": kind, "days": days}
