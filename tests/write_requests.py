"""One request that succeeds for every write of the API, with what has to be there before it.

A write that is not here fails ``tests/contract/test_api_repeats.py``: add a line to :data:`REQUESTS`.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from buying_requests import BUYING
from request_desk import MUGS, ONE_MORE, WHY, Body, Desk, Request, moving, new, of

from oms_core.locations.tables import Channel
from oms_core.orders.queries import order_named
from oms_core.payments.credit import issue_credit

SHORT: Body = {"received": [{"sku": "MUG", "quantity": 3}], "lost": [{"sku": "MUG", "quantity": 1}], "reason": "short"}

REQUESTS: dict[str, Callable[[Desk], Request]] = {
    "PATCH /v1/settings": lambda d: new({"settings": {"name": f"Shop {d.n}"}}),
    "PUT /v1/sheets/{sheet}": lambda d: ({"sheet": "channels"}, _channel(d)),
    "POST /v1/customers/{number}/merge": lambda d: of(d.customer(), {"other": d.customer(), **WHY}),
    "POST /v1/customer-merges/{key}/undo": lambda d: of(_merged(d)),
    "PUT /v1/templates/{name}": lambda d: ({"name": f"letter{d.n}"}, {"medium": "sms", "body": f"Hello {d.n}"}),
    "POST /v1/orders": lambda d: new(d.document()),
    "POST /v1/orders/bulk": lambda d: new({"orders": [d.document(), d.document(TIN=999), d.document()]}),
    "POST /v1/orders/bulk-tag": lambda d: new({**_many(d), "add": ["vip"]}),
    "POST /v1/orders/bulk-hold": lambda d: new({**_many(d), "reason": "address"}),
    "POST /v1/orders/bulk-release": lambda d: new({"orders": [d.held(), "OS-999999"]}),
    "POST /v1/orders/bulk-cancel": lambda d: new({**_many(d), **WHY}),
    "PUT /v1/risk-rules": lambda d: new({"rules": [{"kind": "value", "points": d.n % 99 + 1}]}),
    "PUT /v1/portal": lambda _: new({"is_on": True, "address": "https://returns.example.com"}),
    "POST /v1/portal/revoke-links": lambda _: ({}, None),
    "PUT /v1/return-addresses": lambda d: new({"country": "PL", "postal_prefix": f"{d.n}", "location": "LDS"}),
    "POST /v1/return-addresses/{key}/drop": lambda d: of(_address_rule(d)),
    "PUT /v1/refund-policies/{number}": lambda d: of(f"p{d.n}", {"reason": f"r{d.n}", "fee_bp": 500}),
    "PUT /v1/return-reasons/{code}": lambda d: (
        {"code": d.name()}, {"label_en": "Wrong colour", "label_pl": "Inny kolor", "fault": "shop"}
    ),
    "POST /v1/orders/{number}/invoice-draft": lambda d: of(d.order(paid=True), {}),
    "POST /v1/orders/{number}/invoice-correction": lambda d: of(_edited_after_invoice(d), WHY),
    "POST /v1/invoices/{number}/corrections": lambda d: of(
        d.invoice(), {**WHY, "lines": [{"position": 1, "quantity": 2, "net": "18.00", "tax": "0"}]}
    ),
    "POST /v1/ledger/matches": lambda d: new(_unmatched(d)),
    "POST /v1/ledger/matches/{key}/undo": lambda d: of(d.match(), WHY),
    "POST /v1/opening-costs": lambda _: new({"costs": [{"sku": "MUG", "unit_cost": "3.80"}]}),
    "POST /v1/orders/{number}/made": lambda d: _made(d, d.order(RING=2)),
    "POST /v1/payouts": lambda d: new({
        "channel": "web", "reference": d.name(), "received": "18.00", "book_fees": True,
        "rows": [{"kind": "sale", "name": d.order(paid=True), "amount": "20.00", "fee": "2.00"}],
    }),
    "POST /v1/remittances": lambda d: new(d.on_delivery()),
    "PUT /v1/bundles/{number}": lambda d: of("SET", {"components": [{"sku": "MUG", "quantity": d.n % 9 + 1}]}),
    "POST /v1/drafts": lambda d: new({"kind": "quote", "document": {**d.document(), "external_id": d.name()}}),
    "PATCH /v1/drafts/{number}": lambda d: of(d.draft(), {"note": "called again"}),
    "POST /v1/drafts/{number}/invoice": lambda d: of(d.draft(), {"link_base": "https://shop.example"}),
    "POST /v1/drafts/{number}/complete": lambda d: of(d.draft(), {"gateway": "cash"}),
    "POST /v1/drafts/{number}/cancel": lambda d: of(d.draft(), WHY),
    "POST /v1/orders/{number}/cancel": lambda d: of(d.order(), WHY),
    "POST /v1/orders/{number}/payments": lambda d: of(d.order(), {"gateway": "card", "amount": "5.00"}),
    "PATCH /v1/orders/{number}/tags": lambda d: of(d.order(), {"add": ["vip"]}),
    "POST /v1/orders/{number}/notes": lambda d: of(d.order(), {"body": "called"}),
    "POST /v1/orders/{number}/holds": lambda d: of(d.order(), {"reason": "address"}),
    "POST /v1/holds/{key}/release": lambda d: of(d.hold()),
    "POST /v1/orders/{number}/risk/approve": lambda d: of(d.doubted()),
    "POST /v1/orders/{number}/risk/reject": lambda d: of(d.doubted()),
    "POST /v1/duplicates/{key}/confirm": lambda d: of(d.suspicion(), {"cancel_newer": True}),
    "POST /v1/duplicates/{key}/dismiss": lambda d: of(d.suspicion()),
    "POST /v1/orders/{number}/changes/preview": lambda d: of(d.order(), {"actions": ONE_MORE}),
    "POST /v1/orders/{number}/changes": lambda d: of(d.order(), {"actions": ONE_MORE, "confirm": True}),
    "POST /v1/order-changes/{number}/confirm": lambda d: of(d.change()),
    "POST /v1/order-changes/{number}/decline": lambda d: of(d.change(), WHY),
    "POST /v1/order-changes/{number}/cancel": lambda d: of(d.change(), WHY),
    "POST /v1/inventory/adjustments": lambda d: new({"sku": "MUG", "location": "LDS", "units": 1, "reason": d.name()}),
    "POST /v1/inventory/state-changes": lambda d: new({
        "sku": "MUG", "location": "LDS", "quantity": 1, "from_state": "available", "to_state": "damaged",
        "reason": d.name(),
    }),
    "PUT /v1/channels/{number}/stock-rules": lambda d: of("web", {"sku": "TIN", "buffer": d.n % 5}),
    "PUT /v1/variants/{sku}/oversell-policy": lambda d: (
        {"sku": "TIN"}, {"policy": "backorder" if d.n % 2 else "preorder"}
    ),
    "POST /v1/transfers": lambda _: new({**moving(), "ship": True}),
    "POST /v1/transfers/{number}/ship": lambda d: of(d.transfer()),
    "POST /v1/transfers/{number}/receive": lambda d: of(d.transfer("ship"), SHORT),
    "POST /v1/transfers/{number}/found": lambda d: of(
        d.transfer("ship", ("receive", SHORT)), {"found": MUGS, "reason": "behind the rack"}
    ),
    "POST /v1/transfers/{number}/cancel": lambda d: of(d.transfer()),
    "POST /v1/bins/retire": lambda d: new({k: v for k, v in _shelf(d).items() if k != "sku"}),
    "POST /v1/inventory/lots/track": lambda d: new({"sku": d.goods(d.name())}),
    "POST /v1/bins": lambda d: new({"location": "LDS", "code": d.name(), "kind": "pick"}),
    "PUT /v1/bin-rules": lambda d: new({**_shelf(d), "minimum": d.n + 1, "maximum": d.n + 9, "increment": 3}),
    "POST /v1/bin-rules/drop": lambda d: new(_shelf(d, ruled=True)),
    "POST /v1/bin-moves": lambda d: new({"location": "LDS", "sku": "MUG", "quantity": 1, "to": _shelf(d)["bin"]}),
    "POST /v1/bin-counts": lambda d: new({**_shelf(d), "counted": 1, **WHY}),
    "POST /v1/bin-replenishments": lambda d: new(_short_bin(d)),
    "POST /v1/bin-replenishments/{number}/confirm": lambda d: of(
        (made := _carrying(d))["number"], {"line_id": made["lines"][0]["id"], "moved": 1}
    ),
    "POST /v1/bin-replenishments/{number}/cancel": lambda d: of(_carrying(d)["number"], WHY),
    "POST /v1/stock-counts": lambda _: new({"location": "LDS", "skus": ["MUG"]}),
    "PUT /v1/stock-counts/{number}/lines": lambda d: of(d.count(), {"lines": [{"sku": "MUG", "counted": 300}]}),
    "POST /v1/stock-counts/{number}/recount": lambda d: of(d.count(entered=True), {"skus": ["MUG"], **WHY}),
    "POST /v1/stock-counts/{number}/post": lambda d: of(d.count(entered=True), WHY),
    "POST /v1/stock-counts/{number}/cancel": lambda d: of(d.count(), WHY),
    "POST /v1/reservations": lambda _: new({"channel": "web", "lines": MUGS}),
    "POST /v1/reservations/{number}/release": lambda d: of(
        d.made("/reservations", {"channel": "web", "lines": MUGS}), WHY
    ),
    "POST /v1/fulfillment-orders/{number}/ship": lambda d: of(d.work(d.order()), {"carrier": "dpd", "cost": "4.10"}),
    "POST /v1/fulfillment-orders/{number}/reject": lambda d: of(d.work(d.order()), WHY),
    "POST /v1/fulfillment-orders/{number}/move": lambda d: of(d.work(d.order()), {"location": "BRS"}),
    "POST /v1/fulfillment-orders/{number}/split": lambda d: _split(d, d.work(d.order(MUG=2))),
    "POST /v1/fulfillment-orders/{number}/merge": lambda d: _merge(d, d.order(MUG=2)),
    "POST /v1/parcels": lambda d: _pair(d),  # noqa: PLW0108 - one form for every line
    "POST /v1/orders/{number}/release-now": lambda d: of(_waiting(d)),
    "POST /v1/shipments/{number}/tracking-events": lambda d: of(d.parcel()[1], {"state": "in_transit"}),
    "POST /v1/returns": lambda d: new({"order": d.delivered(), "lines": MUGS, "approve": True}),
    "POST /v1/returns/{number}/approve": lambda d: of(d.back(steps=())),
    "POST /v1/returns/{number}/decline": lambda d: of(d.back(steps=()), WHY),
    "POST /v1/returns/{number}/cancel": lambda d: of(d.back(), WHY),
    "POST /v1/returns/{number}/receive": lambda d: of(d.back(), {"location": "LDS"}),
    "POST /v1/returns/{number}/refund": lambda d: of(d.back(received=True), {"gateway": "card", "amount": "3.00"}),
    "POST /v1/returns/{number}/close": lambda d: of(d.back(received=True)),
    "POST /v1/returns/{number}/units": lambda d: _units(d, d.back()),
    "POST /v1/returns/{number}/inspect": lambda d: _inspected(d, d.counted()),
    "POST /v1/returns/{number}/settle": lambda d: of(d.back(received=True), {"method": "original"}),
    "POST /v1/returns/{number}/invoice-correction": lambda d: of(_invoiced_return(d)),
    "POST /v1/exchanges": lambda d: new(d.exchange()),
    "POST /v1/exchanges/{number}/approve": lambda d: of(d.made("/exchanges", d.exchange())),
    "POST /v1/exchanges/{number}/send-replacement": lambda d: of(
        d.made("/exchanges", d.exchange(sends_first=True), "approve")
    ),
    "POST /v1/exchanges/{number}/complete": lambda d: of(d.exchanged()),
    "POST /v1/exchanges/{number}/cancel": lambda d: of(d.made("/exchanges", d.exchange(), "approve"), WHY),
    "POST /v1/claims": lambda d: new(d.claim()),
    "POST /v1/claims/{number}/evidence": lambda d: of(
        d.made("/claims", d.claim()), {"kind": "text", "body": "cracked"}
    ),
    "POST /v1/claims/{number}/approve": lambda d: of(d.made("/claims", d.claim()), {"keeps_item": True}),
    "POST /v1/claims/{number}/reject": lambda d: of(d.made("/claims", d.claim()), WHY),
    "POST /v1/claims/{number}/resolve": lambda d: of(
        d.made("/claims", d.claim(), ("approve", {})), {"resolution": "refund", "amount": "4.00"}
    ),
    "POST /v1/withdrawals": lambda d: new({"order": d.delivered(), "name": "Ada"}),
    "POST /v1/withdrawals/{number}/accept": lambda d: of(d.withdrawal(days_late=40), WHY),
    "POST /v1/withdrawals/{number}/refuse": lambda d: of(d.withdrawal(days_late=40), WHY),
    "POST /v1/withdrawals/{number}/proof-of-sending": lambda d: of(d.withdrawal(), {"proof": "InPost 6201"}),
    "POST /v1/withdrawals/{number}/settle": lambda d: of(d.withdrawal(), {"before_goods": True}),
    "POST /v1/orders/{number}/invoice": lambda d: of(d.order(paid=True), {"buyer": {"name": "Ada"}}),
    "POST /v1/customers/{number}/credit": lambda d: of(
        d.customer(), {"amount": "10.00", "currency": "GBP", "reason": "late parcel"}
    ),
    "POST /v1/orders/{number}/refund-overpaid": lambda d: of(_overpaid(d)),
    "POST /v1/orders/{number}/write-off": lambda d: of(d.order(), {"reason": "goodwill", "limit": "1000.00"}),
    "POST /v1/orders/{number}/spend-credit": lambda d: of(_with_credit(d), {"amount": "1.00"}),
    "POST /v1/rates": lambda d: new(_rate(d)),
    "POST /v1/landed-costs": lambda d: new(
        {"kind": "freight", "amount": "20.00", "currency": "GBP", "receipts": [_receipt(d)]}
    ),
    "POST /v1/supplier-invoices": lambda d: new(d.bill()),
    "POST /v1/supplier-invoices/{number}/approve": lambda d: of(d.made("/supplier-invoices", d.bill()), {}),
    "POST /v1/supplier-invoices/{number}/dispute": lambda d: of(d.made("/supplier-invoices", d.bill()), WHY),
    "POST /v1/supplier-invoices/{number}/cancel": lambda d: of(d.made("/supplier-invoices", d.bill()), WHY),
    "POST /v1/supplier-invoices/{number}/payments": lambda d: of(
        d.made("/supplier-invoices", d.bill(), ("approve", {})), {"amount": "5.00"}
    ),
} | BUYING  # fmt: skip


def _units(desk: Desk, number: str) -> Request:
    return of(number, {"location": "LDS", "lines": [{"line_id": desk.back_line(number), "units": 1}]})


def _inspected(desk: Desk, number: str) -> Request:
    (unit,) = desk.get(f"/returns/{number}/units")["items"]
    return of(number, {"decisions": [{"unit_id": unit["id"], "disposition": "restock", "grade": "a"}]})


def _made(desk: Desk, number: str) -> Request:
    return of(number, {"line_id": desk.line(number), "quantity": 1, "location": "LDS"})


def _merged(d: Desk) -> int:
    """Make two customers one; return the merge's id."""
    return int(d.post(f"/customers/{d.customer()}/merge", {"other": d.customer(), **WHY})["id"])


def _many(desk: Desk) -> Body:
    """Return two orders and one that does not exist."""
    return {"orders": [desk.order(), "OS-999999", desk.order()]}


def _edited_after_invoice(desk: Desk) -> str:
    number = desk.order()
    desk.post(f"/orders/{number}/invoice", {})
    desk.post(f"/orders/{number}/changes", {"actions": ONE_MORE, "confirm": True})
    return number


def _unmatched(desk: Desk) -> Body:
    """Take a match back, so that there is one to be made."""
    was = desk.post(f"/ledger/matches/{desk.match()}/undo", WHY)
    return {"claim": was["claim_id"], "settling": was["settling_id"]}


def _invoiced_return(desk: Desk) -> str:
    number = desk.delivered()
    desk.post(f"/orders/{number}/invoice", {})
    came = ("receive", {"location": "LDS"})
    return desk.made("/returns", {"order": number, "lines": MUGS, "approve": True}, came)


def _overpaid(desk: Desk) -> str:
    number = desk.order(paid=True)
    desk.post(f"/orders/{number}/payments", {"amount": "5.00", "gateway": "transfer"})
    return number


def _with_credit(desk: Desk) -> str:
    number = desk.order()
    with desk.shop.workspace.transaction() as session:
        customer = order_named(session, number).customer_id
        assert customer is not None
        issue_credit(session, customer_id=customer, amount_minor=1000, currency="GBP", reason="late parcel")
    return number


def _receipt(desk: Desk) -> str:
    receipts = desk.get(f"/purchase-orders/{desk.purchase('send', ('receive', {'lines': MUGS}))}")["receipts"]
    return str(receipts[0]["number"])


def _rate(desk: Desk) -> Body:
    """Return a rate of a day that has none yet."""
    year = 1970 + int(desk.name().removeprefix("n")) % 50
    return {"source": "ECB", "rates": [{"base": "EUR", "quote": "GBP", "on": f"{year}-05-04", "rate": "0.8651"}]}


def _one_of(desk: Desk, work: str) -> Body:
    """Return one unit of the first line of a fulfilment order."""
    line = desk.get(f"/fulfillment-orders/{work}")["lines"][0]
    return {"lines": [{"line_id": line["id"], "quantity": 1}]}


def _split(desk: Desk, work: str) -> Request:
    return of(work, _one_of(desk, work))


def _merge(desk: Desk, order: str) -> Request:
    """Split an order's work, so that there is something to merge."""
    first = desk.work(order)
    other = desk.post(f"/fulfillment-orders/{first}/split", _one_of(desk, first))["number"]
    return of(first, {"others": [other]})


def _pair(desk: Desk) -> Request:
    """Place two orders of one buyer, so that they can leave in one parcel."""
    first, second = desk.document(), desk.document()
    second["customer"] = first["customer"]
    works = [desk.work(desk.post("/orders", document)["number"]) for document in (first, second)]
    return new({"fulfillment_orders": works, "carrier": "dpd"})


def _waiting(desk: Desk) -> str:
    """Place an order whose buyer has half an hour to think; return its number."""
    with desk.shop.workspace.transaction() as session:
        session.execute(sa.update(Channel).values(service_window_minutes=30))
    number = desk.order()
    with desk.shop.workspace.transaction() as session:
        session.execute(sa.update(Channel).values(service_window_minutes=0))
    return number


def _shelf(desk: Desk, *, ruled: bool = False, kind: str = "pick") -> Body:
    """Name a bin, and say what it should hold."""
    code = desk.name()
    desk.post("/bins", {"location": "LDS", "code": code, "kind": kind})
    where = {"location": "LDS", "bin": code, "sku": "MUG"}
    if ruled:
        said = desk.api.put("/v1/bin-rules", json={**where, "minimum": 2, "maximum": 2})
        assert said.is_success, said.text
    return where


def _short_bin(desk: Desk) -> Body:
    """See to it that a pick bin is short, and overstock has what it needs."""
    desk.post("/inventory/adjustments", {"sku": "MUG", "location": "LDS", "units": 2, "reason": desk.name()})
    _shelf(desk, ruled=True)
    over = _shelf(desk, kind="overstock")
    desk.post("/bin-moves", {"location": "LDS", "sku": "MUG", "quantity": 2, "to": over["bin"]})
    return {"location": "LDS"}


def _carrying(desk: Desk) -> Body:
    """Write a worker's list."""
    return desk.post("/bin-replenishments", _short_bin(desk))


def _address_rule(desk: Desk) -> int:
    """Write a rule of a country of its own and return its id."""
    desk.n += 1
    country = f"{chr(65 + desk.n // 26 % 26)}{chr(65 + desk.n % 26)}"
    rules = desk.api.put("/v1/return-addresses", json={"country": country, "location": "LDS"}).json()["items"]
    return int(next(rule["id"] for rule in rules if rule["country"] == country))


def _channel(desk: Desk) -> Body:
    return {"rows": [{"code": desk.name(), "name": "Fair", "kind": "store"}]}
