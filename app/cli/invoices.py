"""Sales invoices: draft, issue, correct, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption, ReasonOption, amount, decimals

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.finance.commands import Buyer, Part

OrderArgument = Annotated[str, typer.Argument(help="Number of the order, such as OS-000001.")]
InvoiceArgument = Annotated[str, typer.Argument(help="Number of the invoice, such as FV/2026/00001, or of its order.")]
BuyerOption = Annotated[str, typer.Option("--buyer", help="Name on the invoice; the order's when left out.")]
TaxIdOption = Annotated[str, typer.Option("--tax-id", help="Buyer's NIP or EU VAT number; none for a private person.")]
AddressOption = Annotated[str, typer.Option("--address", help="Buyer's address; the order's when left out.")]
PaperOption = Annotated[Path, typer.Option("--out", help="FILE.pdf or FILE.csv.")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="en or pl; the shop's language if left out.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="invoices", help="Sales invoices and corrections, numbered without gaps.")
    command(group, "list", help="List invoices, newest first.")(list_)
    command(group, "show", help="Show one with its lines and tax rates.")(show)
    command(group, "draft", help="Write the draft of an order's invoice.")(draft)
    command(group, "issue", help="Issue the invoice of an order or a part of it; asked twice it is the same.")(issue)
    command(group, "left", help="What of an order is invoiced, and what is left.")(left)
    command(group, "correct-return", help="Issue the correction of a return.")(correct_return)
    command(group, "correct-order", help="Bring an invoice to what its changed order says now.")(correct_order)
    command(group, "correct", help="Correct lines: POSITION=UNITS:NET:TAX, or the buyer.")(correct)
    command(group, "document", own_out=True, help="Write the paper as PDF or CSV.")(document)
    command(group, "seller", help="Say who sells: name, NIP, address, account, tax held in prices.")(seller)
    app.add_typer(group)


def list_(
    door: Door,
    state: Annotated[str | None, typer.Option("--state", help="draft, issued or corrected.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="invoice or correction.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 50,
) -> list[dict[str, Any]]:
    """Return the invoices, money as decimal text beside its currency."""
    from oms_core.finance.queries import invoices_list

    with door.workspace().reading() as session:
        return decimals(invoices_list(session, state=state, kind=kind, limit=limit))


def show(door: Door, number: InvoiceArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one invoice; as a table its lines."""
    from oms_core.finance.queries import invoice_detail, invoice_named

    with door.workspace().reading() as session:
        (told,) = decimals([invoice_detail(session, invoice_named(session, number))])
    if door.format == "json":
        return told
    door.say(f"{told['number'] or 'draft'} ({told['state']}): {told['buyer_name']}, {told['gross']} {told['currency']}")
    return list(told["lines"])


def _buyer(name: str, tax_id: str, address: str) -> Buyer | None:
    from oms_core.finance.commands import Buyer

    return Buyer(name=name, tax_id=tax_id, address=address) if name or tax_id or address else None


def draft(
    door: Door, *, number: OrderArgument, buyer: BuyerOption = "", tax_id: TaxIdOption = "",
    address: AddressOption = "", actor: ActorOption = "cli",
) -> dict[str, Any]:  # fmt: skip
    """Write the draft and return its head."""
    from oms_core.finance.commands import draft_invoice
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        given = _buyer(buyer, tax_id, address)
        made = draft_invoice(session, workspace.shop, order_id=order.id, buyer=given, actor=actor)
        return _head(session, made.id)


def issue(
    door: Door,
    *,
    number: OrderArgument,
    buyer: BuyerOption = "",
    tax_id: TaxIdOption = "",
    address: AddressOption = "",
    due_days: Annotated[int | None, typer.Option("--due-days", min=0, help="The shop's when left out.")] = None,
    units: Annotated[list[str] | None, typer.Option("--units", help="SKU=UNITS to invoice; all left if none.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Only what was shipped and is on no invoice.")] = False,
    shipment: Annotated[str, typer.Option("--shipment", help="Only what is in this parcel.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Issue and return its head."""
    from oms_core.finance.commands import issue_invoice
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        given = _buyer(buyer, tax_id, address)
        made = issue_invoice(
            session,
            workspace.shop,
            order_id=order.id,
            buyer=given,
            due_days=due_days,
            part_of=_part(session, order.id, units or [], shipment, shipped=shipped),
            actor=actor,
        )
        return _head(session, made.id)


def _part(session: Session, order_id: int, units: list[str], shipment: str, *, shipped: bool) -> Part | None:
    """Return the part of an order that is meant; None is all that is left."""
    import sqlalchemy as sa

    from app.cli.order_words import sku_units
    from oms_core.finance.commands import Part
    from oms_core.fulfilment.listing import shipment_named
    from oms_core.kernel.errors import InvalidInput, NotFound
    from oms_core.orders.tables import OrderLine

    if bool(units) + bool(shipment) + shipped > 1:
        raise InvalidInput("units", units, "--units, --shipment or --shipped: one of them", code="invoice.which_part")
    if shipment:
        found = shipment_named(session, shipment)
        if found.order_id != order_id:
            raise NotFound("shipment", shipment, hint="It is not of this order.")
        return Part(shipment_id=found.id)
    if not units:
        return Part(shipped=True) if shipped else None
    rows = session.execute(sa.select(OrderLine.sku, OrderLine.id).where(OrderLine.order_id == order_id))
    known = {row[0]: row[1] for row in rows}
    wanted: dict[int, int] = {}
    for sku, n in map(sku_units, units):
        if sku not in known:
            raise NotFound("order line", sku, known)
        wanted[known[sku]] = wanted.get(known[sku], 0) + n
    return Part(wanted)


def left(door: Door, number: OrderArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return what of an order is invoiced and what is left; as a table the lines."""
    from oms_core.finance.invoicing import invoicing_state
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.reading() as session:
        (told,) = decimals([invoicing_state(session, workspace.shop, order_named(session, number).id)])
    if door.format == "json":
        return told
    door.say(f"{told['invoiced']} of {told['ordered']} {told['currency']} invoiced, {told['left']} left")
    for one in told["invoices"]:
        door.say(f"{one['number']} {one['issued_on']}")
    return list(told["lines"])


def correct_return(
    door: Door, number: Annotated[str, typer.Argument(help="Number of the return.")], actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Correct and return the correction's head."""
    import sqlalchemy as sa

    from oms_core.finance.commands import correct_for_return
    from oms_core.kernel.errors import NotFound
    from oms_core.returns.tables import Return

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = session.scalar(sa.select(Return.id).where(Return.number == number))
        if key is None:
            raise NotFound("return", number, session.scalars(sa.select(Return.number).limit(500)).all())
        return _head(session, correct_for_return(session, workspace.shop, return_id=key, actor=actor).id)


def correct_order(
    door: Door, *, number: OrderArgument, reason: ReasonOption, actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Correct and return the correction's head."""
    from oms_core.finance.commands import correct_for_order
    from oms_core.orders.queries import order_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        order = order_named(session, number)
        made = correct_for_order(session, workspace.shop, order_id=order.id, reason=reason, actor=actor)
        return _head(session, made.id)


def correct(
    door: Door,
    *,
    number: InvoiceArgument,
    lines: Annotated[list[str] | None, typer.Argument(help="POSITION=UNITS:NET:TAX as it should be.")] = None,
    reason: ReasonOption,
    buyer: BuyerOption = "",
    tax_id: TaxIdOption = "",
    address: AddressOption = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Correct and return the correction's head."""
    from oms_core.finance.commands import correct_invoice
    from oms_core.finance.queries import invoice_detail, invoice_named

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = invoice_named(session, number)
        currency = invoice_detail(session, key)["currency"]
        values = dict(_value(text, currency) for text in lines or ())
        made = correct_invoice(
            session, workspace.shop, invoice_id=key, lines=values, buyer=_buyer(buyer, tax_id, address), reason=reason,
            actor=actor,
        )  # fmt: skip
        return _head(session, made.id)


def _value(text: str, currency: str) -> tuple[int, Any]:
    from oms_core.finance.commands import NewValue
    from oms_core.kernel.errors import InvalidInput

    position, _, rest = text.partition("=")
    parts = rest.split(":")
    if not (position.isdecimal() and len(parts) == 3 and parts[0].isdecimal()):
        raise InvalidInput("line", text, "POSITION=UNITS:NET:TAX was expected", "For example: 1=2:20.00:4.60")
    return int(position), NewValue(int(parts[0]), amount(parts[1], currency), amount(parts[2], currency))


def document(door: Door, number: InvoiceArgument, out: PaperOption, language: LanguageOption = None) -> dict[str, Any]:
    """Write the paper of an invoice or correction."""
    from app.documents import invoice as paper
    from app.documents.saving import save
    from oms_core.finance.queries import invoice_detail, invoice_named

    workspace = door.workspace()
    with workspace.reading() as session:
        detail = invoice_detail(session, invoice_named(session, number))
        data = paper.render(detail, workspace.shop, suffix=out.suffix, language=language)
        return _head(session, detail["id"]) | {"file": str(out), "bytes": save(out, data)}


def seller(
    door: Door,
    *,
    name: Annotated[str | None, typer.Option("--name", help="Legal name.")] = None,
    tax_id: Annotated[str | None, typer.Option("--tax-id", help="The shop's NIP or EU VAT number.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Registered address, one line.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="Bank account (IBAN).")] = None,
    due_days: Annotated[int | None, typer.Option("--due-days", min=0, help="Days until an invoice is due.")] = None,
    included_tax: Annotated[
        str | None, typer.Option("--included-tax", help="Percent that prices hold, such as 23; empty for none.")
    ] = None,
    when_shipped: Annotated[
        bool | None, typer.Option("--when-shipped/--by-hand", help="Invoice each parcel that leaves from now on.")
    ] = None,
) -> dict[str, Any]:
    """Keep what is given and return the seller as invoices name it."""
    from dataclasses import replace

    from oms_core.finance.parties import checked_tax_id
    from oms_core.kernel.settings import save_shop, stored_shop

    given: dict[str, Any] = {
        "legal_name": name, "tax_id": checked_tax_id(tax_id) if tax_id else tax_id, "address": address,
        "bank_account": account, "invoice_due_days": due_days, "included_tax_percent": included_tax,
        "invoice_shipped_since": None if when_shipped is None else _since(on=when_shipped),
    }  # fmt: skip
    with door.workspace().transaction() as session:
        shop = replace(stored_shop(session), **{k: v for k, v in given.items() if v is not None})
        save_shop(session, shop)
    return {key: getattr(shop, key) for key in given}


def _since(*, on: bool) -> str:
    from oms_core.kernel import clock

    return clock.now().isoformat() if on else ""


def _head(session: Any, invoice_id: int) -> dict[str, Any]:
    from oms_core.finance.queries import invoice_detail

    detail = invoice_detail(session, invoice_id)
    names = (
        "number", "kind", "state", "order", "corrects", "buyer_name", "buyer_tax_id", "net_minor", "tax_minor",
        "gross_minor", "currency", "issued_on", "due_on",
    )  # fmt: skip
    (told,) = decimals([{name: detail[name] for name in names}])
    return told
