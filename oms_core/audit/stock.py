"""Laws of stock: the ledger, its levels, allocations and transfers."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.inventory.tables import (
    ON_HAND_STATES,
    OUTSIDE,
    Allocation,
    StockLevel,
    StockMovement,
    Transfer,
    TransferLine,
)
from oms_core.kernel.rows import table_of
from oms_core.orders.tables import Order, OrderLine

LEVEL, MOVEMENT, ALLOCATION = table_of(StockLevel), table_of(StockMovement), table_of(Allocation)
TRANSFER, TRANSFER_LINE = table_of(Transfer), table_of(TransferLine)
ORDER, LINE = table_of(Order), table_of(OrderLine)
OPEN = ALLOCATION.c.quantity - ALLOCATION.c.shipped_qty - ALLOCATION.c.released_qty

_SAME_PLACE = MOVEMENT.c.from_location_id == MOVEMENT.c.to_location_id
_FROM_INSIDE, _TO_INSIDE = MOVEMENT.c.from_location_id.is_not(None), MOVEMENT.c.to_location_id.is_not(None)


def _from(*states: str) -> sa.ColumnElement[bool]:
    return MOVEMENT.c.from_state.in_(states)


def _to(*states: str) -> sa.ColumnElement[bool]:
    return MOVEMENT.c.to_state.in_(states)


#: Which way units may go, by kind of movement; the most frequent kinds first.
SHAPES = {
    "shipped": sa.and_(_from("committed", "available"), _to("customer")),
    "allocated": sa.and_(_from("available", "reserved"), _to("committed"), _SAME_PLACE),
    "received": sa.and_(_from("supplier"), _TO_INSIDE),
    "opening": sa.and_(_from("supplier", "loss"), _TO_INSIDE),
    "released": sa.and_(_from("committed"), _to("available"), _SAME_PLACE),
    "returned": sa.and_(_from("customer"), _TO_INSIDE),
    "adjusted": sa.or_(
        sa.and_(_from("loss"), _TO_INSIDE), sa.and_(sa.or_(_FROM_INSIDE, _from("transit")), _to("loss"))
    ),
    "transferred_out": sa.and_(_FROM_INSIDE, _to("transit")),
    "transferred_in": sa.and_(_from("transit"), _TO_INSIDE),
    "state_changed": sa.and_(_SAME_PLACE, MOVEMENT.c.from_state != MOVEMENT.c.to_state),
}


def _levels_and_movements() -> sa.CompoundSelect[*tuple[object, ...]]:
    """Return (variant, location, state, level, moved) rows: every level's states, and both ends of every movement."""
    nothing: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
    parts = [
        sa.select(
            LEVEL.c.variant_id.label("variant_id"), LEVEL.c.location_id.label("location_id"),
            sa.literal_column(f"'{state}'").label("state"), LEVEL.c[state].label("level"), nothing.label("moved"),
        )
        for state in ON_HAND_STATES
    ]  # fmt: skip
    for end, sign in (("to", 1), ("from", -1)):
        place, state = MOVEMENT.c[f"{end}_location_id"], MOVEMENT.c[f"{end}_state"]
        parts.append(
            sa.select(MOVEMENT.c.variant_id, place, state, nothing, sign * sa.func.sum(MOVEMENT.c.quantity))
            .where(place.is_not(None))
            .group_by(MOVEMENT.c.variant_id, place, state)
        )
    return sa.union_all(*parts)


def _unequal_levels() -> sa.Select[*tuple[object, ...]]:
    both = _levels_and_movements().subquery()
    level, moved = sa.func.sum(both.c.level), sa.func.sum(both.c.moved)
    return (
        sa.select(both.c.variant_id, both.c.location_id, both.c.state, level.label("level"), moved.label("moved"))
        .group_by(both.c.variant_id, both.c.location_id, both.c.state)
        .having(level != moved)
    )


def _misshapen() -> sa.Select[*tuple[object, ...]]:
    m = MOVEMENT.c
    whole = [(m[f"{end}_location_id"].is_(None)) == (m[f"{end}_state"].in_(OUTSIDE)) for end in ("from", "to")]
    shaped = sa.case(SHAPES, value=m.kind, else_=sa.false())
    right = sa.and_(m.quantity > 0, *whole, sa.func.coalesce(shaped, sa.false()))
    return sa.select(m.id, m.kind, m.quantity, m.from_state, m.to_state).where(sa.not_(right))


def _oversold() -> sa.Select[*tuple[object, ...]]:
    c = LEVEL.c
    below = [c[state] < 0 for state in ON_HAND_STATES[1:]]
    wrong = sa.or_(c.available < -c.backorder_limit_qty, *below)
    return sa.select(c.variant_id, c.location_id, *(c[s] for s in ON_HAND_STATES), c.backorder_limit_qty).where(wrong)


def _uncommitted() -> sa.Select[*tuple[object, ...]]:
    a = ALLOCATION.c
    parts = sa.union_all(
        sa.select(LEVEL.c.variant_id, LEVEL.c.location_id, LEVEL.c.committed, sa.literal_column("0").label("open")),
        sa.select(a.variant_id, a.location_id, sa.literal_column("0"), OPEN).where(OPEN != 0),
    ).subquery()
    committed, promised = sa.func.sum(parts.c.committed), sa.func.sum(parts.c.open)
    return (
        sa.select(parts.c.variant_id, parts.c.location_id, committed.label("committed"), promised.label("promised"))
        .group_by(parts.c.variant_id, parts.c.location_id)
        .having(committed != promised)
    )


def _unmoved_allocations() -> sa.Select[*tuple[object, ...]]:
    m = MOVEMENT.c
    moved = summed(
        MOVEMENT, m.allocation_id,
        allocated=sa.case((m.kind == "allocated", m.quantity), else_=0),
        shipped=sa.case((m.kind == "shipped", m.quantity), else_=0),
        released=sa.case((m.kind == "released", m.quantity), else_=0),
    )  # fmt: skip
    a = ALLOCATION.c
    wrong = sa.or_(
        a.quantity != zero(moved.c.allocated),
        a.shipped_qty != zero(moved.c.shipped),
        a.released_qty != zero(moved.c.released),
    )
    return (
        sa.select(
            a.id, a.quantity, a.shipped_qty, a.released_qty, zero(moved.c.allocated).label("allocated"),
            zero(moved.c.shipped).label("shipped"), zero(moved.c.released).label("released"),
        )
        .outerjoin(moved, moved.c.key == a.id)
        .where(wrong)
    )  # fmt: skip


def _overpromised() -> sa.Select[*tuple[object, ...]]:
    promised = summed(ALLOCATION, ALLOCATION.c.order_line_id, live=ALLOCATION.c.quantity - ALLOCATION.c.released_qty)
    left = LINE.c.quantity - LINE.c.cancelled_qty
    return (
        sa.select(ORDER.c.number, LINE.c.sku, left.label("wanted"), promised.c.live)
        .join(promised, promised.c.key == LINE.c.id)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(promised.c.live > left)
    )


def _unmoved_transfers() -> sa.Select[*tuple[object, ...]]:
    m, t = MOVEMENT.c, TRANSFER_LINE.c
    moved = summed(
        MOVEMENT, m.transfer_line_id,
        sent=sa.case((m.kind == "transferred_out", m.quantity), else_=0),
        came=sa.case((m.kind == "transferred_in", m.quantity), else_=0),
        lost=sa.case((m.to_state == "loss", m.quantity), else_=0),
        found=sa.case((m.from_state == "loss", m.quantity), else_=0),
    )  # fmt: skip
    sent = sa.case((TRANSFER.c.shipped_at.is_not(None), t.quantity), else_=0)
    wrong = sa.or_(
        zero(moved.c.sent) != sent,
        zero(moved.c.came) != t.received_qty,
        zero(moved.c.lost) != t.lost_qty,
        zero(moved.c.found) != t.found_qty + t.over_qty,
        t.found_qty > t.lost_qty,
    )
    return (
        sa.select(
            TRANSFER.c.number, t.id, t.quantity, t.received_qty, t.lost_qty, zero(moved.c.sent).label("sent"),
            zero(moved.c.came).label("came"), zero(moved.c.lost).label("lost"), zero(moved.c.found).label("found"),
            (t.found_qty + t.over_qty).label("found_qty"),
        )
        .select_from(TRANSFER_LINE.join(TRANSFER, TRANSFER.c.id == t.transfer_id))
        .outerjoin(moved, moved.c.key == t.id)
        .where(wrong)
    )  # fmt: skip


LAWS = (
    Law(
        "stock.levels_equal_movements",
        "Every state of every level is the sum of its movements.",
        by_query(
            count_of(LEVEL),
            _unequal_levels(),
            "variant {variant_id} at location {location_id}: {state} is {level}, its movements add up to {moved}",
        ),
    ),
    Law(
        "stock.movements_balance",
        "Every movement takes units out of one place and puts as many into another, the way its kind says.",
        by_query(
            count_of(MOVEMENT), _misshapen(), "movement {id} ({kind}): {quantity} from {from_state} to {to_state}"
        ),
    ),
    Law(
        "stock.nothing_oversold",
        "No state of a level is below zero; available may be, down to the level's backorder limit.",
        by_query(
            count_of(LEVEL),
            _oversold(),
            "variant {variant_id} at location {location_id}: available {available} (limit {backorder_limit_qty}),"
            " committed {committed}, damaged {damaged}",
        ),
    ),
    Law(
        "stock.committed_equals_allocations",
        "Committed units of a level are the open units of its allocations.",
        by_query(
            count_of(LEVEL),
            _uncommitted(),
            "variant {variant_id} at location {location_id}: committed is {committed}, open allocations {promised}",
        ),
    ),
    Law(
        "stock.allocations_in_ledger",
        "What an allocation holds, shipped and released is in the ledger under its name.",
        by_query(
            count_of(ALLOCATION),
            _unmoved_allocations(),
            "allocation {id}: {quantity} held, {shipped_qty} shipped, {released_qty} released;"
            " the ledger has {allocated}, {shipped}, {released}",
        ),
    ),
    Law(
        "stock.promised_within_ordered",
        "No order line is promised more units than it still wants.",
        by_query(
            count_of(ALLOCATION), _overpromised(), "order {number}, {sku}: wants {wanted}, allocations hold {live}"
        ),
    ),
    Law(
        "stock.transfers_in_ledger",
        "What a transfer sent, received, lost and found is in the ledger under its lines; only what was lost is found.",
        by_query(
            count_of(TRANSFER_LINE),
            _unmoved_transfers(),
            "transfer {number}, line {id}: {quantity} sent, {received_qty} received, {lost_qty} lost,"
            " {found_qty} found; the ledger has {sent}, {came}, {lost}, {found}",
        ),
    ),
)
