"""Customers, Segments, Stock, Forecast, Replenishment, Purchase orders: normal, empty, broken, Polish, deep link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hand_made_shop import build
from page_reader import Open, words
from shop_extras import give_consents, store_a_forecast
from streamlit.testing.v1 import AppTest

PAGES = ("customers", "segments", "stock", "forecast", "replenishment", "backtest", "supply_plan", "purchase_orders")
TITLES = {
    "customers": "Klienci", "segments": "Segmenty", "stock": "Stany", "forecast": "Prognoza",
    "replenishment": "Uzupełnianie", "backtest": "Test wsteczny", "supply_plan": "Plan dostaw",
    "purchase_orders": "Zamówienia zakupu",
}  # fmt: skip


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop with consents and a stored forecast."""
    home = build(tmp_path_factory.mktemp("buying") / "home")
    give_consents(home)
    store_a_forecast(home)
    return home


@pytest.fixture
def shop_without_forecast(own_shop: Open) -> Iterator[Open]:
    """The small shop as it is: nothing was forecast."""
    return own_shop


def sound(at: AppTest) -> None:
    assert not at.exception
    assert not at.error
    assert "This card failed" not in words(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_a_fault(shop: Open, page: str) -> None:
    at = shop(page)
    sound(at)
    assert "simulated" in words(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_polish(shop: Open, page: str) -> None:
    at = shop(page, lang="pl")
    sound(at)
    assert at.title[0].value == TITLES[page]


@pytest.mark.parametrize("page", ["customers", "segments", "stock", "forecast", "replenishment", "backtest"])
def test_a_shop_without_orders_says_what_to_do(empty_shop: Open, page: str) -> None:
    at = empty_shop(page)
    assert not at.exception
    assert "No orders yet" in words(at)


@pytest.mark.parametrize("page", ["forecast", "replenishment"])
def test_a_shop_without_a_forecast_offers_to_make_one(shop_without_forecast: Open, page: str) -> None:
    at = shop_without_forecast(page)
    sound(at)
    assert "No forecast yet" in words(at)
    assert "Forecast now" in words(at)


def test_a_segment_in_the_address_is_counted_and_read_back(shop: Open) -> None:
    at = shop("segments", segment="number_of_orders >= 1")
    sound(at)
    shown = {m.label: m.value for m in at.metric}
    assert shown["Members"] == "10"
    assert shown["Reachable by e-mail"] == "8"
    assert "Reads as: number of orders is at least 1" in words(at)


def test_a_broken_segment_shows_its_place_and_keeps_the_page(shop: Open) -> None:
    at = shop("segments", segment="number_of_order >= 1")
    assert not at.exception
    assert "expression.unknown_attribute" in str(at.error[0].value)
    assert "^" in at.code[0].value
    assert at.title[0].value == "Segments"


def test_a_destination_says_what_its_file_holds_and_makes_it(own_shop: Open, tmp_path: Path) -> None:
    give_consents(tmp_path / "home")
    at = own_shop("segments", segment="number_of_orders >= 1")
    chosen = next(box for box in at.selectbox if box.key == "segment_format")
    assert {"Klaviyo", "Mailchimp", "Google Customer Match", "TikTok Custom Audience"} <= set(chosen.options)
    chosen.set_value("mailchimp").run()
    sound(at)
    assert "`Email Address`" in words(at)
    next(b for b in at.button if b.label.startswith("Export")).click().run()
    sound(at)
    kept = at.session_state["segment_made"][1]
    assert kept.content.startswith(b"Email Address,FNAME")
    assert kept.manifest["destination"] == "mailchimp"


def test_adding_a_condition_changes_the_text(shop: Open) -> None:
    at = shop("segments", segment="number_of_orders >= 1")
    next(b for b in at.button if b.label == "And group").click().run()
    sound(at)
    assert at.text_area[0].value == "number_of_orders >= 1 AND number_of_orders >= 2"


def test_one_customer_has_an_address(shop: Open) -> None:
    at = shop("customers", customer="C0001")
    sound(at)
    assert "Juniper Interiors" in words(at)
    assert "Is this customer growing?" in words(at)


def test_an_unknown_customer_is_refused_with_near_ones(shop: Open) -> None:
    at = shop("customers", customer="C00001")
    assert not at.exception
    assert "Did you mean" in str(at.error[0].value)


def test_one_sku_explains_its_stock(shop: Open) -> None:
    listed = shop("stock", stock_view="all")
    sku = listed.dataframe[0].value["sku"].iloc[0]
    at = shop("stock", sku=str(sku))
    sound(at)
    assert "Why is on hand" in words(at)


def test_a_suggestion_has_a_receipt(shop: Open) -> None:
    at = shop("replenishment", replenishment_view="order")
    sound(at)
    assert any("draft purchase order" in b.label for b in at.button)


def test_a_purchase_order_offers_the_moves_of_its_state(own_shop: Open) -> None:
    at = own_shop("purchase_orders", po="PO-1043")
    sound(at)
    next(b for b in at.button if b.label.startswith("Send")).click().run()
    sound(at)
    assert not any(b.label.startswith("Send") for b in at.button)
    assert any(b.label == "Book the confirmation" for b in at.button)
