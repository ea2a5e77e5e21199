"""Bundles and made-to-order work."""

from __future__ import annotations

from typing import Any

from app.api.asking import Asking
from app.api.forms import Number
from app.api.models import drafts as m
from app.api.operations import Operations
from oms_core.catalog.bundles import components_of, set_components
from oms_core.fulfilment.making import book_made
from oms_core.inventory.queries import location_of, variant_of
from oms_core.inventory.sets import bundle_availability
from oms_core.kernel.errors import NotFound
from oms_core.orders.queries import order_named
from oms_core.orders.tables import OrderLine

operations = Operations("orders", tag="assembly")
ONE: dict[str, Any] = {"answers": m.Bundle, "example": m.BUNDLE}


@operations.read("/bundles/{number}", scope="stock:read", **ONE)
def show(asking: Asking, number: Number) -> dict[str, Any]:
    """Show what a bundle (by its SKU) holds and how many can be put together now."""
    return _told(asking, number)


@operations.write("/bundles/{number}", method="PUT", scope="stock:write", **ONE)
def compose(asking: Asking, number: Number, body: m.NewBundle) -> dict[str, Any]:
    """Say what a bundle holds; orders placed before stay as they are."""
    session = asking.session
    parts = {variant_of(session, part.sku).id: part.quantity for part in body.components}
    set_components(session, variant_of(session, number).id, parts, actor=asking.actor)
    return _told(asking, number)


@operations.write("/orders/{number}/made", status=201, answers=m.Made, example=m.MADE)
def made(asking: Asking, number: Number, body: m.NewMade) -> dict[str, Any]:
    """Book units of a made-to-order line as made: they come in at a location and are the line's."""
    session, order = asking.session, order_named(asking.session, number)
    asking.require_order(order)
    line = session.get(OrderLine, body.line_id)
    if line is None or line.order_id != order.id:
        raise NotFound("order line", body.line_id, hint=f"It is not a line of {order.number}.")
    place = location_of(session, body.location).id
    found = book_made(session, line.id, quantity=body.quantity, location_id=place, zone=asking.zone, actor=asking.actor)
    return {"number": order.number, "line_id": line.id, "made": body.quantity, "allocation_id": found.id}


def _told(asking: Asking, sku: str) -> dict[str, Any]:
    session = asking.session
    found = variant_of(session, sku)
    parts = components_of(session.connection(), [found.id])[found.id]
    return {
        "sku": found.sku,
        "sets_available": bundle_availability(session, [found.id])[found.id],
        "components": [{"sku": part.sku, "quantity": part.quantity} for part in parts],
    }
