"""The HTTP API as its callers meet it: a real server on loopback, both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from api_shop import ApiShop, make_shop, order, served

from app.api import tokens
from app.api.limits import Limiter
from oms_core.access.commands import revoke_token
from oms_core.access.queries import tokens as listed
from oms_core.kernel import clock
from oms_core.orders.tables import Order


@pytest.fixture
def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiShop]:
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    with served(make_shop(tmp_path)) as running:
        yield running


def count_orders(shop: ApiShop) -> int:
    with shop.workspace.reading() as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0)


def test_an_order_is_taken_paid_shipped_delivered_and_returned(shop: ApiShop) -> None:
    with shop.client() as api:
        taken = api.post("/v1/orders", json=order(MUG=2, BAG=1))
        assert taken.status_code == 201
        placed = taken.json()
        assert placed["total"] == "30.00"
        assert {a["sku"] for a in placed["allocations"]} == {"MUG", "BAG"}
        number = placed["number"]
        paid = api.post(f"/v1/orders/{number}/payments", json={"gateway": "card"})
        assert (paid.status_code, paid.json()["amount"], paid.json()["payment_status"]) == (201, "30.00", "paid")
        (work,) = api.get("/v1/fulfillment-orders", params={"order": number}).json()["items"]
        parcel = api.post(f"/v1/fulfillment-orders/{work['number']}/ship", json={"carrier": "dpd", "cost": "4.10"})
        assert (parcel.status_code, parcel.json()["cost"]) == (201, "4.10")
        event = {"state": "delivered", "external_id": "e1"}
        came = api.post(f"/v1/shipments/{parcel.json()['number']}/tracking-events", json=event)
        assert came.json()["state"] == "delivered"
        wanted = {"order": number, "lines": [{"sku": "MUG", "quantity": 1}], "reason": "chipped", "approve": True}
        back = api.post("/v1/returns", json=wanted)
        assert (back.status_code, back.json()["total"]) == (201, "10.00")
        told = api.post(f"/v1/returns/{back.json()['number']}/receive", json={"location": "LDS"})
        assert told.json()["state"] in {"received", "inspected"}
        money = api.post(f"/v1/returns/{back.json()['number']}/refund", json={"gateway": "card"})
        assert money.json()["owed"] == "0.00"
        whole = api.get(f"/v1/orders/{number}").json()
        assert whole["payment_status"] == "partially_refunded"
        assert [line["returned_qty"] for line in whole["lines"]] == [1, 0]
        assert whole["timeline"][0]["event"] == "order.placed"


def test_a_key_repeats_the_answer_and_its_status_and_writes_once(shop: ApiShop) -> None:
    with shop.client() as api:
        headers = {"Idempotency-Key": "order-1"}
        first, second = (api.post("/v1/orders", json=order(MUG=2), headers=headers) for _ in range(2))
        assert first.status_code == second.status_code == 201
        assert first.content == second.content
        assert second.headers["Idempotent-Replayed"] == "true"
        other = api.post("/v1/orders", json=order("2", MUG=2), headers=headers)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency.other_request")
        number = first.json()["number"]
        pay = [
            api.post(f"/v1/orders/{number}/payments", json={"amount": "5"}, headers={"Idempotency-Key": "pay-1"})
            for _ in range(2)
        ]
        assert [p.status_code for p in pay] == [201, 201]
        assert pay[0].content == pay[1].content
        assert pay[0].headers["ETag"] == pay[1].headers["ETag"]
        assert len(api.get(f"/v1/orders/{number}").json()["payments"]) == 1
    assert count_orders(shop) == 1


def test_twins_under_one_key_at_the_same_moment_are_one_order(shop: ApiShop) -> None:
    def send(_: int) -> httpx.Response:
        with shop.client() as api:
            return api.post("/v1/orders", json=order(MUG=1), headers={"Idempotency-Key": "twin"})

    shop.token()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert count_orders(shop) == 1


def test_keys_of_two_tokens_never_meet(shop: ApiShop) -> None:
    headers = {"Idempotency-Key": "same"}
    with shop.client("orders:write") as one, shop.client("orders:write,stock:read") as two:
        assert one.post("/v1/orders", json=order("a"), headers=headers).json()["id"] == 1
        assert two.post("/v1/orders", json=order("b"), headers=headers).json()["id"] == 2


def test_a_refused_write_keeps_nothing_not_even_its_key(shop: ApiShop) -> None:
    with shop.client() as api:
        headers = {"Idempotency-Key": "k"}
        assert api.post("/v1/orders", json=order(TIN=9), headers=headers).status_code == 409
        api.post("/v1/inventory/adjustments", json={"sku": "TIN", "location": "LDS", "units": 10, "reason": "found"})
        assert api.post("/v1/orders", json=order(TIN=9), headers=headers).status_code == 201


def test_every_shortage_is_named_at_once(shop: ApiShop) -> None:
    with shop.client() as api:
        refused = api.post("/v1/orders", json=order(TIN=9, BAG=500, MUG=1))
    assert refused.status_code == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    said = refused.json()
    assert said["code"] == "stock.insufficient"
    assert {s["sku"]: (s["wanted"], s["available"]) for s in said["shortages"]} == {"TIN": (9, 5), "BAG": (500, 70)}
    assert said["hint"]
    assert count_orders(shop) == 0


def test_a_stale_version_hears_who_changed_what(shop: ApiShop) -> None:
    with shop.client() as api:
        number = api.post("/v1/orders", json=order(MUG=1)).json()["number"]
        seen = api.get(f"/v1/orders/{number}").headers["ETag"]
        with shop.client("orders:write") as other:
            other.post(f"/v1/orders/{number}/payments", json={"gateway": "card"})
        stale = api.post(f"/v1/orders/{number}/cancel", json={"reason": "late"}, headers={"If-Match": seen})
        assert (stale.status_code, stale.json()["code"]) == (412, "order.stale")
        assert "api:orders:write" in {change["actor"] for change in stale.json()["changes"]}
        fresh = api.get(f"/v1/orders/{number}").headers["ETag"]
        done = api.post(f"/v1/orders/{number}/cancel", json={"reason": "late"}, headers={"If-Match": fresh})
        assert (done.status_code, done.json()["state"]) == (200, "cancelled")


def test_an_edit_without_a_version_is_refused(shop: ApiShop) -> None:
    with shop.client() as api:
        wanted = {"supplier": "ACME", "lines": [{"sku": "MUG", "quantity": 10}, {"sku": "BAG", "quantity": 5}]}
        made = api.post("/v1/purchase-orders", json=wanted)
        path = f"/v1/purchase-orders/{made.json()['number']}/lines/MUG"
        bare = api.patch(path, json={"quantity": 12})
        assert (bare.status_code, bare.json()["code"]) == (428, "request.precondition_required")
        done = api.patch(path, json={"quantity": 12}, headers={"If-Match": made.headers["ETag"]})
        assert (done.status_code, done.json()["total"]) == (200, "68.00")
        again = api.patch(path, json={"quantity": 14}, headers={"If-Match": made.headers["ETag"]})
        assert (again.status_code, again.json()["code"]) == (412, "request.stale")
        assert again.json()["changes"][0]["actor"] == "api:all"


def test_a_walk_by_cursor_meets_every_row_once_while_rows_come_in(shop: ApiShop) -> None:
    with shop.client() as api:
        numbers = [api.post("/v1/orders", json=order(f"old-{n}")).json()["number"] for n in range(12)]
        met, cursor, turn = [], None, 0
        while turn == 0 or cursor:
            found = api.get("/v1/orders", params={"limit": 5, **({"cursor": cursor} if cursor else {})}).json()
            met += [row["number"] for row in found["items"]]
            cursor, turn = found["next_cursor"], turn + 1
            api.post("/v1/orders", json=order(f"new-{turn}"))
        assert met == numbers[::-1]
        wrong = api.get("/v1/orders", params={"cursor": "bm9uc2Vuc2U"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "cursor.invalid")


def test_events_are_read_forward_and_none_is_missed_while_others_write(shop: ApiShop) -> None:
    def send(n: int) -> int:
        with shop.client() as api:
            return api.post("/v1/orders", json=order(f"e-{n}")).status_code

    shop.token()
    seen: list[int] = []
    with shop.client() as api, ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(send, n) for n in range(24)]
        cursor, idle = None, 0
        while idle < 3:
            found = api.get("/v1/events", params={"limit": 20, **({"cursor": cursor} if cursor else {})}).json()
            seen += [row["id"] for row in found["items"]]
            cursor = found["next_cursor"]
            idle = idle + 1 if not found["items"] and all(one.done() for one in sent) else 0
        assert {one.result() for one in sent} == {201}
    with shop.workspace.reading() as session:
        written = list(session.scalars(sa.text("SELECT id FROM journal ORDER BY id")))
    assert seen == written


def test_sixteen_clients_at_once_are_all_answered(shop: ApiShop) -> None:
    def send(n: int) -> int:
        with shop.client() as api:
            codes = [api.post("/v1/orders", json=order(f"{n}-{i}", MUG=1)).status_code for i in range(5)]
            codes.append(api.get("/v1/orders").status_code)
        return max(codes)

    shop.token()
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(16))) == {201}
    assert count_orders(shop) == 80


def test_a_bulk_answers_each_order_for_itself(shop: ApiShop) -> None:
    with shop.client() as api:
        orders = [order("1", MUG=1), order("2", TIN=6), order("3", TIN=5), order("4", NOPE=1)]
        said = api.post("/v1/orders/bulk", json={"orders": orders}).json()
    assert (said["placed"], said["refused"]) == (2, 2)
    assert [one["status"] for one in said["outcomes"]] == [201, 409, 201, 404]
    assert said["outcomes"][1]["problem"]["code"] == "stock.insufficient"


def test_a_token_lives_expires_and_is_revoked(shop: ApiShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BELIEVED_SECONDS", 0.0)

    def ask(secret: str) -> tuple[int, str]:
        answer = httpx.get(f"{shop.url}/v1/orders", headers={"Authorization": f"Bearer {secret}"}, trust_env=False)
        return answer.status_code, answer.json().get("code", "")

    secret = shop.token("orders:read")
    assert ask(secret) == (200, "")
    assert ask("osk_wrong") == (401, "token.unknown")
    bare = httpx.get(f"{shop.url}/v1/orders", trust_env=False)
    assert (bare.status_code, bare.json()["code"]) == (401, "token.missing")
    assert bare.headers["WWW-Authenticate"].startswith("Bearer")
    short = shop.token("stock:read", expires_at=clock.now() + timedelta(days=1))
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert ask(short) == (401, "token.expired")
    with shop.workspace.transaction() as session:
        revoke_token(session, "orders:read")
    assert ask(secret) == (401, "token.revoked")
    shop.app.state.doors.tokens.keep_uses()
    with shop.workspace.reading() as session:
        used = {row["name"]: row["last_used_at"] for row in listed(session)}
        kept = session.scalars(sa.text("SELECT secret_hash FROM api_tokens")).all()
    assert used["orders:read"] is not None
    assert not any(secret in row for row in kept)


def test_a_token_that_asks_too_often_is_told_to_wait(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    with served(make_shop(tmp_path), limiter=Limiter(0.5, 4)) as shop, shop.client() as api:
        answers = [api.get("/v1/orders") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "request.too_many"
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 422, "request.invalid"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "request.media_type"),
        (b'{"x": "' + b"x" * 5_000_000 + b'"}', "application/json", 413, "request.too_large"),
        (b'{"channel": "web"}', "application/json", 422, "request.invalid"),
    ],
)
def test_a_body_that_cannot_be_read_says_why(shop: ApiShop, body: bytes, kind: str, status: int, code: str) -> None:
    with shop.client() as api:
        said = api.post("/v1/orders", content=body, headers={"Content-Type": kind})
        parts = api.post("/v1/orders", content=iter([body]), headers={"Content-Type": kind})
    assert (said.status_code, said.json()["code"]) == (status, code)
    assert parts.status_code == status


def test_what_is_beside_v1_needs_no_token_and_fetches_nothing(shop: ApiShop) -> None:
    with httpx.Client(base_url=shop.url, trust_env=False) as open_:
        assert open_.get("/healthz").json() == {"status": "ok"}
        assert open_.get("/readyz").json()["status"] == "ready"
        open_.get("/v1/orders")
        assert 'ordersight_http_requests_total{method="GET"' in open_.get("/metrics").text
        page = open_.get("/docs")
        assert "<script" not in page.text
        # an example may name an address; nothing on the page is fetched from one
        assert re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", page.text) == []
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_orders_of_one_moment_share_a_transaction_and_answer_each_for_itself(shop: ApiShop) -> None:
    def send(n: int) -> tuple[int, int]:
        with shop.client() as api:
            found = api.post("/v1/orders", json=order(f"rush-{n}", TIN=1), headers={"Idempotency-Key": f"rush-{n}"})
            again = api.post("/v1/orders", json=order(f"rush-{n}", TIN=1), headers={"Idempotency-Key": f"rush-{n}"})
            return found.status_code, again.status_code

    shop.token()
    groups: list[int] = []
    gatherer = shop.app.state.doors.gatherer
    work = gatherer._work
    gatherer._work = lambda group: (groups.append(len(group)), work(group))[1]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert sorted(answers) == [(201, 201)] * 5 + [(409, 409)] * 19
    assert max(groups) > 1
    assert count_orders(shop) == 5
