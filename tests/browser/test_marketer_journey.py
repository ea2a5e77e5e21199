"""The marketer's afternoon: build a segment, count it, download its consent-gated file, in both languages."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Visit, free_port
from hand_made_shop import build
from playwright.sync_api import Page, expect
from shop_extras import give_consents

from app.dashboard_server import Dashboard, running

WORDS = {
    "en": {
        "members": "Members",
        "and": "And group",
        "export": re.compile(r"Export \d+ customer"),
        "download": "Download segment_csv.csv",
        "manifest": "Manifest",
    },
    "pl": {
        "members": "Członkowie",
        "and": "Grupa „i”",
        "export": re.compile(r"Eksportuj \d+ klient"),
        "download": "Pobierz segment_csv.csv",
        "manifest": "Manifest",
    },
}


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home whose customers gave or refused consent."""
    home = build(tmp_path_factory.mktemp("marketing") / "home", running=True)
    return home, give_consents(home)


@pytest.fixture(scope="module")
def dashboard(writable: tuple[Path, list[str]]) -> Iterator[Dashboard]:
    """The dashboard of that home."""
    with running(writable[0], port=free_port()) as served:
        yield served


def members(page: Page, label: str) -> str:
    return page.get_by_test_id("stMetric").filter(has_text=label).first.get_by_test_id("stMetricValue").inner_text()


@pytest.mark.parametrize("language", ["en", "pl"])
def test_build_count_and_download_a_segment(
    visit: Visit, writable: tuple[Path, list[str]], tmp_path: Path, language: str
) -> None:
    words, reader = WORDS[language], visit()
    page = reader.open(f"/segments?lang={language}&segment=number_of_orders%20%3E%3D%201")
    assert members(page, words["members"]) == "10"
    page.get_by_role("button", name=words["and"]).click()
    reader.settled()
    text = page.locator("textarea").first
    expect(text).to_have_value("number_of_orders >= 1 AND number_of_orders >= 2")
    text.fill("number_of_orders >= 1")
    text.press("Control+Enter")
    reader.settled()
    button = page.get_by_role("button", name=words["export"])
    inside = int(re.search(r"\d+", button.inner_text())[0])
    button.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=words["download"]).click()
    file = tmp_path / "segment_csv.csv"
    waiting.value.save_as(file)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=words["manifest"]).click()
    manifest_path = tmp_path / "manifest.json"
    waiting.value.save_as(manifest_path)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    allowed = set(writable[1])
    assert len(rows) == inside
    assert {row["email"] for row in rows} <= allowed
    manifest = json.loads(manifest_path.read_text())
    told = json.dumps(manifest)
    assert "unsubscribed" in told
    assert "hold_out" in told
    assert not allowed & set(told.split('"')), "addresses stay out of the manifest"
    assert reader.outside == []
