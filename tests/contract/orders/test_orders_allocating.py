"""Promising stock to an order: commands keep their word on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import (
    open_fulfillment_orders,
    ship,
)
from oms_core.inventory.tables import StockLevel
from oms_core.kernel.errors import (
    InsufficientStock,
    NotFound,
    Refused,
    TransitionRefused,
)
from oms_core.orders.commands import (
    NewLine,
    cancel_order,
    place_order,
)
from oms_core.orders.tables import OrderLine
from oms_core.routing.commands import allocate_order
from oms_core.routing.tables import RoutingRule


def test_allocating_twice_promises_once(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 2}), zone=ZONE)
    assert [a.quantity for a in allocate_order(session, order.id, zone=ZONE)] == [2]
    assert allocate_order(session, order.id, zone=ZONE) == []
    assert [w.state for w in open_fulfillment_orders(session, order.id)] == ["open"]
    assert open_fulfillment_orders(session, order.id) == []
    assert shop.units(session, "MUG", "Leeds", "committed") == 2


def test_two_lines_of_one_sku_share_its_stock(session: Session, shop: OrderShop) -> None:
    two = [NewLine(sku="MUG", quantity=n, unit_price_minor=1) for n in (3, 4)]
    order = place_order(session, replace(new_order({"MUG": 1}), lines=two), zone=ZONE)
    promised = allocate_order(session, order.id, zone=ZONE)
    assert sorted(a.quantity for a in promised) == [2, 2, 3]
    for work in open_fulfillment_orders(session, order.id):
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
    session.expire_all()
    assert [line.shipped_qty for line in session.scalars(sa.select(OrderLine).order_by(OrderLine.position))] == [3, 4]
    assert_ledger_whole(session)


def test_backorder_is_used_only_where_a_policy_allows_it(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"TIN": 5}), zone=ZONE)
    with pytest.raises(InsufficientStock, match="TIN wanted 5, available 4"):
        allocate_order(session, order.id, zone=ZONE)
    session.execute(
        sa.update(StockLevel).where(StockLevel.location_id == shop.places["Leeds"]).values(backorder_limit_qty=4)
    )
    allocate_order(session, order.id, zone=ZONE)
    assert shop.units(session, "TIN", "Leeds") == -4
    assert_ledger_whole(session)


def test_rules_of_the_shop_decide(session: Session, shop: OrderShop) -> None:
    session.add(RoutingRule(position=1, kind="closest", params={}))
    session.flush()
    polish = new_order({"MUG": 1}, country="PL", postal_code="90-001")
    order = place_order(session, polish, zone=ZONE)
    (promise,) = allocate_order(session, order.id, zone=ZONE)
    assert promise.location_id == shop.places["Łódź"]


def test_only_a_placed_order_is_allocated(session: Session, shop: OrderShop) -> None:
    order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
    cancel_order(session, order.id, reason="test", zone=ZONE)
    with pytest.raises(Refused, match="is cancelled"):
        allocate_order(session, order.id, zone=ZONE)
    with pytest.raises(NotFound):
        allocate_order(session, 999, zone=ZONE)
    with pytest.raises(TransitionRefused):
        cancel_order(session, order.id, reason="again", zone=ZONE)
    with pytest.raises(NotFound):
        cancel_order(session, 999, reason="x")
