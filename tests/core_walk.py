"""What people do with orders, each step in the core and in the model of it (see `test_core_model`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import sqlalchemy as sa
from held import NOON
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from model_of_core import MADE, PLACES, PRICES, SET, Core, Line, Order, rounded, sold
from order_shop import ZONE

from oms_core.backorders import commands as backorders
from oms_core.catalog.bundles import set_components, set_stock_kind
from oms_core.catalog.tables import Product, Supplier, Variant
from oms_core.fulfilment.holding import hold, release_hold
from oms_core.intake.commands import place
from oms_core.inventory import commands as inventory
from oms_core.inventory.tables import Allocation
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel, Location
from oms_core.orders import tables as core
from oms_core.orders.commands import NewAdjustment, NewCustomer, NewLine, NewOrder, NewPayment, cancel_order
from oms_core.payments.commands import pay

SHOP = Shop(zone=ZONE, currency="GBP")
PICK, UNITS = st.integers(0, 7), st.integers(1, 4)
SKUS = st.sampled_from(sorted(PRICES))
STOCKED = st.sampled_from(["MUG", "BAG", "TIN"])
WHERE = st.sampled_from(PLACES)


def taken(pick, things):
    """Return one of the things there are."""
    found = list(things)
    return found[pick % len(found)]


class OrderWalk(RuleBasedStateMachine):
    """What people do in a shop, each step in the core and in the model."""

    fresh = None

    @initialize(stock=st.dictionaries(st.tuples(STOCKED, WHERE), st.integers(1, 9), min_size=3))
    def open_shop(self, stock):
        self.engine = make_engine(type(self).fresh())
        self.model, self.now, self.n, self.steps = Core(), NOON, 0, 0
        with clock.frozen(self.now), transaction(self.engine) as session:
            self.places = {}
            for position, code in enumerate(PLACES, start=1):
                row = Location(code=code, name=code, country="GB", postal_code="LS1 1AA", position=position)
                session.add(row)
                session.flush()
                self.places[code] = row.id
            web, supplier = (
                Channel(code="web", name="Web", kind="web", position=1),
                Supplier(code="ACME", name="Acme", currency="GBP", lead_time_days=5),
            )
            session.add_all([web, supplier])
            self.variants = {sku: self.variant(session, sku) for sku in PRICES}
            self.web, self.supplier = web.id, supplier.id
            set_components(session, self.variants["SET"], {self.variants[sku]: n for sku, n in SET.items()})
            set_stock_kind(session, self.variants[MADE], "made_to_order", lead_time_days=7)
            backorders.set_policy(session, self.variants["TIN"], "backorder")
            for (sku, where), n in stock.items():
                inventory.adjust(
                    session, variant_id=self.variants[sku], location_id=self.places[where], delta_qty=n,
                    reason="opening", zone=ZONE,
                )  # fmt: skip
                self.model.move(sku, where, n, None, "available")
        self.codes = {key: code for code, key in self.places.items()}

    @staticmethod
    def variant(session, sku):
        product = Product(code=sku, title=sku)
        session.add(product)
        session.flush()
        row = Variant(
            product_id=product.id, sku=sku, title=sku, price_minor=PRICES[sku], currency="GBP", cost_minor=400,
            created_at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id

    # -- doing and looking ------------------------------------------------------------------------

    def do(self, may, command):
        """Do one thing as the edge does; the core has to be of the model's opinion."""
        self.now += timedelta(minutes=1)
        with clock.frozen(self.now):
            try:
                with transaction(self.engine) as session:
                    answer = command(session)
                    session.flush()
            except OmsError as error:
                assert not may, f"the model allows what the core refuses: {error.code}: {error.message}"  # noqa: PT017 - the refusal is what is tested
                return None
        assert may, "the core did what the model refuses"
        return True if answer is None else answer

    def must(self, command):
        """Do one thing that nothing forbids."""
        return self.do(bool(command), command)

    def ask(self, statement):
        with self.engine.connect() as connection:
            return connection.execute(statement).all()

    def promised(self, key):
        """Return where the units of an order's lines are promised and not shipped."""
        a, found = Allocation, defaultdict(Counter)
        rows = self.ask(
            sa.select(a.order_line_id, a.location_id, a.quantity - a.shipped_qty - a.released_qty)
            .join(core.OrderLine, core.OrderLine.id == a.order_line_id)
            .where(core.OrderLine.order_id == key)
        )
        for line, where, n in rows:
            found[line][self.codes[where]] += n
        return found

    def take_in(self, key):
        self.model.hold_at(key, self.promised(key))

    def take_in_lines(self, key, expected, own=0):
        """Add the lines a command has made to the model: as many, of these SKUs, at these prices."""
        line, order = core.OrderLine, self.model.orders[key]
        rows = self.ask(
            sa.select(line.id, line.sku, line.quantity, line.gross_minor, line.unit_price_minor)
            .where(line.order_id == key)
            .order_by(line.id)
        )
        made, is_edit = [row for row in rows if row.id not in order.lines], bool(order.lines)
        assert [(row.sku, row.quantity) for row in made] == [(sku, n) for sku, n, _, _ in expected]
        for row, (sku, n, price, in_set) in zip(made, expected, strict=True):
            order.lines[row.id] = Line(
                sku, n, rounded(row.gross_minor, price), n, unit=row.unit_price_minor, in_set=in_set,
                moved=n if is_edit else 0,
            )  # fmt: skip
        assert sum(row.gross_minor for row in made) == sum(price for _, _, price, _ in expected)
        self.model.promise(key, {row.id: row.quantity for row in made}, own)

    def placed(self, key, wanted, *, discount=0, paid=False, own=0):
        order = self.model.orders[key] = Order(discount=discount)
        self.take_in_lines(key, sold(wanted), own)
        order.captured = order.total if paid else 0
        self.take_in(key)

    def some_order(self, pick, where=lambda _: True):
        """Prefer an order the step makes sense for; any other one must be refused."""
        fit = [key for key, order in self.model.orders.items() if where(order)]
        return taken(pick, fit or self.model.orders)

    # -- orders -----------------------------------------------------------------------------------

    def document(self, wanted, **more):
        self.n += 1
        return NewOrder(
            channel="web", external_id=f"x{self.n}", currency="GBP",
            customer=NewCustomer(email=f"x{self.n}@example.com"),
            lines=[NewLine(sku=sku, quantity=n, unit_price_minor=PRICES[sku]) for sku, n in wanted.items()], **more,
        )  # fmt: skip

    @rule(
        wanted=st.dictionaries(SKUS, UNITS, min_size=1, max_size=3), paid=st.booleans(),
        discount=st.sampled_from([0, 0, 1, 333]),
    )  # fmt: skip
    def place(self, wanted, paid, discount):
        total = sum(PRICES[sku] * n for sku, n in wanted.items()) - discount
        more = {"adjustments": [NewAdjustment(kind="discount", amount_minor=-discount)]} if discount else {}
        more |= {"payments": [NewPayment(gateway="card", amount_minor=total)]} if paid else {}
        new = self.document(wanted, **more)
        may = self.model.can_promise(wanted)
        said = self.do(may, lambda s: place(s, SHOP, new))
        if said:
            self.placed(said["id"], wanted, discount=discount, paid=paid)

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK, part=st.sampled_from([1, 500, None]))
    def pay(self, pick, part):
        key = self.some_order(pick, lambda order: order.total > order.captured)
        order = self.model.orders[key]
        amount = part or max(order.total - order.captured, 1)
        if self.do(not order.cancelled, lambda s: self.money(s, key, "capture", amount)):
            order.captured += amount

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK, part=st.sampled_from([1, 500, 100_000]))
    def refund(self, pick, part):
        key = self.some_order(pick, lambda order: order.refundable)
        order = self.model.orders[key]
        if self.do(part <= order.refundable, lambda s: self.money(s, key, "refund", part)):
            order.refunded += part

    @staticmethod
    def money(session, key, kind, amount):
        return pay(session, order_id=key, kind=kind, amount_minor=amount, gateway="card", zone=ZONE)

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK)
    def cancel(self, pick):
        key = self.some_order(pick)
        order = self.model.orders[key]
        if self.do(
            order.is_open and not order.units("shipped"), lambda s: cancel_order(s, key, reason="late", zone=ZONE)
        ):
            self.model.cancel(key)

    @precondition(lambda self: self.model.orders)
    @rule(pick=PICK)
    def hold_order(self, pick):
        key = self.some_order(pick, lambda order: order.is_open)
        order = self.model.orders[key]
        said = self.do(
            order.is_open and order.fulfillment() != "fulfilled", lambda s: hold(s, key, reason="address").id
        )
        if said:
            order.holds.add(said)

    @precondition(lambda self: any(order.holds for order in self.model.orders.values()))
    @rule(pick=PICK)
    def release(self, pick):
        key = self.some_order(pick, lambda order: order.holds)
        found = min(self.model.orders[key].holds)
        self.must(lambda s: release_hold(s, found).id)
        self.model.orders[key].holds.discard(found)
