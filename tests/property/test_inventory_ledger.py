"""The ledger against a plain model: whatever people do, levels, promises and movements agree."""

from __future__ import annotations

import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from order_shop import ZONE, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from app.bench.postgres import Server
from oms_core.fulfilment.commands import open_fulfillment_orders, ship
from oms_core.fulfilment.queries import open_work
from oms_core.fulfilment.tables import FulfillmentOrderLine
from oms_core.inventory.commands import adjust, draft_transfer, receive_transfer, ship_transfer
from oms_core.inventory.tables import Allocation, StockLevel, TransferLine
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import InsufficientStock, Refused
from oms_core.orders.commands import cancel_order, place_order
from oms_core.orders.status import derived
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.commands import approve_return, receive_return, request_return
from oms_core.returns.receiving import ReceivedLine
from oms_core.returns.requesting import NewReturnLine
from oms_core.returns.tables import ReturnLine
from oms_core.routing.commands import allocate_order

SKUS, PLACES = ("MUG", "TIN"), ("Leeds", "Bristol", "Łódź")
Opened = Callable[[], tuple[sa.Engine, Callable[[], None]]]
units = st.integers(1, 6)
places, skus, states = st.sampled_from(PLACES), st.sampled_from(SKUS), st.sampled_from(("available", "damaged"))


class Shop(RuleBasedStateMachine):
    """Every command on one side, a Counter of (SKU, place, state) on the other."""

    opened: Opened

    def __init__(self) -> None:
        super().__init__()
        self.engine, self.close = type(self).opened()
        with transaction(self.engine) as session:
            self.shop = order_shop(session, {sku: {"Leeds": 4, "Bristol": 2} for sku in SKUS})
        self.place_of = {key: name for name, key in self.shop.places.items()}
        self.sku_of = {key: sku for sku, key in self.shop.variants.items()}
        self.model: Counter[tuple[str, str, str]] = Counter()
        for sku in SKUS:
            self.model[sku, "Leeds", "available"] += 4
            self.model[sku, "Bristol", "available"] += 2
        self.orders: list[int] = []
        self.shipped: set[int] = set()
        self.in_transit: dict[int, tuple[str, str, int]] = {}
        self.turn = 0

    def teardown(self) -> None:
        self.close()

    def move(self, sku: str, n: int, *, out: tuple[str, str] | None, into: tuple[str, str] | None) -> None:
        if out:
            self.model[(sku, *out)] -= n
        if into:
            self.model[(sku, *into)] += n

    def agree(self, said: object, known: object) -> None:
        """Assert that the shop said what the model knows."""
        assert said == known

    def promised(self, session: Session, order_id: int) -> list[Allocation]:
        lines = sa.select(OrderLine.id).where(OrderLine.order_id == order_id)
        return list(session.scalars(sa.select(Allocation).where(Allocation.order_line_id.in_(lines))))

    @rule(mug=st.integers(0, 6), tin=st.integers(0, 6))
    def order(self, mug: int, tin: int) -> None:
        wanted = {sku: n for sku, n in (("MUG", mug), ("TIN", tin)) if n} or {"MUG": 1}
        self.turn += 1
        there = {sku: sum(self.model[sku, place, "available"] for place in PLACES) for sku in wanted}
        short = {sku for sku, n in wanted.items() if n > there[sku]}
        try:
            with transaction(self.engine) as session:
                placed = place_order(session, new_order(wanted, external_id=str(self.turn)), zone=ZONE)
                promises = allocate_order(session, placed.id, zone=ZONE)
                open_fulfillment_orders(session, placed.id)
        except InsufficientStock as refused:
            named = {s["sku"] for s in refused.facts["shortages"]}
            self.agree(named, short)
            return
        assert not short
        got: Counter[str] = Counter()
        for promise in promises:
            sku, place = self.sku_of[promise.variant_id], self.place_of[promise.location_id]
            got[sku] += promise.quantity
            self.move(sku, promise.quantity, out=(place, "available"), into=(place, "committed"))
        assert dict(got) == wanted
        self.orders.append(placed.id)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def ship_some(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.orders))
        with transaction(self.engine) as session:
            works = open_work(session, order_id)
            if not works:
                return
            work = data.draw(st.sampled_from(works))
            before = {a.id: a.shipped_qty for a in self.promised(session, order_id)}
            lines = None
            if data.draw(st.booleans()):
                first = next(
                    a
                    for a in self.promised(session, order_id)
                    if a.quantity > a.shipped_qty and self._of(session, a.id) == work
                )
                lines = {first.id: data.draw(st.integers(1, first.quantity - first.shipped_qty))}
            ship(session, fulfillment_order_id=work, carrier="dpd", lines=lines, zone=ZONE)
            session.expire_all()
            for a in self.promised(session, order_id):
                n = a.shipped_qty - before[a.id]
                self.move(self.sku_of[a.variant_id], n, out=(self.place_of[a.location_id], "committed"), into=None)
        self.shipped.add(order_id)

    def _of(self, session: Session, allocation_id: int) -> int:
        statement = sa.select(FulfillmentOrderLine.fulfillment_order_id)
        return session.scalars(statement.where(FulfillmentOrderLine.allocation_id == allocation_id)).one()

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.orders))
        try:
            with transaction(self.engine) as session:
                open_ = [(a.variant_id, a.location_id, a.quantity) for a in self.promised(session, order_id)]
                cancel_order(session, order_id, reason="test", zone=ZONE)
        except Refused:
            assert order_id in self.shipped
            return
        assert order_id not in self.shipped
        for variant, location, n in open_:
            place = self.place_of[location]
            self.move(self.sku_of[variant], n, out=(place, "committed"), into=(place, "available"))
        self.orders.remove(order_id)

    @precondition(lambda self: self.shipped)
    @rule(data=st.data(), disposition=st.sampled_from(("restock", "damaged", "quality_control", "scrap")), place=places)
    def give_back(self, data: st.DataObject, disposition: str, place: str) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.shipped)))
        with transaction(self.engine) as session:
            lines = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order_id))
            line = next((found for found in lines if found.shipped_qty > found.returned_qty), None)
            if line is None:
                return
            n = data.draw(st.integers(1, line.shipped_qty - line.returned_qty))
            back = request_return(session, order_id=order_id, lines=[NewReturnLine(line.id, n)], zone=ZONE)
            approve_return(session, return_id=back.id)
            (asked,) = session.scalars(sa.select(ReturnLine).where(ReturnLine.return_id == back.id))
            receive_return(
                session, return_id=back.id, lines=[ReceivedLine(asked.id, n, disposition)],
                location_id=self.shop.places[place], zone=ZONE,
            )  # fmt: skip
        state = {"restock": "available", "scrap": None}.get(disposition, disposition)
        self.move(line.sku, n, out=None, into=(place, state) if state else None)

    @rule(sku=skus, place=places, state=states, delta=st.integers(-6, 6).filter(bool))
    def count(self, sku: str, place: str, state: str, delta: int) -> None:
        there = self.model[sku, place, state]
        try:
            with transaction(self.engine) as session:
                adjust(
                    session, variant_id=self.shop.variants[sku], location_id=self.shop.places[place], delta_qty=delta,
                    state=state, reason="count", zone=ZONE,
                )  # fmt: skip
        except InsufficientStock:
            assert there + delta < 0
            return
        assert there + delta >= 0
        self.model[sku, place, state] += delta

    @rule(sku=skus, ends=st.permutations(PLACES), n=units)
    def send(self, sku: str, ends: list[str], n: int) -> None:
        there = self.model[sku, ends[0], "available"]
        try:
            with transaction(self.engine) as session:
                sent = draft_transfer(
                    session, from_location_id=self.shop.places[ends[0]], to_location_id=self.shop.places[ends[1]],
                    lines={self.shop.variants[sku]: n},
                )  # fmt: skip
                ship_transfer(session, sent.id, zone=ZONE)
        except InsufficientStock:
            assert n > there
            return
        assert n <= there
        self.move(sku, n, out=(ends[0], "available"), into=None)
        self.in_transit[sent.id] = (sku, ends[1], n)

    @precondition(lambda self: self.in_transit)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.in_transit)))
        sku, place, n = self.in_transit.pop(key)
        came = data.draw(st.integers(0, n))
        lost = data.draw(st.integers(0 if came else 1, n - came)) if came < n else 0
        with transaction(self.engine) as session:
            (line,) = session.scalars(sa.select(TransferLine).where(TransferLine.transfer_id == key))
            receive_transfer(session, key, received={line.id: came}, lost={line.id: lost}, reason="lost", zone=ZONE)
        self.move(sku, came, out=None, into=(place, "available"))
        if n - came - lost:
            self.in_transit[key] = (sku, place, n - came - lost)

    @invariant()
    def the_books_agree(self) -> None:
        with transaction(self.engine) as session:
            self.check(session)

    def check(self, session: Session) -> None:
        """Assert that levels, movements, promises, the model and every order's status agree."""
        assert_ledger_whole(session)
        stored = {
            (self.sku_of[level.variant_id], self.place_of[level.location_id], state): n
            for level in session.scalars(sa.select(StockLevel))
            for state in ("available", "committed", "damaged", "quality_control")
            if (n := getattr(level, state))
        }
        assert stored == {key: n for key, n in self.model.items() if n}
        assert min(stored.values(), default=0) >= 0
        ids = list(session.scalars(sa.select(Order.id)))
        for key, kept, axes in derived(session.connection(), ids):
            assert kept == axes, key


@contextmanager
def machine(opened: Opened) -> Iterator[type[Shop]]:
    """Return the machine bound to a way of opening fresh databases."""
    yield type("BoundShop", (Shop,), {"opened": staticmethod(opened)})


def test_the_ledger_keeps_to_the_model_on_sqlite(tmp_path: Path, migrated_sqlite: Path) -> None:
    def opened() -> tuple[sa.Engine, Callable[[], None]]:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(migrated_sqlite, path)
        engine = make_engine(f"sqlite:///{path}")
        return engine, engine.dispose

    with machine(opened) as bound:
        run_state_machine_as_test(bound, settings=_settings(examples=8, steps=20))


def test_the_ledger_keeps_to_the_model_on_postgresql(postgres: Server, migrated_postgres: str) -> None:
    def opened() -> tuple[sa.Engine, Callable[[], None]]:
        name = f"ledger_{uuid.uuid4().hex[:12]}"
        engine = make_engine(postgres.create(name, migrated_postgres))

        def close() -> None:
            engine.dispose()
            postgres.drop(name)

        return engine, close

    with machine(opened) as bound:
        run_state_machine_as_test(bound, settings=_settings(examples=3, steps=15))


def _settings(*, examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_the_books_do_not_agree_when_a_level_or_a_movement_lies(tmp_path: Path, migrated_sqlite: Path) -> None:
    # negative control: the invariant above must see what it is there to see
    path = tmp_path / "lies.db"
    shutil.copy(migrated_sqlite, path)
    engine = make_engine(f"sqlite:///{path}")
    with machine(lambda: (engine, engine.dispose)) as bound:
        shop = bound()
        shop.order(1, 1)
        shop.the_books_agree()
        for lie in (
            "UPDATE stock_levels SET available = available + 1 WHERE id = 1",
            "UPDATE stock_movements SET quantity = quantity + 1 WHERE id = 1",
            "UPDATE allocations SET released_qty = 1 WHERE id = 1",
            "UPDATE orders SET payment_status = 'paid'",
        ):
            with pytest.raises(AssertionError):
                check_after(lie, shop)
        shop.the_books_agree()
        shop.teardown()


def check_after(lie: str, shop: Shop) -> None:
    """Check the books inside the lying transaction, which is then rolled back."""
    with shop.engine.connect() as connection, connection.begin() as begun:
        connection.execute(sa.text(lie))
        with Session(bind=connection) as session:
            shop.check(session)
        begun.rollback()
