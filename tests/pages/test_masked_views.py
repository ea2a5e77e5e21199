"""Where people are masked, nobody is named: not on a page, in an answer of the API, or in a paper of either."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_shop import served
from books_shop import TODAY, build_books
from page_reader import Open, opener
from returns_shop import bought, exchange
from small_shop import ZONE, SmallShop, line_ids
from streamlit.testing.v1 import AppTest

from app.workspace import Workspace
from oms_core import schema
from oms_core.access.scopes import NOUNS, PERSONAL
from oms_core.drafts import commands as drafts
from oms_core.inventory import commands as inventory
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, transaction
from oms_core.kernel.settings import Home
from oms_core.returns import claims, withdrawals
from oms_core.returns.claims import NewClaimLine
from oms_core.returns.withdrawals import Declaration

NAME, STREET, PHONE = "Xantippa Quibblethorne", "ul. Quibblestrasse 7", "+48 699 777 555"
MARKS = ("Xantippa", "Quibble", "699 777 555", "699777555", "xantippa.")
#: Where a shop keeps who people are: put there in place of what the shop was built with.
NAMES = ("customers.name", "addresses.name", "orders.ship_name", "orders.bill_name", "invoices.buyer_name",
         "withdrawals.name")  # fmt: skip
TEXTS = ("customer_messages.body",)
STREETS = ("addresses.line1", "orders.ship_line1", "orders.bill_line1", "invoices.buyer_address")
PHONES = ("customers.phone",)
EMAILS = ("customers.email", "orders.email", "withdrawals.email", "customer_messages.recipient", "drafts.email")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with money, returns, claims and drafts of people who bear one unmistakable name."""
    home = build_books(tmp_path_factory.mktemp("known") / "home")
    engine = make_engine(f"sqlite:///{home / 'oms.db'}")
    with clock.frozen(TODAY), transaction(engine) as session:
        shop = SmallShop(1, 1, 2, 1, {"MUG": 1, "BAG": 2, "TIN": 3})
        for sku in shop.variants:
            inventory.adjust(
                session, variant_id=shop.variants[sku], location_id=1, delta_qty=20, reason="counted", zone=ZONE
            )
        exchange(session, shop, bought(session, shop, "wanda", BAG=1))
        broken = bought(session, shop, "wiktor", MUG=2)
        claims.open_claim(
            session, order_id=broken.id, kind="damaged", lines=[NewClaimLine(line_ids(session, broken)["MUG"], 1)]
        )
        left = bought(session, shop, "wiola", MUG=1)
        withdrawals.declare_withdrawal(
            session, order_id=left.id, declaration=Declaration(delivered_on=TODAY.date()), zone=ZONE
        )
        drafts.create(session, _draft(), actor="ola")
        for column, value in _planted():
            table = schema.METADATA.tables[column.partition(".")[0]]
            session.execute(table.update().values({column.partition(".")[2]: value(table)}))
    engine.dispose()
    return home


@pytest.fixture
def masked(known: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of it where people are masked."""
    monkeypatch.setenv("ORDERSIGHT_PERSONAL_DATA", "masked")
    yield from opener(known, monkeypatch, now=TODAY)


def _draft() -> dict[str, Any]:
    return {
        "channel": "web", "currency": "PLN", "customer": {"email": "xantippa.q@poczta.example", "name": NAME},
        "shipping_address": {"country": "PL", "name": NAME, "line1": STREET, "city": "Łódź", "postal_code": "90-001"},
        "lines": [{"sku": "MUG", "quantity": 1, "unit_price": "10.00"}],
    }  # fmt: skip


def _planted() -> Iterator[tuple[str, Any]]:
    for columns, value in ((NAMES, NAME), (STREETS, STREET), (PHONES, PHONE), (TEXTS, f"By {NAME}.")):
        yield from ((column, lambda _table, value=value: value) for column in columns)
    for column in EMAILS:
        yield column, lambda table: "xantippa." + sa.cast(table.c.id, sa.String) + "@poczta.example"


def shown(at: AppTest) -> bytes:
    """Return every byte a page sent to the browser, tables included."""
    return b"\n".join(_sent(at._tree))


def _sent(block: Any) -> Iterator[bytes]:
    for child in block.children.values():
        proto = getattr(child, "proto", None)
        if proto is not None:
            yield proto.SerializeToString()
        if hasattr(child, "children"):
            yield from _sent(child)


#: Pages and places in them that are about people, one of each list, drawer and card, and whether somebody is in them.
PLACES: tuple[tuple[str, dict[str, str], bool], ...] = (
    ("today", {}, False),
    ("orders", {"view": "all", "period": "all", "order": "OS-000001"}, True),
    ("drafts", {"draft": "D-000001"}, False),
    ("returns", {"queue": "claims", "case": "claim:CLM-1001"}, True),
    ("returns", {"queue": "withdrawals", "case": "withdrawal:WD-1001"}, True),
    ("returns", {"queue": "done", "case": "return:RET-1001"}, True),
    ("finance", {"finance_view": "receivables", "party": "C:1|PLN"}, True),
    ("finance", {"finance_view": "invoices", "invoice": "OS-000001"}, True),
    ("finance", {"finance_view": "credit", "uneven": "OS-000011"}, True),
    ("finance", {"finance_view": "credit", "credit_view": "cod"}, False),
    ("finance", {"finance_view": "credit", "credit_view": "store_credit", "credit": "CU-000011"}, True),
    ("customers", {}, True),
    ("customers", {"customer": "CU-000001"}, True),
    ("segments", {"segment": "number_of_orders >= 1"}, True),
    ("messages", {}, False),
    ("privacy", {"privacy_person": "CU-000001"}, False),
    ("setup", {}, False),
)
#: What stands in the address of the API where a number is wanted.
NUMBERS = {
    "orders": "OS-000001", "customers": "CU-000001", "returns": "RET-1001", "claims": "CLM-1001",
    "withdrawals": "WD-1001",
    "invoices": "OS-000001", "drafts": "D-000001", "exchanges": "EX-1001", "work-queues": "to_confirm",
    "segments": "repeat_customers",
}  # fmt: skip
ASKED = {
    "party": "C:1",
    "currency": "PLN",
    "since": "2026-01-01",
    "until": "2026-06-01",
    "expression": "number_of_orders > 0",
}


def test_no_page_names_anybody_nor_hands_out_a_paper_that_does(masked: Open) -> None:
    for page, query, somebody in PLACES:
        at = masked(page, **query)
        assert not at.exception, (page, query)
        sent = shown(at)
        assert [mark for mark in MARKS if mark.encode() in sent] == [], (page, query)
        assert (b"X. Q." in sent) is somebody, (page, query)
        assert b"PDF EN" not in sent, (page, query)
        assert (b"personal.not_allowed" in sent) is (page in {"messages", "privacy"}), page


def test_no_answer_of_the_api_names_anybody_to_a_token_without_the_right(
    known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERSIGHT_HOME", str(known))
    readers = [f"{noun}:read" for noun in NOUNS]
    with clock.frozen(TODAY), served(Workspace(Home(known), "api")) as shop:
        paths = [(path, told["get"]) for path, told in shop.app.openapi()["paths"].items() if "get" in told]
        with shop.client(*readers, PERSONAL) as plain, shop.client(*readers) as hidden:
            named = {path for path, told in paths if _names(_asked(plain, path, told))}
            answers = {path: _asked(hidden, path, told) for path, told in paths}
    # the walk sees people where they may be seen, in lists and one by one
    nouns = ("orders", "customers", "drafts", "withdrawals", "invoices")
    assert {f"/v1/{noun}{one}" for noun in nouns for one in ("", "/{number}")} <= named
    assert [path for path, answer in answers.items() if _names(answer)] == []
    refused = {path for path, answer in answers.items() if answer.status_code == 403}
    assert {"/v1/invoices/{number}/document", "/v1/withdrawals/{number}/acknowledgement"} <= refused


def _asked(api: httpx.Client, path: str, told: dict[str, Any]) -> httpx.Response:
    parts = path.split("/")
    real = [NUMBERS.get(before, "1") if part.startswith("{") else part for before, part in pairwise(["", *parts])]
    wanted = {p["name"] for p in told.get("parameters", []) if p["in"] == "query" and p.get("required")}
    return api.get("/".join(real), params={name: ASKED.get(name, "1") for name in sorted(wanted)})


def _names(answer: httpx.Response) -> bool:
    return any(mark in answer.text for mark in MARKS)
