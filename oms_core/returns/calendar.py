"""The clock of the right of withdrawal, as pure functions of days.

Sources: Directive 2011/83/EU, articles 9 (14 days from the day the last good is in the consumer's
hands), 10 (a shop that did not inform: 12 months longer, or 14 days from informing) and 13 (refund
within 14 days of being told); Regulation (EEC, Euratom) 1182/71, article 3: the day of the event
is not counted, and a period that would end on a Saturday, a Sunday or a public holiday ends with
the following working day.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

PERIOD_DAYS = 14
SATURDAY = 5


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    # loaded here: the library is not small, and most commands never ask for a holiday
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=[year]))
    except NotImplementedError:
        # a declaration is never refused for a calendar nobody has: weekends count, and `is_known` says so
        return frozenset()


@lru_cache(maxsize=512)
def is_known(country: str) -> bool:
    """Say whether the public holidays of a country are known; otherwise weekends alone move a day."""
    import holidays

    return country in holidays.list_supported_countries()


def weekends_only(country: str) -> str:
    """Return the sentence that says which days were counted for a country that is not known."""
    return f"Public holidays of {country or 'an unknown country'} are not known: weekends alone moved the days."


def is_working_day(day: date, country: str) -> bool:
    """Say whether a day is neither a Saturday, a Sunday nor a public holiday of the whole country.

    Of a country whose holidays are not known (`is_known`) weekends alone count.
    """
    return day.weekday() < SATURDAY and day not in _holidays(country, day.year)


def moved(day: date, country: str) -> date:
    """Return the day, or the next working day if a period may not end on it."""
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


def ends(from_day: date, country: str, *, days: int = PERIOD_DAYS) -> date:
    """Return the last day of a period of `days` after an event on `from_day` (not counted), moved."""
    return moved(from_day + timedelta(days=days), country)


def a_year_after(day: date) -> date:
    """Return the same day twelve months later; 29 February becomes 28 February."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + 1, day=last)


def period_ends(
    last_good_on: date, country: str, *, was_informed: bool = True, informed_on: date | None = None
) -> date:
    """Return the last day on which a consumer may withdraw.

    Parameters
    ----------
    last_good_on : date
        Day on which the last good of the order was delivered.
    country : str
        The buyer's, ISO 3166 alpha-2: its public holidays count.
    was_informed : bool
        The shop told of the right before the contract, as article 6 wants.
    informed_on : date, optional
        The day the shop made up for it.
    """
    usual = ends(last_good_on, country)
    if was_informed:
        return usual
    longest = moved(a_year_after(usual), country)
    if informed_on is None or informed_on > longest:
        return longest
    return max(usual, min(longest, ends(informed_on, country)))


def refund_due(declared_on: date) -> date:
    """Return the last day for the refund: 14 days after the declaration.

    It is not moved to a working day: paid by then, it is in time however the shop's bank counts.
    """
    return declared_on + timedelta(days=PERIOD_DAYS)


def payable_on(due_on: date, *, goods_on: date | None, proof_on: date | None, shop_collects: bool) -> date | None:
    """Return the day by which money has to be back now, or None while the shop may still wait.

    Without an offer to collect the goods the shop may wait for them or for proof that they were
    sent, whichever comes first (article 13(3)); if that is after the due day, it pays at once.
    """
    if shop_collects:
        return due_on
    came = [day for day in (goods_on, proof_on) if day is not None]
    return max(due_on, min(came)) if came else None
