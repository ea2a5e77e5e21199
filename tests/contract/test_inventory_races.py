"""Nothing is sold twice: the last unit has one winner, and a storm sells exactly what was there."""

from __future__ import annotations

import multiprocessing
import threading
from typing import Any

import sqlalchemy as sa
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop

from oms_core.customers.tables import Customer
from oms_core.fulfilment.commands import deliver, open_fulfillment_orders, ship
from oms_core.intake.commands import place
from oms_core.inventory.tables import Allocation, StockLevel
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import InsufficientStock, OmsError
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import cancel_order, place_order
from oms_core.orders.tables import Order
from oms_core.payments.commands import pay
from oms_core.routing.commands import allocate_order

SHOP = Shop(zone=ZONE, currency="GBP")
#: Long enough for a thread to reach the lock it has to wait at.
A_MOMENT = 0.3


def test_the_last_unit_has_one_winner(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 1}})
        ids = [place_order(session, new_order({"MUG": 1}, external_id=str(n)), zone=ZONE).id for n in (1, 2)]
    started, outcome = threading.Event(), list[OmsError | None]()

    def second() -> None:
        started.set()
        try:
            with transaction(engine) as session:
                allocate_order(session, ids[1], zone=ZONE)
            outcome.append(None)
        except OmsError as error:
            outcome.append(error)

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        allocate_order(session, ids[0], zone=ZONE)
        other.start()
        started.wait()
        other.join(A_MOMENT)
        # the second waits for the first to be decided: it has not seen the unit as free
        assert other.is_alive()
        assert outcome == []
    other.join(120)
    (lost,) = outcome
    assert isinstance(lost, InsufficientStock)
    with transaction(engine) as session:
        assert shop.units(session, "MUG", "Leeds") == 0
        assert shop.units(session, "MUG", "Leeds", "committed") == 1
        assert_ledger_whole(session)


def test_a_cancel_and_a_parcel_at_once_leave_one_of_them(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 3}})
        order = place_order(session, new_order({"MUG": 3}), zone=ZONE)
        allocate_order(session, order.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, order.id)
    outcome = list[str]()

    def cancel() -> None:
        try:
            with transaction(engine) as session:
                cancel_order(session, order.id, reason="late", zone=ZONE)
            outcome.append("cancelled")
        except OmsError as error:
            outcome.append(error.code)

    other = threading.Thread(target=cancel)
    with transaction(engine) as session:
        ship(session, fulfillment_order_id=work.id, carrier="dpd", zone=ZONE)
        other.start()
        other.join(A_MOMENT)
    other.join(120)
    assert outcome == ["order.shipped"]
    with transaction(engine) as session:
        assert_ledger_whole(session)


def test_two_facts_at_once_are_both_seen_in_the_status(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 1, "Bristol": 1}})
        order = place_order(session, new_order({"MUG": 2}), zone=ZONE)
        pay(session, order_id=order.id, kind="capture", amount_minor=2000, gateway="card", zone=ZONE)
        allocate_order(session, order.id, zone=ZONE)
        works = open_fulfillment_orders(session, order.id)
        parcels = [ship(session, fulfillment_order_id=w.id, carrier="dpd", zone=ZONE).id for w in works]

    def second() -> None:
        with transaction(engine) as session:
            deliver(session, shipment_id=parcels[1])

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        deliver(session, shipment_id=parcels[0])
        other.start()
        other.join(A_MOMENT)
    other.join(120)
    with transaction(engine) as session:
        found = session.get_one(Order, order.id)
        assert (found.delivery_status, found.state) == ("delivered", "closed")


WORKERS, ORDERS = 4, 50
STOCK = {"HOT-1": {"Leeds": 30, "Bristol": 20}, "HOT-2": {"Leeds": 20, "Bristol": 40}}


def shop_storm(url: str, worker: int) -> None:
    """Place orders of one unit of each hot SKU, in an order that begs for a deadlock."""
    engine = make_engine(url)
    skus = ["HOT-1", "HOT-2"] if worker % 2 else ["HOT-2", "HOT-1"]
    for n in range(ORDERS):
        # every buyer comes twice and to every worker: first orders of one person meet as well
        new = new_order(dict.fromkeys(skus, 1), external_id=f"{worker}-{n}", email=f"buyer{n % 25}@example.com")
        try:
            with transaction(engine) as session:
                place(session, SHOP, new, idempotency_key=f"{worker}-{n}")
        except InsufficientStock:
            pass
    engine.dispose()


def test_a_storm_sells_exactly_what_was_there(engine: sa.Engine, database_url: str) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=shop_storm, args=(database_url, n)) for n in range(WORKERS)]
    for process in workers:
        process.start()
    for process in workers:
        process.join(120)
    assert [process.exitcode for process in workers] == [0] * WORKERS
    with transaction(engine) as session:
        level: Any = StockLevel
        left = session.execute(sa.select(sa.func.min(level.available), sa.func.sum(level.committed))).one()
        assert left[0] >= 0
        # 50 of HOT-1 and 60 of HOT-2: 50 orders win, whoever they are
        assert int(left[1]) == 100
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 50
        assert int(session.scalar(sa.select(sa.func.sum(Allocation.quantity))) or 0) == 100
        assert (session.scalar(sa.select(sa.func.count()).select_from(Customer)) or 0) <= 25
        assert_ledger_whole(session)


def test_one_order_sent_twice_at_once_is_taken_once(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5}})
    outcome = list[str]()

    def second() -> None:
        try:
            with transaction(engine) as session:
                place(session, SHOP, new_order({"MUG": 1}))
            outcome.append("placed")
        except OmsError as error:
            outcome.append(error.code)

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        place(session, SHOP, new_order({"MUG": 1}))
        other.start()
        other.join(A_MOMENT)
        assert other.is_alive()
    other.join(120)
    assert outcome == ["order.duplicate"]
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
        assert_ledger_whole(session)


def test_one_key_sent_twice_at_once_gets_one_answer(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5}})
    answers = list[dict[str, Any]]()

    def second() -> None:
        with transaction(engine) as session:
            answers.append(place(session, SHOP, new_order({"MUG": 1}), idempotency_key="k"))

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        first = place(session, SHOP, new_order({"MUG": 1}), idempotency_key="k")
        other.start()
        other.join(A_MOMENT)
        assert other.is_alive()
    other.join(120)
    assert answers == [first]
