"""Two people at once on one return, exchange, claim or withdrawal: one of them does it; on both databases."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from returns_shop import bring_back
from small_shop import ZONE, deliver_all, line_ids, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import OmsError
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment
from oms_core.returns import claim_resolving, claims, commands, exchanges, refunds, withdrawals
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.commands import NewReturnLine
from oms_core.returns.exchanges import NewExchangeLine
from oms_core.returns.withdrawal_settling import settle_withdrawal
from oms_core.returns.withdrawals import Declaration

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def sold(engine):
    """A delivered order of two mugs, paid 20.00."""
    with transaction(engine) as session:
        shop = small_shop(session)
        stock(session, shop, MUG=9, BAG=9, TIN=9)
        order = sell(session, shop, "anna", MUG=2)
        deliver_all(session, order)
        return shop, order.id, line_ids(session, order)["MUG"]


def at_once(engine, *actions):
    """Run actions at the same time, each in a transaction of its own; return what became of them, sorted."""
    answers, start = [], threading.Barrier(len(actions))

    def one(action):
        start.wait()
        try:
            with transaction(engine) as session:
                action(session)
            answers.append("done")
        except OmsError as error:
            answers.append(error.code)

    people = [threading.Thread(target=one, args=(action,)) for action in actions]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return sorted(answers)


def whole(engine, *, refunded):
    with transaction(engine) as session:
        back = sa.select(sa.func.coalesce(sa.func.sum(Payment.amount_minor), 0)).where(Payment.kind == "refund")
        assert session.scalar(back) == refunded
        assert [(row["name"], row["first_broken"]) for row in run(session) if row["broken"]] == []


def test_a_refund_is_paid_once(engine, sold):
    shop, order, line = sold
    with transaction(engine) as session:
        goods = commands.request_return(session, order_id=order, lines=[NewReturnLine(line, 2)], zone=ZONE).id
        commands.approve_return(session, return_id=goods)
        bring_back(session, shop, goods)
    pay = [lambda s: refunds.settle_refund(s, return_id=goods, zone=ZONE)] * 3
    assert at_once(engine, *pay) == ["done", "return.nothing_owed", "return.nothing_owed"]
    whole(engine, refunded=2000)


def test_one_unit_is_claimed_returned_or_withdrawn_once(engine, sold):
    _, order, line = sold
    answers = at_once(
        engine,
        lambda s: claims.open_claim(s, order_id=order, kind="damaged", lines=[NewClaimLine(line, 2)]),
        lambda s: commands.request_return(s, order_id=order, lines=[NewReturnLine(line, 2)], zone=ZONE),
        lambda s: withdrawals.declare_withdrawal(s, order_id=order, declaration=Declaration(), zone=ZONE),
    )
    assert answers.count("done") == 1
    assert set(answers) <= {"done", "claim.too_many", "return.too_many", "withdrawal.nothing_left"}
    whole(engine, refunded=0)


def test_a_withdrawal_is_settled_once(engine, sold):
    _, order, _line = sold
    with transaction(engine) as session:
        key = withdrawals.declare_withdrawal(session, order_id=order, declaration=Declaration(), zone=ZONE).id
    settle = [lambda s: settle_withdrawal(s, withdrawal_id=key, before_goods=True, zone=ZONE)] * 3
    assert at_once(engine, *settle) == ["done", "withdrawal.transition_refused", "withdrawal.transition_refused"]
    whole(engine, refunded=2000)


def test_an_exchange_is_completed_once_whoever_refunds_beside_it(engine, sold):
    shop, order, line = sold
    with transaction(engine) as session:
        found = exchanges.request_exchange(
            session, order_id=order, back=[NewReturnLine(line, 2)], new=[NewExchangeLine(sku="MUG", quantity=1)],
            zone=ZONE,
        )  # fmt: skip
        exchanges.approve_exchange(session, exchange_id=found.id)
        bring_back(session, shop, found.return_id)
        key, goods = found.id, found.return_id
    answers = at_once(
        engine,
        lambda s: exchanges.complete_exchange(s, exchange_id=key, zone=ZONE),
        lambda s: exchanges.complete_exchange(s, exchange_id=key, zone=ZONE),
        lambda s: refunds.settle_refund(s, return_id=goods, zone=ZONE),
        lambda s: commands.refund_return(s, return_id=goods, gateway="card", zone=ZONE),
    )
    assert answers.count("done") == 1
    assert set(answers) <= {"done", "exchange.transition_refused", "return.governed", "return.nothing_owed"}
    whole(engine, refunded=1000)
    with transaction(engine) as session:
        assert session.get_one(Order, order).total_minor == 2000


def test_a_claim_is_resolved_once(engine, sold):
    _, order, line = sold
    with transaction(engine) as session:
        key = claims.open_claim(session, order_id=order, kind="damaged", lines=[NewClaimLine(line, 1)]).id
        claims.approve_claim(session, claim_id=key, zone=ZONE)
    resolve = [
        lambda s, how=how: claim_resolving.resolve_claim(s, claim_id=key, resolution=how, zone=ZONE)
        for how in ("refund", "refund", "refund")
    ]
    assert at_once(engine, *resolve) == ["claim.transition_refused", "claim.transition_refused", "done"]
    whole(engine, refunded=1000)
