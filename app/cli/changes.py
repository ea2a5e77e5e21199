"""`ordersight changes`: preview, propose, confirm and decline changes of placed orders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption, NumberArgument

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order

ChangeArgument = Annotated[str, typer.Argument(help="Number of the change, such as CH-000001.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the journal.")]
FileOption = Annotated[Path | None, typer.Option("--file", help="Actions as a JSON list; - reads input.")]
AddOption = Annotated[list[str] | None, typer.Option("--add", help="SKU=UNITS or SKU=UNITS@PRICE.")]
RemoveOption = Annotated[list[str] | None, typer.Option("--remove", help="A line: its position or SKU.")]
QuantityOption = Annotated[list[str] | None, typer.Option("--quantity", help="LINE=UNITS.")]
PriceOption = Annotated[list[str] | None, typer.Option("--price", help="LINE=PRICE of one unit.")]
DiscountOption = Annotated[list[str] | None, typer.Option("--discount", help="LINE=AMOUNT, or AMOUNT for the order.")]
ShippingOption = Annotated[str | None, typer.Option("--shipping", help="What the customer pays for carriage.")]
AddressOption = Annotated[list[str] | None, typer.Option("--address", help="FIELD=VALUE: name, line1, city, …")]
AdjustOption = Annotated[list[str] | None, typer.Option("--adjust", help="KIND=AMOUNT: fee, tax, manual, gift_card.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="changes", help="Change placed orders: see the effect first, then confirm or decline.")
    command(group, "preview", help="Show what a change would do to stock and money; writes nothing.")(preview)
    command(group, "propose", help="Propose a change; it waits with its preview until someone decides.")(propose)
    command(group, "confirm", help="Do what was proposed: lines, promises and money in one transaction.")(confirm)
    command(group, "decline", help="Refuse a proposed change.")(decline)
    command(group, "cancel", help="Withdraw a proposed change.")(cancel)
    command(group, "show", help="Show one change with its actions and preview.")(show)
    command(group, "list", help="List the newest changes.")(list_)
    app.add_typer(group)


def preview(
    door: Door,
    *,
    number: NumberArgument,
    file: FileOption = None,
    add: AddOption = None,
    remove: RemoveOption = None,
    quantity: QuantityOption = None,
    price: PriceOption = None,
    discount: DiscountOption = None,
    shipping: ShippingOption = None,
    address: AddressOption = None,
    adjust: AdjustOption = None,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return every total before and after and each line's promises; as a table the lines."""
    from app.cli.change_words import in_decimals
    from oms_core.order_changes import commands
    from oms_core.orders.queries import order_named

    given = _given(add, remove, quantity, price, discount, shipping, address, adjust)
    with door.workspace().reading() as session:
        order = order_named(session, number)
        actions = _actions(session, order, file, given)
        seen = in_decimals(commands.preview(session, order.id, actions), order.currency)
    return _answer(door, {"number": order.number, **seen})


def propose(
    door: Door,
    *,
    number: NumberArgument,
    file: FileOption = None,
    add: AddOption = None,
    remove: RemoveOption = None,
    quantity: QuantityOption = None,
    price: PriceOption = None,
    discount: DiscountOption = None,
    shipping: ShippingOption = None,
    address: AddressOption = None,
    adjust: AdjustOption = None,
    confirm_now: Annotated[bool, typer.Option("--confirm", help="Confirm it at once.")] = False,
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Keep the change with its preview, and do it at once with --confirm."""
    from oms_core.backorders.commands import confirm_change
    from oms_core.order_changes import commands
    from oms_core.orders.queries import order_named

    given = _given(add, remove, quantity, price, discount, shipping, address, adjust)
    workspace = door.workspace()
    zone = workspace.shop.zone
    with workspace.transaction() as session:
        order = order_named(session, number)
        actions = _actions(session, order, file, given)
        change = commands.propose(session, order.id, actions, zone=zone, actor=actor, reason=reason)
        if confirm_now:
            confirm_change(session, change.id, zone=zone, actor=actor)
        return _told(session, change.number)


def confirm(door: Door, number: ChangeArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Do the change and return it."""
    from oms_core.backorders.commands import confirm_change
    from oms_core.order_changes.queries import change_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        confirm_change(session, change_named(session, number).id, zone=workspace.shop.zone, actor=actor)
        return _told(session, number)


def decline(
    door: Door, *, number: ChangeArgument, reason: ReasonOption = "", actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Refuse the change and return it."""
    from oms_core.order_changes import commands, queries

    with door.workspace().transaction() as session:
        commands.decline(session, queries.change_named(session, number).id, actor=actor, reason=reason)
        return _told(session, number)


def cancel(
    door: Door, *, number: ChangeArgument, reason: ReasonOption = "", actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Withdraw the change and return it."""
    from oms_core.order_changes import commands, queries

    with door.workspace().transaction() as session:
        commands.cancel(session, queries.change_named(session, number).id, actor=actor, reason=reason)
        return _told(session, number)


def show(door: Door, number: ChangeArgument) -> dict[str, Any]:
    """Return one change."""
    with door.workspace().reading() as session:
        return _told(session, number)


def list_(
    door: Door,
    *,
    order: Annotated[str | None, typer.Option("--order", help="Only of this order.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="pending, confirmed, declined or cancelled.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many.")] = 50,
) -> list[dict[str, Any]]:
    """Return the newest changes."""
    from app.cli.change_words import in_decimals
    from oms_core.order_changes.queries import changes_list
    from oms_core.orders.queries import order_named

    with door.workspace().reading() as session:
        order_id = order_named(session, order).id if order else None
        rows = changes_list(session, order_id=order_id, state=state, limit=limit)
        return [in_decimals(row, row["currency"]) for row in rows]


def _given(*options: list[str] | str | None) -> dict[str, list[str]]:
    names = ("add", "remove", "quantity", "price", "discount", "shipping", "address", "adjust")
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in zip(names, options, strict=True)
        if value
    }


def _actions(session: Session, order: Order, file: Path | None, given: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the actions of the file, then those of the options."""
    from app.cli.change_words import documents_of, read_json
    from oms_core.order_changes.documents import actions_from

    documents = [*(read_json(file) if file else ()), *documents_of(given)]
    return actions_from(session, order, documents)


def _told(session: Session, number: str) -> dict[str, Any]:
    from app.cli.change_words import in_decimals
    from oms_core.order_changes.queries import change_named, change_record

    change = change_named(session, number)
    currency = change.preview["currency"]
    record: dict[str, Any] = in_decimals(change_record(session, change), currency)
    return record


def _answer(door: Door, seen: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the preview whole, or for a table its lines with the money told beside them."""
    if door.format == "json":
        return seen
    before, after = seen["money"]["before"], seen["money"]["after"]
    door.say(f"{seen['number']}: total {before['total']} → {after['total']} {seen['currency']}")
    door.say(f"Captured {seen['captured']}, due {seen['due']}, to be given back {seen['refundable']}")
    for warning in seen["warnings"]:
        door.say(warning)
    rows: list[dict[str, Any]] = seen["stock"]
    return rows
