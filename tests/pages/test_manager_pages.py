"""Today, Sales, Orders, Metrics, Data health: normal, empty, broken, in Polish, by deep link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hand_made_shop import NOW
from page_reader import Open, words

from app import data
from oms_core.reporting import checks

PAGES = ("today", "sales", "orders", "metrics", "health")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_fault(shop: Open, page: str) -> None:
    at = shop(page)
    assert not at.exception
    assert not at.error
    assert "This card failed" not in words(at)
    assert "demo clock" in words(at)
    assert "simulated: stock, suppliers and parcels" in words(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_polish(shop: Open, page: str) -> None:
    at = shop(page, lang="pl")
    titles = {
        "today": "Dzisiaj",
        "sales": "Sprzedaż",
        "orders": "Zamówienia",
        "metrics": "Miary",
        "health": "Zdrowie danych",
    }
    assert at.title[0].value == titles[page]
    assert "dane z 13:30" in words(at)
    assert "zegar demo: czw. 9 gru, 13:30" in words(at)
    assert "This card failed" not in words(at)


@pytest.mark.parametrize("page", ["today", "sales", "orders"])
def test_a_shop_without_orders_says_what_to_do(empty_shop: Open, page: str) -> None:
    at = empty_shop(page)
    assert not at.exception
    assert "No orders yet" in words(at)
    assert "ordersight demo" in words(at)


@pytest.mark.parametrize("page", ["metrics", "health"])
def test_trust_pages_work_without_orders(empty_shop: Open, page: str) -> None:
    at = empty_shop(page)
    assert not at.exception
    assert "This card failed" not in words(at)


def test_a_failing_card_keeps_the_rest_of_the_page(shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.views import sales_products

    def fail(_products: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sales_products, "render", fail)
    at = shop("sales")
    assert not at.exception
    assert "This card failed and the rest of the page did not." in words(at)
    assert "Which channel made the difference?" in words(at)


def test_a_bad_expression_is_an_error_inside_its_card(shop: Open) -> None:
    at = shop("orders", q="latee = TRUE")
    assert not at.exception
    assert len(at.error) == 1
    assert "expression.unknown_attribute" in str(at.error[0].value)
    assert at.title[0].value == "Orders"


def test_an_error_speaks_the_readers_language(shop: Open) -> None:
    at = shop("orders", q="latee = TRUE", lang="pl")
    assert "Może chodziło o: late" in str(at.error[0].value)


def test_a_missing_shop_is_said_in_one_sentence(shop: Open, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path / "nowhere"))
    at = shop("today")
    assert not at.exception
    assert "database.no_schema" in str(at.error[0].value)


def test_today_lists_decisions_by_urgency_with_the_first_in_bold(shop: Open) -> None:
    at = shop("today")
    decisions = [link.proto for link in at.get("page_link")]
    assert decisions[0].label == f"**Open {late_orders()} orders**"
    assert [d.page for d in decisions[:3]] == ["orders", "stock", "orders"]
    assert not any(d.label.startswith("**") for d in decisions[1:])
    assert "Chocolate hot water bottle and 1 other; next receipt 12 Dec" in words(at)


def late_orders() -> int:
    return data.order_counts({"late": "late = TRUE"}, whole())["late"]


def whole():
    from app.filters import resolve
    from app.views.orders import scope_of

    place = data.place()
    return scope_of("late", "", resolve("all", place.today, place.first), place)


def test_today_counts_what_the_orders_page_counts(shop: Open) -> None:
    at = shop("today")
    tiles = {m.label: m.value for m in at.metric}
    counted = data.order_counts({"open": "open = TRUE"}, whole())
    assert tiles["Open"] == str(counted["open"])


def test_a_decision_leads_to_its_rows(shop: Open) -> None:
    link = shop("today").get("page_link")[0].proto
    wanted = late_orders()
    assert "view=late" in link.query_string.split("&")
    at = shop(link.page, view="late")
    assert at.title[0].value == "Orders"
    assert f"**{wanted} orders**" in words(at)


def test_sales_tiles_are_the_registrys_numbers(shop: Open) -> None:
    from datetime import date

    from app import format as fmt

    at = shop("sales")
    asked = data.ask(["net_sales", "orders"], since=date(2010, 11, 12), until=date(2010, 12, 10)).row(0, named=True)
    tiles = {m.label: m.value for m in at.metric}
    assert tiles["Net sales"] == fmt.money_tile(asked["net_sales"], "GBP")
    assert tiles["Orders"] == fmt.count(asked["orders"])


def test_sales_filters_come_from_the_address(shop: Open) -> None:
    at = shop("sales", channel=["web"], period="7d", compare="none")
    tiles = {m.label: m.value for m in at.metric}
    from datetime import date

    asked = data.ask(["orders"], since=date(2010, 12, 3), until=date(2010, 12, 10), where="channel = 'web'")
    assert tiles["Orders"] == str(asked["orders"][0])


def test_filters_that_leave_nothing_offer_to_reset(shop: Open) -> None:
    at = shop("orders", q="sku = 'NO-SUCH'")
    assert "No orders match" in words(at)
    at.button(key="reset_filters").click().run()
    assert "No orders match" not in words(at)
    assert at.text_input(key="q").value == ""


def test_a_view_without_rows_is_good_news(shop: Open) -> None:
    at = shop("orders", view="returns", channel=["marketplace"], country=["PL"])
    said = words(at)
    assert "Nothing here: To inspect" in said
    assert "See open orders" in said


def test_an_order_has_its_own_address(shop: Open) -> None:
    number = data_number("late = TRUE")
    at = shop("orders", view="late", order=number)
    said = words(at)
    assert not at.exception
    assert "What happened?" in said
    assert "Work and parcels" in [tab.label for tab in at.tabs]
    assert "Not now: " in said


def data_number(expression: str) -> str:
    return data.orders_page(expression, whole(), sort="oldest", limit=1).rows["number"][0]


def test_an_unknown_order_is_said_not_raised(shop: Open) -> None:
    at = shop("orders", order="999999")
    assert not at.exception
    assert "order.not_found" in str(at.error[0].value)


def test_a_search_finds_by_customer_number_and_sku(shop: Open) -> None:
    for text in ("wren", "536010", "22037"):
        at = shop("orders", q=text)
        assert "**0 orders**" not in words(at), text
        assert f"number, customer, place or SKU: {text}" in words(at)


def test_cancelling_an_order_shows_at_once(own_shop: Open) -> None:
    own_shop("today")
    number = data_number("late = TRUE")
    at = own_shop("orders", view="late", order=number)
    before = late_orders()
    at.session_state["order_asking"] = "cancel_0"  # what the menu of the other actions says
    at.run()
    at.button(key="order_confirm").click().run()
    assert not at.exception
    assert not at.error
    assert late_orders() == before - 1
    assert data.rows("order", number=number)["state"][0] == "cancelled"


def test_every_metric_is_in_the_glossary_and_searchable_in_polish(shop: Open) -> None:
    from analytics.metrics import METRICS

    at = shop("metrics")
    assert f"{len(METRICS)} metrics" in words(at)
    at = shop("metrics", metric_q="zwrot", lang="pl")
    assert f"{len(METRICS)} miar" not in words(at)
    assert "Brak pasującej miary" not in words(at)


def test_a_metric_has_its_own_address_and_adds_up(shop: Open) -> None:
    at = shop("metrics", metric="net_sales")
    said = words(at)
    assert "Does it add up?" in said
    assert "5 of 5 identities hold" in said


def test_health_names_refused_rows_and_checks_the_laws(own_shop: Open) -> None:
    at = own_shop("health")
    tiles = {m.label: m.value for m in at.metric}
    assert tiles["Refused rows"] == "2"
    assert "Not checked yet." in words(at)
    at.button(key="health_check").click().run()
    assert not at.exception
    assert "checked Thu 9 Dec, 13:30" in words(at)
    with data.floor().workspace.transaction() as session:
        planted = {"name": "numbers.planted", "checked": 1, "broken": 1, "first_broken": "differs by 7"}
        checks.keep(session, checks.Checked(NOW, 1200, [planted]), actor="worker")
    at = own_shop("health", lang="pl")
    assert "1 kontrola niespełniona, 13:30" in words(at)


def test_old_numbers_are_said_to_be_old(shop: Open) -> None:
    from datetime import timedelta

    shop("sales")
    floor = data.floor()
    floor.close()
    floor.refreshed_at -= timedelta(minutes=15)
    # the thread has ended; the page is drawn from what is cached, and says so
    assert data.staleness() == timedelta(minutes=15)


def test_todays_tiles_are_the_registrys_numbers_and_lead_to_as_many_orders(shop: Open) -> None:
    from urllib.parse import parse_qs

    at = shop("today")
    tiles = {m.label: m.value for m in at.metric}
    links = [link.proto for link in at.get("page_link")][-len(tiles) :]
    assert list(tiles) == ["Orders", "Open", "Orders shipped", "Orders arrived", "Returns requested"]
    for (label, value), link in list(zip(tiles.items(), links, strict=True))[:4]:
        query = {key: values[0] for key, values in parse_qs(link.query_string).items()}
        assert f"**{value} order" in words(shop(link.page, **query)), label


def test_todays_pace_adds_up_to_the_registrys_sales(shop: Open) -> None:
    from app.views import today_numbers

    shop("today")
    place = data.place()
    numbers = today_numbers.load(place)
    asked = data.ask(["gross_sales"], since=place.today, until=place.today + timedelta(days=1))
    assert today_numbers.so_far(numbers, place.today) == asked["gross_sales"][0] > 0
    running = today_numbers.pace(numbers, place.today)
    assert running["today"].drop_nulls().is_sorted()
    assert running["today"].max() == asked["gross_sales"][0]
    assert (running["low"] <= running["usual"]).all()
    assert (running["usual"] <= running["high"]).all()


@pytest.mark.parametrize(("page", "tiles"), [("sales", 7), ("stock", 5)])
def test_every_tile_leads_to_its_rows(shop: Open, page: str, tiles: int) -> None:
    at = shop(page)
    links = [link.proto for link in at.get("page_link")]
    assert len(at.metric) == len(links) == tiles
    assert all(link.query_string for link in links)


def test_a_tile_opens_the_rows_it_counts(shop: Open) -> None:
    value = {m.label: m.value for m in shop("sales").metric}["Orders"]
    at = shop("orders", view="all")
    assert f"**{value} orders**" in words(at)


def test_a_link_to_the_same_page_moves_a_choice_already_made(shop: Open) -> None:
    at = shop("stock", stock_view="dead")
    assert at.session_state["stock_view"] == "dead"
    at.query_params["stock_view"] = "excess"
    at.run()
    assert at.session_state["stock_view"] == "excess"
    at.button_group(key="stock_view").set_value("all").run()
    assert at.session_state["stock_view"] == "all"
    assert at.query_params["stock_view"] in ("all", ["all"])


def test_what_a_link_asks_for_stays_on_its_page(shop: Open) -> None:
    at = shop("orders", period="7d")  # the reader came with it: it goes along
    at.switch_page("app_pages/sales.py").run()
    assert at.session_state["period"] == "7d"
    at.query_params["period"] = "all"  # a link inside the dashboard
    at.run()
    assert at.session_state["period"] == "all"
    del at.query_params["period"]
    at.switch_page("app_pages/orders.py").run()
    assert at.session_state["period"] == "7d"
