"""From the names people use (supplier code, location code, SKU) to what commands need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, Variant
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.locations.tables import Location
from oms_core.purchasing.drafting import NewLine
from oms_core.purchasing.records import lines_of
from oms_core.purchasing.terms import cost_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def supplier_id(session: Session, code: str) -> int:
    """Return the id of a supplier by its code; near matches are offered."""
    found = session.scalar(sa.select(Supplier.id).where(Supplier.code == code))
    if found is None:
        known = session.scalars(sa.select(Supplier.code).order_by(Supplier.code)).all()
        raise NotFound("supplier", code, known, f"Known: {', '.join(known[:10]) or 'none yet'}.")
    return found


def location_id(session: Session, code: str | None) -> int:
    """Return the id of a location by its code; without one the first in routing order."""
    places = sa.select(Location.id, Location.code).where(Location.is_active).order_by(Location.position, Location.id)
    known = {row.code: row.id for row in session.execute(places)}
    if not known:
        raise NotFound("location", code or "active", hint="Import or add a location first.")
    if code is None:
        return int(next(iter(known.values())))
    if code not in known:
        raise NotFound("location", code, known, f"Known: {', '.join(list(known)[:10])}.")
    return int(known[code])


def new_lines(session: Session, supplier: int, wishes: Sequence[tuple[str, int, int | None]]) -> list[NewLine]:
    """Return lines to draft from wishes ``(sku, units, unit cost or None)``.

    A missing cost is the supplier's price for that variant at that quantity.

    Raises
    ------
    NotFound
        An unknown SKU, with near matches.
    InvalidInput
        No cost is given and the supplier has no price for it.
    """
    skus = [sku for sku, _, _ in wishes]
    statement = sa.select(Variant.sku, Variant.id).where(Variant.sku.in_(skus))
    known = {row.sku: row for row in session.execute(statement)}
    lines = []
    for sku, units, cost in wishes:
        if sku not in known:
            raise NotFound("variant", sku, session.scalars(sa.select(Variant.sku)).all())
        price = cost if cost is not None else cost_at(session, supplier, known[sku].id, units)
        if price is None:
            raise InvalidInput("cost", sku, "the supplier has no price for it", f"Give one: {sku}={units}@12.30")
        lines.append(NewLine(known[sku].id, units, price))
    return lines


def arrived_lines(session: Session, purchase_order_id: int, units: Mapping[str, int]) -> dict[int, int]:
    """Return units by line id from units by SKU; an empty mapping means everything still to come.

    Raises
    ------
    NotFound
        A SKU that is not on the order, with near matches among those that are.
    """
    lines = lines_of(session, purchase_order_id)
    if not units:
        return {x.id: x.quantity - x.received_qty - x.cancelled_qty for x in lines}
    ids = [line.variant_id for line in lines]
    skus = {row.id: row.sku for row in session.execute(sa.select(Variant.id, Variant.sku).where(Variant.id.in_(ids)))}
    by_sku = {skus[line.variant_id]: line.id for line in lines}
    for sku in units:
        if sku not in by_sku:
            raise NotFound("line of this purchase order", sku, by_sku, f"On it: {', '.join(list(by_sku)[:10])}.")
    return {by_sku[sku]: n for sku, n in units.items()}
