"""Published exchange rates: one multiplier a pair and a day, never a guess.

``base`` x ``rate`` = ``quote``: with base EUR, quote PLN and rate ``4.2567`` an amount of 1.00 EUR is
4.26 PLN. A rate is kept as the text that was published, so that no digit is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from oms_core.kernel.database import Base, Code, Currency, Pk
from oms_core.kernel.money import to_decimal, to_minor

#: Significant digits of a rate that had to be turned round (1 / published).
_INVERSE = Context(prec=12, rounding=ROUND_HALF_EVEN)


class ExchangeRate(Base):
    """One unit of `base` in `quote`, as `source` published it for a day."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        sa.UniqueConstraint("on_date", "base", "quote"),
        sa.CheckConstraint("base <> quote", name="two_currencies"),
    )

    id: Mapped[Pk]
    base: Mapped[Currency]
    quote: Mapped[Currency]
    on_date: Mapped[date]
    rate: Mapped[str] = mapped_column(sa.String(40))
    source: Mapped[Code] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Rate:
    """A multiplier and the day it was published for; ``'1'`` between equal currencies."""

    text: str
    on: date

    def convert(self, minor: int, base: str, quote: str) -> int:
        """Return minor units of `base` as minor units of `quote`, rounded half-even."""
        if base == quote:
            return minor
        return to_minor(to_decimal(minor, base) * Decimal(self.text), quote)


def rate_on(session: Session, base: str, quote: str, day: date) -> Rate | None:
    """Return the rate of a day or the last one published before it; None when there is none.

    A pair published only the other way round is turned (1 / rate, 12 significant digits).
    """
    return rates_on(session.connection(), {(base, day)}, quote).get((base, day))


def rates_on(connection: sa.Connection, wanted: set[tuple[str, date]], quote: str) -> dict[tuple[str, date], Rate]:
    """Return the rates into `quote` by (base, day); pairs without a rate are left out.

    One statement for each base currency and day that is not `quote` itself.
    """
    found = {(base, day): Rate("1", day) for base, day in wanted if base == quote}
    for base, day in sorted(wanted - set(found)):
        rate = _published(connection, base, quote, day)
        if rate is not None:
            found[base, day] = rate
    return found


def _published(connection: sa.Connection, base: str, quote: str, day: date) -> Rate | None:
    table = ExchangeRate.__table__
    straight = sa.and_(table.c.base == base, table.c.quote == quote)
    turned = sa.and_(table.c.base == quote, table.c.quote == base)
    statement = (
        sa.select(table.c.base, table.c.rate, table.c.on_date)
        .where(sa.or_(straight, turned), table.c.on_date <= day)
        # of one day the straight rate is meant, then the turned one
        .order_by(table.c.on_date.desc(), sa.case((straight, 0), else_=1))
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    text = row.rate if row.base == base else str(_INVERSE.divide(Decimal(1), Decimal(row.rate)))
    return Rate(text, row.on_date)
