"""`ordersight orders`: rearrange fulfilment orders: split, move, merge, give back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.door import Door, command
from app.cli.order_desk import Row
from app.cli.order_words import ActorOption

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WorkArgument = Annotated[str, typer.Argument(help="Number of a fulfilment order, such as FO-000001.")]
UnitsOption = Annotated[list[str] | None, typer.Option("--units", help="SKU=UNITS; may be given several times.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the journal.")]


def register(group: typer.Typer) -> None:
    """Add this module's commands to the group of orders."""
    command(group, "split", help="Let some units of a fulfilment order go on their own.")(split)
    command(group, "move", help="Let another place ship a fulfilment order; promise and stock move with it.")(move)
    command(group, "merge", help="Make one fulfilment order of several of one order and place.")(merge)
    command(group, "give-back", help="A place cannot ship its work: take it back and route it elsewhere.")(give_back)


def split(door: Door, *, work: WorkArgument, units: UnitsOption = None, actor: ActorOption = "cli") -> list[Row]:
    """Split and return the order's fulfilment orders."""
    from oms_core.fulfilment import commands, listing, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = listing.work_named(session, work)
        chosen = _chosen(session, found.id, units) or {}
        commands.split(session, found.id, chosen, zone=workspace.shop.zone, actor=actor)
        return queries.work_of(session, found.order_id)


def move(
    door: Door,
    *,
    work: WorkArgument,
    to: Annotated[str, typer.Option("--to", help="Code of the location that ships it instead.")],
    units: UnitsOption = None,
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
) -> list[Row]:
    """Move and return the order's fulfilment orders."""
    from oms_core.fulfilment import commands, listing, queries
    from oms_core.inventory.queries import location_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = listing.work_named(session, work)
        commands.move(
            session, found.id, location_of(session, to).id, lines=_chosen(session, found.id, units), reason=reason,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return queries.work_of(session, found.order_id)


def merge(
    door: Door,
    *,
    works: Annotated[list[str], typer.Argument(help="Fulfilment orders of one order and place.")],
    actor: ActorOption = "cli",
) -> list[Row]:
    """Merge and return the order's fulfilment orders."""
    from oms_core.fulfilment import commands, listing, queries

    with door.workspace().transaction() as session:
        found = [listing.work_named(session, number) for number in works]
        commands.merge(session, [one.id for one in found], actor=actor)
        return queries.work_of(session, found[0].order_id)


def give_back(
    door: Door,
    *,
    work: WorkArgument,
    reason: ReasonOption,
    not_found: Annotated[
        bool, typer.Option("--not-found", help="The units are not on the shelf: have them counted.")
    ] = False,
    actor: ActorOption = "cli",
) -> list[Row]:
    """Take the work back, route it elsewhere, and return the order's fulfilment orders."""
    from oms_core.fulfilment import commands, listing, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = listing.work_named(session, work)
        commands.reject(
            session, found.id, reason=reason, not_found=not_found, zone=workspace.shop.zone, actor=actor
        )  # fmt: skip
        return queries.work_of(session, found.order_id)


def _chosen(session: Session, work_id: int, units: list[str] | None) -> dict[int, int] | None:
    """Read SKU=UNITS into units by allocation; None when nothing was named."""
    from app.cli.order_words import sku_units
    from oms_core.fulfilment.queries import units_by_allocation

    return units_by_allocation(session, work_id, dict(map(sku_units, units))) if units else None
