"""Price breaks of suppliers: kept by article, and what a unit costs at a quantity."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Supplier, SupplierItem, Variant
from oms_core.kernel import journal
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.purchasing.terms_tables import PriceBreak

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def set_price_breaks(
    session: Session, *, supplier: str, sku: str, breaks: Mapping[int, int], actor: str
) -> list[dict[str, Any]]:
    """Write every price break of an article at a supplier; an empty mapping takes them away.

    Parameters
    ----------
    breaks : mapping of int to int
        From how many units what one costs, minor units of the item's currency; for all units of the line.

    Raises
    ------
    NotFound
        The supplier does not sell the SKU; near matches are offered.
    InvalidInput
        Quantities below 2, costs below one minor unit, or a price that does not fall.
    """
    item = session.scalars(
        sa.select(SupplierItem)
        .join(Supplier, Supplier.id == SupplierItem.supplier_id)
        .join(Variant, Variant.id == SupplierItem.variant_id)
        .where(Supplier.code == supplier, Variant.sku == sku)
        .with_for_update(of=SupplierItem)
    ).one_or_none()
    if item is None:
        sold = sa.select(Variant.sku).join(SupplierItem).join(Supplier).where(Supplier.code == supplier)
        raise NotFound("article of this supplier", f"{supplier} {sku}", session.scalars(sold).all())
    prices = [item.unit_cost_minor, *(cost for _from, cost in sorted(breaks.items()))]
    if any(n < 2 or cost < 1 for n, cost in breaks.items()) or any(
        later >= earlier for earlier, later in itertools.pairwise(prices)
    ):
        raise InvalidInput(
            "breaks", dict(breaks), "quantities from 2 on, and prices that fall with them below the usual one",
            code="supplier.breaks",
        )  # fmt: skip
    session.execute(sa.delete(PriceBreak).where(PriceBreak.supplier_item_id == item.id))
    session.add_all(
        PriceBreak(supplier_item_id=item.id, from_qty=n, unit_cost_minor=cost) for n, cost in sorted(breaks.items())
    )
    session.flush()
    journal.record(
        session, "supplier_item.breaks_set", "supplier_item", item.id, actor=actor, supplier=supplier, sku=sku,
        breaks={str(n): cost for n, cost in sorted(breaks.items())},
    )  # fmt: skip
    return price_breaks(session, supplier=supplier, sku=sku)


def price_breaks(session: Session, *, supplier: str | None = None, sku: str | None = None) -> list[dict[str, Any]]:
    """Return price breaks: ``supplier, sku, supplier_id, variant_id, from_qty, unit_cost_minor, currency``."""
    statement = (
        sa.select(
            Supplier.code.label("supplier"), Variant.sku, SupplierItem.supplier_id, SupplierItem.variant_id,
            PriceBreak.from_qty, PriceBreak.unit_cost_minor, SupplierItem.currency,
        )
        .join(SupplierItem, SupplierItem.id == PriceBreak.supplier_item_id)
        .join(Supplier, Supplier.id == SupplierItem.supplier_id)
        .join(Variant, Variant.id == SupplierItem.variant_id)
        .order_by(Supplier.code, Variant.sku, PriceBreak.from_qty)
    )  # fmt: skip
    if supplier is not None:
        statement = statement.where(Supplier.code == supplier)
    if sku is not None:
        statement = statement.where(Variant.sku == sku)
    return [dict(row) for row in session.execute(statement).mappings()]


def articles(session: Session, *, variant_id: int) -> list[dict[str, Any]]:
    """Return who sells a variant, the preferred supplier first: ``supplier, name, unit_cost_minor, currency``."""
    columns = (Supplier.code.label("supplier"), Supplier.name, SupplierItem.unit_cost_minor, SupplierItem.currency)
    statement = (
        sa.select(*columns)
        .join(SupplierItem, SupplierItem.supplier_id == Supplier.id)
        .where(SupplierItem.variant_id == variant_id)
        .order_by(SupplierItem.is_preferred.desc(), Supplier.code)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def cost_at(session: Session, supplier_id: int, variant_id: int, quantity: int) -> int | None:
    """Return what the supplier asks for one unit at a quantity, minor units; None when it has no price."""
    item = session.execute(
        sa.select(SupplierItem.id, SupplierItem.unit_cost_minor).where(
            SupplierItem.supplier_id == supplier_id, SupplierItem.variant_id == variant_id
        )
    ).one_or_none()
    if item is None:
        return None
    reached = (
        sa.select(PriceBreak.unit_cost_minor)
        .where(PriceBreak.supplier_item_id == item.id, PriceBreak.from_qty <= quantity)
        .order_by(PriceBreak.from_qty.desc())
        .limit(1)
    )
    found = session.scalar(reached)
    return int(item.unit_cost_minor if found is None else found)


def volumes(session: Session) -> dict[int, int]:
    """Return the volume of one unit in cm³ by variant, of those that have one."""
    rows = session.execute(sa.select(Variant.id, Variant.volume_cm3).where(Variant.volume_cm3.is_not(None)))
    return {row.id: int(row.volume_cm3 or 0) for row in rows}
