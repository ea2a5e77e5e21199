"""Numbers: the registry, and answers to metric × dimension × period × filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from app.api.asking import Asking
from app.api.forms import Code, Day, LongText
from app.api.models import knowing as m
from app.api.operations import Operations
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    import polars as pl

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
    compare: Annotated[str | None, Query(pattern="^(previous|year)$")] = None,
    top: Annotated[
        int | None, Query(ge=1, le=100_000, description="Keep the largest rows; adds rank and share.")
    ] = None,
) -> dict[str, Any]:
    """Answer metrics over a period of business dates, split by dimensions."""
    from app.jobs.numbers import ask

    asking.doors.replica()
    frame = ask(asking.doors.workspace, metric, by, since=since, until=until, where=where, compare=compare)
    if top is not None:
        from analytics.ranking import ranked

        frame = ranked(frame, metric, top)
    rows = _rows(frame, metric, asking.shop.currency)
    return {"rows": rows, "metrics": metric, "by": by, "since": since, "until": until}


def _rows(frame: pl.DataFrame, slugs: list[str], currency: str) -> list[dict[str, Any]]:
    """Turn money into decimal text and put the currency beside it."""
    from analytics.metrics import metric

    money = [slug + end for slug in slugs if metric(slug).unit == "money" for end in ("", "_previous")]
    rows = frame.to_dicts()
    for row in rows:
        own = row.get("currency") or currency
        row |= {column: to_decimal(row[column], own) for column in money if row.get(column) is not None}
        if money:
            row["currency"] = own
    return rows
