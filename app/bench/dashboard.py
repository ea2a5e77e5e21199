"""Every page of the dashboard against an empty Streamlit page: what our own code adds to opening one.

The shop is a simulated one. Each page runs whole (`streamlit.testing`: the script, the session, every query and every
element, without a browser), warm: it was opened once before. The peer is a page that says one word.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bench.registry import pairs

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

#: Order lines of the shop.
LINES = 3_000
#: Order lines an order has in the simulated shop, about.
A_ORDER = 2.7
PAGES = Path(__file__).parents[1] / "app_pages"
MAIN = PAGES.with_name("main.py")
EMPTY = "import streamlit as st\nst.write('empty')\n"
#: Seconds a page may take on a busy machine.
PATIENCE = 120.0


def run(*, lines: int | None = None) -> list[dict[str, Any]]:
    """Measure every page, in turn with an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        _built(home, max(100, int((lines or LINES) / A_ORDER)))
        before = os.environ.get("ORDERSIGHT_HOME")
        os.environ["ORDERSIGHT_HOME"] = str(home)
        try:
            return [_measured(page.stem) for page in sorted(PAGES.glob("*.py"))]
        finally:
            _put_back(before)


def _built(home: Path, orders: int) -> None:
    """Build the shop in a process of its own: the measuring one stays as a dashboard finds it."""
    words = ("demo", "--home", str(home), "--shop", "simulated", "--orders", str(orders), "--no-serve")
    start = "from app.cli.main import run; run()"
    subprocess.run([sys.executable, "-c", start, *words], check=True, capture_output=True)  # noqa: S603 - our own


def _put_back(before: str | None) -> None:
    if before is None:
        del os.environ["ORDERSIGHT_HOME"]
    else:
        os.environ["ORDERSIGHT_HOME"] = before


def _measured(page: str) -> dict[str, Any]:
    from streamlit.testing.v1 import AppTest

    ours = AppTest.from_file(str(MAIN), default_timeout=PATIENCE).run()
    ours.switch_page(f"app_pages/{page}.py")
    empty = AppTest.from_string(EMPTY, default_timeout=PATIENCE)
    row = pairs(f"page {page}", lambda: _opened(ours, page), empty.run, n=3)
    return row | {"ratio": round(row["peer"] / row["ours"], 3)}


def _opened(at: AppTest, page: str) -> None:
    """Run the page; one that fails is no measurement."""
    at.run()
    if at.exception:
        message = f"page {page} failed: {at.exception[0].value}"
        raise AssertionError(message)
