"""Two stories a manager can read: buying to stock, and goods that come back; on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from small_shop import ZONE, available, deliver_all, line_ids, movements, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.catalog.tables import Variant
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, Refused
from oms_core.orders.tables import Order
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing import queries as purchase_orders
from oms_core.purchasing.commands import NewLine
from oms_core.returns import commands as returns
from oms_core.returns import queries as return_queries
from oms_core.returns.commands import NewReturnLine, ReceivedLine

MONDAY = datetime(2010, 12, 6, 9, tzinfo=UTC)


def on(day: int):
    return clock.frozen(MONDAY.replace(day=day))


def broken(session) -> list[str]:
    return [f"{row['name']}: {row['first_broken']}" for row in run(session) if row["broken"]]


def test_buying_to_stock(engine):
    with on(6), transaction(engine) as session:
        shop = small_shop(session)
        mug = shop.variants["MUG"]

        # The shelf is empty: a customer cannot be promised a mug.
        with pytest.raises(InsufficientStock, match="MUG wanted 2, available 0"), session.begin_nested():
            sell(session, shop, "anna", MUG=2)

        # The buyer takes the suggestion of 20, rounds it to 24 and sends the order.
        why = {"demand_over_lead_time": 14, "safety": 6, "on_hand": 0}
        order = purchasing.draft_purchase_order(
            session, supplier_id=shop.supplier, location_id=shop.warehouse, actor="ola",
            lines=[NewLine(mug, 20, 450, suggested_qty=20, receipt=why), NewLine(shop.variants["BAG"], 6, 900)],
        )  # fmt: skip
        lines = {x["sku"]: x["id"] for x in purchase_orders.purchase_order_detail(session, order.id)["lines"]}
        purchasing.change_quantity(session, purchase_order_id=order.id, line_id=lines["MUG"], quantity=24, actor="ola")
        purchasing.send(session, purchase_order_id=order.id, zone=ZONE, actor="ola")
        assert order.total_minor == 24 * 450 + 6 * 900

        # It is on its way, due in six days; nothing can be sold from it yet.
        (due,) = purchase_orders.incoming(session, [mug])
        assert (due["quantity"], due["due_on"]) == (24, date(2010, 12, 12))
        assert available(session, mug, shop.warehouse) == 0

    # The supplier promises the 13th. Two thirds of the mugs come then, and are sold at once.
    with on(7), transaction(engine) as session:
        purchasing.confirm(session, purchase_order_id=order.id, expected_on=date(2010, 12, 13))
    with on(13), transaction(engine) as session:
        purchasing.receive(session, purchase_order_id=order.id, lines={lines["MUG"]: 16}, zone=ZONE, actor="magazyn")
        sell(session, shop, "anna", MUG=2)
        assert [available(session, mug, shop.warehouse, s) for s in ("available", "committed")] == [14, 2]
        assert purchase_orders.overdue(session, date(2010, 12, 14))[0]["to_come_qty"] == 14

    # The rest comes late; the supplier tries to deliver two mugs too many.
    with on(16), transaction(engine) as session:
        with pytest.raises(Refused, match="MUG 10 arrived, 8 to come"):
            purchasing.receive(session, purchase_order_id=order.id, lines={lines["MUG"]: 10}, zone=ZONE)
        rest = {lines["MUG"]: 8, lines["BAG"]: 6}
        purchasing.receive(session, purchase_order_id=order.id, lines=rest, zone=ZONE, actor="magazyn")
        purchasing.close(session, purchase_order_id=order.id, actor="ola")

    with transaction(engine) as session:
        assert movements(session, mug) == [
            ("received", "supplier", "available", 16),
            ("allocated", "available", "committed", 2),
            ("received", "supplier", "available", 8),
        ]
        assert session.get_one(Variant, mug).cost_minor == 450
        told = [(e["event"], e["actor"]) for e in reversed(purchase_orders.timeline(session, order.id))]
        assert told == [
            ("purchase_order.drafted", "ola"),
            ("purchase_order.quantity_changed", "ola"),
            ("purchase_order.sent", "ola"),
            ("purchase_order.confirmed", "system"),
            ("purchase_order.receipt_posted", "magazyn"),
            ("purchase_order.receipt_posted", "magazyn"),
            ("purchase_order.closed", "ola"),
        ]
        kept = purchase_orders.purchase_order_detail(session, order.id)["lines"][0]
        assert (kept["suggested_qty"], kept["quantity"], kept["receipt"]) == (20, 24, why)
        assert broken(session) == []


def test_a_return_with_inspection_and_refund(engine):
    with on(6), transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=5, BAG=5)
        order = sell(session, shop, "jan", MUG=2, BAG=1)
        deliver_all(session, order)
        assert (order.payment_status, order.delivery_status) == ("paid", "delivered")

    # Jan wants to send two mugs and the bag back; that is all he bought.
    with on(8), transaction(engine) as session:
        keys = line_ids(session, order)
        wanted = [NewReturnLine(keys["MUG"], 2, "chipped"), NewReturnLine(keys["BAG"], 1, "colour")]
        found = returns.request_return(session, order_id=order.id, lines=wanted, reason="not as shown", zone=ZONE)
        returns.approve_return(session, return_id=found.id, actor="ewa")
        assert session.get_one(Order, order.id).return_status == "in_progress"

    # One mug is in the parcel, the bag is as new. The mug has to be looked at; no money moves yet.
    with on(10), transaction(engine) as session:
        line = {x["sku"]: x["id"] for x in return_queries.return_detail(session, found.id)["lines"]}
        came = [ReceivedLine(line["MUG"], 1, "quality_control"), ReceivedLine(line["BAG"], 1, "restock")]
        returns.receive_return(session, return_id=found.id, lines=came, location_id=shop.warehouse, zone=ZONE)
        mug, bag = shop.variants["MUG"], shop.variants["BAG"]
        assert available(session, bag, shop.warehouse) == 5
        assert available(session, mug, shop.warehouse, "quality_control") == 1
        with pytest.raises(Refused, match="still in quality control"):
            returns.close_return(session, return_id=found.id)

    # The mug is beyond use. Jan gets back what he paid for what arrived: 10 and 20.
    with on(11), transaction(engine) as session:
        returns.inspect_return(session, return_id=found.id, lines={line["MUG"]: "scrap"}, zone=ZONE, actor="ewa")
        refund = returns.refund_return(session, return_id=found.id, gateway="card", zone=ZONE, actor="ewa")
        returns.close_return(session, return_id=found.id, actor="ewa")
        assert refund.amount_minor == 3000

    with transaction(engine) as session:
        assert movements(session, shop.variants["MUG"])[-2:] == [
            ("returned", "customer", "quality_control", 1),
            ("adjusted", "quality_control", "loss", 1),
        ]
        ended = session.get_one(Order, order.id)
        assert (ended.payment_status, ended.return_status) == ("partially_refunded", "partially_returned")
        detail = return_queries.return_detail(session, found.id)
        assert (detail["state"], detail["business_date"], detail["owed_minor"]) == ("closed", date(2010, 12, 10), 0)
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
        assert broken(session) == []
