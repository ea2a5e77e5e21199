"""Payouts: keep a channel's statement, see what differs from the books, and what nobody paid out yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.money_words import ActorOption, amount, decimals

ChannelOption = Annotated[str, typer.Option("--channel", help="Code of the channel.")]
#: What a table of statements shows; the other formats hold everything.
_LISTED = ("channel", "reference", "until", "rows", "odd", "net", "difference", "fee_difference", "currency")


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="payouts", help="What channels say they took, kept and sent, beside the books.")
    command(group, "import", help="Keep a statement (CSV: order, amount, fee …) and compare it.")(import_)
    command(group, "list", help="List statements, newest first, with what differs.")(list_)
    command(group, "show", help="Lay one statement beside the books, row by row.")(show)
    command(group, "missing", help="List captured payments that stand on no statement of their days.")(missing)
    app.add_typer(group)


def import_(
    door: Door,
    *,
    file: Annotated[Path, typer.Argument(help="CSV with the columns order, amount, fee; also kind, net, date.")],
    channel: ChannelOption,
    reference: Annotated[str, typer.Option("--reference", help="The statement's own name; twice is once.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Only payments of this gateway are on it.")] = "",
    received: Annotated[str | None, typer.Option("--received", help="What arrived on the account, decimal.")] = None,
    book_fees: Annotated[bool, typer.Option("--book-fees", help="Book fees the books do not have yet.")] = False,
    currency: Annotated[str | None, typer.Option("--currency", help="The shop's when the file names none.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any] | list[dict[str, Any]]:
    """Keep the statement; as a table the rows that do not fit, with the sums told beside."""
    from app import payout_files
    from oms_core.kernel.errors import InvalidInput
    from oms_core.payments.payouts import NewStatement, book_statement

    workspace = door.workspace()
    try:
        own, rows = payout_files.read(file.read_bytes(), file.name, currency or workspace.shop.currency)
    except OSError as error:
        raise InvalidInput("file", str(file), f"a readable file ({error.strerror})", code="input.file") from error
    head = NewStatement(
        channel=channel, reference=reference, currency=own, gateway=gateway,
        received_minor=amount(received, own) if received else None,
    )  # fmt: skip
    with workspace.transaction() as session:
        said = book_statement(session, head, rows, zone=workspace.shop.zone, book_fees=book_fees, actor=actor)
    return _told(door, said)


def list_(door: Door) -> list[dict[str, Any]]:
    """Return the statements; as a table only what one looks at first."""
    from oms_core.payments.payout_reading import statements

    with door.workspace().reading() as session:
        told = decimals(statements(session.connection()))
    return [{name: row[name] for name in _LISTED} for row in told] if door.format == "table" else told


def show(
    door: Door, *, reference: Annotated[str, typer.Argument(help="The statement's own name.")], channel: ChannelOption
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the statement with its rows."""
    from oms_core.payments import payout_reading

    with door.workspace().reading() as session:
        connection = session.connection()
        key = payout_reading.statement_named(connection, channel, reference)
        return _told(door, payout_reading.report(connection, key))


def missing(door: Door, channel: ChannelOption) -> list[dict[str, Any]]:
    """Return the payments, oldest first."""
    from oms_core.payments import payout_reading

    with door.workspace().reading() as session:
        return decimals(payout_reading.missing(session.connection(), channel))


def _told(door: Door, said: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Return a statement: whole as JSON; as a table its rows, what does not fit first, and the sums beside."""
    (told,) = decimals([said])
    if door.format == "json":
        return told
    fits = sum(row["outcome"] in {"matched", "fee", "other"} for row in told["rows"])
    currency = told["currency"]
    door.say(f"{told['channel']} {told['reference']}: {fits} of {len(told['rows'])} rows fit the books.")
    door.say(f"Taken {told['gross']}, kept {told['fee']}, sent {told['net']} {currency}.")
    door.say(f"Sales and refunds differ by {told['difference']}, fees by {told['fee_difference']} {currency}.")
    if told["received"] is not None:
        door.say(f"Arrived {told['received']}, which differs by {told['received_difference']} {currency}.")
    rows = sorted(told["rows"], key=lambda row: row["outcome"] in {"matched", "fee", "other"})
    shown = ("kind", "name", "amount", "fee", "books", "difference", "outcome")
    return [{name: row[name] for name in shown} for row in rows] if door.format == "table" else rows
