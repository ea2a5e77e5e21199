"""Returns, drafts, stock moves: normal, empty, in Polish, by deep link, and what they do and refuse."""

from __future__ import annotations

from datetime import date

import pytest
from page_reader import Open, words
from test_order_desk import SKU_A, placed

from app import cases, data, desk, dossier
from app.views import drafts, returns, stock_counts, stock_selling, stock_transfers, stock_why
from oms_core.inventory.queries import variant_of

PAGES = {"returns": ("Returns", "Zwroty"), "drafts": ("Drafts and quotes", "Szkice i oferty"),
         "stock_moves": ("Stock moves", "Ruchy towaru")}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_desk_page_opens_in_both_languages(shop: Open, page: str) -> None:
    for title, language in zip(PAGES[page], ("en", "pl"), strict=True):
        at = shop(page, lang=language)
        assert not at.exception
        assert not at.error
        assert at.title[0].value == title


def test_every_queue_and_every_side_opens(shop: Open) -> None:
    for queue in returns.QUEUES:
        at = shop("returns", queue=queue)
        assert not at.exception
        assert not at.error
    for view in ("transfers", "counts", "bins", "selling", "states", "why", "as_of"):
        at = shop("stock_moves", moves_view=view)
        assert not at.exception
        assert not at.error


def test_an_empty_queue_is_good_news(shop: Open) -> None:
    assert "Nobody waits for money" in words(shop("returns", queue="to_refund"))


@pytest.mark.parametrize(("page", "query", "code"), [
    ("returns", {"case": "return:RET-9"}, "return.not_found"),
    ("returns", {"case": "claim:CL-9"}, "claim.not_found"),
    ("drafts", {"draft": "D-9"}, "draft.not_found"),
])  # fmt: skip
def test_an_unknown_document_is_said_not_raised(shop: Open, page: str, query: dict[str, str], code: str) -> None:
    at = shop(page, **query)
    assert not at.exception
    assert code in str(at.error[0].value)


def shipped_order() -> str:
    """Place an order and send it whole; return its number."""
    from oms_core.fulfilment.shipping import ship

    number = placed()
    with data.floor().workspace.transaction() as session:
        work = dossier.load(number).work[0]["id"]
        ship(session, fulfillment_order_id=work, carrier="DPD", zone=desk.zone())
    data.floor().tick()
    return number


def asked_return(number: str, units: int = 2) -> str:
    from oms_core.returns.commands import NewReturnLine, request_return

    order = dossier.load(number)
    with data.floor().workspace.transaction() as session:
        line = NewReturnLine(order_line_id=order.lines[0]["id"], quantity=units)
        return str(request_return(session, order_id=order.head["id"], lines=[line], zone=desk.zone()).number)


def test_a_return_goes_from_the_question_to_the_money(own_shop: Open) -> None:
    own_shop("returns")
    opened = f"return:{asked_return(shipped_order())}"
    kind, number = opened.split(":")
    for key in ("return_approve", "return_receive", "return_inspect", "return_refund"):
        at = own_shop("returns", case=opened)
        at.button(key=key).click().run()
        assert not at.error, key
    case = cases.one(kind, number)
    assert [unit["disposition"] for unit in case["goods"]["units"]] == ["restock", "restock"]
    assert case["goods"]["owed_minor"] == 0
    assert "given back through card" in words(own_shop("returns", case=opened))


def test_a_declined_return_needs_a_reason_and_is_then_done(own_shop: Open) -> None:
    own_shop("returns")
    number = asked_return(shipped_order())
    at = own_shop("returns", case=f"return:{number}")
    assert at.button(key="return_decline").disabled
    at.text_input(key="return_decline_reason").set_value("worn").run()
    at.button(key="return_decline").click().run()
    assert cases.one("return", number)["state"] == "declined"


def test_a_claim_is_approved_and_settled_by_store_credit(own_shop: Open) -> None:
    from oms_core.returns.claims import NewClaimLine, open_claim

    own_shop("returns")
    order = dossier.load(shipped_order())
    with data.floor().workspace.transaction() as session:
        line = NewClaimLine(order_line_id=order.lines[0]["id"], quantity=1)
        number = open_claim(session, order_id=order.head["id"], kind="damaged", lines=[line]).number
    opened = f"claim:{number}"
    at = own_shop("returns")
    assert at.button_group(key="queue").value == "to_inspect", "the desk opens where work waits, not at an empty queue"
    own_shop("returns", queue="claims", case=opened).button(key="claim_approve").click().run()
    at = own_shop("returns", queue="claims", case=opened)
    at.selectbox(key="claim_how").set_value("refund").run()
    at.button(key="claim_resolve").click().run()
    assert not at.error
    assert cases.one("claim", number)["resolution"] == "refund"
    assert dossier.load(order.head["number"]).balance.refunded_minor == 215


def test_days_left_turn_amber_and_then_red() -> None:
    today = date(2010, 12, 9)
    assert returns.deadline(date(2010, 12, 20), today) == ("11 days left", "gray")
    assert returns.deadline(date(2010, 12, 10), today) == ("1 day left", "orange")
    assert returns.deadline(date(2010, 12, 7), today) == ("2 days over", "red")


def drafted() -> str:
    from oms_core.drafts.commands import create

    rows = [{"sku": SKU_A, "units": 3, "price_minor": 199}]
    wanted = drafts.document(
        rows, channel="web", currency="GBP", email="anna@example.com", name="Anna", address={"country": "GB"}
    )
    with data.floor().workspace.transaction() as session:
        return str(create(session, wanted).number)


def test_a_draft_paid_in_person_becomes_an_order(own_shop: Open) -> None:
    own_shop("drafts")
    number = drafted()
    at = own_shop("drafts", draft=number)
    at.button(key="draft_complete").click().run()
    assert not at.error
    at = own_shop("drafts", drafts_view="done")
    assert at.dataframe[0].value["number"].tolist() == [number]
    with data.floor().workspace.reading() as session:
        from oms_core.drafts.queries import draft_named, draft_record

        made = draft_record(session, draft_named(session, number))["order"]
    assert dossier.load(made).balance.captured_minor == 597


def test_a_drafts_invoice_waits_in_the_outbox_and_the_draft_can_be_given_up(own_shop: Open) -> None:
    own_shop("drafts")
    number = drafted()
    own_shop("drafts", draft=number).button(key="draft_send").click().run()
    at = own_shop("drafts", drafts_view="sent", draft=number)
    assert "Invoice sent" in words(at)
    at.button(key="draft_cancel").click().run()
    assert own_shop("drafts", drafts_view="gone").dataframe[0].value["number"].tolist() == [number]


def test_a_transfer_with_a_missing_unit_needs_a_reason(own_shop: Open) -> None:
    from oms_core.inventory.commands import draft_transfer

    own_shop("stock_moves")
    with data.floor().workspace.transaction() as session:
        draft_transfer(session, from_location_id=1, to_location_id=2, lines={2: 5})
    transfer = stock_transfers.load()[0]
    own_shop("stock_moves").button(key=f"transfer_send_{transfer['id']}").click().run()
    line = transfer["lines"][0]["id"]
    at = own_shop("stock_moves")
    at.number_input(key=f"transfer_in_{line}").set_value(4).run()
    at.number_input(key=f"transfer_lost_{line}").set_value(1).run()
    assert at.button(key=f"transfer_receive_{transfer['id']}").disabled
    at.text_input(key=f"transfer_reason_{transfer['id']}").set_value("a box is missing").run()
    at.button(key=f"transfer_receive_{transfer['id']}").click().run()
    assert not at.error
    after = stock_transfers.load()[0]
    assert (after["state"], after["lines"][0]["received"], after["lines"][0]["lost"]) == ("received", 4, 1)


def test_a_transfer_without_stock_is_refused_with_the_shortage(own_shop: Open) -> None:
    from oms_core.inventory.commands import draft_transfer

    own_shop("stock_moves")
    with data.floor().workspace.transaction() as session:
        key = draft_transfer(session, from_location_id=1, to_location_id=2, lines={1: 5}).id
    at = own_shop("stock_moves").button(key=f"transfer_send_{key}").click().run()
    assert "stock.insufficient" in str(at.error[0].value)
    assert stock_transfers.load()[0]["state"] == "draft"


def test_a_count_is_posted_with_its_reason_and_told_by_why(own_shop: Open) -> None:
    from oms_core.inventory.counts import enter, open_count

    own_shop("stock_moves")
    with data.floor().workspace.transaction() as session:
        key = open_count(session, location_id=1, variant_ids=[2]).id
        enter(session, key, counted={2: 88})
    at = own_shop("stock_moves", moves_view="counts")
    assert at.button(key=f"count_post_{key}").disabled
    at.text_input(key=f"count_reason_{key}").set_value("yearly count").run()
    at.button(key=f"count_post_{key}").click().run()
    assert not at.error
    assert [line["posted"] for line in stock_counts.load()[0]["lines"]] == [-2]
    at = own_shop("stock_moves", moves_view="why")
    at.text_input(key="why_text").set_value(SKU_A).run()
    assert "Why is on hand 268?" in words(at)
    assert at.dataframe[0].value["change"].tolist() == ["-2"]


def test_a_pick_bin_is_filled_up_by_a_list(own_shop: Open) -> None:
    from oms_core.inventory import bin_moving, bins
    from oms_core.inventory.bin_queries import bins_of

    at = own_shop("stock_moves", moves_view="bins")
    assert "No bins here yet" in words(at)
    with data.floor().workspace.transaction() as session:
        pick, over = (
            bins.define(session, location_id=1, code=code, kind=kind).id
            for code, kind in (("A1", "pick"), ("OV", "overstock"))
        )
        bins.set_rule(session, bin_id=pick, variant_id=2, minimum=3, maximum=9, increment=4)
        default = bins.bin_named(session, 1, bins.DEFAULT_BIN).id
        bin_moving.move(session, variant_id=2, from_bin_id=default, to_bin_id=over, quantity=20)
    at = own_shop("stock_moves", moves_view="bins")
    assert "1 pick bin is below its minimum" in words(at)
    at.button(key="bin_list_open").click().run()
    at = own_shop("stock_moves", moves_view="bins", lang="pl")
    assert "W A1 leży 0, minimum to 3; do 9 mieści się 8 w krotnościach 4" in words(at)
    at = own_shop("stock_moves", moves_view="bins").button(key="bin_confirm_1").click().run()
    assert not at.error
    assert {one["code"]: one["units"] for one in desk.read(lambda s: bins_of(s, 1))}["A1"] == 8


def test_stock_changes_its_state_with_a_reason(own_shop: Open) -> None:
    at = own_shop("stock_moves", moves_view="states")
    at.text_input(key="state_text").set_value(SKU_A).run()
    assert at.button(key="state_move").disabled
    at.text_input(key="state_reason").set_value("dented").run()
    at.selectbox(key="state_to").set_value("damaged").run()
    at.button(key="state_move").click().run()
    assert not at.error
    from oms_core.inventory.queries import levels_of

    levels = desk.read(lambda s: levels_of(s, 2))
    assert sum(row["damaged"] for row in levels) == 1


def test_written_counts_are_only_the_new_ones() -> None:
    lines = [{"variant_id": 1, "counted": None}, {"variant_id": 2, "counted": 5}, {"variant_id": 3, "counted": 5}]
    assert stock_counts.written(lines, [7, 5, 6]) == {1: 7, 3: 6}
    assert stock_counts.written(lines, [None, 5, 5]) == {}


def test_a_movement_names_its_document() -> None:
    from datetime import UTC, datetime

    one = {
        "at": datetime(2010, 12, 9, tzinfo=UTC), "kind": "shipped", "change": -3, "on_hand": 4, "available": 4,
        "links": [{"kind": "order", "number": "OS-1"}], "sentence": "3 units left", "quantity": 3, "from": "Leeds",
        "to": "customer", "actor": "ann", "reason": "",
    }  # fmt: skip
    row = stock_why.movement(one, "Europe/London")
    assert (row["change"], row["document"], row["sentence"]) == ("-3", "OS-1", "3 units left")


def test_how_a_product_sells_is_said_and_changed(own_shop: Open) -> None:
    at = own_shop("stock_moves", moves_view="selling")
    at.text_input(key="selling_text").set_value(SKU_A).run()
    at.radio(key=f"selling_policy_{SKU_A}").set_value("backorder").run()
    at.button(key="selling_policy_save").click().run()
    at.number_input(key="selling_rule_buffer").set_value(2).run()
    at.button(key="selling_rule_write").click().run()
    at.button(key="selling_track").click().run()
    assert not at.error
    shelf = desk.read(lambda s: stock_selling.load(s, variant_of(s, SKU_A).id, desk.zone()))
    assert (shelf["policy"], shelf["tracks_lots"]) == ("backorder", True)
    assert [(rule["sku"], rule["buffer_qty"]) for rule in shelf["rules"]] == [(SKU_A, 2)]
    assert {lot["lot"] for lot in shelf["lots"]} == {"OPENING"}
    at.button(key="selling_rule_drop").click().run()
    assert not desk.read(lambda s: stock_selling.load(s, variant_of(s, SKU_A).id, desk.zone()))["rules"]
