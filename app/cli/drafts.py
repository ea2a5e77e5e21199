"""`ordersight drafts`: drafts and quotes, from the first wish to the paid order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NumberArgument = Annotated[str, typer.Argument(help="Number of the draft, such as D-000001.")]
FileOption = Annotated[Path, typer.Option("--file", help="Order as JSON, as POST /v1/orders takes it; - reads input.")]
ExpiresOption = Annotated[datetime | None, typer.Option("--expires", help="Last moment, in the shop's zone.")]
NoteOption = Annotated[str, typer.Option("--note", help="For colleagues.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="drafts", help="Drafts and quotes: nothing is promised until they are completed.")
    command(group, "create", help="Keep an order that is not placed yet.")(create)
    command(group, "update", help="Change a draft, or give an expired one a new day.")(update)
    command(group, "invoice", help="Write the invoice with its payment link into the outbox.")(invoice)
    command(group, "complete", help="Make it an order: placed, paid and promised at once.")(complete)
    command(group, "cancel", help="Give a draft up.")(cancel)
    command(group, "expire", help="Expire every draft whose time has passed.")(expire)
    command(group, "show", help="Show one draft.")(show)
    command(group, "list", help="List the newest drafts.")(list_)
    app.add_typer(group)


def create(
    door: Door,
    *,
    file: FileOption,
    quote: Annotated[bool, typer.Option("--quote", help="A quote rather than a draft.")] = False,
    expires: ExpiresOption = None,
    note: NoteOption = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Keep the draft and return it."""
    from app.cli.change_words import read_json
    from oms_core.drafts import commands

    document = read_json(file)
    workspace = door.workspace()
    with workspace.transaction() as session:
        draft = commands.create(
            session, document, kind="quote" if quote else "draft", note=note,
            expires_at=_at(expires, workspace.shop.zone), actor=actor,
        )  # fmt: skip
        return _told(session, draft.number)


def update(
    door: Door,
    *,
    number: NumberArgument,
    file: Annotated[Path | None, typer.Option("--file", help="The whole order anew, as JSON.")] = None,
    expires: ExpiresOption = None,
    note: Annotated[str | None, typer.Option("--note", help="For colleagues.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Change the draft and return it."""
    from app.cli.change_words import read_json
    from oms_core.drafts import commands, queries

    document = read_json(file) if file else None
    workspace = door.workspace()
    with workspace.transaction() as session:
        commands.update(
            session, queries.draft_named(session, number).id, document=document, note=note,
            expires_at=_at(expires, workspace.shop.zone), actor=actor,
        )  # fmt: skip
        return _told(session, number)


def invoice(
    door: Door,
    *,
    number: NumberArgument,
    link_base: Annotated[str, typer.Option("--link-base", help="Address of the customers' pages.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or pl; the customer's when left out.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Write the message and return it."""
    from oms_core.drafts import commands, queries

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = queries.draft_named(session, number).id
        message = commands.send_invoice(
            session, workspace.shop, key, link_base=link_base, language=language, actor=actor
        )
        session.flush()
        return {"number": number, "to": message.recipient, "subject": message.subject, "body": message.body}


def complete(
    door: Door,
    *,
    number: NumberArgument,
    gateway: Annotated[str | None, typer.Option("--gateway", help="How it was paid: cash, card, …")] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="Decimal; the total when left out.")] = None,
    external_id: Annotated[str | None, typer.Option("--external-id", help="The gateway's id of the payment.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Make the order and return the intake's answer."""
    from oms_core.drafts import commands, queries
    from oms_core.kernel.money import to_minor

    workspace = door.workspace()
    with workspace.transaction() as session:
        draft = queries.draft_named(session, number)
        paid = to_minor(amount, draft.currency) if amount else None
        return commands.complete(
            session, workspace.shop, draft.id, gateway=gateway, amount_minor=paid, external_id=external_id, actor=actor
        )


def cancel(
    door: Door,
    *,
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the journal.")] = "",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Cancel the draft and return it."""
    from oms_core.drafts import commands, queries

    with door.workspace().transaction() as session:
        commands.cancel(session, queries.draft_named(session, number).id, reason=reason, actor=actor)
        return _told(session, number)


def expire(door: Door, actor: ActorOption = "cli") -> dict[str, Any]:
    """Expire what is due and return how many drafts that were."""
    from oms_core.drafts.commands import expire_due

    with door.workspace().transaction() as session:
        return {"expired": expire_due(session, actor=actor)}


def show(door: Door, number: NumberArgument) -> dict[str, Any]:
    """Return one draft."""
    with door.workspace().reading() as session:
        return _told(session, number)


def list_(
    door: Door,
    *,
    state: Annotated[str | None, typer.Option("--state", help="open, invoice_sent, completed, expired, …")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="draft or quote.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many.")] = 50,
) -> list[dict[str, Any]]:
    """Return the newest drafts."""
    from oms_core.drafts.queries import drafts_list

    with door.workspace().reading() as session:
        return drafts_list(session, state=state, kind=kind, limit=limit)


def _told(session: Session, number: str) -> dict[str, Any]:
    from oms_core.drafts.queries import draft_named, draft_record

    return draft_record(session, draft_named(session, number))


def _at(moment: datetime | None, zone: str) -> datetime | None:
    from zoneinfo import ZoneInfo

    return moment.replace(tzinfo=ZoneInfo(zone)) if moment else None
