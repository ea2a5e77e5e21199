"""Stories of a second look: risky orders, orders sent twice, and what a person decides on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.fulfilment.commands import open_fulfillment_orders, release_due, ship
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import NotFound, Refused, TransitionRefused
from oms_core.locations.tables import Channel
from oms_core.order_changes.commands import confirm, propose
from oms_core.orders.commands import NewAddress, NewOrder, cancel_order, place_order
from oms_core.orders.tables import Order
from oms_core.orders.timeline import timeline
from oms_core.review import duplicates, risk, watch
from oms_core.review.tables import DuplicateSuspicion, RiskAssessment, RiskRule
from oms_core.routing.commands import allocate_order

GOOD = NewAddress(country="GB", postal_code="LS1 1AA", city="Leeds", line1="1 Park Row", name="Ala")


def placed(session: Session, new: NewOrder) -> Order:
    """Place an order and open its work."""
    order = place_order(session, new, zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    open_fulfillment_orders(session, order.id)
    return order


def plain(external_id: str = "1", **more: object) -> NewOrder:
    """Return an order nobody has a doubt about."""
    return replace(new_order({"MUG": 1}, external_id=external_id), address=GOOD, **more)  # type: ignore[arg-type]


def risky(external_id: str = "9") -> NewOrder:
    """Return an order billed to one country and shipped to a thin address in another, by a thrown-away address."""
    new = new_order({"MUG": 1}, external_id=external_id, email="x@mailinator.com", country="PL", postal_code="99")
    return replace(new, billing=replace(GOOD, country="US"))


def work_state(session: Session, order: Order) -> str:
    """Return the state of the order's one fulfilment order."""
    return session.scalars(sa.select(FulfillmentOrder.state).where(FulfillmentOrder.order_id == order.id)).one()


def assessed(session: Session, order: Order) -> RiskAssessment:
    """Return the order's assessment as it is now."""
    statement = sa.select(RiskAssessment).where(RiskAssessment.order_id == order.id)
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


@pytest.fixture
def shop(engine: sa.Engine, noon: datetime) -> OrderShop:
    """Mugs and tins in Leeds; a second channel."""
    with transaction(engine) as session:
        session.add(Channel(code="allegro", name="Allegro", kind="marketplace", position=2))
        return order_shop(session, {"MUG": {"Leeds": 100}, "TIN": {"Leeds": 100}})


def test_an_ordinary_order_is_let_through(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = placed(session, plain())
        assert watch.look(session) == {"assessed": 1, "suspected": 0}
        found = assessed(session, order)
        assert (found.score, found.level, found.state, found.reviewer) == (0, "low", "approved", "rules")
        assert work_state(session, order) == "open"
        # nobody looks twice
        assert watch.look(session) == {"assessed": 0, "suspected": 0}


def test_a_dangerous_order_waits_for_anna(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order = placed(session, risky())
        watch.look(session)
        found = assessed(session, order)
        assert (found.score, found.level, found.state) == (70, "high", "open")
        assert [(r["rule"], r["points"]) for r in found.reasons] == [
            ("billing_country", 30), ("address_quality", 20), ("contact", 20),
        ]  # fmt: skip
        assert found.reasons[0]["facts"] == {"billing_country": "US", "shipping_country": "PL"}
        assert "99 is no postal code of PL" in found.reasons[1]["sentence"]
        assert work_state(session, order) == "on_hold"
        key = session.scalars(sa.select(FulfillmentOrder.id)).one()
        with pytest.raises(Refused, match=r"risk \(score 70: Billed to US, shipped to PL"):
            ship(session, fulfillment_order_id=key, carrier="dpd", zone=ZONE)

    # Anna knows the customer; the rule does not hold it again
    with transaction(engine) as session:
        assert risk.approve(session, order.id, actor="anna").state == "approved"
        assert work_state(session, order) == "open"
        risk.assess(session, [order.id])
        assert (assessed(session, order).state, work_state(session, order)) == ("approved", "open")
        told = [one["sentence"] for one in timeline(session, order.id)]
        assert any(one.startswith("Risk 70 of 100, high: Billed to US") for one in told)
        assert told[-2:] == ["Risk looked at and approved", "Released from hold: risk"]
        # twice is once
        risk.approve(session, order.id, actor="ben")
        assert assessed(session, order).reviewer == "anna"


def test_a_fraud_is_rejected_and_its_stock_comes_back(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        order, other = placed(session, risky()), placed(session, plain())
        watch.look(session)
        said = risk.reject_all(session, [order.id, 999], zone=ZONE, actor="anna")
        assert [type(one) for one in said] == [type(None), NotFound]
        session.refresh(order)
        assert (order.state, order.cancel_reason) == ("cancelled", "risk")
        assert shop.units(session, "MUG", "Leeds") == 99
        assert session.scalars(sa.select(FulfillmentHold.released_how)).one() == "order_ended"
        with pytest.raises(TransitionRefused, match="is rejected and cannot become approved"):
            risk.approve(session, order.id, actor="ben")
        # what has left cannot be rejected: it has to come back as a return
        key = session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == other.id)).one()
        ship(session, fulfillment_order_id=key, carrier="dpd", zone=ZONE)
        with pytest.raises(Refused, match="already shipped"):
            risk.reject(session, other.id, zone=ZONE, actor="anna")
        assert assessed(session, other).state == "approved"
        assert_ledger_whole(session)


def test_many_orders_in_a_night_and_many_buyers_at_one_door(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        ala = [placed(session, plain(str(n))) for n in range(4)]
        for n in range(2):
            placed(session, replace(plain(f"b{n}"), customer=replace(plain().customer, email=f"b{n}@example.com")))
        watch.look(session)
        reasons = {r["rule"]: r["sentence"] for r in assessed(session, ala[-1]).reasons}
        assert reasons["velocity_email"] == "4 orders of this buyer within 24 hours"
        assert reasons["velocity_address"] == "3 different buyers at this address within 24 hours"


def test_a_shop_makes_its_own_rules(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        session.add(RiskRule(kind="value", points=75, params={"times": 3, "at_least": 3}))
        session.add(RiskRule(kind="contact", points=100, params={}, is_active=False))
        for n in range(3):
            placed(session, plain(str(n), placed_at=noon - timedelta(days=n + 2)))
        big = placed(session, replace(new_order({"TIN": 3}, external_id="big"), address=GOOD))
        watch.look(session)
        (reason,) = assessed(session, big).reasons
        assert reason["sentence"] == "Worth 3.0 times the usual order of this channel"
        assert assessed(session, big).level == "high"


def test_the_same_wish_through_two_channels(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        first = placed(session, plain("1"))
    with clock.frozen(noon + timedelta(minutes=12)), transaction(engine) as session:
        second = placed(session, replace(plain("A-7"), channel="allegro"))
        weak = placed(session, replace(new_order({"TIN": 1}, external_id="3"), address=GOOD))
        assert watch.look(session) == {"assessed": 3, "suspected": 3}
        strong, *others = session.scalars(sa.select(DuplicateSuspicion).order_by(DuplicateSuspicion.id))
        assert strong.sentence == (
            f"{second.number} repeats {first.number} of the same buyer after 12 min: the same 1 line(s), "
            f"through allegro, {first.number} through web"
        )
        assert {one.kind for one in others} == {"same_total"}
        # equal ones wait, alike ones do not
        assert [work_state(session, o) for o in (first, second, weak)] == ["open", "on_hold", "open"]

    # Ala wanted two: the second goes, and is never held for this again
    with clock.frozen(noon + timedelta(hours=1)), transaction(engine) as session:
        duplicates.dismiss(session, strong.id, actor="anna")
        assert work_state(session, second) == "open"
        assert duplicates.find(session, [first.id, second.id, weak.id]) == []
        assert timeline(session, second.id)[-1]["sentence"].startswith("Released from hold: duplicate")
        # she changes her mind: it was one wish after all
        duplicates.confirm(session, strong.id, cancel_newer=True, zone=ZONE, actor="anna")
        assert session.get_one(Order, second.id).cancel_reason == "duplicate"
        assert_ledger_whole(session)


def test_not_everything_alike_is_a_duplicate(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        first = placed(session, plain("1"))
        later = placed(session, plain("2", placed_at=noon + timedelta(hours=25)))
        other = placed(session, replace(plain("3"), customer=replace(plain().customer, email="ola@example.com")))
        gone = placed(session, plain("4"))
        cancel_order(session, gone.id, reason="customer", zone=ZONE)
        assert duplicates.find(session, [first.id, later.id, other.id, gone.id]) == []


def test_a_duplicate_that_left_is_not_cancelled(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        placed(session, plain("1"))
        second = placed(session, plain("2"))
        key = session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == second.id)).one()
        ship(session, fulfillment_order_id=key, carrier="dpd", zone=ZONE)
        (found,) = duplicates.find(session, [second.id])
        with pytest.raises(Refused, match="already shipped"):
            duplicates.confirm(session, found, cancel_newer=True, zone=ZONE, actor="anna")
        assert duplicates.confirm(session, found, actor="anna").state == "confirmed"
        with pytest.raises(TransitionRefused):
            duplicates.dismiss(session, found, actor="ben")
        with pytest.raises(NotFound):
            duplicates.dismiss(session, 999, actor="ben")


def test_no_order_is_released_before_it_was_looked_at(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        session.execute(sa.update(Channel).values(service_window_minutes=30))
        order = placed(session, risky())
    # the worker looks first and releases then, in one turn
    with clock.frozen(noon + timedelta(minutes=31)), transaction(engine) as session:
        watch.look(session)
        release_due(session)
        assert work_state(session, order) == "on_hold"
        assert [law for law in run(session) if law["broken"]] == []


def test_an_order_sent_elsewhere_is_looked_at_again(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        order = placed(session, replace(plain(), billing=GOOD))
        watch.look(session)
        assert assessed(session, order).score == 0
    with clock.frozen(noon + timedelta(minutes=5)), transaction(engine) as session:
        away = {"kind": "set_address", "address": {"country": "PL", "postal_code": "99", "line1": "somewhere"}}
        change = propose(session, order.id, [away], zone=ZONE, actor="ola")
        confirm(session, change.id, zone=ZONE, actor="ola")
    with clock.frozen(noon + timedelta(minutes=6)), transaction(engine) as session:
        assert watch.look(session)["assessed"] == 1
        found = assessed(session, order)
        assert (found.score, found.level, found.state) == (50, "medium", "open")
        last = timeline(session, order.id)[-1]
        assert (last["before"], last["after"]) == ({"score": 0}, {"score": 50})
        assert not watch.is_due(session)
