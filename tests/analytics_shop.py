"""A shop of twelve orders whose every number can be worked out on paper.

Currency PLN, zone Europe/Warsaw, "now" is 4 April 2024, noon UTC. Prices: A 10.00 (cost 4.00),
B 25.00 (cost 10.00), C 7.00 (cost unknown).

    no  day     channel  customer  what                                       beside
    1   30 Mar  web      Ann PL    2 A                                        shipping 15.00
    2   30 Mar  market   Ben DE    1 B, line discount 2.50
    3   31 Mar* web      Ann PL    1 A, 1 B, order discount 3.50              tax 2.30
    4   31 Mar  web      guest GB  3 C
    5   1 Apr   web      Ben DE    4 A, cancelled 2 Apr                       shipping 9.00
    6   2 Apr   market   Cy GB     1 B, open and late
    7   2 Apr   web      Cy GB     2 C, one of them cancelled
    8   2 Apr   web      Ann PL    1 A, a test order: counts nowhere
    9   2 Apr   web      Ann PL    1 A, a draft: counts nowhere
    10  3 Apr   web      Ann PL    1 A, open
    11  3 Apr   market   Ben DE    nothing but carriage 5.00, discount 1.00
    12  3 Apr   web      Ann PL    1 C, open                                  gift card 50.00, fee 2.00

    returns: 2 Apr 1 A of order 1, restocked, and its carriage 15.00; 3 Apr a credit without an
    order, Ben DE market, 1 B damaged; one return of order 3 only requested: counts nowhere.

\\* placed on 30 March at 23:30 UTC, the night the clocks go forward.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from analytics import stored
from oms_core.kernel.settings import Shop
from oms_core.schema import METADATA

SHOP = Shop(name="Golden", zone="Europe/Warsaw", currency="PLN", country="PL")
NOW = datetime(2024, 4, 4, 12, 0, tzinfo=UTC)
NIGHT = datetime(2024, 3, 30, 23, 30, tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(f"2024-{text}")


def at(text: str, hour: float = 12) -> datetime:
    return datetime.combine(day(text), datetime.min.time(), UTC) + timedelta(hours=hour)


def insert(connection: sa.Connection, table: str, rows: list[dict]) -> None:
    for row in rows:
        connection.execute(sa.insert(METADATA.tables[table]).values(**row))


def order(number, on, channel, customer, country, *, gross=0, state="closed", **given):
    sums = {f"{k}_minor": given.pop(k, 0) for k in ("discount", "shipping", "tax", "other")}
    total = gross - sums["discount_minor"] + sums["shipping_minor"] + sums["tax_minor"] + sums["other_minor"]
    standard = {
        "id": number, "number": f"G-{number}", "channel_id": channel, "external_id": str(number),
        "customer_id": customer, "currency": "PLN", "state": state, "placed_at": at(on), "business_date": day(on),
        "ship_country": country, "gross_minor": gross, "total_minor": total, "fulfillment_status": "fulfilled",
    }  # fmt: skip
    return standard | sums | given


def line(key, number, variant, quantity, *, discount=0, cancelled=0, shipped=None):
    price = {1: 1000, 2: 2500, 3: 700}[variant]
    shipped = quantity - cancelled if shipped is None else shipped
    return {
        "id": key, "order_id": number, "position": key, "variant_id": variant, "sku": "ABC"[variant - 1],
        "quantity": quantity, "unit_price_minor": price, "gross_minor": quantity * price, "discount_minor": discount,
        "cancelled_qty": cancelled, "shipped_qty": shipped,
    }  # fmt: skip


def parcel(key, number, location, carrier, cost, shipped, promised, delivered):
    return {
        "id": key, "number": f"P-{key}", "order_id": number, "fulfillment_order_id": number, "location_id": location,
        "carrier": carrier, "tracking_number": str(key), "state": "delivered" if delivered else "in_transit",
        "shipped_at": shipped, "promised_at": promised, "delivered_at": delivered, "cost_minor": cost,
        "currency": "PLN",
    }  # fmt: skip


def move(key, on, variant, quantity, *, place_in=None, place_out=None, kind="adjusted"):
    return {
        "id": key, "variant_id": variant, "at": at(on), "business_date": day(on), "kind": kind, "quantity": quantity,
        "from_location_id": place_out, "from_state": "available" if place_out else "supplier",
        "to_location_id": place_in, "to_state": "available" if place_in else "customer",
    }  # fmt: skip


def back(key, number, on, channel, customer, country, goods, other=0, state="closed"):
    return {
        "id": key, "number": f"R-{key}", "order_id": number, "channel_id": channel, "customer_id": customer,
        "external_id": f"r{key}", "state": state, "currency": "PLN", "ship_country": country, "requested_at": at(on),
        "business_date": day(on), "goods_minor": goods, "other_minor": other, "total_minor": goods + other,
    }  # fmt: skip


def back_line(key, return_id, order_line, variant, amount, disposition):
    return {
        "id": key, "return_id": return_id, "order_line_id": order_line, "variant_id": variant,
        "sku": "ABC"[variant - 1], "quantity": 1, "received_qty": 0 if disposition == "pending" else 1,
        "amount_minor": amount, "disposition": disposition,
    }  # fmt: skip


def rows() -> dict[str, list[dict]]:
    """Every row of the shop, by table, in the order of insertion."""
    return {
        "channels": [
            {"id": 1, "code": "web", "name": "Web", "kind": "web", "position": 1},
            {"id": 2, "code": "market", "name": "Market", "kind": "marketplace", "position": 2},
        ],
        "locations": [
            {"id": 1, "code": "WAW", "name": "Warsaw", "country": "PL", "position": 1},
            {"id": 2, "code": "GDA", "name": "Gdańsk", "country": "PL", "position": 2},
        ],
        "customers": [
            {"id": 1, "number": "1", "name": "Ann", "country": "PL", "created_at": at("03-01")},
            {"id": 2, "number": "2", "name": "Ben", "country": "DE", "created_at": at("03-01")},
            {"id": 3, "number": "3", "name": "Cy", "country": "GB", "created_at": at("03-01")},
        ],
        "products": [
            {"id": 1, "code": "P1", "title": "Lamp", "category": "Lamps"},
            {"id": 2, "code": "P2", "title": "Card", "category": "Cards"},
        ],
        "variants": [
            {"id": key, "product_id": 2 if key == 3 else 1, "sku": "ABC"[key - 1], "title": "ABC"[key - 1],
             "price_minor": price, "currency": "PLN", "cost_minor": cost, "created_at": at("03-01")}
            for key, price, cost in ((1, 1000, 400), (2, 2500, 1000), (3, 700, None))
        ],
        "suppliers": [{"id": 1, "code": "S1", "name": "Supplier", "currency": "PLN", "lead_time_days": 5.0}],
        "supplier_items": [
            {"id": 1, "supplier_id": 1, "variant_id": 1, "unit_cost_minor": 400, "currency": "PLN", "pack_qty": 10}
        ],
        "orders": [
            order(1, "03-30", 1, 1, "PL", gross=2000, shipping=1500, delivery_status="delivered",
                  return_status="partially_returned", placed_at=at("03-30", 8)),
            order(2, "03-30", 2, 2, "DE", gross=2500, discount=250, delivery_status="delivered"),
            order(3, "03-31", 1, 1, "PL", gross=3500, discount=350, tax=230, delivery_status="delivered",
                  return_status="requested", placed_at=NIGHT),
            order(4, "03-31", 1, None, "GB", gross=2100, delivery_status="delivered"),
            order(5, "04-01", 1, 2, "DE", gross=4000, shipping=900, state="cancelled", cancelled_at=at("04-02"),
                  fulfillment_status="unfulfilled"),
            order(6, "04-02", 2, 3, "GB", gross=2500, state="placed", ship_by_at=at("04-03"),
                  fulfillment_status="unfulfilled"),
            order(7, "04-02", 1, 3, "GB", gross=1400, state="placed", delivery_status="in_transit",
                  placed_at=at("04-02", 13)),
            order(8, "04-02", 1, 1, "PL", gross=1000, is_test=True),
            order(9, "04-02", 1, 1, "PL", gross=1000, state="draft", fulfillment_status="unfulfilled"),
            order(10, "04-03", 1, 1, "PL", gross=1000, state="placed", ship_by_at=at("04-09"),
                  fulfillment_status="unfulfilled"),
            order(11, "04-03", 2, 2, "DE", discount=100, shipping=500),
            order(12, "04-03", 1, 1, "PL", gross=700, other=5200, state="placed", fulfillment_status="unfulfilled"),
        ],
        "order_lines": [
            line(1, 1, 1, 2), line(2, 2, 2, 1, discount=250), line(3, 3, 1, 1), line(4, 3, 2, 1), line(5, 4, 3, 3),
            line(6, 5, 1, 4, cancelled=4), line(7, 6, 2, 1, shipped=0), line(8, 7, 3, 2, cancelled=1),
            line(9, 8, 1, 1), line(10, 9, 1, 1, shipped=0), line(11, 10, 1, 1, shipped=0),
            line(12, 12, 3, 1, shipped=0),
        ],
        "order_adjustments": [
            {"id": key, "order_id": number, "kind": kind, "amount_minor": amount}
            for key, number, kind, amount in (
                (1, 1, "shipping", 1500), (2, 3, "discount", -350), (3, 3, "tax", 230), (4, 5, "shipping", 900),
                (5, 11, "shipping", 500), (6, 11, "discount", -100), (7, 12, "gift_card", 5000), (8, 12, "fee", 200),
            )
        ],
        "returns": [
            back(1, 1, "04-02", 1, 1, "PL", 1000, 1500), back(2, None, "04-03", 2, 2, "DE", 2500),
            back(3, 3, "04-03", 1, 1, "PL", 2500, state="requested"),
        ],
        "return_lines": [
            back_line(1, 1, 1, 1, 1000, "restock"), back_line(2, 2, None, 2, 2500, "damaged"),
            back_line(3, 3, 4, 2, 2500, "pending"),
        ],
        "return_adjustments": [{"id": 1, "return_id": 1, "kind": "shipping", "amount_minor": 1500}],
        "fulfillment_orders": [
            {"id": key, "number": f"F-{key}", "order_id": key, "location_id": 1, "created_at": at("03-30")}
            for key in (1, 2, 3, 4, 7)
        ],
        "shipments": [
            parcel(1, 1, 1, "dhl", 300, at("03-31", 8), at("04-02"), at("04-01")),
            parcel(2, 2, 2, "inpost", 200, at("03-31", 0), at("04-01"), at("04-02")),
            parcel(3, 3, 1, "dhl", 300, at("04-01", 11.5), at("04-03"), at("04-02")),
            parcel(4, 4, 1, "dhl", 400, at("04-02"), at("04-03"), at("04-04", 1)),
            parcel(7, 7, 2, "inpost", 150, at("04-03", 13), at("04-08"), None),
            parcel(8, 7, 2, "inpost", 999, at("04-03", 13), at("04-03"), None) | {"state": "voided"},
        ],
        "payments": [
            {"id": key, "order_id": 1, "kind": kind, "amount_minor": amount, "currency": "PLN", "gateway": "bank",
             "external_id": str(key), "at": at(on), "business_date": day(on)}
            for key, kind, amount, on in (
                (1, "authorize", 3500, "03-30"), (2, "capture", 3500, "03-30"), (3, "refund", 1000, "04-02"),
            )
        ],
        "charges": [
            {"id": 1, "kind": "channel_fee", "channel_id": 2, "source": "s", "external_id": "1", "amount_minor": -500,
             "currency": "PLN", "at": at("04-03"), "business_date": day("04-03")},
            {"id": 2, "kind": "bad_debt", "source": "s", "external_id": "2", "amount_minor": -9999,
             "currency": "PLN", "at": at("04-03"), "business_date": day("04-03")},
        ],
        "stock_levels": [
            {"id": 1, "variant_id": 1, "location_id": 1, "available": 18},
            {"id": 2, "variant_id": 2, "location_id": 2, "available": 3},
            {"id": 3, "variant_id": 3, "location_id": 1, "available": 0},
        ],
        "stock_movements": [
            move(1, "03-29", 1, 20, place_in=1), move(2, "03-29", 2, 5, place_in=2), move(3, "03-29", 3, 4, place_in=1),
            move(4, "03-31", 1, 2, place_out=1), move(5, "03-31", 2, 1, place_out=2),
            move(6, "04-01", 1, 1, place_out=1), move(7, "04-01", 2, 1, place_out=2),
            move(8, "04-02", 3, 3, place_out=1), move(9, "04-02", 1, 1, place_in=1),
            move(10, "04-03", 3, 1, place_out=1),
        ],
    }  # fmt: skip


def overwrite(cursor, statement: str) -> None:
    """Change the replica behind its back, and reckon what it stores of that anew."""
    cursor.execute(statement).fetchall()
    stored.rebuild(cursor)


def build(engine: sa.Engine, tables: dict[str, list[dict]] | None = None, shop: Shop = SHOP) -> None:
    """Write the shop, or the rows given, into an empty database."""
    from sqlalchemy.orm import Session

    from oms_core.kernel.settings import save_shop

    with engine.begin() as connection:
        for table, given in (tables or rows()).items():
            insert(connection, table, given)
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 900)")
    with Session(engine) as session, session.begin():
        save_shop(session, shop)
