"""`orders return`: ask for goods back and, when they are on the table, take them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.door import Door
from app.cli.order_words import ActorOption, NumberArgument
from app.cli.return_words import LateOption

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.orders.tables import Order
    from oms_core.returns.requesting import NewReturnLine
    from oms_core.returns.tables import Return


def return_(
    door: Door,
    *,
    number: NumberArgument,
    lines: Annotated[list[str], typer.Argument(help="SKU=UNITS, one for each line that comes back.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a word.")] = "",
    receive_at: Annotated[
        str | None, typer.Option("--receive-at", help="Code of the location that has the goods now.")
    ] = None,
    disposition: Annotated[
        str, typer.Option("--disposition", help="restock, damaged, quality_control or scrap.")
    ] = "restock",
    refund: Annotated[str | None, typer.Option("--refund", help="Gateway to give the money back through.")] = None,
    allow_late: LateOption = False,
    actor: ActorOption = "cli",
) -> dict[str, Any]:
    """Request and approve a return; with a location receive it, with a gateway refund it."""
    from oms_core.orders.queries import axes_of, order_named
    from oms_core.returns.commands import approve_return, refund_return, request_return
    from oms_core.returns.queries import return_detail

    workspace = door.workspace()
    zone = workspace.shop.zone
    with workspace.transaction() as session:
        order = order_named(session, number)
        wanted = _lines(session, order, lines, reason)
        back = request_return(
            session, order_id=order.id, lines=wanted, reason=reason, late="allow" if allow_late else "refuse",
            zone=zone, actor=actor,
        )  # fmt: skip
        approve_return(session, return_id=back.id, actor=actor)
        if receive_at:
            _take_in(session, back, receive_at, disposition, zone=zone, actor=actor)
        if refund:
            refund_return(session, return_id=back.id, gateway=refund, zone=zone, actor=actor)
        session.expire_all()
        from app.cli.purchase_words import decimal_money

        detail = decimal_money(return_detail(session, back.id), order.currency)
        head = {"order": order.number, "number": detail["number"], "return_state": detail["state"]}
        head |= {"total": detail["total"], "owed": detail["owed"], "currency": order.currency, **axes_of(order)}
        return head | {"return": detail} if door.format == "json" else head


def _lines(session: Session, order: Order, given: list[str], reason: str) -> list[NewReturnLine]:
    """Turn SKU=UNITS into lines of the order; units are shared over lines of the same SKU."""
    import sqlalchemy as sa

    from app.cli.order_words import sku_units
    from oms_core.kernel.errors import NotFound
    from oms_core.orders.tables import OrderLine
    from oms_core.returns.requesting import NewReturnLine

    sold = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    by_sku: dict[str, list[OrderLine]] = {}
    for line in sold:
        by_sku.setdefault(line.sku, []).append(line)
    found = []
    for text in given:
        sku, units = sku_units(text)
        if sku not in by_sku:
            raise NotFound("line", sku, by_sku, f"Order {order.number} has no line of it.")
        for line in by_sku[sku]:
            here = min(units, line.shipped_qty - line.returned_qty) if line is not by_sku[sku][-1] else units
            if here:
                found.append(NewReturnLine(line.id, here, reason))
            units -= here
    return found


def _take_in(session: Session, back: Return, code: str, disposition: str, *, zone: str, actor: str) -> None:
    import sqlalchemy as sa

    from oms_core.inventory.queries import location_of
    from oms_core.returns.receiving import ReceivedLine, receive_return
    from oms_core.returns.tables import ReturnLine

    place = location_of(session, code)
    rows = session.scalars(sa.select(ReturnLine).where(ReturnLine.return_id == back.id))
    arrived = [ReceivedLine(line.id, line.quantity, disposition) for line in rows]
    receive_return(session, return_id=back.id, lines=arrived, location_id=place.id, zone=zone, actor=actor)
