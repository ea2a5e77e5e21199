"""Write what was routed: receipts, allocations, movements, journal; a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oms_core.inventory.commands import Move, post
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock, journal
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.rows import next_ids, table_of
from oms_core.routing.tables import RoutingDecision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.inventory.rules import Key, Level

_ALLOCATION, _DECISION = table_of(Allocation), table_of(RoutingDecision)
_ALLOCATION_COLUMNS = (
    "id", "order_line_id", "variant_id", "location_id", "quantity", "shipped_qty", "released_qty", "created_at",
)  # fmt: skip
#: The receipt's parts, each a column of the decision.
_RECEIPT_COLUMNS = ("rules", "candidates", "chosen", "decided_by", "reason")

#: Units of a level promised to an order line: line, variant, location, units.
Promise = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Routed:
    """An order with its plan: what is promised, the receipt, and units by line that are to wait for goods to come.

    `held` are the reservation lines the promises come from, one for each promise; none: off the shelf.
    """

    order_id: int
    promises: list[Promise]
    receipt: dict[str, Any]
    waiting: dict[int, int] = field(default_factory=dict)
    held: Sequence[int] = ()


def write_promises(
    session: Session, good: Sequence[Routed], levels: Mapping[Key, Level] | None, *, zone: str, actor: str
) -> list[list[int]]:
    """Write receipts, allocations, movements and journal entries; return allocation ids by order."""
    if not good:
        return []
    connection, now = session.connection(), clock.now()
    decisions = next_ids(connection, "routing_decisions", len(good))
    receipts = [
        (key, found.order_id, now, *(found.receipt[name] for name in _RECEIPT_COLUMNS))
        for key, found in zip(decisions, good, strict=True)
    ]
    bulk_insert(connection, _DECISION, ("id", "order_id", "at", *_RECEIPT_COLUMNS), receipts, keys_drawn=True)
    promises = [promise for found in good for promise in found.promises]
    keys = next_ids(connection, "allocations", len(promises))
    rows = ((key, *promise, 0, 0, now) for key, promise in zip(keys, promises, strict=True))
    bulk_insert(connection, _ALLOCATION, _ALLOCATION_COLUMNS, rows, keys_drawn=True)
    post(session, _moves(good, keys), zone=zone, actor=actor, locked=levels)
    events = (
        ("order.allocated", found.order_id, {"decision_id": key, "reason": found.receipt["reason"]})
        for key, found in zip(decisions, good, strict=True)
    )
    journal.record_all(session, "order", events, actor=actor)
    drawn = iter(keys)
    return [[next(drawn) for _ in found.promises] for found in good]


def _moves(good: Sequence[Routed], keys: Sequence[int]) -> list[Move]:
    """Return the movement of each promise: off the shelf, or out of the reservation that holds it."""
    drawn, moves = iter(keys), list[Move]()
    for found in good:
        state = "reserved" if found.held else "available"
        held: Sequence[int | None] = found.held or [None] * len(found.promises)
        for (_, variant, place, n), line in zip(found.promises, held, strict=True):
            ends = (place, state, place, "committed")
            key = next(drawn)
            moves.append(Move(variant, n, "allocated", *ends, allocation_id=key, reservation_line_id=line))
    return moves
