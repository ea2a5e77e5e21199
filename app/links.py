"""Addresses between pages: the reader's filters and language travel along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from app import address

_GOING = "going_to"

Query = dict[str, str | Sequence[str]]


def query(own: Mapping[str, str | Sequence[str]] | None = None) -> Query:
    """Return the query of a link: shared filters and what this link adds."""
    return {**address.shared(), **{k: v for k, v in (own or {}).items() if v}}


def go(page: str, **own: str | Sequence[str]) -> None:
    """Leave for another page (its file in ``app_pages``), filters and language included.

    The whole app reruns first and leaves at its start (:func:`follow`): a part that redraws itself
    may not switch pages from inside without racing its own clock.
    """
    address.forget(*own)
    st.session_state[_GOING] = (page, query(own))
    st.rerun()


def follow() -> None:
    """Go where the reader wanted to go, if anywhere; called once at the start of every run."""
    if _GOING in st.session_state:
        page, wanted = st.session_state.pop(_GOING)
        st.switch_page(f"app_pages/{page}.py", query_params=wanted)


def here() -> str:
    """Return the address of this page as the reader would copy it."""
    base = (st.context.url or "").split("?")[0]
    pairs = [(k, v) for k in st.query_params for v in st.query_params.get_all(k)]
    return base + (f"?{urlencode(pairs)}" if pairs else "")


def detail(key: str) -> str | None:
    """Return the object this address opens (``?order=537700``), if any."""
    return st.query_params.get(key) or None


def open_detail(key: str, value: str) -> None:
    """Put an object into the address, so that its drawer can be sent to a colleague."""
    st.query_params[key] = value


def close_detail(key: str) -> None:
    """Take the object out of the address."""
    st.query_params.pop(key, None)
