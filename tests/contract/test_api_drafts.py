"""Drafts, bundles and made-to-order work over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import ApiShop, make_shop, served

from oms_core.catalog.bundles import set_stock_kind
from oms_core.inventory.queries import variant_of
from oms_core.inventory.tables import StockLevel

WISH: dict[str, Any] = {
    "channel": "web",
    "currency": "GBP",
    "customer": {"email": "ada@example.com", "name": "Ada"},
    "lines": [{"sku": "MUG", "quantity": 2}],
}


@pytest.fixture
def shop(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiShop]:
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    with served(make_shop(tmp_path)) as running:
        yield running


def test_a_quote_over_http_becomes_one_paid_order(shop: ApiShop) -> None:
    with shop.client("orders:write") as api:
        kept = api.post("/v1/drafts", json={"document": WISH, "kind": "quote"})
        assert (kept.status_code, kept.json()["total"], kept.headers["ETag"]) == (201, "20.00", '"1"')
        path = f"/v1/drafts/{kept.json()['number']}"
        sent = api.post(f"{path}/invoice", json={"link_base": "https://shop.example"})
        assert kept.json()["payment_token"] in sent.json()["body"]
        stale = api.patch(path, json={"note": "x"}, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "draft.stale")
        sold = [api.post(f"{path}/complete", json={"gateway": "cash"}).json() for _ in range(2)]
        assert sold[0] == sold[1]
        assert (sold[0]["payment_status"], sold[0]["draft"]) == ("paid", "Q-000001")
        assert api.get("/v1/drafts", params={"state": "completed"}).json()["items"][0]["number"] == "Q-000001"
        assert api.post(f"{path}/cancel", json={"reason": "no"}).status_code == 409


def test_a_broken_document_is_refused_in_words(shop: ApiShop) -> None:
    with shop.client("orders:write") as api:
        for broken in ({"note": "a\x00b"}, {"lines": [{"sku": "MUG", "quantity": 1, "attributes": {"a": "\x00"}}]}):
            refused = api.post("/v1/drafts", json={"document": WISH | broken})
            assert refused.status_code == 422, refused.text
        unknown = api.post("/v1/drafts", json={"document": WISH | {"lines": [{"sku": "MGU", "quantity": 1}]}})
        assert (unknown.status_code, unknown.json()["near"]) == (404, ["MUG"])


def test_a_bundle_is_composed_and_made_goods_are_booked(shop: ApiShop) -> None:
    with shop.workspace.transaction() as session:
        tin = variant_of(session, "TIN")
        # a tin made to order: nothing of it on the shelf is needed
        set_stock_kind(session, tin.id, "made_to_order", lead_time_days=5)
        bag = variant_of(session, "BAG").id
        session.query(StockLevel).filter(StockLevel.variant_id == bag).delete()
    with shop.client() as api:
        refused = api.put("/v1/bundles/MUG", json={"components": [{"sku": "BAG", "quantity": 1}]})
        assert refused.json()["code"] == "variant.has_stock"
        put = api.put("/v1/bundles/BAG", json={"components": [{"sku": "MUG", "quantity": 4}]})
        assert (put.status_code, put.json()["sets_available"]) == (200, 125)
        lines = [{"sku": "TIN", "quantity": 2, "unit_price": "9", "attributes": {"lid": "red"}}]
        placed = api.post("/v1/orders", json={**WISH, "external_id": "m1", "lines": lines}).json()
        line = api.get(f"/v1/orders/{placed['number']}").json()["lines"][0]["id"]
        wanted = {"line_id": line, "quantity": 2, "location": "LDS"}
        done = api.post(f"/v1/orders/{placed['number']}/made", json=wanted)
        assert (done.status_code, done.json()["made"]) == (201, 2)
        again = api.post(f"/v1/orders/{placed['number']}/made", json=wanted)
        assert again.json()["code"] == "order_line.made_too_many"
