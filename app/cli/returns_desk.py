"""`returns`: list, count, inspect, propose and refund; reasons and refund policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door, command
from app.cli.order_words import ActorOption, sku_units
from app.cli.purchase_words import decimal_money
from app.cli.return_words import StateOption

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NumberArgument = Annotated[str, typer.Argument(help="Number of the return, such as RET-1001.")]
MethodOption = Annotated[str, typer.Option("--method", help="original (the ways the money came) or store_credit.")]
CarriageOption = Annotated[str, typer.Option("--carriage-paid", help="What the customer paid to send it back.")]
LabelOption = Annotated[bool, typer.Option("--label-used", help="The customer used the shop's label.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the tree."""
    group = typer.Typer(name="returns", help="Goods back: count, inspect unit by unit, refund by the rules.")
    command(group, "list", help="List returns, newest first.")(list_)
    command(group, "show", help="Show one with its lines, units, money and timeline.")(show)
    command(group, "count", help="Count units in: SKU=UNITS …; the rest may still come.")(count)
    command(group, "inspect", help="Decide on units: UNIT=DISPOSITION[:GRADE] …")(inspect)
    command(group, "propose", help="Show what a refund would be, every line with its reason.")(propose)
    command(group, "refund", help="Pay what is proposed.")(refund)
    command(group, "slip", own_out=True, help="Write the slip for the parcel: --out FILE.pdf.")(slip)
    command(group, "close", help="Finish a return; what never came is taken off it.")(close)
    command(group, "reasons", help="The catalogue of reasons, or --by sku/supplier what came back for which.")(reasons)
    command(group, "policy", help="Write a refund policy: TERM=VALUE …")(policy)
    app.add_typer(group)


def list_(door: Door, state: StateOption = None) -> list[dict[str, Any]]:
    """Return the returns, money as decimal text beside its currency."""
    from oms_core.kernel.errors import InvalidInput
    from oms_core.returns.queries import returns
    from oms_core.returns.states import RETURN

    for name in state or ():
        if name not in RETURN.states:
            raise InvalidInput("state", name, f"one of {', '.join(RETURN.states)}")
    with door.workspace().reading() as session:
        return [decimal_money(row, row["currency"]) for row in returns(session, states=state or ())]


def show(door: Door, number: NumberArgument) -> dict[str, Any] | list[dict[str, Any]]:
    """Return one return; as a table its units (its lines when none was counted), with the head told beside."""
    from oms_core.returns.queries import find, return_detail

    with door.workspace().reading() as session:
        detail = return_detail(session, find(session, number))
    told = decimal_money(detail, detail["currency"])
    if door.format == "json":
        return told
    door.say(f"{told['number']}: {told['state']}, owed {told['owed']} {told['currency']}")
    if told["send_to"]:
        door.say(f"Goes back to {told['send_to']}. {told['send_to_because']}")
    shown = (
        ("id", "disposition", "grade", "note", "inspected_by") if told["units"] else ("sku", "quantity", "disposition")
    )
    return [{key: row[key] for key in shown} for row in told["units"] or told["lines"]]


def count(
    door: Door,
    number: NumberArgument,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, as they arrived.")],
    *,
    location: Annotated[str, typer.Option("--location", help="Code of the location that has them.")],
    moves_at: Annotated[
        str, typer.Option("--moves-at", help="inspection, or receipt (into quality control at once).")
    ] = "inspection",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Return the units that were counted, with their ids."""
    from oms_core.inventory.queries import location_of
    from oms_core.kernel.errors import NotFound
    from oms_core.returns.queries import find, return_detail
    from oms_core.returns.units import count_units

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find(session, number)
        known = {line["sku"]: line["id"] for line in return_detail(session, key)["lines"]}
        counts = {}
        for sku, units in map(sku_units, lines):
            if sku not in known:
                raise NotFound("line", sku, known, f"{number} has no line of it.")
            counts[known[sku]] = units
        place = location_of(session, location).id
        units_ = count_units(
            session, return_id=key, counts=counts, location_id=place, moves_at=moves_at, zone=workspace.shop.zone,
            actor=actor,
        )  # fmt: skip
        named = {line: sku for sku, line in known.items()}
        return [{"unit": u.id, "sku": named[u.return_line_id], "disposition": u.disposition} for u in units_]


def inspect(
    door: Door,
    number: NumberArgument,
    units: Annotated[list[str], typer.Argument(help="UNIT=DISPOSITION or UNIT=DISPOSITION:GRADE.")],
    *,
    note: Annotated[str, typer.Option("--note", help="What was seen, for each of these units.")] = "",
    actor: ActorOption = "cli",
) -> list[dict[str, Any]]:
    """Return the units of the return after the decisions."""
    from oms_core.returns.queries import find, return_detail
    from oms_core.returns.units import inspect_units

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find(session, number)
        decisions = [_decision(text, note) for text in units]
        inspect_units(session, return_id=key, decisions=decisions, zone=workspace.shop.zone, actor=actor)
        return list(return_detail(session, key)["units"])


def propose(
    door: Door,
    number: NumberArgument,
    *,
    method: MethodOption = "original",
    carriage_paid: CarriageOption = "0",
    label_used: LabelOption = False,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the lines of the refund; as JSON with total, bonus and the ways the money goes back."""
    from oms_core.kernel.money import to_minor
    from oms_core.returns.queries import find
    from oms_core.returns.refunds import propose_refund
    from oms_core.returns.tables import Return

    with door.workspace().reading() as session:
        key = find(session, number)
        currency = session.get_one(Return, key).currency
        paid = to_minor(carriage_paid, currency)
        found = propose_refund(session, key, method=method, carriage_paid_minor=paid, label_used=label_used)
    lines = [decimal_money(line.as_dict(), currency) for line in found.lines]
    head = {"total_minor": found.total_minor, "owed_minor": found.owed_minor, "bonus_minor": found.bonus_minor}
    told = decimal_money(head, currency) | {"currency": currency, "policy": found.policy, "method": found.method}
    if door.format != "json":
        door.say(f"Total {told['total']} {currency}, policy {found.policy}. {' '.join(found.warnings)}".rstrip())
        return lines
    parts = [decimal_money({"gateway": p.gateway, "amount_minor": p.amount_minor}, currency) for p in found.parts]
    return {"number": number, **told, "lines": lines, "parts": parts, "warnings": list(found.warnings)}


def refund(
    door: Door,
    number: NumberArgument,
    *,
    method: MethodOption = "original",
    carriage_paid: CarriageOption = "0",
    label_used: LabelOption = False,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Pay the proposal and return the refund."""
    from oms_core.kernel.money import to_minor
    from oms_core.returns.case_queries import refund_record
    from oms_core.returns.queries import find
    from oms_core.returns.refunds import settle_refund
    from oms_core.returns.tables import Return

    workspace = door.workspace()
    with workspace.transaction() as session:
        key = find(session, number)
        currency = session.get_one(Return, key).currency
        paid = settle_refund(
            session, return_id=key, method=method, carriage_paid_minor=to_minor(carriage_paid, currency),
            label_used=label_used, zone=workspace.shop.zone, actor=actor,
        )  # fmt: skip
        told = decimal_money(refund_record(session, paid.id), currency)
    return told if door.format == "json" else {k: v for k, v in told.items() if k not in ("lines", "parts")}


def slip(
    door: Door,
    number: NumberArgument,
    *,
    out: Annotated[Path, typer.Option("--out", help="FILE.pdf.")],
    language: Annotated[str | None, typer.Option("--language", help="en or pl; the shop's if left out.")] = None,
) -> dict[str, Any]:
    """Write the slip: the address with the number as bars, and the list to put inside."""
    from app.documents import return_slip
    from app.documents.saving import save
    from oms_core.returns.queries import find

    workspace = door.workspace()
    with workspace.reading() as session:
        name, paper = return_slip.of(
            session, find(session, number), workspace.shop, suffix=out.suffix, language=language
        )
    return {"number": name, "file": str(out), "bytes": save(out, paper)}


def close(door: Door, number: NumberArgument, actor: ActorOption = "cli") -> dict[str, Any]:
    """Close the return and tell its money."""
    from oms_core.returns.commands import close_return
    from oms_core.returns.queries import find

    with door.workspace().transaction() as session:
        found = close_return(session, return_id=find(session, number), actor=actor)
        head = {"number": found.number, "state": found.state, "total_minor": found.total_minor}
        return decimal_money(head, found.currency) | {"currency": found.currency}


def reasons(
    door: Door, by: Annotated[str | None, typer.Option("--by", help="sku or supplier: count what came back.")] = None
) -> list[dict[str, Any]]:
    """Return the catalogue, or the counts of returned units by reason."""
    from dataclasses import asdict

    from oms_core.returns import reasons as room

    with door.workspace().reading() as session:
        if by is None:
            return [asdict(reason) for reason in room.reasons(session).values()]
        return [decimal_money(row, row["currency"]) for row in room.why_returned(session, by=by)]


def policy(
    door: Door,
    code: Annotated[str, typer.Argument(help="Name of the policy.")],
    terms: Annotated[list[str], typer.Argument(help="TERM=VALUE: fee_bp=1000, channel=web, grade_cuts.c=5000 …")],
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Write a policy and return it."""
    from oms_core.returns.policies import save_policy

    with door.workspace().transaction() as session:
        found = save_policy(session, code=code, actor=actor, **_terms(session, terms))
        return {column.key: getattr(found, column.key) for column in found.__table__.columns if column.key != "id"}


def _terms(session: Session, given: list[str]) -> dict[str, Any]:
    """Read TERM=VALUE; whole numbers are numbers, ``grade_cuts.c=5000`` one cut, ``none`` nothing."""
    del session
    from oms_core.kernel.errors import InvalidInput

    terms: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise InvalidInput("term", text, "TERM=VALUE was expected", "For example: fee_bp=1000")
        read: Any = int(value) if value.lstrip("-").isdecimal() else None if value == "none" else value
        read = value == "true" if value in ("true", "false") else read
        group, dot, key = name.partition(".")
        if dot:
            terms.setdefault(group, {})[key] = read
        else:
            terms[name] = read
    return terms


def _decision(text: str, note: str) -> Any:
    from oms_core.kernel.errors import InvalidInput
    from oms_core.returns.units import UnitDecision

    unit, separator, said = text.partition("=")
    disposition, _, grade = said.partition(":")
    if not (separator and unit.isdecimal()):
        raise InvalidInput("unit", text, "UNIT=DISPOSITION[:GRADE] was expected", "For example: 12=restock:a")
    return UnitDecision(int(unit), disposition, grade=grade, note=note)
