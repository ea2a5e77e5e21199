"""Taking units off fulfilment orders: what split, move and reject have in common.

Stock and promise move together: units leave an allocation by a ``released`` movement and join a new
one by an ``allocated`` movement in the same posting. Only a whole, untouched allocation that stays at
its place changes hands without the ledger, for nothing of it moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.fulfilment.packing import Work, units_of, works_of
from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine
from oms_core.inventory.commands import Move
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock
from oms_core.kernel.bulk import bulk_insert
from oms_core.kernel.errors import NotFound, Refused
from oms_core.kernel.rows import core, next_ids, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

_WORK, _WORK_LINE, _ALLOCATION = table_of(FulfillmentOrder), table_of(FulfillmentOrderLine), table_of(Allocation)
_ALLOCATION_COLUMNS = (
    "id", "order_line_id", "variant_id", "location_id", "quantity", "shipped_qty", "released_qty", "created_at",
)  # fmt: skip


def movable(session: Session, ids: set[int]) -> dict[int, Work]:
    """Lock and return fulfilment orders that may be split, moved, merged or rejected.

    Raises
    ------
    NotFound
        If one does not exist.
    Refused
        If one is on hold (``fulfillment_order.on_hold``) or finished (``fulfillment_order.finished``).
    """
    works = works_of(core(session), ids)
    for key in sorted(ids):
        if key not in works:
            raise NotFound("fulfilment order", key)
        _check(works[key])
    return works


def _check(work: Work) -> None:
    if work.state == "on_hold":
        why = "; ".join(work.holds) or "no reason was kept"
        raise Refused(
            "fulfillment_order.on_hold",
            f"{work.number} is on hold: {why}.",
            "Release the hold first, then change the work.",
            holds=list(work.holds),
        )
    if not FULFILLMENT_ORDER.moves[work.state] or not work.left:
        raise Refused(
            "fulfillment_order.finished", f"{work.number} is {work.state}: it has nothing left to split or move."
        )


def chosen(work: Work, lines: Mapping[int, int] | None) -> dict[int, int]:
    """Return units by allocation id, checked against what is open; all of it when none are named."""
    return units_of(work, lines)


def hand_over(session: Session, work: Work, units: Mapping[int, int]) -> list[Move]:
    """Take units off a fulfilment order for another one at the same place; return what is to be posted."""
    whole = [key for key, n in units.items() if n == work.rows[key].quantity]
    if whole:
        session.connection().execute(sa.delete(_WORK_LINE).where(_WORK_LINE.c.allocation_id.in_(whole)))
    parts = {key: n for key, n in units.items() if key not in whole}
    _less(work, units)
    return _renew(session, work, parts, work.location_id, "split")


def carry(session: Session, work: Work, units: Mapping[int, int], to: int, *, reason: str) -> list[Move]:
    """Take units off a fulfilment order and promise them at another place; return what is to be posted."""
    _less(work, units)
    return _renew(session, work, units, to, reason)


def give_back(session: Session, work: Work, units: Mapping[int, int], *, reason: str) -> list[Move]:
    """Take units off a fulfilment order and promise them nowhere; return what is to be posted."""
    _less(work, units)
    return _release(session, work, units, reason)


def finish(session: Session, work: Work) -> str:
    """Write the state of work after units were taken off it: finished when nothing is left; return it."""
    if work.left:
        return work.state
    shipped = any(row.shipped_qty for row in work.rows.values())
    state = "closed" if shipped else "cancelled"
    FULFILLMENT_ORDER.check(work.number, work.state, state)
    session.connection().execute(
        sa.update(_WORK)
        .where(_WORK.c.id == work.id)
        .values(state=state, closed_at=clock.now(), version=_WORK.c.version + 1)
    )
    work.state = state
    return state


def _less(work: Work, units: Mapping[int, int]) -> None:
    for key, n in units.items():
        work.left[key] -= n
        if not work.left[key]:
            del work.left[key]


def _release(session: Session, work: Work, units: Mapping[int, int], reason: str) -> list[Move]:
    released = _ALLOCATION.c.released_qty + sa.bindparam("n")
    change = sa.update(_ALLOCATION).where(_ALLOCATION.c.id == sa.bindparam("key")).values(released_qty=released)
    if units:
        session.connection().execute(change, [{"key": key, "n": n} for key, n in sorted(units.items())])
    here = work.location_id
    return [
        Move(_variant(work, key), n, "released", here, "committed", here, "available", allocation_id=key, reason=reason)
        for key, n in sorted(units.items())
    ]


def _renew(session: Session, work: Work, units: Mapping[int, int], to: int, reason: str) -> list[Move]:
    """Release units and promise as many in new allocations at `to`."""
    if not units:
        return []
    connection, now = session.connection(), clock.now()
    moves = _release(session, work, units, reason)
    keys = next_ids(connection, "allocations", len(units))
    rows, promised = list[tuple[Any, ...]](), list[Move]()
    for new, (key, n) in zip(keys, sorted(units.items()), strict=True):
        variant = _variant(work, key)
        rows.append((new, work.rows[key].order_line_id, variant, to, n, 0, 0, now))
        promised.append(
            Move(variant, n, "allocated", to, "available", to, "committed", allocation_id=new, reason=reason)
        )
    bulk_insert(connection, _ALLOCATION, _ALLOCATION_COLUMNS, rows, keys_drawn=True)
    return moves + promised


def _variant(work: Work, allocation_id: int) -> int:
    return int(work.rows[allocation_id].variant_id)
