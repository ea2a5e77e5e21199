"""Money as integer minor units beside an ISO 4217 currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

#: ISO 4217 currencies whose minor unit is not a hundredth.
EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal | str | int, currency: str) -> int:
    """Round a decimal amount half-even to minor units of `currency`.

    Raises
    ------
    InvalidInput
        If the amount is not a finite decimal number.
    """
    try:
        value = Decimal(amount).scaleb(exponent(currency))
        return int(value.to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InvalidInput("amount", amount, "a decimal number was expected") from error


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal amount with the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts add up exactly.

    The largest remainders get the left-over units (Hamilton's method); ties go to the
    earlier part.

    Parameters
    ----------
    minor : int
        Amount in minor units; may be negative.
    weights : sequence of int
        Non-negative weights; all zero means equal shares.
    """
    if not weights:
        return []
    if sum(weights) == 0:
        weights = [1] * len(weights)
    sign, total = (-1 if minor < 0 else 1), sum(weights)
    parts = [divmod(abs(minor) * w, total) for w in weights]
    left = abs(minor) - sum(q for q, _ in parts)
    order = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
    extra = set(order[:left])
    return [sign * (q + (i in extra)) for i, (q, _) in enumerate(parts)]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Add two amounts of the same currency; refuse to mix currencies."""
        if self.currency != other.currency:
            raise InvalidInput(
                "currency", other.currency, f"{self.currency} was expected", "Convert with a dated rate first."
            )
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> Money:
        """Return the amount with its sign turned."""
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        """Return ``'12.30 GBP'``."""
        return f"{to_decimal(self.minor, self.currency)} {self.currency}"
