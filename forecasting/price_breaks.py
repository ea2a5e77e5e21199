"""All-units price breaks on suggested lines: what a unit costs at the quantity ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

#: A break this little above a suggestion may be reached for when money is spread: it pays for itself.
REACH = 1.25


def unit_cost(quantity: float, usual: int, breaks: Sequence[Mapping[str, Any]] | None) -> int:
    """Return the cost of one unit, minor units: that of the highest break the quantity reaches, else the usual one."""
    found = usual
    for step in sorted(breaks or (), key=lambda b: b["from_qty"]):
        if quantity >= step["from_qty"]:
            found = int(step["unit_cost_minor"])
    return found


def priced(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with ``unit_cost_minor`` at their ``order_qty``; ``list_cost_minor`` keeps the usual price.

    Parameters
    ----------
    lines : polars.DataFrame
        ``order_qty, unit_cost_minor`` and, where suppliers have them, ``price_breaks`` (lists of ``from_qty,
        unit_cost_minor``); without that column nothing changes.
    """
    if "price_breaks" not in lines.columns:
        return lines
    held = lines if "list_cost_minor" in lines.columns else lines.with_columns(list_cost_minor="unit_cost_minor")
    rows = held.select("order_qty", "list_cost_minor", "price_breaks").iter_rows()
    costs = [usual if not breaks else unit_cost(quantity, usual, breaks) for quantity, usual, breaks in rows]
    return held.with_columns(pl.Series("unit_cost_minor", costs, dtype=pl.Int64))


def of_lines(lines: pl.DataFrame) -> dict[int, list[tuple[float, float]]]:
    """Return the breaks of the lines that have them by row, ascending, as the optimiser takes them."""
    if "price_breaks" not in lines.columns:
        return {}
    return {
        n: sorted((float(b["from_qty"]), float(b["unit_cost_minor"])) for b in breaks)
        for n, breaks in enumerate(lines["price_breaks"].to_list())
        if breaks
    }


def most(quantity: float, breaks: Sequence[tuple[float, float]]) -> float:
    """Return the most units worth offering: the quantity suggested, or the next break if it is near."""
    near = [least for least, _cost in breaks if quantity < least <= quantity * REACH]
    return max([quantity, *near])
