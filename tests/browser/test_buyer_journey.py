"""The buyer's walk: suggestion, edited quantity, draft, the PDF that is sent, the supplier's word, goods received."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pdfplumber
import pytest
from browsing import Reader, Visit, free_port
from hand_made_shop import build
from playwright.sync_api import Page, expect
from shop_extras import store_a_forecast

from app.dashboard_server import Dashboard, running

WORDS = {
    "en": {
        "why": "Why this quantity?",
        "use": "Use this quantity",
        "create": re.compile(r"Create \d+ draft"),
        "send": re.compile(r"Send \d+ line"),
        "pdf": "Download PDF",
        "paper": "Purchase order",
        "confirmed": "Confirmed",
        "book": "Book the confirmation",
        "receive": re.compile(r"Receive \d+ line"),
        "take": re.compile(r"Take [\d,]+ units? into stock"),
        "differs": "Something is broken, missing or too many",
        "broken": "Damaged",
        "reason": "Reason",
    },
    "pl": {
        "why": "Dlaczego tyle?",
        "use": "Użyj tej ilości",
        "create": re.compile(r"Utwórz \d+ robocz"),
        "send": re.compile(r"Wyślij \d+ pozycj"),
        "pdf": "Pobierz PDF",
        "paper": "Zamówienie zakupu",
        "confirmed": "Potwierdzone",
        "book": "Zapisz potwierdzenie",
        "receive": re.compile(r"Przyjmij \d+ pozycj"),
        "take": re.compile(r"Przyjmij \d+ sztuk"),
        "differs": "Coś jest uszkodzone, brakuje lub jest za dużo",
        "broken": "Uszkodzone",
        "reason": "Powód",
    },
}


@pytest.fixture(params=["en", "pl"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of the journey's own with a stored forecast: it will be written to."""
    made = build(tmp_path / "home", running=True)
    store_a_forecast(made, rate=12.0)
    return made


@pytest.fixture
def dashboard(home: Path) -> Iterator[Dashboard]:
    """The dashboard of that home."""
    with running(home, port=free_port()) as served:
        yield served


def rows(home: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "oms.db") as connection:
        return connection.execute(statement).fetchall()


def test_from_a_suggestion_to_the_goods_on_the_shelf(visit: Visit, home: Path, tmp_path: Path, language: str) -> None:
    words, reader = WORDS[language], visit()
    before = {number for (number,) in rows(home, "SELECT number FROM purchase_orders")}
    sku = rows(
        home,
        "SELECT v.sku FROM variants v JOIN supplier_items i ON i.variant_id = v.id"
        " JOIN stock_levels l ON l.variant_id = v.id GROUP BY v.id ORDER BY sum(l.available), v.sku LIMIT 1",
    )[0][0]
    page = reader.open(f"/replenishment?lang={language}&replenishment_view=order&line={sku}")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text(words["why"]).first).to_be_visible()
    field = drawer.locator("input[type=number]").first
    field.fill("480")
    field.press("Enter")
    reader.settled()
    drawer.get_by_role("button", name=words["use"]).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    reader.settled()
    page.get_by_role("button", name=words["create"]).click()
    expect(page.get_by_role("heading", name=re.compile("Purchase orders|Zamówienia zakupu")).first).to_be_visible()
    reader.settled()
    drafts = [
        number
        for number, ordered in rows(
            home,
            "SELECT p.number, l.quantity FROM purchase_orders p"
            " JOIN purchase_order_lines l ON l.purchase_order_id = p.id"
            f" JOIN variants v ON v.id = l.variant_id WHERE p.state = 'draft' AND v.sku = '{sku}' AND l.quantity = 480",
        )
        if number not in before and ordered == 480
    ]
    assert len(drafts) == 1
    page = reader.open(f"/purchase-orders?lang={language}&po={drafts[0]}")
    page.get_by_role("button", name=words["send"]).click()
    reader.settled()
    expect(page.get_by_role("button", name=words["send"])).to_have_count(0)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=words["pdf"]).click()
    paper = tmp_path / "order.pdf"
    waiting.value.save_as(paper)
    with pdfplumber.open(paper) as opened:
        text = "\n".join(one.extract_text() for one in opened.pages)
    assert str(drafts[0]) in text
    assert words["paper"].lower() in text.lower()
    assert "480" in text
    assert rows(home, f"SELECT state FROM purchase_orders WHERE number = '{drafts[0]}'") == [("sent",)]
    take_delivery(page, reader, words)
    assert rows(home, f"SELECT state FROM purchase_orders WHERE number = '{drafts[0]}'") == [("received",)]
    assert rows(home, "SELECT kind, quantity, reason FROM receipt_discrepancies") == [("damaged", 2, "wet box")]
    came = rows(
        home,
        "SELECT m.to_state, sum(m.quantity) FROM stock_movements m JOIN receipt_lines l ON l.id = m.receipt_line_id"
        " JOIN receipts r ON r.id = l.receipt_id JOIN purchase_orders p ON p.id = r.purchase_order_id"
        f" WHERE p.number = '{drafts[0]}' GROUP BY m.to_state",
    )
    assert ("damaged", 2) in came
    assert reader.outside == []


def take_delivery(page: Page, reader: Reader, words: dict[str, str | re.Pattern[str]]) -> None:
    """Book the supplier's word, then take the goods in with two broken ones."""
    page.get_by_role("button", name=words["confirmed"]).click()
    page.get_by_role("button", name=words["book"]).click()
    expect(page.get_by_role("button", name=words["confirmed"])).to_have_count(0)
    reader.settled()
    page.get_by_role("button", name=words["receive"]).click()
    page.get_by_text(str(words["differs"])).click()
    broken = page.get_by_label(words["broken"], exact=True).first
    broken.fill("2")
    broken.press("Enter")
    why = page.get_by_label(words["reason"], exact=True).first
    why.fill("wet box")
    why.press("Enter")
    reader.settled()
    page.get_by_role("button", name=words["take"]).click()
    expect(page.get_by_role("button", name=words["receive"])).to_have_count(0)
    reader.settled()
