"""How PostgreSQL means to answer the laws on a shop with lines and returns: no table row by row against another."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
import sqlalchemy as sa
from held import NOON
from small_shop import SmallShop, small_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import run
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.orders.tables import Order, OrderLine
from oms_core.returns.tables import Return, ReturnLine

ORDERS, LINES, RETURNS = 400, 10, 300


@pytest.fixture
def shop_of_years(postgres, migrated_postgres):
    """An engine on PostgreSQL with an imported history, counted (ANALYZE) as the server itself does in time."""
    name = f"plans_{uuid.uuid4().hex[:12]}"
    engine = make_engine(postgres.create(name, migrated_postgres))
    with clock.frozen(NOON), Session(engine) as session:
        history(session, small_shop(session))
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    yield engine
    engine.dispose()
    postgres.drop(name)


def history(session: Session, shop: SmallShop) -> None:
    """Write orders of equal lines, and returns of the first orders with as many lines."""
    mug, day = shop.variants["MUG"], date(2010, 12, 1)
    orders = [
        {
            "id": n, "number": f"H{n:05d}", "channel_id": shop.channel, "external_id": f"H{n}", "currency": "PLN",
            "state": "closed", "placed_at": NOON, "business_date": day, "gross_minor": 10 * LINES,
            "total_minor": 10 * LINES, "payment_status": "paid", "fulfillment_status": "fulfilled",
            "delivery_status": "delivered", "is_history": True,
        }
        for n in range(1, ORDERS + 1)
    ]  # fmt: skip
    lines = [
        {
            "id": order["id"] * LINES + p, "order_id": order["id"], "position": p, "variant_id": mug, "sku": "MUG",
            "quantity": 1, "unit_price_minor": 10, "gross_minor": 10, "shipped_qty": 1,
            "returned_qty": int(order["id"] <= RETURNS),
        }
        for order in orders
        for p in range(LINES)
    ]  # fmt: skip
    backs = [
        {
            "id": n, "number": f"R{n}", "order_id": n, "channel_id": shop.channel, "external_id": f"R{n}",
            "state": "closed", "currency": "PLN", "requested_at": NOON, "business_date": day,
            "goods_minor": 10 * LINES, "total_minor": 10 * LINES, "is_history": True,
        }
        for n in range(1, RETURNS + 1)
    ]  # fmt: skip
    back_lines = [
        {
            "return_id": line["order_id"], "order_line_id": line["id"], "variant_id": mug, "sku": "MUG",
            "quantity": 1, "received_qty": 1, "amount_minor": 10, "disposition": "restock",
        }
        for line in lines
        if line["returned_qty"]
    ]  # fmt: skip
    for model, rows in ((Order, orders), (OrderLine, lines), (Return, backs), (ReturnLine, back_lines)):
        session.execute(sa.insert(model), rows)


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def asked(engine: sa.Engine, names) -> list[tuple[str, object]]:
    """Check the laws and return every statement that was sent for it."""
    sent = []

    def keep(_connection, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", keep)
    with Session(engine) as session:
        assert [
            row["name"] for row in run(session, names) if row["name"].startswith("returns.") and row["broken"]
        ] == []
    sa.event.remove(engine, "before_cursor_execute", keep)
    return [one for one in sent if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]


def test_no_law_compares_every_row_of_a_table_with_every_row_of_another(shop_of_years):
    statements = asked(shop_of_years, ())
    assert len(statements) > 40
    with shop_of_years.connect() as connection:
        slow = [
            (statement, node["Join Filter"])
            for statement, parameters in statements
            for node in nodes(planned(connection, statement, parameters))
            if pairs(node) > ORDERS * LINES
        ]
    assert slow == []


def planned(connection: sa.Connection, statement: str, parameters):
    (told,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalars()
    return told[0]["Plan"]


def pairs(node) -> int:
    """Return how many pairs a join expects to try one by one; an index or a hash table finds the few that fit."""
    if node["Node Type"] != "Nested Loop" or "Join Filter" not in node:
        return 0
    outer, inner = (below for below in node["Plans"] if below["Parent Relationship"] in {"Outer", "Inner"})
    return outer["Plan Rows"] * inner["Plan Rows"]
