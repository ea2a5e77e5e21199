"""One metric's definition: verdict, sentence, formula, clock, identities with differences, the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.behind import rows_behind
from analytics.metrics import DIMENSIONS, METRICS, Metric, base, metric, splits
from analytics.periods import Period
from app import blocks, data, links
from app import format as fmt
from app.i18n import N_, _
from app.tiles import value_text

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

WIDTH = 640
CLOCK_HELP = {
    "event": N_("Event day: what happened counts on the day it happened, a return on the day it comes back"),
    "cohort": N_("Day of the order: later changes of an order count on the day it was placed"),
    "snapshot": N_("A state at the end of the period"),
}
#: Dimensions over which an additive metric is added up as a check.
CHECKED_OVER = ("channel", "country", "day", "category")


@dataclass(frozen=True, slots=True)
class Identity:
    """One way to reach the same number: its words, the sum, and the difference (zero when it holds)."""

    words: str
    value: float
    difference: float

    @property
    def holds(self) -> bool:
        """Whether the difference is nothing."""
        return abs(self.difference) < 1e-9


def formula(found: Metric) -> str:
    """Return a composed metric's formula; a measured one shows its aggregate."""
    if found.measures:
        measure = found.measures[0]
        return f"{found.slug} = {measure.expression.replace('f.', '')}  -- {measure.mart}"
    top = " ".join(_signed(term, first=n == 0) for n, term in enumerate(found.terms))
    if not found.over:
        return f"{found.slug} = {top}"
    below = " ".join(_signed(term, first=n == 0) for n, term in enumerate(found.over))
    days = " * days" if found.per_day else ""
    return f"{found.slug} = ({top}){days} / ({below})"


def _signed(term: str, *, first: bool) -> str:
    sign = "-" if term.startswith("-") else "+"
    slug = term.removeprefix("-")
    return (f"-{slug}" if sign == "-" else slug) if first else f"{sign} {slug}"


def _in_words(found: Metric) -> str:
    """Return a sum of metrics by their names: ``Gross sales − Discounts − Returns``."""
    said = [f"{'−' if t.startswith('-') else '+'} {_(metric(t.removeprefix('-')).label)}" for t in found.terms]
    return " ".join(said).removeprefix("+ ")


def identities(found: Metric, chosen: Filters) -> list[Identity]:
    """Return what must add up to the metric's value over the period: its parts, and its sums over dimensions."""
    total = data.ask_plain([found.slug], chosen)[found.slug][0]
    if total is None:
        return []
    checks = []
    if found.terms and not found.over:
        parts = data.ask_plain([t.removeprefix("-") for t in found.terms], chosen).row(0, named=True)
        whole = sum((-1 if t.startswith("-") else 1) * (parts[t.removeprefix("-")] or 0) for t in found.terms)
        checks.append(Identity(_in_words(found), whole, whole - total))
    if found.additive:
        for name in CHECKED_OVER:
            if name in splits(found.slug) and name not in found.additive_except:
                value: Any = data.ask_plain([found.slug], chosen, by=(name,))[found.slug].sum()
                checks.append(
                    Identity(_("Sum over: {dimension}").format(dimension=_dimension(name)), value, value - total)
                )
    return checks


def _dimension(name: str) -> str:
    return next(_(d.label).lower() for d in DIMENSIONS if d.slug == name)


def siblings(found: Metric) -> list[Metric]:
    """Return the same number on the other clock, if the registry has it."""
    other = found.slug.removesuffix("_cohort") if found.slug.endswith("_cohort") else f"{found.slug}_cohort"
    return [m for m in METRICS if m.slug == other]


def users(found: Metric) -> list[str]:
    """Return the metrics made of this one."""
    return [m.slug for m in METRICS if found.slug in m.parts]


def show(slug: str, chosen: Filters, place: Place) -> None:
    """Open the drawer of a metric."""
    title = next((_(m.label) for m in METRICS if m.slug == slug), slug)

    @st.dialog(title, position="right", width=WIDTH, on_dismiss=_closed)
    def drawer() -> None:
        with blocks.guard("metric"):
            _draw(metric(slug), chosen, place)

    drawer()


def _closed() -> None:
    links.close_detail("metric")


def _draw(found: Metric, chosen: Filters, place: Place) -> None:
    checks = identities(found, chosen)
    _verdict(found, checks)
    st.markdown(_(found.help))
    st.code(formula(found), language="sql")
    blocks.facts(fact_pairs(found, chosen, place))
    if checks:
        _identities(found, checks, chosen, place)
    _rows(found, chosen, place)
    with st.expander(_("Show SQL"), icon=":material/code:"):
        for part in base(found.slug):
            st.markdown(f"`{part}`")
            measure = metric(part).measures[0]
            st.code(f"SELECT {measure.expression}\nFROM {measure.mart} AS f", language="sql")
    with st.container(horizontal=True, gap="xsmall"):
        if _about_orders(found) and st.button(
            _("Open the orders"), type="primary", icon=":material/receipt_long:", key="metric_orders"
        ):
            links.go("orders", view="all")
        with st.popover(_("Copy link"), icon=":material/link:", type="tertiary"):
            st.code(links.here(), language=None, wrap_lines=True)


def _about_orders(found: Metric) -> bool:
    return any(
        m.mart in {"fct_orders", "fct_sales", "fct_order_lines"}
        for part in base(found.slug)
        for m in metric(part).measures
    )


def _verdict(found: Metric, checks: Sequence[Identity]) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if checks and all(c.holds for c in checks):
            word = _("Reconciled to the penny") if found.unit == "money" else _("Reconciled exactly")
            st.badge(word, icon=":material/verified:", color="green")
        elif checks:
            st.badge(_("Does not add up"), icon=":material/error:", color="red")
        st.badge(_("Version {n}").format(n=found.version), color="gray")
        age = fmt.number(max(0.0, data.staleness().total_seconds()), 0)
        st.badge(_("Fresh, {n} s").format(n=age), icon=":material/schedule:", color="gray")
        st.caption(found.slug, width="content")


@data.remembered(200)
def _rows_read(mark: str, slug: str, since: date, until: date, today: date, where: str | None) -> dict[str, int]:
    del mark
    return rows_behind(data.floor().replica, slug, Period(since, until), today=today, where=where)


def rows_read(found: Metric, chosen: Filters, place: Place) -> dict[str, int]:
    """Return how many rows of which mart stand behind the number over the period."""
    where = data.own_currency() if "currency" in splits(found.slug) else None
    return _rows_read(data.watermark(), found.slug, chosen.since, chosen.until, place.today, where)


def fact_pairs(found: Metric, chosen: Filters, place: Place) -> dict[str, str]:
    """Return the facts of a definition: value, clock, sibling, unit and grain, splits, who uses it."""
    value = data.ask_plain([found.slug], chosen)[found.slug][0]
    pairs = {
        fmt.span(chosen.since, chosen.until): f"**{value_text(found.unit, value, place.currency)}**",
        _("Clock"): _(CLOCK_HELP[found.clock]),
    }
    for other in siblings(found):
        pairs[_("The other clock")] = f"`{other.slug}` · {_(other.label)}"
    unit = place.currency if found.unit == "money" else _(found.unit)
    pairs[_("Unit, grain")] = f"{unit}, {_(found.grain)}"
    pairs[_("Split by")] = ", ".join(_dimension(name) for name in splits(found.slug))
    pairs[_("Rows read")] = ", ".join(f"{fmt.count(n)} `{mart}`" for mart, n in rows_read(found, chosen, place).items())
    made_of = users(found)
    if made_of:
        pairs[_("Used by")] = ", ".join(f"`{slug}`" for slug in made_of)
    return pairs


def _identities(found: Metric, checks: Sequence[Identity], chosen: Filters, place: Place) -> None:
    held = sum(c.holds for c in checks)
    said = _("{held} of {all} identities hold over {period}").format(
        held=held, all=len(checks), period=fmt.span(chosen.since, chosen.until)
    )
    blocks.section(_("Does it add up?"), said, small=True)
    scale = 100 if found.unit == "money" else 1
    digits = 2 if found.unit == "money" else 0
    unit = place.currency if found.unit == "money" else _(found.unit)
    rows = [
        (
            f":{'green' if c.holds else 'red'}[:material/{'check_circle' if c.holds else 'error'}:] {c.words}",
            c.value / scale,
            c.difference / scale,
        )
        for c in checks
    ]
    names = [_("Identity"), unit, _("Difference")]
    table = pl.DataFrame(rows, schema=names, orient="row").to_pandas()

    def number(value: Any) -> str:
        return fmt.number(value, digits)

    st.table(
        table.style.format({names[1]: number, names[2]: number}).hide(axis="index"),
        border="horizontal",
        hide_index=True,
    )


def _rows(found: Metric, chosen: Filters, place: Place) -> None:
    """Draw the largest rows behind the number: by SKU when goods are counted, by channel otherwise."""
    by = next((name for name in ("sku", "channel", "location", "carrier") if name in splits(found.slug)), None)
    if by is None or not found.additive:
        return
    frame = data.ask_plain([found.slug], chosen, by=(by,))
    frame = frame.filter(pl.col(found.slug) != 0).sort(pl.col(found.slug).abs(), pl.col(by), descending=[True, False])
    if frame.is_empty():
        return
    said = _("{n} rows by {dimension}; largest first").format(n=fmt.count(frame.height), dimension=_dimension(by))
    blocks.section(_("Which rows are behind it?"), said, small=True)
    titles = dict(data.rows("titles").select("sku", "title").iter_rows()) if by == "sku" else {}
    rows = [
        (str(key or _("none")), fmt.product(titles.get(key, "") or ""), value_text(found.unit, value, place.currency))
        for key, value in frame.head(6).select(by, found.slug).iter_rows()
    ]
    header = [next(_(d.label) for d in DIMENSIONS if d.slug == by), _("Name"), _(found.label)]
    kept = header if titles else [header[0], header[2]]
    table = pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row").select(kept)
    st.table(table, border="horizontal", hide_index=True)
    last = chosen.until - timedelta(days=1)
    asked: dict[str, str | Sequence[str]] = {
        "ask_m": [found.slug],
        "ask_by": [by],
        "ask_period": "custom",
        "ask_from": chosen.since.isoformat(),
        "ask_to": last.isoformat(),
    }
    st.page_link(
        "app_pages/ask.py", label=_("All rows"), icon=":material/query_stats:", query_params=links.query(asked)
    )
