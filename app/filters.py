"""What the reader chose: chips above the content, bound to the address bar, as one frozen object.

Nothing below a page sees a widget.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from analytics import past, periods
from app import address
from app import format as fmt
from app.device import on_phone
from app.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from app.data import Place

#: Period presets: code to its name and the days it holds (None: since the year or the first order).
PERIODS: dict[str, tuple[str, int | None]] = {
    "7d": (N_("7 days"), 7),
    "28d": (N_("28 days"), 28),
    "90d": (N_("90 days"), 90),
    "12m": (N_("12 months"), 365),
    "ytd": (N_("This year"), None),
    "all": (N_("Everything"), None),
    "custom": (N_("Custom"), None),
}
COMPARISONS = {
    "previous": N_("the period before"),
    "year": N_("the year before"),
    "weekdays": N_("the same weekdays a year before"),
    "none": N_("nothing"),
}
DEFAULT_PERIOD, DEFAULT_COMPARE = "28d", "previous"
CHIPS = ("period", "compare", "channel", "country", "known")


@dataclass(frozen=True, slots=True)
class Filters:
    """The reader's choice.

    Attributes
    ----------
    period : str
        A code of :data:`PERIODS`.
    since, until : date
        Half-open business dates in the shop's zone.
    compare : str, optional
        ``previous``, ``year``, ``weekdays`` or None.
    channels, countries : tuple of str
        Codes; empty means all.
    known : date, optional
        The evening the numbers are looked at from, as they were known then; None is now.
    """

    period: str
    since: date
    until: date
    compare: periods.Compare | None = "previous"
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    known: date | None = None

    def known_at(self, zone: str) -> datetime | None:
        """Return the instant the numbers are looked at from; None is now."""
        return past.instant(self.known.isoformat(), zone) if self.known else None

    @property
    def days(self) -> int:
        """Length of the period in days."""
        return (self.until - self.since).days

    @property
    def before(self) -> tuple[date, date]:
        """The compared period, half-open, exactly as the registry compares."""
        earlier = periods.compared(periods.Period(self.since, self.until), self.compare or "previous")
        return earlier.since, earlier.until

    @property
    def active(self) -> tuple[str, ...]:
        """Filters that leave something out, by name."""
        return tuple(n for n, v in (("channel", self.channels), ("country", self.countries)) if v)

    def where(self) -> str | None:
        """Return channels and countries as one expression of the product's language, or None."""
        parts = [
            f"{name} IN ({', '.join(quoted(v) for v in values)})"
            for name, values in (("channel", self.channels), ("country", self.countries))
            if values
        ]
        return " AND ".join(parts) or None

    def parameters(self) -> dict[str, object]:
        """Return the choice as bound parameters of the SQL files of pages."""
        return {
            "since": self.since,
            "until": self.until,
            "before_since": self.before[0],
            "before_until": self.before[1],
            "channels": list(self.channels),
            "countries": list(self.countries),
        }

    def against(self) -> str:
        """Say what a change is measured against: ``vs. previous 28 days``."""
        if self.compare == "year":
            return _("vs. a year before")
        if self.compare == "weekdays":
            return _("vs. 52 weeks before")
        text = ngettext("vs. previous day", "vs. previous {n} days", self.days)
        return text.format(n=fmt.count(self.days))


def quoted(value: str) -> str:
    """Return a value as a string of the expression language."""
    return "'" + value.replace("'", "''") + "'"


def resolve(
    period: str,
    today: date,
    first: date,
    *,
    custom: Sequence[date] = (),
    compare: str = DEFAULT_COMPARE,
    channels: Sequence[str] = (),
    countries: Sequence[str] = (),
    known: Sequence[date] = (),
) -> Filters:
    """Make a valid choice of whatever the address bar holds.

    Parameters
    ----------
    period, compare : str
        Codes; unknown ones fall back to the defaults.
    today, first : date
        Business date now and of the first order; a period before the first order is not compared with.
    custom : sequence of date
        First and last day (both included) when `period` is ``custom``.
    """
    since, until = _bounds(period if period in PERIODS else DEFAULT_PERIOD, today, first, custom)
    if compare in periods.COMPARES and periods.compared(periods.Period(since, until), compare).since < first:
        compare = "none"
    return Filters(
        period=period if period in PERIODS else DEFAULT_PERIOD,
        since=since,
        until=until,
        compare=next((known for known in periods.COMPARES if known == compare), None),
        channels=tuple(channels),
        countries=tuple(countries),
        known=known[0] if known and known[0] < today else None,
    )


def _bounds(period: str, today: date, first: date, custom: Sequence[date]) -> tuple[date, date]:
    tomorrow = today + timedelta(days=1)
    if period == "custom" and len(custom) == 2 and custom[0] <= custom[1]:
        return custom[0], custom[1] + timedelta(days=1)
    if period == "ytd":
        return date(today.year, 1, 1), tomorrow
    if period == "all":
        return min(first, today), tomorrow
    return tomorrow - timedelta(days=PERIODS[period][1] or 28), tomorrow


def chips(place: Place, *shown: str) -> Filters:
    """Draw the filter chips of a page and return the choice.

    Parameters
    ----------
    place : app.data.Place
        Business date, first order, channels and countries of the shop.
    *shown : str
        Names of :data:`CHIPS`; all when none is named. Hidden ones keep their value in the address.
    """
    wanted = shown or CHIPS
    chosen = read(place, is_past_shown="known" in wanted)
    draw: dict[str, Callable[[], None]] = {
        "period": lambda: _period_chip(place, chosen),
        "compare": lambda: _compare_chip(chosen),
        "channel": lambda: _many_chip("channel", place.channels, chosen.channels),
        "country": lambda: _many_chip("country", place.countries, chosen.countries),
        "known": lambda: _known_chip(place, chosen),
    }
    with _folded(chosen, wanted), st.container(horizontal=True, gap="xsmall"):
        for name in wanted:
            draw[name]()
    return read(place, is_past_shown="known" in wanted)


def _folded(chosen: Filters, wanted: Sequence[str]) -> AbstractContextManager[object]:
    """Fold the chips of a phone into one line that says what is chosen: they would push the numbers off the screen."""
    if len(wanted) < 2 or not on_phone():
        return nullcontext()
    said = [f"{fmt.span(chosen.since, chosen.until)} ({fmt.days(chosen.days)})"]
    if chosen.active:
        n = len(chosen.active)
        said.append(ngettext("{n} filter", "{n} filters", n).format(n=fmt.count(n)))
    return st.expander(" · ".join(said), icon=":material/tune:", key="filters_folded")


def read(place: Place, *, is_past_shown: bool = False) -> Filters:
    """Return the choice without drawing: from the session, and on a deep link's first run from the address.

    Numbers are looked at from the past only where the page says so.
    """
    return resolve(
        address.read("period", DEFAULT_PERIOD, PERIODS),
        place.today,
        place.first,
        custom=_dates("range"),
        compare=address.read("compare", DEFAULT_COMPARE, COMPARISONS),
        channels=address.read("channel", [], place.channels),
        countries=address.read("country", [], place.countries),
        known=_dates("known") if is_past_shown else (),
    )


def _dates(key: str) -> list[date]:
    found: list[date] = []
    held = st.session_state[key] if key in st.session_state else st.query_params.get_all(key)
    for value in held if isinstance(held, (list, tuple)) else [held] if held else []:
        try:
            found.append(value if isinstance(value, date) else date.fromisoformat(value))
        except ValueError:
            return []
    return found


def _period_chip(place: Place, chosen: Filters) -> None:
    label = f"{fmt.span(chosen.since, chosen.until)} ({fmt.days(chosen.days)})"
    with st.popover(label, icon=":material/calendar_today:"):
        with address.bound("period", DEFAULT_PERIOD, PERIODS):
            st.segmented_control(
                _("Period"), list(PERIODS), required=True, format_func=lambda code: _(PERIODS[code][0]), key="period"
            )
        if chosen.period == "custom":
            st.date_input(
                _("First and last day"),
                value=(place.today - timedelta(days=27), place.today),
                min_value=place.first,
                max_value=place.today,
                format="DD.MM.YYYY",
                key="range",
                bind="query-params",
            )


def _compare_chip(chosen: Filters) -> None:
    label = chosen.against() if chosen.compare else _none()
    with (
        st.popover(label, icon=":material/compare_arrows:"),
        address.bound("compare", DEFAULT_COMPARE, COMPARISONS),
    ):
        st.segmented_control(
            _("Compare with"),
            list(COMPARISONS),
            required=True,
            format_func=lambda code: _(COMPARISONS[code]),
            key="compare",
        )


def _known_chip(place: Place, chosen: Filters) -> None:
    label = _("As known on {day}").format(day=fmt.day(chosen.known, year=True)) if chosen.known else _("As known now")
    with st.popover(label, icon=":material/history:"):
        st.caption(_("The same numbers with what was known on the evening of a day; today when left empty."))
        st.date_input(
            _("As known on the evening of"),
            value=None,
            min_value=place.first,
            max_value=place.today,
            format="DD.MM.YYYY",
            key="known",
            bind="query-params",
        )


def _none() -> str:
    wanted = address.read("compare", DEFAULT_COMPARE, COMPARISONS)
    return _("No comparison") if wanted == "none" else _("No earlier data")


def _many_chip(key: str, names: Mapping[str, str], chosen: Sequence[str]) -> None:
    words = {"channel": (_("All channels"), _("Channels")), "country": (_("All countries"), _("Countries"))}[key]
    icon = {"channel": ":material/storefront:", "country": ":material/public:"}[key]
    label = fmt.joined([names[c] for c in chosen], 2) if chosen else words[0]
    with st.popover(label, icon=icon), address.bound(key, [], names):
        st.multiselect(
            words[1],
            list(names),
            format_func=lambda code: names.get(code, code),
            placeholder=words[0],
            key=key,
        )


def show_all() -> None:
    """Widen the period to everything (callback of a button)."""
    st.session_state["period"] = "all"


def clear() -> None:
    """Reset every filter (callback of a button)."""
    for key, value in (("period", DEFAULT_PERIOD), ("compare", DEFAULT_COMPARE), ("channel", []), ("country", [])):
        st.session_state[key] = value
