"""Whatever the till, the counters, the channels, the lots and the suppliers do: no law breaks, the past stays put."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from held import NOON
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from order_shop import ZONE, new_order, order_shop
from sqlalchemy.orm import Session
from stock_shop import channel, on_order

from app.bench.postgres import Server
from oms_core.audit import backorders as backorder_laws
from oms_core.audit import counts as count_laws
from oms_core.audit import lots as lot_laws
from oms_core.audit import reservations as reservation_laws
from oms_core.audit import stock as stock_laws
from oms_core.audit.laws import run
from oms_core.backorders import commands as backorders
from oms_core.backorders.atp import atp
from oms_core.fulfilment.commands import ship
from oms_core.fulfilment.tables import FulfillmentOrder
from oms_core.intake.commands import place
from oms_core.inventory import counts, lots, reservations
from oms_core.inventory.channels import channel_availability, rules_about, set_rule, units_for
from oms_core.inventory.commands import (
    adjust,
    book_found_units,
    change_state,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from oms_core.inventory.count_tables import StockCount
from oms_core.inventory.history import stock_as_of, why
from oms_core.inventory.ledger import lock
from oms_core.inventory.promise_tables import Reservation
from oms_core.inventory.states import STOCK_STATE
from oms_core.inventory.tables import ON_HAND_STATES, StockLevel, TransferLine
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import OmsError
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import cancel_order
from oms_core.orders.tables import Order
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing.tables import PurchaseOrder, PurchaseOrderLine

SHOP = Shop(zone=ZONE, currency="GBP")
SKUS, PLACES, CODES = ("MUG", "TIN", "YOG"), ("Leeds", "Bristol"), ("web", "bay")
ROOMS = (stock_laws, reservation_laws, lot_laws, count_laws, backorder_laws)
LAWS = [law.name for room in ROOMS for law in room.LAWS]
sku, where, by, pick = st.sampled_from(SKUS), st.sampled_from(PLACES), st.sampled_from(CODES), st.integers(0, 5)
units, state = st.integers(1, 6), st.sampled_from(ON_HAND_STATES)
MOVES = [(a, b) for a in STOCK_STATE.moves for b in ("available", "damaged", "quality_control", "safety_stock")]


class Rooms(RuleBasedStateMachine):
    """Random commands; time goes on by an hour with each. YOG is tracked by lot, TIN may be promised ahead."""

    opened: Callable[[], tuple[sa.Engine, Callable[[], None]]]

    @initialize()
    def start(self) -> None:
        self.engine, self.close = type(self).opened()
        self.now, self.turn = NOON, 0
        self.past: list[tuple[datetime, list[dict[str, Any]]]] = []
        with clock.frozen(self.now), transaction(self.engine) as session:
            self.shop = order_shop(session, {name: {"Leeds": 5, "Bristol": 3} for name in SKUS})
            self.channels = {code: channel(session, code) for code in CODES}
            backorders.set_policy(session, self.shop.variants["TIN"], "preorder")
            backorders.set_policy(session, self.shop.variants["MUG"], "backorder")
            lots.start_tracking(session, variant_id=self.shop.variants["YOG"])

    def teardown(self) -> None:
        if hasattr(self, "close"):
            self.close()

    def act(self, action: Callable[[Session], object]) -> None:
        """Run one command as the edge does; a refusal is part of life and changes nothing."""
        self.turn += 1
        self.now += timedelta(hours=1)
        with clock.frozen(self.now):
            try:
                with transaction(self.engine) as session:
                    action(session)
            except OmsError as error:
                assert error.message  # noqa: PT017 - any expected error will do

    def nth(self, session: Session, table: Any, n: int, **where_: Any) -> int:
        found = session.scalars(sa.select(table.id).filter_by(**where_).order_by(table.id)).all()
        return found[n % len(found)] if found else 0

    @rule(name=sku, n=units, code=by, minutes=st.sampled_from([10, 150]), place_=st.sampled_from([None, *PLACES]))
    def reserve(self, name: str, n: int, code: str, minutes: int, place_: str | None) -> None:
        self.act(
            lambda s: reservations.reserve(
                s, channel_id=self.channels[code], lines={self.shop.variants[name]: n}, minutes=minutes,
                location_id=self.shop.places[place_] if place_ else None, zone=ZONE,
            )
        )  # fmt: skip

    @rule(n=pick)
    def let_go(self, n: int) -> None:
        self.act(lambda s: reservations.release(s, self.nth(s, Reservation, n, state="active"), zone=ZONE))

    @rule()
    def expire(self) -> None:
        self.act(lambda s: reservations.expire_due(s, zone=ZONE))

    @rule(wanted=st.dictionaries(sku, units, min_size=1), code=by, held=st.one_of(st.none(), pick))
    def order(self, wanted: dict[str, int], code: str, held: int | None) -> None:
        new = replace(new_order(wanted, external_id=str(self.turn)), channel=code)

        def buy(session: Session) -> None:
            found = session.get(Reservation, self.nth(session, Reservation, held or 0)) if held is not None else None
            place(session, SHOP, replace(new, reservation=found.token if found else ""))

        self.act(buy)

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        self.act(lambda s: cancel_order(s, self.nth(s, Order, n, state="placed"), reason="x", zone=ZONE))

    @rule(n=pick)
    def send(self, n: int) -> None:
        self.act(
            lambda s: ship(
                s, fulfillment_order_id=self.nth(s, FulfillmentOrder, n, state="open"), carrier="dpd", zone=ZONE
            )
        )

    @rule(name=sku, place_=where, n=units, ends=st.sampled_from(MOVES))
    def move(self, name: str, place_: str, n: int, ends: tuple[str, str]) -> None:
        self.act(
            lambda s: change_state(
                s, variant_id=self.shop.variants[name], location_id=self.shop.places[place_], quantity=n,
                from_state=ends[0], to_state=ends[1], reason="x", zone=ZONE,
            )
        )  # fmt: skip

    @rule(name=sku, place_=where, n=st.integers(-4, 4), lot=st.sampled_from(["", "OPENING"]))
    def correct(self, name: str, place_: str, n: int, lot: str) -> None:
        self.act(
            lambda s: adjust(
                s, variant_id=self.shop.variants[name], location_id=self.shop.places[place_], delta_qty=n, reason="x",
                lot=lot if name == "YOG" else "", zone=ZONE,
            )
        )  # fmt: skip

    @rule(place_=where)
    def open_count(self, place_: str) -> None:
        variants = list(self.shop.variants.values())
        self.act(lambda s: counts.open_count(s, location_id=self.shop.places[place_], variant_ids=variants))

    @rule(n=pick, name=sku, counted=st.integers(0, 9))
    def count(self, n: int, name: str, counted: int) -> None:
        key = self.shop.variants[name]
        self.act(lambda s: counts.enter(s, self.nth(s, StockCount, n, state="open"), counted={key: counted}))

    @rule(n=pick)
    def post_count(self, n: int) -> None:
        named = {self.shop.variants["YOG"]: "OPENING"}
        self.act(
            lambda s: counts.post_count(
                s, self.nth(s, StockCount, n, state="open"), reason="x", skip_uncounted=True, lots=named, zone=ZONE
            )
        )

    @rule(name=sku, ends=st.permutations(PLACES), n=units)
    def transfer(self, name: str, ends: list[str], n: int) -> None:
        def go(session: Session) -> None:
            here, there = (self.shop.places[end] for end in ends)
            lines = {self.shop.variants[name]: n}
            sent = draft_transfer(session, from_location_id=here, to_location_id=there, lines=lines)
            ship_transfer(session, sent.id, zone=ZONE)

        self.act(go)

    @rule(n=pick, came=st.integers(0, 6), gone=st.integers(0, 3), over=st.integers(0, 1), found=st.integers(0, 2))
    def arrive(self, n: int, came: int, gone: int, over: int, found: int) -> None:
        def book(session: Session) -> None:
            line = session.get(TransferLine, self.nth(session, TransferLine, n))
            if line is None:
                return
            if found:
                book_found_units(session, line.transfer_id, found={line.id: found}, reason="x", zone=ZONE)
                return
            receive_transfer(
                session, line.transfer_id, received={line.id: came}, lost={line.id: gone}, over={line.id: over},
                reason="x", zone=ZONE,
            )  # fmt: skip

        self.act(book)

    @rule(code=by, name=st.one_of(st.none(), sku), place_=st.one_of(st.none(), where), keep=st.integers(0, 3))
    def channel_rule(self, code: str, name: str | None, place_: str | None, keep: int) -> None:
        self.act(
            lambda s: set_rule(
                s, channel_id=self.channels[code], variant_id=self.shop.variants[name] if name else None,
                location_id=self.shop.places[place_] if place_ else None, buffer_qty=keep, protected_qty=keep // 2,
                is_offered=keep != 3,
            )
        )  # fmt: skip

    @rule(name=sku, n=units, days=st.integers(0, 9))
    def buy_goods(self, name: str, n: int, days: int) -> None:
        due = (self.now + timedelta(days=days)).date()
        self.act(lambda s: on_order(s, self.shop, {name: n}, due))

    @rule(n=pick, came=units, lot=st.sampled_from([None, 1, 30]), filled=st.booleans())
    def goods_come(self, n: int, came: int, lot: int | None, *, filled: bool) -> None:
        def take(session: Session) -> None:
            line = session.get(PurchaseOrderLine, self.nth(session, PurchaseOrderLine, n))
            if line is None:
                return
            number = f"L{lot}"
            expires = (NOON + timedelta(days=lot)).date() if lot else None
            named = {line.id: [lots.NewLot(number, expires, came)]} if lot else None
            receive = backorders.receive if filled else purchasing.receive
            receive(session, purchase_order_id=line.purchase_order_id, lines={line.id: came}, lots=named, zone=ZONE)

        self.act(take)

    @rule(n=pick, days=st.integers(0, 20))
    def slip(self, n: int, days: int) -> None:
        def later(session: Session) -> None:
            key, day = self.nth(session, PurchaseOrder, n, state="sent"), (NOON + timedelta(days=days)).date()
            purchasing.reschedule(session, purchase_order_id=key, expected_on=day, reason="x")

        self.act(later)

    @rule(days=st.sampled_from([0, 0, 3]))
    def worker(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.act(lambda s: lots.quarantine_expired(s, zone=ZONE))
        self.act(lambda s: backorders.fill(s, zone=ZONE))
        self.act(lambda s: backorders.repromise(s, zone=ZONE))

    @invariant()
    def the_laws_hold(self) -> None:
        if not hasattr(self, "engine"):
            return
        with clock.frozen(self.now), transaction(self.engine) as session:
            assert [row["first_broken"] for row in run(session, LAWS) if row["broken"]] == []
            self.past.append((self.now, levels(session)))
            at, then = self.past[self.turn % len(self.past)]
            assert stock_as_of(session, at) == then
            self.explained(session)
            self.channels_agree(session)

    def explained(self, session: Session) -> None:
        """Assert that the story of a variant ends where its levels are, and what may be promised never falls."""
        for key in self.shop.variants.values():
            told = why(session, key, limit=1000)
            on_hand = sum(row["on_hand"] for row in levels(session) if self.shop.variants[row["sku"]] == key)
            assert told[-1]["on_hand"] == on_hand == sum(row["change"] for row in told)
            steps = [n for _, n in atp(session, key, zone=ZONE)]
            assert steps == sorted(steps)

    def channels_agree(self, session: Session) -> None:
        """Assert that the one statement for many SKUs says what allocation reckons under the lock."""
        connection, variants = session.connection(), list(self.shop.variants.values())
        keys = sorted((v, p) for v in variants for p in (self.shop.places[name] for name in PLACES))
        held = lock(connection, keys)
        for key in self.channels.values():
            said = {
                (r["variant_id"], r["location_id"]): r["units"] for r in channel_availability(session, key, variants)
            }
            assert said == units_for(rules_about(connection, variants), key, held)


def levels(session: Session) -> list[dict[str, Any]]:
    """Return what the levels hold, in the form of `stock_as_of`."""
    from oms_core.catalog.tables import Variant
    from oms_core.locations.tables import Location

    rows = session.execute(
        sa.select(Variant.sku, Location.code, *(getattr(StockLevel, name) for name in ON_HAND_STATES))
        .join(Variant, Variant.id == StockLevel.variant_id)
        .join(Location, Location.id == StockLevel.location_id)
        .order_by(Variant.sku, Location.position, Location.id)
    )
    return [
        {"sku": r[0], "location": r[1], "on_hand": sum(r[2:]), **dict(zip(ON_HAND_STATES, r[2:], strict=True))}
        for r in rows
        if any(r[2:])
    ]


def walk(opened: Callable[[], tuple[sa.Engine, Callable[[], None]]], examples: int, steps: int) -> None:
    rooms = type("Walk", (Rooms,), {"opened": staticmethod(opened)})
    run_state_machine_as_test(
        rooms,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_rooms_of_stock_agree_on_sqlite(migrated_sqlite: Path, tmp_path: Path) -> None:
    def opened() -> tuple[sa.Engine, Callable[[], None]]:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(migrated_sqlite, path)
        engine = make_engine(f"sqlite:///{path}")

        def close() -> None:
            engine.dispose()
            path.unlink()

        return engine, close

    walk(opened, examples=25, steps=25)


def test_the_rooms_of_stock_agree_on_postgresql(postgres: Server, migrated_postgres: str) -> None:
    def opened() -> tuple[sa.Engine, Callable[[], None]]:
        name = f"rooms_{uuid.uuid4().hex[:12]}"
        engine = make_engine(postgres.create(name, migrated_postgres))

        def close() -> None:
            engine.dispose()
            postgres.drop(name)

        return engine, close

    walk(opened, examples=6, steps=20)
