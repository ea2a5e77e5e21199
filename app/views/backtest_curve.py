"""How much stock each policy needs at each fill rate, and where what was really ordered lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from app import charts, palette
from app import format as fmt
from app.i18n import N_, _

OURS = "ordersight"
#: Fill rates named on the axis; the others would run into them on a phone.
NAMED, CROWDED = (0.9, 0.95, 0.98, 0.99), 0.98
#: Policies: name, colour and dash.
POLICIES: Mapping[str, tuple[str, str, str]] = {
    OURS: (N_("Ordersight"), palette.OURS, "solid"),
    "cover": (N_("Weeks of cover"), palette.NEUTRAL, "dash"),
    "minmax": (N_("Min/max"), palette.NEUTRAL, "dot"),
    "static": (N_("Maximum set once"), palette.NEUTRAL, "dashdot"),
}


def curve(results: Mapping[str, Any], currency: str, *, narrow: bool = False) -> go.Figure:
    """Draw average stock by fill rate, both on scales on which equal steps are equally hard; pure.

    Names stand above the lines: beside their ends they would lie on the line that goes on.
    """
    places = [_hardness(target) for target in results["targets"]]
    held = [value for policy in results["policies"].values() for value in policy["stock"] if value]
    actual = results.get("actual")
    held += [actual["stock"]] if actual else []
    ticks = _ticks(min(held, default=1.0), max(held, default=10.0), currency)
    figure = charts.figure(charts.HEIGHT_MAIN, ticks=ticks, right=12, unified=False)
    for name, (word, colour, dash) in POLICIES.items():
        stock = results["policies"][name]["stock"]
        hover = [f"{_(word)}: {fmt.money_short(round(value), currency)}" if value else "" for value in stock]
        charts.line(
            figure, places, charts.Series(_(word), stock, colour, hover), dash=dash,
            width=3 if name == OURS else 1.5,
        )  # fmt: skip
    if actual and actual["fill_rate"] < 1:
        _mark(figure, actual, currency)
    figure.update_layout(showlegend=True)
    figure.update_yaxes(type="log")
    named = [target for target in results["targets"] if target in NAMED and not (narrow and target == CROWDED)]
    figure.update_xaxes(
        tickvals=[_hardness(target) for target in named],
        ticktext=[fmt.percent(target) for target in named],
        tickangle=0,
    )
    return figure


def _mark(figure: go.Figure, actual: Mapping[str, Any], currency: str) -> None:
    """Add what was really ordered as a point."""
    at, word = _hardness(actual["fill_rate"]), _("really ordered")
    figure.add_trace(
        go.Scatter(
            x=[at], y=[actual["stock"]], name=word, mode="markers",
            marker={"size": 11, "color": palette.SECOND, "symbol": "diamond"},
            hovertemplate=f"{word}: {fmt.money_short(round(actual['stock']), currency)}<extra></extra>",
        )
    )  # fmt: skip


def _hardness(fill: float) -> float:
    """Return -log10 of the share lost: from 90 to 99 % is as far as from 99 to 99.9 %."""
    return -math.log10(max(1.0 - fill, 1e-4))


def _ticks(low: float, high: float, currency: str) -> tuple[list[float], list[str]]:
    powers = range(int(math.log10(max(low, 1))), int(math.log10(max(high, 1))) + 1)
    steps = [first * 10**power for power in powers for first in (1, 2, 5)]
    kept = [step for step in steps if low / 1.5 <= step <= high * 1.5]
    return [float(step) for step in kept], [fmt.money_short(step, currency) for step in kept]
