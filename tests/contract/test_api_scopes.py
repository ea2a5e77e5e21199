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
        scope = told["x-required-scope"]
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
