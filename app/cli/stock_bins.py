"""Commands of bins: where units lie within a location, and filling pick bins up from overstock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.inventory.bin_tables import Bin

BinArgument = Annotated[str, typer.Argument(help="Code of the bin.")]
SkuArgument = Annotated[str, typer.Argument(help="SKU of the variant.")]
ListArgument = Annotated[str, typer.Argument(help="Number of the list, such as BR-000001.")]
LocationOption = Annotated[str, typer.Option("--location", help="Code of the location.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Lists told at most.")]


def add(group: typer.Typer) -> None:
    """Add the commands to the group ``stock``."""
    bins = typer.Typer(name="bins", help="Bins of a location: what lies where; fill pick bins up from overstock.")
    command(bins, "define", help="Name a bin, or change its kind and rank.")(define)
    command(bins, "list", help="The bins of a location.")(list_)
    command(bins, "show", help="What lies in which bin, with minimum, maximum and increment.")(show)
    command(bins, "rule", help="Say how many units of a SKU a pick bin should hold.")(rule)
    command(bins, "drop-rule", help="Stop filling a bin up with a SKU.")(drop)
    command(bins, "retire", help="Take an empty bin away; its history stays.")(retire)
    command(bins, "move", help="Carry SKU=UNITS … to a bin; puts away what came when --from is left out.")(move)
    command(bins, "count", help="Correct a bin to what was counted in it.")(count)
    command(bins, "replenish", help="Write the worker's list of moves to pick bins (--dry-run only shows it).")(fill_up)
    command(bins, "confirm", help="Book what a worker did of a list's line, or of every line.")(confirm)
    command(bins, "lists", help="The newest worker's lists.")(lists)
    command(bins, "list-show", help="One worker's list with the reason of each line.")(list_show)
    command(bins, "cancel", help="Give up what is still to do of a list.")(cancel)
    group.add_typer(bins)


def define(
    door: Door,
    *,
    code: BinArgument,
    location: LocationOption,
    kind: Annotated[str, typer.Option("--kind", help="pick or overstock.")] = "pick",
    position: Annotated[int, typer.Option("--position", min=1, help="Rank on the way through the warehouse.")] = 1,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Name the bin and return the bins of the location."""
    from oms_core.inventory import bins
    from oms_core.inventory.bin_queries import bins_of
    from oms_core.inventory.queries import location_of

    with door.workspace().transaction() as session:
        place = location_of(session, location).id
        bins.define(session, location_id=place, code=code, kind=kind, position=position, actor=actor)
        return bins_of(session, place)


def retire(
    door: Door, *, code: BinArgument, location: LocationOption, actor: ActorOption = "cli"
) -> list[dict[str, Any]]:
    """Take the bin away and return the bins of the location."""
    from oms_core.inventory import bin_retiring, bins
    from oms_core.inventory.bin_queries import bins_of
    from oms_core.inventory.queries import location_of

    with door.workspace().transaction() as session:
        place = location_of(session, location).id
        bin_retiring.retire(session, bins.bin_named(session, place, code).id, actor=actor)
        return bins_of(session, place)


def list_(door: Door, *, location: LocationOption) -> list[dict[str, Any]]:
    """Return the bins of a location."""
    from oms_core.inventory.bin_queries import bins_of
    from oms_core.inventory.queries import location_of

    with door.workspace().reading() as session:
        return bins_of(session, location_of(session, location).id)


def show(
    door: Door,
    *,
    location: Annotated[str | None, typer.Option("--location", help="Only this location.")] = None,
    sku: Annotated[str | None, typer.Option("--sku", help="Only this SKU.")] = None,
) -> list[dict[str, Any]]:
    """Return what lies in bins."""
    from oms_core.inventory.bin_queries import bin_contents
    from oms_core.inventory.queries import location_of, variant_of

    with door.workspace().reading() as session:
        place = location_of(session, location).id if location else None
        return bin_contents(session, location_id=place, variant_id=variant_of(session, sku).id if sku else None)


def rule(
    door: Door,
    *,
    code: BinArgument,
    sku: SkuArgument,
    location: LocationOption,
    minimum: Annotated[int, typer.Option("--min", help="Below this it is filled up.")],
    maximum: Annotated[int, typer.Option("--max", help="Never filled beyond this.")],
    increment: Annotated[int, typer.Option("--increment", help="Whole multiples of this are carried (a case).")] = 1,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Write the rule and return what lies in the bin."""
    from oms_core.inventory import bins
    from oms_core.inventory.queries import variant_of

    with door.workspace().transaction() as session:
        place = _bin(session, location, code)
        bins.set_rule(
            session, bin_id=place.id, variant_id=variant_of(session, sku).id, minimum=minimum, maximum=maximum,
            increment=increment, actor=actor,
        )  # fmt: skip
        return _contents(session, place)


def drop(
    door: Door, *, code: BinArgument, sku: SkuArgument, location: LocationOption, actor: ActorOption = "cli"
) -> list[dict[str, Any]]:
    """Drop the rule and return what lies in the bin."""
    from oms_core.inventory import bins
    from oms_core.inventory.queries import variant_of

    with door.workspace().transaction() as session:
        place = _bin(session, location, code)
        bins.drop_rule(session, bin_id=place.id, variant_id=variant_of(session, sku).id, actor=actor)
        return _contents(session, place)


def move(
    door: Door,
    *,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, one for each SKU.")],
    target: Annotated[str, typer.Option("--to", help="Code of the bin they come into.")],
    location: LocationOption,
    origin: Annotated[str, typer.Option("--from", help="Code of the bin they leave.")] = "DEFAULT",
    lot: Annotated[str, typer.Option("--lot", help="Number of the lot; else what expires first.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, for the ledger.")] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Carry the units, all or none, and return what lies in the bin they came into."""
    from app.cli.order_words import sku_units
    from oms_core.inventory import bin_moving, bins
    from oms_core.inventory.queries import location_of, variant_of

    with door.workspace().transaction() as session:
        place, into = location_of(session, location).id, _bin(session, location, target)
        for sku, units in map(sku_units, lines):
            variant = variant_of(session, sku).id
            bins.begin(session, variant_id=variant, location_id=place, actor=actor)
            bin_moving.move(
                session, variant_id=variant, from_bin_id=_bin(session, location, origin).id, to_bin_id=into.id,
                quantity=units, lot=lot, reason=reason, actor=actor,
            )  # fmt: skip
        return _contents(session, into)


def count(
    door: Door,
    *,
    code: BinArgument,
    sku: SkuArgument,
    location: LocationOption,
    units: Annotated[int, typer.Option("--units", min=0, help="What lies in the bin.")],
    reason: Annotated[str, typer.Option("--reason", help="Why stock changes.")],
    lot: Annotated[str, typer.Option("--lot", help="Number of the lot that was counted.")] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Book the difference and return what lies in the bin."""
    from oms_core.inventory import bin_moving
    from oms_core.inventory.queries import variant_of

    workspace = door.workspace()
    with workspace.transaction() as session:
        place = _bin(session, location, code)
        delta = bin_moving.count(
            session, bin_id=place.id, variant_id=variant_of(session, sku).id, counted=units, reason=reason, lot=lot,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        door.say(f"{delta:+d} unit(s)")
        return _contents(session, place)


def fill_up(
    door: Door,
    *,
    location: LocationOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be carried; write nothing.")] = False,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]] | dict[str, Any]:
    """Return the proposal, or the list that was made of it."""
    from oms_core.inventory import bin_queries, bin_replenishing
    from oms_core.inventory.queries import location_of

    workspace = door.workspace()
    zone = workspace.shop.zone
    if dry_run:
        with workspace.reading() as session:
            found = bin_replenishing.proposal(session, location_id=location_of(session, location).id, zone=zone)
            return bin_queries.proposal_rows(session, found)
    with workspace.transaction() as session:
        made = bin_replenishing.open_list(
            session, location_id=location_of(session, location).id, zone=zone, actor=actor
        )
        return _told(door, bin_queries.list_record(session, made))


def confirm(
    door: Door,
    *,
    number: ListArgument,
    line: Annotated[int | None, typer.Option("--line", help="Id of the line; every line as asked if left out.")] = None,
    moved: Annotated[
        int | None, typer.Option("--moved", min=0, help="Units carried; all that is left if none.")
    ] = None,
    missing: Annotated[int, typer.Option("--missing", min=0, help="Units that were not in the bin.")] = 0,
    left: Annotated[int, typer.Option("--left", min=0, help="Units that need not be carried.")] = 0,
    reason: Annotated[str, typer.Option("--reason", help="Why units are missing or left.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any] | list[dict[str, Any]]:
    """Book the moves and return the list."""
    from oms_core.inventory import bin_queries, bin_replenishing

    with door.workspace().transaction() as session:
        found = bin_queries.list_named(session, number)
        open_lines = [x for x in bin_replenishing.lines_of(session, found.id) if bin_replenishing.to_do(x)]
        for one in [x.id for x in open_lines] if line is None else [line]:
            rest = next((bin_replenishing.to_do(x) for x in open_lines if x.id == one), 0)
            bin_replenishing.confirm(
                session, found.id, line_id=one, moved=rest - missing - left if moved is None else moved,
                missing=missing, left=left, reason=reason, actor=actor,
            )  # fmt: skip
        return _told(door, bin_queries.list_record(session, found))


def lists(door: Door, *, limit: LimitOption = 50) -> list[dict[str, Any]]:
    """Return the newest lists."""
    from oms_core.inventory import bin_queries

    with door.workspace().reading() as session:
        return bin_queries.lists(session, limit=limit)


def list_show(door: Door, *, number: ListArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one list; as a table or file its lines alone."""
    from oms_core.inventory import bin_queries

    with door.workspace().reading() as session:
        return _told(door, bin_queries.list_record(session, bin_queries.list_named(session, number)))


def _told(door: Door, found: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Return a list; as a table or file its lines alone, with what its pick bins stay short beside."""
    if door.format == "json":
        return found
    door.say(f"{found['number']} ({found['state']})")
    for one in found["unmet"]:
        door.say(
            f"{one['bin']} stays {one['missing']} x {one['sku']} short: {one['why'].replace('_', ' ')}"
            f" ({one['not_put_away']} not put away)"
        )
    wanted = ("id", "sku", "lot", "from", "to", "quantity", "moved", "missing", "left", "to_do", "why")
    return [{name: line[name] for name in wanted} for line in found["lines"]]


def cancel(
    door: Door,
    *,
    number: ListArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Give up the list and return it."""
    from oms_core.inventory import bin_queries, bin_replenishing

    with door.workspace().transaction() as session:
        found = bin_queries.list_named(session, number)
        return bin_queries.list_record(session, bin_replenishing.cancel(session, found.id, reason=reason, actor=actor))


def _bin(session: Session, location: str, code: str) -> Bin:
    from oms_core.inventory.bins import bin_named
    from oms_core.inventory.queries import location_of

    return bin_named(session, location_of(session, location).id, code)


def _contents(session: Session, place: Bin) -> list[dict[str, Any]]:
    from oms_core.inventory.bin_queries import bin_contents

    return bin_contents(session, bin_id=place.id)
