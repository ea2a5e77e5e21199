"""The returns desk: queues by what is to be done next, days left of what the law wants, one case in a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from app import address, blocks, cases, desk, links, states, tables
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.views import return_case

if TYPE_CHECKING:
    from app.data import Place

KEY = "case"
#: Queues by name: words and what is good about an empty one.
QUEUES: dict[str, tuple[str, str]] = {
    "requested": (N_("To answer"), N_("Every request has an answer")),
    "to_receive": (N_("To receive"), N_("No goods are on their way back")),
    "to_inspect": (N_("To inspect"), N_("Everything that came back was looked at")),
    "to_refund": (N_("To refund"), N_("Nobody waits for money")),
    "exchanges": (N_("Exchanges"), N_("No exchange is open")),
    "claims": (N_("Claims"), N_("No claim is open")),
    "withdrawals": (N_("Withdrawals"), N_("No withdrawal is open")),
    "done": (N_("Done"), N_("Nothing came back yet")),
}
_AXES = {"return": "return_machine"}
#: Days before a statutory deadline that turn it amber.
SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class ReturnsView:
    """The rows of a queue, which case each opens, and the sentence above them."""

    rows: pl.DataFrame
    opens: tuple[str, ...]
    value: Any
    answer: str


_SCHEMA: dict[str, Any] = {
    "number": pl.String, "order": pl.String, "customer": pl.String, "state": pl.List(pl.String), "at": pl.String,
    "waits": pl.String, "due": pl.List(pl.String), "reason": pl.String,
}  # fmt: skip


def build(rows: list[dict[str, Any]], place: Place) -> ReturnsView:
    """Turn cases into the table's rows, the nearest deadline first; pure."""
    held = sorted(rows, key=lambda row: row["due_on"] or date.max)
    shown = [_row(row, place) for row in held]
    codes = [str(row["currency"]) for row in held]
    values, column = tables.amounts(_("Value"), [row["minor"] or None for row in held], codes)
    return ReturnsView(
        rows=pl.DataFrame(shown, schema=_SCHEMA).with_columns(values.alias("value")),
        opens=tuple(f"{row['kind']}:{row['number']}" for row in held),
        value=column,
        answer=_answer(held, place),
    )


def _answer(held: Sequence[Mapping[str, Any]], place: Place) -> str:
    """Return how many cases there are, what they are worth in the shop's currency and how long the oldest waits."""
    if not held:
        return ""
    worth = sum(row["minor"] or 0 for row in held if row["currency"] == place.currency)
    words = ngettext(
        "{n} case, {money}, waits {age}", "{n} cases, {money}, the oldest waits {age}", len(held)
    )  # fmt: skip
    oldest = fmt.age(place.now - min(row["at"] for row in held))
    return words.format(n=fmt.count(len(held)), money=fmt.money_short(int(worth), place.currency), age=oldest)


def _row(row: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {
        "number": row["number"],
        "order": desk.order_name(row["order"]) if row["order"] else "",
        "customer": row["customer"] or _("Guest"),
        "state": [states.word(row["state"])],
        "at": fmt.moment(row["at"], place.zone),
        "waits": fmt.age(place.now - row["at"]),
        "due": [deadline(row["due_on"], place.today)[0]] if row["due_on"] else [],
        "reason": return_case.reason_words(row["reason"]),
    }


def deadline(due: date, today: date) -> tuple[str, str]:
    """Return what is left until a statutory day in words, and its colour."""
    left = (due - today).days
    if left < 0:
        return ngettext("{n} day over", "{n} days over", -left).format(n=-left), "red"
    words = ngettext("{n} day left", "{n} days left", left).format(n=left)
    return words, "orange" if left <= SOON_DAYS else "gray"


def render(place: Place) -> None:
    """Draw the queues, the rows of one, and the case that is open."""
    counts = cases.counts()
    # the first queue with work when the reader came; it stays the first while they work it off
    first = st.session_state.setdefault(
        "returns_first", next((name for name in QUEUES if counts.get(name)), "requested")
    )
    with address.bound("queue", first, QUEUES):
        picked = st.segmented_control(
            _("Queue"), list(QUEUES), required=True, key="queue", label_visibility="collapsed",
            format_func=lambda name: f"{_(QUEUES[name][0])} {fmt.count(counts[name])}"
            if name in counts else _(QUEUES[name][0]),
        )  # fmt: skip
    queue = str(picked or first)
    view = build(cases.waiting(queue), place)
    if view.rows.is_empty():
        at = fmt.clock_time(place.now, place.zone, seconds=True)
        with blocks.empty(
            "done", _(QUEUES[queue][1]), _("A return is asked for from its order."),
            note=_("Last checked {time}").format(time=at),
        ):  # fmt: skip
            if st.button(_("See orders"), key="returns_orders"):
                links.go("orders", view="all")
    else:
        _table(view, queue, place)
    opened = links.detail(KEY)
    if opened:
        return_case.show(opened)


def _table(view: ReturnsView, queue: str, place: Place) -> None:
    dues = {
        deadline(due, place.today)[0]: deadline(due, place.today)[1]
        for due in {row["due_on"] for row in cases.waiting(queue) if row["due_on"]}
    }
    axis = {"exchanges": "exchange", "claims": "claim", "withdrawals": "withdrawal"}.get(queue, "return_machine")
    columns = {
        "number": tables.text(_("Number"), 96),
        "order": tables.text(_("Order"), 96),
        "customer": tables.text(_("Customer"), 190),
        "state": tables.badge(_("State"), states.badge_colours(axis), 140),
        "at": tables.text(_("Asked"), 140),
        "waits": tables.text(_("Waits"), 90),
        "due": tables.badge(_("Refund due"), dues or {"": "gray"}, 120),
        "value": view.value,
        "reason": tables.text(_("Reason")),
    }
    if not dues:
        columns.pop("due")
    if queue != "done":
        st.caption(view.answer)
    for position in blocks.table(
        view.rows, columns, key="returns_table", alt=view.answer, open_on_click=True,
        phone=("customer", "waits", "value"),
    ):  # fmt: skip
        links.open_detail(KEY, view.opens[position])
    if view.rows.height >= cases.MOST:
        st.caption(_("The {n} that wait longest are shown.").format(n=fmt.count(cases.MOST)))
