"""Every lock, both ways round: whoever is decided first wins, the other hears why, and no law is broken."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from order_shop import ZONE
from race_stage import (
    Race,
    asking_back,
    both,
    buying,
    calling_off,
    cancelling,
    claimed,
    claiming,
    coming_back,
    completing,
    count,
    credit,
    delivered,
    draft,
    editing,
    exchange,
    exchange_sends_first,
    finishing_draft,
    giving_up_draft,
    holding,
    invoicing,
    letting_go,
    making,
    nothing,
    posting,
    purchase,
    receiving,
    receiving_transfer,
    refunding,
    replacement,
    replacing,
    reserved,
    reserving,
    resolving,
    ring,
    sending,
    sent_transfer,
    shipping,
    spending,
    stage_of,
    taking_back,
    transfer,
    two_edits,
    two_orders,
    wanted_book,
    web,
    work,
    work_and_edit,
)
from races import meanwhile
from stock_shop import assert_lawful

from oms_core.backorders import commands as backorders
from oms_core.finance.tables import Invoice
from oms_core.inventory import reservations
from oms_core.kernel import clock
from oms_core.kernel.database import transaction

RACES: dict[str, Race] = {
    "ship and cancel": (work, shipping, cancelling, "order.shipped", "shipment.empty"),
    "ship and edit": (work_and_edit, shipping, editing, "order.stale", "done"),
    "ship and ship": (work, shipping, shipping, *both("shipment.empty")),
    "ship and hold": (work, shipping, holding, "hold.nothing_left", "shipment.on_hold"),
    "edit and cancel": (work_and_edit, editing, cancelling, "done", "order.stale"),
    "two edits": (two_edits, lambda s: lambda x: backorders.confirm_change(x, s.thing, zone=ZONE), editing,
                  *both("order.stale")),
    "one edit twice": (work_and_edit, editing, editing, *both("done")),
    "hold and cancel": (nothing, holding, cancelling, "done", "hold.order_ended"),
    "two refunds": (nothing, refunding, refunding, *both("payment.refund_too_large")),
    "refund and cancel": (nothing, refunding, cancelling, *both("done")),
    "credit twice": (credit, spending("order"), spending("other"), *both("credit.insufficient")),
    "last unit twice": (nothing, buying("ala"), buying("ola"), *both("stock.insufficient")),
    "till and order": (web, reserving, buying("ala"), *both("stock.insufficient")),
    "reservation ordered twice": (reserved, buying("ala", reservation="cart"), buying("ola", reservation="cart"),
                                  *both("stock.insufficient")),
    "reservation ordered and let go": (reserved, buying("ala", reservation="cart"), letting_go,
                                       "reservation.transition_refused", "done"),
    "transfer and order": (transfer, sending, buying("ala"), *both("stock.insufficient")),
    "transfer sent twice": (transfer, sending, sending, *both("transfer.transition_refused")),
    "transfer received twice": (sent_transfer, receiving_transfer, receiving_transfer, *both("transfer.over_receipt")),
    "count and order": (count, posting, buying("ala"), *both("stock.insufficient")),
    "count posted twice": (count, posting, posting, *both("stock_count.transition_refused")),
    "purchase received twice": (purchase, receiving, receiving, *both("purchase_order.transition_refused")),
    "receipt and cancel of who waits": (wanted_book, receiving, cancelling, *both("done")),
    "replacement sent and exchange called off": (exchange_sends_first, replacing, calling_off,
                                                 "done", "exchange.transition_refused"),
    "replacement shipped and exchange called off": (replacement, shipping, calling_off,
                                                    "exchange.replacement_shipped", "shipment.empty"),
    "exchange done twice": (exchange, completing, completing, *both("exchange.transition_refused")),
    "return taken in twice": (coming_back, taking_back, taking_back, *both("return.already_received")),
    "return and claim of the same units": (delivered, asking_back, claiming, "claim.too_many", "return.too_many"),
    "claim settled twice": (claimed, resolving, resolving, *both("claim.transition_refused")),
    "two invoices": (two_orders, invoicing("order"), invoicing("other"), *both("done")),
    "one invoice twice": (nothing, invoicing("order"), invoicing("order"), *both("done")),
    "draft completed twice": (draft, finishing_draft, finishing_draft, *both("done")),
    "draft completed and given up": (draft, finishing_draft, giving_up_draft, *both("draft.transition_refused")),
    "made twice": (ring, making, making, *both("order_line.made_too_many")),
}  # fmt: skip


#: Two who do the same are the same race turned round.
TURNED = [
    (name, turned) for name, (_, one, two, *_) in RACES.items() for turned in (False, True)[: 1 + (one is not two)]
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "turned"), TURNED, ids=[f"{name}{', turned' * turned}" for name, turned in TURNED])
def test_the_second_waits_and_hears_what_the_first_did(engine: sa.Engine, name: str, *, turned: bool) -> None:
    prepare, one, two, after_one, after_two = RACES[name]
    with transaction(engine) as session:
        stage = stage_of(session)
        prepare(session, stage)
    first, second, said = (two, one, after_two) if turned else (one, two, after_one)
    assert meanwhile(engine, first(stage), second(stage)) == said


def test_an_exchange_that_is_done_is_not_called_off(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stage = stage_of(session)
        exchange(session, stage)
    assert meanwhile(engine, completing(stage), calling_off(stage)) == "exchange.transition_refused"


@pytest.mark.parametrize("expires_first", [True, False])
def test_a_reservation_expires_or_is_ordered(engine: sa.Engine, noon: datetime, *, expires_first: bool) -> None:
    """The worker does not wait for an order that is being written: it leaves the reservation to it."""
    with transaction(engine) as session:
        stage = stage_of(session)
        reserved(session, stage)
    late = noon + timedelta(hours=2)
    buy = buying("ala", reservation="cart")(stage)
    if expires_first:
        with clock.frozen(late):
            said = meanwhile(engine, lambda s: reservations.expire_due(s, zone=ZONE), buy)
        assert said == "done"
    else:
        with transaction(engine) as session:
            buy(session)
            if engine.dialect.name != "sqlite":  # SQLite has one writer: the worker has to wait there
                with clock.frozen(late), transaction(engine) as worker:
                    assert reservations.expire_due(worker, zone=ZONE) == 0
    with transaction(engine) as session:
        assert stage.shop.units(session, "MUG", "Leeds", "committed") == 4
        assert stage.shop.units(session, "MUG", "Leeds", "reserved") == 0
        assert_lawful(session)


def test_two_invoices_at_once_have_numbers_one_after_the_other(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stage = stage_of(session)
        two_orders(session, stage)
    assert meanwhile(engine, invoicing("order")(stage), invoicing("other")(stage)) == "done"
    with transaction(engine) as session:
        numbers = session.scalars(sa.select(Invoice.number).order_by(Invoice.id)).all()
    assert [str(number)[-5:] for number in numbers] == ["00001", "00002"]
