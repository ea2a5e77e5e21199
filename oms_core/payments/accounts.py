"""An order's money as a pure ledger: what is left of each authorisation and each capture.

A capture or void acts on an authorisation, a refund on a capture (`parent_id`). Movements without a
parent (imported ones, or ones larger than any single parent) are spread over the oldest ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Gateway of what is forgiven and not paid; it settles, and can never be refunded.
WRITE_OFF = "write_off"
#: Gateway of money a customer has with us.
STORE_CREDIT = "store_credit"
#: Gateway of money a courier collects at the door.
COD = "cod"


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment: positive amount in minor units, its kind says the direction."""

    id: int
    kind: str
    amount_minor: int
    gateway: str
    parent_id: int | None = None


@dataclass(slots=True)
class Account:
    """The money of one order, oldest first; `total_minor` is what the customer owes."""

    order_id: int
    number: str
    currency: str
    state: str
    total_minor: int = 0
    customer_id: int | None = None
    shop_currency: str | None = None
    entries: list[Entry] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Entry]:
        """Return the entries of a kind, oldest first."""
        return [entry for entry in self.entries if entry.kind == kind]

    def sum_of(self, kind: str, *, but: str = "") -> int:
        """Return the sum of a kind, minor units, leaving out one gateway."""
        return sum(entry.amount_minor for entry in self.of_kind(kind) if entry.gateway != but)

    @property
    def settled_minor(self) -> int:
        """What counts against the order: captured (write-offs too) less refunded."""
        return self.sum_of("capture") - self.sum_of("refund")

    @property
    def refundable_minor(self) -> int:
        """Money that really came and was not given back."""
        return self.sum_of("capture", but=WRITE_OFF) - self.sum_of("refund")

    def authorized_left(self) -> dict[int, int]:
        """Return what may still be captured or voided, by authorisation."""
        left = {entry.id: entry.amount_minor for entry in self.of_kind("authorize")}
        gateways = {entry.id: entry.gateway for entry in self.of_kind("authorize")}
        used = [entry for entry in self.entries if entry.kind in ("capture", "void")]
        _take_linked(left, used)
        for entry in used:
            if entry.parent_id is None:
                # only what was held before may have been taken from it
                _spread(
                    left,
                    entry.amount_minor,
                    {key for key, held in gateways.items() if held == entry.gateway and key < entry.id},
                )
        return left

    def captured_left(self) -> dict[int, int]:
        """Return what may still be refunded, by capture; write-offs are no money and not in it."""
        captures = [entry for entry in self.of_kind("capture") if entry.gateway != WRITE_OFF]
        left = {entry.id: entry.amount_minor for entry in captures}
        gateways = {entry.id: entry.gateway for entry in captures}
        refunds = self.of_kind("refund")
        _take_linked(left, refunds)
        for entry in refunds:
            if entry.parent_id is None:
                rest = _spread(
                    left, entry.amount_minor, {key for key, taken in gateways.items() if taken == entry.gateway}
                )
                _spread(left, rest, set(left))
        return left


def _take_linked(left: dict[int, int], entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.parent_id in left:
            left[entry.parent_id] -= entry.amount_minor


def _spread(left: dict[int, int], amount: int, among: set[int]) -> int:
    """Take an amount from the oldest that may give; return what nobody could give."""
    for key, there in left.items():
        if amount and there > 0 and key in among:
            taken = min(amount, there)
            left[key] -= taken
            amount -= taken
    return amount
