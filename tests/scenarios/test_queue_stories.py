"""Stories of a morning at the order desk: what waits, where, since when, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.fulfilment.commands import hold, open_fulfillment_orders, reject, ship, track
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound
from oms_core.locations.tables import Channel
from oms_core.orders.commands import cancel_order, place_order
from oms_core.orders.tables import Order
from oms_core.orders.tags import add_tags
from oms_core.payments.commands import pay
from oms_core.review.queues import QUEUES, counts, in_queue, page_after
from oms_core.routing.commands import allocate_order


def sold(session: Session, external_id: str, *, paid: bool = True, **more: object) -> Order:
    """Place an order of one mug, pay it and open its work."""
    order = place_order(session, new_order({"MUG": 1}, external_id=external_id, **more), zone=ZONE)
    if paid:
        pay(session, order_id=order.id, kind="capture", amount_minor=1000, gateway="card", zone=ZONE)
    allocate_order(session, order.id, zone=ZONE)
    open_fulfillment_orders(session, order.id)
    return order


def work_of(session: Session, order: Order) -> int:
    """Return the id of the order's one fulfilment order."""
    return session.scalars(sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order.id)).one()


def listed(session: Session, name: str, **filters: str) -> list[tuple[str, str]]:
    """Return numbers and reasons in a queue."""
    return [(row["number"], row["why"]) for row in in_queue(session, name, filters=filters)]


@pytest.fixture
def shop(engine: sa.Engine, noon: datetime) -> OrderShop:
    """Thirty mugs in Leeds."""
    with transaction(engine) as session:
        return order_shop(session, {"MUG": {"Leeds": 30}})


def test_a_quiet_shop_has_nothing_to_do(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        assert counts(session) == {queue.name: 0 for queue in QUEUES}


def test_every_queue_says_what_and_why(engine: sa.Engine, shop: OrderShop, noon: datetime) -> None:
    with transaction(engine) as session:
        unpaid = sold(session, "unpaid", paid=False)
        ready = sold(session, "ready")
        kept = sold(session, "kept")
        hold(session, kept.id, reason="address", note="no street", owner="ben", actor="anna")
        session.execute(sa.update(Channel).values(service_window_minutes=30))
        waits = sold(session, "waits")
        session.execute(sa.update(Channel).values(service_window_minutes=0))
        homeless = sold(session, "homeless")
        reject(session, work_of(session, homeless), reason="flood", zone=ZONE, actor="leeds")
        late = sold(session, "late", ship_by_at=noon + timedelta(hours=1))
        parcel = sold(session, "parcel")
        sent = ship(
            session, fulfillment_order_id=work_of(session, parcel), carrier="dpd",
            promised_at=noon + timedelta(hours=2), zone=ZONE,
        )  # fmt: skip
        lost = sold(session, "lost")
        gone = ship(session, fulfillment_order_id=work_of(session, lost), carrier="ups", zone=ZONE)
        track(session, shipment_id=gone.id, state="lost")
        cancelled = sold(session, "cancelled")
        cancel_order(session, cancelled.id, reason="customer", zone=ZONE)

        assert listed(session, "to_confirm") == [(unpaid.number, "payment: none")]
        assert listed(session, "on_hold") == [(kept.number, "address (no street), held by anna, ben looks after it")]
        assert listed(session, "scheduled") == [(waits.number, "the customer may still change it")]
        assert listed(session, "to_route") == [(homeless.number, "1 unit(s) without a place")]
        assert [number for number, _ in listed(session, "to_ship")] == [unpaid.number, ready.number, late.number]
        assert listed(session, "late") == []
        assert set(listed(session, "exceptions")) == {
            (lost.number, "ups says: lost"), (cancelled.number, "cancelled, and still paid"),
        }  # fmt: skip
    with clock.frozen(noon + timedelta(hours=3)), transaction(engine) as session:
        assert listed(session, "late") == [
            (late.number, "should have shipped"), (parcel.number, "dpd should have delivered; it is label_purchased"),
        ]  # fmt: skip
        track(session, shipment_id=sent.id, state="delivered")
        assert [number for number, _ in listed(session, "late")] == [late.number]
        found = counts(session)
        assert found == {
            "to_confirm": 1, "to_route": 1, "risk_review": 0, "duplicates": 0, "on_hold": 1, "scheduled": 1,
            "to_ship": 3, "late": 1, "exceptions": 2,
        }  # fmt: skip
        # a count is the number of things listed
        assert found == {queue.name: len(in_queue(session, queue.name, limit=1000)) for queue in QUEUES}


def test_a_queue_is_narrowed_and_paged(engine: sa.Engine, shop: OrderShop) -> None:
    with transaction(engine) as session:
        orders = [sold(session, str(n), country="GB" if n % 2 else "PL") for n in range(5)]
        add_tags(session, [orders[0].id, orders[3].id], ["vip"], actor="anna")
        assert [number for number, _ in listed(session, "to_ship", tag="VIP")] == [orders[0].number, orders[3].number]
        assert len(listed(session, "to_ship", country="PL")) == 3
        assert len(listed(session, "to_ship", location="LDS", channel="web", currency="GBP")) == 5
        assert listed(session, "to_ship", location="BRS") == []
        seen, after = [], None
        while page := in_queue(session, "to_ship", limit=2, after=after):
            seen += [row["number"] for row in page]
            after = page_after(page)
        assert seen == [order.number for order in orders]
        with pytest.raises(NotFound, match="no queue 'to_shp'"):
            in_queue(session, "to_shp")
        with pytest.raises(InvalidInput, match="colour"):
            in_queue(session, "to_ship", filters={"colour": "red"})
