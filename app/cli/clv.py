"""Customer lifetime value: fit and predict."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command

if TYPE_CHECKING:
    from segmentation.clv import Prediction

UNITS = {"day": 1.0, "week": 7.0}

Transactions = Annotated[
    Path, typer.Option("--transactions", help="CSV or Parquet: customer_id, date, amount; any order.")
]
Until = Annotated[str, typer.Option("--until", help="Last day used, included (YYYY-MM-DD).")]
ModelName = Annotated[str, typer.Option("--model", help="auto, bgnbd, mbgnbd, paretonbd or nbd.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(help="Who will buy again, how often, for how much.", no_args_is_help=True)
    command(group, "fit")(fit)
    command(group, "predict", own_out=True)(predict)
    command(group, "backtest")(backtest)
    command(group, "score")(score)
    app.add_typer(group, name="clv")


def fit(
    _door: Door,
    transactions: Transactions,
    until: Until,
    unit: Annotated[str, typer.Option("--unit", help="Unit of time of the parameters: day or week.")] = "day",
    model: ModelName = "bgnbd",
) -> dict[str, Any]:
    """Fit a purchase model to a file of transactions and print its parameters."""
    from app.jobs.clv_files import read_transactions
    from oms_core.kernel.errors import InvalidInput
    from segmentation import clv

    if unit not in UNITS:
        raise InvalidInput("unit", unit, "day or week was expected")
    last = day(until)
    lines = read_transactions(transactions)
    begun = time.perf_counter()
    found = clv.fit(lines, until=last, model=model)
    params, value = found.fitted.in_unit(UNITS[unit])
    spend = found.spend
    return {
        "model": found.fitted.model.name,
        "params": params,
        "log_likelihood": value,
        "customers": found.fitted.customers,
        "boundary": found.fitted.boundary or None,
        "seconds": round(found.seconds, 4),
        "seconds_total": round(time.perf_counter() - begun, 4),
        "unit": unit,
        "until": last.isoformat(),
        "spend": None
        if spend is None
        else {"p": spend.p, "q": spend.q, "v": spend.v, "correlation": spend.correlation},
    }


def predict(
    _door: Door,
    transactions: Transactions,
    until: Until,
    horizon_days: Annotated[int, typer.Option("--horizon-days", help="How many days ahead.")],
    out: Annotated[Path, typer.Option("--out", help="One row a customer: CSV or Parquet by its name.")],
    model: ModelName = "auto",
    engine: Annotated[
        str, typer.Option(help="local, or spark: chunks of customers side by side on a cluster.")
    ] = "local",
) -> dict[str, Any]:
    """Predict each customer's orders and value in the days after --until."""
    from app.jobs.clv_files import read_transactions, write_frame
    from app.jobs.engines import running
    from segmentation import clv
    from segmentation.clv.spreading import predict as say

    last = day(until)
    lines = read_transactions(transactions)
    with running(engine) as each:
        begun = time.perf_counter()
        found = clv.fit(lines, until=last, model=model, horizon_days=horizon_days)
        predicted = say(found, horizon_days, each=each)
        seconds = time.perf_counter() - begun
    write_frame(predicted.customers, out)
    return {
        "model": predicted.model,
        "customers": predicted.customers.height,
        **totals(predicted),
        "boundary": found.fitted.boundary or None,
        "horizon_days": horizon_days,
        "seconds": round(seconds, 4),
    }


def backtest(
    _door: Door,
    transactions: Transactions,
    horizon_days: Annotated[int, typer.Option("--horizon-days", help="How many days ahead.")] = 90,
    cutoffs: Annotated[int, typer.Option("--cutoffs", min=1, help="At how many past days at most.")] = 6,
    until: Annotated[str | None, typer.Option("--until", help="Last day used as truth; else the last in FILE.")] = None,
) -> dict[str, Any]:
    """Hold every model and the blend against what came at past cutoffs of a file."""
    from app.jobs.clv_files import backtest_file

    tried: dict[str, Any] = backtest_file(
        transactions, horizon_days=horizon_days, most=cutoffs, until=day(until) if until else None
    )
    return tried


def score(
    door: Door,
    horizon_days: Annotated[int, typer.Option("--horizon-days", help="How many days ahead.")] = 90,
    model: ModelName = "auto",
) -> dict[str, Any]:
    """Fit on the shop's own orders and store every customer's score."""
    from app.jobs.clv import score_customers

    scored: dict[str, Any] = score_customers(door.workspace(), horizon_days=horizon_days, model=model)
    return scored


def totals(predicted: Prediction) -> dict[str, float]:
    """Return both totals with their 90 % intervals."""
    shown = {}
    for name, part in (("orders", predicted.orders), ("value", predicted.value)):
        shown[f"total_{name}"] = round(part.mean, 4)
        shown[f"total_{name}_lo_90"] = round(float(part.lo_90), 4)
        shown[f"total_{name}_hi_90"] = round(float(part.hi_90), 4)
    return shown


def day(text: str) -> date:
    """Read a day, or refuse it in one sentence."""
    from oms_core.kernel.errors import InvalidInput

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("until", text, "a date as YYYY-MM-DD was expected") from error
