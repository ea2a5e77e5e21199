"""What pages may ask: the only cache of the dashboard, keyed by the replica's watermark.

Pages never see a database. A number of the registry comes from :func:`ask`; rows and facts of one
page come from a named SQL file in ``analytics/sql/pages`` through :func:`rows`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import polars.selectors as cs
import streamlit as st

import analytics
from app import sight
from app.floor import Floor
from app.i18n import N_, _, locale
from app.workspace import Workspace
from oms_core.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, timedelta

    import polars as pl

    from analytics.order_list import Cursor, Page, Scope
    from app.filters import Filters
    from oms_core.kernel.settings import Shop

P = ParamSpec("P")
T = TypeVar("T")
#: Names of the usual channels; others are shown as the shop calls them.
CHANNELS = (N_("Wholesale"), N_("Web"), N_("Web shop"), N_("Export"), N_("Marketplace"), N_("Store"), N_("Manual"))
PAGES_SQL = Path(next(iter(analytics.__path__))) / "sql" / "pages"


def remembered(entries: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that remembers that many answers of a question, shared by all readers.

    The caches of the dashboard are made here and nowhere else: name the replica's watermark among the
    arguments, so that an answer is as old as the data it was read from and no older.
    """
    return st.cache_data(max_entries=entries, show_spinner=False)


@st.cache_resource(show_spinner=False, on_release=Floor.close)
def floor() -> Floor:
    """Open the shop named by ``ORDERSIGHT_HOME`` once for the process."""
    return Floor.open(Workspace.open(consumer="dashboard"))


def shop() -> Shop:
    """Return the shop's settings (zone, currency, what is simulated, whose clock)."""
    return floor().workspace.shop


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when the reader is: what filters and captions need.

    Attributes
    ----------
    today, first : date
        Business date now, and of the first order (today in an empty shop).
    now : datetime
        Shop time.
    channels, countries : mapping of str to str
        Code to name, in registry order; countries by sales.
    orders : int
        Orders in the shop; zero means nothing was loaded yet.
    """

    today: date
    first: date
    now: datetime
    channels: Mapping[str, str]
    countries: Mapping[str, str]
    orders: int
    currency: str
    zone: str


def place() -> Place:
    """Return the place of this moment, from the replica."""
    settings, now = shop(), clock.now()
    today = clock.business_date(now, settings.zone)
    bounds = rows("bounds").row(0, named=True)
    return Place(
        today=today,
        first=bounds["first_on"] or today,
        now=now,
        channels={r["code"]: _(r["name"]) for r in rows("channels").iter_rows(named=True)},
        countries={r["code"]: country(r["code"]) for r in rows("countries").iter_rows(named=True)},
        orders=bounds["orders"],
        currency=settings.currency,
        zone=settings.zone,
    )


def country(code: str) -> str:
    """Return a country's name in the reader's language."""
    return _countries(locale()).get(code, code)


@lru_cache
def _countries(babel_locale: str) -> Mapping[str, str]:
    from babel import Locale

    return Locale.parse(babel_locale).territories


def watermark() -> str:
    """Return the replica's state as text; everything cached is keyed by it."""
    return floor().replica.reached


def refreshed_at() -> datetime:
    """Return the shop time of the last refresh that worked."""
    return floor().refreshed_at


def staleness() -> timedelta:
    """Return the age of the numbers."""
    return floor().staleness()


def ask(
    slugs: Sequence[str],
    *,
    by: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    where: str | None = None,
    compare: str | None = None,
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """Ask the metric registry; one column a slug (money in minor units), dimensions first."""
    return _ask((watermark(), _minute()), tuple(slugs), tuple(by), (since, until), where, (compare, as_of))


def _minute() -> str:
    """Return the time to the minute: what is late or due changes while nothing is written."""
    return clock.now().isoformat(timespec="minutes")


def ask_filtered(
    slugs: Sequence[str], chosen: Filters, *, by: Sequence[str] = (), also: str | None = None
) -> pl.DataFrame:
    """Ask the registry within the reader's filters, in the shop's currency.

    With a comparison chosen, each slug has ``<slug>_previous`` and ``<slug>_change`` beside it.

    Parameters
    ----------
    also : str, optional
        One more condition of the expression language.
    """
    parts = [part for part in (chosen.where(), own_currency(), also) if part]
    where = " AND ".join(parts) or None
    span, known = {"since": chosen.since, "until": chosen.until}, chosen.known_at(shop().zone)
    return ask(slugs, by=by, where=where, compare=chosen.compare, as_of=known, **span)


def ask_plain(slugs: Sequence[str], chosen: Filters, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Ask the registry over the reader's period alone, in the shop's currency: for definitions and checks."""
    return ask(slugs, by=by, since=chosen.since, until=chosen.until, where=own_currency())


def own_currency() -> str | None:
    """Return the condition that keeps to the shop's currency where there are several: they are never summed."""
    return f"currency = '{shop().currency}'" if rows("currencies").height > 1 else None


@st.cache_data(max_entries=400, show_spinner=False)
def _ask(
    mark: tuple[str, str],
    slugs: tuple[str, ...],
    by: tuple[str, ...],
    period: tuple[date | None, date | None],
    where: str | None,
    looked_at: tuple[str | None, datetime | None],
) -> pl.DataFrame:
    del mark
    from app.jobs.numbers import ask as ask_registry

    asked: dict[str, Any] = {"since": period[0], "until": period[1], "compare": looked_at[0], "as_of": looked_at[1]}
    return ask_registry(floor().workspace, list(slugs), by, where=where, **asked)


def rows(name: str, **parameters: Any) -> pl.DataFrame:
    """Run one page query: ``analytics/sql/pages/<name>.sql`` with bound parameters."""
    wanted = {key: parameters[key] for key in _parameters(name)}
    return sight.rows_shown(_rows(watermark(), name, wanted))


@st.cache_data(max_entries=400, show_spinner=False)
def _rows(mark: str, name: str, parameters: dict[str, Any]) -> pl.DataFrame:
    del mark
    found = floor().replica.frame(sql(name), parameters or None)
    return _aware(found)


def _aware(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark the replica's naive instants as the UTC they are."""
    return frame.with_columns(cs.datetime(time_zone=None).dt.replace_time_zone("UTC"))


def frame_of(name: str, *arguments: Any) -> pl.DataFrame:
    """Return a frame of `analytics.frames` by name, such as ``customer_facts``."""
    return _frame(watermark(), name, arguments)


@st.cache_data(max_entries=20, show_spinner=False)
def _frame(mark: str, name: str, arguments: tuple[Any, ...]) -> pl.DataFrame:
    del mark
    from analytics import frames

    found: pl.DataFrame = getattr(frames, name)(floor().replica, *arguments)
    return found


@lru_cache(maxsize=128)
def sql(name: str) -> str:
    """Return the text of a page query; shown as it is under *How is this computed?*."""
    return (PAGES_SQL / f"{name}.sql").read_text(encoding="utf-8")


@lru_cache(maxsize=128)
def _parameters(name: str) -> tuple[str, ...]:
    """Return the names of the parameters a page query binds."""
    code = "\n".join(line for line in sql(name).splitlines() if not line.lstrip().startswith("--"))
    return tuple(sorted(set(re.findall(r"\$([a-z_]+)", code))))


def orders_page(text: str, scope: Scope, *, sort: str, limit: int, after: Cursor | None = None) -> Page:
    """Return one page of the orders a search finds, and where the next begins."""
    found: Page = _orders(watermark(), "page", text, scope, (sort, limit, after))
    return found


def orders_summary(text: str, scope: Scope) -> dict[str, Any]:
    """Return how many orders a search finds, their money by currency and the oldest's time."""
    found: dict[str, Any] = _orders(watermark(), "summary", text, scope, ())
    return found


@st.cache_data(max_entries=100, show_spinner=False)
def _orders(mark: str, what: str, text: str, scope: Scope, rest: tuple[Any, ...]) -> Any:
    del mark
    from analytics import order_list, order_search

    found = order_search.find(text, place().today, within=scope.within)
    if what == "summary":
        return order_list.summary(floor().replica, found, scope)
    sort, limit, after = rest
    page = order_list.page(floor().replica, found, scope, sort=sort, limit=limit, after=after)
    return order_list.Page(_aware(page.rows), page.after)


@st.cache_data(max_entries=50, show_spinner=False)
def _order_counts(mark: str, views: tuple[tuple[str, str], ...], scope: Scope) -> dict[str, int]:
    del mark
    from analytics import order_list, order_search

    today = place().today
    return order_list.counts(floor().replica, {name: order_search.find(q, today) for name, q in views}, scope)


def order_counts(views: Mapping[str, str], scope: Scope) -> dict[str, int]:
    """Return how many orders each view holds."""
    return _order_counts(watermark(), tuple(views.items()), scope)


def moment() -> dict[str, Any]:
    """Return what every page query may bind: ``now`` (naive UTC, to five seconds), ``today``, zone, currency."""
    settings, now = shop(), clock.now()
    return {
        "now": now.replace(second=now.second // 5 * 5, microsecond=0, tzinfo=None),
        "today": clock.business_date(now, settings.zone),
        "zone": settings.zone,
        "currency": settings.currency,
    }


def segment(text: str) -> Any:
    """Return a segment's evaluation (`app.jobs.segments.Evaluation`), by name or expression."""
    return _segment(watermark(), place().today, text)


@st.cache_data(max_entries=60, show_spinner=False)
def _segment(mark: str, today: date, text: str) -> Any:
    del mark, today
    from app.jobs import segments

    return segments.evaluate(floor().workspace, text)


def segment_overlap(text: str) -> pl.DataFrame:
    """Return ``name, members, share`` of the segments that share members with this one."""
    return _segment_overlap(watermark(), place().today, text)


@st.cache_data(max_entries=30, show_spinner=False)
def _segment_overlap(mark: str, today: date, text: str) -> pl.DataFrame:
    del mark, today
    from app.jobs import segments

    return segments.overlap(floor().workspace, segments.evaluate(floor().workspace, text))


def segment_shelf() -> list[Any]:
    """Return the segments that ship and those saved in the shop."""
    from app.jobs import segments

    return list(segments.library(floor().workspace))


def purchase_order(number: str) -> dict[str, Any]:
    """Return one purchase order with all a buyer decides by (:func:`app.jobs.buying_desk.purchase_order`)."""
    from app import acting
    from app.jobs import buying_desk

    return buying_desk.purchase_order(floor().workspace, number, actor=acting.name())


def customers() -> pl.DataFrame:
    """Return every customer with spend, RFM columns and, when stored, scores (`segmentation.facts.Facts.customers`)."""
    return sight.shown(_customer_facts().customers)


def customer_orders() -> pl.DataFrame:
    """Return the orders of known customers: day, channel, country, gross less discounts."""
    orders: pl.DataFrame = _customer_facts().orders
    return orders


def customer_lines() -> pl.DataFrame:
    """Return the order lines of known customers."""
    lines: pl.DataFrame = _customer_facts().lines
    return lines


def _customer_facts() -> Any:
    """Return the shop's customers of today; the job keeps them, a second copy would cost more."""
    from app.jobs import segments

    return segments.facts(floor().workspace)


def customer_timeline(customer_id: int) -> pl.DataFrame:
    """Return orders, returns and consents of a customer, newest first."""
    return rows("customer_timeline", customer_id=customer_id)


def replenishment_plan() -> Any:
    """Return what to order now (`app.jobs.replenishment.Plan`); every SKU with a forecast has a line."""
    return _plan(watermark(), place().today)


@st.cache_data(max_entries=4, show_spinner=False)
def _plan(mark: str, today: date) -> Any:
    del mark, today
    from app.jobs import replenishment

    return replenishment.plan(floor().workspace)


def supply_plan() -> Any:
    """Return the plan of the next twelve months (`app.jobs.supply_plan.SupplyPlan`)."""
    return _supply_plan(watermark(), place().today)


@st.cache_data(max_entries=2, show_spinner=False)
def _supply_plan(mark: str, today: date) -> Any:
    del mark, today
    from app.jobs import supply_plan

    return supply_plan.supply_plan(floor().workspace)


def locations() -> pl.DataFrame:
    """Return ``location_id, code, name`` of the active locations in routing order."""
    return rows("locations")
