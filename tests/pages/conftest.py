"""Pages without a browser: a small shop, a frozen clock, one replica for a session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import streamlit as st
from books_shop import TODAY, build_books
from hand_made_shop import NOW, build
from page_reader import Open
from streamlit.testing.v1 import AppTest

from app import data
from oms_core.kernel import clock

MAIN = str(Path(data.__file__).parent / "main.py")
#: Seconds a page may take under load.
PATIENCE = 60


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small shop; nobody writes to it."""
    return build(tmp_path_factory.mktemp("small") / "home")


@pytest.fixture(scope="session")
def built_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a catalogue and not one order."""
    return build(tmp_path_factory.mktemp("empty") / "home", orders=False)


def _opener(home: Path, monkeypatch: pytest.MonkeyPatch, *, now: datetime = NOW) -> Iterator[Open]:
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("ORDERSIGHT_HOME", str(home))
    with clock.frozen(now):

        def open_page(page: str = "today", **query: str | list[str]) -> AppTest:
            at = AppTest.from_file(MAIN, default_timeout=PATIENCE)
            at.query_params.from_dict(query) if hasattr(at.query_params, "from_dict") else at.query_params.update(query)
            if "_" in page:
                at.run()  # only then is the page known by its address, which has a hyphen
            if page != "today":
                at.switch_page(f"app_pages/{page}.py")
            return at.run()

        yield open_page
        st.cache_resource.clear()


@pytest.fixture
def shop(built_shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the small shop: ``shop("orders", view="late")``."""
    yield from _opener(built_shop, monkeypatch)


@pytest.fixture
def empty_shop(built_empty: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of a shop without orders."""
    yield from _opener(built_empty, monkeypatch)


@pytest.fixture
def own_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of a small shop of the test's own, to act in."""
    yield from _opener(build(tmp_path / "home"), monkeypatch)


@pytest.fixture(scope="session")
def built_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a shop that has money in every state; nobody writes to it."""
    return build_books(tmp_path_factory.mktemp("books") / "home")


@pytest.fixture
def money(built_books: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of the shop with money in every state."""
    yield from _opener(built_books, monkeypatch, now=TODAY)


@pytest.fixture
def own_money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page of such a shop of the test's own, to act in."""
    yield from _opener(build_books(tmp_path / "home"), monkeypatch, now=TODAY)
