"""Edits against shipping, cancelling and other edits: whoever commits first wins, the other hears why."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.queries import open_work
from oms_core.intake.commands import place
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, OmsError
from oms_core.kernel.settings import Shop
from oms_core.order_changes.commands import confirm, propose
from oms_core.order_changes.tables import OrderChange
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.commands import pay

SHOP = Shop(zone=ZONE, currency="GBP")
#: Long enough for a thread to reach the lock it has to wait at.
A_MOMENT = 0.3
Deed = Callable[[Session], Any]


@pytest.fixture
def order_id(engine: sa.Engine) -> int:
    """An order of three mugs, promised, with a proposal to take one off (see `change_of`)."""
    with transaction(engine) as session:
        order_shop(session, {"MUG": {"Leeds": 5}, "TRAY": {"Leeds": 5}})
        key: int = place(session, SHOP, new_order({"MUG": 3}), actor="web")["id"]
        mug = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == key)).one()
        propose(session, key, [{"kind": "set_quantity", "line_id": mug, "quantity": 2}], zone=ZONE, actor="ola")
    return key


def change_of(session: Session, order_id: int) -> int:
    """Return the id of the order's first proposal."""
    return session.scalars(sa.select(sa.func.min(OrderChange.id)).where(OrderChange.order_id == order_id)).one()


def shipping(order_id: int) -> Deed:
    """Ship everything."""
    return lambda session: [
        ship(session, fulfillment_order_id=work, carrier="dpd", zone=ZONE, actor="packer")
        for work in open_work(session, order_id)
    ]


def cancelling(order_id: int) -> Deed:
    """Cancel the order."""
    return lambda session: cancel_order(session, order_id, reason="late", zone=ZONE, actor="buyer")


def paying(order_id: int) -> Deed:
    """Pay the order."""
    return lambda session: pay(
        session, order_id=order_id, kind="capture", amount_minor=3000, gateway="card", zone=ZONE, actor="till"
    )


def editing(order_id: int) -> Deed:
    """Confirm the proposal."""
    return lambda session: confirm(session, change_of(session, order_id), zone=ZONE, actor="jan")


def at_once(engine: sa.Engine, first: Deed, second: Deed) -> OmsError | None:
    """Do the first, begin the second before the first commits, and return what the second heard."""
    outcome, started = list[OmsError | None](), threading.Event()

    def other() -> None:
        started.set()
        try:
            with transaction(engine) as session:
                second(session)
            outcome.append(None)
        except OmsError as error:
            outcome.append(error)

    thread = threading.Thread(target=other)
    with transaction(engine) as session:
        first(session)
        thread.start()
        started.wait()
        thread.join(A_MOMENT)
        # the second waits for the first to be decided
        assert thread.is_alive()
    thread.join(120)
    (heard,) = outcome
    with transaction(engine) as session:
        assert_ledger_whole(session)
        assert [law for law in run(session) if law["broken"]] == []
    return heard


@pytest.mark.parametrize(
    ("deed", "actor", "event"),
    [
        (shipping, "packer", "shipment.shipped"),
        (cancelling, "buyer", "order.cancelled"),
        (paying, "till", "payment.capture"),
    ],
)
def test_an_edit_that_comes_second_hears_who_did_what(
    engine: sa.Engine, order_id: int, deed: Callable[[int], Deed], actor: str, event: str
) -> None:
    heard = at_once(engine, deed(order_id), editing(order_id))
    assert isinstance(heard, Conflict)
    assert heard.code == "order.stale"
    assert (event, actor) in [(e["event"], e["actor"]) for e in heard.facts["changes"]]
    assert f"{event} by {actor}" in heard.message
    with transaction(engine) as session:
        assert session.get_one(Order, order_id).total_minor == 3000


def test_a_parcel_that_comes_second_takes_what_the_edit_left(engine: sa.Engine, order_id: int) -> None:
    assert at_once(engine, editing(order_id), shipping(order_id)) is None
    with transaction(engine) as session:
        line = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order_id)).one()
        assert (line.quantity, line.shipped_qty) == (2, 2)
        assert session.get_one(Order, order_id).fulfillment_status == "fulfilled"


def test_a_cancellation_that_comes_second_cancels_what_the_edit_left(engine: sa.Engine, order_id: int) -> None:
    assert at_once(engine, editing(order_id), cancelling(order_id)) is None
    with transaction(engine) as session:
        order = session.get_one(Order, order_id)
        assert (order.state, order.total_minor) == ("cancelled", 2000)


def test_two_edits_at_once_have_one_winner(engine: sa.Engine, order_id: int) -> None:
    with transaction(engine) as session:
        other = propose(
            session, order_id, [{"kind": "add_line", "sku": "TRAY", "quantity": 1}], zone=ZONE, actor="eva"
        ).id
    heard = at_once(engine, editing(order_id), lambda session: confirm(session, other, zone=ZONE, actor="eva"))
    assert isinstance(heard, Conflict)
    assert heard.code == "order.stale"
    assert "order.changed by jan" in heard.message


def test_one_change_confirmed_twice_at_once_is_done_once(engine: sa.Engine, order_id: int) -> None:
    assert at_once(engine, editing(order_id), editing(order_id)) is None
    with transaction(engine) as session:
        assert session.get_one(Order, order_id).total_minor == 2000


def test_a_second_parcel_of_the_same_status_is_seen_too(engine: sa.Engine, order_id: int) -> None:
    from oms_core.inventory.tables import Allocation

    with transaction(engine) as session:
        (work,) = open_work(session, order_id)
        promised = session.scalars(sa.select(Allocation.id)).one()
        ship(session, fulfillment_order_id=work, carrier="dpd", lines={promised: 1}, zone=ZONE)
        mug = session.scalars(sa.select(OrderLine.id).where(OrderLine.order_id == order_id)).one()
        change = propose(
            session, order_id, [{"kind": "set_quantity", "line_id": mug, "quantity": 2}], zone=ZONE, actor="ola"
        ).id
    with transaction(engine) as session:
        ship(session, fulfillment_order_id=work, carrier="dpd", lines={promised: 1}, zone=ZONE, actor="packer")
    with pytest.raises(Conflict, match=r"shipment.shipped by packer"), transaction(engine) as session:
        confirm(session, change, zone=ZONE)
