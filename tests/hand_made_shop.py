"""A small shop made by hand: deterministic, written straight into the tables, alive at noon of 9 December 2010."""

from __future__ import annotations

import functools
import random
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oms_core import schema
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.settings import Shop, save_shop
from oms_core.migrations import upgrade

NOW = datetime(2010, 12, 9, 13, 30, tzinfo=UTC)
CHANNELS = (("wholesale", "Wholesale"), ("web", "Web"), ("export", "Export"), ("marketplace", "Marketplace"))
PRODUCTS = (
    "Set of 3 coloured flying ducks",
    "White hanging heart T-light holder",
    "Regency cakestand 3 tier",
    "Paper chain kit 50's Christmas",
    "Hot water bottle tea and sympathy",
    "Chocolate hot water bottle",
    "Jumbo bag red retrospot",
    "Hand warmer owl design",
    "Alarm clock Bakelike green",
    "Chilli lights",
    "Assorted colour bird ornament",
    "Rotating silver angels T-light holder",
)
NAMES = (
    "Juniper Interiors",
    "Quayside Living",
    "Bluebell Supply",
    "Foxglove Living",
    "Willow & Co Trading",
    "Wren Stores",
    "Old Mill Emporium",
    "Pemberton Trading",
    "Harbour Cards",
    "Ivy House Emporium",
)
PLACES = (
    ("GB", "Leeds", "LS1 4AP"),
    ("GB", "Cardiff", "CF10 1EP"),
    ("DE", "Hamburg", "20095"),
    ("FR", "Lille", "59000"),
    ("PL", "Łódź", "90-001"),
)
DAYS = 70
SHOP = Shop(
    name="Ducks and Hearts",
    kind="demo",
    zone="Europe/London",
    currency="GBP",
    country="GB",
    simulated="stock,suppliers,parcels",
    clock_label="demo clock",
)


def build(home: Path, *, orders: bool = True, running: bool = False) -> Path:
    """Write the shop into a home; with `orders` False it holds the catalogue only.

    With `running` its clock runs from :data:`NOW` on, for a server in another process; without, the
    test freezes the clock.
    """
    home.mkdir(parents=True, exist_ok=True)
    (home / "oms.db").write_bytes(_database(orders=orders))
    engine = make_engine(f"sqlite:///{home / 'oms.db'}")
    with transaction(engine) as session:
        offset = (NOW - datetime.now(UTC)).total_seconds() if running else 0.0
        save_shop(session, replace(SHOP, clock_offset_seconds=offset))
    engine.dispose()
    return home


@functools.cache
def _database(*, orders: bool) -> bytes:
    """Return the shop's file: written once a process, copied into every home."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oms.db"
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        with transaction(engine) as session:
            writer = Writer(session.connection())
            writer.master_data()
            if orders:
                writer.history()
        engine.dispose()  # the last connection writes the log into the file
        return path.read_bytes()


class Writer:
    """Rows of every table, keys counted by hand."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.random = random.Random(7)  # noqa: S311 - a shop, not a secret
        self.tables = schema.METADATA.tables
        self.last: dict[str, int] = {}

    def add(self, table: str, **values: Any) -> int:
        self.last[table] = self.last.get(table, 0) + 1
        row = {"id": self.last[table], **values}
        self.connection.execute(self.tables[table].insert(), row)
        return self.last[table]

    def master_data(self) -> None:
        born = NOW - timedelta(days=400)
        for n, (code, name) in enumerate(CHANNELS):
            kind = code
            self.add("channels", code=code, name=name, kind=kind, position=n)
        for n, (code, name, post) in enumerate((("leeds", "Leeds", "LS1 4AP"), ("bristol", "Bristol", "BS1 4ST")), 1):
            self.add(
                "locations",
                code=code,
                name=name,
                kind="warehouse",
                country="GB",
                postal_code=post,
                city=name,
                position=n,
                is_active=True,
                is_simulated=True,
            )
        for code, name in (("fenwick", "Fenwick Textiles"), ("nordlys", "Nordlys Lighting")):
            self.add(
                "suppliers",
                code=code,
                name=name,
                currency="GBP",
                lead_time_days=7.0,
                lead_time_sd_days=2.0,
                is_simulated=True,
            )
        for n, title in enumerate(PRODUCTS, 1):
            sku = f"{22000 + n * 37}"
            product = self.add("products", code=sku, title=title, category="Gifts" if n % 2 else "Home")
            self.add(
                "variants",
                product_id=product,
                sku=sku,
                title=title,
                price_minor=95 + n * 60,
                currency="GBP",
                cost_minor=40 + n * 25,
                created_at=born,
                is_active=True,
            )
            self.add(
                "supplier_items",
                supplier_id=1 + n % 2,
                variant_id=n,
                unit_cost_minor=40 + n * 25,
                currency="GBP",
                pack_qty=12,
                moq_qty=24,
                is_preferred=True,
            )
            for location in (1, 2):
                self.add(
                    "stock_levels",
                    variant_id=n,
                    location_id=location,
                    available=0 if n in (1, 6) else 90 * location,
                    committed=0,
                )
        for n, name in enumerate(NAMES, 1):
            country, city, post = PLACES[n % len(PLACES)]
            self.add(
                "customers",
                number=f"C{n:04}",
                kind="business",
                name=name,
                email=f"buyer{n}@example.com",
                country=country,
                city=city,
                postal_code=post,
                created_at=born,
            )

    def history(self) -> None:
        for back in range(DAYS, -1, -1):
            day = (NOW - timedelta(days=back)).date()
            for _ in range(self.random.randint(3, 9) if back else 6):
                hour = self.random.uniform(8, 18 if back else 13)
                self.order(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour))
        self.returns()
        self.buying()
        self.journal()

    def order(self, at: datetime) -> None:
        r, n = self.random, self.last.get("orders", 0) + 1
        customer = r.randint(1, len(NAMES))
        country, city, post = PLACES[customer % len(PLACES)]
        channel = 3 if country != "GB" else r.choice((1, 1, 1, 2, 2, 4))
        lines = [(v, r.randint(1, 24)) for v in r.sample(range(1, len(PRODUCTS) + 1), r.randint(1, 4))]
        gross = sum(q * (95 + v * 60) for v, q in lines)
        old = NOW - at
        shipped, delivered = old > timedelta(days=3) and r.random() > 0.03, old > timedelta(days=6)
        status = "fulfilled" if shipped else r.choice(("unfulfilled", "in_progress", "on_hold"))
        cancelled = not shipped and r.random() < 0.1
        paid = r.random() > 0.04
        order = self.add(
            "orders",
            number=str(536000 + n),
            channel_id=channel,
            external_id=f"X{n}",
            customer_id=customer,
            currency="GBP",
            state="cancelled" if cancelled else "closed" if delivered and shipped else "placed",
            placed_at=at,
            business_date=at.date(),
            ship_by_at=at + timedelta(hours=30),
            cancelled_at=min(at + timedelta(hours=1), NOW) if cancelled else None,
            closed_at=at + timedelta(days=6) if delivered and shipped and not cancelled else None,
            ship_name=NAMES[customer - 1],
            ship_line1="22 Friar Gate",
            ship_city=city,
            ship_postal_code=post,
            ship_country=country,
            gross_minor=gross,
            discount_minor=0,
            shipping_minor=695,
            tax_minor=0,
            other_minor=0,
            total_minor=gross + 695,
            payment_status="paid" if paid else "none",
            fulfillment_status=status,
            delivery_status="pending" if not shipped else "delivered" if delivered else "in_transit",
            return_status="none",
        )
        self.add("order_adjustments", order_id=order, kind="shipping", code="POST", title="Carriage", amount_minor=695)
        for position, (variant, quantity) in enumerate(lines, 1):
            price = 95 + variant * 60
            self.add(
                "order_lines",
                order_id=order,
                position=position,
                variant_id=variant,
                sku=f"{22000 + variant * 37}",
                title=PRODUCTS[variant - 1],
                quantity=quantity,
                unit_price_minor=price,
                gross_minor=quantity * price,
                unit_cost_minor=40 + variant * 25,
                shipped_qty=quantity if shipped else 0,
                cancelled_qty=quantity if cancelled and not shipped else 0,
            )
        if paid:
            self.add(
                "payments",
                order_id=order,
                kind="capture",
                amount_minor=gross + 695,
                currency="GBP",
                gateway="card",
                external_id=f"P{n}",
                at=at,
                business_date=at.date(),
            )
        self.fulfil(order, at, shipped=shipped, delivered=delivered)

    def fulfil(self, order: int, at: datetime, *, shipped: bool, delivered: bool) -> None:
        location = 1 + order % 2
        decision = self.add(
            "routing_decisions",
            order_id=order,
            at=at,
            decided_by="closest",
            rules=[{"kind": "stock"}, {"kind": "fewest_splits"}, {"kind": "closest"}],
            candidates=[
                {
                    "location_id": n,
                    "name": name,
                    "position": n,
                    "lines": lines,
                    "lacks": lacks,
                    "scores": {"closest": km},
                }
                for n, name, lines, lacks, km in ((1, "Leeds", 3, [], 114.0), (2, "Bristol", 2, ["22037"], 222.0))
            ],
            chosen=[{"location_id": location, "name": ("Leeds", "Bristol")[location - 1], "decided_by": "closest"}],
            reason="Leeds ships all 3 lines; Bristol lacks 22037; Leeds is 114 km away, Bristol 222 km",
        )
        work = self.add(
            "fulfillment_orders",
            number=f"F{order}",
            order_id=order,
            location_id=location,
            routing_decision_id=decision,
            state="closed" if shipped else "open",
            ship_by_at=at + timedelta(hours=30),
            created_at=at,
            closed_at=at + timedelta(hours=26) if shipped else None,
        )
        if not shipped:
            return
        late = self.random.random() < 0.1
        state = "delivered" if delivered else "delayed" if late else "in_transit"
        sent = at + timedelta(hours=26 if not late else 40)
        parcel = self.add(
            "shipments",
            number=f"S{order}",
            order_id=order,
            fulfillment_order_id=work,
            location_id=location,
            carrier="DPD",
            service="Next Day",
            tracking_number=f"T{order}",
            state=state,
            shipped_at=sent,
            promised_at=sent + timedelta(days=2),
            delivered_at=sent + timedelta(days=1 + 2 * late) if delivered else None,
            cost_minor=445,
            currency="GBP",
            is_simulated=True,
        )
        self.add(
            "tracking_events",
            shipment_id=parcel,
            at=sent,
            state="in_transit",
            message="Left the depot",
            external_id=f"E{order}a",
        )
        if state != "in_transit":
            self.add(
                "tracking_events",
                shipment_id=parcel,
                at=sent + timedelta(days=1),
                state=state,
                message="Snow in Glasgow" if late else "Signed for",
                external_id=f"E{order}b",
            )

    def returns(self) -> None:
        done = self.connection.execute(
            sa.text(
                "SELECT o.id, o.channel_id, o.customer_id, min(l.id)"
                " FROM orders o JOIN order_lines l ON l.order_id = o.id"
                " WHERE o.delivery_status = 'delivered' GROUP BY 1, 2, 3 ORDER BY o.id DESC LIMIT 24"
            )
        ).all()
        for n, (order, channel, customer, line) in enumerate(done, 1):
            price, variant = self.connection.execute(
                sa.text("SELECT unit_price_minor, variant_id FROM order_lines WHERE id = :id"), {"id": line}
            ).one()
            at = NOW - timedelta(days=n % 12, hours=2)
            given = self.add(
                "returns",
                number=f"R{n}",
                order_id=order,
                channel_id=channel,
                customer_id=customer,
                external_id=f"R{n}",
                state="received" if n % 3 == 0 else "closed",
                currency="GBP",
                requested_at=at,
                business_date=at.date(),
                goods_minor=price,
                other_minor=0,
                total_minor=price,
                ship_country="GB",
            )
            self.add(
                "return_lines",
                return_id=given,
                order_line_id=line,
                variant_id=variant,
                sku=f"{22000 + variant * 37}",
                title=PRODUCTS[variant - 1],
                quantity=1,
                amount_minor=price,
            )

    def buying(self) -> None:
        for n, (state, due) in enumerate((("sent", 3), ("confirmed", -2), ("draft", 9)), 1):
            at = NOW - timedelta(days=4)
            order = self.add(
                "purchase_orders",
                number=f"PO-{1040 + n}",
                supplier_id=1 + n % 2,
                location_id=1,
                state=state,
                currency="GBP",
                created_at=at,
                sent_at=None if state == "draft" else at,
                confirmed_at=at + timedelta(days=1) if state == "confirmed" else None,
                expected_on=(NOW + timedelta(days=due)).date(),
                total_minor=120 * (40 + n * 25),
                note="",
                is_simulated=True,
            )
            self.add(
                "purchase_order_lines",
                purchase_order_id=order,
                position=1,
                variant_id=n,
                quantity=120,
                unit_cost_minor=40 + n * 25,
            )

    def journal(self) -> None:
        for n, (hours, event, kind) in enumerate(
            ((0.1, "stock.adjusted", "variant"), (0.3, "shipment.failed", "shipment"), (5, "order.cancelled", "order"))
        ):
            self.add(
                "journal",
                at=NOW - timedelta(hours=hours),
                actor="a.nowak",
                event=event,
                object_type=kind,
                object_id=n + 1,
                data={"reason": "count", "delta_qty": -12},
            )
        run = self.add(
            "import_runs",
            source="online-retail",
            files=["history.csv"],
            started_at=NOW - timedelta(days=1),
            finished_at=NOW - timedelta(days=1) + timedelta(seconds=40),
            counts={"read": 900, "orders": 400, "rejected": 2},
        )
        for row in (17, 204):
            self.add(
                "rejected_rows",
                import_run_id=run,
                source="online-retail",
                file_name="history.csv",
                row_number=row,
                raw={"StockCode": "??"},
                raw_sha256=f"{row:064}",
                code="row.unknown_sku",
                reason="StockCode '??' is not a product.",
            )


FIRST_DAY: date = (NOW - timedelta(days=DAYS)).date()
