"""The fan of one SKU: what sold, what will sell and how sure that is, and what naive would say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from app import charts, palette
from app import format as fmt
from app.i18n import _

#: Days shown of the past and of the future.
PAST, FUTURE = 84, 28


def mapping(stored: Any) -> Mapping[str, Any]:
    """Return stored JSON as a mapping, whatever the replica keeps it as."""
    found: Mapping[str, Any] = json.loads(stored) if isinstance(stored, str) else stored
    return found


@dataclass(frozen=True, slots=True)
class Fan:
    """History, forecast and naive of one SKU, by day; the past ends at the cutoff."""

    days: Sequence[date]
    past: Sequence[float | None]
    came: Sequence[float | None]
    mean: Sequence[float | None]
    low: Sequence[float]
    high: Sequence[float]
    naive: Sequence[float | None]
    cutoff: date


def fan_of(history: pl.DataFrame, forecast: pl.DataFrame, cutoff: date) -> Fan:
    """Put history and forecast on one axis of days; pure.

    Parameters
    ----------
    history : polars.DataFrame
        ``day, units``; absent days sold nothing.
    forecast : polars.DataFrame
        Rows of ``forecast_sku.sql`` of kind ``day``.
    """
    sold = dict(history.iter_rows())
    last = max([cutoff, *sold]) if sold else cutoff
    ahead = {cutoff + timedelta(days=int(row["day_number"])): row for row in forecast.iter_rows(named=True)}
    days = [cutoff + timedelta(days=n) for n in range(1 - PAST, FUTURE + 1)]
    bands = {day: quantiles(row) for day, row in ahead.items()}
    known = [day for day in days if day in ahead]
    return Fan(
        days=days,
        past=[float(sold.get(d, 0)) if d <= cutoff else None for d in days],
        came=[float(sold.get(d, 0)) if cutoff < d <= last else None for d in days],
        mean=[ahead[d]["mean"] if d in ahead else None for d in days],
        low=[bands[d]["0.1"] for d in known],
        high=[bands[d]["0.9"] for d in known],
        naive=[
            float(sold.get(d - timedelta(days=7 * -(-(d - cutoff).days // 7)), 0)) if d > cutoff else None for d in days
        ],
        cutoff=cutoff,
    )


def quantiles(row: Mapping[str, Any]) -> Mapping[str, float]:
    """Return the quantiles of a stored forecast by level, units."""
    return mapping(row["quantiles"])


def figure(fan: Fan, overrides: pl.DataFrame | None = None, *, narrow: bool = False) -> go.Figure:
    """Draw history solid, forecast dashed with its 80 % band, naive dotted, and a rule at the cutoff.

    Parameters
    ----------
    overrides : polars.DataFrame, optional
        Rows of ``forecast_overrides.sql``: a diamond each, in the middle of its days.
    narrow : bool
        On a phone the past is a month, and the forecast's word stands inside the figure.
    """
    if narrow:
        fan = _from(fan, len(fan.days) - 2 * FUTURE)
    drawing = charts.figure(charts.HEIGHT_MAIN, right=16 if narrow else 90)
    future = [d for d, m in zip(fan.days, fan.mean, strict=True) if m is not None]
    if future:
        charts.band(drawing, future, fan.low, fan.high, colour=palette.OURS, opacity=0.18)
    hover = [fmt.number(v, 1) if v is not None else "" for v in fan.mean]
    charts.line(drawing, fan.days, charts.Series(_("Sold"), fan.past, palette.INK, _units(fan.past)), width=1.5)
    charts.line(drawing, fan.days, charts.Series(_("Came"), fan.came, palette.INK, _units(fan.came)), width=2.5)
    charts.line(
        drawing,
        fan.days,
        charts.Series(_("As a week ago"), fan.naive, palette.NEUTRAL, _units(fan.naive)),
        width=1.5,
        dash="dot",
    )
    charts.line(drawing, fan.days, charts.Series(_("Forecast"), fan.mean, palette.OURS, hover), dash="dash")
    if future and not narrow:
        charts.label(drawing, _("forecast"), future[-1], fan.mean[-1] or 0, palette.OURS)
    if overrides is not None and overrides.height:
        _diamonds(drawing, overrides, fan)
    charts.rule(drawing, fan.cutoff, _("last day seen"))
    ticks = fan.days[::14] if not narrow else fan.days[:: len(fan.days) // 3]
    drawing.update_xaxes(tickvals=list(ticks), ticktext=[fmt.day(d) for d in ticks], range=[fan.days[0], fan.days[-1]])
    drawing.update_yaxes(rangemode="tozero")
    return drawing


def _from(fan: Fan, first: int) -> Fan:
    """Return the fan without its first days; the band starts at the cutoff and stays."""
    cut = {name: getattr(fan, name)[first:] for name in ("days", "past", "came", "mean", "naive")}
    return replace(fan, **cut)


def _units(values: Sequence[float | None]) -> list[str]:
    return [fmt.count(round(v)) if v is not None else "" for v in values]


def _diamonds(drawing: go.Figure, overrides: pl.DataFrame, fan: Fan) -> None:
    """Mark what somebody expects instead, units a day, in the middle of the days meant."""
    rows = [row for row in overrides.iter_rows(named=True) if fan.cutoff < row["from_on"] <= fan.days[-1]]
    middle = [row["from_on"] + (row["until_on"] - row["from_on"]) / 2 for row in rows]
    daily = [row["units"] / ((row["until_on"] - row["from_on"]).days + 1) for row in rows]
    drawing.add_scatter(
        x=middle, y=daily, mode="markers", name=_("Override"), text=[row["reason"] for row in rows],
        marker={"symbol": "diamond", "size": 10, "color": palette.SECOND}, showlegend=False,
        hovertemplate="%{y:.1f} · %{text}<extra></extra>",
    )  # fmt: skip
