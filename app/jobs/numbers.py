"""Metrics with what other rooms know: the groups of customers that `segment` splits by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.ask import ask as ask_registry
from app.jobs.engines import answering

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from app.workspace import Workspace

#: The first day anything is dated on, and every currency an amount may be in.
_BASES = (
    "SELECT MIN(d), LIST(DISTINCT currency) FROM ("
    "SELECT business_date AS d, currency FROM raw.orders UNION ALL SELECT business_date, currency FROM raw.returns"
    " UNION ALL SELECT business_date, currency FROM raw.charges"
    " UNION ALL SELECT business_date, currency FROM raw.payments"
    " UNION ALL SELECT CAST(shipped_at AS DATE), currency FROM raw.shipments"
    " UNION ALL SELECT CAST(sent_at AS DATE), currency FROM raw.purchase_orders WHERE sent_at IS NOT NULL"
    " UNION ALL SELECT issued_on, currency FROM raw.supplier_invoices) AS amounts"
)


def ask(
    workspace: Workspace,
    slugs: Sequence[str],
    by: Sequence[str] = (),
    *,
    where: str | None = None,
    engine: str = "duckdb",
    **more: Any,
) -> pl.DataFrame:
    """Answer metrics as `analytics.ask.ask` does; `segment` is each customer's RFM group of today.

    Parameters
    ----------
    engine : {"duckdb", "spark"}
        Who reckons; see `app.jobs.engines.answering`. The rows are the same.
    """
    groups = segments(workspace) if "segment" in by or (where and "segment" in where) else None
    with answering(workspace, engine) as reader:
        return ask_registry(reader, workspace.shop, slugs, by, where=where, segments=groups, **more)


def explain(
    workspace: Workspace, slug: str, by: Sequence[str] = ("sku",), *, compare: str = "previous", **more: Any
) -> pl.DataFrame:
    """Explain the change of sales between two periods, item by item, as `analytics.explain.explained` does.

    Raises
    ------
    Refused, InvalidInput
        As `analytics.explain.asked` and `ask` do.
    """
    from analytics.explain import asked, explained

    return explained(ask(workspace, asked(slug, by), by, compare=compare, **more), slug)


def restated(workspace: Workspace, slugs: Sequence[str], **asked: Any) -> list[dict[str, Any]]:
    """Return the orders that moved a report as `analytics.restated.restated` does; money as decimals with currency."""
    from analytics.metrics import metric
    from analytics.restated import restated as between
    from oms_core.kernel.money import to_decimal

    rows = between(workspace.replica, workspace.shop, slugs, **asked).to_dicts()
    for row in rows:
        own = row["currency"] or workspace.shop.currency
        is_money = metric(row["metric"]).unit == "money"
        row["currency"] = own if is_money else None
        if is_money:
            row |= {name: to_decimal(row[name], own) for name in ("before", "after", "change")}
    return rows


def cohorts(workspace: Workspace, **asked: Any) -> pl.DataFrame:
    """Return cohorts of customers as `analytics.cohorts.cohorts` does, up to the shop's today."""
    from analytics.cohorts import cohorts as follow
    from oms_core.kernel import clock

    today = clock.business_date(clock.now(), workspace.shop.zone)
    return follow(workspace.replica, today=today, **asked)


def segments(workspace: Workspace) -> pl.DataFrame:
    """Return ``customer_id, segment``: the RFM group of every customer."""
    from app.jobs.segments import facts

    return facts(workspace).customers.select("customer_id", segment="rfm_group")
