"""What a pack more or less would cost: expected margin lost and goods left, from a line's receipt alone.

With D the demand over lead time and cover (normal around its mean, by its spread) and x = position + q:
cost(q) = margin · E[(D - x)+] + holding · E[(x - D)+], the trade the budget's optimiser makes too. The regret of
a quantity is its cost less the least of the three.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.policies import loss_normal

#: Cost of holding stock for a year, as a share of its cost: capital, space, ageing.
HOLDING_RATE = 0.25


def regret_curve(line: Mapping[str, Any]) -> list[dict[str, float | int]]:
    """Return ``quantity, short, left, cost_minor, regret_minor`` at a pack less, as ordered, and a pack more.

    `short` and `left` are expected units.

    Parameters
    ----------
    line : mapping
        A line of :func:`forecasting.replenish.suggest`, or the receipt kept of it: ``order_qty, pack_qty, position,
        demand_lead, demand_cover, spread, price_minor, unit_cost_minor, lead_time_days, cover_days``.
    """
    pack = max(int(line["pack_qty"] or 1), 1)
    order = int(line["order_qty"])
    cost = float(line["unit_cost_minor"] or 0)
    margin = max(float(line["price_minor"] or 0) - cost, 1.0)
    days = float(line["lead_time_days"] or 0) + float(line["cover_days"] or 0)
    holding = max(cost, 1.0) * HOLDING_RATE * days / 365.0
    mean, spread = float(line["demand_lead"]) + float(line["demand_cover"]), max(float(line["spread"]), 1e-9)
    rows = []
    for quantity in sorted({max(order - pack, 0), order, order + pack}):
        short, left = loss_normal(float(line["position"]) + quantity, mean, spread)
        rows.append((quantity, short, left, margin * short + holding * left))
    least = min(row[3] for row in rows)
    return [
        {
            "quantity": quantity, "short": round(short, 2), "left": round(left, 2), "cost_minor": round(worth),
            "regret_minor": round(worth - least),
        }
        for quantity, short, left, worth in rows
    ]  # fmt: skip
