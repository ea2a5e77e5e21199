"""A real browser on a real server: one already there, else installed; it finds this machine and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import PATIENCE, Reader, Visit, free_port
from hand_made_shop import build
from playwright.sync_api import Browser, BrowserContext, Playwright, Request, expect, sync_playwright

from app.dashboard_server import Dashboard, running

#: Names of browsers that may be there, and what keeps them quiet, at home and able to run as root.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
PHONE = (
    "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def executable(playwright: Playwright) -> str | None:
    """Return a browser's path (None: Playwright's own), installing one when there is none.

    A system browser first, then Playwright's download, then the system's package manager; when
    nothing works the tests fail with what was tried, they are not skipped.
    """
    given = os.environ.get("ORDERSIGHT_BROWSER")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    if Path(playwright.chromium.executable_path).exists():
        return None
    tried = [install([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])]
    if Path(playwright.chromium.executable_path).exists():
        return None
    if shutil.which("apt-get"):
        tried.append(install(["apt-get", "install", "--yes", "--quiet", "chromium"]))
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("No browser could be found or installed:\n" + "\n".join(tried), pytrace=False)
    return found


def install(command: list[str]) -> str:
    """Run an installer and return its last words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    return f"{' '.join(command)} -> {done.returncode}: {(done.stdout + done.stderr)[-500:]}"


expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all journeys."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable(playwright), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def served_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop made by hand."""
    return build(tmp_path_factory.mktemp("served") / "home", running=True)


@pytest.fixture(scope="session")
def dashboard(served_home: Path) -> Iterator[Dashboard]:
    """Its dashboard, served by the real command's server."""
    with running(served_home, port=free_port()) as served:
        yield served


@pytest.fixture
def visit(browser: Browser, dashboard: Dashboard) -> Iterator[Visit]:
    """Make a reader: ``visit(theme="dark", width=390)``; requests that want to leave the machine are remembered."""
    contexts: list[BrowserContext] = []

    def make(**how: Any) -> Reader:
        reader = reading(browser, dashboard, **how)
        contexts.append(reader.page.context)
        return reader

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def phone(browser: Browser, dashboard: Dashboard) -> Iterator[Reader]:
    """One phone for all who only look at pages: what it has loaded it need not load again."""
    reader = reading(browser, dashboard, width=390, height=844)
    yield reader
    reader.page.context.close()


def reading(
    browser: Browser,
    dashboard: Dashboard,
    *,
    theme: str = "light",
    width: int = 1440,
    height: int = 1000,
    locale: str = "en-GB",
) -> Reader:
    """Return a reader with a window of their own."""
    small = {"user_agent": PHONE, "is_mobile": True, "has_touch": True} if width < 500 else {}
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale=locale, accept_downloads=True, **small
    )
    context.set_default_timeout(PATIENCE)
    reader = Reader(context.new_page(), f"http://127.0.0.1:{dashboard.port}")
    watch(context, reader)
    return reader


def watch(context: BrowserContext, reader: Reader) -> None:
    """Remember every request that wants to leave this machine; the browser finds no other (see :data:`FLAGS`)."""

    def note(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", "localhost", None}:
            reader.outside.append(request.url)

    context.on("request", note)
