"""What posting a count moves, and what a count tells whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.count_tables import StockCount, StockCountLine
from oms_core.inventory.lots import lot_named
from oms_core.inventory.rules import Key, Level, Move
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.kernel.errors import InsufficientStock, NotFound
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

#: Where missing units are taken from, in turn; what is promised is never taken.
_GIVING = ("available", "safety_stock", "quality_control", "damaged")


def differences_of(lines: Sequence[StockCountLine]) -> dict[int, tuple[int, int]]:
    """Return (line id, counted - expected) of every counted line that differs, by variant."""
    return {
        line.variant_id: (line.id, line.counted_qty - line.expected_qty)
        for line in lines
        if line.counted_qty is not None and line.expected_qty is not None and line.counted_qty != line.expected_qty
    }


def moves_for(
    session: Session,
    count: StockCount,
    differences: Mapping[int, tuple[int, int]],
    levels: Mapping[Key, Level],
    *,
    reason: str,
    lots: Mapping[int, str],
) -> list[Move]:
    """Return the movements that post the differences, or refuse with every line that lacks the units."""
    moves, short = list[Move](), list[dict[str, Any]]()
    place = count.location_id
    for variant, (line, difference) in sorted(differences.items()):
        level = levels[variant, place]
        about = {"reason": reason, "count_line_id": line}
        if difference > 0:
            lot = lot_named(session, variant, lots[variant]).id if variant in lots else None
            moves.append(
                Move(variant, difference, "adjusted", None, "loss", place, "available", lot_id=lot, **about)  # type: ignore[arg-type]
            )
            continue
        taken = _taken(level, -difference)
        if sum(taken.values()) < -difference:
            short.append(_missing(session, variant, -difference, level))
        moves += [Move(variant, n, "adjusted", place, state, None, "loss", **about) for state, n in taken.items()]  # type: ignore[arg-type]
    if short:
        raise InsufficientStock(short)
    return moves


def _taken(level: Level, missing: int) -> dict[str, int]:
    taken, rest = dict[str, int](), missing
    for state in _GIVING:
        n = min(rest, max(level.units[ON_HAND_STATES.index(state)], 0))
        if n:
            taken[state] = n
            rest -= n
    return taken


def _missing(session: Session, variant_id: int, wanted: int, level: Level) -> dict[str, Any]:
    free = sum(max(level.units[ON_HAND_STATES.index(state)], 0) for state in _GIVING)
    sku = session.scalar(sa.select(Variant.sku).where(Variant.id == variant_id))
    return {"sku": sku, "wanted": wanted, "available": free, "promised": level.on_hand - free}


def count_named(session: Session, number: str) -> StockCount:
    """Return the count of a number; near matches are offered when there is none."""
    found = session.scalars(sa.select(StockCount).where(StockCount.number == number)).one_or_none()
    if found is None:
        raise NotFound("stock count", number, session.scalars(sa.select(StockCount.number)))
    return found


def count_record(session: Session, count: StockCount) -> dict[str, Any]:
    """Return a count as a record; of an open blind count nobody is told what is expected."""
    line = StockCountLine
    rows = session.execute(
        sa.select(Variant.sku, line)
        .join(Variant, Variant.id == line.variant_id)
        .where(line.stock_count_id == count.id)
        .order_by(Variant.sku)
    )
    blind = count.is_blind and count.state == "open"
    return {
        "id": count.id, "number": count.number, "state": count.state, "blind": count.is_blind, "note": count.note,
        "reason": count.reason, "created_at": count.created_at, "closed_at": count.closed_at,
        "location": session.scalar(sa.select(Location.code).where(Location.id == count.location_id)),
        "lines": [_line(sku, row, blind=blind) for sku, row in rows],
    }  # fmt: skip


def _line(sku: str, line: StockCountLine, *, blind: bool) -> dict[str, Any]:
    known = line.counted_qty is not None and line.expected_qty is not None and not blind
    return {
        "sku": sku, "counted": line.counted_qty, "counted_at": line.counted_at, "counted_by": line.counted_by,
        "times_counted": line.times_counted,
        "expected": line.expected_qty if known else None,
        "difference": (line.counted_qty or 0) - (line.expected_qty or 0) if known else None,
        "posted": line.posted_qty,
    }  # fmt: skip


def counts_list(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest counts: number, place, state, lines, lines counted, net units posted."""
    line = StockCountLine
    rows = session.execute(
        sa.select(
            StockCount.number, Location.code.label("location"), StockCount.state, StockCount.is_blind.label("blind"),
            StockCount.created_at, sa.func.count(line.id).label("lines"),
            sa.func.count(line.counted_qty).label("counted"),
            sa.cast(sa.func.coalesce(sa.func.sum(line.posted_qty), 0), sa.BigInteger).label("net_posted"),
        )
        .join(Location, Location.id == StockCount.location_id)
        .join(line, line.stock_count_id == StockCount.id)
        .group_by(StockCount.id, Location.code)
        .order_by(StockCount.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in rows.mappings()]
