"""Addresses between pages: the reader's filters and language travel along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

#: Bound widgets every page keeps: key to the value that stays out of the address.
SHARED: dict[str, object] = {
    "lang": None,
    "period": "28d",
    "compare": "previous",
    "range": (),
    "channel": [],
    "country": [],
}

Query = dict[str, str | Sequence[str]]


def shared() -> Query:
    """Return the shared part of the current address: what differs from the defaults."""
    found: Query = {}
    for key, default in SHARED.items():
        value = st.session_state[key] if key in st.session_state else st.query_params.get_all(key)
        texts = [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)] if value else []
        if texts and value not in (default, list(default) if isinstance(default, tuple) else default):
            found[key] = texts if len(texts) > 1 else texts[0]
    return found


def address(own: Mapping[str, str | Sequence[str]] | None = None) -> Query:
    """Return the query of a link: shared filters and what this link adds."""
    return {**shared(), **{k: v for k, v in (own or {}).items() if v}}


def go(page: str, **own: str | Sequence[str]) -> None:
    """Leave for another page (its file in ``app_pages``), filters and language included."""
    for key in own:
        st.session_state.pop(key, None)
    st.switch_page(f"app_pages/{page}.py", query_params=address(own))


def here() -> str:
    """Return the address of this page as the reader would copy it."""
    base = (st.context.url or "").split("?")[0]
    pairs = [(k, v) for k in st.query_params for v in st.query_params.get_all(k)]
    from urllib.parse import urlencode

    return base + (f"?{urlencode(pairs)}" if pairs else "")
