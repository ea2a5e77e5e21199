"""The rate of every day into one currency: what reports in another currency multiply by."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.kernel.exchange import ExchangeRate
from oms_core.kernel.money import exponent
from oms_core.kernel.rows import table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: What a factor is multiplied by to be a whole number.
SCALE = 10**12
_RATE = table_of(ExchangeRate)
_ROUND = Context(prec=28, rounding=ROUND_HALF_EVEN)
_DAY = timedelta(days=1)


def daily_factors(
    connection: sa.Connection, bases: Iterable[str], quote: str, since: date, until: date
) -> Iterator[tuple[str, date, int]]:
    """Yield ``(base, day, factor)``: minor units of `base` x factor ÷ `SCALE` = minor units of `quote`.

    The rate of a day is the one published for it, else the last one before; never a later one. A pair that was not
    published is crossed through the currency both were published in (NBP: złoty), each at its own last rate. Days
    before the first rate are left out: nothing is known there.

    Parameters
    ----------
    since, until : date
        Half-open; `since` is the first day wanted, rates of any day before it count.
    """
    wanted = sorted(set(bases) - {quote})
    steps = _published(connection, until)
    for base in wanted:
        scale = Decimal(SCALE).scaleb(exponent(quote) - exponent(base))
        rates = _into(steps, base, quote)
        day = since
        while day < until:
            rate = rates(day)
            if rate is not None:
                yield base, day, int((rate * scale).to_integral_value(rounding=ROUND_HALF_EVEN))
            day += _DAY


class _Steps:
    """Published rates of one pair, by day; asked in the order of days."""

    def __init__(self, rows: list[tuple[date, Decimal]]) -> None:
        self._rows, self._at = rows, -1

    def on(self, day: date) -> Decimal | None:
        """Return the last rate published by a day; days are asked in rising order."""
        while self._at + 1 < len(self._rows) and self._rows[self._at + 1][0] <= day:
            self._at += 1
        return self._rows[self._at][1] if self._at >= 0 else None


def _published(connection: sa.Connection, until: date) -> dict[tuple[str, str], list[tuple[date, Decimal]]]:
    """Return every rate published before a day by (base, quote), both ways round, oldest first."""
    c = _RATE.c
    found: dict[tuple[str, str], dict[date, Decimal]] = {}
    statement = sa.select(c.base, c.quote, c.on_date, c.rate).where(c.on_date < until).order_by(c.on_date)
    for base, quote, on, text in connection.execute(statement):
        rate = Decimal(text)
        found.setdefault((base, quote), {})[on] = rate
        # of one day the rate as published is meant, then the turned one
        found.setdefault((quote, base), {}).setdefault(on, _ROUND.divide(Decimal(1), rate))
    return {pair: sorted(days.items()) for pair, days in found.items()}


def _into(
    steps: dict[tuple[str, str], list[tuple[date, Decimal]]], base: str, quote: str
) -> Callable[[date], Decimal | None]:
    """Return the function that gives the rate of a day: straight, else crossed through a third currency."""
    if (base, quote) in steps:
        return _Steps(steps[base, quote]).on
    through = sorted(middle for first, middle in steps if first == base and (middle, quote) in steps)
    if not through:
        return lambda _day: None
    one, two = _Steps(steps[base, through[0]]), _Steps(steps[through[0], quote])

    def crossed(day: date) -> Decimal | None:
        first, second = one.on(day), two.on(day)
        return None if first is None or second is None else _ROUND.multiply(first, second)

    return crossed
