"""The whole core against a model in plain dictionaries: whatever people do, both say the same.

Every step asks the model first whether it may be done. The core has to do it, or refuse it; afterwards
every level, line, axis and amount is compared, and now and then the laws are run as well.
``ORDERSIGHT_MODEL_EXAMPLES`` and ``ORDERSIGHT_MODEL_STEPS`` make longer walks, by other seeds every time;
the suite's own walk keeps its seeds, as all walks here do, so that a failure comes back.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections import Counter

import pytest
import sqlalchemy as sa
from core_walk_returns import Walk
from held import BACKENDS
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from model_of_core import STATES

from oms_core.audit.laws import run
from oms_core.backorders.tables import Backorder
from oms_core.drafts.tables import Draft
from oms_core.fulfilment.tables import FulfillmentHold
from oms_core.inventory.promise_tables import Reservation
from oms_core.inventory.tables import StockLevel, TransferLine
from oms_core.kernel import clock
from oms_core.orders.tables import OrderLine
from oms_core.payments.tables import Payment
from oms_core.purchasing.tables import PurchaseOrderLine
from oms_core.returns.tables import Return as StoredReturn

LONG = os.environ.get("ORDERSIGHT_MODEL_EXAMPLES", "")
EXAMPLES = int(LONG or 5)
STEPS = int(os.environ.get("ORDERSIGHT_MODEL_STEPS", "40"))
#: Making a failure small takes minutes: asked for with ``ORDERSIGHT_MODEL_SHRINK=1``.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate] + [Phase.shrink] * bool(
    os.environ.get("ORDERSIGHT_MODEL_SHRINK")
)
#: Steps between two runs of the laws, which take longer than a step.
LAWS_EVERY = 12


class ComparedWalk(Walk):
    """The walk, with everything compared after every step."""

    def levels_are_the_same(self):
        level = StockLevel
        rows = self.ask(sa.select(level.variant_id, level.location_id, *(getattr(level, name) for name in STATES)))
        skus = {key: sku for sku, key in self.variants.items()}
        stored = {(skus[row[0]], self.codes[row[1]]): Counter(dict(zip(STATES, row[2:], strict=True))) for row in rows}
        assert bare(stored) == bare(self.model.stock)

    def orders_are_the_same(self):
        known = {
            key: (*order.axes([r for r in self.model.returns.values() if r.order == key]),
                  order.gross, order.discount, order.other, order.total)
            for key, order in self.model.orders.items()
        }  # fmt: skip
        assert self.stored_orders() == known

    def lines_are_the_same(self):
        line = OrderLine
        rows = self.ask(
            sa.select(line.id, line.sku, line.quantity - line.cancelled_qty, line.shipped_qty, line.returned_qty)
        )
        known = {
            (key, line.sku, line.wanted, line.shipped, line.returned)
            for order in self.model.orders.values()
            for key, line in order.lines.items()
        }
        assert {tuple(row) for row in rows} == known

    def promises_are_the_same(self):
        open_qty = Backorder.quantity - Backorder.allocated_qty - Backorder.cancelled_qty
        rows = self.ask(
            sa.select(Backorder.order_line_id, open_qty).where(Backorder.state == "waiting").order_by(Backorder.id)
        )
        assert [tuple(row) for row in rows] == [(line, n) for _, line, n in self.model.queue]

    def money_is_the_same(self):
        p = Payment
        rows = self.ask(sa.select(p.order_id, p.kind, sa.func.sum(p.amount_minor)).group_by(p.order_id, p.kind))
        known = {
            (key, kind, n)
            for key, order in self.model.orders.items()
            for kind, n in (("capture", order.captured), ("refund", order.refunded))
            if n
        }
        assert {(row[0], row[1], int(row[2])) for row in rows} == known
        assert all(order.refunded <= order.captured for order in self.model.orders.values())

    def the_rest_is_the_same(self):
        model = self.model
        active = self.ask(sa.select(Reservation.id).where(Reservation.state == "active"))
        assert {row.id for row in active} == set(model.reservations)
        held = self.ask(sa.select(FulfillmentHold.id).where(FulfillmentHold.released_at.is_(None)))
        assert {row.id for row in held} == {key for order in model.orders.values() for key in order.holds}
        assert dict(map(tuple, self.ask(sa.select(Draft.id, Draft.state)))) == {
            key: state for key, (_, state, _) in model.drafts.items()
        }
        line = TransferLine
        way = self.ask(sa.select(line.transfer_id, line.quantity - line.received_qty - line.lost_qty))
        assert dict(map(tuple, way)) == {key: n for key, (_, _, n, _) in model.transfers.items()}
        line = PurchaseOrderLine
        to_come = self.ask(sa.select(line.purchase_order_id, line.quantity - line.received_qty))
        assert dict(map(tuple, to_come)) == {key: n for key, (_, n) in model.purchases.items()}
        back = self.ask(sa.select(StoredReturn.id, StoredReturn.state))
        assert dict(map(tuple, back)) == {key: found.state for key, found in model.returns.items()}

    @invariant()
    def both_say_the_same(self):
        self.levels_are_the_same()
        self.orders_are_the_same()
        self.lines_are_the_same()
        self.promises_are_the_same()
        self.money_is_the_same()
        self.the_rest_is_the_same()
        self.steps += 1
        if self.steps % LAWS_EVERY == 0:
            self.assert_lawful()

    def assert_lawful(self):
        with clock.frozen(self.now), sa.orm.Session(self.engine) as session:
            assert {row["name"]: row["first_broken"] for row in run(session) if row["broken"]} == {}

    def teardown(self):
        if hasattr(self, "codes"):
            self.assert_lawful()
            self.engine.dispose()


def bare(levels):
    """Return levels without zeros."""
    found = {key: {state: n for state, n in units.items() if n} for key, units in levels.items()}
    return {key: units for key, units in found.items() if units}


@pytest.fixture(params=BACKENDS)
def fresh(request, tmp_path):
    """Return what makes the address of an empty, migrated database, again and again."""
    if request.param == "sqlite":
        template = request.getfixturevalue("migrated_sqlite")
        return lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'{uuid.uuid4().hex}.db')}"
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")
    return lambda: server.create(f"walk_{uuid.uuid4().hex[:12]}", template)


@pytest.mark.slow
def test_the_core_and_its_model_say_the_same_whatever_people_do(fresh):
    class OnThisDatabase(ComparedWalk):
        pass

    OnThisDatabase.fresh = staticmethod(fresh)
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, phases=PHASES, print_blob=True,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
