"""Approve purchase orders, enter suppliers' answers, mail orders; who may buy for how much."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.purchase_words import decimal_money, head

NumberArgument = Annotated[str, typer.Argument(help="Number of the purchase order, such as PO-1001.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does it, for the journal and the limits.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the order.")]


def add(group: typer.Typer) -> None:
    """Add the commands that watch over purchase orders to their group."""
    command(group, "submit", help="Ask for an approval.")(submit)
    command(group, "approve", help="Say yes to an order somebody else wrote.")(approve)
    command(group, "reject", help="Give an order that waits for approval back.")(reject)
    command(group, "answer", help="Enter a supplier's changes: SKU=UNITS[@COST] …")(answer)
    command(group, "accept-answer", help="Take the supplier's changes; the order is confirmed.")(accept)
    command(group, "refuse-answer", help="Say no to them; the order stands.")(refuse)
    command(group, "mail", help="Mail a sent order to its supplier; the worker tries until it is taken.")(mail)
    command(group, "mails", help="List mail to suppliers and what became of it.")(mails)
    command(group, "repeat-mail", help="Put a failed mail into the post again.")(repeat)


def register(app: typer.Typer) -> None:
    """Add the group of limits to the tree."""
    group = typer.Typer(name="buying-limits", help="Who may send or approve how much alone.")
    command(group, "list", help="List the limits.")(limits_list)
    command(group, "set", help="Set a buyer's limit; * stands for everybody who is not named.")(limits_set)
    command(group, "drop", help="Take a buyer's limit back.")(limits_drop)
    app.add_typer(group)
    breaks = typer.Typer(name="price-breaks", help="What suppliers ask for larger quantities.")
    command(breaks, "list", help="List price breaks.")(breaks_list)
    command(breaks, "set", help="Set all price breaks of an article: UNITS=COST …; none takes them away.")(breaks_set)
    app.add_typer(breaks)


def submit(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Ask for an approval; say who may give it."""
    from oms_core.purchasing import commands, limits, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        order = commands.submit(session, purchase_order_id=key, actor=actor)
        return head(session, key) | {"may_approve": limits.may_approve(session, order)}


def approve(
    door: Door,
    number: NumberArgument,
    note: Annotated[str, typer.Option("--note", help="A word on it.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Approve."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.approve(session, purchase_order_id=key, note=note, actor=actor)
        return head(session, key)


def reject(door: Door, number: NumberArgument, reason: ReasonOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Give back."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.reject(session, purchase_order_id=key, reason=reason, actor=actor)
        return head(session, key)


def answer(
    door: Door,
    number: NumberArgument,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS or SKU=UNITS@COST: what the supplier will deliver.")],
    expected_on: Annotated[str | None, typer.Option("--expected-on", help="Day the supplier promised (ISO).")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Enter an answer that differs; return the difference."""
    from app.cli.purchase_words import day_of, wish
    from oms_core.purchasing import commands, names, queries
    from oms_core.purchasing.tables import PurchaseOrder

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        currency = session.get_one(PurchaseOrder, key).currency
        said: dict[int, commands.AnswerLine] = {}
        for text in lines:
            sku, units, cost = wish(text, currency)
            (line,) = names.arrived_lines(session, key, {sku: units})
            said[line] = commands.AnswerLine(units, cost)
        day = day_of("expected_on", expected_on) if expected_on else None
        commands.answer(session, purchase_order_id=key, lines=said, expected_on=day, actor=actor)
        told = queries.purchase_order_detail(session, key)["answer"]
        return head(session, key) | {"answer": decimal_money(told, currency)}


def accept(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Accept the answer."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.accept(session, purchase_order_id=key, actor=actor)
        return head(session, key)


def refuse(door: Door, number: NumberArgument, reason: ReasonOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Refuse the answer."""
    from oms_core.purchasing import commands, queries

    with door.workspace().transaction() as session:
        key = queries.find(session, number)
        commands.refuse(session, purchase_order_id=key, reason=reason, actor=actor)
        return head(session, key)


def mail(
    door: Door,
    number: NumberArgument,
    to: Annotated[list[str] | None, typer.Option("--to", help="Address; the supplier's own if left out.")] = None,
    as_: Annotated[str, typer.Option("--as", help="Form beside the PDF: pdf, csv, xlsx or edi.")] = "pdf",
    language: Annotated[str | None, typer.Option("--language", help="en or pl; the shop's if left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Put the order into the post; the file is made first, so that a form nobody writes is refused here."""
    from app.documents import order_formats
    from oms_core.purchasing import queries
    from oms_core.reporting import buying_mails

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = queries.find(session, number)
        order_formats.write(as_, queries.purchase_order_detail(session, key), workspace.shop, language=language)
        made = buying_mails.mail_order(
            session, purchase_order_id=key, format_=as_, language=language or workspace.shop.language,
            recipients=to or (), actor=actor,
        )  # fmt: skip
        return {"mail": made.id, "recipients": list(made.recipients), "state": made.state, "format": as_}


def mails(door: Door) -> list[dict[str, Any]]:
    """List the newest mail."""
    from oms_core.reporting import buying_mails

    with door.workspace().reading() as session:
        return buying_mails.mails(session)


def repeat(
    door: Door, mail_id: Annotated[int, typer.Argument(help="Number of the mail.")], actor: ActorOption = "cli"
) -> dict[str, Any]:
    """Repeat a failed mail."""
    from oms_core.reporting import buying_mails

    with door.workspace().transaction() as session:
        made = buying_mails.repeat(session, mail_id, actor=actor)
        return {"mail": made.id, "recipients": list(made.recipients), "state": made.state, "format": made.format}


def limits_list(door: Door) -> list[dict[str, Any]]:
    """List the limits, the highest first."""
    from oms_core.purchasing import limits

    with door.workspace().reading() as session:
        return [decimal_money(row, row["currency"]) for row in limits.limits(session)]


def limits_set(
    door: Door,
    buyer: Annotated[str, typer.Argument(help="Person or role as the journal calls it; * for everybody else.")],
    amount: Annotated[str, typer.Argument(help="Most to send or approve alone, shop currency.")],
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Set a limit."""
    from app.cli.purchase_words import amount_of
    from oms_core.purchasing import limits

    workspace = door.workspace()
    with workspace.transaction() as session:
        minor = amount_of("amount", amount, workspace.shop.currency)
        limits.set_limit(session, buyer=buyer, amount_minor=minor, actor=actor)
        return [decimal_money(row, row["currency"]) for row in limits.limits(session)]


def limits_drop(
    door: Door,
    buyer: Annotated[str, typer.Argument(help="Whose limit.")],
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Take a limit back."""
    from oms_core.purchasing import limits

    with door.workspace().transaction() as session:
        limits.drop_limit(session, buyer=buyer, actor=actor)
        return [decimal_money(row, row["currency"]) for row in limits.limits(session)]


def breaks_list(
    door: Door, supplier: Annotated[str | None, typer.Option("--supplier", help="Code of a supplier.")] = None
) -> list[dict[str, Any]]:
    """List the price breaks."""
    from oms_core.purchasing import terms

    with door.workspace().reading() as session:
        return [decimal_money(row, row["currency"]) for row in terms.price_breaks(session, supplier=supplier)]


def breaks_set(
    door: Door,
    supplier: Annotated[str, typer.Argument(help="Code of the supplier.")],
    sku: Annotated[str, typer.Argument(help="SKU.")],
    steps: Annotated[list[str] | None, typer.Argument(help="UNITS=COST, such as 100=2.10 500=1.95.")] = None,
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Set an article's price breaks."""
    from app.cli.purchase_words import amount_of
    from oms_core.catalog.tables import Supplier
    from oms_core.kernel.errors import InvalidInput
    from oms_core.purchasing import names, terms

    with door.workspace().transaction() as session:
        currency = session.get_one(Supplier, names.supplier_id(session, supplier)).currency
        found = {}
        for text in steps or ():
            units, _, cost = text.partition("=")
            if not units.isdecimal():
                raise InvalidInput("breaks", text, "UNITS=COST was expected", "For example: 100=2.10 500=1.95")
            found[int(units)] = amount_of("breaks", cost, currency)
        rows = terms.set_price_breaks(session, supplier=supplier, sku=sku, breaks=found, actor=actor)
        return [decimal_money(row, row["currency"]) for row in rows]
