"""Stories of work that changes hands: split, moved, merged, rejected by a place, several orders in one parcel."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.fulfilment.commands import (
    Scan,
    deliver,
    hold,
    merge,
    move,
    open_fulfillment_orders,
    reject,
    ship,
    split,
    track,
    track_all,
)  # fmt: skip
from oms_core.fulfilment.tables import FulfillmentOrder, FulfillmentOrderLine, Shipment
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InsufficientStock, InvalidInput, NotFound, Refused
from oms_core.orders.commands import place_order
from oms_core.orders.tables import Order
from oms_core.orders.timeline import timeline
from oms_core.review.consolidation import candidates, consolidate
from oms_core.routing.commands import allocate_order
from oms_core.routing.tables import RoutingDecision


def sold(session: Session, external_id: str = "1", lines: dict[str, int] | None = None, **more: str) -> Order:
    """Place an order and open its work."""
    order = place_order(session, new_order(lines or {"MUG": 1}, external_id=external_id, **more), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    open_fulfillment_orders(session, order.id)
    return order


def works(session: Session, order: Order) -> list[FulfillmentOrder]:
    """Return the order's fulfilment orders as they are now."""
    statement = sa.select(FulfillmentOrder).where(FulfillmentOrder.order_id == order.id).order_by(FulfillmentOrder.id)
    return list(session.scalars(statement, execution_options={"populate_existing": True}))


def allocations(session: Session, work: FulfillmentOrder) -> list[int]:
    """Return the allocations of a fulfilment order."""
    line = FulfillmentOrderLine
    statement = sa.select(line.allocation_id).where(line.fulfillment_order_id == work.id).order_by(line.allocation_id)
    return list(session.scalars(statement))


def assert_lawful(session: Session) -> None:
    """Assert every law of the shop, and the ledger once more by hand."""
    session.flush()
    assert [law for law in run(session) if law["broken"]] == []
    assert_ledger_whole(session)


@pytest.fixture
def shop(engine: sa.Engine, noon: datetime) -> OrderShop:
    """Mugs and tins in Leeds, mugs in Bristol too."""
    with transaction(engine) as session:
        return order_shop(session, {"MUG": {"Leeds": 10, "Bristol": 3}, "TIN": {"Leeds": 10}})


def test_bristol_takes_over_and_the_stock_moves_with_the_work(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"MUG": 2})
        (work,) = works(session, order)
        before = session.get_one(Order, order.id).version
        new = move(session, work.id, shop.places["Bristol"], reason="closer", zone=ZONE, actor="anna")
        assert [w.state for w in works(session, order)] == ["cancelled", "open"]
        assert shop.units(session, "MUG", "Leeds") == 10
        assert shop.units(session, "MUG", "Bristol", "committed") == 2
        assert session.get_one(Order, order.id).version > before
        old, receipt = session.scalars(sa.select(RoutingDecision).order_by(RoutingDecision.id))
        assert receipt.reason == f"anna moved 2 unit(s) of {work.number} from Leeds to Bristol: closer"
        assert (old.superseded_by_id, new.routing_decision_id) == (receipt.id, receipt.id)
        last = timeline(session, order.id)[-1]
        assert last["sentence"] == f"{work.number} moved from Leeds to Bristol: closer"
        assert (last["before"], last["after"]) == (
            {work.number: "open"},
            {work.number: "cancelled", new.number: "open"},
        )
        # it ships from where it is promised
        parcel = ship(session, fulfillment_order_id=new.id, carrier="dpd", zone=ZONE)
        assert parcel.location_id == shop.places["Bristol"]
        assert_lawful(session)


def test_a_place_without_the_stock_is_refused_and_nothing_moves(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"MUG": 4})
        (work,) = works(session, order)
    for to, error in ((shop.places["Bristol"], InsufficientStock), (999, NotFound), (work.location_id, Refused)):
        with pytest.raises(error), transaction(engine) as session:
            move(session, work.id, to, zone=ZONE)
    with transaction(engine) as session:
        hold(session, order.id, reason="address", actor="ben")
    with pytest.raises(Refused, match="address, held by ben"), transaction(engine) as session:
        move(session, work.id, shop.places["Bristol"], lines={allocations(session, work)[0]: 1}, zone=ZONE)
    with transaction(engine) as session:
        assert shop.units(session, "MUG", "Leeds", "committed") == 4
        assert_lawful(session)


def test_half_an_order_goes_ahead_and_joins_again(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"MUG": 3, "TIN": 2})
        (work,) = works(session, order)
        mugs, tins = allocations(session, work)
        new = split(session, work.id, {mugs: 1, tins: 2}, zone=ZONE, actor="anna")
        assert [w.state for w in works(session, order)] == ["open", "open"]
        assert_lawful(session)
        with pytest.raises(Refused, match="Every open unit"):
            split(session, work.id, {mugs: 2}, zone=ZONE)
        with pytest.raises(InvalidInput, match="at most the 2 open units"):
            split(session, work.id, {mugs: 3}, zone=ZONE)
        one = merge(session, [work.id, new.id], actor="anna")
        assert one.id == work.id
        assert [w.state for w in works(session, order)] == ["open", "cancelled"]
        parcel = ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        deliver(session, shipment_id=parcel.id)
        assert session.get_one(Order, order.id).fulfillment_status == "fulfilled"
        assert_lawful(session)


def test_the_rest_of_a_half_shipped_work_moves(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"MUG": 3})
        (work,) = works(session, order)
        (mugs,) = allocations(session, work)
        ship(session, fulfillment_order_id=work.id, carrier="dpd", lines={mugs: 1}, zone=ZONE)
        new = move(session, work.id, shop.places["Bristol"], zone=ZONE, actor="anna")
        assert [w.state for w in works(session, order)] == ["closed", "open"]
        with pytest.raises(Refused, match="nothing left"):
            merge(session, [work.id, new.id])
        ship(session, fulfillment_order_id=new.id, carrier="dpd", zone=ZONE)
        assert session.get_one(Order, order.id).fulfillment_status == "fulfilled"
        assert_lawful(session)


def test_leeds_cannot_find_the_mug(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"MUG": 2})
        (work,) = works(session, order)
        opened = reject(session, work.id, reason="empty shelf", not_found=True, zone=ZONE, actor="leeds")
        # Bristol ships it, and nobody else is promised what Leeds could not find
        assert [session.get_one(FulfillmentOrder, key).location_id for key in opened] == [shop.places["Bristol"]]
        assert shop.units(session, "MUG", "Leeds", "quality_control") == 2
        assert shop.units(session, "MUG", "Leeds") == 8
        assert_lawful(session)
        # Bristol cannot either, and has no second mug: the order waits to be routed
        last = reject(session, opened[0], reason="broken", zone=ZONE, actor="bristol")
        assert [session.get_one(FulfillmentOrder, key).location_id for key in last] == [shop.places["Leeds"]]
        assert_lawful(session)


def test_what_nobody_else_has_waits_to_be_routed(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, lines={"TIN": 2})
        (work,) = works(session, order)
        assert reject(session, work.id, reason="strike", zone=ZONE, actor="leeds") == []
        assert works(session, order)[0].state == "cancelled"
        assert timeline(session, order.id)[-1]["event"] == "fulfillment_order.parked"
        assert shop.units(session, "TIN", "Leeds") == 10
        assert_lawful(session)


def test_two_orders_of_one_buyer_leave_in_one_parcel(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        first, second = sold(session, "1"), sold(session, "2", {"TIN": 1})
        other = sold(session, "3", {"TIN": 1}, email="ola@example.com")
        (a,), (b,), (c,) = works(session, first), works(session, second), works(session, other)
        (group,) = candidates(session)
        assert group["orders"] == [first.number, second.number]
        with pytest.raises(Refused, match=rf"another buyer \({c.number}\)"):
            consolidate(session, [a.id, c.id], carrier="dpd", zone=ZONE)
        hold(session, other.id, reason="address", actor="ben")

        # one label, one cost, both orders shipped
        parcel, rider = consolidate(
            session, [a.id, b.id], carrier="dpd", tracking_number="D1", cost_minor=500, zone=ZONE, actor="anna"
        )
        rows = {s.id: s for s in session.scalars(sa.select(Shipment))}
        assert [(rows[k].tracking_number, rows[k].cost_minor) for k in (parcel, rider)] == [("D1", 500), (None, 0)]
        assert rows[rider].parent_shipment_id == parcel
        assert timeline(session, second.id)[-1]["sentence"] == (
            f"1 unit(s) ride in parcel {rows[parcel].number} of order {first.number}"
        )

        # the carrier knows one parcel: what it says of it is true of both orders
        track(session, shipment_id=parcel, state="in_transit")
        assert session.get_one(Order, second.id).delivery_status == "in_transit"
        track(session, shipment_id=rider, state="out_for_delivery")
        assert session.get_one(Order, first.id).delivery_status == "in_transit"
        deliver(session, shipment_id=parcel)
        assert [session.get_one(Order, o.id).delivery_status for o in (first, second)] == ["delivered", "delivered"]
        # heard again through the other one: nothing happens twice
        (said,) = track_all(session, [Scan(shipment_id=rider, state="delivered", external_id="delivered")])
        assert said is None
        assert set(session.scalars(sa.select(Shipment.state))) == {"delivered"}
        assert_lawful(session)


def test_a_parcel_is_not_shared_when_one_of_the_orders_is_held(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        first, second = sold(session, "1"), sold(session, "2")
        hold(session, second.id, reason="address", actor="ben")
        ids = [works(session, order)[0].id for order in (first, second)]
    with pytest.raises(Refused, match="held by ben"), transaction(engine) as session:
        consolidate(session, ids, carrier="dpd", zone=ZONE)
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Shipment)) == 0
        with pytest.raises(InvalidInput, match="at least two orders"):
            consolidate(session, ids[:1], carrier="dpd", zone=ZONE)
