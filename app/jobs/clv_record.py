"""Forecasts of the shop's customers kept before the fact, and held against what came when their days are over."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from oms_core.kernel.errors import DataNotReady
from oms_core.marketing import values
from segmentation import clv
from segmentation.clv.rolling import future
from segmentation.clv.scorecard import BINS, calibration_error

if TYPE_CHECKING:
    from app.workspace import Workspace
    from oms_core.marketing.value_tables import ValueForecast
    from segmentation.clv import Fit, Prediction

#: A new forecast is kept when the newest is this old: their windows overlap, more would tell little more.
EVERY_DAYS = 28
#: A shop without any kept forecast is told what would have been said on this many days of its past.
REENACTED = 3
_SAID = ("customer_id", "expected_orders", "expected_value", "p_active")


def keep(
    workspace: Workspace, fit: Fit, said: Prediction, *, lines: pl.DataFrame, horizon_days: int, actor: str
) -> int:
    """Score the forecasts that are due, and keep the new one when it is time.

    Parameters
    ----------
    lines : polars.DataFrame
        The shop's tidy transaction lines.

    Returns
    -------
    int
        Forecasts scored.
    """
    days = clv.purchase_days(lines, fit.until)
    with workspace.reading() as session:
        newest = values.newest_value_forecast(session, horizon_days=horizon_days)
    new = [] if newest else _reenacted(workspace, lines, days, fit.until, horizon_days)
    if newest is None or (fit.until - newest).days >= EVERY_DAYS:
        new.append(_record(workspace, fit, said, horizon_days, is_reenacted=False))
    with workspace.transaction() as session:
        for one in new:
            values.store_value_forecast(session, one, actor=actor)
        due = values.due_value_forecasts(session, last_day=fit.until)
        for row in due:
            values.score_value_forecast(session, row, _came(row, days), actor=actor)
        return len(due)


def _reenacted(
    workspace: Workspace, lines: pl.DataFrame, days: pl.DataFrame, until: date, horizon_days: int
) -> list[values.NewValueForecast]:
    """Return what would have been said on past days, from what was known then."""
    found = []
    for cutoff in clv.backtest.cutoffs(days, until, horizon_days=horizon_days, most=REENACTED):
        try:
            fit = clv.fit(lines, until=cutoff, horizon_days=horizon_days)
        except DataNotReady:
            continue
        said = clv.predict(fit, horizon_days)
        found.append(_record(workspace, fit, said, horizon_days, is_reenacted=True))
    return found


def _record(
    workspace: Workspace, fit: Fit, said: Prediction, horizon_days: int, *, is_reenacted: bool
) -> values.NewValueForecast:
    kept = BytesIO()
    said.customers.select(_SAID).write_parquet(kept)
    return values.NewValueForecast(
        made_on=fit.until, horizon_days=horizon_days, model=said.model, boundary=fit.fitted.boundary,
        customers=said.customers.height, orders=said.orders.mean, orders_low=float(said.orders.lo_90),
        orders_high=float(said.orders.hi_90), currency=workspace.shop.currency, value=said.value.mean,
        value_low=float(said.value.lo_90), value_high=float(said.value.hi_90), said=kept.getvalue(),
        is_reenacted=is_reenacted,
    )  # fmt: skip


def _came(row: ValueForecast, days: pl.DataFrame) -> values.CameTrue:
    """Hold one forecast against the orders of its customers in its days."""
    said = pl.read_parquet(BytesIO(row.said or b""))
    then = future(days, row.made_on, row.horizon_days)
    both = said.join(then, on="customer_id", how="left").with_columns(pl.col("orders", "value").fill_null(0))
    chance, orders = both["p_active"].to_numpy(), both["orders"].to_numpy().astype(float)
    return values.CameTrue(
        orders_came=int(orders.sum()),
        value_came=float(both["value"].sum()),
        mae=float(np.abs(both["expected_orders"].to_numpy() - orders).mean()),
        ece=calibration_error(chance, orders > 0),
        reliability=reliability(chance, orders > 0),
    )


def reliability(chance: np.ndarray, came: np.ndarray, bins: int = BINS) -> list[dict[str, Any]]:
    """Return ``said, seen, customers`` by tenths of the chance of an order; empty tenths are left away."""
    where = np.minimum((chance * bins).astype(int), bins - 1)
    rows = []
    for tenth in range(bins):
        inside = where == tenth
        if inside.any():
            said, seen = float(chance[inside].mean()), float(came[inside].mean())
            rows.append({"said": round(said, 4), "seen": round(seen, 4), "customers": int(inside.sum())})
    return rows


def said_and_came(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the kept forecasts, newest first, with the last of their days."""
    with workspace.reading() as session:
        rows = values.value_forecasts(session)
    return [row | {"until": row["made_on"] + timedelta(days=row["horizon_days"])} for row in rows]
