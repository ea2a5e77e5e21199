"""One order's life at the desk, in a browser: edited, sent in two parcels, partly returned, partly exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Reader, free_port
from conftest import watch
from hand_made_shop import build
from playwright.sync_api import Browser, Locator, expect

from app.dashboard_server import Dashboard, running
from app.workspace import Workspace

WORDS = {
    "en": {
        "edit": "Edit", "shipping": "Shipping", "shipping_field": "Shipping, GBP",
        "confirm": "Confirm 1 change", "ship": "Ship from Leeds", "part": "Ship 6 units, keep the rest",
        "rest": "Ship all open units", "more": "More", "return": "Request a return",
        "return_do": "Request the return of 1 units", "exchange": "Exchange goods", "find": "SKU or name",
        "exchange_do": "Request the exchange", "parcels": "Work and parcels", "changes": re.compile("^Changes 1"),
        "cases": re.compile("^Returns 3"), "history": "History", "edited": re.compile("Edited"),
        "approve": "Approve the return", "approve_exchange": "Approve the exchange",
        "count": "Count 1 unit in", "decide": "Decide on 1 unit", "back": re.compile("^Give £2.* back"),
        "return_is": "Return ", "exchange_is": "Exchange ", "given": re.compile("given back through"),
        "complete": re.compile("^Complete the exchange"), "done": re.compile("Exchange .* is completed"),
    },
    "pl": {
        "edit": "Edytuj", "shipping": "Przewóz", "shipping_field": "Przewóz, GBP",
        "confirm": "Zatwierdź 1 zmianę", "ship": "Wyślij z: Leeds", "part": "Wyślij sztuk: 6, resztę zostaw",
        "rest": "Wyślij wszystkie sztuki", "more": "Więcej", "return": "Zgłoś zwrot",
        "return_do": "Zgłoś zwrot, sztuk: 1", "exchange": "Wymień towar", "find": "SKU albo nazwa",
        "exchange_do": "Zgłoś wymianę", "parcels": "Wysyłka i paczki", "changes": re.compile("^Zmiany 1"),
        "cases": re.compile("^Zwroty 3"), "history": "Historia", "edited": re.compile("Zmieniono"),
        "approve": "Zatwierdź zwrot", "approve_exchange": "Zatwierdź wymianę",
        "count": "Przyjmij 1 sztukę", "decide": "Rozstrzygnij 1 sztukę", "back": re.compile("^Oddaj 2"),
        "return_is": "Zwrot ", "exchange_is": "Wymiana ", "given": re.compile("oddano .* przez"),
        "complete": re.compile("^Zakończ wymianę"),
        "done": re.compile("Wymiana .* jest zakończona"),
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shop of this journey's own with one fresh order for each language: number by language."""
    home = build(tmp_path_factory.mktemp("desk") / "home", running=True)
    workspace = Workspace.open(home)
    found = {language: placed(workspace, language) for language in WORDS}
    workspace.close()
    return {"home": str(home), **found}


def placed(workspace: Workspace, language: str) -> str:
    from oms_core.intake import commands as intake
    from oms_core.intake.documents import order_from

    document = {
        "channel": "web", "external_id": f"walk-{language}", "currency": "GBP",
        "lines": [
            {"sku": "22074", "quantity": 6, "unit_price": "2.15"},
            {"sku": "22111", "quantity": 4, "unit_price": "2.75"},
        ],
        "customer": {"email": f"anna.{language}@example.com", "name": "Anna Nowak"},
        "shipping_address": {"name": "Anna Nowak", "city": "Leeds", "postal_code": "LS1 4AP", "country": "GB"},
        "payments": [{"kind": "capture", "amount": "23.90", "gateway": "card"}],
    }  # fmt: skip
    with workspace.transaction() as session:
        return str(intake.place(session, workspace.shop, order_from(document))["number"])


@pytest.fixture(scope="module")
def desk(orders: dict[str, str]) -> Iterator[Dashboard]:
    with running(Path(orders["home"]), port=free_port()) as served:
        yield served


@pytest.fixture
def reader(browser: Browser, desk: Dashboard) -> Iterator[Reader]:
    context = browser.new_context(viewport={"width": 1440, "height": 1100}, locale="en-GB")
    context.set_default_timeout(40_000)
    made = Reader(context.new_page(), f"http://127.0.0.1:{desk.port}")
    watch(context, made)
    yield made
    context.close()


def fill(drawer: Locator, label: str | re.Pattern[str], value: str) -> None:
    boxes = [drawer.get_by_role(role, name=label) for role in ("spinbutton", "textbox", "searchbox")]
    field = boxes[0].or_(boxes[1]).or_(boxes[2]).first
    field.fill(value)
    field.press("Tab")


def press(reader: Reader, name: str | re.Pattern[str]) -> None:
    """Press a button of the drawer once it may be pressed, and wait until the page rests."""
    button = reader.page.get_by_role("dialog").get_by_role("button", name=name).first
    expect(button).to_be_enabled()
    reader.settled()
    button.click()
    reader.page.wait_for_timeout(300)
    reader.settled()


def choose(reader: Reader, menu: str, item: str) -> None:
    """Pick an action that stands in the menu, or press it when there is room for it in the bar."""
    drawer = reader.page.get_by_role("dialog")
    reader.settled()
    if drawer.get_by_role("button", name=item, exact=True).count():
        press(reader, item)
        return
    drawer.get_by_role("button", name=menu, exact=True).click()
    reader.page.get_by_role("menuitem", name=item).or_(reader.page.get_by_role("option", name=item)).first.click()
    reader.page.wait_for_timeout(300)
    reader.settled()


def side(reader: Reader, name: str) -> None:
    """Turn to a side of the order once the drawer has been drawn anew."""
    tab = reader.page.get_by_role("dialog").get_by_role("tab", name=name)
    expect(tab).to_have_count(1)
    reader.settled()
    tab.click()


@pytest.mark.parametrize("language", ["pl"])  # pages are walked in English in tests/pages
def test_an_order_is_edited_split_returned_and_exchanged(reader: Reader, orders: dict[str, str], language: str) -> None:
    words, number = WORDS[language], orders[language]
    page = reader.open(f"/orders?view=all&order={number}&lang={language}")
    drawer = page.get_by_role("dialog")

    press(reader, words["edit"])
    drawer.get_by_text(words["shipping"], exact=True).first.click()
    fill(drawer, words["shipping_field"], "4")
    press(reader, words["confirm"])
    expect(drawer.get_by_role("tab", name=words["changes"])).to_be_visible()

    press(reader, words["ship"])
    fill(drawer, re.compile("22111"), "0")
    press(reader, words["part"])
    press(reader, words["ship"])
    press(reader, words["rest"])
    side(reader, words["parcels"])
    expect(drawer.locator("strong", has_text="DPD")).to_have_count(2)

    choose(reader, words["more"], words["return"])
    fill(drawer, re.compile("22074"), "1")
    press(reader, words["return_do"])
    choose(reader, words["more"], words["exchange"])
    fill(drawer, re.compile("22074"), "1")
    fill(drawer, words["find"], "22148")
    press(reader, words["exchange_do"])
    expect(drawer.get_by_role("tab", name=words["cases"])).to_be_visible()
    for kind, many in (("exchange_is", 1), ("return_is", 2)):  # the exchange has a return of its own
        expect(drawer.locator("strong", has_text=re.compile(f"^{words[kind]}"))).to_have_count(many)
    cases = drawer.locator("strong").all_inner_texts()
    side(reader, words["history"])
    expect(drawer.get_by_text(words["edited"]).first).to_be_visible()
    assert reader.outside == []
    at_the_returns_desk(reader, language, cases)


def at_the_returns_desk(reader: Reader, language: str, cases: list[str]) -> None:
    """Take the return to the money given back, and the exchange to its end."""
    words, page = WORDS[language], reader.page
    drawer = page.get_by_role("dialog")
    # newest first: the younger return is the exchange's own, whose money the exchange settles
    returned = [text.split()[-1] for text in cases if text.startswith(words["return_is"])][-1]
    reader.open(f"/returns?case=return:{returned}&lang={language}")
    press(reader, words["approve"])
    press(reader, words["count"])
    press(reader, words["decide"])
    press(reader, words["back"])
    expect(drawer.get_by_text(words["given"]).first).to_be_visible()

    exchanged = next(text.split()[-1] for text in cases if text.startswith(words["exchange_is"]))
    reader.open(f"/returns?queue=exchanges&case=exchange:{exchanged}&lang={language}")
    press(reader, words["approve_exchange"])
    press(reader, words["count"])
    press(reader, words["decide"])
    press(reader, words["complete"])
    expect(page.get_by_text(words["done"]).first).to_be_visible()
    assert reader.outside == []
