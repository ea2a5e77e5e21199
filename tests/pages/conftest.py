"""Pages without a browser: a small shop, a frozen clock, one replica for a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from books_shop import TODAY, build_books
from hand_made_shop import build
from page_reader import Open, opener


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small shop; nobody writes to it."""
    return build(tmp_path_factory.mktemp("small") / "home")


@pytest.fixture(scope="session")
def built_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a catalogue and not one order."""
    return build(tmp_path_factory.mktemp("empty") / "home", orders=False)


@pytest.fixture
def shop(built_shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the small shop: ``shop("orders", view="late")``."""
    yield from opener(built_shop, monkeypatch)


@pytest.fixture
def empty_shop(built_empty: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of a shop without orders."""
    yield from opener(built_empty, monkeypatch)


@pytest.fixture
def own_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of a small shop of the test's own, to act in."""
    yield from opener(build(tmp_path / "home"), monkeypatch)


@pytest.fixture(scope="session")
def built_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a shop that has money in every state; nobody writes to it."""
    return build_books(tmp_path_factory.mktemp("books") / "home")


@pytest.fixture
def money(built_books: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the shop with money in every state."""
    yield from opener(built_books, monkeypatch, now=TODAY)


@pytest.fixture
def own_money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of such a shop of the test's own, to act in."""
    yield from opener(build_books(tmp_path / "home"), monkeypatch, now=TODAY)
