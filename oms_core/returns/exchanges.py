"""Exchange goods for other goods in one document; the difference is due, or goes back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.catalog.tables import Variant
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.rows import core, next_ids
from oms_core.order_changes import commands as changes
from oms_core.order_changes.tables import OrderChangeEntry
from oms_core.orders.commands import locked_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.case_tables import Exchange
from oms_core.returns.exchange_money import settle_difference, take_stock_of_goods, taxed
from oms_core.returns.records import VOID, lines_of
from oms_core.returns.requesting import approve_return, cancel_return, request_return
from oms_core.returns.settling import close_return
from oms_core.returns.states import EXCHANGE
from oms_core.returns.tables import Return

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from oms_core.returns.requesting import NewReturnLine

FIRST_NUMBER = 1001
WANTS = ("refund", "store_credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExchangeLine:
    """Goods that go out: minor units of the order's currency; the price is the variant's unless given."""

    sku: str
    quantity: int
    unit_price_minor: int | None = None


def request_exchange(
    session: Session,
    *,
    order_id: int,
    back: Sequence[NewReturnLine],
    new: Sequence[NewExchangeLine],
    reason: str = "exchange",
    sends_first: bool = False,
    wants: str = "refund",
    late: str = "refuse",
    zone: str,
    actor: str = "system",
) -> Exchange:
    """Ask to swap goods of an order for others; nothing moves and nothing is promised yet.

    Parameters
    ----------
    sends_first : bool
        The replacement leaves before the goods are back; until they are, the order shows it as due.
    wants : str
        What happens to money left over: ``refund`` or ``store_credit``.
    late : str
        ``refuse``, or ``allow`` goods back after the policy's days (see `request_return`).

    Raises
    ------
    Refused
        ``return.too_many``, ``return.too_late`` (see `request_return`).
    NotFound, InvalidInput
        An unknown SKU, no goods, a quantity below 1, a price below zero or in another currency.
    """
    if wants not in WANTS:
        raise InvalidInput("wants", wants, f"one of {', '.join(WANTS)}")
    order = locked_order(session, order_id)
    priced = taxed(session, order, _priced(session, order, new), [line.order_line_id for line in back])
    goods = request_return(session, order_id=order_id, lines=back, reason=reason, late=late, zone=zone, actor=actor)
    price = sum(line["quantity"] * line["unit_price_minor"] + line.get("tax_minor", 0) for line in priced)
    worth = goods.total_minor
    (exchange_id,) = next_ids(core(session), "exchanges")
    found = Exchange(
        id=exchange_id, number=f"EX-{FIRST_NUMBER - 1 + exchange_id}", order_id=order_id, return_id=goods.id,
        reason=reason, sends_first=sends_first, wants=wants, new_lines=priced, currency=order.currency,
        returned_minor=worth, new_minor=price, difference_minor=price - worth, requested_at=clock.now(),
        is_simulated=order.is_simulated, version=0,
    )  # fmt: skip
    session.add(found)
    _move(session, found, "requested", "exchange.requested", actor=actor, difference_minor=price - worth)
    return found


def approve_exchange(session: Session, *, exchange_id: int, actor: str = "system") -> Exchange:
    """Allow the exchange: the goods may be sent back; without `sends_first` it waits for them.

    With `sends_first` the replacement is sent by :func:`send_replacement`, which may refuse for
    want of stock without undoing the approval.
    """
    found = _ready(session, exchange_id, "approved")
    approve_return(session, return_id=found.return_id, actor=actor)
    _move(session, found, "approved", "exchange.approved", actor=actor)
    if not found.sends_first:
        _move(session, found, "awaiting_goods", "exchange.awaits_goods", actor=actor)
    return found


def send_replacement(session: Session, *, exchange_id: int, zone: str, actor: str = "system") -> Exchange:
    """Add the new goods to the order before the old ones are back, whoever decided so and when.

    Raises
    ------
    TransitionRefused
        The exchange is not approved, or over.
    Refused
        ``exchange.replaced``: they were added before.
    InsufficientStock
        With every shortage.
    """
    found = locked(session, exchange_id)
    if found.state != "awaiting_goods":
        EXCHANGE.check(found.number, found.state, "awaiting_goods")
    if found.replaced_at is not None:
        raise Refused(
            "exchange.replaced", f"The new goods of {found.number} are on the order already.", "Ship them there."
        )
    _change(session, found, _new_goods(found), zone=zone, actor=actor)
    _move(session, found, "awaiting_goods", "exchange.replacement_sent", actor=actor)
    return found


def complete_exchange(session: Session, *, exchange_id: int, zone: str, actor: str = "system") -> Exchange:
    """Finish when the goods are back and looked at: new goods on the order, the difference settled.

    What came back is worth what inspection and the refund policy say; it pays for the new goods as
    far as it goes. The customer owes the rest on the order, or gets back what is left over.

    Raises
    ------
    TransitionRefused
        The exchange is not waiting for goods.
    Refused
        ``exchange.goods_awaited`` while goods are still to come or to be decided on.
    InsufficientStock
        The new goods are not there (unless they were sent before).
    """
    found = _ready(session, exchange_id, "completed")
    goods = session.get_one(Return, found.return_id)
    _require_goods(session, found, goods)
    if goods.state != "closed":
        close_return(session, return_id=goods.id, actor=actor)
    worth = take_stock_of_goods(session, goods)
    credit = min(worth, found.new_minor)
    actions: list[dict[str, Any]] = [] if found.replaced_at else _new_goods(found)
    if credit:
        title = f"Exchange {found.number}: paid with returned goods"
        actions.append({"kind": "add_adjustment", "adjustment": "manual", "amount_minor": -credit, "title": title})
    if actions:
        _change(session, found, actions, zone=zone, actor=actor)
    found.returned_minor, found.difference_minor, found.credit_minor = worth, found.new_minor - worth, credit
    session.flush()
    found.settlement = settle_difference(session, found, goods, zone=zone, actor=actor)
    found.completed_at = clock.now()
    facts = {"difference_minor": found.difference_minor, "settlement": found.settlement, "credit_minor": credit}
    _move(session, found, "completed", "exchange.completed", actor=actor, **facts)
    return found


def cancel_exchange(
    session: Session, *, exchange_id: int, reason: str = "", zone: str, actor: str = "system"
) -> Exchange:
    """Call the exchange off before goods arrived; a replacement that has not left is taken off the order.

    Raises
    ------
    Refused
        ``exchange.replacement_shipped``: it is under way to the customer; or the return cannot be
        called off any more.
    """
    found = _ready(session, exchange_id, "cancelled")
    goods = session.get_one(Return, found.return_id)
    if found.replaced_at is not None:
        _take_replacement_off(session, found, zone=zone, actor=actor)
    if goods.state not in VOID:
        cancel_return(session, return_id=goods.id, reason=reason or f"{found.number} called off", actor=actor)
    _move(session, found, "cancelled", "exchange.cancelled", actor=actor, reason=reason)
    return found


def locked(session: Session, exchange_id: int) -> Exchange:
    """Return the exchange; its order's row is locked first, then its own, until the transaction ends."""
    order_id = session.scalar(sa.select(Exchange.order_id).where(Exchange.id == exchange_id))
    if order_id is None:
        raise NotFound("exchange", exchange_id)
    locked_order(session, order_id)
    statement = sa.select(Exchange).where(Exchange.id == exchange_id).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def _ready(session: Session, exchange_id: int, target: str) -> Exchange:
    found = locked(session, exchange_id)
    EXCHANGE.check(found.number, found.state, target)
    return found


def _priced(session: Session, order: Order, new: Sequence[NewExchangeLine]) -> list[dict[str, Any]]:
    """Return the new lines with their prices, or refuse what cannot be sold."""
    if not new:
        raise InvalidInput("new", [], "at least one line to send out", code="exchange.no_lines")
    skus = [line.sku for line in new]
    known = {v.sku: v for v in session.scalars(sa.select(Variant).where(Variant.sku.in_(skus)))}
    for line in new:
        if line.sku not in known:
            near = session.scalars(sa.select(Variant.sku).order_by(Variant.sku).limit(5000)).all()
            raise NotFound("variant", line.sku, near)
        if line.quantity < 1:
            raise InvalidInput("quantity", line.quantity, f"at least 1 unit of {line.sku} was expected")
        if (line.unit_price_minor or 0) < 0:
            raise InvalidInput("unit_price", line.unit_price_minor, f"a price of {line.sku} that is not below zero")
        if line.unit_price_minor is None and known[line.sku].currency != order.currency:
            given = f"a price of {line.sku} in {order.currency} (it is listed in {known[line.sku].currency})"
            raise InvalidInput("unit_price", None, given)
    prices = [known[line.sku].price_minor if line.unit_price_minor is None else line.unit_price_minor for line in new]
    return [asdict(line) | {"unit_price_minor": price} for line, price in zip(new, prices, strict=True)]


def _new_goods(found: Exchange) -> list[dict[str, Any]]:
    return [{"kind": "add_line", **line} for line in found.new_lines]


def _change(session: Session, found: Exchange, actions: Sequence[dict[str, Any]], *, zone: str, actor: str) -> None:
    """Change the order in one go; the first change, which adds the goods, is the one the exchange names."""
    change = changes.propose(session, found.order_id, actions, zone=zone, actor=actor, reason=found.number)
    changes.confirm(session, change.id, zone=zone, actor=actor)
    if found.replaced_at is None:
        found.order_change_id, found.replaced_at = change.id, clock.now()
    session.flush()


def _require_goods(session: Session, found: Exchange, goods: Return) -> None:
    waiting = [line.sku for line in lines_of(session, goods.id) if line.disposition in ("pending", "quality_control")]
    if goods.state in ("received", "inspected") and not waiting:
        return
    if goods.state == "closed":
        return
    raise Refused(
        "exchange.goods_awaited",
        f"{found.number} waits for goods: {goods.number} is {goods.state}"
        + (f", {', '.join(waiting)} not here or not decided on." if waiting else "."),
        "Count and inspect them, or send the replacement first.",
    )


def _take_replacement_off(session: Session, found: Exchange, *, zone: str, actor: str) -> None:
    statement = (
        sa.select(OrderLine)
        .join(OrderChangeEntry, OrderChangeEntry.order_line_id == OrderLine.id)
        .where(OrderChangeEntry.order_change_id == found.order_change_id, OrderChangeEntry.kind == "added")
        .execution_options(populate_existing=True)
    )
    lines = session.scalars(statement).unique().all()
    shipped = [f"{line.shipped_qty} × {line.sku}" for line in lines if line.shipped_qty]
    if shipped:
        raise Refused(
            "exchange.replacement_shipped",
            f"{found.number} cannot be called off: {', '.join(shipped)} already left.",
            "Wait for the goods and complete the exchange, or take the replacement back as a return.",
        )
    actions = [{"kind": "remove_line", "line_id": line.id} for line in lines]
    _change(session, found, actions, zone=zone, actor=actor)


def _move(session: Session, found: Exchange, target: str, event: str, *, actor: str, **facts: Any) -> None:
    before, found.state = found.state, target
    found.version += 1
    session.flush()
    facts = {"number": found.number, "order_id": found.order_id, "from": before, "to": target, **facts}
    journal.record(session, event, "exchange", found.id, actor=actor, **facts)
