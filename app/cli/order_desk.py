"""`ordersight orders`: tags, notes, timeline, holds and work queues. Many orders at once answer one row each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption, NumberArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

NumbersArgument = Annotated[list[str], typer.Argument(help="Numbers of orders, such as OS-000001 OS-000002.")]
TagOption = Annotated[list[str], typer.Option("--tag", help="A word; may be given several times.")]
Row = dict[str, Any]


def register(group: typer.Typer) -> None:
    """Add this module's commands to the group of orders."""
    command(group, "tag", help="Put tags on orders.")(tag)
    command(group, "untag", help="Take tags off orders.")(untag)
    command(group, "note", help="Write a note on an order.")(note)
    command(group, "timeline", help="Tell everything that happened to an order, with before and after.")(timeline)
    command(group, "hold", help="Keep orders back from shipping, with a reason and an owner.")(hold)
    command(group, "release", help="Release every hold of orders.")(release)
    command(group, "release-now", help="End the service window of orders: their work goes to the warehouse.")(
        release_now
    )
    command(group, "queue", help="Show what waits in a work queue; without a name, how much in each.")(queue)


def numbered(session: Session, numbers: Sequence[str]) -> tuple[list[int], dict[int, str]]:
    """Return the ids of orders as named, and their numbers by id."""
    from oms_core.orders.queries import order_named

    orders = [order_named(session, number) for number in numbers]
    return [order.id for order in orders], {order.id: order.number for order in orders}


def said(error: Exception | None) -> Row:
    """Return how one of many was answered: done, or the code and the sentence of the refusal."""
    code, message = getattr(error, "code", ""), getattr(error, "message", "")
    return {"done": error is None, "code": code, "message": message}


def close_rows(door: Door, rows: list[Row]) -> list[Row]:
    """Return the rows; the exit status says whether one was refused."""
    door.status = 0 if all(row["done"] for row in rows) else 1
    return rows


def tag(door: Door, *, numbers: NumbersArgument, tags: TagOption, actor: ActorOption = "cli") -> list[Row]:
    """Put tags on orders and return each order's tags."""
    from oms_core.orders.tags import add_tags

    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        return _tagged(door, ids, names, add_tags(session, ids, tags, actor=actor))


def untag(door: Door, *, numbers: NumbersArgument, tags: TagOption, actor: ActorOption = "cli") -> list[Row]:
    """Take tags off orders and return each order's tags."""
    from oms_core.orders.tags import remove_tags

    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        return _tagged(door, ids, names, remove_tags(session, ids, tags, actor=actor))


def _tagged(door: Door, ids: Sequence[int], names: dict[int, str], answers: Sequence[Any]) -> list[Row]:
    rows = [
        {"number": names[key], "tags": found if isinstance(found, list) else [], "done": isinstance(found, list)}
        for key, found in zip(ids, answers, strict=True)
    ]
    return close_rows(door, rows)


def note(
    door: Door,
    *,
    number: NumberArgument,
    text: Annotated[str, typer.Argument(help="What to remember about the order.")],
    actor: ActorOption = "cli",
) -> list[Row]:
    """Write a note and return the order's notes."""
    from oms_core.orders.notes import add_note, notes_of
    from oms_core.orders.queries import order_named

    with door.workspace().transaction() as session:
        order = order_named(session, number)
        add_note(session, order.id, text, actor=actor)
        return notes_of(session, order.id)


def timeline(door: Door, number: NumberArgument) -> list[Row]:
    """Return the order's events, oldest first."""
    from oms_core.orders.queries import order_named
    from oms_core.orders.timeline import timeline as events_of

    with door.workspace().reading() as session:
        events = events_of(session, order_named(session, number).id)
    if door.format == "json":
        return events
    return [{name: one[name] for name in ("at", "actor", "sentence")} for one in events]


def hold(
    door: Door,
    *,
    numbers: NumbersArgument,
    reason: Annotated[str, typer.Option("--reason", help="A word for lists, such as address.")],
    note_: Annotated[str, typer.Option("--note", help="What the reason does not say.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Who looks after it.")] = "",
    until: Annotated[str | None, typer.Option("--until", help="Released by itself then: time with its zone.")] = None,
    guard: Annotated[str, typer.Option("--guard-key", help="Not held again once a person released it.")] = "",
    actor: ActorOption = "cli",
) -> list[Row]:
    """Put a hold on each order and return what became of each."""
    from oms_core.fulfilment.commands import NewHold, hold_all

    until_at = _instant(until) if until else None
    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        wanted = [
            NewHold(order_id=key, reason=reason, note=note_, owner=owner, until_at=until_at, guard_key=guard)
            for key in ids
        ]
        answers = hold_all(session, wanted, actor=actor)
        rows = [
            {"number": names[key], "hold_id": found if isinstance(found, int) else None,
             **said(found if isinstance(found, Exception) else None)}
            for key, found in zip(ids, answers, strict=True)
        ]  # fmt: skip
    return close_rows(door, rows)


def release(door: Door, *, numbers: NumbersArgument, actor: ActorOption = "cli") -> list[Row]:
    """Release every active hold of each order and return how many there were."""
    from oms_core.fulfilment.commands import release_order

    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        answers = release_order(session, ids, actor=actor)
        rows = [
            {"number": names[key], "released": found if isinstance(found, int) else 0,
             **said(found if isinstance(found, Exception) else None)}
            for key, found in zip(ids, answers, strict=True)
        ]  # fmt: skip
    return close_rows(door, rows)


def release_now(door: Door, *, numbers: NumbersArgument, actor: ActorOption = "cli") -> list[Row]:
    """End the service window of each order and return what became of each."""
    from oms_core.fulfilment import commands

    with door.workspace().transaction() as session:
        ids, names = numbered(session, numbers)
        answers = commands.release_now(session, ids, actor=actor)
    return close_rows(door, [{"number": names[k], **said(e)} for k, e in zip(ids, answers, strict=True)])


def queue(
    door: Door,
    *,
    name: Annotated[str | None, typer.Argument(help="Name of a queue; left out: how much waits in each.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Code of a channel.")] = None,
    location: Annotated[str | None, typer.Option("--location", help="Code of a location.")] = None,
    tag_: Annotated[str | None, typer.Option("--tag", help="Only orders with this tag.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only holds this person looks after.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="ISO code of the destination.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many.")] = 50,
) -> list[Row]:
    """Return what waits longest first, or the counts of all queues."""
    from oms_core.review import queues

    given = {"channel": channel, "location": location, "tag": tag_, "owner": owner, "country": country}
    with door.workspace().reading() as session:
        if name is None:
            waiting = queues.counts(session)
            return [{"queue": q.name, "waiting": waiting[q.name], "says": q.says} for q in queues.QUEUES]
        return queues.in_queue(session, name, filters={k: v for k, v in given.items() if v}, limit=limit)


def _instant(text: str) -> datetime:
    from oms_core.kernel.errors import InvalidInput

    expectation = "a time with its zone, like 2026-05-01T12:00:00+02:00"
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("until", text, expectation) from error
    if at.tzinfo is None:
        raise InvalidInput("until", text, expectation)
    return at
