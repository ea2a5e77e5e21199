"""Laws of bins: they add up to what is on hand, lot by lot, and are the sum of their entries."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import LEVEL
from oms_core.inventory.bin_tables import Bin, BinEntry, BinLevel, BinReplenishment, BinReplenishmentLine
from oms_core.inventory.lot_tables import LotLevel
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.kernel.rows import table_of

BIN, BIN_LEVEL, ENTRY = table_of(Bin), table_of(BinLevel), table_of(BinEntry)
RUN, LINE, LOT_LEVEL = table_of(BinReplenishment), table_of(BinReplenishmentLine), table_of(LotLevel)
_NOTHING: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
_ROWS = sa.Select[*tuple[object, ...]]


def _unequal_on_hand() -> _ROWS:
    """Return levels whose bins hold something else than lies there; without bins any unit in one is wrong."""
    held = sum((LEVEL.c[state] for state in ON_HAND_STATES[1:]), start=LEVEL.c.available)
    parts = sa.union_all(
        sa.select(
            LEVEL.c.variant_id, LEVEL.c.location_id,
            sa.case((LEVEL.c.is_binned, held), else_=0).label("on_hand"), _NOTHING.label("in_bins"),
        ),
        sa.select(BIN_LEVEL.c.variant_id, BIN.c.location_id, _NOTHING, BIN_LEVEL.c.quantity)
        .join(BIN, BIN.c.id == BIN_LEVEL.c.bin_id),
    ).subquery()  # fmt: skip
    on_hand, in_bins = sa.func.sum(parts.c.on_hand), sa.func.sum(parts.c.in_bins)
    return (
        sa.select(parts.c.variant_id, parts.c.location_id, on_hand.label("on_hand"), in_bins.label("in_bins"))
        .group_by(parts.c.variant_id, parts.c.location_id)
        .having(on_hand != in_bins)
    )


def _unequal_lots() -> _ROWS:
    """Return lots that lie in bins of a binned level with other units than the lot has there."""
    binned = sa.and_(
        LEVEL.c.variant_id == LOT_LEVEL.c.variant_id, LEVEL.c.location_id == LOT_LEVEL.c.location_id, LEVEL.c.is_binned
    )
    parts = sa.union_all(
        sa.select(LOT_LEVEL.c.lot_id, LOT_LEVEL.c.location_id, LOT_LEVEL.c.quantity.label("there"),
                  _NOTHING.label("in_bins")).join(LEVEL, binned),
        sa.select(BIN_LEVEL.c.lot_id, BIN.c.location_id, _NOTHING, BIN_LEVEL.c.quantity)
        .join(BIN, BIN.c.id == BIN_LEVEL.c.bin_id)
        .where(BIN_LEVEL.c.lot_id.is_not(None)),
    ).subquery()  # fmt: skip
    there, in_bins = sa.func.sum(parts.c.there), sa.func.sum(parts.c.in_bins)
    return (
        sa.select(parts.c.lot_id, parts.c.location_id, there.label("there"), in_bins.label("in_bins"))
        .group_by(parts.c.lot_id, parts.c.location_id)
        .having(there != in_bins)
    )


def _unequal_entries() -> _ROWS:
    parts = sa.union_all(
        sa.select(BIN_LEVEL.c.bin_id, BIN_LEVEL.c.variant_id, zero(BIN_LEVEL.c.lot_id).label("lot_id"),
                  BIN_LEVEL.c.quantity.label("level"), _NOTHING.label("entries")),
        sa.select(ENTRY.c.bin_id, ENTRY.c.variant_id, zero(ENTRY.c.lot_id), _NOTHING, ENTRY.c.quantity),
    ).subquery()  # fmt: skip
    level, entries = sa.func.sum(parts.c.level), sa.func.sum(parts.c.entries)
    return (
        sa.select(parts.c.bin_id, parts.c.variant_id, level.label("level"), entries.label("entries"))
        .group_by(parts.c.bin_id, parts.c.variant_id, parts.c.lot_id)
        .having(level != entries)
    )


def _unmoved_lists() -> _ROWS:
    e = ENTRY.c
    came = summed(
        ENTRY, e.bin_replenishment_line_id,
        moved=sa.case((sa.and_(e.kind == "replenished", e.quantity > 0), e.quantity), else_=0),
        missing=sa.case((sa.and_(e.kind == "missing", e.quantity > 0), e.quantity), else_=0),
        net=e.quantity,
    )  # fmt: skip
    done = LINE.c.moved_qty + LINE.c.missing_qty + LINE.c.left_qty
    wrong = sa.or_(
        LINE.c.moved_qty != zero(came.c.moved), LINE.c.missing_qty != zero(came.c.missing), zero(came.c.net) != 0,
        sa.and_(RUN.c.state == "done", done != LINE.c.quantity),
    )  # fmt: skip
    return (
        sa.select(RUN.c.number, LINE.c.id, RUN.c.state, LINE.c.quantity, LINE.c.moved_qty, LINE.c.missing_qty,
                  zero(came.c.moved).label("moved"), zero(came.c.missing).label("missing"))
        .select_from(LINE.join(RUN, RUN.c.id == LINE.c.bin_replenishment_id))
        .outerjoin(came, came.c.key == LINE.c.id)
        .where(wrong)
    )  # fmt: skip


def _used_though_gone() -> _ROWS:
    """Return bins that were taken away and still hold something."""
    units = sa.func.sum(BIN_LEVEL.c.quantity)
    return (
        sa.select(BIN.c.id, BIN.c.code, units.label("units"))
        .join(BIN_LEVEL, BIN_LEVEL.c.bin_id == BIN.c.id)
        .where(BIN.c.retired_at.is_not(None))
        .group_by(BIN.c.id, BIN.c.code)
        .having(units > 0)
    )


LAWS = (
    Law(
        "bins.add_up_to_on_hand",
        "What lies in the bins of a binned level is what is on hand there; other levels have nothing in bins.",
        by_query(
            count_of(BIN_LEVEL),
            _unequal_on_hand(),
            "variant {variant_id} at location {location_id}: on hand {on_hand}, in bins {in_bins}",
        ),
    ),
    Law(
        "bins.lots_add_up",
        "Of every lot as many units lie in bins as the lot has at the location.",
        by_query(
            count_of(BIN_LEVEL),
            _unequal_lots(),
            "lot {lot_id} at location {location_id}: {there} there, {in_bins} in bins",
        ),
    ),
    Law(
        "bins.levels_equal_entries",
        "What lies in a bin is the sum of its entries.",
        by_query(
            count_of(BIN_LEVEL),
            _unequal_entries(),
            "bin {bin_id}, variant {variant_id}: {level} in it, its entries add up to {entries}",
        ),
    ),
    Law(
        "bins.lists_in_ledger",
        "What a worker's list moved and missed is in the bins' ledger; a list is done with its last unit.",
        by_query(
            count_of(LINE),
            _unmoved_lists(),
            "{number} ({state}), line {id}: {moved_qty} of {quantity} moved and {missing_qty} missing;"
            " the ledger has {moved}, {missing}",
        ),
    ),
    Law(
        "bins.gone_are_empty",
        "A bin that was taken away holds nothing.",
        by_query(count_of(BIN), _used_though_gone(), "bin {code} ({id}) was taken away and holds {units}"),
    ),
)
