"""Addresses in a real browser: both of Today's, links on tiles, Back, the menu's theme."""

from __future__ import annotations

import pytest
from browsing import Visit
from playwright.sync_api import expect


@pytest.mark.parametrize("path", ["/", "/today"])
def test_today_opens_at_both_of_its_addresses(visit: Visit, path: str) -> None:
    page = visit().open(path)
    expect(page.locator("h1").first).to_have_text("Today")
    expect(page.locator("[role=dialog]")).to_have_count(0)
    expect(page.locator("[data-testid=stTopNavLink][aria-current=page]")).to_contain_text("Today")


def test_the_keyboard_follows_a_tile_and_back_undoes_it(visit: Visit) -> None:
    reader = visit()
    page = reader.open("/stock")
    chosen = page.locator("[data-testid=stButtonGroup] [aria-checked=true]")
    expect(chosen).to_contain_text("Runs out")
    page.locator("[data-testid=stPageLink] a").filter(has_text="Too much").first.focus()
    page.keyboard.press("Enter")
    expect(chosen).to_contain_text("Too much")
    assert "stock_view=excess" in page.url
    page.go_back()
    expect(chosen).to_contain_text("Runs out")


def test_the_menu_offers_the_themes(visit: Visit) -> None:
    page = visit(theme="light").open("/metrics")
    page.locator("[data-testid=stMainMenu] button").first.click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", "rgb(16, 20, 26)")
