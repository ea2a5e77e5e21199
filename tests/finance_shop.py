"""What the stories of money share: a shop with a seller's data, purchases that arrive, orders with tax."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from small_shop import SKUS, ZONE, SmallShop, small_shop
from sqlalchemy.orm import Session

from oms_core.audit.laws import LAWS, run
from oms_core.fulfilment import commands as fulfilment
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment
from oms_core.intake import commands as intake
from oms_core.kernel import clock
from oms_core.kernel.settings import Shop
from oms_core.orders.commands import NewAddress, NewCustomer, NewLine, NewOrder, NewPayment
from oms_core.orders.tables import Order
from oms_core.purchasing import commands as purchasing
from oms_core.purchasing import queries as purchase_orders
from oms_core.purchasing.commands import NewLine as ToBuy
from oms_core.purchasing.tables import PurchaseOrder, Receipt
from oms_core.returns import commands as returns
from oms_core.returns import queries as return_queries
from oms_core.returns.commands import NewReturnLine, ReceivedLine
from oms_core.returns.tables import Return

SHOP = Shop(
    name="Sklep", legal_name="Sklep Pod Zegarem sp. z o.o.", tax_id="526-000-12-46", address="Rynek 1, 50-001 Wrocław",
    bank_account="PL61109010140000071219812874", zone=ZONE, currency="PLN",
)  # fmt: skip
#: A working week; the stories move through it.
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def on(day: int, month: int = 3):
    """Hold the clock at nine in the morning of a day."""
    return clock.frozen(MONDAY.replace(day=day, month=month))


#: Rooms whose laws money can break.
_ROOMS = ("payments", "credit", "cod", "invoices", "ledger", "suppliers", "costs", "returns", "orders")


def broken(session: Session) -> list[str]:
    """Return the laws of money that are broken, with their first fault."""
    names = [law.name for law in LAWS if law.name.split(".")[0] in _ROOMS]
    return [f"{row['name']}: {row['first_broken']}" for row in run(session, names) if row["broken"]]


def buy(session: Session, shop: SmallShop, **units_at: tuple[int, int]) -> tuple[PurchaseOrder, Receipt]:
    """Order from the supplier and receive it all at once: units and unit cost (minor) by SKU."""
    lines = [ToBuy(shop.variants[sku], units, cost) for sku, (units, cost) in units_at.items()]
    order = purchasing.draft_purchase_order(session, supplier_id=shop.supplier, location_id=shop.warehouse, lines=lines)
    purchasing.send(session, purchase_order_id=order.id, zone=ZONE)
    rows = purchase_orders.purchase_order_detail(session, order.id)["lines"]
    arrived = {row["id"]: row["quantity"] for row in rows}
    return order, purchasing.receive(session, purchase_order_id=order.id, lines=arrived, zone=ZONE)


def order_with_tax(
    session: Session, name: str, *, payments: list[NewPayment] | None = None, currency: str = "PLN", adjustments=(),
    percent: int = 23, **units: int,
) -> Order:  # fmt: skip
    """Place an order at 10, 20, 30 a piece, with tax on top."""
    lines = [
        NewLine(
            sku=sku, quantity=n, unit_price_minor=1000 * (SKUS.index(sku) + 1),
            tax_minor=1000 * (SKUS.index(sku) + 1) * n * percent // 100,
        )
        for sku, n in units.items()
    ]  # fmt: skip
    new = NewOrder(
        channel="web", external_id=name, currency=currency, lines=lines, payments=payments or [],
        adjustments=adjustments, customer=NewCustomer(email=f"{name}@example.com", name=name.title()),
        address=NewAddress(country="PL", line1="ul. Żółta 5", city="Łódź", postal_code="90-001", name=name.title()),
    )  # fmt: skip
    answer = intake.place(session, SHOP, new)
    return session.get_one(Order, answer["id"])


def ship_all(session: Session, order: Order, *, carrier: str = "inpost", tracking: str | None = None) -> Shipment:
    """Ship what is open as one parcel and deliver it."""
    work = sa.select(FulfillmentOrder.id).where(FulfillmentOrder.order_id == order.id, FulfillmentOrder.state == "open")
    parcel = fulfilment.ship(
        session, fulfillment_order_id=session.execute(work).scalar_one(), carrier=carrier, tracking_number=tracking,
        zone=ZONE,
    )  # fmt: skip
    fulfilment.deliver(session, shipment_id=parcel.id)
    return parcel


def send_back(session: Session, shop: SmallShop, order: Order, lines: dict[int, int]) -> Return:
    """Return units by order line: asked for, approved, received and restocked."""
    wanted = [NewReturnLine(line, units) for line, units in lines.items()]
    found = returns.request_return(session, order_id=order.id, lines=wanted, zone=ZONE)
    returns.approve_return(session, return_id=found.id)
    rows = return_queries.return_detail(session, found.id)["lines"]
    came = [ReceivedLine(row["id"], row["quantity"], "restock") for row in rows]
    returns.receive_return(session, return_id=found.id, lines=came, location_id=shop.warehouse, zone=ZONE)
    return found


__all__ = [
    "MONDAY", "SHOP", "ZONE", "broken", "buy", "on", "order_with_tax", "send_back", "ship_all", "small_shop",
]  # fmt: skip
