"""What costing reads: movements over our walls in ledger order, and what receipts cost with freight and duty.

One statement streams the ledger; receipts and landed costs are read once and kept by receipt line.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.finance.cost_tables import LandedCost, LandedCostLine, OpeningCost
from oms_core.finance.costing import BACK, BOUGHT, FOUND, LOST, SENT_BACK, SOLD, Event
from oms_core.fulfilment.tables import ShipmentLine
from oms_core.inventory.tables import StockMovement
from oms_core.kernel.clock import business_date
from oms_core.kernel.exchange import rates_on
from oms_core.kernel.rows import core, table_of
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from oms_core.returns.tables import ReturnLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import Shop

_MOVE, _SHIPPED, _BACK_LINE = table_of(StockMovement), table_of(ShipmentLine), table_of(ReturnLine)
_RECEIPT, _RECEIPT_LINE = table_of(Receipt), table_of(ReceiptLine)
_PO, _PO_LINE, _VARIANT = table_of(PurchaseOrder), table_of(PurchaseOrderLine), table_of(Variant)
_LANDED, _LANDED_LINE, _OPENING = table_of(LandedCost), table_of(LandedCostLine), table_of(OpeningCost)
#: Places outside our walls; units in transit between our locations are still ours.
_OUTSIDE = ("supplier", "customer", "loss")
_KIND_OUT = {"customer": SOLD, "loss": LOST, "supplier": SENT_BACK}
#: Rows fetched at a time.
_PAGE = 20_000


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the cycle collector out of a block that makes millions of small objects and no cycles.

    It would look through them again and again and find nothing; reckoning takes twice as long with it.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class Received:
    """A receipt line: its receipt, and its parts of cost in the shop's money (None: no rate was published)."""

    label: str
    goods_minor: int | None
    landed: list[tuple[str, int]] = field(default_factory=list)

    @property
    def cost_minor(self) -> int | None:
        """Goods and everything landed on them."""
        if self.goods_minor is None:
            return None
        return self.goods_minor + sum(minor for _, minor in self.landed)


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of what came in: by receipt line, and of one opening unit by variant with where that is from."""

    received: dict[int, Received]
    opening: dict[int, tuple[int, str]]
    without_rate: tuple[str, ...]


def costs(session: Session, shop: Shop, *, known_on: date | None = None, variant_ids: Sequence[int] = ()) -> Costs:
    """Return what receipts cost as known on a day (None: everything known now).

    Parameters
    ----------
    known_on : date, optional
        Landed costs dated later are left out: the books of a past day as they were seen then.
    variant_ids : sequence of int
        Only these; every variant when empty.
    """
    connection = core(session)
    rows = connection.execute(_receipt_lines(variant_ids)).all()
    days = {row.id: business_date(row.received_at, shop.zone) for row in rows}
    rates = rates_on(connection, {(row.currency, days[row.id]) for row in rows}, shop.currency)
    received, missing = dict[int, Received](), set[str]()
    for row in rows:
        rate = rates.get((row.currency, days[row.id]))
        value = row.quantity * row.unit_cost_minor
        goods = rate.convert(value, row.currency, shop.currency) if rate else None
        if rate is None:
            missing.add(f"{row.number} ({row.currency} on {days[row.id]})")
        received[row.id] = Received(row.number, goods)
    missing |= _land(connection, shop, received, known_on)
    return Costs(received, _opening_costs(connection, shop, variant_ids), tuple(sorted(missing)))


def _receipt_lines(variant_ids: Sequence[int]) -> sa.Select[Any]:
    statement = (
        sa.select(
            _RECEIPT_LINE.c.id, _RECEIPT_LINE.c.quantity, _PO_LINE.c.unit_cost_minor, _PO.c.currency,
            _RECEIPT.c.number, _RECEIPT.c.received_at,
        )
        .join(_RECEIPT, _RECEIPT.c.id == _RECEIPT_LINE.c.receipt_id)
        .join(_PO_LINE, _PO_LINE.c.id == _RECEIPT_LINE.c.purchase_order_line_id)
        .join(_PO, _PO.c.id == _PO_LINE.c.purchase_order_id)
    )  # fmt: skip
    return statement.where(_PO_LINE.c.variant_id.in_(variant_ids)) if variant_ids else statement


def _land(connection: sa.Connection, shop: Shop, received: dict[int, Received], known_on: date | None) -> set[str]:
    """Add landed costs to the receipt lines, exact in the shop's money; return those without a rate."""
    statement = sa.select(
        _LANDED.c.id, _LANDED.c.number, _LANDED.c.kind, _LANDED.c.amount_minor, _LANDED.c.currency, _LANDED.c.on_date,
        _LANDED_LINE.c.receipt_line_id, _LANDED_LINE.c.amount_minor.label("part_minor"),
    ).join(_LANDED_LINE, _LANDED_LINE.c.landed_cost_id == _LANDED.c.id)  # fmt: skip
    if known_on is not None:
        statement = statement.where(_LANDED.c.on_date <= known_on)
    rows = connection.execute(statement.order_by(_LANDED.c.id, _LANDED_LINE.c.receipt_line_id)).all()
    rates = rates_on(connection, {(row.currency, row.on_date) for row in rows}, shop.currency)
    missing = set[str]()
    for _, group in groupby(rows, key=itemgetter(0)):
        parts = list(group)
        first = parts[0]
        rate = rates.get((first.currency, first.on_date))
        if rate is None:
            missing.add(f"{first.number} ({first.currency} on {first.on_date})")
            continue
        running = before = 0
        for row in parts:
            # on running totals, so that the parts add up to the whole cost in the shop's money too
            running += row.part_minor
            worth = rate.convert(running, first.currency, shop.currency)
            if row.receipt_line_id in received:
                received[row.receipt_line_id].landed.append((f"{first.kind} {first.number}", worth - before))
            before = worth
    return missing


def _opening_costs(connection: sa.Connection, shop: Shop, variant_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return what one unit without a receipt is taken to cost: the books' entry, else the catalogue's cost."""
    only = _VARIANT.c.id.in_(variant_ids) if variant_ids else sa.true()
    catalogue = sa.select(_VARIANT.c.id, _VARIANT.c.cost_minor).where(
        only, _VARIANT.c.cost_minor.is_not(None), _VARIANT.c.currency == shop.currency
    )
    known = {row[0]: (row[1], "catalogue cost (estimate)") for row in connection.execute(catalogue)}
    entries = sa.select(_OPENING.c.variant_id, _OPENING.c.unit_cost_minor).where(_OPENING.c.currency == shop.currency)
    for variant_id, minor in connection.execute(entries.order_by(_OPENING.c.id)):
        known[variant_id] = (minor, "opening cost")
    return known


def events(
    session: Session, found: Costs, *, until: datetime | None = None, variant_ids: Sequence[int] = ()
) -> Iterator[tuple[int, list[Event]]]:
    """Yield each variant with its events in ledger order; streamed, one variant in memory at a time."""
    connection = core(session)
    statement = _crossings(until, variant_ids)
    with connection.execute(statement, execution_options={"yield_per": _PAGE}) as result:
        # by pages: fetched one by one, two million rows take half as long again
        for variant_id, rows in groupby(chain.from_iterable(result.partitions()), key=itemgetter(0)):
            opening = found.opening.get(variant_id)
            yield variant_id, [_event(row, found.received, opening) for row in rows]


def _crossings(until: datetime | None, variant_ids: Sequence[int]) -> sa.Select[Any]:
    c = _MOVE.c
    inward = sa.and_(c.from_state.in_(_OUTSIDE), c.to_state.not_in(_OUTSIDE))
    outward = sa.and_(c.to_state.in_(_OUTSIDE), c.from_state.not_in(_OUTSIDE))
    statement = (
        sa.select(
            c.variant_id, c.quantity, c.from_state, c.to_state, c.receipt_line_id,
            sa.func.coalesce(_SHIPPED.c.order_line_id, _BACK_LINE.c.order_line_id, 0), c.shipment_line_id, c.id,
        )
        .outerjoin(_SHIPPED, _SHIPPED.c.id == c.shipment_line_id)
        .outerjoin(_BACK_LINE, _BACK_LINE.c.id == c.return_line_id)
        .where(sa.or_(inward, outward))
        .order_by(c.variant_id, c.at, c.id)
    )  # fmt: skip
    if until is not None:
        statement = statement.where(c.at <= until)
    return statement.where(c.variant_id.in_(variant_ids)) if variant_ids else statement


def _event(row: Any, received: dict[int, Received], opening: tuple[int, str] | None) -> Event:
    """Return one movement as an event of costing."""
    _, units, from_state, to_state, receipt_line, order_line, shipment_line, _ = row
    if from_state not in _OUTSIDE:
        return Event(_KIND_OUT[to_state], units, None, order_line, "", shipment_line)
    if from_state == "supplier":
        if receipt_line in received:
            line = received[receipt_line]
            return Event(BOUGHT, units, line.cost_minor, 0, line.label)
        cost, label = opening or (None, "stock without a known cost")
        return Event(BOUGHT, units, None if cost is None else cost * units, 0, label)
    unit_cost = opening[0] if opening else None
    if from_state == "customer":
        return Event(BACK, units, unit_cost, order_line, "given back")
    return Event(FOUND, units, unit_cost, 0, "found")
