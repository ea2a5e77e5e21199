"""Orders: where is each order stuck? Views with counts, one editable expression, rows that say why."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.order_list import Scope
from analytics.order_search import find, is_expression
from app import address, blocks, data, desk, exports, links
from app import format as fmt
from app.i18n import N_, _, language, ngettext
from app.views import order_drawer, order_filters, order_table, order_views
from app.views.order_views import VIEWS

if TYPE_CHECKING:
    from app.data import Place
    from app.filters import Filters

SORTS = {"newest": N_("Newest first"), "oldest": N_("Due first"), "largest": N_("Largest first")}
MOST_EXPORTED = 100_000
QUERIES = ("order_list", "order_page")


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
        only=order_views.only(view),
    )


def within(view: str) -> str:
    """Return the expression of a view and the list's own filters; what is searched for comes on top."""
    parts = [part for part in (order_views.expression(view), order_filters.expression()) if part]
    return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts)


def _summary(summary: Mapping[str, Any], *, now: datetime, said: str) -> str:
    n = summary["orders"]
    money = " + ".join(fmt.money(int(total), currency) for currency, total in summary["totals"].items())
    head = ngettext("**{n} order**", "**{n} orders**", n).format(n=fmt.count(n))
    first = f"{head}, {money}" if n else head
    if summary["oldest_at"]:
        first += ", " + _("oldest {age}").format(age=fmt.age(now - summary["oldest_at"].replace(tzinfo=UTC)))
    return " · ".join(part for part in (first, said) if part).replace("$", "\\$")


def _read_as(text: str, scope: Scope, now: datetime, took_ms: int) -> str:
    """Say how the search was understood, and how long it took."""
    parts = []
    words = find(text, now.date(), within=scope.within).words(language())
    if words:
        parts.append(_("read as: *{words}*").format(words=words))
    if text and not is_expression(text):
        plain = _("number, customer, place or SKU: {text}").format(text=text)
        parts.append(_("read as: *{words}*").format(words=plain))
    parts.append(_("{n} ms").format(n=took_ms))
    return " · ".join(parts)


def render(chosen: Filters, place: Place) -> None:
    """Draw views, search, answer, rows, what may be done to many, and the drawer."""
    view = order_views.bar(_counts(chosen, place), on_change=_first_page)
    text = _search_box()
    scope = replace(scope_of(view, text, chosen, place), within=within(view))
    sort = address.read("sort", _usual_sort(), SORTS)
    trail = _trail((text, scope.within, sort, view, scope.since, scope.until, scope.channels, scope.countries))
    begun = time.perf_counter()
    summary = data.orders_summary(text, scope)
    page = data.orders_page(text, scope, sort=sort, limit=order_table.PAGE_ROWS, after=trail[-1] if trail else None)
    took = round((time.perf_counter() - begun) * 1000)
    listed = order_table.build(
        page.rows, found=summary["orders"], several=len(summary["totals"]) > 1, now=place.now, zone=place.zone,
        summary=_summary(summary, now=place.now, said=_read_as(text, scope, place.now, took)),
        reasons=order_views.reasons(view),
    )  # fmt: skip
    st.caption(listed.summary)
    if listed.rows.is_empty():
        _nothing(view, chosen, place)
    else:
        order_table.render(listed, page.after)
    number = links.detail("order")
    if number:
        order_drawer.show(number, [record["number"] for record in listed.records])


def _counts(chosen: Filters, place: Place) -> dict[str, int]:
    """Return how many orders stand behind each view of the bar; queues count things to do."""
    wide = scope_of("open", "", chosen, place)
    asked = {n: order_views.expression(n) for n in order_views.IN_BAR if order_views.expression(n)}
    counts = data.order_counts(asked, wide)
    counts["all"] = data.orders_summary("", scope_of("all", "", chosen, place))["orders"]
    queued = desk.queue_counts()
    return counts | {n: queued[VIEWS[n].queue] for n in order_views.IN_BAR if VIEWS[n].queue}


def _trail(asked: tuple[Any, ...]) -> list[Any]:
    """Return where the pages up to this one begin; another question begins at its first page."""
    if st.session_state.get("orders_asked") != asked:
        st.session_state["orders_asked"], st.session_state["orders_trail"] = asked, []
    trail: list[Any] = st.session_state["orders_trail"]
    return trail


def _search_box() -> str:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom"):
        text = st.text_input(
            _("Search or expression"),
            key="q",
            bind="query-params",
            type="search",
            placeholder=_("Number, customer, e-mail, SKU, city, tag, parcel, status; or: total > 500 AND tag = 'vip'"),
            label_visibility="collapsed",
            on_change=_first_page,
        )
        with address.bound("sort", _usual_sort(), SORTS):
            st.selectbox(
                _("Sort"), list(SORTS), format_func=lambda name: _(SORTS[name]), key="sort", width=180,
                label_visibility="collapsed",
            )  # fmt: skip
    return (text or "").strip()


def _usual_sort() -> str:
    return "newest" if address.read("view", "all", VIEWS) == "all" else "oldest"


def _first_page() -> None:
    st.session_state["orders_trail"] = []
    st.session_state["orders_selected"] = []
    address.forget("sort")


def _nothing(view: str, chosen: Filters, place: Place) -> None:
    own = order_filters.chosen()
    if view in {"all", "open"} or st.session_state.get("q") or own:
        lists: dict[str, Any] = {key: [] for key in own}
        blocks.nothing_matches(_("No orders match"), chosen, clear={"q": "", "view": "all", **lists})
        return
    open_orders = data.order_counts({"open": VIEWS["open"].expression}, scope_of("open", "", chosen, place))["open"]
    body = ngettext(
        "{n} open order is where it should be.", "All {n} open orders are where they should be.", open_orders
    )
    at = fmt.clock_time(place.now, place.zone, seconds=True)
    with blocks.empty(
        "done",
        _("Nothing here: {view}").format(view=_(VIEWS[view].words)),
        body.format(n=fmt.count(open_orders)),
        note=_("Last checked {time}").format(time=at),
    ):
        st.button(_("See open orders"), key="see_open", on_click=_show_view, args=("open",))


def _show_view(name: str) -> None:
    st.session_state["view"] = name


def sheet(chosen: Filters, place: Place) -> exports.Later:
    """Return the export of what the list shows now, all pages of it."""
    view, text = address.read("view", "all", VIEWS), str(address.read("q", "")).strip()
    scope = replace(scope_of(view, text, chosen, place), within=within(view))
    found = data.orders_summary(text, scope)["orders"]
    at = fmt.clock_time(data.refreshed_at(), place.zone, seconds=True)

    def make() -> exports.Sheet:
        rows = data.orders_page(text, scope, sort="newest", limit=MOST_EXPORTED).rows
        return exports.Sheet(
            name="orders",
            frame=rows.select(EXPORTED),
            definitions=DEFINITIONS,
            facts={
                "Filter": " AND ".join(part for part in (scope.within, text) if part) or view,
                "From": f"{scope.since}",
                "Until (not included)": f"{scope.until}",
                "Data as of": at,
            },
        )

    return exports.Later("orders", min(found, MOST_EXPORTED), make)


EXPORTED = (
    "number", "order_date", "placed_at", "ship_by_at", "channel", "customer", "country", "city", "state",
    "payment_status", "fulfillment_status", "delivery_status", "return_status", "warehouse", "carrier",
    "tracking_number", "tags", "units", "total", "currency", "is_simulated",
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
