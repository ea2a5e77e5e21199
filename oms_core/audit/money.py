"""Laws of returns and payments: goods back within goods out, money back within money in."""

from __future__ import annotations

import sqlalchemy as sa

from oms_core.audit.law import Law, by_query, count_of, summed, zero
from oms_core.audit.stock import LINE, MOVEMENT, ORDER
from oms_core.fulfilment.tables import Shipment
from oms_core.kernel.rows import table_of
from oms_core.payments.accounts import WRITE_OFF
from oms_core.payments.tables import Payment
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine, ReturnUnit

RETURN, RETURN_LINE, RETURN_ADJUSTMENT = table_of(Return), table_of(ReturnLine), table_of(ReturnAdjustment)
UNIT = table_of(ReturnUnit)
PAYMENT, SHIPMENT = table_of(Payment), table_of(Shipment)
_VOID = ("declined", "cancelled")
#: Dispositions that bring units into our walls.
_TAKEN_IN = ("restock", "damaged", "quality_control", "scrap")


def _beyond_shipped() -> sa.Select[*tuple[object, ...]]:
    wrong = sa.or_(LINE.c.returned_qty > LINE.c.shipped_qty, LINE.c.returned_qty < 0)
    return (
        sa.select(ORDER.c.number, LINE.c.position, LINE.c.returned_qty, LINE.c.shipped_qty)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(wrong)
    )


def _miscounted() -> sa.Select[*tuple[object, ...]]:
    returned = (
        sa.select(RETURN_LINE.c.order_line_id.label("key"), sa.func.sum(RETURN_LINE.c.received_qty).label("units"))
        .join(RETURN, RETURN.c.id == RETURN_LINE.c.return_id)
        .where(RETURN_LINE.c.order_line_id.is_not(None), RETURN.c.state.not_in(_VOID))
        .group_by(RETURN_LINE.c.order_line_id)
        .subquery()
    )
    return (
        sa.select(ORDER.c.number, LINE.c.position, LINE.c.returned_qty, zero(returned.c.units).label("units"))
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .outerjoin(returned, returned.c.key == LINE.c.id)
        .where(LINE.c.returned_qty != zero(returned.c.units))
    )


def _return_money() -> sa.Select[*tuple[object, ...]]:
    goods = summed(RETURN_LINE, RETURN_LINE.c.return_id, amount=RETURN_LINE.c.amount_minor)
    other = summed(RETURN_ADJUSTMENT, RETURN_ADJUSTMENT.c.return_id, amount=RETURN_ADJUSTMENT.c.amount_minor)
    c = RETURN.c
    wrong = sa.or_(
        c.goods_minor != zero(goods.c.amount),
        c.other_minor != zero(other.c.amount),
        c.total_minor != c.goods_minor + c.other_minor,
    )
    return (
        sa.select(
            c.number, c.goods_minor, c.other_minor, c.total_minor, zero(goods.c.amount).label("lines"),
            zero(other.c.amount).label("adjustments"),
        )
        .outerjoin(goods, goods.c.key == c.id)
        .outerjoin(other, other.c.key == c.id)
        .where(wrong)
    )  # fmt: skip


def _foreign_return_lines() -> sa.Select[*tuple[object, ...]]:
    """Return return lines that reverse a line of another order or another variant."""
    return (
        sa.select(RETURN.c.number, RETURN_LINE.c.id, RETURN_LINE.c.order_line_id)
        .join(RETURN, RETURN.c.id == RETURN_LINE.c.return_id)
        .join(LINE, LINE.c.id == RETURN_LINE.c.order_line_id)
        .where(
            sa.or_(
                RETURN.c.order_id.is_(None),
                LINE.c.order_id != RETURN.c.order_id,
                LINE.c.variant_id != RETURN_LINE.c.variant_id,
            )
        )
    )


def _unmoved_returns() -> sa.Select[*tuple[object, ...]]:
    back = sa.case((MOVEMENT.c.kind == "returned", MOVEMENT.c.quantity), else_=0)
    moved = summed(MOVEMENT, MOVEMENT.c.return_line_id, units=back)
    decided = summed(UNIT, UNIT.c.return_line_id, units=sa.case((UNIT.c.moved_at.is_not(None), 1), else_=0))
    whole = sa.case((RETURN_LINE.c.disposition.in_(_TAKEN_IN), RETURN_LINE.c.received_qty), else_=0)
    # a line counted unit by unit is in stock as far as its units are
    taken = sa.case((decided.c.key.is_not(None), decided.c.units), else_=whole)
    return (
        sa.select(RETURN.c.number, RETURN_LINE.c.sku, taken.label("taken"), zero(moved.c.units).label("units"))
        .join(RETURN, RETURN.c.id == RETURN_LINE.c.return_id)
        .outerjoin(moved, moved.c.key == RETURN_LINE.c.id)
        .outerjoin(decided, decided.c.key == RETURN_LINE.c.id)
        .where(sa.not_(RETURN.c.is_history), taken != zero(moved.c.units))
    )


def _refunded_too_much() -> sa.Select[*tuple[object, ...]]:
    kind, amount = PAYMENT.c.kind, PAYMENT.c.amount_minor
    sums = summed(
        PAYMENT, PAYMENT.c.order_id,
        # what was written off is settled and was never taken
        taken=sa.case((sa.and_(kind == "capture", PAYMENT.c.gateway != WRITE_OFF), amount), else_=0),
        back=sa.case((kind == "refund", amount), else_=0),
    )  # fmt: skip
    return (
        sa.select(ORDER.c.number, sums.c.taken, sums.c.back)
        .join(sums, sums.c.key == ORDER.c.id)
        .where(sums.c.back > sums.c.taken)
    )


def _refunded_beyond_return() -> sa.Select[*tuple[object, ...]]:
    back = sa.case((PAYMENT.c.kind == "refund", PAYMENT.c.amount_minor), else_=0)
    sums = summed(PAYMENT, PAYMENT.c.return_id, back=back)
    return (
        sa.select(RETURN.c.number, RETURN.c.total_minor, sums.c.back)
        .join(sums, sums.c.key == RETURN.c.id)
        .where(sums.c.back > RETURN.c.total_minor)
    )


def _mixed_currencies() -> sa.CompoundSelect[*tuple[object, ...]]:
    parts = [
        sa.select(
            sa.literal_column(f"'{thing}'").label("thing"), table.c.id, ORDER.c.number, table.c.currency,
            ORDER.c.currency.label("wanted"),
        )
        .join(ORDER, ORDER.c.id == table.c.order_id)
        .where(table.c.currency != ORDER.c.currency)
        for thing, table in (("payment", PAYMENT), ("return", RETURN), ("shipment", SHIPMENT))
    ]  # fmt: skip
    return sa.union_all(*parts)


LAWS = (
    Law(
        "returns.within_shipped",
        "No more units of a line come back than were shipped.",
        by_query(
            count_of(LINE),
            _beyond_shipped(),
            "order {number}, line {position}: {returned_qty} returned of {shipped_qty} shipped",
        ),
    ),
    Law(
        "returns.counted_on_lines",
        "Returned units of an order line are what its returns received.",
        by_query(
            count_of(LINE),
            _miscounted(),
            "order {number}, line {position}: {returned_qty} returned, its return lines received {units}",
        ),
    ),
    Law(
        "returns.money_adds_up",
        "A return's goods, other and total are the sums of its lines and adjustments.",
        by_query(
            count_of(RETURN),
            _return_money(),
            "return {number}: goods {goods_minor} (lines {lines}), other {other_minor} (adjustments {adjustments}),"
            " total {total_minor}",
        ),
    ),
    Law(
        "returns.reverse_their_own_sale",
        "A return line reverses a line of its own order and its own variant.",
        by_query(
            count_of(RETURN_LINE),
            _foreign_return_lines(),
            "return {number}, line {id} reverses order line {order_line_id} of something else",
        ),
    ),
    Law(
        "returns.in_ledger",
        "Units taken back are in the ledger under their return line (imported history apart).",
        by_query(
            count_of(RETURN_LINE),
            _unmoved_returns(),
            "return {number}, {sku}: {taken} taken in, the ledger has {units}",
        ),
    ),
    Law(
        "payments.refunds_within_captured",
        "No order gets more money back than was captured.",
        by_query(count_of(PAYMENT), _refunded_too_much(), "order {number}: {back} refunded of {taken} captured"),
    ),
    Law(
        "payments.refunds_within_return",
        "No return gets more money back than it is worth.",
        by_query(
            count_of(PAYMENT, PAYMENT.c.return_id.is_not(None)),
            _refunded_beyond_return(),
            "return {number}: {back} refunded of {total_minor} owed",
        ),
    ),
    Law(
        "payments.one_currency",
        "Payments, returns and shipments of an order are in the order's currency.",
        by_query(
            count_of(PAYMENT), _mixed_currencies(), "{thing} {id} of order {number} is in {currency}, not {wanted}"
        ),
    ),
)
