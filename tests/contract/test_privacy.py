"""A person asks what is held about them, then to be forgotten: nothing names them, and the books still add up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from held import NOON
from small_shop import ZONE, deliver_all, small_shop, stock

from oms_core.audit import laws
from oms_core.customers.tables import Consent, Customer
from oms_core.drafts import commands as drafts
from oms_core.finance.commands import issue_invoice
from oms_core.finance.tables import Invoice
from oms_core.intake import commands as intake
from oms_core.kernel import clock, journal
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.settings import Shop
from oms_core.marketing.commands import register_export
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, NewPayment
from oms_core.orders.tables import Order, OrderNote
from oms_core.privacy.disclosure import disclose, in_words
from oms_core.privacy.erasure import erase, preview
from oms_core.privacy.retention import Retention, apply_retention, retention, set_retention

pytestmark = pytest.mark.usefixtures("noon")
NAME, STREET, PHONE, EMAIL = "Żaneta Gęślą-Jaźń", "ul. Świętokrzyska 12/3", "+48 601 202 303", "zaneta@poczta.example"
MARKS = (NAME, STREET, PHONE, EMAIL)
SHOP = Shop(zone=ZONE)


def order(name, email, external_id):
    return NewOrder(
        channel="web", external_id=external_id, currency="PLN",
        lines=[NewLine(sku="MUG", quantity=2, unit_price_minor=1000)],
        customer=NewCustomer(email=email, name=name, phone=PHONE if name == NAME and email == EMAIL else None),
        address=NewAddress(country="PL", name=name, line1=STREET, city="Wrocław", postal_code="50-123"),
        payments=[NewPayment(gateway="card", amount_minor=2000)],
    )  # fmt: skip


def document():
    address = {"country": "PL", "name": NAME, "line1": STREET, "city": "Wrocław", "postal_code": "50-123"}
    return {
        "channel": "web", "currency": "PLN", "customer": {"email": EMAIL, "name": NAME}, "address": address,
        "lines": [{"sku": "MUG", "quantity": 1, "unit_price": "10.00"}],
    }  # fmt: skip


def placed(session, name, email, external_id):
    answer = intake.place(session, SHOP, order(name, email, external_id), idempotency_key=f"key-{external_id}")
    return session.get_one(Order, answer["id"])


@pytest.fixture
def lived(engine):
    """Żaneta bought, was written about in many places, and got a file; a namesake lives in the same house."""
    with transaction(engine) as session:
        stock(session, small_shop(session), MUG=50)
        hers = placed(session, NAME, EMAIL, "W-1")
        other = placed(session, NAME, "other@poczta.example", "W-2")
        for one in (hers, other):
            deliver_all(session, one)
        key, now = hers.customer_id, clock.now()
        session.add(Consent(customer_id=key, channel="email", state="subscribed", at=now))
        session.add(OrderNote(order_id=hers.id, body=f"{NAME.upper()} called from {PHONE}", author="ola", at=now))
        journal.record(session, "order.called", "order", hers.id, said=f"ring {NAME} at {STREET}", mail=EMAIL.upper())
        journal.record(session, "order.called", "order", other.id, actor=EMAIL)
        draft = drafts.create(session, document(), actor="ola")
        drafts.cancel(session, draft.id, reason=f"{NAME} changed her mind", actor="ola")
        register_export(
            session, segment="all", destination="csv", purpose="email", file_name="all.csv", sha256="0" * 64,
            manifest={}, members=[(key, "exported")],
        )  # fmt: skip
        return session.get_one(Customer, key).number, hers.id, other.id


def texts(engine):
    """Return every text of every table of the database, as (table, column, text)."""
    found = []
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()
            found += [(name, column, _said(value)) for row in rows for column, value in row.items() if value]
    return found


def _said(value):
    if isinstance(value, str) and value[:2] in {'{"', '["', "[{"}:
        value = json.loads(value)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def holding(engine, mark):
    return [(name, column) for name, column, text in texts(engine) if mark.lower() in text.lower()]


def test_what_is_held_is_given_out_whole_and_then_forgotten(engine, lived):
    number, hers, other = lived
    with transaction(engine) as session:
        held = disclose(session, number=number)
    assert {"customers", "orders", "order_lines", "order_notes", "addresses", "consents", "payments"} <= set(
        held["tables"]
    )
    assert [row["id"] for row in held["tables"]["orders"]] == [hers]
    assert [row["file_name"] for row in held["exports"]] == ["all.csv"]
    readable = in_words(held)
    assert all(mark in readable for mark in MARKS)
    assert "order.placed" in readable

    sums = "SELECT count(*), sum(total_minor), sum(gross_minor) FROM orders"
    with engine.connect() as connection:
        before = connection.exec_driver_sql(sums).one()
    with transaction(engine) as session, pytest.raises(Refused) as refused:
        erase(session, number=number, confirmed="", actor="ola")
    assert refused.value.code == "erasure.not_confirmed"
    assert holding(engine, EMAIL)

    with transaction(engine) as session:
        done = erase(session, number=number, confirmed=number, actor="ola")
    assert [row["file_name"] for row in done["exports"]] == ["all.csv"]
    for mark in (EMAIL, PHONE):
        assert holding(engine, mark) == []
    with engine.connect() as connection:
        assert connection.exec_driver_sql(sums).one() == before
    with transaction(engine) as session:
        gone, kept = session.get_one(Order, hers), session.get_one(Order, other)
        assert (gone.ship_name, gone.ship_line1, gone.ship_postal_code, gone.ship_country) == ("", "", "50", "PL")
        assert (kept.ship_name, kept.ship_line1) == (NAME, STREET)
        assert session.get_one(Customer, kept.customer_id).name == NAME
        entry = session.scalars(sa.select(JournalEntry).where(JournalEntry.event == "customer.erased")).one()
        assert (entry.actor, entry.data["exports"]) == ("ola", [done["exports"][0]["id"]])
        assert [law["name"] for law in laws.run(session) if law["broken"]] == []
        with pytest.raises(Refused) as again:
            erase(session, number=number, confirmed=number)
        assert again.value.code == "erasure.done"
        twin = session.get_one(Customer, kept.customer_id).number
        erase(session, number=twin, confirmed=twin)
    # with the namesake gone too, no table names either of them
    assert {mark: holding(engine, mark) for mark in MARKS} == {mark: [] for mark in MARKS}


def test_an_invoice_that_was_issued_stays_as_the_law_wants_it(engine, lived):
    number, hers, _other = lived
    with transaction(engine) as session:
        issued = issue_invoice(session, SHOP, order_id=hers)
        invoice, seal, buyer = issued.number, issued.fingerprint, issued.buyer_name
        assert buyer == NAME
        assert preview(session, number=number)["kept_invoices"] == [invoice]
    with transaction(engine) as session:
        done = erase(session, number=number, confirmed=number, actor="ola")
        assert done["kept_invoices"] == [invoice]
    with transaction(engine) as session:
        kept = session.scalars(sa.select(Invoice).where(Invoice.number == invoice)).one()
        assert (kept.buyer_name, kept.fingerprint, kept.state) == (NAME, seal, "issued")
        assert session.get_one(Order, hers).ship_name == ""
        assert [law["name"] for law in laws.run(session) if law["broken"]] == []
    # the invoice is the only place that still names them; the namesake's own rows are theirs
    assert {name for name, _ in holding(engine, EMAIL)} | {name for name, _ in holding(engine, PHONE)} == set()
    assert "invoices" in {name for name, _ in holding(engine, NAME)}


def test_work_that_needs_the_person_comes_first(engine, lived):
    with transaction(engine) as session:
        waiting = placed(session, NAME, EMAIL, "W-3")
        number = session.get_one(Customer, waiting.customer_id).number
        assert preview(session, number=number)["obstacles"] == [f"orders not finished: {waiting.number}"]
        with pytest.raises(Refused) as refused:
            erase(session, number=number, confirmed=number)
        assert refused.value.code == "erasure.waiting"


def test_guests_are_forgotten_when_their_time_is_over_and_not_before(engine, lived):
    _number, hers, _other = lived
    guest = replace(order(NAME, EMAIL, "W-9"), customer=None)
    with transaction(engine) as session:
        assert apply_retention(session) == {}  # nothing is thrown away unless set
        key = intake.place(session, SHOP, guest)["id"]
        deliver_all(session, session.get_one(Order, key))
        with pytest.raises(InvalidInput) as refused:
            set_retention(session, {"guest_address_days": 3})
        assert refused.value.code == "retention.days"
        set_retention(session, {"guest_address_days": 90, "answer_days": 30}, actor="ola")
    for days, emptied in ((89, 0), (91, 1), (92, 0)):
        with clock.frozen(NOON + timedelta(days=days)), transaction(engine) as session:
            assert apply_retention(session)["guest_address_days"] == emptied
    with transaction(engine) as session:
        gone, kept = session.get_one(Order, key), session.get_one(Order, hers)
        assert (gone.ship_name, gone.ship_line1, gone.total_minor) == ("", "", 2000)
        assert kept.ship_name == NAME
        assert session.scalar(sa.select(sa.func.count()).select_from(journal.IdempotencyKey)) == 0
        assert [law["name"] for law in laws.run(session) if law["broken"]] == []
        set_retention(session, {"guest_address_days": 0})
        assert retention(session) == Retention(answer_days=30)
