"""Stories of orders that must wait: holds, service windows, and what a person said against a rule."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import open_fulfillment_orders, ship
from oms_core.fulfilment.holding import NewHold, hold, hold_all, release_due, release_hold, release_order
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder
from oms_core.fulfilment.windows import release_now
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.locations.tables import Channel
from oms_core.orders.commands import cancel_order, place_order
from oms_core.orders.tables import Order
from oms_core.orders.timeline import timeline
from oms_core.routing.commands import allocate_order


def sold(session: Session, external_id: str = "1", **lines: int) -> Order:
    """Place an order and open its work."""
    order = place_order(session, new_order(lines or {"MUG": 1}, external_id=external_id), zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    open_fulfillment_orders(session, order.id)
    return order


def works(session: Session, order: Order) -> list[FulfillmentOrder]:
    """Return the order's fulfilment orders as they are now."""
    statement = sa.select(FulfillmentOrder).where(FulfillmentOrder.order_id == order.id).order_by(FulfillmentOrder.id)
    return list(session.scalars(statement, execution_options={"populate_existing": True}))


@pytest.fixture
def shop(engine: sa.Engine, noon: datetime) -> OrderShop:
    """Leeds and Bristol with mugs and tins."""
    with transaction(engine) as session:
        return order_shop(session, {"MUG": {"Leeds": 10}, "TIN": {"Bristol": 10}})


def test_an_address_is_checked_before_the_parcel_leaves(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    # Ben doubts the address and keeps the order back until tomorrow
    with transaction(engine) as session:
        order = sold(session)
        version = order.version
        kept = hold(
            session, order.id, reason="address", note="no house number", owner="ben",
            until_at=noon + timedelta(days=1), actor="anna",
        )  # fmt: skip
        (work,) = works(session, order)
        assert work.state == "on_hold"
        assert order.fulfillment_status == "on_hold"
        assert order.version > version

    # the packer is told who, why and until when
    with transaction(engine) as session, pytest.raises(Refused) as refused:
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
    assert refused.value.code == "shipment.on_hold"
    for fact in ("address", "no house number", "anna", "ben looks after it", "2010-12-10 12:00", order.number):
        assert fact in refused.value.message

    # the customer answers, Ben lets it go, and it ships
    with transaction(engine) as session:
        release_hold(session, kept.id, actor="ben")
        assert works(session, order)[0].state == "open"
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        told = [one["sentence"] for one in timeline(session, order.id)]
        assert "Put on hold: address, ben looks after it, until 2010-12-10T12:00:00+00:00" in told
        assert "Released from hold: address" in told
        held = next(one for one in timeline(session, order.id) if one["event"] == "order.held")
        assert (held["before"], held["after"]) == ({work.number: "open"}, {work.number: "on_hold"})


def test_the_last_of_two_holds_sets_the_order_free(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, MUG=1, TIN=1)
        leeds, bristol = works(session, order)
        whole = hold(session, order.id, reason="payment", actor="anna")
        part = hold(session, order.id, reason="stock", fulfillment_order_id=leeds.id, actor="ben")
        assert [w.state for w in works(session, order)] == ["on_hold", "on_hold"]
        release_hold(session, whole.id, actor="anna")
        assert [w.state for w in works(session, order)] == ["on_hold", "open"]
        ship(session, fulfillment_order_id=bristol.id, carrier="dpd", zone=ZONE)
        release_hold(session, part.id, actor="ben")
        assert [w.state for w in works(session, order)] == ["open", "closed"]
        # releasing twice is releasing once
        version = session.get_one(Order, order.id).version
        release_hold(session, part.id, actor="somebody else")
        assert session.get_one(FulfillmentHold, part.id).released_by == "ben"
        assert session.get_one(Order, order.id).version == version


def test_what_is_half_packed_goes_back_to_where_it_was(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session, MUG=3)
        (work,) = works(session, order)
        (allocation,) = session.execute(sa.text("SELECT id FROM allocations")).scalars()
        ship(session, fulfillment_order_id=work.id, carrier="dpd", lines={allocation: 1}, zone=ZONE)
        one = hold(session, order.id, reason="customer asks", actor="anna")
        release_hold(session, one.id, actor="anna")
        assert works(session, order)[0].state == "in_progress"


def test_a_rule_does_not_hold_again_what_a_person_released(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        order = sold(session)
        first = hold(session, order.id, reason="risk", guard_key="risk", actor="rules")
        # the rule runs again: the same hold
        assert hold(session, order.id, reason="risk", guard_key="risk", actor="rules").id == first.id
        release_hold(session, first.id, actor="anna")
        again = hold(session, order.id, reason="risk", guard_key="risk", actor="rules")
        assert (again.id, again.released_by) == (first.id, "anna")
        assert works(session, order)[0].state == "open"
        assert timeline(session, order.id)[-1]["event"] == "order.hold_guarded"
        # a hold that ended by its date says nothing about a person's mind
        dated = hold(
            session, order.id, reason="stock", guard_key="stock", until_at=noon + timedelta(hours=1), actor="rules"
        )
    with clock.frozen(noon + timedelta(hours=2)), transaction(engine) as session:
        assert release_due(session)["holds"] == 1
        assert hold(session, order.id, reason="stock", guard_key="stock", actor="rules").id != dated.id


def test_a_customer_has_half_an_hour_to_think(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        session.execute(sa.update(Channel).values(service_window_minutes=30))
        order = sold(session)
        (work,) = works(session, order)
        assert order.release_at == noon + timedelta(minutes=30)
        assert (work.state, order.fulfillment_status) == ("scheduled", "scheduled")
        with pytest.raises(Refused, match="not released to the warehouse before 2010-12-09 12:30 UTC"):
            ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        assert release_due(session) == {"holds": 0, "fulfillment_orders": 0}

    # held in that time: it waits for the person, not for the clock
    with clock.frozen(noon + timedelta(minutes=10)), transaction(engine) as session:
        kept = hold(session, order.id, reason="customer asks", actor="anna")
    with clock.frozen(noon + timedelta(minutes=31)), transaction(engine) as session:
        assert release_due(session) == {"holds": 0, "fulfillment_orders": 0}
        assert works(session, order)[0].state == "on_hold"
        release_hold(session, kept.id, actor="anna")
        assert works(session, order)[0].state == "open"

    # nobody held this one: the worker opens it when its time has come
    with transaction(engine) as session:
        second = sold(session, external_id="2")
    with clock.frozen(noon + timedelta(minutes=30)), transaction(engine) as session:
        assert release_due(session) == {"holds": 0, "fulfillment_orders": 1}
        assert session.get_one(Order, second.id).fulfillment_status == "unfulfilled"
        assert timeline(session, second.id)[-1]["event"] == "order.window_ended"


def test_a_customer_who_is_sure_does_not_wait(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        session.execute(sa.update(Channel).values(service_window_minutes=30))
        order, kept = sold(session), sold(session, external_id="2")
        hold(session, kept.id, reason="address", actor="ben")
        said = release_now(session, [order.id, kept.id, 999], actor="anna")
        assert [type(one) for one in said] == [type(None), type(None), NotFound]
        assert [works(session, o)[0].state for o in (order, kept)] == ["open", "on_hold"]
        last = timeline(session, order.id)[-1]
        assert last["before"] == {"release_at": "2010-12-09T12:30:00+00:00"}
        version = session.get_one(Order, order.id, populate_existing=True).version
        # twice is once
        assert release_now(session, [order.id], actor="ben") == [None]
        assert session.get_one(Order, order.id, populate_existing=True).version == version


def test_a_hold_released_within_the_window_waits_for_its_end(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        session.execute(sa.update(Channel).values(service_window_minutes=30))
        order = sold(session)
        kept = hold(session, order.id, reason="address", actor="anna")
        release_hold(session, kept.id, actor="anna")
        assert works(session, order)[0].state == "scheduled"


def test_an_order_held_before_it_is_routed_opens_on_hold(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = place_order(session, new_order({"MUG": 1}), zone=ZONE)
        kept = hold(session, order.id, reason="credit", actor="anna")
        allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, order.id)
        assert (work.state, work.held_from) == ("on_hold", "open")
        assert session.get_one(Order, order.id).fulfillment_status == "on_hold"
        release_hold(session, kept.id, actor="anna")
        assert works(session, order)[0].state == "open"


def test_cancelling_ends_the_holds(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = sold(session)
        kept = hold(session, order.id, reason="risk", guard_key="risk", actor="rules")
        cancel_order(session, order.id, reason="fraud", actor="anna", zone=ZONE)
        session.refresh(kept)
        assert (kept.released_by, kept.released_how) == ("anna", "order_ended")
        with pytest.raises(Refused, match="is cancelled: there is nothing to hold back"):
            hold(session, order.id, reason="again", actor="anna")


def test_many_holds_each_answered_for_itself(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        orders = [sold(session, external_id=str(n)) for n in range(3)]
        ship(session, fulfillment_order_id=works(session, orders[1])[0].id, carrier="dpd", zone=ZONE)
        wanted = [NewHold(order_id=order.id, reason="stock count") for order in orders]
        wanted += [NewHold(order_id=999, reason="x"), NewHold(order_id=orders[0].id, reason=" ")]
        wanted += [NewHold(order_id=orders[0].id, reason="late", until_at=noon)]
        said = hold_all(session, wanted, actor="anna")
        assert [type(one) for one in said] == [int, Refused, int, NotFound, InvalidInput, InvalidInput]
        assert said[1].code == "hold.nothing_left"
        assert release_order(session, [orders[0].id, orders[1].id, 999], actor="anna")[:2] == [1, 0]
        assert works(session, orders[0])[0].state == "open"
        assert works(session, orders[2])[0].state == "on_hold"
