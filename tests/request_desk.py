"""A person's hands at a shop behind its API: they bring things to where a request can be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from api_shop import ApiShop, order

from oms_core.catalog.bundles import set_stock_kind
from oms_core.catalog.tables import Product, Variant
from oms_core.finance.ledger_tables import LedgerEntry
from oms_core.inventory.queries import variant_of
from oms_core.kernel import clock
from oms_core.orders.queries import order_named
from oms_core.review import duplicates, risk

Body = dict[str, Any]
MUGS = [{"sku": "MUG", "quantity": 1}]
ONE_MORE = [{"kind": "set_quantity", "line_sku": "MUG", "quantity": 3}]


def moving() -> Body:
    """Return a wish to move four mugs."""
    return {"from_location": "LDS", "to_location": "BRS", "lines": [{"sku": "MUG", "quantity": 4}]}


#: What is put into the path's braces, and the body (None: the write has none).
Request = tuple[dict[str, Any], Body | None]
WHY: Body = {"reason": "as agreed"}


def of(number: Any, body: Body | None = None) -> Request:
    """Return a request about one thing."""
    return {"number": number, "key": number}, body


def new(body: Body) -> Request:
    """Return a request that makes a thing."""
    return {}, body


@dataclass
class Desk:
    """Brings the shop to where a request can be made; everything it makes is new."""

    shop: ApiShop
    n: int = field(default=0)

    def __post_init__(self) -> None:
        self.api = self.shop.client()
        for sku in ("SET", "RING"):
            self.goods(sku)
        with self.shop.workspace.transaction() as session:
            set_stock_kind(session, variant_of(session, "RING").id, "made_to_order", lead_time_days=7)

    def goods(self, sku: str) -> str:
        """Add a variant that never had stock."""
        with self.shop.workspace.transaction() as session:
            product = Product(code=sku, title=sku)
            session.add(product)
            session.flush()
            session.add(
                Variant(
                    product_id=product.id, sku=sku, title=sku, price_minor=3000, currency="GBP", cost_minor=900,
                    created_at=clock.now(),
                )
            )  # fmt: skip
        return sku

    def post(self, path: str, body: Body | None = None) -> Body:
        """Send a write that must succeed; return its answer."""
        said = self.api.post(f"/v1{path}", json=body)
        assert said.is_success, (path, body, said.text)
        answer: Body = said.json()
        return answer

    def get(self, path: str, **query: Any) -> Body:
        """Ask what must be there."""
        said = self.api.get(f"/v1{path}", params=query)
        assert said.is_success, (path, said.text)
        answer: Body = said.json()
        return answer

    def name(self) -> str:
        """Return a name nobody used."""
        self.n += 1
        return f"n{self.n}"

    def document(self, *, paid: bool = False, **lines: int) -> Body:
        """Return an order of a buyer of its own."""
        name = self.name()
        made = order(name, **(lines or {"MUG": 2}))
        made["customer"] = {"email": f"{name}@example.com", "name": name}
        if paid:
            units = sum(line["quantity"] for line in made["lines"])
            made["payments"] = [{"gateway": "card", "amount": f"{units * 10}.00"}]
        return made

    def order(self, *, paid: bool = False, **lines: int) -> str:
        """Place an order; return its number."""
        return str(self.post("/orders", self.document(paid=paid, **lines))["number"])

    def work(self, number: str) -> str:
        """Return an order's fulfilment order."""
        return str(self.get("/fulfillment-orders", order=number)["items"][0]["number"])

    def parcel(self) -> tuple[str, str]:
        """Ship a paid order whole; return order and parcel."""
        number = self.order(paid=True)
        return number, self.post(f"/fulfillment-orders/{self.work(number)}/ship", {"carrier": "dpd"})["number"]

    def delivered(self) -> str:
        """Return a paid order that arrived."""
        number, parcel = self.parcel()
        self.post(f"/shipments/{parcel}/tracking-events", {"state": "delivered"})
        return number

    def line(self, number: str) -> int:
        """Return the id of an order's first line."""
        return int(self.get(f"/orders/{number}")["lines"][0]["id"])

    def made(self, path: str, body: Body, *steps: str | tuple[str, Body]) -> str:
        """Make a thing and walk it through steps; return its number."""
        number = str(self.post(path, body)["number"])
        for step in steps:
            word, given = step if isinstance(step, tuple) else (step, None)
            self.post(f"{path}/{number}/{word}", given)
        return number

    def back(self, *, received: bool = False, steps: tuple[str | tuple[str, Body], ...] = ("approve",)) -> str:
        """Ask for a unit of a delivered order to come back."""
        wanted = {"order": self.delivered(), "lines": [{"sku": "MUG", "quantity": 1}], "reason": "chipped"}
        came = (("receive", {"location": "LDS"}),) if received else ()
        return self.made("/returns", wanted, *steps, *came)

    def back_line(self, number: str) -> int:
        """Return the id of a return's line."""
        return int(self.get(f"/returns/{number}")["lines"][0]["id"])

    def counted(self) -> str:
        """Return a return with its unit counted in."""
        number = self.back()
        lines = [{"line_id": self.back_line(number), "units": 1}]
        self.post(f"/returns/{number}/units", {"location": "LDS", "lines": lines})
        return number

    def transfer(self, *steps: str | tuple[str, Body]) -> str:
        """Draft a transfer of four mugs."""
        return self.made("/transfers", moving(), *steps)

    def count(self, *, entered: bool = False) -> str:
        """Open a count."""
        number = self.made("/stock-counts", {"location": "LDS", "skus": ["MUG"]})
        if entered:
            # more than last time, so that there is a difference to be posted
            lines = [{"sku": "MUG", "counted": 5000 + self.n}]
            said = self.api.put(f"/v1/stock-counts/{number}/lines", json={"lines": lines})
            assert said.is_success, said.text
        return number

    def purchase(self, *steps: str | tuple[str, Body]) -> str:
        """Draft a purchase order of nine mugs."""
        return self.made("/purchase-orders", {"supplier": "ACME", "lines": [{"sku": "MUG", "quantity": 9}]}, *steps)

    def bill(self) -> Body:
        """Return the bill of goods that were received."""
        return {
            "purchase_order": self.purchase("send", ("receive", {})),
            "supplier_number": self.name(),
            "issued_on": "2026-05-03",
            "lines": [{"sku": "MUG", "quantity": 9, "unit_cost": "4.00"}],
        }

    def change(self) -> str:
        """Propose one mug more; return the change's number."""
        return str(self.post(f"/orders/{self.order()}/changes", {"actions": ONE_MORE})["number"])

    def exchange(self, *, sends_first: bool = False) -> Body:
        """Return a wish to swap a mug for a bag."""
        goods: Body = {"back": [{"sku": "MUG", "quantity": 1}], "new": [{"sku": "BAG", "quantity": 1}]}
        return {"order": self.delivered(), **goods, "sends_first": sends_first}

    def exchanged(self) -> str:
        """Return an exchange whose old goods are back."""
        number = self.made("/exchanges", self.exchange(), "approve")
        key = self.get(f"/exchanges/{number}")["return_id"]
        (back,) = [row["number"] for row in self.get("/returns", limit=200)["items"] if row["id"] == key]
        self.post(f"/returns/{back}/receive", {"location": "LDS"})
        return number

    def claim(self) -> Body:
        """Return a complaint about a delivered mug."""
        number = self.delivered()
        return {
            "order": number,
            "kind": "damaged",
            "lines": [{"order_line_id": self.line(number), "quantity": 1}],
            "description": "cracked",
        }

    def withdrawal(self, *, days_late: int = 0) -> str:
        """Declare a withdrawal."""
        then = {"delivered_on": str((clock.now() - timedelta(days=days_late)).date())} if days_late else {}
        return self.made("/withdrawals", {"order": self.delivered(), "name": "Ada", **then})

    def doubted(self) -> str:
        """Return an order with a risk assessment."""
        number = self.order()
        with self.shop.workspace.transaction() as session:
            risk.assess(session, [order_named(session, number).id])
        return number

    def suspicion(self) -> int:
        """Return the suspicion that two orders are one wish."""
        twin = self.document()
        first = self.post("/orders", twin)["id"]
        second = self.post("/orders", {**twin, "external_id": self.name()})["id"]
        with self.shop.workspace.transaction() as session:
            (found,) = duplicates.find(session, [first, second])
        return found

    def hold(self) -> int:
        """Hold an order; return the hold's id."""
        return int(self.post(f"/orders/{self.order()}/holds", {"reason": "address"})["id"])

    def held(self) -> str:
        """Return the number of an order that is held."""
        number = self.order()
        self.post(f"/orders/{number}/holds", {"reason": "address"})
        return number

    def invoice(self) -> int:
        """Invoice a paid order; return the invoice's id."""
        return int(self.post(f"/orders/{self.order(paid=True)}/invoice", {})["id"])

    def match(self) -> int:
        """Return the id of the match of an invoice with the payment of its order."""
        number = self.post(f"/orders/{self.order(paid=True)}/invoice", {})["number"]
        with self.shop.workspace.reading() as session:
            entry = session.scalars(sa.select(LedgerEntry.id).where(LedgerEntry.document == number)).one()
        return int(self.get("/ledger/matches", entry=entry)["items"][0]["id"])

    def customer(self) -> str:
        """Return the number of a customer."""
        self.order()
        return str(self.get("/customers", limit=1)["items"][0]["number"])

    def draft(self) -> str:
        """Keep an order that is not placed yet."""
        wish = self.document()
        del wish["external_id"]
        return str(self.post("/drafts", {"document": wish})["number"])

    def on_delivery(self) -> Body:
        """Return the courier's list of one parcel paid on delivery."""
        wish = self.document()
        wish["payments"] = [{"gateway": "cod", "amount": "20.00", "kind": "authorize"}]
        work, label = self.work(str(self.post("/orders", wish)["number"])), self.name()
        self.post(f"/fulfillment-orders/{work}/ship", {"carrier": "dpd", "tracking_number": label})
        rows = [{"parcel": label, "amount": "20.00"}]
        return {"carrier": "dpd", "reference": self.name(), "currency": "GBP", "rows": rows}
