"""What the desks do over HTTP: many orders at once, papers, accounts, terms of returns; on both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pdfplumber
import pytest
import sqlalchemy as sa
from api_shop import make_shop, served
from request_desk import ONE_MORE, Desk

from oms_core.fulfilment.tables import Shipment
from oms_core.kernel import clock


@pytest.fixture
def desk(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    with served(make_shop(tmp_path)) as running:
        made = Desk(running)
        with made.api:
            yield made


def rows(answer: dict) -> list[tuple]:
    return [(row["number"], row["done"], row["code"]) for row in answer["items"]]


def text_of(paper: httpx.Response) -> str:
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    with pdfplumber.open(io.BytesIO(paper.content)) as opened:
        return str(opened.pages[0].extract_text())


def test_many_orders_are_answered_each_for_itself(desk: Desk) -> None:
    shipped, first, second = desk.parcel()[0], desk.order(), desk.order()
    asked = {"orders": [first, "OS-777777", second, shipped]}
    tagged = desk.post("/orders/bulk-tag", {**asked, "add": ["VIP "], "remove": ["old"]})
    assert [row.get("tags") for row in tagged["items"]] == [["vip"], [], ["vip"], ["vip"]]
    assert rows(tagged)[1] == ("OS-777777", False, "order.not_found")
    held = desk.post("/orders/bulk-hold", {**asked, "reason": "address", "owner": "Ala"})
    assert [row["done"] for row in held["items"]] == [True, False, True, False]
    assert {hold["owner"] for hold in desk.get(f"/orders/{first}/holds")["items"]} == {"Ala"}
    freed = desk.post("/orders/bulk-release", {"orders": [first, first, shipped]})
    assert [row["released"] for row in freed["items"]] == [1, 1, 0]
    gone = desk.post("/orders/bulk-cancel", {**asked, "reason": "flood"})
    assert rows(gone) == [
        (first, True, ""),
        ("OS-777777", False, "order.not_found"),
        (second, True, ""),
        (shipped, False, "order.shipped"),
    ]
    assert "shipped" in gone["items"][3]["message"]
    assert [desk.get(f"/orders/{n}")["state"] for n in (first, second)] == ["cancelled", "cancelled"]
    bad = desk.api.post("/v1/orders/bulk-tag", json={"orders": [first], "add": ["a,b"]})
    assert (bad.status_code, bad.json()["code"]) == (422, "input.tag")


def test_an_order_is_invoiced_as_it_is_shipped(desk: Desk) -> None:
    number, parcel = desk.parcel()
    issued = desk.post(f"/orders/{number}/invoice", {"shipment": parcel})
    assert desk.post(f"/orders/{number}/invoice", {"shipment": parcel})["number"] == issued["number"]
    told = desk.get(f"/orders/{number}/invoicing")
    assert (told["left"], told["ordered"], told["invoices"][0]["gross"]) == ("0.00", issued["gross"], issued["gross"])
    other = desk.order()
    lines = [{"line_id": desk.line(other), "quantity": 99}]
    for body, code in (
        ({"lines": lines}, "invoice.more_than_ordered"), ({"shipped": True}, "invoice.nothing_shipped"),
        ({"shipped": True, "lines": lines}, "invoice.which_part"), ({"shipment": parcel}, "shipment.not_found"),
    ):  # fmt: skip
        assert desk.api.post(f"/v1/orders/{other}/invoice", json=body).json()["code"] == code


def test_an_invoice_is_drafted_issued_corrected_and_printed(desk: Desk) -> None:
    number = desk.order()
    draft = desk.post(f"/orders/{number}/invoice-draft", {"buyer": {"name": "Żaneta & Sons"}})
    assert (draft["state"], draft["number"], draft["gross"]) == ("draft", None, "20.00")
    issued = desk.post(f"/orders/{number}/invoice", {})
    assert (issued["id"], issued["state"], issued["buyer_name"]) == (draft["id"], "issued", "Żaneta & Sons")
    desk.post(f"/orders/{number}/changes", {"actions": ONE_MORE, "confirm": True})
    after = desk.post(f"/orders/{number}/invoice-correction", {"reason": "one more"})
    assert (after["kind"], after["gross"], after["corrects"]) == ("correction", "10.00", issued["number"])
    by_hand = desk.post(
        f"/invoices/{issued['id']}/corrections",
        {"reason": "promised", "lines": [{"position": 1, "quantity": 3, "net": "27.00", "tax": "0"}]},
    )
    assert by_hand["gross"] == "-3.00"
    assert "Invoice" in text_of(desk.api.get(f"/v1/invoices/{issued['id']}/document"))
    polish = desk.api.get(f"/v1/invoices/{number}/document", params={"language": "pl"})
    assert "Faktura" in text_of(polish)
    assert issued["number"].replace("/", "-") in polish.headers["content-disposition"]
    twice = {"position": 1, "quantity": 3, "net": "27.00", "tax": "0"}
    refused = desk.api.post(f"/v1/invoices/{issued['id']}/corrections", json={"reason": "x", "lines": [twice, twice]})
    assert refused.json()["code"] == "invoice.line_twice"


def test_a_match_is_taken_back_and_made_by_hand(desk: Desk) -> None:
    key = desk.match()
    was = desk.post(f"/ledger/matches/{key}/undo", {"reason": "belongs to another invoice"})
    assert (was["id"], was["amount"]) == (key, "20.00")
    assert desk.get("/ledger/matches", entry=was["claim_id"])["items"] == []
    (claim,) = [row for row in desk.get("/ledger/open")["items"] if row["id"] == was["claim_id"]]
    assert claim["open"] == "20.00"
    part = desk.post("/ledger/matches", {"claim": was["claim_id"], "settling": was["settling_id"], "amount": "5.00"})
    rest = desk.post("/ledger/matches", {"claim": was["claim_id"], "settling": was["settling_id"]})
    assert (part["amount"], rest["amount"]) == ("5.00", "15.00")
    gone = desk.api.post(f"/v1/ledger/matches/{rest['id'] + 1}/undo", json={"reason": "again"})
    assert (gone.status_code, gone.json()["code"]) == (404, "match.not_found")
    events = [row["event"] for row in desk.get("/events", limit=200)["items"]]
    assert events.count("ledger.unmatched") == 1


def test_opening_costs_say_what_the_first_goods_cost(desk: Desk) -> None:
    taken = desk.post("/opening-costs", {"costs": [{"sku": "MUG", "unit_cost": "3.80"}]})
    assert taken["items"] == [{"sku": "MUG", "unit_cost": "3.80", "currency": "GBP"}]
    number = desk.parcel()[0]
    (row,) = desk.get(f"/orders/{number}/costs")["items"]
    assert row["cost"] == "7.60"
    unknown = desk.api.post("/v1/opening-costs", json={"costs": [{"sku": "MUGG", "unit_cost": "1"}]})
    assert (unknown.status_code, unknown.json()["near"]) == (404, ["MUG"])


def test_terms_of_returns_are_written_and_a_late_return_needs_a_yes(desk: Desk) -> None:
    body = {"channel": "web", "fee": "1.50", "days_allowed": 0, "grade_cuts": {"c": 5000}}
    said = desk.api.put("/v1/refund-policies/web", json=body).json()
    assert (said["fee"], said["days_allowed"], said["currency"]) == ("1.50", 0, "GBP")
    assert desk.get("/refund-policies/web") == said
    assert [row["code"] for row in desk.get("/refund-policies")["items"]] == ["web"]
    number = desk.delivered()
    # the policy's days end the evening of the delivery: this one is taken, and waits for an answer
    back = desk.post("/returns", {"order": number, "lines": [{"sku": "MUG", "quantity": 1}]})
    (waiting,) = desk.get("/return-queue")["items"]
    assert (waiting["number"], waiting["waits_for"], waiting["days_left"]) == (back["number"], "answer", None)
    with desk.shop.workspace.transaction() as session:
        session.execute(sa.update(Shipment).values(delivered_at=clock.now() - timedelta(days=9)))
    asked = {"order": number, "lines": [{"sku": "MUG", "quantity": 1}]}
    refused = desk.api.post("/v1/returns", json=asked)
    assert (refused.status_code, refused.json()["code"], refused.json()["lines"][0]["days_late"]) == (
        409, "return.too_late", 9,
    )  # fmt: skip
    assert desk.post("/returns", {**asked, "allow_late": True})["state"] == "requested"
    own = {"label_en": "Wrong colour", "label_pl": "Inny kolor", "fault": "shop"}
    assert desk.api.put("/v1/return-reasons/wrong_colour", json=own).status_code == 200
    listed = {row["code"]: row for row in desk.get("/return-reasons")["items"]}
    assert (listed["wrong_colour"]["fault"], listed["too_small"]["label_pl"]) == ("shop", "Za małe")


def test_a_withdrawal_waits_in_its_queue_and_is_acknowledged_on_paper(desk: Desk) -> None:
    number = desk.withdrawal()
    (row,) = desk.get("/withdrawal-queue")["items"]
    assert (row["number"], row["waits_for"], row["days_left"]) == (number, "goods", None)
    desk.post(f"/withdrawals/{number}/proof-of-sending", {"proof": "InPost 6201"})
    (row,) = desk.get("/withdrawal-queue")["items"]
    assert (row["waits_for"], row["days_left"]) == ("payment", 14)
    assert number in text_of(desk.api.get(f"/v1/withdrawals/{number}/acknowledgement"))
    whole = desk.get(f"/withdrawals/{number}")
    assert [line["sku"] for line in whole["lines"]] == ["MUG"]
    assert whole["acknowledgement"]["recipient"].endswith("@example.com")
    assert {"refunds", "timeline", "calendar"} <= whole.keys()


def test_claims_and_exchanges_are_shown_whole(desk: Desk) -> None:
    claim = desk.made("/claims", desk.claim(), ("evidence", {"kind": "text", "body": "cracked"}), ("approve", {}),
                      ("resolve", {"resolution": "refund", "amount": "4.00"}))  # fmt: skip
    told = desk.get(f"/claims/{claim}")
    assert ([e["body"] for e in told["evidence"]], told["refunds"][0]["total"]) == (["cracked"], "4.00")
    assert told["timeline"][0]["event"] == "claim.resolved"
    swap = desk.exchanged()
    desk.post(f"/exchanges/{swap}/complete")
    assert "10.00 GBP more: it is due on the order" in desk.get(f"/exchanges/{swap}")["settled"]


def test_risk_rules_are_read_and_written_whole(desk: Desk) -> None:
    usual = desk.get("/risk-rules")
    assert (usual["is_own"], len(usual["rules"])) == (False, 8)
    own = [{"kind": "contact", "points": 80}, {"kind": "value", "points": 10, "is_active": False}]
    said = desk.api.put("/v1/risk-rules", json={"rules": own}).json()
    assert said["is_own"]
    assert [(r["kind"], r["points"], r["is_active"]) for r in said["rules"]] == [
        ("contact", 80, True), ("value", 10, False),
    ]  # fmt: skip
    assert "mailinator.com" in said["rules"][0]["params"]["disposable"]
    for rules, code in (
        ([{"kind": "contct", "points": 5}], "risk_rule.not_found"),
        ([own[0], own[0]], "risk.rule_twice"),
        ([{"kind": "value", "points": 5, "params": {"times": 0}}], "risk.rule_number"),
        ([{"kind": "value", "points": 5, "params": {"tims": 2}}], "input.params"),
    ):
        assert desk.api.put("/v1/risk-rules", json={"rules": rules}).json()["code"] == code
    assert desk.get("/risk-rules") == said
    assert desk.api.put("/v1/risk-rules", json={"rules": []}).json() == usual


def test_suspected_duplicates_are_listed_and_found_by_order(desk: Desk) -> None:
    key = desk.suspicion()
    (row,) = desk.get("/duplicates", state="open")["items"]
    assert (row["id"], row["kind"]) == (key, "same_lines")
    assert [x["id"] for x in desk.get("/duplicates", order=row["other_order"])["items"]] == [key]
    desk.post(f"/duplicates/{key}/dismiss")
    assert desk.get("/duplicates", state="open")["items"] == []


def test_requests_are_counted_by_template_also_when_they_are_refused(desk: Desk) -> None:
    httpx.get(f"{desk.shop.url}/v1/orders/OS-000001/holds", trust_env=False)
    with desk.shop.client("orders:read") as api:
        api.get("/v1/customers")
    desk.api.get("/v1/metrics/query")
    desk.api.post("/v1/orders", json={"nothing": 1})
    told = httpx.get(f"{desk.shop.url}/metrics", trust_env=False).text
    for line in (
        'method="GET",path="/v1/orders/{number}/holds",status="401"',
        'method="GET",path="/v1/customers",status="403"',
        'method="GET",path="/v1/metrics/query",status="422"',
        'method="POST",path="/v1/orders",status="422"',
    ):
        assert line in told
    assert "unmatched" not in told


def test_a_payout_statement_is_laid_beside_the_books_and_what_it_leaves_out_is_listed(desk: Desk) -> None:
    fits, short, left_out = (desk.order(paid=True) for _ in range(3))
    sent = {
        "channel": "web", "reference": "2026/03", "received": "36.00", "rows": [
            {"kind": "sale", "name": fits, "amount": "20.00", "fee": "1.00"},
            {"kind": "sale", "name": short, "amount": "19.50", "fee": "1.00"},
            {"kind": "fee", "fee": "1.50"},
        ],
    }  # fmt: skip
    kept = desk.post("/payouts", {**sent, "book_fees": True})
    assert {row["name"]: (row["outcome"], row["difference"]) for row in kept["rows"]} == {
        fits: ("matched", "0.00"), short: ("short", "-0.50"), "": ("fee", "0.00"),
    }  # fmt: skip
    sums = {"gross": "39.50", "fee": "3.50", "net": "36.00", "received_difference": "0.00", "fees_in_books": "3.50"}
    assert {name: kept[name] for name in sums} == sums
    again = desk.post("/payouts", sent)
    assert (again.pop("again"), again) == (True, desk.get(f"/payouts/{kept['id']}"))
    (listed,) = desk.get("/payouts", channel="web", reference="2026/03")["items"]
    assert (listed["rows"], listed["odd"], listed["difference"]) == (3, 1, "-0.50")
    assert desk.get("/payouts", reference="2026")["items"] == []
    assert [row["order"] for row in desk.get("/payouts/missing", channel="web")["items"]] == [left_out]
    for change, status, code in (
        ({"received": "35.00"}, 409, "payout.other_statement"),
        ({"rows": [{"kind": "sale", "amount": "1.005"}]}, 422, "input.amount"),
        ({"channel": "wep"}, 404, "channel.not_found"),
    ):
        refused = desk.api.post("/v1/payouts", json=sent | change)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert refused.headers["content-type"] == "application/problem+json"
    assert desk.api.get("/v1/payouts/999").json()["code"] == "payout_statement.not_found"
    assert len(desk.get("/payouts")["items"]) == 1
