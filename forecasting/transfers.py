"""Transfer first, then buy: what one location has too much of and another lacks, and where what is bought should go.

A location's part of a variant is what left from it lately. With its part of the reorder point and of the level to order
up to (both of the whole network, :mod:`forecasting.replenish`):

* a shelf *lacks* what is missing to its part of the reorder point, if it has less than its part of the demand until an
  order of today could arrive; a shelf *spares* what it has above its part of the reorder point
* the largest lack is served by the largest surplus until one of them ends; whole units
* what is bought is for the network as a whole, so that nothing is bought that a transfer brings; it is dealt out by
  what is missing to each shelf's part of the level after the transfers
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.panel import Floats, Ints


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a variant to take from one place of the list to another."""

    source: int
    target: int
    quantity: int


def parts(shipped: Floats) -> Floats:
    """Return each location's share of a variant's demand, shape (k,); alike where nothing was shipped."""
    total = float(shipped.sum())
    return shipped / total if total > 0 else np.full(len(shipped), 1.0 / len(shipped))


def moves(line: Mapping[str, Any], *, part: Floats, available: Floats, incoming: Floats) -> list[Move]:
    """Return the transfers of one variant.

    Parameters
    ----------
    line : mapping
        A line of :func:`forecasting.replenish.suggest`: ``demand_protected, reorder_point``.
    part, available, incoming : ndarray, shape (k,)
        Each location's share of demand, and its units.
    """
    has = available + incoming
    lack = np.where(has < part * line["demand_protected"], np.ceil(part * line["reorder_point"] - has), 0.0)
    lack = np.maximum(lack, 0.0)
    spare = np.maximum(np.floor(available - part * line["reorder_point"]), 0.0) * (lack <= 0)
    found = []
    while lack.max(initial=0.0) >= 1 and spare.max(initial=0.0) >= 1:
        target, source = int(lack.argmax()), int(spare.argmax())
        quantity = int(min(lack[target], spare[source]))
        found.append(Move(source, target, quantity))
        lack[target] -= quantity
        spare[source] -= quantity
    return found


def dealt(line: Mapping[str, Any], *, part: Floats, has: Floats) -> Ints:
    """Return how many units of an order go to each location, shape (k,): by what is missing to its part of the level.

    Parameters
    ----------
    line : mapping
        ``order_qty, up_to`` of a line of :func:`forecasting.replenish.suggest`.
    has : ndarray, shape (k,)
        Units of each location after transfers, with what is on its way there.
    """
    order = int(line["order_qty"])
    missing = np.maximum(part * line["up_to"] - has, 0.0)
    weight = missing / missing.sum() if missing.sum() > 0 else part
    exact = weight * order
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), kind="stable")[: order - int(whole.sum())]
    whole[rest] += 1
    return whole
