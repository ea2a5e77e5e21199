"""Money of orders: what is due, store credit, couriers' lists, over- and under-payment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption, ReasonOption, amount, customer_id, decimals, read_rows
from app.cli.order_words import NumberArgument

CustomerArgument = Annotated[str, typer.Argument(help="Number or e-mail of the customer.")]
CarrierOption = Annotated[str, typer.Option("--carrier", help="Code of the carrier, such as inpost.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="payments", help="Money of orders: due, over-paid, store credit, cash on delivery.")
    command(group, "show", help="Show what an order owes and every movement of its money.")(show)
    command(group, "book", help="Book one movement: authorize, capture, void or refund.")(book)
    command(group, "refund-overpaid", help="Give back what was paid beyond the total, the way it came.")(
        refund_overpaid
    )
    command(group, "write-off", help="Forgive a small rest, with a reason.")(write_off)
    command(group, "credit", help="Show a customer's store credit.")(credit)
    command(group, "issue-credit", help="Give a customer store credit.")(issue_credit)
    command(group, "spend-credit", help="Pay an order from its customer's store credit.")(spend_credit)
    command(group, "remittance", help="Book a courier's cash-on-delivery list from a CSV.")(remittance)
    command(group, "missing", help="Delivered parcels whose cash on delivery has not come.")(missing)
    app.add_typer(group)


def show(door: Door, number: NumberArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the order's balance; as a table its payments, with the balance told beside."""
    from oms_core.orders.queries import order_named
    from oms_core.payments.queries import balance_record, payments_of

    with door.workspace().reading() as session:
        order = order_named(session, number)
        balance, rows = balance_record(session, order.id), payments_of(session, order.id)
        state = {"shop_total": None, "shop_currency": order.shop_currency, "shop_rate": order.shop_rate}
        if order.shop_total_minor is not None and order.shop_currency:
            from oms_core.kernel.money import to_decimal

            state["shop_total"] = str(to_decimal(order.shop_total_minor, order.shop_currency))
    record = {"number": number, "payment_status": order.payment_status, **balance, **state}
    if door.format == "json":
        return record | {"payments": rows}
    for name, value in record.items():
        door.say(f"{name}: {value}")
    if order.shop_total_minor is None:
        door.say("No exchange rate was published for the order's day: its value in the shop's money is not known.")
    return rows


def book(
    door: Door,
    *,
    number: NumberArgument,
    kind: Annotated[str, typer.Option("--kind", help="authorize, capture, void or refund.")],
    money: Annotated[str, typer.Option("--amount", help="Decimal, in the order's currency.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Where the money moved.")],
    currency: Annotated[str | None, typer.Option("--currency", help="Refused when it is not the order's.")] = None,
    parent: Annotated[int | None, typer.Option("--parent", help="Id of the payment it acts on.")] = None,
    external_id: Annotated[str | None, typer.Option("--external-id", help="The gateway's id; twice is once.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Book it and return the order's balance."""
    from oms_core.orders.queries import order_named
    from oms_core.payments.commands import pay

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        paid = pay(
            session, order_id=order.id, kind=kind, amount_minor=amount(money, currency or order.currency),
            gateway=gateway, external_id=external_id, parent_id=parent, currency=currency,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return {"id": paid.id, "parent_id": paid.parent_id, **_after(session, order.id, order.number)}


def _after(session: Any, order_id: int, number: str) -> dict[str, Any]:
    """Settle the order's ledger and return its balance."""
    from oms_core.finance.commands import settle_orders
    from oms_core.payments.queries import balance_record

    settle_orders(session, [order_id])
    return {"number": number, **balance_record(session, order_id)}


def refund_overpaid(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Give it back and return the balance."""
    from oms_core.orders.queries import order_named
    from oms_core.payments import settling

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        settling.refund_overpaid(session, order_id=order.id, zone=workspace.shop.zone, actor=actor)
        return _after(session, order.id, order.number)


def write_off(
    door: Door,
    *,
    number: NumberArgument,
    reason: ReasonOption,
    limit: Annotated[str, typer.Option("--limit", help="The most you may forgive, decimal.")] = "5.00",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Forgive the rest and return the balance."""
    from oms_core.orders.queries import order_named
    from oms_core.payments import settling

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        settling.write_off(
            session, order_id=order.id, reason=reason, limit_minor=amount(limit, order.currency),
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return _after(session, order.id, order.number)


def credit(door: Door, customer: CustomerArgument) -> list[dict[str, Any]]:
    """Return every change with the running balance."""
    from oms_core.payments.queries import credit_entries

    with door.workspace().reading() as session:
        return credit_entries(session, customer_id(session, customer))


def issue_credit(
    door: Door,
    *,
    customer: CustomerArgument,
    money: Annotated[str, typer.Option("--amount", help="Decimal; below zero takes back what was given wrongly.")],
    reason: ReasonOption,
    currency: Annotated[str | None, typer.Option("--currency", help="The shop's when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Give it and return the new balance."""
    from oms_core.kernel.money import to_decimal
    from oms_core.payments import credit as room

    workspace = door.workspace()
    own = currency or workspace.shop.currency
    with workspace.transaction() as session:
        after = room.issue_credit(
            session, customer_id=customer_id(session, customer), amount_minor=amount(money, own), currency=own,
            reason=reason, actor=actor,
        )  # fmt: skip
    return {"customer": customer, "balance": to_decimal(after, own), "currency": own}


def spend_credit(
    door: Door,
    *,
    number: NumberArgument,
    money: Annotated[str | None, typer.Option("--amount", help="Decimal; everything due when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Spend it and return the order's balance."""
    from oms_core.orders.queries import order_named
    from oms_core.payments import settling

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        minor = amount(money, order.currency) if money else None
        settling.spend_credit(session, order_id=order.id, amount_minor=minor, zone=workspace.shop.zone, actor=actor)
        return _after(session, order.id, order.number)


def remittance(
    door: Door,
    *,
    file: Annotated[Path, typer.Argument(help="CSV with the columns parcel (or order) and amount.")],
    carrier: CarrierOption,
    reference: Annotated[str, typer.Option("--reference", help="The list's own name; twice is once.")],
    currency: Annotated[str | None, typer.Option("--currency", help="The shop's when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any] | list[dict[str, Any]]:
    """Book the list; as a table its rows, with what is missing told beside."""
    from oms_core.finance.commands import settle
    from oms_core.payments.cod import Remitted, book_remittance

    workspace = door.workspace()
    own = currency or workspace.shop.currency
    rows = [
        Remitted(row.get("parcel") or row.get("order", ""), amount(row["amount"], row.get("currency") or own),
                 row.get("currency") or own)
        for row in read_rows(file, ["amount"])
    ]  # fmt: skip
    with workspace.transaction() as session:
        said = book_remittance(
            session, carrier=carrier, reference=reference, rows=rows, zone=workspace.shop.zone, actor=actor
        )
        settle(session, actor=actor)
    (told,) = decimals([said])
    if door.format == "json":
        return told
    door.say(f"{carrier} {reference}: {told['booked']} of {told['total']} {told['currency']} booked.")
    for parcel in told["missing"]:
        door.say(f"Missing: {parcel['tracking_number'] or parcel['order']}, {parcel['expected']} {parcel['currency']}")
    return list(told["rows"])


def missing(door: Door, carrier: CarrierOption) -> list[dict[str, Any]]:
    """Return the parcels, oldest delivery first."""
    from oms_core.payments import cod_reading

    with door.workspace().reading() as session:
        return decimals(cod_reading.missing(session.connection(), carrier))
