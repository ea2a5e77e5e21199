"""Low stock: points by SKU and place, the notices of crossings, and who is told by mail."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command

SkuArgument = Annotated[str, typer.Argument(help="SKU.")]
LocationOption = Annotated[str | None, typer.Option("--location", help="Code; the first in routing order if left out.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does it, for the journal.")]


def register(app: typer.Typer) -> None:
    """Add the group to the tree."""
    group = typer.Typer(name="low-stock", help="Shelves that fall below their point: told once a crossing.")
    command(group, "list", help="List shelves that are low now.")(list_)
    command(group, "points", help="List the points by SKU and place.")(points)
    command(group, "set", help="Set the point of a SKU at a place.")(set_)
    command(group, "drop", help="Take a point back.")(drop)
    told = "Set the points no person has set to what sells until an order of today could arrive."
    command(group, "from-forecast", help=told)(forecast)
    command(group, "watch", help="Look for crossings now, as the worker does.")(watch)
    command(group, "mail-to", help="Name who gets the news by mail; no address: nobody.")(mail_to)
    app.add_typer(group)


def list_(door: Door) -> list[dict[str, Any]]:
    """List open notices, those nobody has seen first."""
    from oms_core.inventory import low_stock

    with door.workspace().reading() as session:
        return low_stock.notices(session)


def points(
    door: Door, sku: Annotated[str | None, typer.Option("--sku", help="Only this one.")] = None
) -> list[dict[str, Any]]:
    """List points."""
    from oms_core.inventory import low_stock

    with door.workspace().reading() as session:
        return low_stock.points(session, sku=sku)


def set_(
    door: Door,
    sku: SkuArgument,
    units: Annotated[int, typer.Argument(help="Low below this many available units.", min=0)],
    location: LocationOption = None,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Set a point."""
    from oms_core.inventory import low_stock
    from oms_core.inventory.queries import variant_of
    from oms_core.purchasing.names import location_id

    with door.workspace().transaction() as session:
        low_stock.set_point(
            session, variant_id=variant_of(session, sku).id, location_id=location_id(session, location), units=units,
            actor=actor,
        )  # fmt: skip
        return low_stock.points(session, sku=sku)


def drop(
    door: Door, sku: SkuArgument, location: LocationOption = None, actor: ActorOption = "cli"
) -> list[dict[str, Any]]:
    """Take a point back."""
    from oms_core.inventory import low_stock
    from oms_core.inventory.queries import variant_of
    from oms_core.purchasing.names import location_id

    with door.workspace().transaction() as session:
        low_stock.drop_point(
            session, variant_id=variant_of(session, sku).id, location_id=location_id(session, location), actor=actor
        )
        return low_stock.points(session, sku=sku)


def forecast(door: Door) -> dict[str, int]:
    """Set points from the plan."""
    from app.jobs.low_stock import points_from_forecast

    return points_from_forecast(door.workspace("replenish"))


def watch(door: Door) -> dict[str, int]:
    """Look now."""
    from app.jobs.low_stock import look

    return look(door.workspace())


def mail_to(
    door: Door,
    addresses: Annotated[list[str] | None, typer.Argument(help="Addresses.")] = None,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Keep who is told."""
    from app.jobs.low_stock import set_recipients

    with door.workspace().transaction() as session:
        return [{"to": address} for address in set_recipients(session, addresses or [], actor=actor)]
