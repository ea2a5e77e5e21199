"""Two at once: refunds, captures, store credit and invoice numbers; each race decided the same way every time."""

from __future__ import annotations

import threading
from collections.abc import Callable

import sqlalchemy as sa
from finance_shop import SHOP, ZONE, broken, buy, on, order_with_tax, small_shop
from sqlalchemy.orm import Session

from oms_core.finance import commands
from oms_core.finance.ageing import open_entries
from oms_core.finance.tables import DocumentCounter, Invoice
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import OmsError
from oms_core.orders.commands import NewPayment
from oms_core.orders.tables import Order
from oms_core.payments import credit, settling
from oms_core.payments.commands import pay
from oms_core.payments.queries import balance

#: Long enough for a thread to reach the lock it has to wait at.
A_MOMENT = 0.3


def race(engine: sa.Engine, first: Callable[[Session], object], second: Callable[[Session], object]) -> list[str]:
    """Run the second while the first is done and not yet committed; return what became of the second."""
    outcome = list[str]()

    def other() -> None:
        try:
            with transaction(engine) as session:
                second(session)
            outcome.append("done")
        except OmsError as error:
            outcome.append(error.code)

    thread = threading.Thread(target=other)
    with transaction(engine) as session:
        first(session)
        thread.start()
        thread.join(A_MOMENT)
        assert thread.is_alive(), "the second did not wait for the first to be decided"
    thread.join(120)
    return outcome


def paid_order(engine: sa.Engine, *payments: NewPayment, name: str = "anna") -> int:
    with on(2), transaction(engine) as session:
        shop = small_shop(session)
        buy(session, shop, MUG=(50, 400))
        return order_with_tax(session, name, payments=list(payments), MUG=1).id


def moving(order_id: int, kind: str, minor: int, **more):
    def act(session: Session) -> None:
        pay(session, order_id=order_id, kind=kind, amount_minor=minor, gateway="card", zone=ZONE, **more)

    return act


def test_two_refunds_at_once_never_give_back_more_than_came(engine):
    order = paid_order(engine, NewPayment(gateway="card", amount_minor=1230))
    assert race(engine, moving(order, "refund", 800), moving(order, "refund", 800)) == ["payment.refund_too_large"]
    with transaction(engine) as session:
        assert balance(session, order).refunded_minor == 800
        assert broken(session) == []


def test_two_refunds_at_once_of_one_capture_stay_within_it(engine):
    order = paid_order(
        engine, NewPayment(gateway="card", amount_minor=600), NewPayment(gateway="transfer", amount_minor=630)
    )
    with transaction(engine) as session:
        capture = min(e.id for e in _account(session, order).of_kind("capture"))
    both = moving(order, "refund", 400, parent_id=capture)
    assert race(engine, both, both) == ["payment.refund_too_large"]


def _account(session: Session, order_id: int):
    from oms_core.payments.queries import account_of

    return account_of(session, order_id)


def test_two_captures_at_once_share_one_authorisation(engine):
    order = paid_order(engine, NewPayment(gateway="card", amount_minor=1230, kind="authorize"))
    assert race(engine, moving(order, "capture", 1000), moving(order, "capture", 1000)) == ["payment.capture_too_large"]


def test_a_capture_and_a_void_at_once_leave_one_of_them(engine):
    order = paid_order(engine, NewPayment(gateway="card", amount_minor=1230, kind="authorize"))
    assert race(engine, moving(order, "capture", 1230), moving(order, "void", 1230)) == ["payment.void_too_large"]
    with transaction(engine) as session:
        assert broken(session) == []


def test_two_orders_at_once_cannot_spend_one_credit_twice(engine):
    first = paid_order(engine)
    with on(3), transaction(engine) as session:
        second = order_with_tax(session, "anna-2", MUG=1)
        customer = session.get_one(Order, first).customer_id
        second.customer_id = customer
        other = second.id
        credit.issue_credit(session, customer_id=customer, amount_minor=2000, currency="PLN", reason="sorry")

    def spend(order_id: int):
        return lambda session: settling.spend_credit(session, order_id=order_id, zone=ZONE)

    assert race(engine, spend(first), spend(other)) == ["credit.insufficient"]
    with transaction(engine) as session:
        assert credit.balance(session, customer, "PLN") == 2000 - 1230
        assert broken(session) == []


def test_credit_issued_twice_at_once_is_there_twice(engine):
    with transaction(engine) as session:
        customer = session.get_one(Order, paid_order(engine)).customer_id

    def issue(session: Session) -> None:
        credit.issue_credit(session, customer_id=customer, amount_minor=500, currency="PLN", reason="sorry")

    assert race(engine, issue, issue) == ["done"]
    with transaction(engine) as session:
        assert credit.balance(session, customer, "PLN") == 1000


def test_invoices_at_once_are_numbered_one_after_the_other(engine):
    first = paid_order(engine)
    with on(3), transaction(engine) as session:
        second = order_with_tax(session, "jan", MUG=1).id

    def issue(order_id: int):
        return lambda session: commands.issue_invoice(session, SHOP, order_id=order_id)

    assert race(engine, issue(first), issue(second)) == ["done"]
    with transaction(engine) as session:
        assert sorted(session.scalars(sa.select(Invoice.sequence))) == [1, 2]


class PowerCut(Exception):
    """The process died before it could commit."""


def issue_and_die(session: Session, order_id: int) -> None:
    commands.issue_invoice(session, SHOP, order_id=order_id)
    raise PowerCut


def try_to_issue(engine: sa.Engine, order_id: int, *, dies: bool) -> str:
    """Issue in a transaction of its own; return what became of it."""
    try:
        with transaction(engine) as session:
            if dies:
                issue_and_die(session, order_id)
            commands.issue_invoice(session, SHOP, order_id=order_id)
    except PowerCut:
        return "died"
    except OmsError as error:
        return error.code
    return "issued"


def test_a_number_that_was_taken_back_is_given_again(engine):
    order = paid_order(engine)
    assert try_to_issue(engine, order, dies=True) == "died"
    with transaction(engine) as session:
        assert commands.issue_invoice(session, SHOP, order_id=order).sequence == 1
        assert session.scalar(sa.select(DocumentCounter.last)) == 1


def test_a_storm_of_invoices_with_deaths_leaves_no_gap(engine):
    paid_order(engine)
    with on(3), transaction(engine) as session:
        orders = [order_with_tax(session, f"buyer{n}", MUG=1).id for n in range(24)]
    said = list[str]()

    def worker(mine: list[int]) -> None:
        said.extend(try_to_issue(engine, order_id, dies=n % 3 == 2) for n, order_id in enumerate(mine))

    threads = [threading.Thread(target=worker, args=(orders[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(said) == ["died"] * 8 + ["issued"] * 16
    with transaction(engine) as session:
        assert sorted(session.scalars(sa.select(Invoice.sequence))) == list(range(1, 17))
        assert broken(session) == []


def test_one_credit_cannot_settle_two_claims_at_once(engine):
    first = paid_order(engine, NewPayment(gateway="transfer", amount_minor=2000))
    with on(3), transaction(engine) as session:
        second = order_with_tax(session, "jan", MUG=1)
        second.customer_id = session.get_one(Order, first).customer_id
        session.flush()
        for order_id in (first, second.id):
            commands.issue_invoice(session, SHOP, order_id=order_id)
        entries = open_entries(session, side="receivable", today=second.business_date)
        (claim,), (money,) = ([e["id"] for e in entries if (e["open_minor"] > 0) is sign] for sign in (True, False))

    def match(session: Session) -> None:
        commands.match(session, claim_id=claim, settling_id=money)

    assert race(engine, match, match) == ["open_ledger_entry.not_found"]
    with transaction(engine) as session:
        assert broken(session) == []
