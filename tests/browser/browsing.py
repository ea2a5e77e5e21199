"""A reader in a browser, as the journeys use one."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from playwright.sync_api import Page

#: Milliseconds a page may take on a busy machine.
PATIENCE = 60_000


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


Visit = Callable[..., Reader]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
