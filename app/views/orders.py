"""Orders: where is each order stuck? Views with counts, one editable expression, rows that say why."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from analytics.order_list import Scope
from analytics.order_search import find, is_expression
from app import address, blocks, data, exports, links, states, tables
from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.views import order_drawer, order_reasons

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

#: Views: name to its words and its expression; the first looks at the chosen period, work at all of time.
VIEWS: dict[str, tuple[str, str]] = {
    "all": (N_("All"), ""),
    "open": (N_("Open"), "open = TRUE"),
    "late": (N_("Late"), "late = TRUE"),
    "unallocated": (N_("Unallocated"), "open = TRUE AND allocated = FALSE"),
    "hold": (N_("On hold"), "fulfillment_status = 'on_hold'"),
    "unpaid": (N_("Unpaid"), "unpaid = TRUE"),
    "carrier": (N_("Carrier delay"), "carrier_delay = TRUE"),
    "returns": (N_("To inspect"), "to_inspect = TRUE"),
}
SORTS = {"newest": N_("Newest first"), "oldest": N_("Due first"), "largest": N_("Largest first")}
PAGE_ROWS = 50
MOST_EXPORTED = 100_000
QUERIES = ("order_list", "order_page")


@dataclass(frozen=True, slots=True)
class OrdersView:
    """One page of the list and what stands above it."""

    rows: pl.DataFrame
    numbers: tuple[str, ...]
    summary: str
    found: int
    multi_currency: bool


def scope_of(view: str, text: str, chosen: Filters, place: Place) -> Scope:
    """Return what is looked at: the chosen period for *All*, all of time for work and for a plain search."""
    everything = view != "all" or (text and not is_expression(text))
    now = place.now.replace(second=place.now.second // 30 * 30, microsecond=0).astimezone(UTC).replace(tzinfo=None)
    return Scope(
        since=place.first if everything else chosen.since,
        until=place.today + timedelta(days=1) if everything else chosen.until,
        now=now,
        channels=chosen.channels,
        countries=chosen.countries,
    )


def question(view: str, text: str) -> str:
    """Return the expression of a view and a search together; plain words search within the view alone."""
    expression = VIEWS.get(view, VIEWS["all"])[1]
    if not text:
        return expression
    if not expression or not is_expression(text):
        return text
    return f"({expression}) AND ({text})"


def build(
    page: pl.DataFrame, summary: Mapping[str, Any], *, text: str, now: datetime, zone: str, took_ms: int
) -> OrdersView:
    """Turn a page of orders into the table's rows; pure."""
    several = len(summary["totals"]) > 1
    return OrdersView(
        rows=pl.DataFrame([_row(r, now=now, zone=zone) for r in page.iter_rows(named=True)], schema=_SCHEMA),
        numbers=tuple(page["number"].to_list()),
        summary=_summary(summary, text=text, now=now, took_ms=took_ms),
        found=summary["orders"],
        multi_currency=several,
    )


_SCHEMA: dict[str, Any] = {
    "number": pl.String, "customer": pl.String, "ship_to": pl.String, "channel": pl.String, "placed": pl.String,
    "late_by": pl.String, "fulfillment": pl.List(pl.String), "payment": pl.List(pl.String), "warehouse": pl.String,
    "units": pl.Int64, "total": pl.Float64, "why": pl.String,
}  # fmt: skip


def _row(row: Mapping[str, Any], *, now: datetime, zone: str) -> dict[str, Any]:
    late = row["is_late"] and row["ship_by_at"] is not None
    return {
        "number": f"#{row['number']}" if row["number"].isdigit() else row["number"],
        "customer": row["customer"] or _("Guest"),
        "ship_to": ", ".join(part for part in (row["city"], row["country"]) if part),
        "channel": _(row["channel_name"]),
        "placed": fmt.moment(row["placed_at"], zone),
        "late_by": fmt.age(now - row["ship_by_at"]) if late else "",
        "fulfillment": [states.word(row["state"] if row["state"] == "cancelled" else row["fulfillment_status"])],
        "payment": [states.word(row["payment_status"])],
        "warehouse": row["warehouse"] or "",
        "units": int(row["units"] or 0),
        "total": round(float(row["total"]), 2),
        "why": order_reasons.why(row),
    }


def _summary(summary: Mapping[str, Any], *, text: str, now: datetime, took_ms: int) -> str:
    n = summary["orders"]
    money = " + ".join(fmt.money(int(total), currency) for currency, total in summary["totals"].items())
    head = ngettext("**{n} order**", "**{n} orders**", n).format(n=fmt.count(n))
    parts = [f"{head}, {money}" if n else head]
    if summary["oldest_at"]:
        parts[0] += ", " + _("oldest {age}").format(age=fmt.age(now - summary["oldest_at"].replace(tzinfo=UTC)))
    if text:
        words = find(text, now.date()).words(language()) or _("number, customer, place or SKU: {text}").format(
            text=text
        )
        parts.append(_("read as: *{words}*").format(words=words))
    parts.append(_("{n} ms").format(n=took_ms))
    return " · ".join(parts).replace("$", "\\$")


def render(chosen: Filters, place: Place) -> None:
    """Draw views, search, answer, rows and the drawer."""
    view = _view_tabs(chosen, place)
    text = _search_box()
    scope = scope_of(view, text, chosen, place)
    asked = question(view, text)
    sort = address.read("sort", _usual_sort(), SORTS)
    begun = time.perf_counter()
    summary = data.orders_summary(asked, scope)
    pages = max(1, -(-summary["orders"] // PAGE_ROWS))
    wanted = min(int(st.session_state.get("page") or 1), pages)
    frame = data.orders_page(asked, scope, sort=sort, limit=PAGE_ROWS, offset=(wanted - 1) * PAGE_ROWS)
    took = round((time.perf_counter() - begun) * 1000)
    listed = build(frame, summary, text=asked, now=place.now, zone=place.zone, took_ms=took)
    st.caption(listed.summary)
    if listed.rows.is_empty():
        _nothing(view, chosen, place)
    else:
        _list(listed, pages)
    number = links.detail("order")
    if number:
        order_drawer.show(number, listed.numbers)


def _view_tabs(chosen: Filters, place: Place) -> str:
    wide = scope_of("work", "", chosen, place)
    work = {name: expression for name, (_word, expression) in VIEWS.items() if expression}
    counts = data.order_counts(work, wide)
    counts["all"] = data.orders_summary("", scope_of("all", "", chosen, place))["orders"]
    with address.bound("view", "all", VIEWS):
        picked = st.segmented_control(
            _("View"),
            list(VIEWS),
            required=True,
            format_func=lambda name: f"{_(VIEWS[name][0])} {fmt.count(counts[name])}",
            key="view",
            label_visibility="collapsed",
            on_change=_first_page,
        )
    return str(picked or "all")


def _search_box() -> str:
    left, right = st.columns([5, 1], gap="small", vertical_alignment="bottom")
    with left:
        text = st.text_input(
            _("Search or expression"),
            key="q",
            bind="query-params",
            type="search",
            placeholder=_("Number, customer, SKU, or an expression: total > 500 AND country IN ('DE', 'FR')"),
            label_visibility="collapsed",
            on_change=_first_page,
        )
    with right, address.bound("sort", _usual_sort(), SORTS):
        st.selectbox(
            _("Sort"), list(SORTS), format_func=lambda name: _(SORTS[name]), key="sort", label_visibility="collapsed"
        )
    return (text or "").strip()


def _usual_sort() -> str:
    return "newest" if address.read("view", "all", VIEWS) == "all" else "oldest"


def _first_page() -> None:
    st.session_state["page"] = 1
    address.forget("sort")


def _list(listed: OrdersView, pages: int) -> None:
    currency = data.shop().currency
    columns = {
        "number": tables.text(_("Order"), 86),
        "customer": tables.text(_("Customer"), 140),
        "ship_to": tables.text(_("Ship to"), 118),
        "channel": tables.text(_("Channel"), 96),
        "placed": tables.text(_("Placed"), 132),
        "late_by": tables.text(_("Late by"), 84),
        "fulfillment": tables.badge(
            _("Fulfilment"), {**states.badge_colours("fulfillment"), states.word("cancelled"): "gray"}, 120
        ),
        "payment": tables.badge(_("Payment"), states.badge_colours("payment"), 108),
        "warehouse": tables.text(_("Warehouse"), 92),
        "units": tables.count(_("Units"), 62),
        "total": tables.text(_("Total"), 92) if listed.multi_currency else tables.money(_("Total"), currency, 92),
        "why": tables.text(_("Stuck because")),
    }
    nonce = st.session_state.get("orders_nonce", 0)
    alt = listed.summary.replace("*", "")
    for position in blocks.table(
        listed.rows, columns, key=f"orders_table_{nonce}", alt=alt, open_on_click=True, height=_height(listed)
    ):
        links.open_detail("order", listed.numbers[position])
        # the click is answered: a fresh table forgets it, else every rerun would open this row again
        st.session_state["orders_nonce"] = nonce + 1
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key="page", bind="query-params")


def _height(listed: OrdersView) -> int:
    return (min(listed.rows.height, 20) + 1) * 32 + 2


def _nothing(view: str, chosen: Filters, place: Place) -> None:
    if view in {"all", "open"} or st.session_state.get("q"):
        blocks.nothing_matches(_("No orders match"), chosen, clear={"q": "", "view": "all"})
        return
    open_orders = data.order_counts({"open": VIEWS["open"][1]}, scope_of("open", "", chosen, place))["open"]
    body = ngettext(
        "{n} open order is where it should be.", "All {n} open orders are where they should be.", open_orders
    )
    at = fmt.clock_time(place.now, place.zone, seconds=True)
    with blocks.empty(
        "done",
        _("Nothing here: {view}").format(view=_(VIEWS[view][0])),
        body.format(n=fmt.count(open_orders)),
        note=_("Last checked {time}").format(time=at),
    ):
        st.button(_("See open orders"), key="see_open", on_click=_show_view, args=("open",))


def _show_view(name: str) -> None:
    st.session_state["view"] = name


def sheet(chosen: Filters, place: Place) -> exports.Later:
    """Return the export of what the list shows now, all pages of it."""
    view, text = address.read("view", "all", VIEWS), str(address.read("q", "")).strip()
    scope, asked = scope_of(view, text, chosen, place), question(view, text)
    found = data.orders_summary(asked, scope)["orders"]
    at = fmt.clock_time(data.refreshed_at(), place.zone, seconds=True)

    def make() -> exports.Sheet:
        rows = data.orders_page(asked, scope, sort="newest", limit=MOST_EXPORTED)
        return exports.Sheet(
            name="orders",
            frame=rows.select(EXPORTED),
            definitions=DEFINITIONS,
            facts={
                "Filter": asked or "all orders",
                "From": f"{scope.since}",
                "Until (not included)": f"{scope.until}",
                "Data as of": at,
            },
        )

    return exports.Later("orders", min(found, MOST_EXPORTED), make)


EXPORTED = (
    "number", "order_date", "placed_at", "ship_by_at", "channel", "customer", "country", "city", "state",
    "payment_status", "fulfillment_status", "delivery_status", "return_status", "warehouse", "units", "total",
    "currency", "is_simulated",
)  # fmt: skip
DEFINITIONS = {
    "order_date": "Business date in the shop's zone on which the order was placed.",
    "placed_at, ship_by_at": "Instants in UTC.",
    "units": "Units ordered less units cancelled.",
    "total": "What the customer owes: goods - discounts + carriage + tax + other, in the order's currency.",
    "payment_status … return_status": "Derived from payments, parcels and returns; never set by hand.",
    "is_simulated": "True where the demo made the facts up.",
}


def caption(chosen: Filters, place: Place) -> str:
    """Return the head's second fact: how many orders and since when."""
    n = data.orders_summary("", scope_of("all", "", chosen, place))["orders"]
    text = ngettext("{n} order since {day}", "{n} orders since {day}", n)
    return text.format(n=fmt.count(n), day=fmt.day(chosen.since, year=_far(chosen.since, place.today)))


def _far(since: date, today: date) -> bool:
    return since.year != today.year
