"""As it was known: a report asked again for an earlier instant is the report that was given then, to the penny."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from order_shop import ZONE, new_order, order_shop

from analytics import past
from analytics.ask import ask
from analytics.metrics import METRICS
from analytics.replica import Replica
from analytics.restated import restated
from oms_core.fulfilment.commands import deliver, ship
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.settings import Shop, save_shop
from oms_core.order_changes.commands import confirm, propose
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay
from oms_core.returns import commands as returns
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.records import lines_of

SHOP = Shop(zone=ZONE, currency="GBP")
MARCH = (date(2024, 3, 1), date(2024, 4, 1))
#: Days of the story on which the whole report is given: edited and cancelled, and when goods are back.
REPORTED = (4, 10)
KNOWN = [m.slug for m in METRICS if not past.whole(m)]


def at(day, month=4):
    return datetime(2024, month, day, 12, tzinfo=UTC)


class Story:
    """A shop whose orders live on after the month's end; every step is kept with what was then reported."""

    def __init__(self, engine, url, folder):
        self.engine, self.replica = engine, Replica.open(folder / "replica.duckdb", url)
        self.reports = []
        with clock.frozen(at(1, 3)), transaction(engine) as session:
            save_shop(session, SHOP)
            self.shop = order_shop(session, {"MUG": {"Leeds": 10}, "TRAY": {"Leeds": 4}, "LAMP": {"Leeds": 3}})

    def step(self, when, act):
        with clock.frozen(when):
            with transaction(self.engine) as session:
                act(session)
            if when.day not in REPORTED:
                return
            self.replica.refresh()
            self.reports.append((when, ask(self.replica, SHOP, KNOWN, since=date(2024, 3, 1), until=date(2024, 5, 1))))

    def tell(self):
        self.step(at(20, 3), self.two_orders)
        self.step(at(2), self.edit)
        self.step(at(3), self.ship)
        self.step(at(4), lambda s: cancel_order(s, self.id_of(s, "2"), reason="customer", zone=ZONE))
        self.step(at(5), lambda s: [deliver(s, shipment_id=parcel) for parcel in self.parcels])
        self.step(at(6), lambda s: place(s, SHOP, new_order({"TRAY": 1}, external_id="3", placed_at=at(30, 3))))
        self.step(at(8), self.ask_back)
        self.step(at(10), self.take_back)
        self.step(at(12), lambda s: pay(s, order_id=self.id_of(s, "1"), kind="refund", amount_minor=2000,
                                        gateway="card", zone=ZONE))  # fmt: skip

    @staticmethod
    def id_of(session, external):
        return session.scalar(sa.select(Order.id).where(Order.external_id == external))

    def line(self, session, sku):
        return session.scalars(
            sa.select(OrderLine).where(OrderLine.order_id == self.id_of(session, "1"), OrderLine.sku == sku)
        ).one()

    def two_orders(self, session):
        first = place(session, SHOP, new_order({"MUG": 3, "TRAY": 1}))
        pay(session, order_id=first["id"], kind="capture", amount_minor=4000, gateway="card", zone=ZONE)
        place(session, SHOP, new_order({"LAMP": 2}, external_id="2", email="bo@example.com"))

    def edit(self, session):
        mug = self.line(session, "MUG")
        actions = [
            {"kind": "set_quantity", "line_id": mug.id, "quantity": 2},
            {"kind": "add_line", "sku": "LAMP", "quantity": 1, "unit_price_minor": 1500},
        ]
        change = propose(session, self.id_of(session, "1"), actions, zone=ZONE, actor="ola")
        confirm(session, change.id, zone=ZONE, actor="jan")

    def ship(self, session):
        work = open_work(session, self.id_of(session, "1"))
        self.parcels = [
            ship(session, fulfillment_order_id=w, carrier="dpd", cost_minor=500, zone=ZONE).id for w in work
        ]

    def ask_back(self, session):
        wanted = [NewReturnLine(self.line(session, "MUG").id, 1)]
        found = returns.request_return(session, order_id=self.id_of(session, "1"), lines=wanted, zone=ZONE)
        self.goods = returns.approve_return(session, return_id=found.id).id

    def take_back(self, session):
        got = [ReceivedLine(lines_of(session, self.goods)[0].id, 1, "restock")]
        place_of = self.shop.places["Leeds"]
        returns.receive_return(session, return_id=self.goods, lines=got, location_id=place_of, zone=ZONE)


@pytest.fixture
def story(engine, database_url, tmp_path):
    told = Story(engine, database_url, tmp_path)
    told.tell()
    told.replica.refresh()
    yield told
    told.replica.close()


def numbers(replica, slugs, as_of=None, **more):
    return ask(replica, SHOP, slugs, since=MARCH[0], until=MARCH[1], as_of=as_of, **more).to_dicts()


def test_a_month_is_known_otherwise_after_an_edit_a_return_and_a_late_order(story):
    replica, end_of_march = story.replica, past.instant("2024-03-31", ZONE)
    with clock.frozen(at(15)):
        # every report asked again for its instant is the one that was given then: every metric that has a past
        for when, reported in story.reports:
            again = ask(replica, SHOP, KNOWN, since=date(2024, 3, 1), until=date(2024, 5, 1), as_of=when)
            pairs = zip(KNOWN, reported.row(0), again.row(0), strict=True)
            assert [(when, *pair) for pair in pairs if pair[1] != pytest.approx(pair[2])] == []

        slugs = ["net_sales", "net_sales_cohort", "orders"]
        # 3 mugs and a tray, and 2 lamps, all at 10.00
        assert numbers(replica, slugs, end_of_march) == [{"net_sales": 6000, "net_sales_cohort": 6000, "orders": 2}]
        # closed months stay closed but for the order that came late; its cohort lives on: a mug off, a lamp of 15.00
        # on, a mug back, two lamps cancelled
        assert numbers(replica, slugs) == [
            {"net_sales": 7000, "net_sales_cohort": 6000 + 1000 - 1000 + 1500 - 1000 - 2000, "orders": 3}
        ]
        with pytest.raises(Refused, match=r"orders_open cannot be asked as it was known .*status"):
            numbers(replica, ["orders_open"], end_of_march)
        with pytest.raises(Refused, match="payment_status"):
            numbers(replica, ["orders"], end_of_march, by=["payment_status"])
        with pytest.raises(InvalidInput, match="future"):
            past.instant("2024-05-01", ZONE)

        span = {"since": MARCH[0], "until": MARCH[1]}
        moved = restated(replica, SHOP, ["net_sales_cohort", "refunds"], before=end_of_march, **span)
        told = {(r["order"], r["why"]): r["change"] for r in moved.to_dicts()}
        assert sorted(told.values()) == [-2000, -1000, 500, 1000]
        assert {why: change for (_, why), change in told.items()} == {
            "cancelled": -2000, "returned": -1000, "edited": 500, "late_arrival": 1000
        }  # fmt: skip
        assert sum(told.values()) == 4500 - 6000
        april = restated(replica, SHOP, ["refunds"], before=end_of_march, since=MARCH[1], until=date(2024, 5, 1))
        [refund] = april.to_dicts()
        assert (refund["change"], "refunded" in refund["why"]) == (2000, True)
        [row] = restated(replica, SHOP, ["net_sales"], before=end_of_march, after=at(7), **span).to_dicts()
        assert (row["why"], row["at"], row["change"]) == ("late_arrival", at(6), 1000)
        with pytest.raises(Refused, match="aov does not add up"):
            restated(replica, SHOP, ["aov"], before=end_of_march, **span)
