"""What stories about stock need besides a shop: a supplier with a purchase order, a second channel, the laws."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from order_shop import ZONE, OrderShop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.catalog.tables import Supplier
from oms_core.locations.tables import Channel
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine


def on_order(session: Session, shop: OrderShop, units: Mapping[str, int], due: date, place: str = "Leeds") -> int:
    """Send a purchase order that is due on a day; return its id."""
    supplier = session.scalar(sa.select(Supplier).where(Supplier.code == "ACME"))
    if supplier is None:
        supplier = Supplier(code="ACME", name="Acme", currency="GBP", lead_time_days=5.5)
        session.add(supplier)
        session.flush()
    lines = [purchasing.NewLine(shop.variants[sku], n, 400) for sku, n in units.items()]
    order = purchasing.draft_purchase_order(
        session, supplier_id=supplier.id, location_id=shop.places[place], lines=lines, expected_on=due
    )
    purchasing.send(session, purchase_order_id=order.id, zone=ZONE)
    return order.id


def line_of(session: Session, purchase_order_id: int) -> PurchaseOrderLine:
    """Return the only line of a purchase order."""
    statement = sa.select(PurchaseOrderLine).where(PurchaseOrderLine.purchase_order_id == purchase_order_id)
    return session.scalars(statement).one()


def number_of(session: Session, purchase_order_id: int) -> str:
    """Return the number of a purchase order."""
    return session.get_one(PurchaseOrder, purchase_order_id).number


def channel(session: Session, code: str) -> int:
    """Return the id of a channel, written when it is new."""
    found = session.scalar(sa.select(Channel).where(Channel.code == code))
    if found is None:
        found = Channel(code=code, name=code.title(), kind="marketplace", position=2)
        session.add(found)
        session.flush()
    return found.id


def assert_lawful(session: Session) -> None:
    """Assert that the shop breaks no law."""
    session.expire_all()
    assert {row["name"]: row["first_broken"] for row in run(session) if row["broken"]} == {}
