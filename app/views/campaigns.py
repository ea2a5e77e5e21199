"""What messages to segments brought: the exports that held somebody back, and the difference it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import blocks, data, tables
from app import format as fmt
from app.i18n import _, language
from app.jobs import campaigns as job
from app.tiles import Tile
from oms_core.kernel.errors import DataNotReady
from segmentation import campaign_words as words

if TYPE_CHECKING:
    from app.jobs.campaigns import Campaign, Result
    from app.jobs.segments import Evaluation

#: Days in which a foreseen campaign's orders would count, and the effect asked about.
ASKED = 0.1


@dataclass(frozen=True, slots=True)
class ResultView:
    """One campaign's result, translated and formatted."""

    tiles: Sequence[Tile]
    sentences: Sequence[str]
    warnings: Sequence[str]


def rows(found: Sequence[Campaign]) -> pl.DataFrame:
    """Return campaigns as rows of a table; pure."""
    states = {job.RUNNING: _("Orders still counted"), job.FINISHED: _("Finished")}
    schema: dict[str, Any] = {
        "name": pl.String, "segment": pl.String, "sent_on": pl.Date, "until": pl.Date, "sent": pl.Int64,
        "held": pl.Int64, "state": pl.List(pl.String),
    }  # fmt: skip
    return pl.DataFrame(
        [(c.name, c.segment, c.since, c.until, c.sent, c.held, [states[c.state]]) for c in found],
        schema=schema, orient="row",
    )  # fmt: skip


def build(found: Result) -> ResultView:
    """Turn a result into tiles and sentences; pure."""
    labels = {"orders": _("More orders"), "revenue": _("More revenue"), "margin": _("More margin")}
    tiles, sentences = [], []
    for row in found.rows.iter_rows(named=True):
        total = (row["total"], row["total_low"], row["total_high"])
        money = row["measure"] != "orders"

        def amount(value: float, *, money: bool = money) -> str:
            return fmt.money_round(round(value), found.currency) if money else fmt.count(round(value))

        between = _("{low} to {high}").format(low=amount(total[1]), high=amount(total[2]))
        sure = _("Best guess; the interval holds the truth in 95 of 100 campaigns.")
        tiles.append(Tile(labels[row["measure"]], amount(total[0]), between, help=sure))
        said = words.told(row["measure"], total, amount, language())
        sentences.append(f"{said} {words.chance_of(row['p_value'], language())}")
    if found.truth is not None:
        inside = _("inside the interval") if found.truth_inside else _("outside the interval")
        told = _("Known in this simulated shop; one in twenty intervals misses it.")
        tiles.append(Tile(_("True answers"), fmt.count(found.truth), inside, help=told))
    warnings = [words.say("shaky", language())] if found.rows["is_shaky"][0] else []
    if found.disturbed:
        warnings.append(words.say("disturbed", language(), n=fmt.count(found.disturbed)))
    return ResultView(tuple(tiles), tuple(sentences), tuple(warnings))


def render() -> None:
    """Draw the shop's campaigns, and the result of the one chosen."""
    blocks.section(
        _("Did writing to them earn anything?"), _("What those who got a message ordered beyond the hold-out")
    )
    found = job.listed(data.floor().workspace)
    if not found:
        blocks.empty_line(
            "done", _("No campaign yet"), _("Export a segment with a hold-out, and a month later it reads here.")
        )
        return
    shown = rows(found)
    colours = {_("Orders still counted"): "blue", _("Finished"): "green"}
    blocks.table(
        shown,
        {
            "name": tables.text(_("Campaign"), 180), "segment": tables.text(_("Segment"), 150),
            "sent_on": tables.day(_("Sent on"), 110), "until": tables.day(_("Counted until"), 120),
            "sent": tables.count(_("Got it"), 84), "held": tables.count(_("Held out"), 84),
            "state": tables.badge("", colours, 140),
        },
        key="campaigns", alt=_("Campaigns"),
    )  # fmt: skip
    by_id = {one.id: one for one in found}
    chosen = st.selectbox(
        _("Result of"), list(by_id), format_func=lambda key: f"{by_id[key].name} · {fmt.day(by_id[key].since)}",
        key="campaign_chosen",
    )  # fmt: skip
    _result(by_id[int(chosen)])


def _result(campaign: Campaign) -> None:
    try:
        view = build(_read(data.watermark(), data.place().today, campaign.id))
    except DataNotReady:
        blocks.empty_line("filters", _("No effect to read"), _("Both groups need at least two people."))
        return
    blocks.kpi_row(view.tiles, columns=len(view.tiles))
    st.markdown("\n".join(f"- {one}" for one in view.sentences))
    for one in view.warnings:
        st.caption(f":orange[:material/warning: {one}]")


@data.remembered(20)
def _read(mark: str, today: date, campaign_id: int) -> Result:
    del mark, today
    workspace = data.floor().workspace
    return job.result(workspace, job.find(workspace, str(campaign_id)))


@data.remembered(30)
def _outlook(mark: str, today: date, text: str, purpose: str, holdout: float) -> job.Outlook:
    del mark, today
    return job.power(
        data.floor().workspace, data.segment(text), purpose=purpose, holdout=holdout, asked=ASKED,
        window_days=job.WINDOW_DAYS,
    )  # fmt: skip


def foreseen(found: Evaluation, *, purpose: str, holdout: float) -> None:
    """Say under the file which effect this hold-out could show."""
    outlook = _outlook(data.watermark(), data.place().today, found.text, purpose, holdout)
    orders = outlook.measures[0]
    st.caption(words.foreseen("orders", orders.detectable_share, language()))
    advice = words.advised(ASKED, orders.needed_share, orders.needed_members, language())
    if advice and (orders.detectable_share or 0) > ASKED:
        st.caption(f":orange[:material/lightbulb: {advice}]")
