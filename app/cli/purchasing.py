"""Draft, send, receive purchase orders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import purchase_control
from app.cli.door import Door, command
from app.cli.purchase_words import decimal_money, head, wish, write_paper

NumberArgument = Annotated[str, typer.Argument(help="Number of the purchase order, such as PO-1001.")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="en or pl; the shop's language if left out.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the journal.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does it, for the journal.")]
FileOption = Annotated[
    Path | None, typer.Option("--out", help="Write the order for the supplier: FILE.pdf, .csv, .xlsx or .edi.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="purchase-orders", help="Buy: draft, send and receive purchase orders.")
    command(group, "list", help="List purchase orders, newest first.")(list_)
    command(group, "show", help="Show one with its lines, receipts and timeline.")(show)
    command(group, "draft", help="Draft an order: --supplier CODE SKU=UNITS[@COST] …")(draft)
    command(group, "change", help="Change the units of one line of a draft; 0 takes it out.")(change)
    command(group, "send", own_out=True, help="Mark as sent and write the paper for the supplier.")(send)
    command(group, "document", own_out=True, help="Write the paper again without sending.")(document)
    command(group, "confirm", help="Record that the supplier accepted it.")(confirm)
    command(group, "reschedule", help="Write the day the supplier now says; promises move with it.")(reschedule)
    command(group, "receive", help="Take goods into stock: SKU=UNITS …, or everything still to come.")(receive)
    command(group, "cancel", help="Call off an order of which nothing has arrived.")(cancel)
    command(group, "close", help="Finish an order; what never came is called off.")(close)
    purchase_control.add(group)
    app.add_typer(group)
    purchase_control.register(app)


def list_(
    door: Door,
    state: Annotated[list[str] | None, typer.Option("--state", help="Only these states.")] = None,
    supplier: Annotated[str | None, typer.Option("--supplier", help="Code of a supplier.")] = None,
) -> list[dict[str, Any]]:
    """Return the purchase orders, money as decimal text beside its currency."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import names, queries
    from oms_core.purchasing.states import PURCHASE_ORDER

    for name in state or ():
        if name not in PURCHASE_ORDER.states:
            raise InvalidInput("state", name, f"one of {', '.join(PURCHASE_ORDER.states)}")
    with door.workspace().reading() as session:
        key = names.supplier_id(session, supplier) if supplier else None
        rows = queries.purchase_orders(session, states=state or (), supplier_id=key)
    return [decimal_money(row, row["currency"]) for row in rows]


def show(door: Door, number: NumberArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one order; as a table its lines, with the head told beside."""
    from oms_core.purchasing import queries

    with door.workspace().reading() as session:
        detail = queries.purchase_order_detail(session, queries.find(session, number))
    told = decimal_money(detail, detail["currency"])
    if door.format == "json":
        return told
    door.say(f"{told['number']}: {told['state']}, {told['supplier']['name']}, {told['total']} {told['currency']}")
    return [{k: v for k, v in line.items() if k != "receipt"} for line in told["lines"]]


def draft(
    door: Door,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS or SKU=UNITS@COST, one for each line.")],
    supplier: Annotated[str, typer.Option("--supplier", help="Code of the supplier.")],
    location: Annotated[str | None, typer.Option("--location", help="Code of the location it goes to.")] = None,
    note: Annotated[str, typer.Option("--note", help="Printed on the order.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Draft a purchase order; costs are the supplier's prices unless given."""
    from oms_core.catalog.tables import Supplier
    from oms_core.purchasing import commands, names

    with door.workspace().transaction() as session:
        key = names.supplier_id(session, supplier)
        currency = session.get_one(Supplier, key).currency
        wishes = [wish(text, currency) for text in lines]
        order = commands.draft_purchase_order(
            session,
            supplier_id=key,
            location_id=names.location_id(session, location),
            lines=names.new_lines(session, key, wishes),
            note=note,
            actor=actor,
        )
        return head(session, order.id)


def change(
    door: Door,
    number: NumberArgument,
    line: Annotated[str, typer.Argument(help="SKU=UNITS.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Change the units of one line."""
    from oms_core.purchasing import commands, names, queries

    sku, units, _ = wish(line, "")
    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        (line_id,) = names.arrived_lines(session, key, {sku: units})
        commands.change_quantity(session, purchase_order_id=key, line_id=line_id, quantity=units, actor=actor)
        return head(session, key)


def send(
    door: Door,
    number: NumberArgument,
    out: FileOption = None,
    language: LanguageOption = None,
    again: Annotated[str, typer.Option("--again", help="Why goods are ordered that a late order still brings.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Send: the paper is made first, so that an order is never sent without it."""
    from oms_core.purchasing import commands, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = queries.find(session, number)
        commands.send(session, purchase_order_id=key, zone=workspace.shop.zone, again=again, actor=actor)
        written = write_paper(session, key, workspace.shop, out, language)
        return head(session, key) | written


def document(
    door: Door,
    number: NumberArgument,
    out: Annotated[Path, typer.Option("--out", help="FILE.pdf, .csv, .xlsx or .edi.")],
    language: LanguageOption = None,
) -> dict[str, Any]:
    """Write the paper of an order as it stands."""
    from oms_core.purchasing import queries

    workspace = door.workspace()
    with workspace.reading() as session:
        key = queries.find(session, number)
        return head(session, key) | write_paper(session, key, workspace.shop, out, language)


def confirm(
    door: Door,
    number: NumberArgument,
    expected_on: Annotated[str | None, typer.Option("--expected-on", help="Day the supplier promised (ISO).")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Record the supplier's word."""
    from datetime import date

    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import commands, queries

    try:
        day = date.fromisoformat(expected_on) if expected_on else None
    except ValueError as error:
        raise InvalidInput("expected_on", expected_on, "a date such as 2010-12-20 was expected") from error
    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.confirm(session, purchase_order_id=key, expected_on=day, actor=actor)
        return head(session, key)


def receive(
    door: Door,
    number: NumberArgument,
    lines: Annotated[list[str] | None, typer.Argument(help="SKU=UNITS; all that is still to come if left out.")] = None,
    *,
    lot: Annotated[list[str] | None, typer.Option("--lot", help="SKU=LOT:EXPIRES:UNITS, one for each lot.")] = None,
    damaged: Annotated[list[str] | None, typer.Option("--damaged", help="SKU=UNITS:REASON among what came.")] = None,
    over: Annotated[list[str] | None, typer.Option("--over", help="SKU=UNITS:REASON kept beyond the order.")] = None,
    short: Annotated[list[str] | None, typer.Option("--short", help="SKU=UNITS:REASON on the note, not there.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Take goods into stock; orders that wait for them get them first."""
    from app.cli.purchase_words import new_lots, new_remarks
    from oms_core.backorders.commands import receive as receive_and_fill
    from oms_core.purchasing import names, queries

    units: dict[str, int] = {}
    for text in lines or ():
        sku, n, _ = wish(text, "")
        units[sku] = units.get(sku, 0) + n
    workspace = door.workspace()
    with workspace.transaction() as session:
        key = queries.find(session, number)
        arrived = names.arrived_lines(session, key, units)
        differs = {"damaged": damaged, "over": over, "short": short}
        receipt = receive_and_fill(
            session, purchase_order_id=key, lines=arrived, zone=workspace.shop.zone, actor=actor,
            lots=new_lots(session, key, lot or ()),
            remarks=[r for kind, told in differs.items() for r in new_remarks(session, key, kind, told or ())],
        )  # fmt: skip
        return head(session, key) | {"receipt": receipt.number, "units": sum(arrived.values())}


def reschedule(
    door: Door,
    number: NumberArgument,
    expected_on: Annotated[str, typer.Option("--expected-on", help="Day the supplier now says (ISO).")],
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Move the day; what was promised from the order moves with it."""
    from app.cli.purchase_words import day_of
    from oms_core.backorders.commands import repromise
    from oms_core.purchasing import commands, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        key, day = queries.find(session, number), day_of("expected_on", expected_on)
        commands.reschedule(session, purchase_order_id=key, expected_on=day, reason=reason, actor=actor)
        moved = repromise(session, zone=workspace.shop.zone, actor=actor)
        return head(session, key) | {"promises_moved": moved}


def cancel(door: Door, number: NumberArgument, reason: ReasonOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Call the order off."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.cancel(session, purchase_order_id=key, reason=reason, actor=actor)
        return head(session, key)


def close(door: Door, number: NumberArgument, reason: ReasonOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Finish the order."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.close(session, purchase_order_id=key, reason=reason, actor=actor)
        return head(session, key)
