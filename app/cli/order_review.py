"""`ordersight orders`: the second look at orders: risk, duplicates, several orders in one parcel."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_desk import NumbersArgument, Row, close_rows, numbered, said
from app.cli.order_words import ActorOption, NumberArgument

SuspicionArgument = Annotated[int, typer.Argument(help="Id of the suspicion, as `orders duplicates` shows it.")]
WorkArgument = Annotated[
    list[str], typer.Argument(help="Fulfilment orders, such as FO-000001; the first is the parcel.")
]


def register(group: typer.Typer) -> None:
    """Add this module's commands to the group of orders."""
    command(group, "review", help="Look at new orders now: risk and duplicates (the worker does it by itself).")(review)
    command(group, "risk", help="Assess an order by the shop's rules and show every reason.")(risk)
    command(group, "approve", help="Let doubted orders through; they are not held for it again.")(approve)
    command(group, "reject", help="Refuse doubted orders: they are cancelled.")(reject)
    command(group, "duplicates", help="Show orders that may be the same wish twice.")(duplicates)
    command(group, "confirm-duplicate", help="Say that two orders are one wish.")(confirm_duplicate)
    command(group, "dismiss-duplicate", help="Say that two orders are two wishes.")(dismiss_duplicate)
    command(group, "together", help="Show open work of one buyer that could share a parcel.")(together)
    command(group, "consolidate", help="Ship work of several orders of one buyer as one parcel.")(consolidate)


def review(door: Door) -> Row:
    """Do what the worker does: assess new orders, find duplicates, release what is due."""
    from app.jobs import waiting

    return dict(waiting.look(door.workspace()))


def risk(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> Row | list[Row]:
    """Assess one order and return score, level and reasons."""
    from oms_core.orders.queries import order_named
    from oms_core.review.risk import assess

    with door.workspace().transaction() as session:
        order = order_named(session, number)
        verdict = assess(session, [order.id], actor=actor)[order.id]
    if door.format == "json":
        return {"number": order.number, "score": verdict.score, "level": verdict.level, "reasons": verdict.reasons}
    door.say(f"{order.number}: risk {verdict.score} of 100, {verdict.level}")
    return [{name: reason[name] for name in ("rule", "points", "sentence")} for reason in verdict.reasons]


def approve(door: Door, *, numbers: NumbersArgument, actor: ActorOption = "cli") -> list[Row]:
    """Let orders through and return what became of each."""
    from oms_core.review.risk import approve_all

    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        answers = approve_all(session, ids, actor=actor)
    return close_rows(door, [{"number": names[k], **said(e)} for k, e in zip(ids, answers, strict=True)])


def reject(door: Door, *, numbers: NumbersArgument, actor: ActorOption = "cli") -> list[Row]:
    """Refuse orders and return what became of each."""
    from oms_core.review.risk import reject_all

    workspace = door.workspace()
    with workspace.transaction() as session:
        ids, names = numbered(session, numbers)
        answers = reject_all(session, ids, zone=workspace.shop.zone, actor=actor)
    return close_rows(door, [{"number": names[k], **said(e)} for k, e in zip(ids, answers, strict=True)])


def duplicates(
    door: Door,
    *,
    number: Annotated[str | None, typer.Argument(help="Only those of this order, decided ones too.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many.")] = 50,
) -> list[Row]:
    """Return the suspicions nobody has decided on, or all of one order."""
    from oms_core.orders.queries import order_named
    from oms_core.review.duplicates import suspicions_of
    from oms_core.review.queues import in_queue

    with door.workspace().reading() as session:
        if number is not None:
            return suspicions_of(session, order_named(session, number).id)
        waiting = in_queue(session, "duplicates", limit=limit)
    return [{"id": one["item_id"], **{name: one[name] for name in ("number", "since", "why")}} for one in waiting]


def confirm_duplicate(
    door: Door,
    *,
    suspicion: SuspicionArgument,
    cancel_newer: Annotated[bool, typer.Option("--cancel-newer", help="Cancel the newer order at once.")] = False,
    actor: ActorOption = "cli",
) -> Row:
    """Confirm and return the suspicion."""
    from oms_core.review.duplicates import confirm

    workspace = door.workspace()
    with workspace.transaction() as session:
        zone = workspace.shop.zone
        return _decided(confirm(session, suspicion, cancel_newer=cancel_newer, zone=zone, actor=actor))


def dismiss_duplicate(door: Door, *, suspicion: SuspicionArgument, actor: ActorOption = "cli") -> Row:
    """Dismiss and return the suspicion."""
    from oms_core.review.duplicates import dismiss

    with door.workspace().transaction() as session:
        return _decided(dismiss(session, suspicion, actor=actor))


def _decided(found: Any) -> Row:
    names = ("id", "state", "sentence", "decided_by", "decided_at")
    return {name: getattr(found, name) for name in names}


def together(
    door: Door, limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 50
) -> list[Row]:
    """Return groups of open work of one buyer, address and place."""
    from oms_core.review.consolidation import candidates

    with door.workspace().reading() as session:
        return candidates(session, limit=limit)


def consolidate(
    door: Door,
    *,
    works: WorkArgument,
    carrier: Annotated[str, typer.Option("--carrier", help="Code of the carrier, such as dpd.")],
    tracking: Annotated[str | None, typer.Option("--tracking", help="The parcel's tracking number.")] = None,
    cost: Annotated[str, typer.Option("--cost", help="What the carrier charges for the parcel, decimal.")] = "0",
    actor: ActorOption = "cli",
) -> list[Row]:
    """Ship the work as one parcel and return its shipments, the parcel first."""
    from oms_core.fulfilment.listing import work_named
    from oms_core.fulfilment.tables import Shipment
    from oms_core.kernel.money import to_minor
    from oms_core.orders.tables import Order
    from oms_core.review.consolidation import consolidate as send

    workspace = door.workspace()
    with workspace.transaction() as session:
        found = [work_named(session, number) for number in works]
        currency = session.get_one(Order, found[0].order_id).currency
        keys = send(
            session, [work.id for work in found], carrier=carrier, tracking_number=tracking,
            cost_minor=to_minor(cost, currency), zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        shipments = [session.get_one(Shipment, key) for key in keys]
        names = ("id", "number", "order_id", "carrier", "tracking_number", "parent_shipment_id", "state")
        return [{name: getattr(one, name) for name in names} for one in shipments]
