"""The API keeps to its own reference whatever it is sent: no fault of ours, no answer it did not announce.

Requests are made when they are sent, one subtest an operation: made while tests are collected, they would be
made by every worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_shop import ApiShop, make_shop, order, served
from schemathesis.config import SchemathesisConfig

from app.api.app import create_app
from app.workspace import Workspace
from oms_core.kernel.settings import Home

#: Requests an operation is tried with, beside the reference's examples and its edges.
EXAMPLES = int(os.environ.get("ORDERSIGHT_API_EXAMPLES", "3"))


def config(*, edges: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "generation": {
                "deterministic": True,
                "database": "none",
                "max-examples": EXAMPLES,
                "with-security-parameters": False,  # the token is ours; tokens have tests of their own
            },
            "phases": {"coverage": {"enabled": edges}},
            "checks": {
                # what the form allows a rule of the shop may still refuse, in words: 409, 412, 422 and 428
                "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 412, 422, 428, 429]},
            },
        }
    )


#: Names that exist in the shop, put in place of generated ones, so that requests reach the commands.
NAMES = {
    "sku": "MUG",
    "location": "LDS",
    "from_location": "LDS",
    "to_location": "BRS",
    "channel": "web",
    "supplier": "ACME",
}


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiShop]:
    home: Path = tmp_path_factory.mktemp("api")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "sqlite":
            patch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
            (home / "oms.db").write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        else:
            server = request.getfixturevalue("postgres")
            address = server.create(f"api_{home.name}", request.getfixturevalue("migrated_postgres"))
            patch.setenv("ORDERSIGHT_DATABASE_URL", address)
        with served(make_shop(home)) as running:
            yield running


@pytest.fixture(scope="module")
def numbers(shop: ApiShop) -> dict[str, str]:
    """One of everything that has a number, by its place in the path."""
    with shop.client() as api:
        number = api.post("/v1/orders", json=order(MUG=2, BAG=1)).json()["number"]
        (work,) = api.get("/v1/fulfillment-orders").json()["items"]
        other = api.post("/v1/orders", json=order("2", MUG=2)).json()["number"]
        (later, _) = api.get("/v1/fulfillment-orders").json()["items"]
        parcel = api.post(f"/v1/fulfillment-orders/{work['number']}/ship", json={"carrier": "dpd"}).json()["number"]
        asked = {"order": number, "lines": [{"sku": "MUG", "quantity": 1}]}
        moving = {"from_location": "LDS", "to_location": "BRS", "lines": [{"sku": "MUG", "quantity": 1}]}
        buying = {"supplier": "ACME", "lines": [{"sku": "MUG", "quantity": 9}]}
        holding = {"channel": "web", "lines": [{"sku": "MUG", "quantity": 1}]}
        return {
            "orders": other,
            "fulfillment-orders": later["number"],
            "shipments": parcel,
            "returns": api.post("/v1/returns", json=asked).json()["number"],
            "transfers": api.post("/v1/transfers", json=moving).json()["number"],
            "purchase-orders": api.post("/v1/purchase-orders", json=buying).json()["number"],
            "reservations": api.post("/v1/reservations", json=holding).json()["number"],
            "stock-counts": api.post("/v1/stock-counts", json={"location": "LDS", "skus": ["MUG"]}).json()["number"],
            "customers": api.get("/v1/customers").json()["items"][0]["number"],
            "channels": "web",
        }


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """The reference is the same whatever the shop."""
    return create_app(Workspace(Home(Path("nowhere")))).openapi()


@pytest.fixture(scope="module")
def edges(reference: dict[str, Any]) -> Any:
    """Every operation, with the edges of what its form allows: on one database, for they end in the door."""
    return schemathesis.openapi.from_dict(reference, config=config(edges=True))


@pytest.fixture(scope="module")
def inner(reference: dict[str, Any]) -> Any:
    """Every operation without its edges."""
    return schemathesis.openapi.from_dict(reference, config=config(edges=False))


@pytest.fixture(autouse=True)
def name_known(request: pytest.FixtureRequest) -> None:
    """Give the test's name where Schemathesis looks for it: pytest keeps it elsewhere since its ninth version."""
    request.node._nodeid = request.node.nodeid


@schemathesis.pytest.from_fixture("edges").parametrize()
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_on_sqlite_no_request_meets_a_fault_or_an_answer_that_was_not_announced(
    case: schemathesis.Case, shop: ApiShop, numbers: dict[str, str]
) -> None:
    meet(case, shop, numbers)


@schemathesis.pytest.from_fixture("inner").parametrize()
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("shop", ["postgresql"], indirect=True)
def test_on_postgresql_no_request_meets_a_fault_or_an_answer_that_was_not_announced(
    case: schemathesis.Case, shop: ApiShop, numbers: dict[str, str]
) -> None:
    meet(case, shop, numbers)


def meet(case: schemathesis.Case, shop: ApiShop, numbers: dict[str, str]) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        _make_real(case, numbers)
    case.call_and_validate(base_url=shop.url, headers={"Authorization": f"Bearer {shop.token()}"})


def _make_real(case: schemathesis.Case, numbers: dict[str, str]) -> None:
    """Put names that exist in place of generated ones in half of the requests."""
    text = repr((case.path_parameters, case.query, case.body))
    if len(text) % 2:
        return
    place = case.path.split("/")[2]
    for held in (case.path_parameters, case.query):
        for name in held or {}:
            if name in NAMES:
                held[name] = [NAMES[name]] if isinstance(held[name], list) else NAMES[name]
            elif name == "number" and place in numbers:
                held[name] = numbers[place]
    case.body = _named(case.body, numbers)


def _named(value: Any, numbers: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(item, numbers) for item in value]
    if isinstance(value, dict):
        real = NAMES | {"order": numbers["orders"]}
        return {k: real[k] if k in real and isinstance(v, str) else _named(v, numbers) for k, v in value.items()}
    return value
