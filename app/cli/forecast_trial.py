"""Put forecasts on trial: score what is over, override what somebody knows better, show the record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from oms_core.planning.trial_tables import ForecastOverride


def register(group: typer.Typer) -> None:
    """Add this module's commands to `forecast`."""
    command(group, "trial")(trial)
    command(group, "scores")(scores)
    command(group, "override")(override)


def trial(
    door: Door,
    replay: Annotated[
        int, typer.Option(help="Weeks back to forecast now as they would have been forecast then.", min=0, max=104)
    ] = 0,
) -> dict[str, Any]:
    """Score every stored forecast whose days are over against what came, naive and seasonal naive."""
    from app.jobs.forecast_trial import judge

    return judge(door.workspace("forecast"), replay=replay)


def scores(
    door: Door,
    days: Annotated[int, typer.Option(help="First days whose totals were judged: 7 or 28.")] = 7,
    sku: Annotated[str | None, typer.Option(help="One SKU, a row a run; without it all SKUs.")] = None,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Show what forecasts were worth once their days were over; with JSON also what overrides were."""
    from oms_core.planning.record import of_overrides, of_runs

    with door.workspace("forecast").reading() as session:
        runs = of_runs(session, days=days, sku=sku)
        overridden = of_overrides(session, sku=sku)
    return {"runs": runs, "overrides": overridden} if door.format == "json" else runs


def override(
    door: Door,
    *,
    sku: Annotated[str | None, typer.Option(help="SKU that will sell otherwise.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    units: Annotated[float | None, typer.Option(help="Units of those days together.")] = None,
    reason: Annotated[str, typer.Option(help="What the model does not know.")] = "",
    author: Annotated[str, typer.Option(help="Who says so.")] = "cli",
    withdraw: Annotated[int | None, typer.Option(help="Number of an override to take back.")] = None,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Override the model for some days, take an override back, or (without options) list them."""
    from oms_core.inventory.queries import variant_of
    from oms_core.planning import overrides

    workspace = door.workspace("forecast")
    if withdraw is not None:
        with workspace.transaction() as session:
            return _told(overrides.withdraw(session, withdraw, actor=author))
    if sku is None:
        with workspace.reading() as session:
            return [_told(made) for made in overrides.overrides(session)]
    if from_ is None or until is None or units is None:
        raise InvalidInput("override", sku, "--from, --until and --units belong to it")
    with workspace.transaction() as session:
        return _told(
            overrides.override(
                session, variant_id=variant_of(session, sku).id, from_on=_day("from", from_),
                until_on=_day("until", until), units=units, reason=reason, author=author,
            )
        )  # fmt: skip


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(name, text, "a day is written YYYY-MM-DD") from None


def _told(made: ForecastOverride) -> dict[str, Any]:
    names = ("id", "variant_id", "from_on", "until_on", "units", "model_units", "reason", "author", "made_at")
    later = ("withdrawn_at", "withdrawn_by", "actual_units", "scored_at")
    return {name: getattr(made, name) for name in (*names, *later)}
