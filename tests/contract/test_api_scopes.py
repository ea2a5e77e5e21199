"""Every operation needs its scope; made from the reference, so that a new one is covered by being there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import ApiShop, make_shop, served

from oms_core.access.scopes import SCOPES


@pytest.fixture
def shop(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiShop]:
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    with served(make_shop(tmp_path)) as running:
        yield running


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, told) for path, methods in document["paths"].items() for method, told in methods.items()]


def test_every_operation_refuses_a_token_without_its_scope_and_none_at_all(shop: ApiShop) -> None:
    document = shop.app.openapi()
    assert len(operations(document)) > 50
    for method, path, told in operations(document):
        scope = told["x-required-scope"].split()[0]
        noun, _, mode = scope.partition(":")
        others = [s for s in SCOPES if s != scope and not (mode == "read" and s == f"{noun}:write")]
        body = {"json": {}} if "requestBody" in told else {}
        with shop.client(*others) as api:
            refused = api.request(method, path.replace("{", "x").replace("}", "x"), **body)
            assert (refused.status_code, refused.json()["code"]) == (403, "token.scope"), (method, path, refused.text)
            assert refused.json()["required"] == scope
            api.headers.pop("Authorization")
            bare = api.request(method, path.replace("{", "x").replace("}", "x"), **body)
            assert bare.status_code == 401, (method, path)


def test_every_operation_shows_examples_of_its_body_and_answer(shop: ApiShop) -> None:
    document = shop.app.openapi()
    for method, path, told in operations(document):
        done = next(answer for code, answer in told["responses"].items() if code.startswith("2"))
        (answer,) = done["content"].values()
        assert answer.get("example") or answer["schema"]["format"] == "binary", (method, path)
        if "requestBody" in told:
            name = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][name]["examples"], (method, path)
        assert told["summary"], (method, path)


def test_who_people_are_is_read_masked_without_the_right_to_see_it(shop: ApiShop) -> None:
    address = {"country": "PL", "name": "Ada Byron", "line1": "ul. Prosta 1", "city": "Łódź", "postal_code": "90-001"}
    order = {
        "channel": "web", "external_id": "W-1", "currency": "GBP", "shipping_address": address,
        "lines": [{"sku": "MUG", "quantity": 1, "unit_price": "10.00"}],
        "customer": {"email": "ada@poczta.example", "name": "Ada Byron", "phone": "+48 601 202 303"},
    }  # fmt: skip
    with shop.client() as api:
        placed = api.post("/v1/orders", json=order)
        assert placed.status_code == 201, placed.text
        number = placed.json()["number"]
        plain = api.get("/v1/customers", params={"q": "ada@poczta.example"}).json()["items"][0]
        assert (plain["email"], plain["name"]) == ("ada@poczta.example", "Ada Byron")
        assert api.put("/v1/templates/hi", json={"medium": "sms", "body": "Hi {{ fist_name }}"}).status_code == 404
        kept = api.put("/v1/templates/hi", json={"medium": "sms", "body": "Hi {{ first_name | default('you') }}"})
        assert (kept.json()["version"], kept.json()["author"]) == (1, "api:all")
    with shop.client("customers:read", "orders:read") as api:
        found = api.get("/v1/customers", params={"q": "ada@poczta.example"}).json()["items"][0]
        assert (found["email"], found["name"], found["phone"]) == ("a***@poczta.example", "A. B.", "***03")
        assert (found["number"], found["city"]) == (plain["number"], plain["city"])
        told = api.get(f"/v1/orders/{number}").text
        assert "ada@" not in told
        assert "Byron" not in told
        assert "Prosta" not in told
        assert api.get("/v1/templates/hi").json()["items"][0]["body"] == "Hi {{ first_name | default('you') }}"
    with shop.client("customers:read", "personal:read") as api:
        assert api.get(f"/v1/customers/{plain['number']}").json()["email"] == "ada@poczta.example"
