"""`withdrawals`: the right to undo a distance contract, with its clock and its papers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.purchase_words import decimal_money
from app.cli.return_words import (
    ActorOption,
    CaseArgument,
    NoteOption,
    OrderArgument,
    StateOption,
    case_told,
    cases_told,
    instant,
    line_units,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="withdrawals", help="Withdrawals from contracts: deadlines, acknowledgements, refunds.")
    command(group, "list", help="List withdrawals, newest first.")(list_)
    command(group, "queue", help="Refunds and decisions that wait, with the days left.")(queue)
    command(group, "show", help="Show one with its lines, acknowledgement and timeline.")(show)
    command(group, "declare", help="Take a declaration in: the whole ORDER, or SKU=UNITS …")(declare)
    command(group, "proof", help="Note the consumer's proof of sending.")(proof)
    command(group, "accept", help="Accept a late one as goodwill.")(accept)
    command(group, "refuse", help="Refuse what the law does not cover.")(refuse)
    command(group, "settle", help="Give the money back by the law's terms.")(settle)
    command(group, "document", own_out=True, help="Write the acknowledgement: --out FILE.pdf or FILE.txt.")(document)
    app.add_typer(group)


def list_(door: Door, state: StateOption = None) -> list[dict[str, Any]]:
    """Return the withdrawals."""
    return cases_told(door, "withdrawal", state)


def queue(
    door: Door,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As of this day.")] = None,
) -> list[dict[str, Any]]:
    """Return what waits, the most urgent first."""
    from oms_core.returns.withdrawal_settling import withdrawal_queue

    workspace = door.workspace()
    with workspace.reading() as session:
        rows = withdrawal_queue(session, zone=workspace.shop.zone, on=on.date() if on else None)
    return [decimal_money(row, row["currency"]) for row in rows]


def show(door: Door, number: CaseArgument) -> dict[str, Any]:
    """Return one withdrawal."""
    from oms_core.returns.case_queries import find_case

    with door.workspace().reading() as session:
        return case_told(door, session, "withdrawal", find_case(session, "withdrawal", number))


def declare(
    door: Door,
    order: OrderArgument,
    lines: Annotated[list[str] | None, typer.Argument(help="SKU=UNITS; the whole order when left out.")] = None,
    *,
    channel: Annotated[str, typer.Option("--channel", help="web_form, email, phone, post or in_person.")] = "email",
    name: Annotated[str, typer.Option("--name", help="Of the consumer.")] = "",
    email: Annotated[str, typer.Option("--email", help="Where the acknowledgement goes.")] = "",
    statement: Annotated[str, typer.Option("--statement", help="The consumer's words.")] = "",
    at: Annotated[str | None, typer.Option("--at", help="When it was sent: day or instant.")] = None,
    delivered_on: Annotated[
        datetime | None, typer.Option("--delivered-on", formats=["%Y-%m-%d"], help="If no carrier told us.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="en or pl; the shop's if left out.")] = None,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Declare, acknowledge and return it."""
    from oms_core.orders.queries import order_named
    from oms_core.returns.withdrawals import Declaration, declare_withdrawal

    workspace = door.workspace()
    shop = workspace.shop
    with workspace.transaction() as session:
        sold = order_named(session, order)
        said = Declaration(
            channel=channel, name=name, email=email, statement=statement, declared_at=instant(at, shop.zone),
            lines=dict(line_units(session, sold, lines)) if lines else None, delivered_on=_day(delivered_on),
        )  # fmt: skip
        found = declare_withdrawal(
            session, order_id=sold.id, declaration=said, shop_name=shop.name, language=language or shop.language,
            zone=shop.zone, actor=actor,
        )  # fmt: skip
        return case_told(door, session, "withdrawal", found.id)


def proof(
    door: Door,
    number: CaseArgument,
    text: Annotated[str, typer.Argument(help="Tracking number or receipt.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Note it and return the withdrawal."""
    return _step(door, number, "note_proof_of_sending", proof=text, actor=actor)


def accept(door: Door, number: CaseArgument, note: NoteOption = "", actor: ActorOption = "cli") -> dict[str, Any]:
    """Accept it as goodwill and return it."""
    zone = door.workspace().shop.zone
    return _step(door, number, "accept_as_goodwill", note=note, zone=zone, actor=actor)


def refuse(
    door: Door,
    number: CaseArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", help="The sentence the buyer is told.")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Refuse it and return it."""
    return _step(door, number, "refuse_withdrawal", reason=reason, actor=actor)


def settle(
    door: Door,
    number: CaseArgument,
    *,
    before_goods: Annotated[bool, typer.Option("--before-goods", help="Pay although nothing is back yet.")] = False,
    store_credit: Annotated[
        bool, typer.Option("--store-credit", help="The consumer expressly agreed to store credit.")
    ] = False,
    carriage_paid: Annotated[str, typer.Option("--carriage-paid", help="What sending back cost them.")] = "0",
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Pay and return the withdrawal."""
    from oms_core.kernel.money import to_minor
    from oms_core.returns.case_queries import find_case
    from oms_core.returns.case_tables import Withdrawal
    from oms_core.returns.withdrawal_settling import settle_withdrawal

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find_case(session, "withdrawal", number)
        currency = session.get_one(Withdrawal, key).currency
        settle_withdrawal(
            session, withdrawal_id=key, method="store_credit" if store_credit else "original",
            consumer_agreed=store_credit, carriage_paid_minor=to_minor(carriage_paid, currency),
            before_goods=before_goods, zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        return case_told(door, session, "withdrawal", key)


def document(
    door: Door, number: CaseArgument, *, out: Annotated[Path, typer.Option("--out", help="FILE.pdf or FILE.txt.")]
) -> dict[str, Any]:
    """Write the acknowledgement as it was written."""
    from app.documents import withdrawal as paper
    from app.documents.saving import save
    from oms_core.returns.case_queries import case_record, find_case

    workspace = door.workspace()
    with workspace.reading() as session:
        record = case_record(session, "withdrawal", find_case(session, "withdrawal", number))
    written = save(out, paper.render(record, workspace.shop.name, suffix=out.suffix))
    return {"number": record["number"], "file": str(out), "bytes": written}


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _step(door: Door, number: str, step: str, **facts: Any) -> dict[str, Any]:
    from oms_core.returns import withdrawals
    from oms_core.returns.case_queries import find_case

    with door.workspace().transaction() as session:
        key = find_case(session, "withdrawal", number)
        getattr(withdrawals, step)(session, withdrawal_id=key, **facts)
        return case_told(door, session, "withdrawal", key)
