"""Reading a page of an AppTest as a person would."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import streamlit as st
from hand_made_shop import NOW
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from app import data
from oms_core.kernel import clock

MAIN = str(Path(data.__file__).parent / "main.py")
#: Seconds a page may take under load.
PATIENCE = 180
# A page under test reads the metadata of every installed package, for components that could come with one, anew.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
#: Opens a page: ``open("orders", view="late")``.
Open = Callable[..., AppTest]


def words(at: AppTest) -> str:
    """Return everything a page says, for searching."""
    kinds = ("title", "subheader", "caption", "markdown", "error", "warning")
    said = [str(element.value) for kind in kinds for element in getattr(at, kind)]
    said += [f"{m.label} {m.value} {m.delta}" for m in at.metric]
    return "\n".join([*said, *(b.label for b in at.button)])


def opener(home: Path, monkeypatch: pytest.MonkeyPatch, *, now: datetime = NOW) -> Iterator[Open]:
    """Open pages of a home while the block runs; the clock stands still."""
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
