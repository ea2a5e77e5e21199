"""Patterns in what was bought: cohorts of customers, products bought together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from app.workspace import Workspace

Since = Annotated[str | None, typer.Option(help="First day, in the shop's zone (2024-01-31).")]
Until = Annotated[str | None, typer.Option(help="Day after the last one, in the shop's zone.")]


def register(group: typer.Typer) -> None:
    """Add this module's commands to the group of numbers."""
    command(group, "cohorts", help="Follow customers by the month of their first order.")(cohorts)
    command(group, "basket", help="List products bought together more often than by chance.")(basket)


def cohorts(
    door: Door,
    *,
    measure: Annotated[
        str, typer.Option(help="retention, customers, orders, revenue, margin or revenue_per_customer.")
    ] = "retention",
    since: Since = None,
    until: Until = None,
    currency: Annotated[str | None, typer.Option(help="Only amounts of this currency.")] = None,
) -> list[dict[str, Any]]:
    """Refresh the replica, then answer: a row a cohort, a column a month since its first one."""
    from analytics.cohorts import MEASURES, table
    from analytics.periods import parse_day
    from app.jobs.numbers import cohorts as follow
    from oms_core.kernel.errors import InvalidInput
    from oms_core.kernel.money import to_decimal

    chosen = next((known for known in MEASURES if known == measure), None)
    if chosen is None:
        raise InvalidInput("measure", measure, f"one of {', '.join(MEASURES)} was expected")
    workspace = door.workspace()
    workspace.replica.refresh()
    found = follow(
        workspace, since=parse_day("since", since), until=parse_day("until", until), currency=currency
    )  # fmt: skip
    rows = table(found, chosen).to_dicts() if found.height else []
    if chosen in ("revenue", "margin", "revenue_per_customer"):
        own = found["currency"][0] if found.height else workspace.shop.currency
        for row in rows:
            row |= {k: to_decimal(v, own) for k, v in row.items() if k.isdigit() and v is not None}
            row["currency"] = own
    return rows


def basket(
    door: Door,
    *,
    sku: Annotated[str | None, typer.Option(help="Only pairs with this product.")] = None,
    since: Since = None,
    until: Until = None,
    least: Annotated[int, typer.Option(help="Orders a pair must be in.")] = 5,
    most: Annotated[int, typer.Option(help="Orders of more products are restocking and left out.")] = 60,
    every: Annotated[bool, typer.Option("--all", help="Also pairs that may be chance.")] = False,
    top: Annotated[int, typer.Option(min=1, help="How many pairs to list.")] = 50,
) -> list[dict[str, Any]]:
    """Refresh the replica, then answer: pairs furthest above chance first."""
    from analytics.baskets import baskets
    from analytics.periods import parse_day

    workspace = door.workspace()
    workspace.replica.refresh()
    first, end = _span(workspace, parse_day("since", since), parse_day("until", until))
    found = baskets(workspace.replica, since=first, until=end, sku=sku, least=least, most=most)
    kept = found if every else found.filter(found["is_significant"])
    shown = ["sku_a", "sku_b", "both", "support", "confidence", "confidence_back", "lift", "is_significant"]
    return (kept.select(shown) if door.format == "table" else kept).head(top).to_dicts()


def _span(workspace: Workspace, since: Any, until: Any) -> tuple[Any, Any]:
    """Return the period asked for; left open it is the year up to today."""
    from datetime import timedelta

    from analytics import periods
    from oms_core.kernel import clock

    end = until or clock.business_date(clock.now(), workspace.shop.zone) + timedelta(days=1)
    asked = periods.period(since or periods.add_months(end, -12), end)
    return asked.since, asked.until
