"""Customer value of the shop's own customers: fit on its orders, store the scores before the fact."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics import frames
from app.jobs import clv_record
from oms_core.kernel import clock
from oms_core.kernel.money import exponent
from oms_core.marketing.commands import NewScore, store_scores
from segmentation import clv

if TYPE_CHECKING:
    from app.workspace import Workspace

#: Stored scores look this far ahead; `YEAR_DAYS` is what ``clv_12m`` means.
HORIZON_DAYS, YEAR_DAYS = 90, 365
#: What ``p_active_30d`` means.
MONTH_DAYS = 30


def transactions(workspace: Workspace) -> pl.DataFrame:
    """Return the shop's orders as tidy transaction lines, in the shop's currency and major units."""
    orders = frames.customer_orders(workspace.replica)
    units = 10 ** exponent(workspace.shop.currency)
    own = orders.filter(pl.col("currency") == workspace.shop.currency)
    return clv.tidy(
        own.select(
            "customer_id", pl.col("business_date").alias("date"), (pl.col("amount_minor") / units).alias("amount")
        )
    )


def score_customers(
    workspace: Workspace, *, horizon_days: int = HORIZON_DAYS, model: str = clv.AUTO, actor: str = "cli"
) -> dict[str, Any]:
    """Fit on the shop's own orders to yesterday, store every customer's score, and judge what was said before.

    Returns
    -------
    dict
        ``model, customers, horizon_days, total_orders, total_value`` with 90 % intervals, ``seconds``.

    Raises
    ------
    DataNotReady
        ``clv.too_little_data`` below the gate; nothing is stored then.
    """
    begun = time.perf_counter()
    workspace.replica.refresh()
    until = clock.business_date(clock.now(), workspace.shop.zone) - timedelta(days=1)
    lines = transactions(workspace)
    fitted = clv.fit(lines, until=until, model=model, horizon_days=horizon_days)
    soon, year = clv.predict(fitted, horizon_days), clv.predict(fitted, YEAR_DAYS)
    month = clv.predict(fitted, MONTH_DAYS)
    with workspace.transaction() as session:
        stored = store_scores(
            session, model=soon.model, horizon_days=horizon_days, scores=_rows(soon, year, month), actor=actor
        )
    judged = 0
    if model == clv.AUTO:
        judged = clv_record.keep(workspace, fitted, soon, lines=lines, horizon_days=horizon_days, actor=actor)
    return {
        "model": soon.model,
        "customers": stored,
        "until": until.isoformat(),
        "horizon_days": horizon_days,
        "boundary": fitted.fitted.boundary or None,
        "forecasts_judged": judged,
        "total_orders": round(soon.orders.mean, 2),
        "total_orders_lo_90": round(soon.orders.lo_90, 2),
        "total_orders_hi_90": round(soon.orders.hi_90, 2),
        "total_value": round(soon.value.mean, 2),
        "total_value_lo_90": round(soon.value.lo_90, 2),
        "total_value_hi_90": round(soon.value.hi_90, 2),
        "currency": workspace.shop.currency,
        "seconds": round(time.perf_counter() - begun, 3),
    }


def _rows(soon: clv.Prediction, year: clv.Prediction, month: clv.Prediction) -> list[NewScore]:
    columns = ("customer_id", "expected_orders", "expected_value", "value_lo_90", "value_hi_90", "p_active", "p_alive")
    more = pl.DataFrame(
        {
            "expected_value_12m": year.customers.get_column("expected_value"),
            "p_active_30d": month.customers.get_column("p_active"),
            "next_order_on": soon.customers.get_column("next_order_date"),
        }
    )
    rows = zip(soon.customers.select(columns).iter_rows(named=True), more.iter_rows(named=True), strict=True)
    return [NewScore(**{**row, "customer_id": int(row["customer_id"])}, **further) for row, further in rows]
