"""Place, pay, allocate, ship, deliver, cancel and return orders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import order_desk, order_review, order_work, returning, stock
from app.cli.door import Door, command
from app.cli.order_words import ActorOption, NumberArgument, read_order, told

AmountOption = Annotated[str | None, typer.Option("--amount", help="Decimal; everything still owed when left out.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="orders", help="Take orders and see them through: place, pay, allocate, ship, deliver.")
    command(group, "place", help="Take an order from a JSON file: place, pay, allocate.")(place)
    command(group, "show", help="Show one order with its lines, promises, parcels and why it was routed so.")(show)
    command(group, "list", help="List the newest orders.")(list_)
    command(group, "pay", help="Book money: a capture, or what --kind says.")(pay)
    command(group, "allocate", help="Promise stock to an order that has none.")(allocate)
    command(group, "ship", help="Ship what is open, from every location that has work.")(ship)
    command(group, "deliver", help="Book the delivery of an order's parcels.")(deliver)
    command(group, "cancel", help="Cancel an order that has not shipped.")(cancel)
    command(group, "return", help="Ask for goods back, and take them in with --receive-at.")(returning.return_)
    order_desk.register(group)
    order_review.register(group)
    order_work.register(group)
    app.add_typer(group)
    stock.register(app)


def place(
    door: Door,
    *,
    file: Annotated[Path, typer.Option("--file", help="Order as JSON, as POST /v1/orders takes it; - reads input.")],
    idempotency_key: Annotated[str | None, typer.Option("--idempotency-key", help="Same key, same answer.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Return the answer of the intake: id, number, axes, allocations."""
    from oms_core.intake.commands import place as take

    new = read_order(file)
    workspace = door.workspace()
    with workspace.transaction() as session:
        return take(session, workspace.shop, new, idempotency_key=idempotency_key, actor=actor)


def show(door: Door, number: NumberArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one order with its surroundings; as a table its lines, with the rest told beside."""
    with door.workspace().reading() as session:
        record = told(session, number)
    if door.format == "json":
        return record
    head = ("state", "payment_status", "fulfillment_status", "delivery_status", "return_status")
    door.say(f"{record['number']}: {', '.join(record[name] for name in head)}, {record['total']} {record['currency']}")
    for decision in record["routing"]:
        door.say(f"Routed: {decision['reason']}")
    lines: list[dict[str, Any]] = record["lines"]
    return lines


def list_(
    door: Door,
    *,
    state: Annotated[str | None, typer.Option("--state", help="draft, placed, closed, cancelled, expired.")] = None,
    payment: Annotated[str | None, typer.Option("--payment", help="Only this payment status.")] = None,
    fulfillment: Annotated[str | None, typer.Option("--fulfillment", help="Only this fulfilment status.")] = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Only this delivery status.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Code of a channel.")] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only orders with this tag.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many.")] = 50,
) -> list[dict[str, Any]]:
    """Return the newest orders that match."""
    from oms_core.orders.queries import orders_list

    given = {
        "state": state, "payment_status": payment, "fulfillment_status": fulfillment, "delivery_status": delivery,
        "channel": channel, "tag": tag,
    }  # fmt: skip
    with door.workspace().reading() as session:
        return orders_list(session, filters={k: v for k, v in given.items() if v}, limit=limit)


def pay(
    door: Door,
    *,
    number: NumberArgument,
    amount: AmountOption = None,
    kind: Annotated[str, typer.Option("--kind", help="authorize, capture, void or refund.")] = "capture",
    gateway: Annotated[str, typer.Option("--gateway", help="Where the money moved.")] = "manual",
    external_id: Annotated[str | None, typer.Option("--external-id", help="The gateway's id; twice is once.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Book one movement of money and return the order's axes."""
    from oms_core.kernel.money import to_minor
    from oms_core.orders.queries import axes_of, order_named
    from oms_core.payments import commands, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        minor = to_minor(amount, order.currency) if amount else queries.still_owed(session, order.id, kind)
        paid = commands.pay(
            session, order_id=order.id, kind=kind, amount_minor=minor, gateway=gateway, external_id=external_id,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        session.refresh(order)
        from app.cli.purchase_words import decimal_money

        moved = decimal_money({"amount_minor": paid.amount_minor}, order.currency)
        return {"number": order.number, "kind": kind, **moved, "currency": order.currency, **axes_of(order)}


def allocate(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Promise stock, open the fulfilment orders, return what is promised from where."""
    from oms_core.fulfilment.commands import open_fulfillment_orders
    from oms_core.intake.commands import answer_of
    from oms_core.orders.queries import order_named
    from oms_core.routing.commands import allocate_order

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        allocate_order(session, order.id, zone=workspace.shop.zone, actor=actor)
        open_fulfillment_orders(session, order.id, actor=actor)
        return answer_of(session, order)


def ship(
    door: Door,
    *,
    number: NumberArgument,
    carrier: Annotated[str, typer.Option("--carrier", help="Code of the carrier, such as dpd.")],
    tracking: Annotated[str | None, typer.Option("--tracking", help="Tracking number (one location only).")] = None,
    service: Annotated[str, typer.Option("--service", help="The carrier's service.")] = "",
    cost: Annotated[str, typer.Option("--cost", help="What the carrier charges a parcel, decimal.")] = "0",
    location: Annotated[str | None, typer.Option("--location", help="Only this location's work.")] = None,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Ship each location's open work as one parcel and return the parcels."""
    from oms_core.fulfilment import commands, queries
    from oms_core.inventory.queries import location_of
    from oms_core.kernel.errors import Refused
    from oms_core.kernel.money import to_minor
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        place = location_of(session, location).id if location else None
        works = queries.open_work(session, order.id, location_id=place)
        if not works:
            raise Refused("shipment.nothing_open", f"Order {order.number} has no open work to ship.", "Allocate it.")
        if tracking and len(works) > 1:
            raise Refused("shipment.one_number", "One tracking number names one parcel.", "Name one --location.")
        for work in works:
            commands.ship(
                session, fulfillment_order_id=work, carrier=carrier, tracking_number=tracking, service=service,
                cost_minor=to_minor(cost, order.currency), zone=workspace.shop.zone, actor=actor,
            )  # fmt: skip
        return queries.shipments_of(session, order.id)


def deliver(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> list[dict[str, Any]]:
    """Book the delivery of every parcel still on its way and return the parcels."""
    from oms_core.fulfilment import commands, queries
    from oms_core.orders.queries import order_named

    with door.workspace().transaction() as session:
        order = order_named(session, number)
        for parcel in queries.shipments_of(session, order.id):
            if parcel["state"] not in {"delivered", "voided"}:
                commands.deliver(session, shipment_id=parcel["id"], actor=actor)
        return queries.shipments_of(session, order.id)


def cancel(
    door: Door,
    *,
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the journal.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Cancel and return the order's axes."""
    from oms_core.orders.commands import cancel_order
    from oms_core.orders.queries import axes_of, order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        cancel_order(session, order.id, reason=reason, actor=actor, zone=workspace.shop.zone)
        session.refresh(order)
        return {"number": order.number, **axes_of(order)}
