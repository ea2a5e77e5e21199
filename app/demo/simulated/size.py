"""How large a simulated shop is to be, and what follows from that."""

from __future__ import annotations

from dataclasses import dataclass

from oms_core.kernel.errors import InvalidInput

#: Lines an order has on average; measured, see the test that keeps it honest.
LINES_PER_ORDER = 2.58
SMALLEST, LARGEST = 100, 20_000_000
MOST_LINES = 50_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """A shop of about `orders` orders over the whole period; chance decides how many there are."""

    orders: int

    def __post_init__(self) -> None:
        """Refuse what cannot be a shop."""
        if not SMALLEST <= self.orders <= LARGEST:
            raise InvalidInput(
                "orders",
                str(self.orders),
                f"a number of orders from {SMALLEST} to {LARGEST:,}",
                code="demo.size",
            )

    @classmethod
    def of_lines(cls, lines: int) -> Size:
        """Return the size that has about so many order lines."""
        if not round(SMALLEST * LINES_PER_ORDER) <= lines <= MOST_LINES:
            raise InvalidInput(
                "lines",
                str(lines),
                f"a number of lines from {round(SMALLEST * LINES_PER_ORDER)} to {MOST_LINES:,}",
                code="demo.size",
            )
        return cls(round(lines / LINES_PER_ORDER))

    @property
    def skus(self) -> int:
        """Number of SKUs: a larger shop has more, not in proportion."""
        return int(min(5_000, max(24, round(6 * float(self.orders) ** 0.35))))


@dataclass(frozen=True, slots=True)
class Sizes:
    """What came out."""

    orders: int
    lines: int
    customers: int
    skus: int
    returns: int
    seconds: float
