"""Receivables and payables: what is open, how old, statements, matches; suppliers' bills."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption, ReasonOption, amount, customer_id, day, decimals

SideOption = Annotated[str, typer.Option("--side", help="receivable or payable.")]
OnOption = Annotated[str | None, typer.Option("--on", help="As of this day (ISO); today when left out.")]
BillArgument = Annotated[str, typer.Argument(help="Our number of the bill, such as SI-1001.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="ledger", help="Who owes whom: open documents, ageing, statements, suppliers' bills.")
    command(group, "open", help="List documents with something open, oldest due first.")(open_)
    command(group, "ageing", help="Open amounts by party in buckets of age.")(ageing)
    command(group, "statement", help="A customer's account over a period.")(statement)
    command(group, "settle", help="Take new payments of invoiced orders in and match them.")(settle)
    command(group, "match", help="Settle a claim by a payment or credit of the same account.")(match)
    command(group, "matches", help="List what a ledger entry was matched with.")(matches)
    command(group, "unmatch", help="Take a match back; both entries are open again.")(unmatch)
    command(group, "bills", help="List suppliers' bills, newest first.")(bills)
    command(group, "bill", help="Enter a supplier's bill: PO-1001 SKU=UNITS@COST …")(bill)
    command(group, "check-bill", help="Lay a bill beside its order and receipts; name every difference.")(check_bill)
    command(group, "approve-bill", help="Approve a bill; with --accept although it differs.")(approve_bill)
    command(group, "dispute-bill", help="Set a bill aside until the supplier has answered.")(dispute_bill)
    command(group, "cancel-bill", help="Throw away a bill that was entered wrongly or taken back.")(cancel_bill)
    command(group, "pay-bill", help="Book money sent for a bill: all that is open, or a part.")(pay_bill)
    app.add_typer(group)


def _today(door: Door, on: str | None) -> Any:
    from oms_core.kernel import clock

    workspace = door.workspace()
    return workspace, day(on, "on") or clock.business_date(clock.now(), workspace.shop.zone)


def open_(door: Door, side: SideOption = "receivable", on: OnOption = None) -> list[dict[str, Any]]:
    """Return open documents."""
    from oms_core.finance.ageing import open_entries

    workspace, today = _today(door, on)
    with workspace.reading() as session:
        return decimals(open_entries(session, side=side, today=today))


def ageing(door: Door, side: SideOption = "receivable", on: OnOption = None) -> list[dict[str, Any]]:
    """Return the ageing, largest first."""
    from oms_core.finance.ageing import ageing as aged

    workspace, today = _today(door, on)
    with workspace.reading() as session:
        return decimals(aged(session, side=side, today=today))


def statement(
    door: Door,
    *,
    customer: Annotated[str, typer.Argument(help="Number or e-mail of the customer.")],
    since: Annotated[str, typer.Option("--since", help="First day (ISO).")],
    until: Annotated[str | None, typer.Option("--until", help="Last day (ISO); today when left out.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="The shop's when left out.")] = None,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return opening, documents with running balance, closing; as a table the documents."""
    from oms_core.finance.ageing import statement as told_of

    workspace, last = _today(door, until)
    with workspace.reading() as session:
        found = told_of(
            session, party=f"C:{customer_id(session, customer)}", currency=currency or workspace.shop.currency,
            since=day(since, "since") or last, until=last,
        )  # fmt: skip
    (told,) = decimals([found])
    if door.format == "json":
        return told
    door.say(f"{customer}: {told['opening']} at the start, {told['closing']} {told['currency']} on {last}")
    return list(told["entries"])


def settle(door: Door, actor: ActorOption = "cli") -> dict[str, Any]:
    """Return how many orders were settled."""
    from oms_core.finance.commands import settle as run

    with door.workspace().transaction() as session:
        return {"orders": run(session, actor=actor)}


def match(
    door: Door,
    *,
    claim: Annotated[int, typer.Argument(help="Id of the claim (see: ledger open).")],
    settling: Annotated[int, typer.Argument(help="Id of the payment or credit.")],
    money: Annotated[str | None, typer.Option("--amount", help="Decimal; as much as fits when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Match and return the amount."""
    from oms_core.finance.commands import match as run
    from oms_core.finance.ledger_tables import LedgerEntry
    from oms_core.kernel.errors import NotFound

    with door.workspace().transaction() as session:
        entry = session.get(LedgerEntry, claim)
        if entry is None:
            raise NotFound("open ledger entry", claim, hint="See: ordersight ledger open")
        wanted = amount(money, entry.currency) if money else None
        minor = run(session, claim_id=claim, settling_id=settling, amount_minor=wanted, actor=actor)
        (told,) = decimals([{"matched_minor": minor, "currency": entry.currency}])
        return told


def matches(
    door: Door, entry: Annotated[int, typer.Argument(help="Id of the entry (see: ledger open).")]
) -> list[dict[str, Any]]:
    """Return its matches, oldest first."""
    from oms_core.finance.matches import matches_of

    with door.workspace().reading() as session:
        return decimals(matches_of(session, entry))


def unmatch(
    door: Door, *, number: Annotated[int, typer.Argument(help="Id of the match (see: ledger matches).")],
    reason: ReasonOption, actor: ActorOption = "cli",
) -> dict[str, Any]:  # fmt: skip
    """Take it back and return it as it was."""
    from oms_core.finance.matches import unmatch as run

    with door.workspace().transaction() as session:
        (told,) = decimals([run(session, number, reason=reason, actor=actor)])
        return told


def bills(
    door: Door, state: Annotated[str | None, typer.Option("--state", help="Only this state.")] = None
) -> list[dict[str, Any]]:
    """Return the bills."""
    from oms_core.finance.queries import supplier_invoices_list

    with door.workspace().reading() as session:
        return decimals(supplier_invoices_list(session, state=state))


def bill(
    door: Door,
    *,
    number: Annotated[str, typer.Argument(help="Number of the purchase order, such as PO-1001.")],
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS@COST as billed, one for each line.")],
    supplier_number: Annotated[str, typer.Option("--number", help="The number on the supplier's paper.")],
    issued_on: Annotated[str, typer.Option("--issued-on", help="Day on the paper (ISO).")],
    tax: Annotated[str, typer.Option("--tax", help="Tax on the paper, decimal.")] = "0",
    currency: Annotated[str | None, typer.Option("--currency", help="Refused when it is not the order's.")] = None,
    due_on: Annotated[str | None, typer.Option("--due-on", help="Day (ISO); by the supplier's terms if none.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Enter the bill and return it with its differences."""
    from app.cli.purchase_words import wish
    from oms_core.finance import commands
    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import names, queries
    from oms_core.purchasing.tables import PurchaseOrder

    on = day(issued_on, "issued_on")
    if on is None:
        raise InvalidInput("issued_on", issued_on, "the day on the paper")
    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        own = session.get_one(PurchaseOrder, key).currency
        wishes = {sku: (units, cost) for sku, units, cost in (wish(text, own) for text in lines)}
        by_line = names.arrived_lines(session, key, {sku: units for sku, (units, _) in wishes.items()})
        billed = [
            commands.BilledLine(line_id, units, _cost(sku, cost))
            for (line_id, units), (sku, (_, cost)) in zip(by_line.items(), wishes.items(), strict=True)
        ]
        made = commands.enter_supplier_invoice(
            session, purchase_order_id=key, supplier_number=supplier_number, issued_on=on, lines=billed,
            tax_minor=amount(tax, own), currency=currency, due_on=day(due_on, "due_on"), actor=actor,
        )  # fmt: skip
        return _told(session, made.id)


def _cost(sku: str, cost: int | None) -> int:
    from oms_core.kernel.errors import InvalidInput

    if cost is None:
        raise InvalidInput("line", sku, "the billed cost of one unit", f"Give it: {sku}=10@5.20")
    return cost


def _told(session: Any, key: int) -> dict[str, Any]:
    """Return a bill in one row with its differences as sentences."""
    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.supplier_invoices import find_differences

    found = session.get(SupplierInvoice, key)
    names = ("number", "supplier_number", "state", "net_minor", "tax_minor", "gross_minor", "currency", "due_on")
    said = [d.sentence for d in find_differences(session, key)]
    (told,) = decimals([{name: getattr(found, name) for name in names}])
    return told | {"differences": said}


def check_bill(door: Door, number: BillArgument) -> list[dict[str, Any]]:
    """Return every difference; none when the bill fits. Status 1 when it differs."""
    from dataclasses import asdict

    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.queries import supplier_invoice_named
    from oms_core.finance.supplier_invoices import find_differences

    with door.workspace().reading() as session:
        key = supplier_invoice_named(session, number)
        currency = session.get_one(SupplierInvoice, key).currency
        said = [asdict(d) | {"currency": currency} for d in find_differences(session, key)]
    door.status = 1 if said else 0
    return decimals(said)


def approve_bill(
    door: Door,
    *,
    number: BillArgument,
    accept: Annotated[str, typer.Option("--accept", help="Why differences are accepted.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Approve and return the bill."""
    from oms_core.finance.commands import approve_supplier_invoice
    from oms_core.finance.queries import supplier_invoice_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = supplier_invoice_named(session, number)
        approve_supplier_invoice(session, supplier_invoice_id=key, accept=accept, zone=workspace.shop.zone, actor=actor)
        return _told(session, key)


def dispute_bill(
    door: Door, *, number: BillArgument, reason: ReasonOption, actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Dispute and return the bill."""
    from oms_core.finance.commands import dispute_supplier_invoice
    from oms_core.finance.queries import supplier_invoice_named

    with door.workspace().transaction() as session:
        key = supplier_invoice_named(session, number)
        dispute_supplier_invoice(session, supplier_invoice_id=key, reason=reason, actor=actor)
        return _told(session, key)


def cancel_bill(
    door: Door, *, number: BillArgument, reason: ReasonOption, actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Cancel and return the bill."""
    from oms_core.finance.commands import cancel_supplier_invoice
    from oms_core.finance.queries import supplier_invoice_named

    with door.workspace().transaction() as session:
        key = supplier_invoice_named(session, number)
        cancel_supplier_invoice(session, supplier_invoice_id=key, reason=reason, actor=actor)
        return _told(session, key)


def pay_bill(
    door: Door,
    *,
    number: BillArgument,
    money: Annotated[str | None, typer.Option("--amount", help="Decimal; all that is open when left out.")] = None,
    reference: Annotated[str, typer.Option("--reference", help="The bank's reference.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Pay and return the bill."""
    from oms_core.finance.commands import pay_supplier_invoice
    from oms_core.finance.cost_tables import SupplierInvoice
    from oms_core.finance.queries import supplier_invoice_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = supplier_invoice_named(session, number)
        own = session.get_one(SupplierInvoice, key).currency
        pay_supplier_invoice(
            session, supplier_invoice_id=key, amount_minor=amount(money, own) if money else None, reference=reference,
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return _told(session, key)
