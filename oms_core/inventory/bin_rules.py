"""Pure rules of filling pick bins up: how many units, and out of which overstock bin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Need:
    """A pick bin with its rule; `coming` is on lists that are not done yet. Units."""

    bin_id: int
    variant_id: int
    minimum: int
    maximum: int
    increment: int
    in_bin: int
    coming: int = 0

    @property
    def wanted(self) -> int:
        """Whole increments that fit below the maximum, once the bin is below its minimum."""
        held = self.in_bin + self.coming
        return (self.maximum - held) // self.increment * self.increment if held < self.minimum else 0


@dataclass(slots=True)
class Source:
    """Units of one lot (or of a variant without lots) in an overstock bin that no list has taken yet."""

    bin_id: int
    variant_id: int
    units: int
    position: int = 1
    lot_id: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Carry:
    """Units to carry out of one source into a pick bin, and what they were reckoned from."""

    need: Need
    source: Source
    quantity: int
    there: int
    why: str


@dataclass(slots=True)
class Proposal:
    """What to carry, and the pick bins that stay short with the units overstock did not have.

    `not_put_away` tells, by variant, units that are here and have no place yet: they would help if somebody put
    them away.
    """

    carries: list[Carry] = field(default_factory=list)
    unmet: list[tuple[Need, int, str]] = field(default_factory=list)
    not_put_away: dict[int, int] = field(default_factory=dict)


def propose(needs: Iterable[Need], sources: Sequence[Source], today: date) -> Proposal:
    """Fill pick bins up in the order given, out of what expires first; expired lots are left where they are.

    Whole increments are carried; when overstock has less than one in all, its last units go (a broken case).
    """
    found = Proposal()
    for need in needs:
        fresh = [s for s in sources if s.variant_id == need.variant_id and s.units > 0 and _fresh(s, today)]
        there = sum(s.units for s in fresh)
        if need.in_bin + need.coming >= need.minimum:
            continue
        if not need.wanted:
            found.unmet.append((need, 0, "increment_too_large"))
            continue
        quantity, why = _quantity(need, there)
        if quantity < need.wanted:
            found.unmet.append((need, need.wanted - quantity, "overstock_short"))
        found.carries += _carries(need, sorted(fresh, key=_first), quantity, there, why)
    return found


def _fresh(source: Source, today: date) -> bool:
    return source.expires_on is None or source.expires_on >= today


def _first(source: Source) -> tuple[bool, date, int, int, int]:
    return (
        source.expires_on is None,
        source.expires_on or date.max,
        source.position,
        source.bin_id,
        source.lot_id or 0,
    )


def _quantity(need: Need, there: int) -> tuple[int, str]:
    if there >= need.wanted:
        return need.wanted, "filled_up"
    whole = there // need.increment * need.increment
    return (whole, "whole_increments") if whole else (there, "last_units")


def _carries(need: Need, fresh: Sequence[Source], quantity: int, there: int, why: str) -> list[Carry]:
    carries, rest = list[Carry](), quantity
    for source in fresh:
        n = min(rest, source.units)
        if n:
            carries.append(Carry(need, source, n, there, why))
            source.units -= n
            rest -= n
    return carries
