"""Today: what needs a decision now, is the day on pace, where are the orders, what went differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import blocks, charts, data, links, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import low_stock, today_exceptions, today_numbers, today_reasons

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from app.data import Place
    from app.tiles import Tile

#: Kind of decision, most urgent first: title, icon, colour, page and query behind it.
DECISIONS: dict[str, tuple[str, str, str, str, Mapping[str, str]]] = {
    "late": (N_("Orders past their ship-by time"), "schedule", "red", "orders", {"view": "late"}),
    "sold_out": (N_("Sold out and in demand"), "inventory_2", "red", "stock", {"stock_view": "out"}),
    "last_day": (N_("Stock ends before a supplier can deliver"), "shopping_cart", "orange", "replenishment", {}),
    "unpaid": (N_("Orders waiting for money"), "credit_card_off", "orange", "orders", {"view": "unpaid"}),
    "parcels": (N_("Parcels behind their promise"), "local_shipping", "orange", "orders", {"view": "carrier"}),
    "po_late": (N_("Deliveries from suppliers overdue"), "event_busy", "orange", "purchase_orders", {}),
    "returns": (N_("Returns to inspect"), "assignment_return", "gray", "orders", {"view": "returns"}),
    "po_unconfirmed": (N_("Purchase orders not confirmed"), "pending_actions", "gray", "purchase_orders", {}),
    "po_draft": (N_("Draft purchase orders to send"), "edit_note", "gray", "purchase_orders", {}),
    "rejected": (N_("Imported rows that were refused"), "rule", "gray", "health", {}),
}
QUERIES = ("today_decisions", "today_exceptions")
#: Pixels of one row of the list, so that the chart beside it is as tall.
ROW_HEIGHT = 52
WIDTHS = (0.16, 3.75, 0.55, 0.85, 1.0, 1.95)


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the list: what, why, how many, how old, how much, and the one button."""

    kind: str
    title: str
    why: str
    count: str
    oldest: str
    stake: str
    button: str

    @property
    def colour(self) -> str:
        """Colour role of the row."""
        return DECISIONS[self.kind][2]

    @property
    def icon(self) -> str:
        """Material icon of the row."""
        return f":material/{DECISIONS[self.kind][1]}:"


@dataclass(frozen=True, slots=True)
class TodayView:
    """Everything the page shows: translated, formatted, ready to draw."""

    date_line: str
    decisions: Sequence[Decision]
    decisions_answer: str
    pace: go.Figure | None
    pace_answer: str
    tiles: Sequence[Tile]
    exceptions: pl.DataFrame
    channels: pl.DataFrame
    checked_at: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page asked for."""

    decisions: pl.DataFrame
    exceptions: pl.DataFrame
    numbers: today_numbers.Numbers


def load(place: Place) -> Facts:
    """Ask for what the page shows: rows that wait from its queries, every count from the registry."""
    at = data.moment()
    decisions, exceptions = (data.rows(name, **at) for name in QUERIES)
    return Facts(decisions, exceptions, today_numbers.load(place))


def build(facts: Facts, place: Place, *, narrow: bool = False) -> TodayView:
    """Turn facts into words and figures; pure."""
    now, today, zone, currency = place.now, place.today, place.zone, place.currency
    late = facts.numbers.live["orders_late"][0]
    counted = pl.when(pl.col("kind") == "late").then(pl.lit(late, pl.Int64)).otherwise(pl.col("n")).alias("n")
    waiting = [r for r in facts.decisions.with_columns(counted).iter_rows(named=True) if r["n"]]
    waiting.sort(key=lambda r: list(DECISIONS).index(r["kind"]))
    rows = [decision(r, now=now, today=today, currency=currency) for r in waiting]
    pace, answer = today_numbers.pace(facts.numbers, today), pace_answer(facts.numbers, place)
    return TodayView(
        date_line=fmt.day_title(today),
        decisions=rows,
        decisions_answer=_decisions_answer(waiting, currency),
        pace=pace_figure(
            pace,
            today=today,
            currency=currency,
            height=240 if narrow else ROW_HEIGHT * len(rows) + 34,
            marks=3 if narrow else 4,
        ),
        pace_answer=answer,
        tiles=today_numbers.tiles(facts.numbers, today),
        exceptions=today_exceptions.lines(facts.exceptions, zone=zone, currency=currency),
        channels=channel_lines(facts.numbers.channels, place),
        checked_at=fmt.clock_time(now, zone, seconds=True),
    )


def decision(row: Mapping[str, Any], *, now: datetime, today: date, currency: str) -> Decision:
    """Return one row of the decision list."""
    kind, n = row["kind"], int(row["n"])
    oldest = row["oldest_at"]
    return Decision(
        kind=kind,
        title=_(DECISIONS[kind][0]),
        why=today_reasons.why(row, today=today),
        count=fmt.count(n),
        oldest=_("today") if kind == "last_day" else fmt.age(now - oldest.replace(tzinfo=UTC)) if oldest else _("now"),
        stake=fmt.money_round(int(row["minor"]), currency) if row["minor"] else _("–"),
        button=today_reasons.button(kind, n),
    )


def _decisions_answer(waiting: Sequence[Mapping[str, Any]], currency: str) -> str:
    total = sum(int(r["minor"] or 0) for r in waiting)
    n = len(waiting)
    text = ngettext(
        "{n} decision, {money} at stake, most urgent first", "{n} decisions, {money} at stake, most urgent first", n
    )
    return text.format(n=fmt.count(n), money=fmt.money_short(total, currency))


def pace_figure(
    pace: pl.DataFrame, *, today: date, currency: str, height: int = 344, marks: int = 4
) -> go.Figure | None:
    """Return the running total of today over the usual range; None without an earlier same weekday."""
    if pace.is_empty() or not pace["days"].max():
        return None
    figures = pace.with_columns(pl.col("today", "usual", "low", "high").cast(pl.Float64))
    highest = int(max(figures["high"].max() or 0, figures["today"].max() or 0))  # type: ignore[arg-type]
    usual, running = figures["usual"].to_list(), figures["today"].to_list()
    return charts.pace(
        charts.Pace(
            hours=figures["hour_text"].to_list(),
            today=running,
            usual=usual,
            low=figures["low"].to_list(),
            high=figures["high"].to_list(),
            ticks=fmt.money_ticks(highest, currency),
            words=(_("today"), _("usual {weekday}").format(weekday=fmt.weekday(today))),
            hover=(_money_texts(running, currency), _money_texts(usual, currency)),
        ),
        height=max(240, height),
        marks=marks,
    )


def _money_texts(values: Sequence[float | None], currency: str) -> list[str]:
    return ["" if v is None else fmt.money_round(round(v), currency) for v in values]


def pace_answer(numbers: today_numbers.Numbers, place: Place) -> str:
    """Return the sentence: sales so far, against the median of the same weekday at this time of day."""
    so_far, usual = today_numbers.so_far(numbers, place.today), today_numbers.usual(numbers, place.today)
    at = fmt.clock_time(place.now, place.zone)
    sold = _("Sales {money} by {time}").format(money=fmt.money_short(so_far, place.currency), time=at)
    if usual is None:
        return sold
    if so_far == usual:
        return _("{sold}, as on the usual {weekday}").format(sold=sold, weekday=fmt.weekday(place.today))
    more, less = _("{sold}, {money} above the usual {weekday}"), _("{sold}, {money} below the usual {weekday}")
    return (more if so_far > usual else less).format(
        sold=sold, money=fmt.money_short(abs(so_far - usual), place.currency), weekday=fmt.weekday(place.today)
    )


def channel_lines(channels: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Return the channels' table: placed, open, late, on time."""
    return channels.select(
        pl.col("channel").alias("code"),
        pl.col("channel").replace(dict(place.channels)).alias("name"),
        pl.col("orders").alias("placed"),
        pl.col("orders_open").alias("open"),
        pl.col("orders_late").alias("late"),
        (pl.col("on_time_rate").cast(pl.Float64) * 100).alias("on_time"),
    )


def render(view: TodayView) -> None:
    """Draw the page below its head."""
    with blocks.guard("today.low_stock"):
        low_stock.strip(data.place())
    left, right = st.columns([2.05, 1], gap="medium")
    with left, blocks.guard("today.decisions"):
        blocks.section(_("What needs a decision now?"), view.decisions_answer)
        decision_list(view)
    with right, blocks.guard("today.pace"):
        blocks.section(_("Is today on pace?"), view.pace_answer)
        if view.pace is None:
            blocks.empty_line(
                "no_data", _("No earlier day like this one."), _("The usual range needs one week of orders.")
            )
        else:
            blocks.chart(view.pace, view.pace_answer, key="pace")
    with st.container(gap="xsmall"):
        blocks.section(_("Where are the orders?"))
        blocks.kpi_row(view.tiles)
    left, right = st.columns([2.05, 1], gap="medium")
    with left, blocks.guard("today.exceptions"):
        blocks.section(_("What went differently from plan?"))
        today_exceptions.render(view.exceptions, view.checked_at)
    with right, blocks.guard("today.channels"):
        blocks.section(_("Which channel is behind?"))
        channel_table(view.channels)


def decision_list(view: TodayView) -> None:
    """Draw the list of decisions: a table of rows, or cards on a phone."""
    if not view.decisions:
        with blocks.empty(
            "done", _("Nothing waits for you"), _("Every order, parcel and delivery is where it should be."),
            note=_("Last checked {time}").format(time=view.checked_at),
        ):  # fmt: skip
            if st.button(_("See open orders"), key="decide_none"):
                links.go("orders", view="open")
        return
    phone = blocks.on_phone()
    with st.container(border=True, gap="xsmall"):
        if not phone:
            _decision_header()
        for n, row in enumerate(view.decisions):
            (_decision_card if phone else _decision_row)(row, first=n == 0)


def _decision_header() -> None:
    cells = st.columns(WIDTHS, vertical_alignment="center", gap="small")
    words = ("", _("Decision"), _("Count"), _("Oldest"), _("At stake"), _("Next step"))
    for n, (cell, word) in enumerate(zip(cells, words, strict=True)):
        if word:
            cell.caption(word, text_alignment="right" if n in {2, 3, 4} else "left")


def _decision_row(row: Decision, *, first: bool) -> None:
    cells = st.columns(WIDTHS, vertical_alignment="center", gap="small")
    cells[0].markdown(f":{row.colour}[{row.icon}]")
    cells[1].markdown(f"**{row.title}**  \n:small[:gray[{row.why}]]")
    cells[2].markdown(f"**{row.count}**", text_alignment="right")
    cells[3].markdown(f":red[{row.oldest}]" if row.colour == "red" else row.oldest, text_alignment="right")
    cells[4].markdown(row.stake.replace("$", "\\$"), text_alignment="right")
    with cells[5]:
        _decide(row, first=first, width="stretch")


def _decision_card(row: Decision, *, first: bool) -> None:
    with st.container(gap="xxsmall"):
        st.markdown(f":{row.colour}[{row.icon}] **{row.title}**  \n:small[:gray[{row.why}]]")
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{row.count}** · {row.oldest} · {row.stake}", width="content")
            _decide(row, first=first, width="content")


def _decide(row: Decision, *, first: bool, width: str) -> None:
    """Draw the way to the rows behind a decision.

    A link, not a button: the browser itself leaves the page, so a redraw of this live part that is on its
    way cannot overtake the change of page and leave it blank.
    """
    _title, _icon, _colour, page, query = DECISIONS[row.kind]
    label = f"**{row.button}**" if first else row.button
    with st.container(border=True, gap=None, key=f"decide_{row.kind}", width=width):  # type: ignore[arg-type]
        st.page_link(
            f"app_pages/{page}.py",
            label=label,
            query_params=links.query(query),
            width=width,  # type: ignore[arg-type]
        )


def channel_table(channels: pl.DataFrame) -> None:
    """Draw the channels' table; a selected row opens the channel's open orders."""
    if channels.is_empty():
        blocks.empty_line("no_data", _("No channels yet."), _("They come with the first orders."))
        return
    columns = {
        "name": tables.text(_("Channel"), 112),
        "placed": tables.count(_("Placed"), 56),
        "open": tables.count(_("Open"), 56),
        "late": tables.count(_("Late"), 72),
        "on_time": tables.progress(_("On time, 7 d")),
    }
    worst = channels.sort("late", descending=True).row(0, named=True)
    alt = _("{channel} has most late orders: {n}").format(channel=worst["name"], n=worst["late"])
    for position in blocks.table(
        channels, columns, key="today_channels", alt=alt, open_on_click=True, phone=("name", "late", "on_time")
    ):
        links.go("orders", view="open", channel=channels["code"][position])
