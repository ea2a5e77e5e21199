"""A customer with a phone, in Polish: from the order number to the slip, and withdrawing in two steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_shop import ApiShop, make_shop, order, served
from playwright.sync_api import Browser, BrowserContext, Page, expect

from oms_core.portal.settings import PortalSettings, save_portal

EMAIL = "ada@example.com"


@pytest.fixture
def shop(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiShop]:
    path = tmp_path / "oms.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", f"sqlite:///{path}")
    workspace = make_shop(tmp_path)
    with workspace.transaction() as session:
        save_portal(session, PortalSettings(is_on=True, address="https://returns.example.com"))
    with served(workspace) as running:
        yield running


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone whose browser speaks Polish and runs no scripts: the pages need none."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        locale="pl-PL",
        java_script_enabled=False,
    )
    yield context
    context.close()


def bought(shop: ApiShop) -> str:
    with shop.client() as api:
        number = api.post("/v1/orders", json=order(MUG=3, BAG=1)).json()["number"]
        api.post(f"/v1/orders/{number}/payments", json={"gateway": "card"})
        (work,) = api.get("/v1/fulfillment-orders", params={"order": number}).json()["items"]
        parcel = api.post(f"/v1/fulfillment-orders/{work['number']}/ship", json={"carrier": "dpd"}).json()
        api.post(f"/v1/shipments/{parcel['number']}/tracking-events", json={"state": "delivered"})
    return str(number)


def fits(page: Page) -> None:
    """The page is no wider than the phone, and what is pressed is large enough for a thumb."""
    assert page.locator("body").bounding_box()["width"] <= 390
    boxes = [button.bounding_box() for button in page.locator("button, .button, input:visible, select:visible").all()]
    assert all(box is None or box["x"] + box["width"] <= 390 for box in boxes)
    tall = [button.bounding_box()["height"] for button in page.locator("button, .button").all()]
    assert all(height >= 44 for height in tall)


def test_a_customer_sends_back_and_withdraws_with_a_phone(shop: ApiShop, phone: BrowserContext) -> None:
    number = bought(shop)
    page = phone.new_page()
    page.goto(f"{shop.url}/my")
    page.get_by_label("Numer zamówienia").fill(number)
    page.get_by_label("Adres e-mail").fill(EMAIL)
    fits(page)
    page.get_by_role("button", name="Znajdź zamówienie").click()
    expect(page.get_by_role("heading", name=f"Zamówienie {number}")).to_be_visible()
    home = page.url
    fits(page)
    page.get_by_role("link", name="Wybierz, co odsyłasz").click()
    units = page.locator("select[name^=units]")
    expect(page.locator("select[name^=reason]").first).to_be_hidden()  # asked only of what is chosen
    units.first.select_option("2")
    page.locator("select[name^=reason]").first.select_option("too_small")
    page.get_by_label("Środki w sklepie").check()
    fits(page)
    page.get_by_role("button", name="Zgłoś zwrot").click()
    expect(page.get_by_text("Czeka na naszą odpowiedź")).to_be_visible()
    fits(page)
    with shop.client() as api:
        api.post(f"/v1/returns/{page.url.rpartition('/')[2]}/approve")
    page.reload()
    expect(page.get_by_text("Zaakceptowany: wyślij")).to_be_visible()
    expect(page.get_by_role("link", name="Wydrukuj etykietę zwrotu (PDF)")).to_be_visible()
    fits(page)
    page.goto(home)
    page.get_by_role("link", name="Odstąp od umowy tutaj").click()
    page.get_by_role("button", name="Dalej").click()
    expect(page.get_by_text("1 × Mug")).to_be_visible()  # two are on their way back already
    page.get_by_role("button", name="Potwierdź odstąpienie").click()
    expect(page.get_by_text("Otrzymaliśmy Twoje odstąpienie.")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text(re.compile("We received your withdrawal"))).to_be_visible()
