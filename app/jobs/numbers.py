"""Metrics with what other rooms know: the groups of customers that `segment` splits by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.ask import ask as ask_registry
from app.jobs.currencies import into
from app.jobs.engines import answering

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from app.workspace import Workspace


def ask(
    workspace: Workspace,
    slugs: Sequence[str],
    by: Sequence[str] = (),
    *,
    where: str | None = None,
    engine: str = "duckdb",
    currency: str | None = None,
    **more: Any,
) -> pl.DataFrame:
    """Answer metrics as `analytics.ask.ask` does; `segment` is each customer's RFM group of today.

    Parameters
    ----------
    engine : {"duckdb", "spark"}
        Who reckons; see `app.jobs.engines.answering`. The rows are the same.
    currency : str, optional
        Money in this currency, at the rates of the orders' days.
    """
    groups = segments(workspace) if "segment" in by or (where and "segment" in where) else None
    target = into(workspace, currency) if currency else None
    with answering(workspace, engine) as reader:
        return ask_registry(reader, workspace.shop, slugs, by, where=where, segments=groups, target=target, **more)


def rows_of(frame: pl.DataFrame, slugs: Sequence[str], currency: str, reported_in: str = "") -> list[dict[str, Any]]:
    """Return an answer's rows with money as decimals and its currency beside it.

    Parameters
    ----------
    currency : str
        Of rows that name none.
    reported_in : str, optional
        The one currency everything was converted into; it has a column of its own.
    """
    from analytics.metrics import metric
    from oms_core.kernel.money import to_decimal

    asked = dict.fromkeys(slugs)
    money = [slug + end for slug in asked if metric(slug).unit == "money" for end in ("", "_previous")]
    rows: list[dict[str, Any]] = frame.to_dicts()
    for row in rows:
        own = reported_in or row.get("currency") or currency
        row |= {column: to_decimal(row[column], own) for column in money if row.get(column) is not None}
        if money:
            row["report_currency" if reported_in else "currency"] = own
    return rows


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
