"""Two customers made one while somebody else does something with them: nothing falls between the two."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from order_shop import new_order
from race_stage import SHOP, cancelling, stage_of
from races import meanwhile

from oms_core.customers.tables import Customer
from oms_core.intake.commands import place
from oms_core.kernel.database import transaction
from oms_core.merging.commands import merge_customers
from oms_core.orders.tables import Order
from oms_core.privacy.erasure import erase

pytestmark = pytest.mark.slow


@pytest.fixture
def pair(engine: sa.Engine, noon: datetime):
    """A shop where Ala is known twice, with the numbers of both; their orders are done with."""
    del noon
    with transaction(engine) as session:
        stage = stage_of(session)
        cancelling(stage)(session)
        new = new_order({"MUG": 1}, external_id="other", email="ola@example.com")
        stage.order = int(place(session, SHOP, new)["id"])
        cancelling(stage)(session)
        found = session.scalars(sa.select(Customer).where(Customer.email.is_not(None)).order_by(Customer.id)).all()
        return stage, *(one.number for one in found)


def merging(kept, merged):
    return lambda s: merge_customers(s, kept=kept, merged=merged, reason="same phone")


def test_made_one_both_ways_at_once_is_made_one_once(engine, pair):
    _, ala, ola = pair
    assert meanwhile(engine, merging(ala, ola), merging(ola, ala)).startswith("merge.")


@pytest.mark.parametrize("is_merged", [True, False])
def test_an_order_waits_and_belongs_to_the_one_that_stays_or_to_a_stranger(engine, pair, *, is_merged):
    _, ala, ola = pair
    going = merging(ala, ola) if is_merged else lambda s: erase(s, number=ola, confirmed=ola)

    def ordering(session):
        place(session, SHOP, new_order({"MUG": 1}, external_id="late", email="ola@example.com"))

    assert meanwhile(engine, going, ordering) == "done"
    with transaction(engine) as session:
        whose = session.scalar(sa.select(Order.customer_id).where(Order.external_id == "late"))
        assert session.get_one(Customer, whose).number == (ala if is_merged else "CU-000003")


@pytest.mark.parametrize("merged_first", [True, False])
def test_who_is_made_one_and_erased_is_erased_whole_or_not_made_one(engine, pair, *, merged_first):
    _, ala, ola = pair

    def erasing(session):
        erase(session, number=ala, confirmed=ala)

    if merged_first:
        assert meanwhile(engine, merging(ala, ola), erasing) == "done"
    else:
        assert meanwhile(engine, erasing, merging(ala, ola)).startswith("merge.")
    with transaction(engine) as session:
        left = session.scalars(sa.select(Customer.number).where(Customer.email.is_not(None))).all()
        assert list(left) == ([] if merged_first else [ola])
