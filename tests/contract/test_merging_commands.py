"""Two customers made one and parted again: orders, credit, names, consents; and what is refused; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from merge_shop import number_of
from small_shop import sell, small_shop, stock

from oms_core import schema
from oms_core.audit import laws
from oms_core.customers.commands import Buyer, NewCustomer, find_or_create_all
from oms_core.customers.tables import Consent, Customer, CustomerIdentity
from oms_core.finance.tables import Invoice
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.kernel.journal import JournalEntry
from oms_core.merging.commands import FOLLOWING, merge_customers, undo_merge
from oms_core.orders.tables import Order
from oms_core.payments.credit import balance, issue_credit
from oms_core.payments.tables import StoreCreditEntry

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shop(engine):
    with transaction(engine) as session:
        made = small_shop(session)
        stock(session, made, MUG=50)
    return made


def buyers(session, shop, *names):
    keys = [sell(session, shop, name, MUG=1).customer_id for name in names]
    return [(key, number_of(session, key)) for key in keys]


def again(session, shop, customer_id, name):
    """Sell once more to a customer (an order of somebody else, given to them)."""
    order = sell(session, shop, name, MUG=1)
    order.customer_id = customer_id
    session.flush()


def known_as(session, email):
    """Return whose order the next one under this e-mail is."""
    buyer = Buyer(NewCustomer(email=email), {"country": "PL"}, "web")
    (found,) = find_or_create_all(session, [buyer])
    return found


def consent(session, customer_id, channel, state, *, days_ago=0):
    at = clock.now() - timedelta(days=days_ago)
    session.add(Consent(customer_id=customer_id, channel=channel, state=state, source="form", at=at))
    session.flush()


def consents_of(session, customer_id):
    session.expire_all()
    rows = session.scalars(sa.select(Consent).where(Consent.customer_id == customer_id))
    return {row.channel: row.state for row in rows}


def orders_of(session, customer_id):
    return session.scalar(sa.select(sa.func.count()).select_from(Order).where(Order.customer_id == customer_id))


def test_everything_follows_and_comes_back(engine, shop):
    with transaction(engine) as session:
        (one, first), (two, second) = buyers(session, shop, "anna", "anna.k")
        again(session, shop, two, "second")
        issue_credit(session, customer_id=two, amount_minor=700, currency="PLN", reason="sorry")
        consent(session, one, "email", "subscribed")
        consent(session, two, "email", "unsubscribed", days_ago=30)
        consent(session, two, "sms", "subscribed")
        session.get_one(Customer, two).phone = "+48600100200"
        found = merge_customers(session, kept=first, merged=second, reason="same phone", actor="ola")
        assert (orders_of(session, one), orders_of(session, two)) == (3, 0)
        assert (balance(session, one, "PLN"), balance(session, two, "PLN")) == (700, 0)
        # a refusal of either is a refusal of both
        assert consents_of(session, one) == {"email": "unsubscribed", "sms": "subscribed"}
        assert session.get_one(Customer, one).phone == "+48600100200"
        # the next order under the other name is the kept customer's
        assert known_as(session, "anna.k@example.com") == one
        assert [row["first_broken"] for row in laws.run(session) if row["broken"]] == []
        undo_merge(session, merge_id=found.id, actor="jan")
        assert (orders_of(session, one), orders_of(session, two)) == (1, 2)
        assert (balance(session, one, "PLN"), balance(session, two, "PLN")) == (0, 700)
        assert consents_of(session, one) == {"email": "subscribed"}
        assert consents_of(session, two) == {"email": "unsubscribed", "sms": "subscribed"}
        assert session.get_one(Customer, one).phone is None
        assert session.get_one(Customer, two).merged_into_id is None
        names = session.scalars(sa.select(CustomerIdentity.value).where(CustomerIdentity.customer_id == two))
        assert list(names) == ["anna.k@example.com"]
        assert [row["first_broken"] for row in laws.run(session) if row["broken"]] == []
        events = session.scalars(sa.select(JournalEntry.event).where(JournalEntry.object_id == two))
        assert {"customer.merged", "customer.parted"} <= set(events)
        # money is never rewritten: it came and went in entries that add up to nothing
        came = sa.select(sa.func.sum(StoreCreditEntry.amount_minor)).where(StoreCreditEntry.customer_id == one)
        assert session.scalar(came) == 0


def refused(session, code, **given):
    with pytest.raises(Refused) as caught:
        merge_customers(session, **{"reason": "same", **given})
    assert caught.value.code == code
    return caught.value.message


def test_what_is_not_safe_is_refused_with_its_reason(engine, shop):
    with transaction(engine) as session:
        (one, a), (two, b), (_three, c), (four, d) = buyers(session, shop, "acme", "acme.pl", "zoe", "firm")
        today = clock.now().date()
        for key, tax_id in ((one, "PL 525-000-11-22"), (two, "PL9999999999")):
            order = session.scalars(sa.select(Order.id).where(Order.customer_id == key)).first()
            session.add(
                Invoice(kind="invoice", order_id=order, customer_id=key, currency="PLN", buyer_tax_id=tax_id,
                        sold_on=today, created_at=clock.now())
            )  # fmt: skip
        session.get_one(Customer, four).kind = "business"
        session.flush()
        said = refused(session, "merge.tax_ids", kept=a, merged=b)
        assert "PL5250001122" in said
        assert "PL9999999999" in said
        refused(session, "merge.kinds", kept=a, merged=d)
        with pytest.raises(InvalidInput):
            merge_customers(session, kept=a, merged=a, reason="same")
        with pytest.raises(InvalidInput):
            merge_customers(session, kept=a, merged=c, reason=" ")
        with pytest.raises(NotFound):
            merge_customers(session, kept=a, merged="C-NOBODY", reason="same")
        found = merge_customers(session, kept=a, merged=c, reason="same")
        refused(session, "merge.merged", kept=b, merged=c)
        undo_merge(session, merge_id=found.id)
        with pytest.raises(Refused) as caught:
            undo_merge(session, merge_id=found.id)
        assert caught.value.code == "merge.undone"
        session.get_one(Customer, two).erased_at = clock.now()
        session.flush()
        refused(session, "merge.erased", kept=b, merged=c)


def test_every_table_that_names_a_customer_follows_or_is_known_to_stay():
    staying = {
        "customer_merges", "customer_scores", "segment_members", "customer_traits", "consents",
        "store_credit_accounts", "store_credit_entries",
    }  # fmt: skip
    named = {
        table.name
        for table in schema.METADATA.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "customers"
    }
    assert named <= staying | set(FOLLOWING), named - staying - set(FOLLOWING)
    assert set(FOLLOWING) <= named
