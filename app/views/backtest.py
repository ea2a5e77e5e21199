"""Backtest: our stock policy on the shop's own past, against other policies and what was really ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import blocks, data, exports, tables
from app import format as fmt
from app.i18n import _
from app.tiles import Tile
from app.views.backtest_curve import OURS, POLICIES, curve
from app.views.forecast_fan import mapping

if TYPE_CHECKING:
    from datetime import datetime

    from app.data import Place

QUERIES = ("stock_backtests",)
#: Fill rate the tiles speak of, and how far from it ours may come out without hindsight.
SPOKEN, NEAR = 0.95, 0.01


@dataclass(frozen=True, slots=True)
class Facts:
    """One kept backtest: when it was made and its results (:func:`forecasting.comparison.compare`)."""

    number: int
    made_at: datetime
    results: Mapping[str, Any]


def load() -> Facts | None:
    """Return the newest backtest, if one was kept."""
    rows = data.rows("stock_backtests").head(1)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return Facts(row["backtest_id"], row["made_at"], mapping(row["results"]))


def compared(change: Mapping[str, float | None] | None) -> str:
    """Say a change with its interval, ``-17% (-26 to -10)``; pure."""
    if change is None or change["change"] is None:
        return _("not reached")
    middle = fmt.change(change["change"], 0)
    if change["low"] is None or change["high"] is None:
        return middle
    return f"{middle} ({fmt.interval(fmt.change(change['low'], 0), fmt.change(change['high'], 0))})"


def tiles(results: Mapping[str, Any], currency: str) -> tuple[Tile, ...]:
    """Return what a buyer asks first: against what was ordered, cover and min/max, and is its word kept."""
    at = _nearest(results["targets"], SPOKEN)
    fill = fmt.percent(results["targets"][at])
    alone = results["alone"][at]
    off = abs(alone["fill_rate"] - alone["target"])
    rivals = [
        Tile(
            _("Stock against {policy}").format(policy=_(POLICIES[name][0]).lower()), _middle(change),
            _range(change), _better(change), note=_("at {fill} fill").format(fill=fill),
            help=_("The other policy is tuned in hindsight to the same fill rate; the range holds 95 of 100 draws."),
        )
        for name, change in ((name, results["against"][name][at]) for name in ("cover", "minmax"))
    ]  # fmt: skip
    kept = Tile(
        _("Fill without hindsight"), fmt.percent(alone["fill_rate"], 1), _("{fill} asked for").format(fill=fill),
        "green" if off <= NEAR else "orange",
        help=_("Each week the policy knew only the weeks before; this is what customers would have been served."),
    )  # fmt: skip
    return (*_actual_tiles(results.get("actual"), currency), *rivals, kept)


def _actual_tiles(actual: Mapping[str, Any] | None, currency: str) -> list[Tile]:
    if actual is None:
        return []
    return [
        Tile(
            _("What was really ordered"), fmt.percent(actual["fill_rate"], 1),
            fmt.money_tile(round(actual["stock"]), currency), note=_("on the shelf on average"),
            help=_("Share of demand met; what was sold out is given the demand of the days around it."),
        ),
        Tile(
            _("Ours with that stock"), fmt.percent(actual["fill_at_that_stock"], 1),
            fmt.points(actual["fill_at_that_stock"] - actual["fill_rate"]),
            "green" if actual["fill_at_that_stock"] >= actual["fill_rate"] else "red", note=_("of demand met"),
            help=_("Stock of ours for the fill that was really reached, against what was held: {change}.").format(
                change=compared(actual)
            ),
        ),
    ]  # fmt: skip


def _middle(change: Mapping[str, Any]) -> str:
    return "–" if change["change"] is None else fmt.change(change["change"], 0)


def _range(change: Mapping[str, Any]) -> str:
    if change["low"] is None:
        return _("not reached") if change["change"] is None else ""
    return fmt.interval(fmt.change(change["low"], 0), fmt.change(change["high"], 0))


def _better(change: Mapping[str, Any]) -> Any:
    """Return green if the whole interval lies below zero, red if above, else gray."""
    if change["low"] is None:
        return "gray"
    return "green" if change["high"] < 0 else "red" if change["low"] > 0 else "gray"


def _nearest(targets: Sequence[float], wanted: float) -> int:
    return min(range(len(targets)), key=lambda place: abs(targets[place] - wanted))


def by_target(results: Mapping[str, Any]) -> pl.DataFrame:
    """Return one row a fill rate: our stock, the change against each policy, and the word kept; pure."""
    rows = [
        {
            "fill": fmt.percent(target), "stock": results["policies"][OURS]["stock"][i],
            **{name: compared(results["against"][name][i]) for name in results["against"]},
            "alone": fmt.percent(results["alone"][i]["fill_rate"], 1), "alone_stock": results["alone"][i]["stock"],
        }
        for i, target in enumerate(results["targets"])
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"stock": pl.Float64, "alone_stock": pl.Float64})


def by_class(results: Mapping[str, Any]) -> pl.DataFrame:
    """Return one row a class of SKUs at one fill rate; pure."""
    rows = [
        {
            "class": row["class"], "skus": row["series"], "stock": row["stock"],
            **{name: compared(change) for name, change in row["against"].items()},
        }
        for row in results.get("classes", [])
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"stock": pl.Float64})


def render(place: Place) -> None:
    """Draw the verdict, the curve, and the tables; or the offer to compare."""
    found = load()
    if found is None:
        with blocks.empty(
            "no_data", _("Nothing compared yet"), _("It needs 200 days of orders and takes some seconds."),
            note="`ordersight replenish simulate`",
        ):  # fmt: skip
            if st.button(_("Compare now"), type="primary", key="backtest_run"):
                run_now()
        return
    results, currency = found.results, found.results["currency"]
    blocks.section(_("Would our orders have been better?"), _told(found, place))
    blocks.kpi_row(tiles(results, currency))
    blocks.section(_("How much stock does each fill rate cost?"), _("Average value on the shelf; lower is better"))
    blocks.chart(curve(results, currency, narrow=blocks.on_phone()), alt=_told(found, place), key="backtest_curve")
    blocks.section(_("Is it sure?"), _("Stock of ours against theirs at equal fill, with 95% intervals over SKUs"))
    _table(by_target(results), {"fill": tables.text(_("Fill rate"), 80), **_columns(currency),
           "alone": tables.text(_("Fill without hindsight"), 150),
           "alone_stock": tables.money(_("Its stock"), currency, 110)}, "backtest_targets")  # fmt: skip
    classes = by_class(results)
    if not classes.is_empty():
        blocks.section(
            _("Which goods gain?"),
            _("Value (A to C) and evenness (X to Z) of demand, at {fill} fill").format(
                fill=fmt.percent(results["class_target"], 1)
            ),
        )
        columns = {"class": tables.text(_("Class"), 70), "skus": tables.count(_("SKUs"), 70), **_columns(currency)}
        _table(classes, columns, "backtest_classes")


def _columns(currency: str) -> dict[str, Any]:
    rivals = {name: tables.text(_(word), 160) for name, (word, _colour, _dash) in POLICIES.items() if name != OURS}
    return {"stock": tables.money(_("Our stock"), currency, 110), **rivals}


def _table(frame: pl.DataFrame, columns: dict[str, Any], key: str) -> None:
    money = [name for name in ("stock", "alone_stock") if name in frame.columns]
    shown = frame.with_columns(tables.major(pl.col(name), data.shop().currency) for name in money)
    alt = _("Stock of ours against theirs at equal fill, with 95% intervals over SKUs")
    blocks.table(shown, columns, key=key, alt=alt)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _told(found: Facts, place: Place) -> str:
    results = found.results
    words = [
        _("{n} SKUs over {days} days to {until}, {share} of all units sold").format(
            n=fmt.count(results["series"]), days=fmt.count(results["days"]),
            until=fmt.day(_date(results["until_on"]), year=True), share=fmt.percent(results["coverage"]),
        ),
        _("bulk orders are left out ({share})").format(share=fmt.percent(results["bulk"])),
        _("compared {when}").format(when=fmt.moment(found.made_at, place.zone)),
    ]  # fmt: skip
    if data.shop().simulated and results.get("actual"):
        words.append(_("the buyer of this demo is simulated and knew much of what was going to be sold"))
    return " · ".join(words)


def run_now() -> None:
    """Compare from the page; the result is kept like any other."""
    from app.jobs.stock_backtest import run_backtest

    with st.spinner(_("Running each policy over the past …")):
        run_backtest(data.floor().workspace, actor="dashboard")
    data.floor().tick()
    st.rerun()


def sheet() -> exports.Sheet | None:
    """Return the table by fill rate for export."""
    found = load()
    if found is None:
        return None
    facts = {"Backtest": str(found.number), "Currency": found.results["currency"]}
    return exports.Sheet(name="backtest", frame=by_target(found.results), facts=facts)
