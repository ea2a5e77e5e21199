"""Forecast: what will sell and how sure we are; the engine's record against naive stands first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, data, exports, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import Tile
from app.views import forecast_known, forecast_trial
from app.views.forecast_fan import fan_of, figure, mapping, quantiles

if TYPE_CHECKING:
    from app.data import Place

QUERIES = (
    "forecast_runs", "forecast_skus", "forecast_sku", "forecast_history", *forecast_trial.QUERIES,
    *forecast_known.QUERIES,
)  # fmt: skip
ENGINES = {
    "ordersight": N_("Ordersight"), "naive": N_("As yesterday"), "seasonal_naive": N_("As a week ago"),
}  # fmt: skip
INSIDE = "80"
MOST_SKUS = 2000


def scores_of(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a run's scores as a mapping, whatever the replica keeps JSON as."""
    return mapping(run["scores"])


def tiles(run: Mapping[str, Any]) -> tuple[Tile, ...]:
    """Return the record of a run: error, interval, bias, and who lost to naive; pure."""
    scores = scores_of(run)
    ours, naive = scores["engines"]["ordersight"], scores["engines"]["seasonal_naive"]
    gain = 1 - ours["wape_sum"] / naive["wape_sum"] if naive["wape_sum"] else 0.0
    lost = len(scores["by_naive"])
    return (
        Tile(
            _("Error of a 28-day total"), fmt.percent(ours["wape_sum"]),
            _("naive {share}").format(share=fmt.percent(naive["wape_sum"])), "green" if gain > 0 else "orange",
            help=_("Absolute misses of 28-day totals ÷ units sold, on 28 days the engine had not seen."),
        ),
        Tile(
            _("Better than naive by"), fmt.percent(gain), _("as a week ago"), "green" if gain > 0 else "red",
            help=_("Error saved against repeating the same weekday of the week before."),
        ),
        Tile(
            _("Held by the 80% interval"), fmt.percent(ours["coverage"][INSIDE]), _("should be 80%"),
            "gray" if abs(ours["coverage"][INSIDE] - 0.8) < 0.05 else "orange",
            help=_("Share of days whose demand fell inside the interval drawn before the fact."),
        ),
        Tile(
            _("Bias"), fmt.percent(ours["bias"], 1), _("of units sold"),
            "gray" if abs(ours["bias"]) < 0.1 else "orange",
            help=_("Above zero: more was forecast than came."),
        ),
        Tile(
            _("Forecast by naive"), fmt.count(lost),
            _("of {n} SKUs").format(n=fmt.count(run["series_count"])),
            help=_("Where a naive method was better at every one of the last three origins, it speaks instead."),
        ),
    )  # fmt: skip


def engine_rows(run: Mapping[str, Any]) -> pl.DataFrame:
    """Return the backtest, one row an engine; pure."""
    return pl.DataFrame(
        [
            {
                "engine": _(ENGINES.get(name, name)), "wape": s["wape_sum"] * 100, "rmsse": round(s["rmsse"], 2),
                "spl": round(s["spl"], 2), "inside": s["coverage"][INSIDE] * 100, "bias": round(s["bias"] * 100, 2),
            }
            for name, s in scores_of(run)["engines"].items()
        ]
    )  # fmt: skip


def render(place: Place) -> None:
    """Draw the record, the choice of a SKU, its fan and what the number is made of."""
    runs = data.rows("forecast_runs")
    if runs.is_empty():
        none_yet()
        return
    run = runs.row(0, named=True)
    blocks.section(_("Can it be trusted?"), _told(run, place))
    blocks.kpi_row(tiles(run))
    forecast_trial.render_shop()
    skus = data.rows("forecast_skus", run_id=run["run_id"]).head(MOST_SKUS)
    names = dict(skus.select("sku", "title").iter_rows())
    sku = _choose(names)
    blocks.section(_("What will sell, how sure are we?"), _answer(skus, sku))
    rows = data.rows("forecast_sku", run_id=run["run_id"], sku=sku)
    history = data.rows("forecast_history", sku=sku, until=run["cutoff_on"])
    fan = fan_of(history, rows.filter(pl.col("kind") == "day"), run["cutoff_on"])
    known = data.rows("forecast_overrides", sku=sku)
    blocks.chart(figure(fan, known, narrow=blocks.on_phone()), alt=_answer(skus, sku), key="forecast_fan")
    left, right = st.columns([2, 1], gap="medium")
    with left:
        forecast_known.render(sku, rows.filter(pl.col("kind") == "sum"), run["cutoff_on"])
    with right:
        forecast_trial.render_sku(sku)
    left, right = st.columns(2, gap="medium")
    with left:
        _sums(rows, run, sku)
    with right:
        _engines(run)


def none_yet() -> None:
    """Draw the empty state of a shop without a forecast, with the button that makes one."""
    with blocks.empty(
        "no_data", _("No forecast yet"), _("It needs 16 weeks of orders and takes about a minute."),
        note="`ordersight forecast run`",
    ):  # fmt: skip
        if st.button(_("Forecast now"), type="primary", key="forecast_run"):
            run_now()


def run_now() -> None:
    """Forecast the shop from the page; the result is stored like any other run."""
    from app.jobs.forecasts import run_forecast

    with st.spinner(_("Forecasting every SKU …")):
        made = run_forecast(data.floor().workspace, actor="dashboard")
    data.floor().tick()
    st.toast(ngettext("{n} SKU forecast", "{n} SKUs forecast", made["series"]).format(n=fmt.count(made["series"])))
    st.rerun()


def _told(run: Mapping[str, Any], place: Place) -> str:
    return _("Run {run}, made {when}, saw orders to {day}; judged on the 28 days before").format(
        run=run["run_id"], when=fmt.moment(run["made_at"], place.zone), day=fmt.day(run["cutoff_on"])
    )


def _choose(names: Mapping[str, str]) -> str:
    first = next(iter(names))
    with address.bound("forecast_sku", first, list(names)):
        picked = st.selectbox(
            _("SKU"), list(names), format_func=lambda sku: f"{sku} · {fmt.product(names[sku])}", key="forecast_sku",
            label_visibility="collapsed", width=460,
        )  # fmt: skip
    return str(picked or first)


def _answer(skus: pl.DataFrame, sku: str) -> str:
    row = skus.filter(pl.col("sku") == sku).row(0, named=True)
    held = quantiles(row)
    low, high = fmt.count(round(held["0.1"])), fmt.count(round(held["0.9"]))
    return _("{n} units in 28 days, most likely {range}; band: 80% interval").format(
        n=fmt.count(round(row["units_28"])), range=fmt.interval(low, high)
    )


def _sums(rows: pl.DataFrame, run: Mapping[str, Any], sku: str) -> None:
    by = scores_of(run)["by_naive"].get(sku, "ordersight")
    said = _("Forecast by: {engine}").format(engine=_(ENGINES.get(by, by)))
    blocks.section(
        _("What does a buyer need?"), _("Totals of the first days, with what to keep for 95%") + " · " + said
    )
    frame = pl.DataFrame(
        [
            {
                "days": r["day_number"],
                "mean": round(r["mean"], 1),
                "half": quantiles(r)["0.5"],
                "high": quantiles(r)["0.95"],
            }
            for r in rows.filter(pl.col("kind") == "sum").iter_rows(named=True)
        ],
        schema={"days": pl.Int64, "mean": pl.Float64, "half": pl.Float64, "high": pl.Float64},
    )
    blocks.table(
        frame,
        {
            "days": tables.count(_("Days"), 84),
            "mean": tables.count(_("Expected"), 88),
            "half": tables.count(_("Half the time below"), 150),
            "high": tables.count(_("95% of the time below"), 160),
        },
        key="forecast_sums",
        alt=_("Totals of the first days"),
    )


def _engines(run: Mapping[str, Any]) -> None:
    blocks.section(_("Against what was it judged?"), _("The same days, the same SKUs, every method"))
    blocks.table(
        engine_rows(run),
        {
            "engine": tables.text(_("Method"), 110),
            "wape": tables.progress(_("Error"), 110, help=_("Of 28-day totals")),
            "rmsse": _decimals("RMSSE", 70),
            "spl": _decimals(_("Pinball loss"), 128),
            "inside": tables.progress(_("In 80%"), 104),
            "bias": _decimals(_("Bias, %")),
        },
        key="forecast_engines",
        alt=_("Backtest of the engines"),
    )


def _decimals(label: str, width: int | None = None) -> Any:
    return st.column_config.NumberColumn(label, width=width, format="localized", step=0.01)


def sheet(place: Place) -> exports.Sheet | None:
    """Return the 28-day forecast of every SKU for export."""
    runs = data.rows("forecast_runs")
    if runs.is_empty():
        return None
    run = runs.row(0, named=True)
    skus = data.rows("forecast_skus", run_id=run["run_id"])
    bands = [quantiles(row) for row in skus.iter_rows(named=True)]
    columns = [pl.Series(f"q{level}", [band[level] for band in bands]) for level in ("0.1", "0.5", "0.9", "0.95")]
    return exports.Sheet(
        name="forecast", frame=skus.select("sku", "title", "units_28", *columns),
        definitions={"units_28": "Expected units of the 28 days after the cutoff; q0.1 … are quantiles of that total."},
        facts={"Run": str(run["run_id"]), "Cutoff": str(run["cutoff_on"]), "Zone": place.zone},
    )  # fmt: skip
