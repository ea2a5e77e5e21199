"""Read levels and the movements behind them: "why is on hand 47?"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.inventory.count_tables import TransferDiscrepancy
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel, StockMovement, Transfer, TransferLine
from oms_core.kernel.errors import NotFound
from oms_core.locations.tables import Location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def variant_of(session: Session, sku: str) -> Variant:
    """Return the variant of a SKU; near matches are offered when there is none."""
    found = session.scalars(sa.select(Variant).where(Variant.sku == sku)).one_or_none()
    if found is None:
        raise NotFound("variant", sku, session.scalars(sa.select(Variant.sku)))
    return found


def location_of(session: Session, code: str) -> Location:
    """Return the location of a code; near matches are offered when there is none."""
    found = session.scalars(sa.select(Location).where(Location.code == code)).one_or_none()
    if found is None:
        raise NotFound("location", code, session.scalars(sa.select(Location.code)))
    return found


def levels_of(session: Session, variant_id: int) -> list[dict[str, Any]]:
    """Return every state of a variant per location, units; `on_hand` is their sum."""
    rows = session.execute(
        sa.select(Location.code, Location.name, StockLevel)
        .join(StockLevel, StockLevel.location_id == Location.id)
        .where(StockLevel.variant_id == variant_id)
        .order_by(Location.position, Location.id)
    )
    found = []
    for code, name, level in rows:
        units = {state: getattr(level, state) for state in ON_HAND_STATES}
        found.append({"location": code, "location_name": name, "on_hand": sum(units.values()), **units})
    return found


def movements_of(
    session: Session, variant_id: int, *, location_id: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return the newest movements of a variant, newest first, with on hand after each.

    The last `on_hand` is the level's; going down the list explains it back to the beginning.
    """
    m = StockMovement
    statement = sa.select(m).where(m.variant_id == variant_id).order_by(m.id.desc())
    if location_id is not None:
        statement = statement.where(sa.or_(m.from_location_id == location_id, m.to_location_id == location_id))
    on_hand = _on_hand(session, variant_id, location_id)
    codes = {row[0]: row[1] for row in session.execute(sa.select(Location.id, Location.code))}
    found = []
    for move in session.scalars(statement.limit(limit)):
        change = _change(move, location_id)
        found.append(
            {
                "at": move.at, "kind": move.kind, "quantity": move.quantity,
                "from": _place(codes, move.from_location_id, move.from_state),
                "to": _place(codes, move.to_location_id, move.to_state),
                "change": change, "on_hand": on_hand, "cause": _cause(move), "actor": move.actor,
            }
        )  # fmt: skip
        on_hand -= change
    return found


def _on_hand(session: Session, variant_id: int, location_id: int | None) -> int:
    total = sum((getattr(StockLevel, state) for state in ON_HAND_STATES[1:]), start=StockLevel.available)
    statement = sa.select(sa.func.coalesce(sa.func.sum(total), 0)).where(StockLevel.variant_id == variant_id)
    if location_id is not None:
        statement = statement.where(StockLevel.location_id == location_id)
    return int(session.scalar(statement) or 0)


def _change(move: StockMovement, location_id: int | None) -> int:
    """Return what a movement did to on hand, of one location or of all together."""

    def inside(place: int | None) -> bool:
        return place is not None and location_id in {None, place}

    return move.quantity * (inside(move.to_location_id) - inside(move.from_location_id))


def _place(codes: dict[int, str], location_id: int | None, state: str) -> str:
    return state if location_id is None else f"{codes[location_id]} {state}"


def _cause(move: StockMovement) -> str:
    """Name the document behind a movement, else its reason."""
    links = ("shipment_line_id", "return_line_id", "receipt_line_id", "transfer_line_id", "allocation_id")
    for link in links:
        key = getattr(move, link)
        if key is not None:
            return f"{link.removesuffix('_id').replace('_', ' ')} {key}"
    return move.reason


def transfer_named(session: Session, number: str) -> Transfer:
    """Return the transfer of a number."""
    found = session.scalars(sa.select(Transfer).where(Transfer.number == number)).one_or_none()
    if found is None:
        raise NotFound("transfer", number, session.scalars(sa.select(Transfer.number)))
    return found


def transfer_record(session: Session, transfer: Transfer) -> dict[str, Any]:
    """Return a transfer as a record with its lines; what neither came nor was lost is in transit."""
    codes = {row[0]: row[1] for row in session.execute(sa.select(Location.id, Location.code))}
    rows = session.execute(
        sa.select(Variant.sku, TransferLine)
        .join(Variant, Variant.id == TransferLine.variant_id)
        .where(TransferLine.transfer_id == transfer.id)
        .order_by(TransferLine.id)
    )
    return {
        "id": transfer.id,
        "number": transfer.number,
        "from": codes[transfer.from_location_id],
        "to": codes[transfer.to_location_id],
        "state": transfer.state,
        "lines": [
            {
                "sku": sku, "quantity": row.quantity, "received_qty": row.received_qty, "lost_qty": row.lost_qty,
                "found_qty": row.found_qty, "over_qty": row.over_qty,
            }
            for sku, row in rows
        ],
        "discrepancies": _discrepancies(session, transfer.id),
    }  # fmt: skip


def _discrepancies(session: Session, transfer_id: int) -> list[dict[str, Any]]:
    """Return what was not as it was sent, oldest first."""
    d = TransferDiscrepancy
    rows = session.execute(
        sa.select(d.at, Variant.sku, d.kind, d.quantity, d.reason, d.actor)
        .join(TransferLine, TransferLine.id == d.transfer_line_id)
        .join(Variant, Variant.id == TransferLine.variant_id)
        .where(TransferLine.transfer_id == transfer_id)
        .order_by(d.id)
    )
    return [dict(row) for row in rows.mappings()]


def transfer_units(session: Session, transfer: Transfer, wanted: Sequence[tuple[str, int]]) -> dict[int, int]:
    """Return units by transfer line for (SKU, units) pairs; refuse a SKU that is not on it."""
    rows = session.execute(
        sa.select(Variant.sku, TransferLine.id)
        .join(Variant, Variant.id == TransferLine.variant_id)
        .where(TransferLine.transfer_id == transfer.id)
    )
    lines = {row[0]: row[1] for row in rows}
    units: dict[int, int] = {}
    for sku, n in wanted:
        if sku not in lines:
            raise NotFound("transfer line", sku, lines)
        units[lines[sku]] = units.get(lines[sku], 0) + n
    return units
