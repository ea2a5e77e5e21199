"""Numbers: the registry, and answers to metric × dimension × period × filter."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from app.api.asking import Asking
from app.api.forms import Code, Day, LongText
from app.api.models import knowing as m
from app.api.operations import Operations
from oms_core.kernel.money import to_decimal

operations = Operations("metrics")
Slugs = Annotated[
    list[Code], Query(min_length=1, max_length=20, description="Slug of a metric; give it again for more.")
]
By = Annotated[list[Code], Query(max_length=6, description="Dimension: month, channel, country, sku …")]


@operations.read("/metrics", answers=m.Metrics, example={"items": [m.METRIC]}, sessionless=True)
def registry(_asking: Asking) -> dict[str, Any]:
    """List every number the shop has, with its definition."""
    from analytics.metrics import METRICS, splits

    return {
        "items": [
            {
                "slug": x.slug, "label": x.label, "unit": x.unit, "clock": x.clock, "definition": x.help,
                "version": x.version, "dimensions": list(splits(x.slug)),
            }
            for x in METRICS
        ]
    }  # fmt: skip


@operations.read("/metrics/query", answers=m.Numbers, example=m.NUMBERS, sessionless=True)
def query(
    asking: Asking,
    metric: Slugs,
    *,
    by: By = [],  # noqa: B006 - read only; the framework copies it
    since: Annotated[Day | None, Query(description="First business date.")] = None,
    until: Annotated[Day | None, Query(description="The business date after the last.")] = None,
    where: Annotated[LongText | None, Query(description="Filter in the expression language.")] = None,
    compare: Annotated[str | None, Query(pattern="^(previous|year|weekdays)$")] = None,
    top: Annotated[
        int | None, Query(ge=1, le=100_000, description="Keep the largest rows; adds rank and share.")
    ] = None,
    as_of: Annotated[
        str | None, Query(max_length=40, description="As it was known at an instant; a day means its end.")
    ] = None,
    currency: Annotated[
        str | None, Query(pattern="^[A-Za-z]{3}$", description="Money in this one, at each order's day's rate.")
    ] = None,
) -> dict[str, Any]:
    """Answer metrics over a period of business dates, split by dimensions."""
    from analytics.past import instant
    from app.jobs.numbers import ask, rows_of

    known = instant(as_of, asking.shop.zone) if as_of else None
    asking.doors.replica()
    frame = ask(asking.doors.workspace, metric, by, since=since, until=until, where=where, compare=compare,
                as_of=known, currency=currency)  # fmt: skip
    if top is not None:
        from analytics.ranking import ranked

        frame = ranked(frame, metric, top)
    rows = rows_of(frame, metric, asking.shop.currency, (currency or "").upper())
    return {"rows": rows, "metrics": metric, "by": by, "since": since, "until": until}


@operations.read("/metrics/restated", answers=m.Restated, example=m.RESTATED, sessionless=True)
def restated(
    asking: Asking,
    metric: Slugs,
    as_of: Annotated[str, Query(max_length=40, description="The report as known then; a day means its end.")],
    *,
    against: Annotated[str | None, Query(max_length=40, description="And as known then; now when left out.")] = None,
    since: Annotated[Day | None, Query(description="First business date.")] = None,
    until: Annotated[Day | None, Query(description="The business date after the last.")] = None,
    where: Annotated[LongText | None, Query(description="Filter in the expression language.")] = None,
) -> dict[str, Any]:
    """List the orders that moved a report between two instants, by how much, and why."""
    from analytics.past import instant
    from app.jobs.numbers import restated as between

    zone = asking.shop.zone
    before, after = instant(as_of, zone), instant(against, zone) if against else None
    asking.doors.replica()
    rows = between(asking.doors.workspace, metric, before=before, after=after, since=since, until=until, where=where)
    return {"rows": rows, "metrics": metric}


@operations.read("/metrics/cohorts", answers=m.Numbers, example=m.COHORTS, sessionless=True)
def cohorts(
    asking: Asking,
    *,
    since: Annotated[Day | None, Query(description="First month of the first cohort.")] = None,
    until: Annotated[Day | None, Query(description="Cohorts that begin before this day.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Only amounts of this currency.")] = None,
) -> dict[str, Any]:
    """Follow customers by the month of their first order: a row a cohort and month since."""
    from app.jobs.numbers import cohorts as follow

    asking.doors.replica()
    rows = follow(asking.doors.workspace, since=since, until=until, currency=currency).to_dicts()
    for row in rows:
        own = row["currency"]
        row |= {f"{name}": to_decimal(row.pop(f"{name}_minor"), own) for name in ("net", "margin", "net_so_far")}
    return {"rows": rows}


@operations.read("/metrics/basket", answers=m.Numbers, example=m.BASKET, sessionless=True)
def basket(
    asking: Asking,
    since: Annotated[Day, Query(description="First business date.")],
    until: Annotated[Day, Query(description="The business date after the last.")],
    *,
    sku: Annotated[Code | None, Query(description="Only pairs with this product.")] = None,
    every: Annotated[bool, Query(description="Also pairs that may be chance.")] = False,
    top: Annotated[int, Query(ge=1, le=10_000, description="How many pairs.")] = 100,
) -> dict[str, Any]:
    """List products bought together more often than by chance, the furthest above it first."""
    from analytics.baskets import baskets
    from analytics.periods import period

    asked = period(since, until)
    asking.doors.replica()
    found = baskets(asking.doors.workspace.replica, since=asked.since, until=asked.until, sku=sku)
    kept = found if every else found.filter(found["is_significant"])
    return {"rows": kept.head(top).to_dicts()}


@operations.read("/metrics/reports/{name}", answers=m.Numbers, example=m.READY, sessionless=True)
def ready_report(
    asking: Asking,
    name: Annotated[Code, Path(description="sold_out, overstock, suppliers, delivery or demand.")],
    *,
    since: Annotated[Day | None, Query(description="First business date, of reports over a period.")] = None,
    until: Annotated[Day | None, Query(description="The business date after the last.")] = None,
    where: Annotated[LongText | None, Query(description="Filter in the expression language.")] = None,
    top: Annotated[int | None, Query(ge=1, le=100_000, description="How many rows.")] = None,
) -> dict[str, Any]:
    """Answer a ready report: what is sold out, what is too much, suppliers, carriers, kinds of demand."""
    from app.jobs.standing import rows

    asking.doors.replica()
    return {"rows": rows(asking.doors.workspace, name, since=since, until=until, where=where, top=top)}
