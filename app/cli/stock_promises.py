"""Commands of what stock is promised to: reservations, channels, goods still to come."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

SkuArgument = Annotated[str, typer.Argument(help="SKU of the variant.")]
ChannelOption = Annotated[str, typer.Option("--channel", help="Code of the channel.")]
SkuOption = Annotated[str | None, typer.Option("--sku", help="Of this SKU; every one when left out.")]
PlaceOption = Annotated[str | None, typer.Option("--location", help="At this location; every one when left out.")]


def add(group: typer.Typer) -> None:
    """Add the commands to the group ``stock``."""
    command(group, "reserve", help="Hold SKU=UNITS … for a buyer at the till, for some minutes.")(reserve)
    command(group, "release", help="Let a reservation go.")(release)
    command(group, "channel-rules", help="Rules of what each channel may take; --set or --drop one.")(channel_rules)
    command(group, "channel", help="What a channel may take of SKUs, location by location.")(channel)
    command(group, "atp", help="What may be promised by which day.")(atp)
    command(group, "policy", help="What happens when a SKU is sold out: deny, backorder or preorder.")(policy)
    command(group, "backorders", help="What orders wait for, and by when; --fill gives them what has come.")(backorders)


def reserve(
    door: Door,
    *,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, one for each line.")],
    channel: ChannelOption,
    minutes: Annotated[int, typer.Option("--minutes", help="Until it expires.")] = 15,
    location: PlaceOption = None,
    token: Annotated[str | None, typer.Option("--token", help="Your name for it; one is drawn when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Hold the units and return the reservation."""
    from app.cli.order_words import sku_units
    from oms_core.inventory import reservations
    from oms_core.inventory.queries import location_of, variant_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        wanted: dict[int, int] = {}
        for text in lines:
            sku, units = sku_units(text)
            key = variant_of(session, sku).id
            wanted[key] = wanted.get(key, 0) + units
        made = reservations.reserve(
            session, channel_id=_channel(session, channel), lines=wanted, minutes=minutes, token=token,
            location_id=location_of(session, location).id if location else None,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return reservations.reservation_record(session, made)


def release(
    door: Door,
    *,
    number: Annotated[str, typer.Argument(help="Number or token of the reservation.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "let go",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Let it go and return it."""
    from oms_core.inventory import reservations

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = reservations.reservation_named(session, number)
        reservations.release(session, found.id, reason=reason, zone=workspace.shop.zone, actor=actor)
        return reservations.reservation_record(session, found)


def channel_rules(
    door: Door,
    *,
    channel: Annotated[str | None, typer.Option("--channel", help="Code of the channel; all when left out.")] = None,
    set_: Annotated[bool, typer.Option("--set", help="Write the rule of this scope.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Take the rule of this scope away.")] = False,
    sku: SkuOption = None,
    location: PlaceOption = None,
    buffer: Annotated[int, typer.Option("--buffer", help="Units the channel never sees.")] = 0,
    protect: Annotated[int, typer.Option("--protect", help="Units no other channel may take.")] = 0,
    offered: Annotated[bool, typer.Option("--offered/--not-offered", help="Whether the channel sells it.")] = True,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Change a rule when asked to, and return the rules."""
    from oms_core.inventory import channels
    from oms_core.inventory.queries import location_of, variant_of
    from oms_core.kernel.errors import InvalidInput

    if (set_ or drop) and (channel is None or set_ == drop):
        raise InvalidInput("rule", "", "--channel with either --set or --drop", code="channel_rule.one_change")
    with door.workspace().transaction() as session:
        if channel is not None and (set_ or drop):
            key = _channel(session, channel)
            variant = variant_of(session, sku).id if sku else None
            place = location_of(session, location).id if location else None
            if set_:
                channels.set_rule(
                    session, channel_id=key, variant_id=variant, location_id=place, buffer_qty=buffer,
                    protected_qty=protect, is_offered=offered, actor=actor,
                )  # fmt: skip
            else:
                channels.drop_rule(session, channel_id=key, variant_id=variant, location_id=place, actor=actor)
        return channels.rules_list(session, channel)


def channel(
    door: Door,
    *,
    skus: Annotated[list[str], typer.Argument(help="SKUs asked for.")],
    channel: ChannelOption,
) -> list[dict[str, Any]]:
    """Return available units of each level, and how many of them the channel may take."""
    import sqlalchemy as sa

    from oms_core.inventory.channels import channel_availability
    from oms_core.inventory.queries import variant_of
    from oms_core.locations.tables import Location

    with door.workspace().reading() as session:
        names = {variant_of(session, sku).id: sku for sku in skus}
        places = {row[0]: row[1] for row in session.execute(sa.select(Location.id, Location.code))}
        rows = channel_availability(session, _channel(session, channel), list(names))
    return [
        {
            "sku": names[row["variant_id"]], "location": places[row["location_id"]], "available": row["available"],
            "units": row["units"], "is_offered": row["is_offered"],
        }
        for row in rows
    ]  # fmt: skip


def atp(
    door: Door,
    *,
    sku: SkuArgument,
    location: PlaceOption = None,
    channel: Annotated[str | None, typer.Option("--channel", help="As far as this channel may take it.")] = None,
) -> list[dict[str, Any]]:
    """Return a row for each day on which what may be promised changes."""
    from oms_core.backorders.atp import atp as promise_by_date
    from oms_core.inventory.queries import location_of, variant_of

    workspace = door.workspace()
    zone = workspace.shop.zone
    with workspace.reading() as session:
        steps = promise_by_date(
            session, variant_of(session, sku).id, location_of(session, location).id if location else None,
            channel_id=_channel(session, channel) if channel else None, zone=zone,
        )  # fmt: skip
    return [{"sku": sku, "from": day, "units": units} for day, units in steps]


def policy(
    door: Door,
    *,
    sku: SkuArgument,
    to: Annotated[str, typer.Argument(help="deny, backorder or preorder.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Set the policy and return it."""
    from oms_core.backorders.commands import set_policy
    from oms_core.inventory.queries import variant_of

    with door.workspace().transaction() as session:
        variant = set_policy(session, variant_of(session, sku).id, to, actor=actor)
        return {"sku": variant.sku, "oversell_policy": variant.oversell_policy}


def backorders(
    door: Door,
    *,
    sku: SkuOption = None,
    state: Annotated[str, typer.Option("--state", help="waiting, allocated or cancelled.")] = "waiting",
    fill: Annotated[bool, typer.Option("--fill", help="First give those who wait what has come.")] = False,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Return the promises, the oldest first."""
    from oms_core.backorders import commands
    from oms_core.backorders.queries import backorders_list
    from oms_core.inventory.queries import variant_of

    workspace = door.workspace()
    zone = workspace.shop.zone
    with workspace.transaction() as session:
        variant = variant_of(session, sku).id if sku else None
        if fill:
            only = None if variant is None else [variant]
            units = commands.fill(session, only, zone=zone, actor=actor)
            moved = commands.repromise(session, only, zone=zone, actor=actor)
            door.say(f"{units} units allocated, {moved} promises moved.")
        return backorders_list(session, variant_id=variant, state=state)


def _channel(session: Any, code: str) -> int:
    from oms_core.inventory.channels import channel_named

    return channel_named(session, code).id
