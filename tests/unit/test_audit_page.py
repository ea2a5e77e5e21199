"""The page of laws says what the registry holds."""

from __future__ import annotations

from pathlib import Path

from app.documents.law_list import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "laws.md"


def test_the_page_of_laws_has_not_drifted() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
