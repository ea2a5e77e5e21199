"""A reader in a browser, as the journeys use one."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

#: Milliseconds a page may take on a busy machine.
PATIENCE = 60_000
#: Milliseconds after which a reader who sees nothing happen clicks once more.
AGAIN = 15_000


@dataclass
class Reader:
    """One reader's window, and every request that wanted to leave the machine."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        """Go to a path and wait until the page has been drawn."""
        self.page.goto(self.address + path)
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until the title stands and the script rests."""
        self.page.wait_for_selector("[data-testid=stMain] h1", timeout=PATIENCE)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE)

    def insist(self, act: Callable[[], object], arrived: Locator) -> None:
        """Do something on a canvas or a chart, and again when nothing comes of it, as a person would.

        Charts and grids are drawn by scripts of their own after the page rests: a click that comes while
        one is drawn again is lost. What has to come of it has to come all the same.
        """
        deadline = time.monotonic() + 2 * PATIENCE / 1000
        while True:
            act()
            try:
                expect(arrived).to_be_visible(timeout=AGAIN)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
            else:
                return


Visit = Callable[..., Reader]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
