"""The registry, queries, and refresh of the replica."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import patterns, standing
from app.cli.door import Door, command

if TYPE_CHECKING:
    from analytics.ticks import Tick

#: Seconds between two looks at the change log with --follow.
POLL_SECONDS = 0.2

By = Annotated[list[str] | None, typer.Option("--by", help="Split by this dimension; may be given more than once.")]
Since = Annotated[str | None, typer.Option(help="First day, in the shop's zone (2024-01-31).")]
Until = Annotated[str | None, typer.Option(help="Day after the last one, in the shop's zone.")]
Where = Annotated[str | None, typer.Option(help="Filter on dimensions, such as \"country = 'DE'\".")]
Compare = Annotated[
    str | None, typer.Option(help="previous, year or weekdays: the period before, a year ago, 52 weeks ago.")
]
Top = Annotated[
    int | None, typer.Option(help="Keep the largest rows by the first metric; adds each row's rank and share.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Numbers as they were known at an instant (2024-01-31T18:00) or at a day's end."),
]
Engine = Annotated[str, typer.Option(help="duckdb, or spark: the same rows from a Spark cluster (extra spark).")]
Follow = Annotated[bool, typer.Option("--follow", help="Keep following until interrupted.")]
Prune = Annotated[
    bool,
    typer.Option(
        "--prune", help="Then delete the change log up to here; replicas that lag behind will load everything anew."
    ),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    command(app, "refresh", help="Bring the replica up to date with the shop.")(refresh)
    group = typer.Typer(help="Numbers: what they mean, and what they are.", no_args_is_help=True)
    app.add_typer(group, name="metrics")
    command(group, "list", help="List every metric with its definition.")(list_metrics)
    command(group, "query", help="Ask metrics over a period, split by dimensions.")(query)
    command(group, "explain", help="Explain a change of sales by price, volume and mix.")(explain)
    patterns.register(group)
    standing.register(group)
    command(group, "restated", help="List the orders that moved a report between two instants, and why.")(restated)


def refresh(door: Door, *, follow: Follow = False, prune: Prune = False) -> dict[str, Any]:
    """Refresh once, or until interrupted; the file is free for others between two looks."""
    from analytics.ticks import REASONS

    workspace = door.workspace()
    tick = workspace.replica.refresh()
    try:
        while follow:
            _say(door, tick)
            workspace.replica.release()
            while not workspace.replica.has_news():
                time.sleep(POLL_SECONDS)
            tick = workspace.replica.refresh()
    except KeyboardInterrupt:
        door.say("stopped")
    result: dict[str, Any] = {"watermark": tick.watermark, "rows": tick.rows, "lag_ms": tick.lag_ms, "full": tick.full}
    if tick.why:
        result["why"] = REASONS[tick.why]
    if prune:
        from analytics.pruning import prune as delete

        with workspace.transaction() as session:
            result["pruned"] = delete(session, tick.watermark)
    return result


def _say(door: Door, tick: Tick) -> None:
    door.say(f"{'full load' if tick.full else 'tick'}: {tick.rows} rows, watermark {tick.watermark}, {tick.lag_ms} ms")


def list_metrics(door: Door) -> list[dict[str, Any]]:
    """List the registry; needs no shop. A table for people leaves out what programs want."""
    from analytics.metrics import METRICS, splits

    listed = [
        {"slug": m.slug, "label": m.label, "unit": m.unit, "clock": m.clock, "definition": m.help, "version": m.version}
        for m in METRICS
    ]
    if door.format == "table":
        return listed
    more = [
        {
            "grain": m.grain,
            "good": m.good,
            "additive": m.additive,
            "dimensions": ", ".join(splits(m.slug)),
        }
        for m in METRICS
    ]
    return [a | b for a, b in zip(listed, more, strict=True)]


def query(
    door: Door,
    slugs: Annotated[list[str], typer.Argument(metavar="SLUG...", help="Metrics, in the order of the columns.")],
    *,
    by: By = None,
    since: Since = None,
    until: Until = None,
    where: Where = None,
    compare: Compare = None,
    top: Top = None,
    as_of: AsOf = None,
    currency: Annotated[
        str | None, typer.Option(help="Money in this currency, at the rate of each order's day.")
    ] = None,
    engine: Engine = "duckdb",
) -> list[dict[str, Any]]:
    """Refresh the replica, then answer."""
    from analytics.past import instant
    from analytics.periods import parse_day
    from app.jobs.engines import check
    from app.jobs.numbers import ask, rows_of

    check(engine)
    slugs = list(dict.fromkeys(slugs))
    first, end = parse_day("since", since), parse_day("until", until)
    workspace = door.workspace()
    known = instant(as_of, workspace.shop.zone) if as_of else None
    workspace.replica.refresh()
    asked: dict[str, Any] = {"since": first, "until": end, "where": where, "compare": compare, "as_of": known}
    asked["currency"] = currency
    frame = ask(workspace, slugs, by or (), engine=engine, **asked)
    if top is not None:
        from analytics.ranking import ranked

        frame = ranked(frame, slugs, top)
    return rows_of(frame, slugs, workspace.shop.currency, (currency or "").upper())


def explain(
    door: Door,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="net_sales or gross_sales.")],
    *,
    by: By = None,
    since: Since = None,
    until: Until = None,
    where: Where = None,
    compare: Annotated[
        str, typer.Option(help="previous, year or weekdays: the period to explain the change from.")
    ] = "previous",
    top: Annotated[int, typer.Option(min=1, help="How many items to list, the largest changes first.")] = 20,
) -> list[dict[str, Any]]:
    """Refresh the replica, then explain: the whole first, then the items that changed most."""
    import polars as pl

    from analytics.explain import total
    from analytics.periods import parse_day
    from app.jobs.numbers import explain as of_numbers

    workspace = door.workspace()
    first, end = parse_day("since", since), parse_day("until", until)
    workspace.replica.refresh()
    items = of_numbers(workspace, slug, by or ("sku",), since=first, until=end, where=where, compare=compare)
    whole = total(items).with_columns(pl.lit("total").alias("row"))
    listed = pl.concat([whole, items.head(top).with_columns(pl.lit("item").alias("row"))], how="diagonal")
    dims = items.columns[: items.columns.index("units_previous")]
    rows = listed.select("row", *dims, *items.columns[len(dims) :]).to_dicts()
    return [_decimals(row, row.get("currency") or workspace.shop.currency) for row in rows]


def restated(
    door: Door,
    slugs: Annotated[list[str], typer.Argument(metavar="SLUG...", help="Metrics that add up over orders.")],
    *,
    as_of: Annotated[str, typer.Option("--as-of", help="The report as it was known then (a day means its end).")],
    and_: Annotated[str | None, typer.Option("--and", help="Against what was known then; now when left out.")] = None,
    since: Since = None,
    until: Until = None,
    where: Where = None,
) -> list[dict[str, Any]]:
    """Refresh the replica, then compare: one row an order and reason, with both amounts and the change."""
    from analytics.past import instant
    from analytics.periods import parse_day
    from app.jobs.numbers import restated as between

    workspace = door.workspace()
    zone = workspace.shop.zone
    before, after = instant(as_of, zone), instant(and_, zone) if and_ else None
    workspace.replica.refresh()
    days = {"since": parse_day("since", since), "until": parse_day("until", until)}
    return between(workspace, slugs, before=before, after=after, where=where, **days)


def _decimals(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """Turn an explanation's amounts into decimals of their currency."""
    from analytics.explain import EFFECTS
    from oms_core.kernel.money import to_decimal

    amounts = {name: to_decimal(row[name], currency) for name in ("before", "now", "change", *EFFECTS)}
    return row | amounts | {"currency": currency}
