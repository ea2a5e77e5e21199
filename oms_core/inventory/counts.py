"""Counts of stock: people count, the shop compares, the difference is posted with its reason.

What is expected is read under the level's lock in the very moment a line is counted. So the
difference ``counted - expected`` is a fact about that moment: orders, parcels and receipts that
come between counting and posting move the level and leave the difference as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.inventory import ledger
from oms_core.inventory.count_posting import differences_of, moves_for
from oms_core.inventory.count_tables import StockCount, StockCountLine
from oms_core.inventory.posting import post, require
from oms_core.inventory.states import STOCK_COUNT
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def open_count(
    session: Session,
    *,
    location_id: int,
    variant_ids: Sequence[int],
    is_blind: bool = True,
    note: str = "",
    actor: str = "system",
) -> StockCount:
    """Open a session to count variants at a location. Stock does not stop for it.

    Parameters
    ----------
    is_blind : bool
        Who counts is not told what is expected until the count is posted.
    """
    wanted = sorted(set(variant_ids))
    if not wanted:
        raise InvalidInput("variants", [], "at least one variant to count", code="stock_count.empty")
    require(session, variant_ids=wanted, location_ids=(location_id,))
    (key,) = next_ids(core(session), "stock_counts")
    count = StockCount(
        id=key, number=f"SC-{key:06d}", location_id=location_id, state=STOCK_COUNT.start, is_blind=is_blind,
        note=note, created_at=clock.now(), created_by=actor,
    )  # fmt: skip
    session.add(count)
    session.flush()
    session.add_all(StockCountLine(stock_count_id=key, variant_id=variant) for variant in wanted)
    session.flush()
    journal.record(session, "stock_count.opened", "stock_count", key, actor=actor, lines=len(wanted), blind=is_blind)
    return count


def enter(session: Session, count_id: int, *, counted: Mapping[int, int], actor: str = "system") -> StockCount:
    """Write what was counted, units on hand by variant id; a variant counted before is counted again.

    Raises
    ------
    TransitionRefused
        The count is posted or cancelled.
    InvalidInput
        Units below zero.
    NotFound
        A variant that is not on the count.
    """
    count = _open(session, count_id)
    lines = {line.variant_id: line for line in count_lines(session, count_id)}
    for variant, units in counted.items():
        if variant not in lines:
            raise NotFound("stock count line", variant, hint=f"{count.number} does not count this variant.")
        if units < 0:
            raise InvalidInput("counted", units, "zero or more units")
    levels = ledger.lock(core(session), sorted((variant, count.location_id) for variant in counted))
    now = clock.now()
    for variant, units in sorted(counted.items()):
        line, before = lines[variant], lines[variant].counted_qty
        line.counted_qty, line.expected_qty = units, levels[variant, count.location_id].on_hand
        line.counted_at, line.counted_by, line.times_counted = now, actor, line.times_counted + 1
        journal.record(
            session, "stock_count.counted", "stock_count", count_id, actor=actor, variant_id=variant, counted=units,
            expected=line.expected_qty, before=before, times=line.times_counted,
        )  # fmt: skip
    _touch(session, count)
    return count


def ask_recount(
    session: Session, count_id: int, *, variant_ids: Sequence[int], reason: str, actor: str = "system"
) -> StockCount:
    """Send lines back to be counted once more; what was counted is forgotten, the journal keeps it."""
    count = _open(session, count_id)
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why to count again", code="stock_count.no_reason")
    lines = {line.variant_id: line for line in count_lines(session, count_id)}
    for variant in variant_ids:
        if variant not in lines:
            raise NotFound("stock count line", variant, hint=f"{count.number} does not count this variant.")
        lines[variant].counted_qty = lines[variant].expected_qty = None
    _touch(session, count)
    journal.record(
        session, "stock_count.recount_asked", "stock_count", count_id, actor=actor,
        variant_ids=sorted(variant_ids), reason=reason,
    )  # fmt: skip
    return count


def post_count(
    session: Session,
    count_id: int,
    *,
    reason: str,
    zone: str,
    actor: str = "system",
    skip_uncounted: bool = False,
    lots: Mapping[int, str] | None = None,
) -> StockCount:
    """Post the differences of a count, all or none, and close it.

    Missing units are taken of what is available, then of the safety stock, quality control and
    damaged units; found units become available.

    Parameters
    ----------
    reason : str
        For the ledger; required.
    skip_uncounted : bool
        Leave out lines nobody counted; without it they are a refusal.
    lots : mapping of int to str, optional
        Lot number by variant id, for found units of variants tracked by lot.

    Raises
    ------
    TransitionRefused
        The count is posted or cancelled.
    Refused
        ``stock_count.uncounted``: names how many lines nobody counted.
    InsufficientStock
        More is missing than is not promised: every such line, all at once.
    """
    count = _open(session, count_id, target="posted")
    if not reason.strip():
        raise InvalidInput("reason", reason, "a word on why stock changes", code="stock_count.no_reason")
    lines = count_lines(session, count_id)
    waiting = [line for line in lines if line.counted_qty is None]
    if len(waiting) == len(lines) or (waiting and not skip_uncounted):
        raise Refused(
            "stock_count.uncounted",
            f"{len(waiting)} of {len(lines)} lines of {count.number} have not been counted.",
            "Count them, leave them out, or cancel the count.",
            uncounted=len(waiting),
        )
    levels = ledger.lock(core(session), sorted((line.variant_id, count.location_id) for line in lines))
    moves = moves_for(session, count, differences_of(lines), levels, reason=reason.strip(), lots=lots or {})
    post(session, moves, zone=zone, actor=actor, locked=levels)
    for line in lines:
        if line.counted_qty is not None and line.expected_qty is not None:
            line.posted_qty = line.counted_qty - line.expected_qty
    count.reason = reason.strip()
    net = sum(line.posted_qty or 0 for line in lines)
    _close(session, count, "posted", actor=actor, net_units=net, uncounted=len(waiting), reason=count.reason)
    return count


def cancel_count(session: Session, count_id: int, *, reason: str, actor: str = "system") -> StockCount:
    """Give up a count; stock stays as it is."""
    count = _open(session, count_id, target="cancelled")
    count.reason = reason.strip()
    _close(session, count, "cancelled", actor=actor, reason=count.reason)
    return count


def _open(session: Session, count_id: int, *, target: str = "posted") -> StockCount:
    """Return the count, its row locked, or refuse because it is over."""
    statement = sa.select(StockCount).where(StockCount.id == count_id).with_for_update(key_share=True)
    count = session.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
    if count is None:
        raise NotFound("stock count", count_id)
    STOCK_COUNT.check(count.number, count.state, target)
    return count


def count_lines(session: Session, count_id: int) -> Sequence[StockCountLine]:
    """Return the lines of a count, by variant."""
    statement = (
        sa.select(StockCountLine).where(StockCountLine.stock_count_id == count_id).order_by(StockCountLine.variant_id)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def _touch(session: Session, count: StockCount) -> None:
    count.version += 1
    session.flush()


def _close(session: Session, count: StockCount, state: str, *, actor: str, **facts: object) -> None:
    count.state, count.closed_at = state, clock.now()
    _touch(session, count)
    journal.record(session, f"stock_count.{state}", "stock_count", count.id, actor=actor, **facts)
