"""Adjust, move and explain stock."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli import stock_bins, stock_keeping, stock_promises
from app.cli.door import Door, command
from app.cli.order_words import ActorOption

SkuArgument = Annotated[str, typer.Argument(help="SKU of the variant.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="stock", help="Adjust, move and explain stock.")
    command(group, "show", help="Every state per location, and the movements behind it.")(show)
    command(group, "adjust", help="Correct a count: units found (+3) or missing (-3).")(adjust)
    command(group, "transfer", help="Send SKU=UNITS … to another location.")(transfer)
    command(group, "receive", help="Book a transfer's arrival, whole or in part.")(receive)
    stock_keeping.add(group)
    stock_promises.add(group)
    stock_bins.add(group)
    app.add_typer(group)


def show(
    door: Door,
    *,
    sku: SkuArgument,
    location: Annotated[str | None, typer.Option("--location", help="Only this location.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Movements told at most.")] = 20,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return levels and movements; as a table the movements, with the levels told beside."""
    from oms_core.inventory.queries import levels_of, location_of, movements_of, variant_of

    with door.workspace().reading() as session:
        variant = variant_of(session, sku)
        place = location_of(session, location) if location else None
        levels = [row for row in levels_of(session, variant.id) if place is None or row["location"] == place.code]
        movements = movements_of(session, variant.id, location_id=place.id if place else None, limit=limit)
    if door.format == "json":
        return {"sku": variant.sku, "title": variant.title, "levels": levels, "movements": movements}
    for row in levels:
        states = ", ".join(f"{n} {state}" for state, n in list(row.items())[3:] if n)
        door.say(f"{row['location_name']}: on hand {row['on_hand']} = {states or 'nothing'}")
    return movements if door.format == "table" else levels


def adjust(
    door: Door,
    *,
    sku: SkuArgument,
    location: Annotated[str, typer.Option("--location", help="Code of the location.")],
    units: Annotated[int, typer.Option("--units", help="Found (positive) or missing (negative).")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the ledger.")],
    state: Annotated[str, typer.Option("--state", help="available, damaged, safety_stock …")] = "available",
    lot: Annotated[str, typer.Option("--lot", help="Number of the lot, where lots are told apart.")] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Book the difference and return the levels after it."""
    from oms_core.inventory import commands
    from oms_core.inventory.queries import levels_of, location_of, variant_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        variant, place = variant_of(session, sku), location_of(session, location)
        commands.adjust(
            session, variant_id=variant.id, location_id=place.id, delta_qty=units, reason=reason, state=state,
            lot=lot, zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        session.expire_all()
        return levels_of(session, variant.id)


def transfer(
    door: Door,
    *,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, one for each line.")],
    origin: Annotated[str, typer.Option("--from", help="Code of the location that sends.")],
    target: Annotated[str, typer.Option("--to", help="Code of the location that receives.")],
    receive_now: Annotated[bool, typer.Option("--receive", help="Book the arrival at once.")] = False,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Draft and ship a transfer, and receive it when asked to."""
    from app.cli.order_words import sku_units
    from oms_core.inventory import commands
    from oms_core.inventory.queries import location_of, transfer_record, variant_of

    workspace = door.workspace()
    zone = workspace.shop.zone
    with workspace.transaction() as session:
        wanted: dict[int, int] = {}
        for text in lines:
            sku, units = sku_units(text)
            key = variant_of(session, sku).id
            wanted[key] = wanted.get(key, 0) + units
        made = commands.draft_transfer(
            session, from_location_id=location_of(session, origin).id, to_location_id=location_of(session, target).id,
            lines=wanted, actor=actor,
        )  # fmt: skip
        commands.ship_transfer(session, made.id, zone=zone, actor=actor)
        if receive_now:
            commands.receive_transfer(session, made.id, zone=zone, actor=actor)
        return transfer_record(session, made)


def receive(
    door: Door,
    *,
    number: Annotated[str, typer.Argument(help="Number of the transfer, such as TR-000001.")],
    arrived: Annotated[list[str] | None, typer.Option("--arrived", help="SKU=UNITS that came; all if none.")] = None,
    lost: Annotated[list[str] | None, typer.Option("--lost", help="SKU=UNITS that never will.")] = None,
    over: Annotated[list[str] | None, typer.Option("--over", help="SKU=UNITS beyond what was sent.")] = None,
    found: Annotated[list[str] | None, typer.Option("--found", help="SKU=UNITS lost before, now found.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why units are lost, over or found.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Book what arrived, what is lost and what is over or found again; the rest stays in transit."""
    from app.cli.order_words import sku_units
    from oms_core.inventory import commands
    from oms_core.inventory.queries import transfer_named, transfer_record, transfer_units

    workspace = door.workspace()
    with workspace.transaction() as session:
        sent = transfer_named(session, number)

        def units(texts: list[str] | None) -> dict[int, int]:
            return transfer_units(session, sent, [sku_units(text) for text in texts or ()])

        if found is not None:
            commands.book_found_units(
                session, sent.id, found=units(found), reason=reason, zone=workspace.shop.zone, actor=actor
            )
        if found is None or arrived or lost or over:
            everything = arrived is None and lost is None
            commands.receive_transfer(
                session, sent.id, received=None if everything else units(arrived),
                lost=None if lost is None else units(lost), over=units(over), reason=reason,
                zone=workspace.shop.zone, actor=actor,
            )  # fmt: skip
        return transfer_record(session, sent)
