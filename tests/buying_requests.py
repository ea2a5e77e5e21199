"""One request that succeeds for every write of buying: orders, limits, prices, points, overrides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from request_desk import MUGS, WHY, Body, Desk, Request, new, of

from oms_core.inventory import low_stock
from oms_core.inventory.queries import variant_of
from oms_core.kernel import clock
from oms_core.planning.commands import NewForecast, store_forecast
from oms_core.purchasing.limits import set_limit
from oms_core.purchasing.mail_tables import BuyingMail
from oms_core.purchasing.names import location_id
from oms_core.purchasing.queries import find as find_purchase
from oms_core.purchasing.tables import PurchaseOrder
from oms_core.reporting.buying_mails import fail as fail_mail

ANSWER: Body = {"lines": [{"sku": "MUG", "quantity": 5, "unit_cost": "4.20"}]}
POST: Body = {"to": ["orders@acme.example"], "format": "edi"}

BUYING: dict[str, Callable[[Desk], Request]] = {
    "POST /v1/purchase-orders": lambda _: new({"supplier": "ACME", "lines": MUGS}),
    "PATCH /v1/purchase-orders/{number}/lines/{sku}": lambda d: (
        {"number": d.purchase(), "sku": "MUG"}, {"quantity": 12}
    ),
    "POST /v1/purchase-orders/{number}/send": lambda d: of(d.purchase()),
    "POST /v1/purchase-orders/{number}/confirm": lambda d: of(d.purchase("send"), {"expected_on": "2027-05-12"}),
    "POST /v1/purchase-orders/{number}/receive": lambda d: of(d.purchase("send"), {"lines": MUGS}),
    "POST /v1/purchase-orders/{number}/reschedule": lambda d: of(
        d.purchase("send"), {"expected_on": "2027-05-20", **WHY}
    ),
    "PUT /v1/service-targets/{group}": lambda d: ({"group": "AX"}, {"measure": "fill", "target": 0.9 + d.n / 10000}),
    "POST /v1/forecast-overrides": lambda d: new(_override(d)),
    "POST /v1/forecast-overrides/{key}/withdraw": lambda d: of(d.post("/forecast-overrides", _override(d))["id"]),
    "PUT /v1/low-stock-mail": lambda d: new({"to": [f"buyer{d.n}@shop.example"]}),
    "DELETE /v1/low-stock-points/{sku}/{location}": lambda d: ({"sku": _pointed(d), "location": "LDS"}, None),
    "PUT /v1/low-stock-points/{sku}/{location}": lambda d: ({"sku": "MUG", "location": "LDS"}, {"units": d.n + 1}),
    "POST /v1/low-stock/seen": lambda d: new({"ids": [_low(d)]}),
    "PUT /v1/suppliers/{supplier}/price-breaks/{sku}": lambda d: (
        {"supplier": "ACME", "sku": "MUG"}, {"breaks": [{"from_qty": 100 + d.n, "unit_cost": "0.50"}]}
    ),
    "PUT /v1/buying-limits/{buyer}": lambda d: ({"buyer": d.name()}, {"amount": "9000000.00"}),
    "DELETE /v1/buying-limits/{buyer}": lambda d: ({"buyer": _limited(d)}, None),
    "POST /v1/purchase-orders/{number}/submit": lambda d: of(d.purchase()),
    "POST /v1/purchase-orders/{number}/approve": lambda d: of(_by_somebody(d), {"note": "fine"}),
    "POST /v1/purchase-orders/{number}/reject": lambda d: of(d.purchase("submit"), WHY),
    "POST /v1/purchase-orders/{number}/answer": lambda d: of(d.purchase("send"), ANSWER),
    "POST /v1/purchase-orders/{number}/accept-answer": lambda d: of(d.purchase("send", ("answer", ANSWER))),
    "POST /v1/purchase-orders/{number}/refuse-answer": lambda d: of(d.purchase("send", ("answer", ANSWER)), WHY),
    "POST /v1/purchase-orders/{number}/mail": lambda d: of(d.purchase("send"), POST),
    "POST /v1/buying-mails/{key}/repeat": lambda d: of(_failed_mail(d)),
    "POST /v1/purchase-orders/{number}/cancel": lambda d: of(d.purchase("send"), WHY),
    "POST /v1/purchase-orders/{number}/close": lambda d: of(d.purchase("send", ("receive", {"lines": MUGS})), WHY),
}  # fmt: skip


def _by_somebody(desk: Desk) -> str:
    """Return an order that somebody else wrote."""
    number = desk.purchase("submit")
    with desk.shop.workspace.transaction() as session:
        order = session.get_one(PurchaseOrder, find_purchase(session, number))
        order.drafted_by = order.edited_by = "somebody else"
    return number


def _failed_mail(desk: Desk) -> int:
    key = int(desk.post(f"/purchase-orders/{desk.purchase('send')}/mail", POST)["id"])
    with desk.shop.workspace.transaction() as session:
        fail_mail(session, session.get_one(BuyingMail, key), "no such address")
    return key


def _limited(desk: Desk) -> str:
    """Return a buyer with a limit that nobody meets."""
    name = desk.name()
    with desk.shop.workspace.transaction() as session:
        for buyer in (name, "*"):
            set_limit(session, buyer=buyer, amount_minor=10**12, actor="owner")
    return name


def _low(desk: Desk) -> int:
    """Return a notice of the mug's shelf that nobody has seen."""
    with desk.shop.workspace.transaction() as session:
        shelf = {"variant_id": variant_of(session, "MUG").id, "location_id": location_id(session, "LDS")}
        low_stock.set_point(session, **shelf, units=0, actor="t")
        low_stock.watch(session)
        low_stock.set_point(session, **shelf, units=10**8, actor="t")
        low_stock.watch(session)
        return int(low_stock.notices(session)[0]["id"])


def _override(desk: Desk) -> Body:
    """Forecast a SKU of its own and say that one of the coming days will sell otherwise."""
    sku, tomorrow = desk.goods(desk.name()), clock.now().date() + timedelta(days=1)
    with desk.shop.workspace.transaction() as session:
        variant = variant_of(session, sku).id
        sums = [NewForecast(variant, "sum", 7, 21.0, {"0.5": 20.0, "0.95": 40.0})]
        store_forecast(
            session, cutoff_on=tomorrow - timedelta(days=1), horizon_days=7, engine="ordersight", forecasts=sums
        )
    day = tomorrow.isoformat()
    return {"sku": sku, "from_on": day, "until_on": day, "units": 9, **WHY}


def _pointed(desk: Desk) -> str:
    """Give a SKU of its own a low-stock point in Leeds."""
    sku = desk.goods(desk.name())
    with desk.shop.workspace.transaction() as session:
        place = location_id(session, "LDS")
        low_stock.set_point(session, variant_id=variant_of(session, sku).id, location_id=place, units=2, actor="ola")
    return sku
