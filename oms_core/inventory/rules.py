"""Pure rules of stock: what a set of moves does to levels, and which of them fall short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oms_core.inventory.tables import MOVEMENT_KINDS, ON_HAND_STATES, OUTSIDE
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_COLUMN = {state: index for index, state in enumerate(ON_HAND_STATES)}
AVAILABLE = _COLUMN["available"]

#: A level's key: variant id, location id. Locks are always taken in this order.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Move:
    """One movement to be posted: `quantity` units out of one place into another.

    A place is a location and one of its states, or no location and one of the places outside
    our walls (``supplier, customer, loss, transit``). Links say what caused it. `lot_id` names the
    lot of a variant that is tracked by lot; left out, the lot that expires first goes first. `bin_id`
    names the bin within the location (see `inventory.bin_following`).
    """

    variant_id: int
    quantity: int
    kind: str
    from_location_id: int | None
    from_state: str
    to_location_id: int | None
    to_state: str
    allocation_id: int | None = None
    shipment_line_id: int | None = None
    return_line_id: int | None = None
    receipt_line_id: int | None = None
    transfer_line_id: int | None = None
    reason: str = ""
    reservation_line_id: int | None = None
    count_line_id: int | None = None
    lot_id: int | None = None
    bin_id: int | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """Units of a move that come into a location (positive) or leave it (negative), of one lot where lots are told."""

    move: Move
    location_id: int
    lot_id: int | None
    quantity: int


def crossings(moves: Iterable[Move]) -> list[Crossing]:
    """Return what moves bring into locations and take out of them; a change of state within one does neither."""
    return [
        Crossing(move, place, None, sign * move.quantity)
        for move in moves
        if move.from_location_id != move.to_location_id
        for place, sign in ((move.from_location_id, -1), (move.to_location_id, 1))
        if place is not None
    ]


@dataclass(slots=True)
class Level:
    """Units of one level by state, in the order of ``ON_HAND_STATES``; its backorder limit; what it tells apart."""

    units: list[int]
    backorder_limit_qty: int = 0
    tracks_lots: bool = False
    is_binned: bool = False

    @property
    def available(self) -> int:
        """Units that are sellable and not promised."""
        return self.units[AVAILABLE]

    @property
    def on_hand(self) -> int:
        """Units that lie there, in whatever state."""
        return sum(self.units)

    @property
    def promisable(self) -> int:
        """Units that may still be promised, backorder policy included."""
        return self.units[AVAILABLE] + self.backorder_limit_qty


@dataclass(frozen=True, slots=True)
class Shortage:
    """A state of a level that would fall below its limit: wanted and there, units."""

    key: Key
    state: str
    wanted: int
    there: int


def check_moves(moves: Iterable[Move]) -> None:
    """Refuse moves that are not one: no units, an unknown kind, a place that is half inside."""
    for move in moves:
        if move.quantity <= 0:
            raise InvalidInput("quantity", move.quantity, "a movement has at least one unit")
        if move.kind not in MOVEMENT_KINDS:
            raise InvalidInput("kind", move.kind, f"one of {', '.join(MOVEMENT_KINDS)}")
        for location, state in ((move.from_location_id, move.from_state), (move.to_location_id, move.to_state)):
            if state not in (OUTSIDE if location is None else ON_HAND_STATES):
                raise InvalidInput("state", state, "inside a location a stock state, outside it a place outside")


def net(moves: Iterable[Move]) -> dict[Key, list[int]]:
    """Return what the moves together do to each level: units by state, signed."""
    change: dict[Key, list[int]] = {}
    for move in moves:
        for location, state, sign in (
            (move.from_location_id, move.from_state, -1),
            (move.to_location_id, move.to_state, 1),
        ):
            if location is not None:
                level = change.setdefault((move.variant_id, location), [0] * len(ON_HAND_STATES))
                level[_COLUMN[state]] += sign * move.quantity
    return change


def shortages(change: Mapping[Key, Sequence[int]], levels: Mapping[Key, Level]) -> list[Shortage]:
    """Return every state that the change would push below its limit; all of them, in key order.

    Only `available` may go below zero, down to the level's backorder limit.
    """
    short: list[Shortage] = []
    for key in sorted(change):
        level = levels[key]
        for state, index in _COLUMN.items():
            delta = change[key][index]
            there = level.promisable if index == AVAILABLE else level.units[index]
            if delta < 0 and there + delta < 0:
                short.append(Shortage(key, state, -delta, there))
    return short
