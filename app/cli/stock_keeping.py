"""Commands that keep stock true: states, counts, lots, what it was and why it is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

SkuArgument = Annotated[str, typer.Argument(help="SKU of the variant.")]
LocationOption = Annotated[str, typer.Option("--location", help="Code of the location.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the ledger.")]
CountArgument = Annotated[str, typer.Argument(help="Number of the count, such as SC-000001.")]


def add(group: typer.Typer) -> None:
    """Add the commands to the group ``stock``."""
    command(group, "move-state", help="Move units between available, damaged, quality_control, safety_stock.")(move)
    command(group, "lots", help="Where each lot lies, first to expire first; --track starts tracking.")(lots)
    command(group, "as-of", help="Levels as they were at an instant.")(as_of)
    command(group, "why", help="Why on hand is what it is: the ledger in sentences.")(why)
    count = typer.Typer(name="count", help="Count stock: open, enter, recount, post, cancel.")
    command(count, "open", help="Open a session to count SKUs at a location.")(open_)
    command(count, "enter", help="Write what was counted, SKU=UNITS on hand each.")(enter)
    command(count, "recount", help="Send SKUs back to be counted again.")(recount)
    command(count, "post", help="Post the differences and close the count.")(post)
    command(count, "cancel", help="Give up a count; stock stays as it is.")(cancel)
    command(count, "show", help="One count with its lines.")(show)
    command(count, "list", help="The newest counts.")(list_)
    group.add_typer(count)


def move(
    door: Door,
    *,
    sku: SkuArgument,
    location: LocationOption,
    units: Annotated[int, typer.Option("--units", help="How many.")],
    before: Annotated[str, typer.Option("--from", help="State they are in.")],
    after: Annotated[str, typer.Option("--to", help="State they become.")],
    reason: ReasonOption,
    lot: Annotated[str, typer.Option("--lot", help="Number of the lot; else what expires first.")] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Move the units and return the levels after it."""
    from oms_core.inventory.commands import change_state
    from oms_core.inventory.queries import levels_of, location_of, variant_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        variant, place = variant_of(session, sku), location_of(session, location)
        change_state(
            session, variant_id=variant.id, location_id=place.id, quantity=units, from_state=before, to_state=after,
            reason=reason, lot=lot, zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        session.expire_all()
        return levels_of(session, variant.id)


def lots(
    door: Door,
    *,
    sku: SkuArgument,
    track: Annotated[bool, typer.Option("--track", help="Tell lots apart from now on.")] = False,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Return lots by location; with ``--track`` what is there becomes the lot OPENING."""
    from oms_core.inventory.lots import lots_of, start_tracking
    from oms_core.inventory.queries import variant_of

    workspace = door.workspace()
    if not track:
        with workspace.reading() as session:
            return lots_of(session, variant_of(session, sku).id)
    with workspace.transaction() as session:
        variant = start_tracking(session, variant_id=variant_of(session, sku).id, actor=actor)
        return lots_of(session, variant.id)


def as_of(
    door: Door,
    *,
    at: Annotated[str, typer.Argument(help="Instant with its zone, like 2026-05-01T12:00:00+02:00.")],
    sku: Annotated[list[str] | None, typer.Option("--sku", help="Only these SKUs.")] = None,
    location: Annotated[list[str] | None, typer.Option("--location", help="Only these locations.")] = None,
) -> list[dict[str, Any]]:
    """Return the levels that held anything then."""
    from oms_core.inventory.history import parse_instant, stock_as_of
    from oms_core.inventory.queries import location_of, variant_of

    with door.workspace().reading() as session:
        variants = [variant_of(session, one).id for one in sku or ()]
        places = [location_of(session, one).id for one in location or ()]
        return stock_as_of(session, parse_instant(at), variant_ids=variants, location_ids=places)


def why(
    door: Door,
    *,
    sku: SkuArgument,
    location: Annotated[str | None, typer.Option("--location", help="Only this location.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Movements told at most, the newest.")] = 30,
) -> list[dict[str, Any]]:
    """Return the movements as sentences with the running balance; as a table without the columns behind them."""
    from oms_core.inventory import history
    from oms_core.inventory.queries import location_of, variant_of

    with door.workspace().reading() as session:
        place = location_of(session, location).id if location else None
        told = history.why(session, variant_of(session, sku).id, place, limit=limit)
    if door.format != "table":
        return told
    return [{key: row[key] for key in ("at", "change", "on_hand", "available", "sentence")} for row in told]


def open_(
    door: Door,
    *,
    skus: Annotated[list[str], typer.Argument(help="SKUs to count.")],
    location: LocationOption,
    is_open: Annotated[bool, typer.Option("--open/--blind", help="Tell who counts what is expected.")] = False,
    note: Annotated[str, typer.Option("--note", help="What the count is about.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Open a count and return it."""
    from oms_core.inventory.count_posting import count_record
    from oms_core.inventory.counts import open_count
    from oms_core.inventory.queries import location_of, variant_of

    with door.workspace().transaction() as session:
        variants = [variant_of(session, sku).id for sku in skus]
        made = open_count(
            session, location_id=location_of(session, location).id, variant_ids=variants, is_blind=not is_open,
            note=note, actor=actor,
        )  # fmt: skip
        return count_record(session, made)


def enter(
    door: Door,
    *,
    number: CountArgument,
    counted: Annotated[list[str], typer.Argument(help="SKU=UNITS on hand, one for each SKU; 0 is a count too.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Write what was counted and return the count."""
    from oms_core.inventory import counts
    from oms_core.inventory.count_posting import count_named, count_record
    from oms_core.inventory.queries import variant_of

    with door.workspace().transaction() as session:
        found = count_named(session, number)
        units = dict(_counted(text) for text in counted)
        by_variant = {variant_of(session, sku).id: n for sku, n in units.items()}
        return count_record(session, counts.enter(session, found.id, counted=by_variant, actor=actor))


def _counted(text: str) -> tuple[str, int]:
    """Read ``SKU=UNITS``, zero included."""
    from oms_core.kernel.errors import InvalidInput

    sku, _, units = text.rpartition("=")
    if not (sku and units.isdecimal()):
        raise InvalidInput("counted", text, "SKU=UNITS was expected", "For example: 22114=3")
    return sku, int(units)


def recount(
    door: Door,
    *,
    number: CountArgument,
    skus: Annotated[list[str], typer.Argument(help="SKUs to count again.")],
    reason: ReasonOption,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Forget what was counted of the SKUs and return the count."""
    from oms_core.inventory.count_posting import count_named, count_record
    from oms_core.inventory.counts import ask_recount
    from oms_core.inventory.queries import variant_of

    with door.workspace().transaction() as session:
        found = count_named(session, number)
        variants = [variant_of(session, sku).id for sku in skus]
        return count_record(session, ask_recount(session, found.id, variant_ids=variants, reason=reason, actor=actor))


def post(
    door: Door,
    *,
    number: CountArgument,
    reason: ReasonOption,
    skip_uncounted: Annotated[bool, typer.Option("--skip-uncounted", help="Leave out what nobody counted.")] = False,
    lot: Annotated[list[str] | None, typer.Option("--lot", help="SKU=LOT of units found.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Post the differences and return the count."""
    from oms_core.inventory.count_posting import count_named, count_record
    from oms_core.inventory.counts import post_count
    from oms_core.inventory.queries import variant_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = count_named(session, number)
        named = (text.partition("=") for text in lot or ())
        lots_of = {variant_of(session, sku).id: name for sku, _, name in named}
        posted = post_count(
            session, found.id, reason=reason, skip_uncounted=skip_uncounted, lots=lots_of,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return count_record(session, posted)


def cancel(door: Door, *, number: CountArgument, reason: ReasonOption, actor: ActorOption = "cli") -> dict[str, Any]:
    """Give up the count and return it."""
    from oms_core.inventory.count_posting import count_named, count_record
    from oms_core.inventory.counts import cancel_count

    with door.workspace().transaction() as session:
        found = count_named(session, number)
        return count_record(session, cancel_count(session, found.id, reason=reason, actor=actor))


def show(door: Door, *, number: CountArgument) -> dict[str, Any]:
    """Return one count."""
    from oms_core.inventory.count_posting import count_named, count_record

    with door.workspace().reading() as session:
        return count_record(session, count_named(session, number))


def list_(
    door: Door, *, limit: Annotated[int, typer.Option("--limit", min=1, help="Counts told at most.")] = 50
) -> list[dict[str, Any]]:
    """Return the newest counts."""
    from oms_core.inventory.count_posting import counts_list

    with door.workspace().reading() as session:
        return counts_list(session, limit=limit)
