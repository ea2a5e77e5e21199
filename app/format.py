"""Numbers, money, dates and ages in the reader's language; the only place that formats them.

Money arrives as integer minor units with its currency. Negative numbers carry an ASCII minus
everywhere: Streamlit decides a delta's arrow by it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import dates, numbers

from app.i18n import _, language, locale, ngettext
from oms_core.kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

NBSP = "\u00a0"
#: Tiles abbreviate from here on (major units or counts).
COMPACT_FROM = 10_000


def _ascii(text: str) -> str:
    """Replace a typographic minus by the ASCII one."""
    return text.replace("\u2212", "-")


def _pattern(currency: str, decimals: str) -> str:
    """Return the CLDR pattern of an amount: symbol first in English, code apart, Polish after the number."""
    if language() == "pl":
        return f"#,##0{decimals}{NBSP}¤"
    foreign = numbers.get_currency_symbol(currency, locale()) == currency
    return f"¤¤{NBSP}#,##0{decimals}" if foreign else f"¤#,##0{decimals}"


def money(minor: int, currency: str) -> str:
    """Return an exact amount: ``£3,344.50``, ``3 344,50 zł``."""
    amount = to_decimal(minor, currency)
    decimals = "." + "0" * -int(amount.as_tuple().exponent) if amount.as_tuple().exponent else ""
    pattern = _pattern(currency, decimals)
    return _ascii(numbers.format_currency(amount, currency, pattern, locale=locale(), currency_digits=False))


def money_round(minor: int, currency: str) -> str:
    """Return an amount without its minor units, for lists of decisions: ``£11,480``."""
    amount = to_decimal(minor, currency).quantize(Decimal(1))
    pattern = _pattern(currency, "")
    return _ascii(numbers.format_currency(amount, currency, pattern, locale=locale(), currency_digits=False))


def money_tile(minor: int, currency: str) -> str:
    """Return an amount for a tile: exact below 10 000, compact above: ``£22.4K``, ``1,2 mln zł``."""
    amount = to_decimal(minor, currency)
    if abs(amount) < COMPACT_FROM:
        return money(minor, currency)
    return _compact_money(amount, currency)


def money_short(minor: int, currency: str) -> str:
    """Return an amount for a sentence: no minor units below 10 000, compact above."""
    amount = to_decimal(minor, currency)
    return money_round(minor, currency) if abs(amount) < COMPACT_FROM else _compact_money(amount, currency)


def _compact_money(amount: Decimal, currency: str) -> str:
    number = compact(float(amount))
    symbol = numbers.get_currency_symbol(currency, locale())
    if language() == "pl":
        short = symbol if symbol != currency else numbers.get_currency_symbol(currency, "en")
        return f"{number}{NBSP}{short}"
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    return f"{sign}{symbol}{NBSP if symbol == currency else ''}{digits}"


def compact(value: float) -> str:
    """Return a large number in short: ``22.4K``, ``1.2M``, ``106 tys.``; one decimal, none when it is zero."""
    text = numbers.format_compact_decimal(value, locale=locale(), fraction_digits=1)
    return _ascii(text).replace(" ", NBSP)


def count(value: float) -> str:
    """Return a whole number with separators."""
    return _ascii(numbers.format_decimal(round(value), locale=locale()))


def count_tile(value: float) -> str:
    """Return a count for a tile: whole up to a million, compact above."""
    return compact(value) if abs(value) >= 1_000_000 else count(value)


def number(value: float, decimals: int = 1) -> str:
    """Return a number with a fixed count of decimals."""
    return _ascii(numbers.format_decimal(round(value, decimals), format=_digits(decimals), locale=locale()))


def _digits(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def percent(share: float, decimals: int = 0) -> str:
    """Return a share (1 = 100 %) as percent, no space: ``12.3%``; shares take 0 decimals, rates 1."""
    return _ascii(numbers.format_percent(share, format=_digits(decimals) + "%", locale=locale()))


def change(ratio: float, decimals: int = 1) -> str:
    """Return a relative change with its sign: ``+14.7%``."""
    text = percent(ratio, decimals)
    return text if text.startswith("-") else f"+{text}"


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points: ``-11 pts``."""
    sign = "+" if difference > 0 else ""
    return _("{sign}{n} pts").format(sign=sign, n=number(difference * 100, 0))


def interval(low: str, high: str) -> str:
    """Return an interval of two formatted numbers: ``£47K to £78K``."""
    return _("{low} to {high}").format(low=low, high=high)


def day(value: date, *, year: bool = False, weekday: bool = False) -> str:
    """Return a date: ``9 Dec``, ``Thu 9 Dec``, ``9 Dec 2010``."""
    pattern = ("EEE " if weekday else "") + "d MMM" + (" y" if year else "")
    return dates.format_date(value, pattern, locale=locale())


def day_title(value: date) -> str:
    """Return a date for a title: ``Thursday 9 December 2010``."""
    return dates.format_date(value, "EEEE, d MMMM y" if language() == "pl" else "EEEE d MMMM y", locale=locale())


def weekday(value: date) -> str:
    """Return the name of the day of the week, in full."""
    return dates.format_date(value, "EEEE", locale=locale())


def weekday_short(value: date) -> str:
    """Return the short name of the day of the week: ``Thu``, ``czw.``."""
    return dates.format_date(value, "EEE", locale=locale())


def month(value: date) -> str:
    """Return a month of a year: ``Nov 2010``, ``lis 2010``."""
    return dates.format_date(value, "LLL y", locale=locale())


def clock_time(at: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return the time of day of an instant in the shop's zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at: datetime, zone: str, *, weekday: bool = True) -> str:
    """Return an instant as day and time: ``Thu 9 Dec, 13:30``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), weekday=weekday)}, {local:%H:%M}"


def span(since: date, until: date) -> str:
    """Return a half-open period as its first and last day: ``12 Nov – 9 Dec 2010``."""
    last = until - timedelta(days=1)
    if since == last:
        return day(last, year=True)
    return f"{day(since, year=since.year != last.year)} – {day(last, year=True)}"


def age(length: timedelta) -> str:
    """Return a length of time: minutes, hours up to two days, then days: ``21 h``, ``3 d``."""
    hours = length.total_seconds() / 3600
    if hours < 1:
        return _("{n} min").format(n=max(0, int(hours * 60)))
    if hours < 48:
        return _("{n} h").format(n=int(hours))
    return days(int(hours // 24))


def days(n: int) -> str:
    """Return a count of days: ``3 d``, ``3 dni``."""
    return ngettext("{n} d", "{n} d", n).format(n=count(n))


def money_ticks(highest: int, currency: str, *, lowest: int = 0, steps: int = 4) -> tuple[list[int], list[str]]:
    """Return round tick values (minor units) up to `highest` and their texts: ``£20k``, ``100 tys. zł``."""
    scale = 10 ** -int(to_decimal(1, currency).as_tuple().exponent)
    values = [v * scale for v in _round_steps(lowest / scale, highest / scale, steps)]
    return [int(v) for v in values], [_axis_money(v / scale, currency) for v in values]


def _axis_money(value: float, currency: str) -> str:
    text = _compact_money(Decimal(value), currency)
    return text if language() == "pl" else text.replace("K", "k")


def _round_steps(lowest: float, highest: float, steps: int) -> list[float]:
    """Return evenly spaced round numbers (1, 2, 5 × 10ⁿ) that cover zero to the extremes."""
    width = max(highest, 0) - min(lowest, 0) or 1.0
    power = 10.0 ** len(str(int(width / steps))) / 100 if width >= 10 * steps else 1.0
    step = next(m * power for m in (1, 2, 5, 10, 20, 50, 100, 200) if m * power * (steps + 1) > width)
    start = int(min(lowest, 0) // step)
    return [i * step for i in range(start, int(max(highest, 0) // step) + 1)]


def product(title: str) -> str:
    """Return a product's name in sentence case when the source shouts: ``Paper chain kit 50's Christmas``."""
    name = " ".join(title.split())
    if not name.isupper():
        return name
    return name.capitalize().replace("t-light", "T-light").replace("union jack", "Union Jack")


def joined(names: Sequence[str], most: int = 1) -> str:
    """Return the first names and how many more: ``Chocolate hot water bottle and 4 others``."""
    rest = len(names) - most
    if rest <= 0:
        return ", ".join(names)
    shown = ", ".join(names[:most])
    return ngettext("{names} and {n} other", "{names} and {n} others", rest).format(names=shown, n=rest)
