"""Forecast demand, judge it against naive."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import forecast_trial
from app.cli.door import Door, command
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

    from forecasting.panel import Panel

PanelOption = Annotated[
    Path, typer.Option("--panel", help="CSV or Parquet: series_id, day, y[, in_stock, price, promo].")
]
HorizonOption = Annotated[int, typer.Option("--horizon", help="Periods ahead.")]
FreqOption = Annotated[str | None, typer.Option("--freq", help="D, W or M; read off the dates when left away.")]
CalendarOption = Annotated[
    str, typer.Option(help="Country whose holidays (and, PL, trading Sundays) are known, such as PL; none without it.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Forecast demand with quantiles; judge it against naive.", no_args_is_help=True)
    command(group, "run")(run)
    command(group, "predict", own_out=True)(predict)
    command(group, "backtest")(backtest)
    command(group, "levels", own_out=True)(levels)
    forecast_trial.register(group)
    app.add_typer(group, name="forecast")


def run(
    door: Door,
    horizon: Annotated[int, typer.Option("--horizon", help="Days ahead.")] = 56,
) -> dict[str, Any]:
    """Forecast the shop's demand and store it, with quantiles, before the fact."""
    from app.jobs.forecasts import run_forecast

    found = run_forecast(door.workspace("forecast"), horizon=horizon)
    return {"series": found["series"], "seconds": found["seconds"], **found}


def levels(
    door: Door,
    *,
    by: Annotated[str, typer.Option("--by", help="channel, country or location.")],
    out: Annotated[Path, typer.Option("--out", help="Parquet or CSV, by its name.")],
    horizon: HorizonOption = 28,
) -> dict[str, Any]:
    """Forecast the shop by channel, country or location so that SKUs, categories and the whole add up."""
    from app.jobs.levels import by_part

    _check(horizon, [], out)
    found, frame = by_part(door.workspace("forecast"), by=by, horizon=horizon)
    _write(frame, out)
    return found


def predict(
    door: Door,
    *,
    panel: PanelOption,
    horizon: HorizonOption,
    out: Annotated[Path, typer.Option("--out", help="Parquet or CSV, by its name.")],
    freq: FreqOption = None,
    levels: Annotated[str, typer.Option(help="Central intervals, per cent, comma-separated.")] = "50,80,95",
    sums: Annotated[str, typer.Option(help="Also totals of the first n periods, comma-separated.")] = "",
    engine: Annotated[str, typer.Option(help="local, or spark: pools of series side by side on a cluster.")] = "local",
    calendar: CalendarOption = "",
) -> dict[str, Any]:
    """Forecast any panel of series from a file."""
    from app.jobs.engines import running
    from forecasting.pools import Wanted, forecast
    from forecasting.prediction import interval_probabilities
    from forecasting.reading import make_panel, read_file

    asked, totals = [float(level) for level in _numbers("levels", levels)], _whole("sums", sums)
    interval_probabilities(asked)
    _check(horizon, totals, out)
    with running(engine) as each:
        begun = time.perf_counter()
        read = _dated(make_panel(read_file(panel), freq=freq, horizon=horizon), calendar, horizon)
        frame, total = forecast(read, Wanted(horizon, asked, totals), each=each)
        seconds = time.perf_counter() - begun
    _write(frame, out)
    if totals:
        _write(total, out.with_name(f"{out.name}.sums.parquet"))
    door.status = 0 if len(read.ids) else 1
    return {"series": len(read.ids), "refused": read.refused, "seconds": round(seconds, 4)}


def backtest(
    door: Door,
    *,
    panel: PanelOption,
    horizon: HorizonOption,
    cutoffs: Annotated[int, typer.Option("--cutoffs", help="Rolling origins, a horizon apart.")] = 3,
    freq: FreqOption = None,
    engines: Annotated[
        str, typer.Option(help="Engines, comma-separated; without it all but those that fit series one by one (ets).")
    ] = "",
    calendar: CalendarOption = "",
) -> dict[str, Any] | list[dict[str, Any]]:
    """Judge every engine at rolling origins of a panel from a file."""
    from forecasting.backtest import backtest as run_backtest
    from forecasting.models import USUAL
    from forecasting.reading import make_panel, read_file

    read = _dated(make_panel(read_file(panel), freq=freq), calendar, 0)
    for refusal in read.refused:
        door.say(f"Left out {refusal['series_id']}: {refusal['reason']}")
    if not len(read.ids):
        raise InvalidInput("panel", panel.name, "every series was refused")
    asked = tuple(name.strip() for name in engines.split(",") if name.strip()) or USUAL
    scores = run_backtest(read, horizon=horizon, cutoffs=cutoffs, engines=asked)
    if door.format == "json":
        return scores
    return [{"engine": name, **_flat(values)} for name, values in scores.items()]


def _dated(read: Panel, country: str, horizon: int) -> Panel:
    from forecasting.calendars import with_calendar

    return with_calendar(read, country, horizon) if country and len(read.ids) else read


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    covered = {f"coverage_{level}": share for level, share in values["coverage"].items()}
    return {k: v for k, v in values.items() if k != "coverage"} | covered


def _numbers(name: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        try:
            float(part)
        except ValueError:
            raise InvalidInput(name, text, "numbers separated by commas are expected, e.g. 50,80,95") from None
    return parts


def _whole(name: str, text: str) -> list[int]:
    parts = _numbers(name, text)
    if any(float(part) % 1 for part in parts):
        raise InvalidInput(name, text, "whole numbers of periods are expected, e.g. 14,28")
    return [int(float(part)) for part in parts]


def _check(horizon: int, sums: list[int], out: Path) -> None:
    if horizon < 1:
        raise InvalidInput("horizon", horizon, "it must be at least 1")
    for days in sums:
        if not 1 <= days <= horizon:
            raise InvalidInput("sums", days, f"a sum covers 1 to {horizon} periods (the horizon)")
    if not out.parent.is_dir():
        raise InvalidInput("out", str(out), f"the folder {str(out.parent)!r} does not exist")
    if out.suffix.lower() not in {".csv", ".parquet", ".pq"}:
        raise InvalidInput("out", out.name, "its name must end in .parquet or .csv")


def _write(frame: pl.DataFrame, path: Path) -> None:
    """Write a file beside its place and move it there, so that it is never half-written."""
    beside = path.with_name(f".{path.name}.part")
    if path.suffix.lower() == ".csv":
        frame.write_csv(beside)
    else:
        frame.write_parquet(beside)
    beside.replace(path)
