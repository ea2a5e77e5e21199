"""`exchanges`: goods back for other goods."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.return_words import (
    ActorOption,
    CaseArgument,
    LateOption,
    OrderArgument,
    ReasonOption,
    StateOption,
    case_told,
    cases_told,
    line_units,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="exchanges", help="Exchange goods for others; the difference is due, or goes back.")
    command(group, "list", help="List exchanges, newest first.")(list_)
    command(group, "show", help="Show one with its money and timeline.")(show)
    command(group, "request", help="Ask: --back SKU=UNITS --new SKU=UNITS[@PRICE] …")(request)
    command(group, "approve", help="Let the goods come back.")(approve)
    command(group, "send", help="Add the new goods to the order before the old ones are back.")(send)
    command(group, "complete", help="Settle when the goods are back and looked at.")(complete)
    command(group, "cancel", help="Call it off before the goods arrive.")(cancel)
    app.add_typer(group)


def list_(door: Door, state: StateOption = None) -> list[dict[str, Any]]:
    """Return the exchanges."""
    return cases_told(door, "exchange", state)


def show(door: Door, number: CaseArgument) -> dict[str, Any]:
    """Return one exchange."""
    from oms_core.returns.case_queries import find_case

    with door.workspace().reading() as session:
        return case_told(door, session, "exchange", find_case(session, "exchange", number))


def request(
    door: Door,
    order: OrderArgument,
    *,
    back: Annotated[list[str], typer.Option("--back", help="SKU=UNITS that come back; may be repeated.")],
    new: Annotated[list[str], typer.Option("--new", help="SKU=UNITS or SKU=UNITS@PRICE that go out.")],
    reason: ReasonOption = "exchange",
    sends_first: Annotated[bool, typer.Option("--send-first", help="The new goods leave before.")] = False,
    wants: Annotated[str, typer.Option("--wants", help="Money left over: refund or store_credit.")] = "refund",
    allow_late: LateOption = False,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Ask for an exchange and return it."""
    from app.cli.purchase_words import wish
    from oms_core.orders.queries import order_named
    from oms_core.returns.exchanges import NewExchangeLine, request_exchange
    from oms_core.returns.requesting import NewReturnLine

    workspace = door.workspace()
    with workspace.transaction() as session:
        sold = order_named(session, order)
        wishes = [wish(text, sold.currency) for text in new]
        found = request_exchange(
            session, order_id=sold.id,
            back=[NewReturnLine(line, n, reason) for line, n in line_units(session, sold, back)],
            new=[NewExchangeLine(sku=sku, quantity=n, unit_price_minor=price) for sku, n, price in wishes],
            reason=reason, sends_first=sends_first, wants=wants, late="allow" if allow_late else "refuse",
            zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return case_told(door, session, "exchange", found.id)


def approve(door: Door, number: CaseArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Approve it."""
    from oms_core.returns.case_queries import find_case
    from oms_core.returns.exchanges import approve_exchange

    with door.workspace().transaction() as session:
        key = find_case(session, "exchange", number)
        approve_exchange(session, exchange_id=key, actor=actor)
        return case_told(door, session, "exchange", key)


def send(door: Door, number: CaseArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Send the replacement first."""
    return _step(door, number, "send_replacement", actor=actor)


def complete(door: Door, number: CaseArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Complete it."""
    return _step(door, number, "complete_exchange", actor=actor)


def cancel(door: Door, number: CaseArgument, reason: ReasonOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Call it off."""
    return _step(door, number, "cancel_exchange", reason=reason, actor=actor)


def _step(door: Door, number: str, step: str, **facts: Any) -> dict[str, Any]:
    from oms_core.returns import exchanges
    from oms_core.returns.case_queries import find_case

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find_case(session, "exchange", number)
        getattr(exchanges, step)(session, exchange_id=key, zone=workspace.shop.zone, **facts)
        return case_told(door, session, "exchange", key)
