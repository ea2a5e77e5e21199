"""`ordersight assembly`: how variants are stocked, what bundles hold, what was made to order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption, NumberArgument

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.catalog.tables import Variant

SkuArgument = Annotated[str, typer.Argument(help="SKU of the variant.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="assembly", help="Bundles and made-to-order goods: what needs no stock of its own.")
    command(group, "kind", help="Say how a variant is stocked.")(kind)
    command(group, "bundle", help="Say what a bundle holds; the variant becomes a bundle.")(bundle)
    command(group, "show", help="Show a bundle's components and how many can be sold.")(show)
    command(group, "made", help="Book units of a made-to-order line as made: they come in and are the order's.")(made)
    app.add_typer(group)


def kind(
    door: Door,
    *,
    sku: SkuArgument,
    stock_kind: Annotated[str, typer.Argument(help="stocked, made_to_order, bundle or service.")],
    lead_time_days: Annotated[int | None, typer.Option("--lead-time-days", help="Days it takes to make.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Set and return the variant's kind."""
    from oms_core.catalog.bundles import set_stock_kind

    with door.workspace().transaction() as session:
        found = _variant(session, sku)
        set_stock_kind(session, found.id, stock_kind, lead_time_days=lead_time_days, actor=actor)
        return {"sku": found.sku, "stock_kind": found.stock_kind, "lead_time_days": found.lead_time_days}


def bundle(
    door: Door,
    *,
    sku: SkuArgument,
    component: Annotated[list[str], typer.Option("--component", help="SKU=UNITS for each bundle; repeat.")],
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Set and return the bundle's components."""
    from app.cli.order_words import sku_units
    from oms_core.catalog.bundles import set_components

    wanted = dict(sku_units(text) for text in component)
    with door.workspace().transaction() as session:
        found = _variant(session, sku)
        set_components(session, found.id, {_variant(session, k).id: n for k, n in wanted.items()}, actor=actor)
        return _components(session, found)


def show(door: Door, sku: SkuArgument) -> list[dict[str, Any]]:
    """Return the bundle's components, with how many bundles can be put together now."""
    with door.workspace().reading() as session:
        return _components(session, _variant(session, sku))


def made(
    door: Door,
    *,
    number: NumberArgument,
    line: Annotated[int, typer.Option("--line", help="Position of the line.")],
    units: Annotated[int, typer.Option("--units", help="Units that were made.")],
    at: Annotated[str, typer.Option("--at", help="Code of the location they came in at.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Book the units and return the order's axes."""
    from oms_core.fulfilment.making import book_made
    from oms_core.inventory.queries import location_of
    from oms_core.order_changes.documents import line_at
    from oms_core.orders.queries import axes_of, order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        place = location_of(session, at).id
        key = line_at(session, order, line).id
        book_made(session, key, quantity=units, location_id=place, zone=workspace.shop.zone, actor=actor)
        session.refresh(order)
        return {"number": order.number, "line": line, "made": units, **axes_of(order)}


def _variant(session: Session, sku: str) -> Variant:
    from oms_core.inventory.queries import variant_of

    return variant_of(session, sku)


def _components(session: Session, found: Variant) -> list[dict[str, Any]]:
    from oms_core.catalog.bundles import components_of
    from oms_core.inventory.sets import bundle_availability

    sets = bundle_availability(session, [found.id])[found.id]
    return [
        {"bundle": found.sku, "sku": part.sku, "units": part.quantity, "sets_available": sets}
        for part in components_of(session.connection(), [found.id])[found.id]
    ]
