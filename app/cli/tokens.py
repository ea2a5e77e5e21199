"""`tokens`: who may come in through the API."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption

ScopeOption = Annotated[
    list[str] | None,
    typer.Option("--scope", "--scopes", help="What it may do, such as orders:write; commas separate; * is everything."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="tokens", help="API tokens: make, list and revoke them.", no_args_is_help=True)
    command(group, "create", help="Make a token and show its secret, this once.")(create)
    command(group, "list", help="List tokens: scopes, life, last use; never the secret.")(list_)
    command(group, "revoke", help="End a token's life; requests with it are refused within a second.")(revoke)
    command(group, "scopes", help="List what a token may be allowed.")(scopes)
    app.add_typer(group)


def create(
    door: Door,
    *,
    name: Annotated[str, typer.Argument(help="Which program uses it.")] = "",
    name_option: Annotated[str, typer.Option("--name", help="The same as an option.")] = "",
    scope: ScopeOption = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="Last instant (ISO with zone) or days from now: 90.")
    ] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Make a token; what is returned holds the only copy of its secret."""
    from oms_core.access.commands import create_token

    ends = _instant(expires) if expires else None
    with door.workspace().transaction() as session:
        made = create_token(
            session, name=name_option or name or "unnamed", scopes=scope or (), expires_at=ends, actor=actor
        )
        token = made.token
        door.say("Keep this token now: it is not shown again.")
        return {
            "token": made.secret, "prefix": token.prefix, "name": token.name, "scopes": token.scopes,
            "expires_at": token.expires_at,
        }  # fmt: skip


def list_(door: Door) -> list[dict[str, Any]]:
    """Return every token, newest first."""
    from oms_core.access.queries import tokens

    with door.workspace().reading() as session:
        rows = tokens(session)
    if door.format != "json":
        return [row | {"scopes": ", ".join(row["scopes"])} for row in rows]
    return rows


def revoke(
    door: Door,
    *,
    prefix: Annotated[str, typer.Argument(help="Prefix (or the name, if only one token has it).")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Revoke and return what is known of the token."""
    from oms_core.access.commands import revoke_token
    from oms_core.access.queries import token_record
    from oms_core.kernel import clock

    with door.workspace().transaction() as session:
        return token_record(revoke_token(session, prefix, actor=actor), clock.now())


def scopes(_door: Door) -> list[dict[str, str]]:
    """Return every scope and what it covers."""
    from oms_core.access.scopes import ALL, NOUNS, PERSONAL

    each = [
        {"scope": f"{noun}:{mode}", "covers": f"{mode} {what}"}
        for noun, what in NOUNS.items()
        for mode in ("read", "write")
    ]
    seen = {"scope": PERSONAL, "covers": "read e-mails, phones, names and streets unmasked"}
    return [{"scope": ALL, "covers": "everything, also what is added later"}, *each, seen]


def _instant(text: str) -> Any:
    """Read an instant, or a number of days from now."""
    from datetime import datetime, timedelta

    from oms_core.kernel import clock
    from oms_core.kernel.errors import InvalidInput

    if text.isdecimal() and len(text) <= 5:
        return clock.now() + timedelta(days=int(text))
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("expires", text, "days such as 90, or 2027-01-01T00:00:00+01:00") from error
    if at.tzinfo is None:
        raise InvalidInput("expires", text, "an instant with its zone, such as 2027-01-01T00:00:00+01:00")
    return at
