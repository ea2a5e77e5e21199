"""The manager's morning: from Today to the orders behind a number, in both languages and themes, on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import PATIENCE, Reader, Visit
from playwright.sync_api import Locator, Page, expect

from app.workspace import Workspace
from oms_core.intake.commands import place
from oms_core.intake.documents import order_from
from oms_core.kernel import clock

WORDS = {
    "en": {
        "today": "Today",
        "orders": "Orders",
        "open": re.compile(r"Open \d+ orders"),
        "what": "What happened?",
        "next": "Next",
    },
    "pl": {
        "today": "Dzisiaj",
        "orders": "Zamówienia",
        "open": re.compile(r"Otwórz \d+ zamówie"),
        "what": "Co się wydarzyło?",
        "next": "Następne",
    },
}


PAGES = (
    "/", "/sales", "/orders", "/customers", "/segments", "/stock", "/forecast", "/replenishment", "/purchase-orders",
    "/returns", "/metrics", "/health",
)  # fmt: skip


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")


def open_row(reader: Reader, arrived: Locator, y: int = 50) -> None:
    """Click a row of the page's first grid, which draws itself on a canvas."""
    grid = reader.page.get_by_test_id("stDataFrame").first
    reader.insist(lambda: grid.click(position={"x": 40, "y": y}), arrived)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("pl", "dark")])
def test_from_today_to_the_orders_behind_a_number(visit: Visit, language: str, theme: str) -> None:
    words, reader = WORDS[language], visit(theme=theme)
    page = reader.open(f"/?lang={language}")
    expect(page.get_by_role("heading", name=words["today"], exact=True)).to_be_visible()
    assert background(page) == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 20, 26)"}[theme]
    button = page.get_by_role("link", name=words["open"])
    late = re.search(r"\d+", button.inner_text())[0]
    button.click()
    expect(page.get_by_role("heading", name=words["orders"], exact=True)).to_be_visible()
    reader.settled()
    expect(page.get_by_text(re.compile(rf"^{late} (orders|zamówie)")).first).to_be_visible()
    assert query(page)["view"] == ["late"]
    assert query(page).get("lang", ["en"]) == [language]
    drawer = page.get_by_role("dialog")
    open_row(reader, drawer)
    expect(drawer.get_by_text(words["what"])).to_be_visible()
    number = query(page)["order"][0]
    expect(drawer.get_by_text(f"#{number}")).to_be_visible()
    reader.settled()
    drawer.get_by_role("button", name=words["next"]).click()
    page.wait_for_function("before => !location.search.includes(`order=${before}`)", arg=number)
    expect(page.get_by_role("dialog").get_by_text(f"#{query(page)['order'][0]}")).to_be_visible()
    assert reader.outside == []


def test_an_orders_address_opens_the_same_drawer_for_a_colleague(visit: Visit) -> None:
    first = visit()
    page = first.open("/orders?view=late")
    open_row(first, page.get_by_role("dialog"))
    address = page.url.replace(first.address, "")
    second = visit(locale="pl-PL")
    other = second.open(address)
    expect(other.get_by_role("dialog").get_by_text("Co się wydarzyło?")).to_be_visible()
    number = query(page)["order"][0]
    expect(other.get_by_role("dialog").get_by_text(f"Zamówienie #{number}")).to_be_visible()


def test_closing_the_drawer_gives_the_list_back(visit: Visit) -> None:
    reader = visit()
    page = reader.open("/orders?view=late")
    open_row(reader, page.get_by_role("dialog"))
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_function("!location.search.includes('order=')")
    reader.settled()
    open_row(reader, page.get_by_role("dialog"), y=82)


def test_the_language_is_switched_and_stays_from_page_to_page(visit: Visit) -> None:
    reader = visit()
    page = reader.open("/sales")
    page.get_by_role("button", name="EN", exact=True).click()
    page.get_by_role("radio", name="Polski").click()
    expect(page.get_by_role("heading", name="Sprzedaż", exact=True)).to_be_visible()
    assert query(page)["lang"] == ["pl"]
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Dzisiaj").click()
    expect(page.get_by_role("heading", name="Dzisiaj", exact=True)).to_be_visible()
    page.wait_for_function("location.search.includes('lang=pl')")


def test_a_filter_goes_into_the_address_and_along_to_the_orders(visit: Visit) -> None:
    reader = visit()
    page = reader.open("/sales?channel=web&period=90d")
    expect(page.get_by_role("button", name=re.compile("^Web"))).to_be_visible()
    page.get_by_role("button", name="Open the orders").click()
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()
    reader.settled()
    page.wait_for_function("location.search.includes('channel=web')")
    assert query(page)["period"] == ["90d"]


def test_a_bar_of_a_chart_leads_to_its_orders(visit: Visit) -> None:
    reader = visit(height=1400)
    page = reader.open("/sales")
    chart = page.get_by_test_id("stPlotlyChart").first
    chart.locator(".bars .point path").first.wait_for(state="attached")
    bars = chart.locator(".bars .point path")

    def click_one() -> None:
        if bars.count() > 3 and (box := bars.nth(3).bounding_box()):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    reader.insist(click_one, page.get_by_role("heading", name="Orders", exact=True))
    reader.settled()
    page.wait_for_function("location.search.includes('placed')")
    assert "channel" in query(page)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone_in_the_longer_language(phone: Reader, path: str) -> None:
    page = phone.open(f"{path}?lang=pl")
    wide = page.evaluate(
        "(() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth - main.clientWidth; })()"
    )
    assert wide <= 1
    assert page.get_by_text("This card failed").count() == 0
    assert phone.outside == []


def test_an_export_downloads_the_rows_of_the_list(visit: Visit) -> None:
    page = visit().open("/orders?view=late")
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    file = waiting.value
    assert re.fullmatch(r"orders_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv", file.suggested_filename)
    text = file.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("number,order_date,placed_at")


def test_numbers_move_without_a_reload(visit: Visit, served_home: Path) -> None:
    page = visit().open("/")
    shown = page.get_by_text(re.compile(r"^Sales £")).first.inner_text().partition(" by ")[0]
    order_eighty(served_home)
    page.wait_for_function(
        "before => [...document.querySelectorAll('p')].filter(p => p.innerText.startsWith('Sales £'))"
        ".some(p => !p.innerText.startsWith(before))",
        arg=f"{shown} by ",
        timeout=PATIENCE,
    )


def order_eighty(home: Path) -> None:
    """Place an order of eighty pieces in the served shop, as another process would."""
    before, workspace = clock.offset(), Workspace.open(home)
    asked = {
        "channel": "web", "external_id": "eighty", "currency": "GBP",
        "lines": [{"sku": "22111", "quantity": 80, "unit_price": "2.75"}],
        "customer": {"email": "anna@example.com", "name": "Anna Nowak"},
        "shipping_address": {"name": "Anna Nowak", "city": "Leeds", "postal_code": "LS1 4AP", "country": "GB"},
        "payments": [{"kind": "capture", "amount": "220.00", "gateway": "card"}],
    }  # fmt: skip
    with workspace.transaction() as session:
        place(session, workspace.shop, order_from(asked))
    workspace.close()
    clock.set_offset(before)
