"""What stands on the stage of a race, and what two people do there in one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from order_shop import ZONE, OrderShop, new_order, order_shop
from races import Deed
from sqlalchemy.orm import Session
from stock_shop import channel, line_of, on_order

from oms_core.backorders import commands as backorders
from oms_core.catalog.bundles import set_stock_kind
from oms_core.drafts import commands as drafts
from oms_core.finance.commands import issue_invoice
from oms_core.fulfilment.commands import deliver, ship
from oms_core.fulfilment.holding import hold
from oms_core.fulfilment.making import book_made
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.inventory import commands as inventory
from oms_core.inventory import counts, reservations
from oms_core.inventory.tables import TransferLine
from oms_core.kernel.settings import Shop
from oms_core.order_changes.commands import propose
from oms_core.orders.commands import NewPayment, cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay
from oms_core.payments.credit import balance, issue_credit
from oms_core.payments.settling import spend_credit
from oms_core.returns import commands as returns
from oms_core.returns.claim_resolving import resolve_claim
from oms_core.returns.claims import NewClaimLine, approve_claim, open_claim
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.exchanges import (
    NewExchangeLine,
    approve_exchange,
    cancel_exchange,
    complete_exchange,
    request_exchange,
    send_replacement,
)
from oms_core.returns.tables import ReturnLine

SHOP = Shop(zone=ZONE, currency="GBP")


@dataclass
class Stage:
    """A shop with an order of three mugs that is paid, and what else the two need."""

    shop: OrderShop
    order: int = 0
    line: int = 0
    other: int = 0
    thing: int = 0


#: What stands on the stage, the two deeds, and what the second hears: after the first deed, after the second.
Race = tuple[Callable[[Session, Stage], object], Callable[[Stage], Deed], Callable[[Stage], Deed], str, str]


def order_of(session: Session, name: str, units: int = 3, *, sku: str = "MUG", paid: bool = True) -> int:
    money = [NewPayment(gateway="card", amount_minor=1000 * units)] if paid else []
    new = new_order({sku: units}, external_id=name, email="ala@example.com", payments=money)
    return int(place(session, SHOP, new)["id"])


def stage_of(session: Session) -> Stage:
    stage = Stage(order_shop(session, {"MUG": {"Leeds": 4}, "TRAY": {"Leeds": 2}, "RING": {}, "BOOK": {}}))
    stage.order = order_of(session, "one")
    stage.line = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == stage.order)).one()
    return stage


def both(said: str) -> tuple[str, str]:
    """Return what the second hears whichever of the two it is."""
    return said, said


# -- what people do ---------------------------------------------------------------------------------


def shipping(stage: Stage) -> Deed:
    return lambda s: ship(s, fulfillment_order_id=stage.thing, carrier="dpd", zone=ZONE)


def cancelling(stage: Stage) -> Deed:
    return lambda s: cancel_order(s, stage.order, reason="late", zone=ZONE)


def holding(stage: Stage) -> Deed:
    return lambda s: hold(s, stage.order, reason="address")


def editing(stage: Stage) -> Deed:
    return lambda s: backorders.confirm_change(s, stage.other, zone=ZONE)


def refunding(stage: Stage) -> Deed:
    return lambda s: pay(s, order_id=stage.order, kind="refund", amount_minor=2000, gateway="card", zone=ZONE)


def spending(order: str) -> Callable[[Stage], Deed]:
    return lambda stage: lambda s: spend_credit(s, order_id=getattr(stage, order), amount_minor=800, zone=ZONE)


def buying(name: str, *, sku: str = "MUG", reservation: str = "") -> Callable[[Stage], Deed]:
    new = replace(new_order({sku: 1}, external_id=name, email=f"{name}@example.com"), reservation=reservation)
    return lambda _: lambda s: place(s, SHOP, new)


def reserving(stage: Stage) -> Deed:
    web, mug = stage.other, stage.shop.variants["MUG"]
    return lambda s: reservations.reserve(s, channel_id=web, lines={mug: 1}, zone=ZONE)


def letting_go(stage: Stage) -> Deed:
    return lambda s: reservations.release(s, stage.thing, zone=ZONE)


def replacing(stage: Stage) -> Deed:
    return lambda s: send_replacement(s, exchange_id=stage.other, zone=ZONE)


def sending(stage: Stage) -> Deed:
    return lambda s: inventory.ship_transfer(s, stage.thing, zone=ZONE)


def receiving_transfer(stage: Stage) -> Deed:
    return lambda s: inventory.receive_transfer(s, stage.thing, received={stage.other: 1}, zone=ZONE)


def posting(stage: Stage) -> Deed:
    return lambda s: counts.post_count(s, stage.thing, reason="yearly", zone=ZONE)


def receiving(stage: Stage) -> Deed:
    return lambda s: backorders.receive(s, purchase_order_id=stage.thing, lines={stage.other: 5}, zone=ZONE)


def completing(stage: Stage) -> Deed:
    return lambda s: complete_exchange(s, exchange_id=stage.other, zone=ZONE)


def calling_off(stage: Stage) -> Deed:
    return lambda s: cancel_exchange(s, exchange_id=stage.other, zone=ZONE)


def invoicing(order: str) -> Callable[[Stage], Deed]:
    return lambda stage: lambda s: issue_invoice(s, SHOP, order_id=getattr(stage, order))


def finishing_draft(stage: Stage) -> Deed:
    return lambda s: drafts.complete(s, SHOP, stage.thing, gateway="cash")


def giving_up_draft(stage: Stage) -> Deed:
    return lambda s: drafts.cancel(s, stage.thing)


def making(stage: Stage) -> Deed:
    leeds = stage.shop.places["Leeds"]
    return lambda s: book_made(s, stage.thing, quantity=1, location_id=leeds, zone=ZONE)


def taking_back(stage: Stage) -> Deed:
    came = [ReceivedLine(stage.other, 1, "restock")]
    leeds = stage.shop.places["Leeds"]
    return lambda s: returns.receive_return(s, return_id=stage.thing, lines=came, location_id=leeds, zone=ZONE)


def asking_back(stage: Stage) -> Deed:
    return lambda s: returns.request_return(s, order_id=stage.order, lines=[NewReturnLine(stage.line, 2)], zone=ZONE)


def claiming(stage: Stage) -> Deed:
    return lambda s: open_claim(s, order_id=stage.order, kind="damaged", lines=[NewClaimLine(stage.line, 2)])


def resolving(stage: Stage) -> Deed:
    return lambda s: resolve_claim(s, claim_id=stage.thing, resolution="refund", zone=ZONE)


# -- what has to be there ---------------------------------------------------------------------------


def nothing(session: Session, stage: Stage) -> None:
    """Everything is there."""


def work(session: Session, stage: Stage) -> None:
    (stage.thing,) = open_work(session, stage.order)


def work_and_edit(session: Session, stage: Stage) -> None:
    work(session, stage)
    stage.other = fewer(session, stage)


def two_edits(session: Session, stage: Stage) -> None:
    stage.thing, stage.other = fewer(session, stage), fewer(session, stage)


def fewer(session: Session, stage: Stage) -> int:
    actions = [{"kind": "set_quantity", "line_id": stage.line, "quantity": 2}]
    return propose(session, stage.order, actions, zone=ZONE, actor="ola").id


def credit(session: Session, stage: Stage) -> None:
    stage.order = order_of(session, "two", 1, sku="TRAY", paid=False)
    stage.other = order_of(session, "three", 1, sku="TRAY", paid=False)
    customer = session.get_one(Order, stage.order).customer_id
    issue_credit(session, customer_id=customer, amount_minor=1000, currency="GBP", reason="late")
    assert balance(session, customer, "GBP") == 1000


def web(session: Session, stage: Stage) -> None:
    stage.other = channel(session, "web")


def reserved(session: Session, stage: Stage) -> None:
    web(session, stage)
    mug = stage.shop.variants["MUG"]
    held = reservations.reserve(session, channel_id=stage.other, lines={mug: 1}, token="cart", zone=ZONE)  # noqa: S106 - a cart's name, no secret
    stage.thing = held.id


def transfer(session: Session, stage: Stage) -> None:
    leeds, bristol = stage.shop.places["Leeds"], stage.shop.places["Bristol"]
    lines = {stage.shop.variants["MUG"]: 1}
    found = inventory.draft_transfer(session, from_location_id=leeds, to_location_id=bristol, lines=lines)
    stage.thing = found.id
    stage.other = session.scalars(sa.select(TransferLine.id).where(TransferLine.transfer_id == found.id)).one()


def sent_transfer(session: Session, stage: Stage) -> None:
    transfer(session, stage)
    inventory.ship_transfer(session, stage.thing, zone=ZONE)


def count(session: Session, stage: Stage) -> None:
    mug = stage.shop.variants["MUG"]
    found = counts.open_count(session, location_id=stage.shop.places["Leeds"], variant_ids=[mug])
    counts.enter(session, found.id, counted={mug: 3})
    stage.thing = found.id


def purchase(session: Session, stage: Stage) -> None:
    stage.thing = on_order(session, stage.shop, {"MUG": 5}, date(2030, 1, 1))
    stage.other = line_of(session, stage.thing).id


def delivered(session: Session, stage: Stage) -> None:
    (key,) = open_work(session, stage.order)
    deliver(session, shipment_id=ship(session, fulfillment_order_id=key, carrier="dpd", zone=ZONE).id)


def exchange_sends_first(session: Session, stage: Stage) -> None:
    delivered(session, stage)
    back, new = [NewReturnLine(stage.line, 1)], [NewExchangeLine(sku="TRAY", quantity=1)]
    found = request_exchange(session, order_id=stage.order, back=back, new=new, sends_first=True, zone=ZONE)
    stage.other = approve_exchange(session, exchange_id=found.id).id


def replacement(session: Session, stage: Stage) -> None:
    exchange_sends_first(session, stage)
    replacing(stage)(session)
    (stage.thing,) = open_work(session, stage.order)


def exchange(session: Session, stage: Stage) -> None:
    exchange_sends_first(session, stage)
    replacing(stage)(session)
    line = session.scalars(sa.select(ReturnLine)).one()
    returns.receive_return(
        session, return_id=line.return_id, lines=[ReceivedLine(line.id, 1, "restock")],
        location_id=stage.shop.places["Leeds"], zone=ZONE,
    )  # fmt: skip


def coming_back(session: Session, stage: Stage) -> None:
    delivered(session, stage)
    found = returns.request_return(session, order_id=stage.order, lines=[NewReturnLine(stage.line, 1)], zone=ZONE)
    returns.approve_return(session, return_id=found.id)
    stage.thing, stage.other = found.id, session.scalars(sa.select(ReturnLine.id)).one()


def claimed(session: Session, stage: Stage) -> None:
    delivered(session, stage)
    claiming(stage)(session)
    stage.thing = approve_claim(session, claim_id=1, zone=ZONE).id


def two_orders(session: Session, stage: Stage) -> None:
    stage.other = order_of(session, "two", 1)


def draft(session: Session, stage: Stage) -> None:
    document = {"channel": "web", "currency": "GBP", "lines": [{"sku": "MUG", "quantity": 1}]}
    stage.thing = drafts.create(session, document).id


def ring(session: Session, stage: Stage) -> None:
    set_stock_kind(session, stage.shop.variants["RING"], "made_to_order", lead_time_days=7)
    key = order_of(session, "two", 1, sku="RING")
    stage.thing = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == key)).one()


def wanted_book(session: Session, stage: Stage) -> None:
    backorders.set_policy(session, stage.shop.variants["BOOK"], "backorder")
    stage.order = order_of(session, "two", 2, sku="BOOK", paid=False)
    stage.thing = on_order(session, stage.shop, {"BOOK": 5}, date(2030, 1, 1))
    stage.other = line_of(session, stage.thing).id
