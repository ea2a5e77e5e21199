"""Forecasts on trial: what they were worth once their days were over, for the shop and for one SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from app import blocks, charts, data, palette
from app import format as fmt
from app.i18n import _, ngettext
from app.tiles import Tile

QUERIES = ("forecast_trial", "forecast_trial_sku", "forecast_overrides_judged")
#: Weeks drawn, the newest ones.
WEEKS = 12
#: How far coverage and bias may lie from what was promised before a tile turns orange.
COVERAGE_OFF, BIAS_OFF = 0.05, 0.1


def tiles(judged: pl.DataFrame, overrides: Mapping[str, Any]) -> tuple[Tile, ...]:
    """Return what the judged weeks say together: error, naive, interval, bias, overrides; pure.

    Parameters
    ----------
    judged : polars.DataFrame
        Rows of ``forecast_trial.sql``.
    overrides : mapping
        Row of ``forecast_overrides_judged.sql``.
    """
    told = {name: float(judged[name].sum()) for name in ("units", "series", "missed", "naive_missed", "over")}
    units, series = told["units"] or 1.0, told["series"] or 1.0
    ours, naive, bias = told["missed"] / units, told["naive_missed"] / units, told["over"] / units
    inside = float((judged["inside"] * judged["series"]).sum()) / series
    nearer = f"{fmt.count(overrides['better'])} / {fmt.count(overrides['judged'])}"
    return (
        Tile(
            _("Error of weeks that came"), fmt.percent(ours), _("naive {share}").format(share=fmt.percent(naive)),
            "green" if ours < naive else "red",
            help=_("Absolute misses of 7-day totals ÷ units sold, of forecasts stored before those days."),
        ),
        Tile(
            _("Inside the 80% interval"), fmt.percent(inside), _("should be 80%"),
            "gray" if abs(inside - 0.8) < COVERAGE_OFF else "orange",
            help=_("Of a total on the edge of its interval only a part counts, as counts come in whole units."),
        ),
        Tile(
            _("Bias"), fmt.percent(bias, 1), _("of units sold"), "gray" if abs(bias) < BIAS_OFF else "orange",
            help=_("Above zero: more was forecast than came."),
        ),
        Tile(
            _("Overrides nearer than the model"), nearer,
            _("{n} units of error saved").format(n=fmt.count(round(overrides["saved"]))),
            "gray" if overrides["saved"] >= 0 else "orange",
            help=_("Overrides whose days are over, against what the model had said of the same days."),
        ),
    )  # fmt: skip


def misses(weeks: pl.DataFrame) -> go.Figure:
    """Draw units missed a week, ours beside seasonal naive; pure."""
    days = weeks["cutoff_on"].to_list()
    names = [fmt.day(day) for day in days]
    ours, naive = weeks["missed"].to_list(), weeks["naive_missed"].to_list()
    highest = max([1.0, *ours, *naive])
    ticks = [highest * share for share in (0.0, 0.5, 1.0)]
    drawing = charts.bars(
        names,
        [
            charts.Series(_("Forecast"), ours, palette.OURS, _units(ours)),
            charts.Series(_("As a week ago"), naive, palette.NEUTRAL, _units(naive)),
        ],
        ticks=(ticks, [fmt.count(round(tick)) for tick in ticks]), height=240, stacked=False,
    )  # fmt: skip
    drawing.update_xaxes(type="category", tickvals=names[:: max(1, len(names) // 4)])
    return drawing


def verdict(weeks: pl.DataFrame) -> str:
    """Say in one sentence whether naive would have done better; pure."""
    lost = int((weeks["naive_missed"] < weeks["missed"]).sum())
    told = ngettext("of the last {n} week", "of the last {n} weeks", weeks.height).format(n=weeks.height)
    if lost * 2 > weeks.height:
        return _("Yes: it missed by less in {lost}").format(lost=lost) + " " + told
    return _("No: it missed by more in {won}").format(won=weeks.height - lost) + " " + told


def when_made(replayed: pl.Series) -> str:
    """Say how many forecasts were there before what they speak of, and how many were worked out later; pure."""
    later = int(replayed.sum())
    before = replayed.len() - later
    told = []
    if before:
        words = ngettext("{n} forecast, stored before its week", "{n} forecasts, stored before their weeks", before)
        told.append(words.format(n=before))
    if later:
        words = ngettext(
            "{n} worked out afterwards from what was known before its week",
            "{n} worked out afterwards from what was known before their weeks", later,
        )  # fmt: skip
        told.append(words.format(n=later))
    return " · ".join(told)


def render_shop() -> None:
    """Draw the record of the whole shop, if any forecast has been judged."""
    judged = data.rows("forecast_trial", days=7).tail(WEEKS)
    if judged.is_empty():
        blocks.section(
            _("Did it come true?"), _("No stored forecast is a week old yet; past weeks can be replayed:")
            + " `ordersight forecast trial --replay 8`",
        )  # fmt: skip
        return
    blocks.section(_("Did it come true?"), when_made(judged["replayed"]))
    blocks.kpi_row(tiles(judged, data.rows("forecast_overrides_judged").row(0, named=True)))


def render_sku(sku: str) -> None:
    """Draw the misses of one SKU week by week."""
    weeks = data.rows("forecast_trial_sku", sku=sku).tail(WEEKS)
    if weeks.is_empty():
        blocks.section(_("Would naive have done better?"), _("No week of this SKU has been judged yet"))
        return
    blocks.section(_("Would naive have done better?"), verdict(weeks))
    blocks.chart(misses(weeks), alt=verdict(weeks), key="forecast_misses")


def _units(values: Sequence[float]) -> list[str]:
    return [fmt.number(value, 1) for value in values]
