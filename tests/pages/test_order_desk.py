"""The order desk: the paged list, its views, many at once; an order's sides and actions, with their errors."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from page_reader import Open, words

from app import data, desk, dossier
from app.views import order_actions, order_bulk, order_edit, order_history, order_views
from oms_core.fulfilment.commands import deliver
from oms_core.fulfilment.tables import Shipment
from oms_core.kernel import clock
from oms_core.returns.policies import save_policy

SKU_A, SKU_B = "22074", "22111"


def placed(external_id: str = "W1", **more: object) -> str:
    """Place a paid order of two lines in the open shop and return its number; its stock is promised."""
    from oms_core.intake import commands as intake
    from oms_core.intake.documents import order_from

    document = {
        "channel": "web", "external_id": external_id, "currency": "GBP",
        "lines": [
            {"sku": SKU_A, "quantity": 6, "unit_price": "2.15"}, {"sku": SKU_B, "quantity": 4, "unit_price": "2.75"},
        ],
        "customer": {"email": "anna@example.com", "name": "Anna Nowak"},
        "shipping_address": {"name": "Anna Nowak", "city": "Łódź", "postal_code": "90-001", "country": "PL"},
        "payments": [{"kind": "capture", "amount": "23.90", "gateway": "card"}], **more,
    }  # fmt: skip
    floor = data.floor()
    with floor.workspace.transaction() as session:
        answer = intake.place(session, floor.workspace.shop, order_from(document))
    floor.tick()
    return str(answer["number"])


def asking(own_shop: Open, number: str, action: str, **query: str):
    """Open an order's drawer with the questions of one action."""
    at = own_shop("orders", view="all", order=number, **query)
    order = dossier.load(number)
    found = next(one for one in order_actions.offered(order) if one.name == action and not one.refused)
    at.session_state["order_asking"] = found.key
    return at.run()


def confirm(at):
    return at.button(key="order_confirm").click().run()


def test_every_page_of_the_list_is_another_and_the_way_back_is_the_same(shop: Open) -> None:
    at = shop("orders", view="all", period="all")
    first = at.dataframe[0].value["number"].tolist()
    at.button(key="orders_next").click().run()
    second = at.dataframe[0].value["number"].tolist()
    assert len(first) == 50
    assert not set(first) & set(second)
    assert "51 to 100 of 4" in words(at)
    at.button(key="orders_back").click().run()
    assert at.dataframe[0].value["number"].tolist() == first


@pytest.mark.parametrize("sort", ["newest", "oldest", "largest"])
def test_pages_one_after_another_hold_every_order_once(shop: Open, sort: str) -> None:
    from test_manager_pages import whole

    shop("orders")
    seen, after = [], None
    while True:
        page = data.orders_page("", whole(), sort=sort, limit=37, after=after)
        seen += page.rows["order_id"].to_list()
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == data.orders_summary("", whole())["orders"]


@pytest.mark.parametrize("view", list(order_views.VIEWS))
@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_view_opens(shop: Open, view: str, language: str) -> None:
    at = shop("orders", view=view, lang=language)
    assert not at.exception
    assert not at.error
    assert "This card failed" not in words(at)


def test_a_queue_shows_the_orders_the_core_counts(own_shop: Open) -> None:
    own_shop("orders")
    placed(payments=[])
    at = own_shop("orders", view="to_confirm")
    assert desk.queue_counts()["to_confirm"] == len(at.dataframe[0].value)
    assert "Payment: none" in at.dataframe[0].value["why"].tolist()


def test_filters_of_status_narrow_what_is_found_and_a_search_narrows_it_further(shop: Open) -> None:
    at = shop("orders", view="all", period="all", payment=["none"])
    every = at.dataframe[0].value
    assert set(every["payment"].map(lambda cell: cell[0])) == {"Unpaid"}
    narrowed = shop("orders", view="all", period="all", payment=["none"], q="lille").dataframe[0].value
    assert 0 < len(narrowed) < len(every)
    assert all("Lille" in place for place in narrowed["ship_to"])


@pytest.mark.parametrize("text", ["buyer3@example.com", "T44", "on hold", "Hamburg"])
def test_a_search_finds_by_mail_tracking_status_and_city(shop: Open, text: str) -> None:
    assert "**0 orders**" not in words(shop("orders", view="all", period="all", q=text))


def test_a_tag_is_found_and_a_saved_view_keeps_the_search(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "tag")
    at.multiselect(key="order_tags").set_value(["vip"]).run()
    confirm(at)
    assert dossier.load(number).tags == ["vip"]
    at = own_shop("orders", view="all", period="all", q="tag = 'vip'")
    assert at.dataframe[0].value["number"].tolist() == [number]
    at.text_input(key="view_name").set_value("My vips")
    next(b for b in at.button if b.label == "Save view").click().run()
    kept = desk.saved_views()
    assert [(view["name"], view["query"]["q"]) for view in kept] == [("My vips", ["tag = 'vip'"])]
    at = own_shop("orders")
    at.button(key=f"saved_{kept[0]['id']}").click().run()
    assert at.dataframe[0].value["number"].tolist() == [number]


def test_chosen_columns_are_shown_in_the_chosen_order(shop: Open) -> None:
    at = shop("orders", columns=["tracking", "customer"])
    assert list(at.dataframe[0].value.columns) == ["number", "tracking", "customer"]


def test_many_at_once_answer_each_for_itself_and_a_hold_is_undone(own_shop: Open) -> None:
    own_shop("orders")
    number, gone = placed("W1"), placed("W2")
    rows = [{"order_id": dossier.load(n).head["id"], "number": n} for n in (number, gone)]
    from oms_core.fulfilment.holding import hold
    from oms_core.orders.commands import cancel_order

    with data.floor().workspace.transaction() as session:
        cancel_order(session, rows[1]["order_id"], reason="customer", zone=desk.zone())
    seen: list[int] = []
    answers = order_bulk.run(rows, lambda s, key: hold(s, key, reason="check", actor="test"), progress=seen.append)
    assert [answer.fault is None for answer in answers] == [True, False]
    assert seen == [1, 2]
    assert len(dossier.load(number).holds) == 1
    order_bulk.run(rows[:1], order_bulk.UNDO["hold"](), progress=seen.append)
    assert dossier.load(number).holds == []


def test_an_order_shows_all_its_sides(own_shop: Open) -> None:
    own_shop("orders")
    at = own_shop("orders", view="all", order=placed(), lang="pl")
    assert not at.exception
    assert not at.error
    names = [tab.label for tab in at.tabs]
    assert names == ["Zamówienie", "Wysyłka i paczki", "Pieniądze", "Zwroty", "Zmiany", "Historia"]
    assert "Teraz nie: " in words(at)


def test_part_of_an_order_is_shipped_and_the_rest_stays(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "ship")
    units = [box for box in at.number_input if str(box.key).startswith("order_ship_")]
    units[0].set_value(2).run()
    confirm(at)
    assert not at.error
    order = dossier.load(number)
    assert [line["shipped_qty"] for line in order.lines] == [2, 4]
    assert order.head["fulfillment_status"] == "partially_fulfilled"
    assert [parcel["carrier"] for parcel in order.parcels] == ["DPD"]


def test_an_edit_is_previewed_confirmed_and_told(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "edit")
    at.number_input(key="order_edit_shipping").set_value(4.0).run()
    assert not at.error
    assert "Confirm 1 change" in words(at)
    assert "No stock moves." in words(at)
    confirm(at)
    order = dossier.load(number)
    assert order.head["shipping_minor"] == 400
    assert order.balance.due_minor == 400
    assert [change["state"] for change in order.changes] == ["confirmed"]


def test_a_stale_edit_says_who_changed_what(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "edit")
    at.number_input(key="order_edit_shipping").set_value(4.0).run()
    from oms_core.payments.commands import pay

    with data.floor().workspace.transaction() as session:
        key = dossier.load(number).head["id"]
        pay(session, order_id=key, kind="refund", amount_minor=100, gateway="card", zone=desk.zone(), actor="ewa")
    confirm(at)
    assert "order.stale" in str(at.error[0].value)
    assert "ewa" in f"{at.error[0].value} {at.error[0].proto}"
    assert dossier.load(number).head["shipping_minor"] == 0


def test_an_edit_beyond_stock_is_refused_with_the_shortage(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "edit")
    at.text_input(key="order_add_text").set_value("22037").run()
    assert any("cannot be promised" in str(w.value) for w in at.warning)
    confirm(at)
    assert "stock.insufficient" in str(at.error[0].value)
    assert len(dossier.load(number).lines) == 2


def test_a_return_and_an_exchange_are_asked_for_from_the_order(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    confirm(asking(own_shop, number, "ship"))
    line = dossier.load(number).lines[0]["id"]
    at = asking(own_shop, number, "return")
    at.number_input(key=f"order_return_{line}").set_value(1).run()
    confirm(at)
    at = asking(own_shop, number, "exchange")
    at.number_input(key=f"order_exchange_{line}").set_value(2).run()
    at.text_input(key="order_exchange_new_text").set_value("22148").run()
    confirm(at)
    assert not at.error
    order = dossier.load(number)
    assert len(order.returns) == 2
    assert [one["state"] for one in order.exchanges] == ["requested"]


def test_a_person_may_allow_a_return_after_the_policys_days(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    confirm(asking(own_shop, number, "ship"))
    with data.floor().workspace.transaction() as session:
        save_policy(session, code="week", days_allowed=7)
        long_ago = clock.now() - timedelta(days=30)
        mine = sa.select(Shipment.id).where(Shipment.order_id == dossier.load(number).head["id"])
        deliver(session, shipment_id=session.scalars(mine).one())
        session.execute(sa.update(Shipment).where(Shipment.id.in_(mine)).values(delivered_at=long_ago))
    line = dossier.load(number).lines[0]["id"]
    for allowed in (False, True):
        at = asking(own_shop, number, "return")
        at.number_input(key=f"order_return_{line}").set_value(1).run()
        at.checkbox(key="order_return_late").set_value(allowed).run()
        confirm(at)
        assert ("return.too_late" in "".join(str(e.value) for e in at.error)) is not allowed
    assert len(dossier.load(number).returns) == 1


def test_too_many_units_are_refused_by_the_core_and_said(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    confirm(asking(own_shop, number, "ship"))
    line = dossier.load(number).lines[0]["id"]
    for _ in range(2):
        at = asking(own_shop, number, "return")
        at.number_input(key=f"order_return_{line}").set_value(6).run()
        confirm(at)
    assert "return.too_many" in str(at.error[0].value)


def test_money_goes_back_and_invoices_are_issued_for_parts_and_the_rest_once(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "refund")
    at.number_input(key="order_back_amount").set_value(5.0).run()
    confirm(at)
    assert dossier.load(number).balance.refunded_minor == 500
    at = asking(own_shop, number, "invoice")
    at.segmented_control(key="order_invoice_way").set_value("units").run()
    line = dossier.load(number).invoicing["lines"][0]
    at.number_input(key=f"order_invoice_units_{line['order_line_id']}").set_value(1).run()
    confirm(at)
    assert dossier.load(number).invoicing["lines"][0]["left"] == line["left"] - 1
    confirm(asking(own_shop, number, "invoice"))
    order = dossier.load(number)
    assert order.invoice.count("FV/") == 2
    refused = {one.name: one.refused for one in order_actions.offered(order)}
    assert order.invoice in refused["invoice"]


def test_a_hold_keeps_an_order_back_and_says_why_it_cannot_ship(own_shop: Open) -> None:
    own_shop("orders")
    number = placed()
    at = asking(own_shop, number, "hold")
    at.text_input(key="order_hold_reason").set_value("address check").run()
    confirm(at)
    refused = {one.name: one.refused for one in order_actions.offered(dossier.load(number))}
    assert refused["ship"] == "it is on hold"
    assert "address check" in words(own_shop("orders", view="all", order=number))


def test_line_actions_say_only_what_changed() -> None:
    line = {"id": 7, "quantity": 6, "cancelled_qty": 1, "unit_price_minor": 215, "discount_minor": 0}
    assert order_edit.line_actions(line, quantity=5, price=215, discount=0) == []
    assert order_edit.line_actions(line, quantity=0, price=215, discount=0) == [{"kind": "remove_line", "line_id": 7}]
    kinds = [action["kind"] for action in order_edit.line_actions(line, quantity=2, price=200, discount=10)]
    assert kinds == ["set_quantity", "set_price", "set_discount"]


def test_before_and_after_are_told_side_by_side() -> None:
    assert order_history.changes({"a": 1, "b": ["x"]}, {"a": 2, "b": ["x"]}) == "a: 1 → 2"
    assert order_history.changes({"tags": []}, {"tags": ["vip"]}) == "tags: – → vip"
