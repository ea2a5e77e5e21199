"""Holds and releases in whatever order, with windows ending, parcels leaving and work moving: never inconsistent."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa
from held import NOON
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from order_shop import ZONE, new_order, order_shop

from oms_core.audit.laws import LAWS, run
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.held import Hold, Order, Work
from oms_core.fulfilment.states import FULFILLMENT_ORDER
from oms_core.fulfilment.tables import FulfillmentHold, FulfillmentOrder, FulfillmentOrderLine
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError
from oms_core.locations.tables import Channel
from oms_core.orders import tables
from oms_core.orders.commands import cancel_order, place_order
from oms_core.routing.commands import allocate_order

#: Laws that holds, windows and verbs could break.
WATCHED = [law.name for law in LAWS if law.name.split(".")[0] in {"holds", "fulfilment", "routing"}] + [
    "stock.levels_equal_movements",
    "stock.committed_equals_allocations",
    "stock.allocations_in_ledger",
    "orders.status_follows_facts",
]
PICK = st.integers(0, 7)
UNITS = st.integers(1, 3)
GUARDS = st.sampled_from(["", "risk", "stock"])
HOURS = st.one_of(st.none(), st.integers(1, 5))


class Waiting(RuleBasedStateMachine):
    """Random holds, releases and verbs on a shop whose channel lets customers think for two hours."""

    template = None
    folder = None
    count = 0

    @initialize()
    def open_shop(self):
        Waiting.count += 1
        path = Waiting.folder / f"hold-{Waiting.count}.db"
        shutil.copy(Waiting.template, path)
        self.engine = make_engine(f"sqlite:///{path}")
        self.now, self.n, self.versions = NOON, 0, {}
        with clock.frozen(NOON), transaction(self.engine) as session:
            stock = {"MUG": {"Leeds": 20, "Bristol": 20}, "TIN": {"Leeds": 20, "Bristol": 2}}
            self.places = sorted(order_shop(session, stock).places.values())
            session.execute(sa.update(Channel).values(service_window_minutes=120))

    def act(self, action):
        """Run one command as the edge does; expected errors are part of life."""
        with clock.frozen(self.now):
            try:
                with transaction(self.engine) as session:
                    action(session)
            except OmsError:
                pass
            self.check()

    def check(self):
        """No law is broken; versions only grow; what is on hold is what its holds say, by a plain reckoning."""
        with transaction(self.engine) as session:
            assert [law["first_broken"] for law in run(session, WATCHED) if law["broken"]] == []
            for key, version in session.execute(sa.select(tables.Order.id, tables.Order.version)):
                assert version >= self.versions.get(key, 1)
                self.versions[key] = version
            for work in session.scalars(sa.select(FulfillmentOrder)):
                active = session.scalars(
                    sa.select(FulfillmentHold).where(
                        FulfillmentHold.order_id == work.order_id, FulfillmentHold.released_at.is_(None)
                    )
                ).all()
                covers = [one for one in active if one.fulfillment_order_id in {None, work.id}]
                if FULFILLMENT_ORDER.moves[work.state]:
                    assert (work.state == "on_hold") == bool(covers)

    def one(self, session, model, pick, *where):
        found = session.scalars(sa.select(model.id).where(*where).order_by(model.id)).all()
        return found[pick % len(found)] if found else 0

    @rule(mugs=UNITS, tins=UNITS, early=st.booleans())
    def sell(self, mugs, tins, early):
        self.n += 1

        def action(session):
            order = place_order(session, new_order({"MUG": mugs, "TIN": tins}, external_id=str(self.n)), zone=ZONE)
            if early:
                fulfilment.hold(session, order.id, reason="before routing")
            allocate_order(session, order.id, zone=ZONE)
            fulfilment.open_fulfillment_orders(session, order.id)

        self.act(action)

    @rule(pick=PICK, part=st.booleans(), guard=GUARDS, hours=HOURS)
    def hold(self, pick, part, guard, hours):
        until = self.now + timedelta(hours=hours) if hours else None

        def action(session):
            order_id = self.one(session, tables.Order, pick)
            work = self.one(session, FulfillmentOrder, pick, FulfillmentOrder.order_id == order_id) if part else None
            fulfilment.hold(
                session, order_id, reason="why", guard_key=guard, until_at=until, fulfillment_order_id=work or None
            )

        self.act(action)

    @rule(pick=PICK)
    def release(self, pick):
        self.act(lambda session: fulfilment.release_hold(session, self.one(session, FulfillmentHold, pick)))

    @rule(pick=PICK)
    def release_whole_order(self, pick):
        self.act(lambda session: fulfilment.release_order(session, [self.one(session, tables.Order, pick)]))

    @rule(minutes=st.sampled_from([30, 90, 240]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)
        self.act(fulfilment.release_due)

    @rule(pick=PICK, whole=st.booleans())
    def ship(self, pick, whole):
        def action(session):
            work = self.one(session, FulfillmentOrder, pick)
            line = sa.select(FulfillmentOrderLine.allocation_id).where(
                FulfillmentOrderLine.fulfillment_order_id == work
            )
            lines = None if whole else {session.scalars(line).first() or 0: 1}
            fulfilment.ship(session, fulfillment_order_id=work, carrier="dpd", lines=lines, zone=ZONE)

        self.act(action)

    @rule(pick=PICK, to=PICK)
    def move(self, pick, to):
        place = self.places[to % len(self.places)]
        self.act(lambda s: fulfilment.move(s, self.one(s, FulfillmentOrder, pick), place, zone=ZONE))

    @rule(pick=PICK)
    def split(self, pick):
        def action(session):
            work = self.one(session, FulfillmentOrder, pick)
            line = sa.select(FulfillmentOrderLine.allocation_id).where(
                FulfillmentOrderLine.fulfillment_order_id == work
            )
            fulfilment.split(session, work, {session.scalars(line).first() or 0: 1}, zone=ZONE)

        self.act(action)

    @rule(pick=PICK)
    def merge(self, pick):
        def action(session):
            order_id = self.one(session, tables.Order, pick)
            works = sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order_id)
            fulfilment.merge(session, session.scalars(works).all())

        self.act(action)

    @rule(pick=PICK, lost=st.booleans())
    def reject(self, pick, lost):
        def action(session):
            work = self.one(session, FulfillmentOrder, pick)
            fulfilment.reject(session, work, reason="cannot", not_found=lost, zone=ZONE)

        self.act(action)

    @rule(pick=PICK)
    def cancel(self, pick):
        self.act(lambda s: cancel_order(s, self.one(s, tables.Order, pick), reason="customer", zone=ZONE))

    def teardown(self):
        self.engine.dispose()


def test_holding_never_leaves_anything_inconsistent(migrated_sqlite, tmp_path):
    Waiting.template, Waiting.folder = migrated_sqlite, tmp_path
    walk = settings(
        max_examples=10, stateful_step_count=12, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    run_state_machine_as_test(Waiting, settings=walk)


@pytest.mark.parametrize("place", ["open", "scheduled", "in_progress", "incomplete"])
def test_whatever_order_holds_end_in_work_goes_back_to_where_it_was(place):
    release_at = NOON + timedelta(hours=1) if place == "scheduled" else None
    order, work = Order(1, "OS-1", "placed", "unfulfilled", release_at), Work(7, "FO-7", place, None)
    order.works.append(work)
    holds = [Hold(n, 1, covered, "why", "", "") for n, covered in ((1, None), (2, 7), (3, None))]
    order.holds += holds
    for one in (holds[1], holds[2], holds[0]):
        work.state, work.held_from = order.wanted(work, NOON)
        assert (work.state, work.held_from) == ("on_hold", place)
        one.how = "person"
    assert order.wanted(work, NOON) == (place, None)
    # a window that ended in the meantime is over
    if place == "scheduled":
        assert order.wanted(work, NOON + timedelta(hours=1)) == ("open", None)
