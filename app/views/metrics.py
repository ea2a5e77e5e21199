"""Metrics: how is each number defined? The registry as a glossary, and one definition in a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.metrics import METRICS, SECTIONS, Metric
from app import address, blocks, data, exports, links, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import value_text
from app.views import metric_drawer

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

#: What a metric is about: name to its words and the marts or slugs that belong to it.
TOPICS: dict[str, str] = {
    "all": N_("All"),
    "sales": N_("Sales"),
    "orders": N_("Orders"),
    "customers": N_("Customers"),
    "stock": N_("Stock"),
    "delivery": N_("Delivery"),
    "cases": N_("After the sale"),
    "margin": N_("Margin"),
    "purchasing": N_("Purchasing"),
    "owed": N_("Money owed"),
}
UNITS = {
    "money": N_("money"), "count": N_("count"), "quantity": N_("units"), "ratio": N_("share"), "days": N_("days"),
    "hours": N_("hours"),
}  # fmt: skip
CLOCKS = {"event": N_("event day"), "cohort": N_("day of the order"), "snapshot": N_("state at the end")}
CLOCK_COLOURS = {"event": "blue", "cohort": "violet", "snapshot": "gray"}


@dataclass(frozen=True, slots=True)
class MetricsView:
    """The glossary's rows."""

    rows: pl.DataFrame
    slugs: Sequence[str]


def topic_of(metric: Metric) -> str:
    """Return what a metric is about, by the registry's own sections."""
    return _topics().get(metric.slug, "all")


@lru_cache
def _topics() -> Mapping[str, str]:
    return {metric.slug: name for name, section in reversed(SECTIONS.items()) for metric in section}


def found(wanted: str, topic: str) -> list[Metric]:
    """Return the metrics of a topic that hold the searched words."""
    return [m for m in METRICS if matches(m, wanted) and topic in {"all", topic_of(m)}]


def matches(metric: Metric, wanted: str) -> bool:
    """Say whether a metric holds the searched words in its name, slug or definition, in either language."""
    text = f"{metric.slug} {metric.label} {_(metric.label)} {metric.help} {_(metric.help)}".lower()
    return all(word in text for word in wanted.lower().split())


def build(answers: Mapping[str, object], wanted: str, topic: str, currency: str) -> MetricsView:
    """Return the glossary as it was searched; pure.

    Parameters
    ----------
    answers : mapping
        Metric to its value over the chosen period.
    """
    chosen = found(wanted, topic)
    rows = [
        {
            "label": _(m.label),
            "value": value_text(m.unit, answers.get(m.slug), currency),
            "unit": _(UNITS[m.unit]),
            "clock": [_(CLOCKS[m.clock])],
            "slug": m.slug,
            "help": _(m.help),
        }
        for m in chosen
    ]
    schema: dict[str, Any] = {"label": pl.String, "value": pl.String, "unit": pl.String, "clock": pl.List(pl.String)}
    return MetricsView(
        pl.DataFrame(rows, schema={**schema, "slug": pl.String, "help": pl.String}), [m.slug for m in chosen]
    )


def load(chosen: Filters, shown: Sequence[Metric]) -> dict[str, object]:
    """Ask for the metrics that are shown, all in one question over the period."""
    return data.ask_plain([m.slug for m in shown], chosen).row(0, named=True) if shown else {}


def render(chosen: Filters, place: Place) -> MetricsView:
    """Draw topics, search, the glossary and, when one is open, its definition."""
    with address.bound("metric_topic", "all", TOPICS):
        topic = st.segmented_control(
            _("Topic"), list(TOPICS), required=True, key="metric_topic", label_visibility="collapsed",
            format_func=_topic_word,
        )  # fmt: skip
    wanted = st.text_input(
        _("Search"), key="metric_q", bind="query-params", type="search", label_visibility="collapsed",
        placeholder=_("Name, or a word of the definition"),
    )  # fmt: skip
    answers = load(chosen, found(wanted or "", topic or "all"))
    view = build(answers, wanted or "", topic or "all", place.currency)
    n = view.rows.height
    said = ngettext("{n} metric", "{n} metrics", n).format(n=n)
    st.caption(
        f"{said} · "
        + _("values: {period}; a click opens the definition").format(period=fmt.span(chosen.since, chosen.until))
    )
    if not n:
        _nothing()
    else:
        _table(view)
    slug = links.detail("metric")
    if slug:
        metric_drawer.show(slug, chosen, place)
    return view


def _topic_word(name: str) -> str:
    n = len(METRICS) if name == "all" else sum(topic_of(m) == name for m in METRICS)
    return f"{_(TOPICS[name])} {n}"


def _nothing() -> None:
    with blocks.empty("filters", _("No metric matches"), _("Nothing in the registry holds these words.")):
        st.button(_("Show all metrics"), type="primary", on_click=_reset, key="metrics_reset")


def _reset() -> None:
    address.forget("metric_topic", "metric_q")


def _table(view: MetricsView) -> None:
    words: dict[str, str] = {_(CLOCKS[name]): tint for name, tint in CLOCK_COLOURS.items()}
    columns = {
        "label": tables.text(_("Metric"), 190),
        "value": tables.words_right(_("Value"), 110),
        "unit": tables.text(_("Unit"), 64),
        "clock": tables.badge(_("Clock"), words, 130),
        "slug": tables.text(_("Name in queries"), 180),
        "help": tables.text(_("Definition")),
    }
    height = (view.rows.height + 1) * 32 + 2
    for position in blocks.table(
        view.rows, columns, key="metrics_table", alt=_("Every metric with its definition"),
        open_on_click=True, height=height, phone=("label", "value"),
    ):  # fmt: skip
        links.open_detail("metric", view.slugs[position])


def sheet(view: MetricsView) -> exports.Sheet:
    """Return the glossary as a file."""
    return exports.Sheet("metrics", view.rows, {m.slug: m.help for m in METRICS})
