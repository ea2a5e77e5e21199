"""What goods cost: first in first out and moving average, as a pure projection over the ledger.

Events of one variant go through :class:`Fifo` or :class:`Average` in ledger order. A layer keeps its
whole cost in minor units, never a unit cost, and gives away ``cost x units / quantity`` rounded half
up, the last unit taking the rest: what came in is always exactly what is left plus what went out.

Units that leave before any came (a permitted backorder) wait for a cost: the next units that come in
pay for them first. Nothing is stored: a late freight bill changes the projection, not any record.

References
----------
IAS 2 *Inventories*, paragraphs 25 and 27 (first in first out, weighted average); cost includes
"import duties … transport, handling" (paragraph 11).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What an event is. Units always positive; the kind says the direction.
BOUGHT, BACK, FOUND, SOLD, LOST, SENT_BACK = range(6)
METHODS = ("fifo", "average")


class Event(NamedTuple):
    """A movement over our walls.

    `cost_minor` is the whole cost of units bought (None: not known) or the assumed cost of one found
    unit; `ref` the order line of units sold or given back; `label` names the source; `line` is the
    shipment line that units left with.
    """

    kind: int
    units: int
    cost_minor: int | None = None
    ref: int = 0
    label: str = ""
    line: int | None = None


@dataclass(slots=True)
class Part:
    """Units with their cost and where they came from."""

    label: str
    units: int
    cost_minor: int
    is_known: bool = True


@dataclass(slots=True)
class Out:
    """Units that left, with the parts they were made of; `open_units` still wait for a cost."""

    parts: list[Part]
    open_units: int = 0

    @property
    def cost_minor(self) -> int:
        """Cost known so far."""
        cost = 0
        for part in self.parts:
            cost += part.cost_minor
        return cost


@dataclass(slots=True)
class Sums:
    """Costs over a projection, minor units: ``in == sold + lost + sent_back + left`` always."""

    bought: int = 0
    given_back: int = 0
    found: int = 0
    sold: int = 0
    lost: int = 0
    sent_back: int = 0

    @property
    def came_in(self) -> int:
        """Everything that came in."""
        return self.bought + self.given_back + self.found

    @property
    def went_out(self) -> int:
        """Everything that went out."""
        return self.sold + self.lost + self.sent_back


class Method(Protocol):
    """A way to say what leaving units cost."""

    def put(self, units: int, cost_minor: int, label: str, *, is_known: bool) -> None:
        """Take units in with their whole cost."""

    def take(self, units: int) -> Out:
        """Let units go."""

    def left(self) -> list[Part]:
        """Return what is left."""


def part_of(cost_minor: int, units: int, quantity: int) -> int:
    """Return ``cost x units / quantity`` rounded half up; all of it for all units."""
    return (2 * cost_minor * units + quantity) // (2 * quantity)


class _Waiting:
    """Units that left before they came."""

    __slots__ = ("outs",)

    def __init__(self) -> None:
        self.outs = deque[Out]()

    def wait(self, out: Out) -> Out:
        """Let units without a cost wait for the next that come."""
        self.outs.append(out)
        return out

    def pay(self, units: int, cost_minor: int, label: str, *, is_known: bool) -> tuple[int, int]:
        """Give units to those that wait; return units and cost that are left."""
        while self.outs and units:
            out = self.outs[0]
            n = min(out.open_units, units)
            cost = part_of(cost_minor, n, units)
            out.parts.append(Part(label, n, cost, is_known))
            out.open_units -= n
            units, cost_minor = units - n, cost_minor - cost
            if not out.open_units:
                self.outs.popleft()
        return units, cost_minor


class Fifo:
    """First in, first out."""

    __slots__ = ("_layers", "_waiting")

    def __init__(self) -> None:
        self._layers, self._waiting = deque[Part](), _Waiting()

    def put(self, units: int, cost_minor: int, label: str, *, is_known: bool = True) -> None:
        """Add a layer at the end."""
        if self._waiting.outs:
            units, cost_minor = self._waiting.pay(units, cost_minor, label, is_known=is_known)
        if units:
            self._layers.append(Part(label, units, cost_minor, is_known))

    def take(self, units: int) -> Out:
        """Take units from the oldest layers."""
        parts, layers = list[Part](), self._layers
        while layers:
            first = layers[0]
            if first.units > units:
                cost = part_of(first.cost_minor, units, first.units)
                first.units -= units
                first.cost_minor -= cost
                parts.append(Part(first.label, units, cost, first.is_known))
                return Out(parts)
            parts.append(first)
            units -= first.units
            layers.popleft()
            if not units:
                return Out(parts)
        return self._waiting.wait(Out(parts, units))

    def left(self) -> list[Part]:
        """Return the layers, oldest first."""
        return list(self._layers)


class Average:
    """Moving weighted average."""

    __slots__ = ("_pool", "_waiting")

    def __init__(self) -> None:
        self._pool, self._waiting = Part("moving average", 0, 0), _Waiting()

    def put(self, units: int, cost_minor: int, label: str, *, is_known: bool = True) -> None:
        """Mix units into the pool."""
        if self._waiting.outs:
            units, cost_minor = self._waiting.pay(units, cost_minor, label, is_known=is_known)
        if units:
            pool = self._pool
            pool.is_known = is_known and (pool.is_known or not pool.units)
            pool.units += units
            pool.cost_minor += cost_minor

    def take(self, units: int) -> Out:
        """Take units at the pool's average."""
        pool, parts = self._pool, list[Part]()
        n = min(units, pool.units)
        if n:
            cost = part_of(pool.cost_minor, n, pool.units)
            parts.append(Part(pool.label, n, cost, pool.is_known))
            pool.units -= n
            pool.cost_minor -= cost
        return Out(parts) if n == units else self._waiting.wait(Out(parts, units - n))

    def left(self) -> list[Part]:
        """Return the pool as one part, or nothing."""
        return [self._pool] if self._pool.units else []


def method_named(name: str) -> Fifo | Average:
    """Return a new projection by the name of its method.

    Raises
    ------
    InvalidInput
        Neither ``fifo`` nor ``average``.
    """
    if name not in METHODS:
        raise InvalidInput("method", name, f"one of {', '.join(METHODS)}")
    return Fifo() if name == "fifo" else Average()


@dataclass(slots=True)
class Projection:
    """One variant's goods through time.

    `outs` are the units that left, in order; `ins` the costs of what came back or was found.
    """

    stock: Method
    outs: list[tuple[int, int, Out]] = field(default_factory=list)
    ins: list[tuple[int, int]] = field(default_factory=list)
    _sold: dict[int, list[Out]] = field(default_factory=dict)
    _back: dict[int, list[int]] = field(default_factory=dict)

    def run(self, events: Iterable[Event]) -> Projection:
        """Let every event happen; return self."""
        happened = list(events)
        # only what comes back is asked for what it cost when it left
        asked = {event.ref for event in happened if event.kind == BACK}
        take, put, outs = self.stock.take, self.stock.put, self.outs
        for event in happened:
            kind = event.kind
            if kind >= SOLD:
                out = take(event.units)
                outs.append((kind, event.ref, out))
                if event.ref in asked and kind == SOLD:
                    self._sold.setdefault(event.ref, []).append(out)
                continue
            cost, is_known = self._cost_in(event)
            self.ins.append((kind, cost))
            put(event.units, cost, event.label, is_known=is_known)
        return self

    def _cost_in(self, event: Event) -> tuple[int, bool]:
        """Return what units that come in cost, and whether that is known."""
        if event.kind == BOUGHT:
            return event.cost_minor or 0, event.cost_minor is not None
        if event.kind == BACK and event.ref in self._sold:
            return self._cost_back(event.ref, event.units)
        left = self.stock.left()
        units, cost = sum(p.units for p in left), sum(p.cost_minor for p in left)
        if units:
            return part_of(cost, event.units, units), all(p.is_known for p in left)
        if event.cost_minor is not None:
            return event.cost_minor * event.units, False
        return 0, False

    def _cost_back(self, ref: int, units: int) -> tuple[int, bool]:
        """Return what given-back units cost when they left, reckoned on running totals."""
        parts = [part for out in self._sold[ref] for part in out.parts]
        sold, cost = sum(p.units for p in parts), sum(p.cost_minor for p in parts)
        before = self._back.setdefault(ref, [0, 0])
        if not sold:
            return 0, False
        before[0] += units
        value = part_of(cost, min(before[0], sold), sold) - before[1]
        before[1] += value
        return value, all(p.is_known for p in parts)

    def sums(self) -> Sums:
        """Return the costs of everything that came and went."""
        came, went = {BOUGHT: 0, BACK: 0, FOUND: 0}, {SOLD: 0, LOST: 0, SENT_BACK: 0}
        for kind, cost in self.ins:
            came[kind] += cost
        for kind, _, out in self.outs:
            went[kind] += out.cost_minor
        return Sums(came[BOUGHT], came[BACK], came[FOUND], went[SOLD], went[LOST], went[SENT_BACK])
