"""The short way in writes what the long way writes: same orders, same rows, same answers, on both databases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from order_shop import OrderShop, assert_ledger_whole, new_order, order_shop
from sqlalchemy.orm import Session

from oms_core.intake import commands, express
from oms_core.intake.commands import place, place_alone, place_many, place_many_alone
from oms_core.intake.express_look import look_of
from oms_core.inventory.channels import ChannelStockRule
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.errors import InsufficientStock, OmsError
from oms_core.kernel.prepared import Prepared
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel
from oms_core.orders.commands import NewLine, NewOrder, NewPayment
from oms_core.schema import METADATA

SHOP = Shop(zone="Europe/London", currency="GBP", country="GB")
STOCK = {"TEA": {"Leeds": 50, "Bristol": 50}, "CUP": {"Bristol": 50, "Łódź": 5}, "POT": {"Leeds": 2}}


def _orders() -> list[NewOrder]:
    """Plain orders of every shape: discounts, taxes, a guest, an SKU twice, several buyers, from several places."""
    line = NewLine(sku="TEA", quantity=3, unit_price_minor=333, discount_minor=99, tax_minor=20, title="Own title")
    return [
        new_order({"TEA": 2}, external_id="1"),
        new_order({"TEA": 1, "CUP": 2}, external_id="2", email="ola@example.com", country="PL", postal_code="90-001"),
        new_order({"CUP": 1}, external_id="3", email="ola@example.com", postal_code="BS1 1AA"),
        NewOrder(channel="web", external_id="4", currency="GBP", lines=[line, line], is_test=True),
        new_order({"POT": 2}, external_id="5", price=0),
    ]


def _everything(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table but keys and logs, documents read."""
    found = {}
    for table in METADATA.sorted_tables:
        if table.name != "idempotency_keys":
            rows = session.execute(sa.select(table).order_by(table.c.id)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


def _placed(session: Session, way: str, orders: list[NewOrder]) -> list[Any]:
    keys = [f"key-{new.external_id}" for new in orders]
    if way == "short":
        return list(place_many(session, SHOP, orders, idempotency_keys=keys, actor="test"))
    return list(commands._attempt(session, SHOP, orders, keys, actor="test").values())


def test_both_ways_write_the_same(engine: sa.Engine, noon: datetime) -> None:
    del noon
    seen = {}
    for way in ("short", "long"):
        _number_from_one(engine)
        with engine.connect() as connection, connection.begin() as outer, Session(connection) as session:
            order_shop(session, STOCK)
            session.flush()
            answers = _placed(session, way, _orders())
            seen[way] = _everything(session), answers
            outer.rollback()
    assert seen["short"][1] == seen["long"][1]
    for table, rows in seen["long"][0].items():
        assert seen["short"][0][table] == rows, table


def _number_from_one(engine: sa.Engine) -> None:
    """Let ids start at 1: PostgreSQL's sequences do not go back with a rollback."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            for table in METADATA.tables:
                connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1, false)"))


def test_plain_orders_do_take_the_short_way(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_attempt", lambda *_a, **_k: pytest.fail("went the long way"))
    with transaction(engine) as session:
        order_shop(session, STOCK)
        assert len(place_many(session, SHOP, _orders())) == len(_orders())
        place(session, SHOP, new_order({"TEA": 1}, external_id="9"), idempotency_key="k")


@pytest.mark.parametrize(
    "what", ["payment", "window", "channel rule", "split", "foreign money", "unknown SKU", "short"]
)
def test_what_is_not_plain_is_left_alone(engine: sa.Engine, what: str) -> None:
    with transaction(engine) as session:
        shop = order_shop(session, STOCK)
        new = _not_plain(session, shop, what)
        assert express.plan(session.connection(), SHOP, [new]) is None
        assert session.scalar(sa.text("SELECT count(*) FROM orders")) == 0


def _not_plain(session: Session, shop: OrderShop, what: str) -> NewOrder:
    if what == "payment":
        return new_order({"TEA": 1}, payments=[NewPayment(gateway="card", amount_minor=1000)])
    if what == "window":
        session.execute(sa.update(Channel).values(service_window_minutes=30))
    if what == "channel rule":
        session.add(ChannelStockRule(channel_id=1, scope="all", buffer_qty=1))
        session.flush()
    lines = {"split": {"CUP": 52}, "short": {"POT": 3}, "unknown SKU": {"TEE": 1}}.get(what, {"TEA": 1})
    del shop
    new = new_order(lines)
    return NewOrder(**{**_fields(new), "currency": "PLN"}) if what == "foreign money" else new


def _fields(new: NewOrder) -> dict[str, Any]:
    return {name: getattr(new, name) for name in NewOrder.__dataclass_fields__}


def test_the_last_unit_goes_to_one_of_a_group(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
        group = [new_order({"POT": 1}, external_id=str(n)) for n in range(4)]
        answers = place_many(session, SHOP, group, idempotency_keys=[f"k{n}" for n in range(4)])
        said = ["placed" if isinstance(answer, dict) else answer.code for answer in answers]
        assert said == ["placed"] * 2 + ["stock.insufficient"] * 2
        with pytest.raises(InsufficientStock):
            place(session, SHOP, new_order({"POT": 1}, external_id="7"), idempotency_key="k7")
        left = session.execute(sa.text("SELECT key FROM idempotency_keys ORDER BY key")).scalars().all()
    assert left[:2] == ["k0", "k1"]


def test_the_same_key_gets_the_same_answer_either_way(engine: sa.Engine) -> None:
    with transaction(engine) as session:
        order_shop(session, STOCK)
        first = place(session, SHOP, new_order({"TEA": 1}), idempotency_key="k")
        again = place(session, SHOP, new_order({"TEA": 1}), idempotency_key="k")
        many = place_many(session, SHOP, [new_order({"TEA": 1})] * 2, idempotency_keys=["k", "k"])
    assert [first, *many] == [again] * 3


def test_a_look_at_the_shelves_reads_only_those_of_the_order(migrated_sqlite: Path) -> None:
    """Whatever the shop holds, goods and buyers of one order are found by index: no table is read or built whole."""
    database = make_engine(f"sqlite:///{migrated_sqlite}")
    with database.connect() as connection:
        steps = [
            row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {look_of('sqlite').text}", ("[]",) * 4)
        ]
    database.dispose()
    assert steps
    small = "CONSTANT ROW|skus|names|channels|routing_rules|channel_stock_rules|anon"
    assert [step for step in steps if step.startswith("MATERIALIZE") or re.match(rf"SCAN (?!{small})", step)] == []


def test_alone_every_order_is_answered_and_kept_whatever_way_it_goes(engine: sa.Engine) -> None:
    """Plain, split, short, come before, newly known: each order has its own answer, and the answer is durable."""
    with transaction(engine) as session:
        order_shop(session, STOCK)
    first = place_alone(engine, SHOP, new_order({"TEA": 1}, external_id="0"), idempotency_key="k0")
    group = [
        new_order({"TEA": 1}, external_id="0"),
        new_order({"TEA": 2}, external_id="1", email="new@example.com"),
        new_order({"CUP": 52}, external_id="2"),
        new_order({"POT": 3}, external_id="3"),
        new_order({"TEA": 1}, external_id="4"),
    ]
    keys = [f"k{new.external_id}" for new in group]
    said = place_many_alone(engine, SHOP, group, idempotency_keys=keys)
    assert said[0] == first
    assert [one.code if isinstance(one, OmsError) else len(one["allocations"]) for one in said] == [
        1, 1, 2, "stock.insufficient", 1,
    ]  # fmt: skip
    again = place_many_alone(engine, SHOP, group, idempotency_keys=keys)
    assert [one if isinstance(one, dict) else one.code for one in again[:3]] == said[:3]
    with transaction(engine) as session:
        assert session.scalar(sa.text("SELECT count(*) FROM orders")) == 4
        assert_ledger_whole(session)


def test_a_plain_order_alone_costs_a_look_and_a_write(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL two statements and nothing else: no begin, savepoint or commit."""
    with transaction(engine) as session:
        order_shop(session, STOCK)
    place_alone(engine, SHOP, new_order({"TEA": 1}, external_id="0"), idempotency_key="k0")
    sent, run = list[bool](), Prepared.run

    def counted(one: Prepared, connection: sa.Connection, given: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        sent.append(bool(getattr(connection.connection.driver_connection, "autocommit", False)))
        return run(one, connection, given)

    monkeypatch.setattr(Prepared, "run", counted)
    for event in ("before_cursor_execute", "begin", "savepoint"):
        sa.event.listen(engine, event, lambda *_a, **_k: sent.append(False))
    place_alone(engine, SHOP, new_order({"TEA": 1}, external_id="1"), idempotency_key="k1")
    if engine.dialect.name != "sqlite":
        assert sent == [True, True]
