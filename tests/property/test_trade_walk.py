"""Whatever buyers, customers and warehouses do, in whatever order: no law breaks, and a refusal changes nothing."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy as sa
from held import NOON
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from small_shop import SKUS, ZONE, deliver_all, sell, small_shop, stock

from oms_core.audit.laws import run
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.inventory import commands as inventory
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError
from oms_core.orders.commands import NewAdjustment, cancel_order
from oms_core.orders.tables import Order, OrderLine
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing.commands import NewLine
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine
from oms_core.returns import commands as returns
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.receiving import STATE_OF
from oms_core.returns.tables import Return, ReturnLine

PICK = st.integers(0, 5)
UNITS = st.integers(1, 4)


class Trade(RuleBasedStateMachine):
    """Random commands on a small SQLite shop."""

    template = None
    folder = None
    count = 0

    @initialize()
    def open_shop(self):
        Trade.count += 1
        path = Trade.folder / f"walk-{Trade.count}.db"
        shutil.copy(Trade.template, path)
        self.engine = make_engine(f"sqlite:///{path}")
        self.n = 0
        with clock.frozen(NOON), transaction(self.engine) as session:
            self.shop = small_shop(session)
            stock(session, self.shop, MUG=30, BAG=30, TIN=3)

    def act(self, action):
        """Run one command as the edge does; expected errors are part of life."""
        with clock.frozen(NOON):
            try:
                with transaction(self.engine) as session:
                    action(session)
            except OmsError as error:
                assert error.message  # noqa: PT017 - any expected error will do

    def pick(self, session, table, index, **where):
        found = session.scalars(sa.select(table.id).filter_by(**where).order_by(table.id)).all()
        return found[index % len(found)] if found else 0

    @rule(sku=st.sampled_from(SKUS), units=UNITS, discount=st.sampled_from([0, 1, 333]), paid=st.booleans())
    def buy(self, sku, units, discount, paid):
        self.n += 1
        cut = [NewAdjustment(kind="discount", amount_minor=-discount)] if discount else []
        self.act(lambda s: sell(s, self.shop, f"c{self.n}", paid=paid, adjustments=cut, **{sku: units}))

    @rule(sku=st.sampled_from(SKUS), units=UNITS, discount=st.sampled_from([0, 333]))
    def buy_and_get(self, sku, units, discount):
        self.n += 1
        cut = [NewAdjustment(kind="discount", amount_minor=-discount)] if discount else []
        self.act(lambda s: deliver_all(s, sell(s, self.shop, f"c{self.n}", adjustments=cut, **{sku: units})))

    @rule(i=PICK)
    def cancel(self, i):
        self.act(lambda s: cancel_order(s, self.pick(s, Order, i), reason="x", zone=ZONE))

    @rule(i=PICK)
    def ship(self, i):
        self.act(
            lambda s: fulfilment.ship(
                s, fulfillment_order_id=self.pick(s, FulfillmentOrder, i), carrier="dpd", zone=ZONE
            )
        )

    @rule(i=PICK, state=st.sampled_from(["in_transit", "delivered", "failed", "lost", "return_to_sender"]))
    def track(self, i, state):
        self.act(lambda s: fulfilment.track(s, shipment_id=self.pick(s, Shipment, i), state=state))

    @rule(i=PICK, units=UNITS)
    def ask_return(self, i, units):
        def ask(session):
            line = session.get(OrderLine, self.pick(session, OrderLine, i))
            if line is not None:
                lines = [NewReturnLine(line.id, units)]
                found = returns.request_return(session, order_id=line.order_id, lines=lines, zone=ZONE)
                returns.approve_return(session, return_id=found.id)

        self.act(ask)

    @rule(i=PICK, units=UNITS, disposition=st.sampled_from(sorted(STATE_OF)))
    def take_back(self, i, units, disposition):
        def take(session):
            line = session.get(ReturnLine, self.pick(session, ReturnLine, i))
            if line is not None:
                came = [ReceivedLine(line.id, units, disposition)]
                returns.receive_return(
                    session, return_id=line.return_id, lines=came, location_id=self.shop.warehouse, zone=ZONE
                )

        self.act(take)

    @rule(i=PICK, decision=st.sampled_from(["restock", "damaged", "scrap"]))
    def inspect(self, i, decision):
        def look(session):
            line = session.get(ReturnLine, self.pick(session, ReturnLine, i, disposition="quality_control"))
            if line is not None:
                returns.inspect_return(session, return_id=line.return_id, lines={line.id: decision}, zone=ZONE)

        self.act(look)

    @rule(i=PICK, amount=st.sampled_from([None, 1, 500, 10_000]))
    def refund(self, i, amount):
        self.act(
            lambda s: returns.refund_return(
                s, return_id=self.pick(s, Return, i), amount_minor=amount, gateway="card", zone=ZONE
            )
        )

    @rule(i=PICK, end=st.sampled_from([returns.close_return, returns.cancel_return]))
    def end_return(self, i, end):
        self.act(lambda s: end(s, return_id=self.pick(s, Return, i)))

    @rule(sku=st.sampled_from(SKUS), units=UNITS)
    def order_goods(self, sku, units):
        def draft(session):
            lines = [NewLine(self.shop.variants[sku], units, 500)]
            order = purchasing.draft_purchase_order(
                session, supplier_id=self.shop.supplier, location_id=self.shop.warehouse, lines=lines
            )
            purchasing.send(session, purchase_order_id=order.id, zone=ZONE)

        self.act(draft)

    @rule(i=PICK, units=UNITS)
    def receive_goods(self, i, units):
        def receive(session):
            line = session.get(PurchaseOrderLine, self.pick(session, PurchaseOrderLine, i))
            if line is not None:
                purchasing.receive(session, purchase_order_id=line.purchase_order_id, lines={line.id: units}, zone=ZONE)

        self.act(receive)

    @rule(i=PICK, end=st.sampled_from([purchasing.cancel, purchasing.close, purchasing.confirm]))
    def end_purchase(self, i, end):
        self.act(lambda s: end(s, purchase_order_id=self.pick(s, PurchaseOrder, i)))

    @rule(sku=st.sampled_from(SKUS), delta=st.integers(-3, 3))
    def count_stock(self, sku, delta):
        self.act(
            lambda s: inventory.adjust(
                s, variant_id=self.shop.variants[sku], location_id=self.shop.warehouse, delta_qty=delta,
                reason="counted", zone=ZONE,
            )
        )  # fmt: skip

    def teardown(self):
        """End of a walk: the shop as it stands must break no law."""
        if not hasattr(self, "engine"):
            return
        with sa.orm.Session(self.engine) as session:
            found = run(session)
        self.engine.dispose()
        assert [(r["name"], r["first_broken"]) for r in found if r["broken"]] == []


@pytest.mark.slow
def test_no_walk_breaks_a_law(migrated_sqlite, tmp_path):
    Trade.template, Trade.folder = migrated_sqlite, tmp_path
    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=15, stateful_step_count=40, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
