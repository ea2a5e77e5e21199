"""Stories of drafts and quotes, from the first wish to the paid order."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import ZONE, OrderShop, assert_ledger_whole, order_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.drafts import commands as drafts
from oms_core.drafts.queries import draft_named, draft_of_token, draft_record, drafts_list
from oms_core.drafts.tables import Draft
from oms_core.inventory.commands import adjust
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, InsufficientStock, InvalidInput, NotFound, Refused, TransitionRefused
from oms_core.kernel.settings import Shop
from oms_core.orders.tables import Order
from oms_core.payments.tables import Payment
from oms_core.returns.case_tables import CustomerMessage

SHOP = Shop(zone=ZONE, currency="GBP", name="Ordersight Pots")


def wish(**more: Any) -> dict[str, Any]:
    """Return a document of two mugs at the catalogue's price and carriage."""
    return {
        "channel": "web",
        "currency": "GBP",
        "customer": {"email": "ala@example.com", "name": "Ala"},
        "shipping_address": {"country": "GB", "postal_code": "LS1 1AA"},
        "lines": [{"sku": "MUG", "quantity": 2}],
        "adjustments": [{"kind": "shipping", "amount": "4.99"}],
        **more,
    }


def stocked(session: Session, units: int = 5) -> OrderShop:
    """Return a shop with mugs in Leeds."""
    return order_shop(session, {"MUG": {"Leeds": units}})


def assert_lawful(session: Session) -> None:
    """Assert that no law of the shop is broken."""
    session.flush()
    assert [law for law in run(session) if law["broken"]] == []
    assert_ledger_whole(session)


def test_a_draft_is_paid_in_person_and_becomes_an_order(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = stocked(session)
        draft = drafts.create(session, wish(), actor="till")
        assert (draft.number, draft.state, draft.total_minor) == ("D-000001", "open", 2499)
        assert draft.document["lines"][0]["unit_price"] == "10.00"
        assert shop.units(session, "MUG", "Leeds") == 5
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0
        answer = drafts.complete(session, SHOP, draft.id, gateway="cash", actor="till")
        assert (answer["draft"], answer["payment_status"], answer["total"]) == ("D-000001", "paid", "24.99")
        order = session.get_one(Order, answer["id"])
        assert (order.external_id, draft.order_id, draft.state) == ("D-000001", order.id, "completed")
        assert shop.units(session, "MUG", "Leeds", "committed") == 2
        assert draft_record(session, draft)["order"] == order.number
        assert_lawful(session)


def test_completing_twice_is_completing_once(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        draft = drafts.create(session, wish())
        first = drafts.complete(session, SHOP, draft.id, gateway="card", external_id="p1")
        assert drafts.complete(session, SHOP, draft.id, gateway="card", external_id="p1") == first
        assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1
        with pytest.raises(TransitionRefused, match="completed and cannot become cancelled"):
            drafts.cancel(session, draft.id)
        assert_lawful(session)


def test_completing_twice_at_once_makes_one_order(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        key = drafts.create(session, wish()).id
    answers = list[dict[str, Any]]()

    def second() -> None:
        with transaction(engine) as session:
            answers.append(drafts.complete(session, SHOP, key, gateway="cash"))

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        first = drafts.complete(session, SHOP, key, gateway="cash")
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(120)
    assert answers == [first]
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1
        assert_lawful(session)


def test_a_deposit_leaves_the_rest_to_be_paid(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        draft = drafts.create(session, wish())
        answer = drafts.complete(session, SHOP, draft.id, gateway="card", amount_minor=1000)
        assert answer["payment_status"] == "partially_paid"
        unpaid = drafts.complete(session, SHOP, drafts.create(session, wish()).id)
        assert unpaid["payment_status"] == "none"
        assert_lawful(session)


def test_a_draft_that_cannot_be_served_stays_a_draft(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        shop = stocked(session, 1)
        key = drafts.create(session, wish()).id
    with pytest.raises(InsufficientStock), transaction(engine) as session:
        drafts.complete(session, SHOP, key, gateway="cash")
    with transaction(engine) as session:
        assert session.get_one(Draft, key).state == "open"
        assert session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
        place = shop.places["Leeds"]
        adjust(session, variant_id=shop.variants["MUG"], location_id=place, delta_qty=1, reason="found", zone=ZONE)
        assert drafts.complete(session, SHOP, key, gateway="cash")["payment_status"] == "paid"
        assert_lawful(session)


def test_an_invoice_goes_to_the_outbox_with_a_link(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        until = clock.now() + timedelta(days=14)
        draft = drafts.create(session, wish(), kind="quote", expires_at=until)
        drafts.send_invoice(session, SHOP, draft.id, link_base="https://pots.example", actor="ola")
        (message,) = session.scalars(sa.select(CustomerMessage)).all()
        assert (message.recipient, message.sent_at, draft.state) == ("ala@example.com", None, "invoice_sent")
        assert f"https://pots.example/pay/{draft.payment_token}" in message.body
        assert "Our quote Q-000001: 24.99 GBP" in message.subject
        assert draft_of_token(session, draft.payment_token).id == draft.id
        polish = drafts.send_invoice(session, SHOP, draft.id, language="pl")
        assert "Do zapłaty: 24.99 GBP" in polish.body
        drafts.update(session, draft.id, document=wish(adjustments=[]), actor="ola")
        assert (draft.state, draft.total_minor, draft.version) == ("open", 2000, 4)
        assert_lawful(session)


def test_a_quote_that_expired_is_not_sold_until_it_is_offered_anew(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        now = clock.now()
        draft = drafts.create(session, wish(), kind="quote", expires_at=now + timedelta(days=7))
        with clock.frozen(now + timedelta(days=8)):
            with pytest.raises(Refused, match="Q-000001 expired"):
                drafts.complete(session, SHOP, draft.id, gateway="card")
            assert drafts.expire_due(session) == 1
            assert drafts.expire_due(session) == 0
            assert draft.state == "expired"
            drafts.update(session, draft.id, expires_at=now + timedelta(days=20))
            assert drafts.complete(session, SHOP, draft.id, gateway="card")["payment_status"] == "paid"
        assert_lawful(session)


def test_a_draft_is_checked_when_it_is_kept(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        stocked(session)
        with pytest.raises(NotFound, match="MGU") as unknown:
            drafts.create(session, wish(lines=[{"sku": "MGU", "quantity": 1}]))
        assert "MUG" in unknown.value.hint
        with pytest.raises(NotFound, match="channel"):
            drafts.create(session, wish(channel="wbe"))
        with pytest.raises(InvalidInput, match="completed"):
            drafts.create(session, wish(payments=[{"gateway": "cash", "amount": "1"}]))
        with pytest.raises(InvalidInput, match="still to come"):
            drafts.create(session, wish(), expires_at=clock.now() - timedelta(days=1))
        for bad in ([], [{"sku": "MUG", "quantity": 0}], "MUG"):
            with pytest.raises(InvalidInput):
                drafts.create(session, wish(lines=bad))
        draft = drafts.create(session, wish(customer={"name": "Walk-in"}))
        with pytest.raises(Refused, match="no e-mail"):
            drafts.send_invoice(session, SHOP, draft.id)
        with pytest.raises(Conflict, match="version 1, not 7"):
            drafts.update(session, draft.id, note="x", expected_version=7)
        drafts.cancel(session, draft.id, reason="no")
        drafts.cancel(session, draft.id)
        assert [row["state"] for row in drafts_list(session)] == ["cancelled"]
        with pytest.raises(NotFound):
            draft_named(session, "D-000009")
        assert_lawful(session)
