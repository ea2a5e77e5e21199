"""Receive goods of a purchase order: receipt, ledger, latest cost."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory import commands as inventory
from oms_core.inventory.commands import Move
from oms_core.inventory.lots import NewLot, split_by_lot
from oms_core.kernel import clock
from oms_core.kernel.errors import InvalidInput, NotFound, Refused, TransitionRefused
from oms_core.purchasing import remarks as remarking
from oms_core.purchasing.records import lines_of, locked, move, touch
from oms_core.purchasing.states import INCOMING, PURCHASE_ORDER
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from oms_core.purchasing.remarks import Remark

FIRST_NUMBER = 1001


def receive(
    session: Session,
    *,
    purchase_order_id: int,
    lines: Mapping[int, int],
    zone: str,
    actor: str = "system",
    simulated: bool = False,
    lots: Mapping[int, Sequence[NewLot]] | None = None,
    remarks: Sequence[Remark] = (),
) -> Receipt:
    """Take goods into stock: supplier to available at the order's location.

    Parameters
    ----------
    lines : mapping of int to int
        Purchase-order line to units that arrived now; zero units are passed over.
    zone : str
        Shop's zone, for the business date of the movements.
    simulated : bool
        Marks the receipt and its movements as simulated; an order that is simulated marks them too.
    lots : mapping of int to sequence of NewLot, optional
        The lots that arrived, by purchase-order line; needed for variants tracked by lot.
    remarks : sequence of Remark
        What differed. Broken units go to *damaged* instead of *available*; units beyond the order are kept and
        added to it; short ones are noted and stay to come.

    Returns
    -------
    Receipt
        One arrival. The order becomes ``received`` when nothing is left to come, else
        ``partially_received``. The variants' latest cost becomes the line's unit cost where the
        currencies agree.

    Raises
    ------
    TransitionRefused
        The order was not sent, or is finished.
    Refused
        ``purchase_order.over_receipt``: more than was ordered; names every such line.
    NotFound, InvalidInput
        A line of another order; negative units; nothing to receive.
    """
    order = locked(session, purchase_order_id)
    if order.state not in INCOMING:
        allowed = PURCHASE_ORDER.moves[order.state]
        raise TransitionRefused("purchase_order", order.number, order.state, "received", allowed)
    ordered = {line.id: line for line in lines_of(session, order.id)}
    arrived = _arrived(session, order, ordered, lines, beyond=remarking.units(remarks, "over"))
    remarking.check(remarks, ordered, arrived)
    simulated = simulated or order.is_simulated
    receipt, written = _write_receipt(session, order, arrived, simulated=simulated)
    remarking.keep(session, receipt, remarks)
    moves = _moves(session, order, ordered, written, lots or {}, remarking.units(remarks, "damaged"))
    session.flush()
    inventory.post(session, moves, zone=zone, actor=actor, simulated=simulated)
    _update_costs(session, order, [ordered[line_id] for line_id in arrived])
    _settle_state(session, order, list(ordered.values()), receipt, units=sum(arrived.values()), actor=actor)
    return receipt


def _arrived(
    session: Session,
    order: PurchaseOrder,
    ordered: Mapping[int, PurchaseOrderLine],
    lines: Mapping[int, int],
    *,
    beyond: Mapping[int, int],
) -> dict[int, int]:
    """Return the units that arrived by line, or refuse what cannot have arrived.

    Units `beyond` the order that somebody gave a reason for are added to it.
    """
    for line_id, units in lines.items():
        if line_id not in ordered:
            raise NotFound("purchase order line", line_id, hint=f"It is not a line of {order.number}.")
        if units < 0:
            raise InvalidInput("quantity", units, "zero or more units were expected")
    arrived = {line_id: units for line_id, units in lines.items() if units}
    if not arrived:
        raise InvalidInput("lines", dict(lines), "at least one unit was expected", code="purchase_order.nothing")
    over = {i: units - _to_come(ordered[i]) for i, units in arrived.items() if units > _to_come(ordered[i])}
    if any(beyond.get(i) != extra for i, extra in over.items()) or set(beyond) - set(over):
        told = set(over) | (set(beyond) & set(ordered))
        raise _over_receipt(session, order, {i: (ordered[i], arrived.get(i, 0)) for i in sorted(told)})
    for line_id, extra in over.items():
        ordered[line_id].quantity += extra
        order.total_minor += extra * ordered[line_id].unit_cost_minor
    return arrived


def _to_come(line: PurchaseOrderLine) -> int:
    return line.quantity - line.received_qty - line.cancelled_qty


def _over_receipt(session: Session, order: PurchaseOrder, over: Mapping[int, tuple[PurchaseOrderLine, int]]) -> Refused:
    """Compose the refusal that names every line with too many units."""
    ids = [line.variant_id for line, _ in over.values()]
    skus = dict(session.execute(sa.select(Variant.id, Variant.sku).where(Variant.id.in_(ids))).all())
    facts = [
        {"line_id": i, "sku": skus[line.variant_id], "arrived": units, "to_come": _to_come(line)}
        for i, (line, units) in over.items()
    ]
    told = "; ".join(f"{f['sku']} {f['arrived']} arrived, {f['to_come']} to come" for f in facts)
    return Refused(
        "purchase_order.over_receipt",
        f"More arrived than {order.number} still expects: {told}.",
        "Receive what was ordered and send the rest back, or keep it with a reason (over).",
        lines=facts,
    )


def _write_receipt(
    session: Session, order: PurchaseOrder, arrived: Mapping[int, int], *, simulated: bool
) -> tuple[Receipt, Sequence[ReceiptLine]]:
    """Write the receipt with its lines."""
    receipt = Receipt(
        number=f"new-{uuid.uuid4().hex}",
        purchase_order_id=order.id,
        received_at=clock.now(),
        is_simulated=simulated,
    )
    session.add(receipt)
    session.flush()
    receipt.number = f"GR-{FIRST_NUMBER - 1 + receipt.id}"
    written = [
        ReceiptLine(receipt_id=receipt.id, purchase_order_line_id=line_id, quantity=units)
        for line_id, units in sorted(arrived.items())
    ]
    session.add_all(written)
    session.flush()
    return receipt, written


def _moves(
    session: Session,
    order: PurchaseOrder,
    ordered: Mapping[int, PurchaseOrderLine],
    written: Sequence[ReceiptLine],
    lots: Mapping[int, Sequence[NewLot]],
    damaged: Mapping[int, int],
) -> list[Move]:
    """Return the ledger movements, sound units first, and count the units on the lines."""
    moves = []
    for entry in written:
        line = ordered[entry.purchase_order_line_id]
        line.received_qty += entry.quantity
        broken = damaged.get(line.id, 0)
        named = lots.get(line.id)
        if named and broken:
            raise InvalidInput(
                "remark", broken, "goods with lots are taken in whole", "Take them in, then move the lot to damaged.",
                code="purchase_order.remark",
            )  # fmt: skip
        for state, units in (("available", entry.quantity - broken), ("damaged", broken)):
            if units:
                arrived = _arrival(order, line, entry, state, units)
                moves += split_by_lot(session, arrived, named) if named else [arrived]
    return moves


def _arrival(order: PurchaseOrder, line: PurchaseOrderLine, entry: ReceiptLine, state: str, units: int) -> Move:
    return Move(
        variant_id=line.variant_id, quantity=units, kind="received", from_location_id=None, from_state="supplier",
        to_location_id=order.location_id, to_state=state, receipt_line_id=entry.id, reason=order.number,
    )  # fmt: skip


def _update_costs(session: Session, order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> None:
    """Keep the latest cost of what arrived.

    Only where the order is in the variant's own currency: without a dated rate a cost in another
    currency would be a wrong number, so the old one stays.
    """
    for line in lines:
        session.execute(
            sa.update(Variant)
            .where(Variant.id == line.variant_id, Variant.currency == order.currency)
            .values(cost_minor=line.unit_cost_minor, cost_is_simulated=order.is_simulated)
        )


def _settle_state(
    session: Session,
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    receipt: Receipt,
    *,
    units: int,
    actor: str,
) -> None:
    """Derive the order's state from what is left to come."""
    target = "partially_received" if any(_to_come(line) for line in lines) else "received"
    facts = {"receipt": receipt.number, "units": units}
    if target == order.state:
        touch(session, order, "purchase_order.receipt_posted", actor=actor, **facts)
    else:
        move(session, order, target, "purchase_order.receipt_posted", actor=actor, **facts)
