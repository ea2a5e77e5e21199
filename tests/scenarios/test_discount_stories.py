"""Stories the walk beside the model has told: money of discounted orders, and who comes first to scarce goods."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from order_shop import ZONE, new_order, order_shop
from sqlalchemy.orm import Session
from stock_shop import channel

from oms_core.backorders import commands as backorders
from oms_core.backorders.queries import backorders_list
from oms_core.fulfilment.commands import deliver, ship
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.inventory import reservations
from oms_core.inventory.commands import adjust
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Location
from oms_core.order_changes.commands import preview, propose
from oms_core.orders.commands import NewAdjustment, NewPayment
from oms_core.orders.tables import OrderLine
from oms_core.returns import commands as returns
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.exchanges import (
    NewExchangeLine,
    approve_exchange,
    complete_exchange,
    request_exchange,
    send_replacement,
)
from oms_core.returns.tables import Return, ReturnLine

SHOP = Shop(zone=ZONE, currency="GBP")


def test_goods_that_paid_for_an_exchange_are_worth_nothing_more(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}, "TRAY": {"Leeds": 5}})
        cut = [NewAdjustment(kind="discount", amount_minor=-400)]
        money = [NewPayment(gateway="card", amount_minor=1600)]
        key = place(session, SHOP, new_order({"MUG": 2}, adjustments=cut, payments=money))["id"]
        (work,) = open_work(session, key)
        deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        line = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == key)).one()
        found = request_exchange(
            session, order_id=key, back=[NewReturnLine(line, 1)], new=[NewExchangeLine(sku="TRAY", quantity=1)],
            zone=ZONE,
        )  # fmt: skip
        approve_exchange(session, exchange_id=found.id)
        back = session.scalars(sa.select(ReturnLine.id)).one()
        came = [ReceivedLine(back, 1, "restock")]
        leeds = shop.places["Leeds"]
        returns.receive_return(session, return_id=found.return_id, lines=came, location_id=leeds, zone=ZONE)
        done = complete_exchange(session, exchange_id=found.id, zone=ZONE)
        # a mug of 10.00 less its half of the discount pays 8.00 of a tray of 20.00
        assert (done.returned_minor, done.difference_minor, done.settlement) == (800, 1200, "due")
        assert session.get_one(Return, found.return_id).total_minor == 0


@pytest.mark.parametrize(("came", "worth"), [(2, 1600), (1, 800)])
def test_goods_are_worth_what_was_paid_whatever_was_sent_first(engine: sa.Engine, came: int, worth: int) -> None:
    """The new goods are on the order before the old ones are back, and share nothing of its discount with them."""
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 5}, "TRAY": {"Leeds": 5}})
        cut = [NewAdjustment(kind="discount", amount_minor=-600)]
        money = [NewPayment(gateway="card", amount_minor=2400)]
        key = place(session, SHOP, new_order({"MUG": 3}, adjustments=cut, payments=money))["id"]
        (work,) = open_work(session, key)
        deliver(session, shipment_id=ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE).id)
        line = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == key)).one()
        found = request_exchange(
            session, order_id=key, back=[NewReturnLine(line, 2)], new=[NewExchangeLine(sku="TRAY", quantity=1)],
            sends_first=True, zone=ZONE,
        )  # fmt: skip
        assert found.returned_minor == 1600
        approve_exchange(session, exchange_id=found.id)
        send_replacement(session, exchange_id=found.id, zone=ZONE)
        back = session.scalars(sa.select(ReturnLine.id)).one()
        here = [ReceivedLine(back, came, "restock")]
        leeds = shop.places["Leeds"]
        returns.receive_return(session, return_id=found.return_id, lines=here, location_id=leeds, zone=ZONE)
        done = complete_exchange(session, exchange_id=found.id, zone=ZONE)
        assert (done.returned_minor, done.difference_minor) == (worth, 2000 - worth)
        assert session.get_one(Return, found.return_id).total_minor == 0


def waiting_shop(session: Session) -> tuple[int, int, int]:
    """Return an order that waits for three mugs, the mug and the channel; then one mug is found."""
    shop = order_shop(session, {"MUG": {"Leeds": 0}})
    mug = shop.variants["MUG"]
    backorders.set_policy(session, mug, "backorder")
    key = place(session, SHOP, new_order({"MUG": 3}))["id"]
    adjust(session, variant_id=mug, location_id=shop.places["Leeds"], delta_qty=1, reason="found", zone=ZONE)
    return key, mug, channel(session, "web")


def test_the_preview_knows_who_waits_already(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        key, _, _ = waiting_shop(session)
        actions = [{"kind": "add_line", "sku": "MUG", "quantity": 2}]
        assert preview(session, key, actions)["warnings"] == ["MUG: 2 will wait as a backorder."]
        backorders.confirm_change(session, propose(session, key, actions, zone=ZONE).id, zone=ZONE)
        assert [row["quantity"] for row in backorders_list(session)] == [3, 2]


def test_a_till_takes_nothing_that_others_were_promised(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        _, mug, web = waiting_shop(session)
        with pytest.raises(InsufficientStock) as refused:
            reservations.reserve(session, channel_id=web, lines={mug: 1}, zone=ZONE)
        told = {"sku": "MUG", "wanted": 1, "available": 0, "held_back": 0, "promised": 1}
        assert refused.value.facts["shortages"] == [told]


def test_a_till_takes_what_is_left_of_the_place_it_asks_for(engine: sa.Engine) -> None:
    """Three wait and four are there: one may be held; where the till asks, the others give up theirs first."""
    with transaction(engine) as session:
        _, mug, web = waiting_shop(session)
        bristol = session.scalars(sa.select(Location.id).where(Location.name == "Bristol")).one()
        adjust(session, variant_id=mug, location_id=bristol, delta_qty=3, reason="found", zone=ZONE)
        with pytest.raises(InsufficientStock):
            reservations.reserve(session, channel_id=web, lines={mug: 2}, zone=ZONE)
        with pytest.raises(InsufficientStock):
            reservations.reserve(session, channel_id=web, lines={mug: 2}, location_id=bristol, zone=ZONE)
        held = reservations.reserve(session, channel_id=web, lines={mug: 1}, location_id=bristol, zone=ZONE)
        (line,) = reservations.lines_of(session, held.id)
        assert (line.location_id, line.quantity) == (bristol, 1)
        with pytest.raises(InsufficientStock):
            reservations.reserve(session, channel_id=web, lines={mug: 1}, zone=ZONE)


def test_promises_outlive_the_policy_they_were_made_under(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        _, mug, _ = waiting_shop(session)
        backorders.set_policy(session, mug, "deny")
        with pytest.raises(InsufficientStock):
            place(session, SHOP, replace(new_order({"MUG": 1}), external_id="later"))
