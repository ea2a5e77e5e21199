"""Transaction files in, forecasts of customers out."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from oms_core.channels.columns_file import read_columns
from oms_core.kernel.errors import InvalidInput
from segmentation.clv import backtest, tidy

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


def read_transactions(path: Path) -> pl.DataFrame:
    """Read a CSV, TSV or Parquet file of transactions into tidy lines; ids stay text and keep their leading zeros.

    Raises
    ------
    InvalidInput
        ``clv.file`` when the file is missing, empty or no table; else as :func:`segmentation.clv.tidy`.
    """
    if not path.is_file():
        raise InvalidInput("transactions", str(path), "there is no such file", "Check the path.", code="clv.file")
    try:
        lines = pl.read_parquet(path) if path.suffix == ".parquet" else read_columns(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        hint = "Give a CSV or Parquet file with the columns customer_id, date and amount."
        raise InvalidInput("transactions", str(path), f"it cannot be read ({reason})", hint, code="clv.file") from error
    return tidy(lines)


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write CSV or Parquet by the file's name, whole or not at all."""
    if path.suffix not in {".csv", ".parquet"}:
        raise InvalidInput("out", str(path), "the name must end in .csv or .parquet", code="clv.out")
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.suffix == ".parquet":
            frame.write_parquet(partial)
        else:
            frame.write_csv(partial)
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(
            "out", str(path), f"it cannot be written ({error.strerror or 'is there such a folder?'})", code="clv.out"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def backtest_file(path: Path, *, horizon_days: int, most: int, until: date | None) -> dict[str, Any]:
    """Hold every model and the blend against what came at past cutoffs of a file.

    Returns
    -------
    dict
        ``models``: mean numbers by model (`segmentation.clv.scorecard`); ``rounds``: one row a model and cutoff.
    """
    rounds = backtest.run(read_transactions(path), horizon_days=horizon_days, most=most, until=until)
    said = [{"model": r.model, "used": r.used, "cutoff": r.cutoff.isoformat(), **asdict(r.score)} for r in rounds]
    cutoffs = sorted({r.cutoff.isoformat() for r in rounds})
    return {"horizon_days": horizon_days, "cutoffs": cutoffs, "models": backtest.summary(rounds), "rounds": said}
