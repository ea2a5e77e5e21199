"""`claims`: damaged, missing, wrong or late goods."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.return_words import (
    ActorOption,
    CaseArgument,
    NoteOption,
    OrderArgument,
    StateOption,
    case_told,
    cases_told,
    line_units,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="claims", help="Claims: damaged, missing, wrong or late goods.")
    command(group, "list", help="List claims, newest first.")(list_)
    command(group, "show", help="Show one with its evidence, money and timeline.")(show)
    command(group, "open", help="Take a complaint in: ORDER --kind damaged SKU=UNITS …")(open_)
    command(group, "approve", help="Accept it; the customer keeps the goods unless --send-back.")(approve)
    command(group, "reject", help="Refuse it, with the reason the customer is told.")(reject)
    command(group, "resolve", help="Settle it: refund, replacement, store_credit or none.")(resolve)
    app.add_typer(group)


def list_(door: Door, state: StateOption = None) -> list[dict[str, Any]]:
    """Return the claims."""
    return cases_told(door, "claim", state)


def show(door: Door, number: CaseArgument) -> dict[str, Any]:
    """Return one claim."""
    from oms_core.returns.case_queries import find_case

    with door.workspace().reading() as session:
        return case_told(door, session, "claim", find_case(session, "claim", number))


def open_(
    door: Door,
    order: OrderArgument,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, one for each line.")],
    *,
    kind: Annotated[str, typer.Option("--kind", help="damaged, missing, wrong or late.")],
    description: Annotated[str, typer.Option("--description", help="What the customer says.")] = "",
    photo: Annotated[list[str] | None, typer.Option("--photo", help="Address of a photo; may be repeated.")] = None,
    link: Annotated[list[str] | None, typer.Option("--link", help="Address of a page; may be repeated.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Open a claim and return it."""
    from oms_core.orders.queries import order_named
    from oms_core.returns.claims import NewClaimLine, open_claim

    evidence = [("photo", body) for body in photo or ()] + [("link", body) for body in link or ()]
    with door.workspace().transaction() as session:
        sold = order_named(session, order)
        found = open_claim(
            session, order_id=sold.id, kind=kind, description=description, evidence=evidence, actor=actor,
            lines=[NewClaimLine(line, n) for line, n in line_units(session, sold, lines)],
        )  # fmt: skip
        return case_told(door, session, "claim", found.id)


def approve(
    door: Door,
    number: CaseArgument,
    *,
    send_back: Annotated[bool, typer.Option("--send-back", help="The goods have to come back.")] = False,
    note: NoteOption = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Approve it and return it."""
    from oms_core.returns.case_queries import find_case
    from oms_core.returns.claims import approve_claim

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find_case(session, "claim", number)
        approve_claim(session, claim_id=key, keeps_item=not send_back, note=note, zone=workspace.shop.zone, actor=actor)
        return case_told(door, session, "claim", key)


def reject(
    door: Door,
    number: CaseArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", help="The sentence the customer is told.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Reject it and return it."""
    from oms_core.returns.case_queries import find_case
    from oms_core.returns.claims import reject_claim

    with door.workspace().transaction() as session:
        key = find_case(session, "claim", number)
        reject_claim(session, claim_id=key, reason=reason, actor=actor)
        return case_told(door, session, "claim", key)


def resolve(
    door: Door,
    number: CaseArgument,
    resolution: Annotated[str, typer.Argument(help="refund, replacement, store_credit or none.")],
    *,
    amount: Annotated[str | None, typer.Option("--amount", help="Money; what was paid when left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Resolve it and return it."""
    from oms_core.kernel.money import to_minor
    from oms_core.returns.case_queries import find_case
    from oms_core.returns.case_tables import Claim
    from oms_core.returns.claim_resolving import resolve_claim

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find_case(session, "claim", number)
        minor = None if amount is None else to_minor(amount, session.get_one(Claim, key).currency)
        resolve_claim(
            session, claim_id=key, resolution=resolution, amount_minor=minor, zone=workspace.shop.zone, actor=actor
        )
        return case_told(door, session, "claim", key)
