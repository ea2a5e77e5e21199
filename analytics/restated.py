"""Why did March change? A report as it was known at two instants, and every order that moved it between them.

Both reports are asked by order, as they were known; where they differ the order moved the number. Sales metrics are
asked by what happened as well, so that an order which was edited *and* returned has a row for each, to the minor
unit; other metrics name everything that happened to the order between the two instants.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from analytics.ask import ask
from analytics.frames import query
from analytics.metrics import base, metric
from analytics.past import check
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import polars as pl

    from analytics.replica import Replica
    from oms_core.kernel.settings import Shop

#: What happened to a sale, to why a report changed. Amounts of an order that came late are late, whatever they are.
_WHY = {"sale": "edited", "edit": "edited", "cancellation": "cancelled", "return": "returned", "amount": "edited"}


def restated(
    replica: Replica,
    shop: Shop,
    slugs: Sequence[str],
    *,
    before: datetime,
    after: datetime | None = None,
    since: date | None = None,
    until: date | None = None,
    where: str | None = None,
) -> pl.DataFrame:
    """Return which orders moved a report between two instants, by how much, and why.

    Parameters
    ----------
    slugs : sequence of str
        Metrics that add up over orders.
    before, after : datetime
        Aware instants; `after` is now when left out.
    since, until, where
        The report's period and filter, as for `ask`.

    Returns
    -------
    polars.DataFrame
        ``metric, order`` (None for what belongs to none), ``currency``, ``why`` (``late_arrival, placed, edited,
        cancelled, returned, refunded, paid, shipped, delivered, claimed``, several joined by ``+``, ``changed`` when
        none of them), ``at`` (when it last happened), ``before, after, change`` in the metric's unit. The changes of
        a metric add up to the change of the report. Largest change first, metric by metric.

    Raises
    ------
    Refused
        ``metric.not_restatable``: a metric that does not add up over orders, or has no past.
    InvalidInput
        `before` is not before `after`.
    """
    import polars as pl

    end = after or clock.now()
    if before >= end:
        raise InvalidInput("and", end.isoformat(), f"it must lie after {before.isoformat()}")
    facts = _facts(replica, before, end)
    frames = []
    for slug in dict.fromkeys(slugs):
        by = _by(slug)
        asked = [
            ask(replica, shop, [slug], by, since=since, until=until, where=where, as_of=instant)
            for instant in (before, end)
        ]
        frames.append(_moved(slug, asked[0], asked[1], facts))
    if not frames:
        raise InvalidInput("metric", "", "at least one metric was expected", "List them: ordersight metrics list")
    return pl.concat(frames, how="diagonal")


def _by(slug: str) -> list[str]:
    """Return the dimensions a metric is followed by; refuse those that do not add up over orders."""
    wanted = metric(slug)
    check([wanted], [])
    parts = [metric(part) for part in base(slug)]
    if wanted.clock == "snapshot" or not all(m.additive for m in (wanted, *parts)) or wanted.over:
        hint = f"Ask what it is made of: {', '.join(p.slug for p in parts)}." if len(parts) > 1 else "Ask a sum."
        raise Refused(
            "metric.not_restatable",
            f"{slug} does not add up over orders, so no order moved it by an amount of its own.",
            hint,
            metric=slug,
        )
    return ["order", "happening"] if all(p.measures[0].mart == "fct_sales" for p in parts) else ["order"]


def _facts(replica: Replica, before: datetime, after: datetime) -> pl.DataFrame:
    def naive(instant: datetime) -> datetime:
        return instant.astimezone(UTC).replace(tzinfo=None)

    return replica.frame(query("frames/order_facts"), {"after": naive(before), "until": naive(after)})


def _moved(slug: str, before: pl.DataFrame, after: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one metric whose values differ, with their reasons."""
    import polars as pl

    keys = [name for name in before.columns if name != slug]
    both = before.rename({slug: "before"}).join(
        after.rename({slug: "after"}), on=keys, how="full", nulls_equal=True, coalesce=True
    )
    both = both.with_columns(pl.col("before", "after").fill_null(0)).filter(pl.col("before") != pl.col("after"))
    happened: dict[str, dict[str, datetime]] = {}
    for row in facts.to_dicts():
        happened.setdefault(row["order"], {})[row["why"]] = row["happened_at"].replace(tzinfo=UTC)
    rows = [row | _reason(row, happened.get(row["order"], {})) for row in both.to_dicts()]
    schema: dict[str, Any] = {"order": pl.String, "currency": pl.String, "why": pl.String,
                              "at": pl.Datetime("us", "UTC"), "before": pl.Int64, "after": pl.Int64}  # fmt: skip
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    summed = frame.group_by("order", "currency", "why", maintain_order=True).agg(
        pl.col("at").max(), pl.col("before", "after").sum()
    )
    changed = summed.with_columns(pl.lit(slug).alias("metric"), (pl.col("after") - pl.col("before")).alias("change"))
    changed = changed.filter(pl.col("change") != 0)
    order = changed.sort(pl.col("change").abs(), "order", "why", descending=[True, False, False], nulls_last=True)
    return order.select("metric", "order", "currency", "why", "at", "before", "after", "change")


def _reason(row: dict[str, Any], happened: dict[str, datetime]) -> dict[str, Any]:
    """Return why one row differs: by what happened to the sale, or everything that happened to its order."""
    late = next((why for why in ("late_arrival", "placed") if why in happened), "")
    kind = row.get("happening")
    if kind is not None:
        why = late if late and kind in ("sale", "amount") else _WHY[kind]
        return {"why": why, "at": happened.get(why)}
    if late:
        return {"why": late, "at": happened[late]}
    if not happened:
        return {"why": "changed", "at": None}
    return {"why": "+".join(sorted(happened)), "at": max(happened.values())}
