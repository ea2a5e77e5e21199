"""Two people at one order in the same moment: the second always sees what the first did."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.fulfilment.commands import hold, move, open_fulfillment_orders, release_hold, ship
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import OmsError
from oms_core.orders.commands import cancel_order, place_order
from oms_core.orders.tables import Order
from oms_core.review import duplicates
from oms_core.review.tables import DuplicateSuspicion
from oms_core.routing.commands import allocate_order

#: Long enough for a thread to reach the lock it has to wait at.
A_MOMENT = 0.3
Act = Callable[[Session], object]


@pytest.fixture
def order(engine: sa.Engine) -> tuple[int, int, int]:
    """An order of three mugs from Leeds: its id, its work's, and Bristol's."""
    with transaction(engine) as session:
        shop = order_shop(session, {"MUG": {"Leeds": 3, "Bristol": 3}})
        placed = place_order(session, new_order({"MUG": 3}), zone=ZONE)
        allocate_order(session, placed.id, zone=ZONE)
        (work,) = open_fulfillment_orders(session, placed.id)
        return placed.id, work.id, shop.places["Bristol"]


def at_once(engine: sa.Engine, first: Act, second: Act) -> str:
    """Do `second` while `first` is done and not committed; return how the second ended."""
    outcome, started = list[str](), threading.Event()

    def other_person() -> None:
        started.set()
        try:
            with transaction(engine) as session:
                second(session)
            outcome.append("done")
        except OmsError as error:
            outcome.append(error.code)

    other = threading.Thread(target=other_person)
    with transaction(engine) as session:
        first(session)
        other.start()
        started.wait()
        other.join(A_MOMENT)
        assert other.is_alive(), "the second did not wait for the first"
    other.join(120)
    with transaction(engine) as session:
        assert [law["first_broken"] for law in run(session) if law["broken"]] == []
        assert_ledger_whole(session)
    return outcome[0]


def test_a_parcel_and_a_hold(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    key, work, _ = order
    held = at_once(
        engine,
        lambda s: hold(s, key, reason="address", actor="ben"),
        lambda s: ship(s, fulfillment_order_id=work, carrier="dpd", zone=ZONE),
    )
    assert held == "shipment.on_hold"


def test_a_hold_and_a_parcel(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    key, work, _ = order
    late = at_once(
        engine,
        lambda s: ship(s, fulfillment_order_id=work, carrier="dpd", zone=ZONE),
        lambda s: hold(s, key, reason="address", actor="ben"),
    )
    assert late == "hold.nothing_left"


def test_one_guard_one_hold(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    key, *_ = order

    def act(session: Session) -> object:
        return hold(session, key, reason="risk", guard_key="risk", actor="rules")

    assert at_once(engine, act, act) == "done"
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(FulfillmentHold)) == 1


def test_two_releases_and_a_cancel(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    key, *_ = order
    with transaction(engine) as session:
        kept = hold(session, key, reason="address", actor="ben").id
    done = at_once(
        engine, lambda s: release_hold(s, kept, actor="anna"), lambda s: release_hold(s, kept, actor="ben")
    )  # fmt: skip
    assert done == "done"
    with transaction(engine) as session:
        assert session.get_one(FulfillmentHold, kept).released_by == "anna"
    again = at_once(
        engine,
        lambda s: hold(s, key, reason="again", actor="ben"),
        lambda s: cancel_order(s, key, reason="customer", zone=ZONE),
    )
    assert again == "done"
    with transaction(engine) as session:
        assert set(session.scalars(sa.select(FulfillmentHold.released_how))) == {"person", "order_ended"}


def test_a_move_and_a_parcel(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    _, work, bristol = order
    gone = at_once(
        engine,
        lambda s: move(s, work, bristol, zone=ZONE, actor="anna"),
        lambda s: ship(s, fulfillment_order_id=work, carrier="dpd", zone=ZONE),
    )
    assert gone == "shipment.empty"
    with transaction(engine) as session:
        states = session.execute(sa.select(FulfillmentOrder.location_id, FulfillmentOrder.state)).all()
        assert (bristol, "open") in [tuple(row) for row in states]


def test_the_same_pair_is_suspected_once(engine: sa.Engine, order: tuple[int, int, int]) -> None:
    with transaction(engine) as session:
        second = place_order(session, new_order({"MUG": 3}, external_id="2"), zone=ZONE)
        ids = [order[0], second.id]
    assert at_once(engine, lambda s: duplicates.find(s, ids), lambda s: duplicates.find(s, ids)) == "done"
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DuplicateSuspicion)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(FulfillmentHold)) == 1
        assert {order.version for order in session.scalars(sa.select(Order))} >= {2}
