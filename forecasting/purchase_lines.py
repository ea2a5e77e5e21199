"""The lines of a purchase from a frame: checked, with each supplier's terms."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from forecasting.options import Lines
from forecasting.panel import Floats, Ints
from oms_core.kernel.errors import InvalidInput

NUMBERS = ("unit_cost", "pack", "moq", "position", "demand_mean", "demand_sd", "margin", "holding", "volume")
OPTIONAL = {"pack": 1.0, "moq": 0.0, "position": 0.0, "holding": 0.0, "volume": 0.0}
ABOVE_ZERO = ("unit_cost", "pack")


def read_lines(frame: pl.DataFrame) -> tuple[Lines, Floats, Floats]:
    """Return the lines of a frame and each supplier's minimum and fixed cost.

    Raises
    ------
    InvalidInput
        If a column is missing, a number is not one or out of range, or a SKU comes twice.
    """
    _require(frame)
    numbers = {name: _number(frame, name) for name in NUMBERS}
    suppliers = frame["supplier"].cast(pl.String).fill_null("")
    index = (suppliers.rank("dense").cast(pl.Int64) - 1).to_numpy()
    minimum, fixed = (_per_supplier(frame, name, index) for name in ("supplier_min_order", "supplier_fixed_cost"))
    lines = Lines(
        supplier=index, unit_cost=numbers["unit_cost"], margin=numbers["margin"], holding=numbers["holding"],
        volume=numbers["volume"], pack=np.maximum(np.ceil(numbers["pack"]), 1.0), moq=numbers["moq"],
        position=numbers["position"], mean=numbers["demand_mean"], sd=numbers["demand_sd"], breaks=_breaks(frame),
    )  # fmt: skip
    return lines, minimum, fixed


def _require(frame: pl.DataFrame) -> None:
    needed = ["sku", "supplier", *(name for name in NUMBERS if name not in OPTIONAL)]
    missing = [name for name in needed if name not in frame.columns]
    if missing or frame.is_empty():
        what = f"column {missing[0]!r} is missing" if missing else "it has no row"
        raise InvalidInput("lines", ", ".join(frame.columns), what, f"Give columns {', '.join(needed)}.")
    doubled = frame.filter(frame["sku"].is_duplicated())
    if len(doubled):
        raise InvalidInput("lines", doubled["sku"][0], "this SKU stands on two lines")


def _number(frame: pl.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(frame.height, OPTIONAL[name])
    values = frame[name].cast(pl.Float64, strict=False)
    if name in OPTIONAL:
        empty = frame[name].cast(pl.String).fill_null("").str.strip_chars() == ""
        values = pl.select(pl.when(empty).then(OPTIONAL[name]).otherwise(values))[:, 0]
    found = np.asarray(values.to_numpy(), dtype=np.float64)
    wrong = ~np.isfinite(found)
    if name in ABOVE_ZERO:
        wrong |= found <= 0
    elif name not in {"position", "margin"}:
        wrong |= found < 0
    if wrong.any():
        row = int(wrong.argmax())
        raise InvalidInput(name, frame[name][row], f"line {frame['sku'][row]!r} needs a number in range")
    return found


def _per_supplier(frame: pl.DataFrame, name: str, index: Ints) -> Floats:
    """Return a supplier's term: the largest its lines give; 0 if none does."""
    found = np.zeros(int(index.max()) + 1)
    if name in frame.columns:
        given = frame[name].cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
        np.maximum.at(found, index, given)
    return found


def _breaks(frame: pl.DataFrame) -> dict[int, list[tuple[float, float]]]:
    if "price_breaks" not in frame.columns:
        return {}
    found = {}
    for row, text in enumerate(frame["price_breaks"].to_list()):
        breaks = _parsed(text, frame["sku"][row])
        if breaks:
            found[row] = breaks
    return found


def _parsed(text: Any, sku: object) -> list[tuple[float, float]]:
    """Return the price breaks of one line, ascending."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return []
    try:
        given = json.loads(text) if isinstance(text, str) else text
        breaks = sorted((float(least), float(cost)) for least, cost in given)
    except (ValueError, TypeError):
        raise InvalidInput("price_breaks", text, f"line {sku!r} needs JSON [[min_quantity, unit_cost], …]") from None
    if any(least < 0 or cost <= 0 for least, cost in breaks):
        raise InvalidInput("price_breaks", text, f"line {sku!r} needs quantities from 0 and costs above 0")
    return breaks
