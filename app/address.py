"""Widgets in the address bar, by code.

Streamlit's ``bind="query-params"`` writes what a choice *shows*; ours must say the same thing to a
reader of another language and on another day, so choices with labels are bound here, by their codes.
Text, numbers and dates, which show themselves, keep ``bind``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

#: Choices that go along from page to page, with what stays out of the address.
SHARED: dict[str, Any] = {"lang": None, "period": "28d", "compare": "previous", "channel": [], "country": []}
_KEPT = "kept_{key}"
#: What the address held when it was last read or written, by key: a difference means a link or the Back button.
_SEEN = "address_seen"


def read(key: str, default: Any, known: Collection[Any] | None = None) -> Any:
    """Return the value of a choice before (or without) drawing it.

    What a link or the Back button just put into the address, what the reader picked on this page, what
    the address says, what they picked on an earlier page (shared choices only), the default; the first
    that is known.

    Parameters
    ----------
    default : str or list of str
        A list makes it a choice of many.
    known : collection, optional
        Allowed codes; others are dropped.
    """
    many = isinstance(default, list)
    asked = _asked(key, many=many)
    if key in st.session_state and not _moved(key) and _fits(st.session_state[key], known, many=many):
        return st.session_state[key]
    if not asked and key in SHARED:
        asked = st.session_state.get(_KEPT.format(key=key))
    if asked is None or (many and not asked):
        return default
    if many:
        return [code for code in asked if known is None or code in known]
    return asked if known is None or asked in known else default


def _fits(value: Any, known: Collection[Any] | None, *, many: bool) -> bool:
    if value is None:
        return False
    return known is None or (all(v in known for v in value) if many else value in known)


def _asked(key: str, *, many: bool) -> Any:
    return st.query_params.get_all(key) if many else st.query_params.get(key)


def _moved(key: str) -> bool:
    """Say whether the address of a choice was changed by something else than its widget."""
    seen: dict[str, list[str]] = st.session_state.get(_SEEN, {})
    return key in seen and seen[key] != st.query_params.get_all(key)


def _see(key: str) -> None:
    """Remember what the address holds now."""
    st.session_state[_SEEN] = {**st.session_state.get(_SEEN, {}), key: st.query_params.get_all(key)}


@contextmanager
def bound(key: str, default: Any, known: Collection[Any] | None = None) -> Iterator[None]:
    """Bind the widget drawn inside the block, whose ``key`` is `key`; give it no default of its own.

    Parameters
    ----------
    default : str or list of str
        Value that stays out of the address.
    known : collection, optional
        The widget's options.
    """
    st.session_state[key] = read(key, default, known)
    asked = _asked(key, many=isinstance(default, list)) or default
    yield
    value = st.session_state.get(key, default)
    if key in SHARED and value != asked:
        st.session_state[_KEPT.format(key=key)] = value
    write(key, value, default)


def arrive() -> None:
    """Keep the shared choices of the address a reader came with; called at the start of every run, works once.

    What a link inside the dashboard asks for holds on its own page: only what the reader picked, or came
    with, goes along to others.
    """
    if _SEEN in st.session_state:
        return
    st.session_state[_SEEN] = {}
    for key, default in SHARED.items():
        if asked := _asked(key, many=isinstance(default, list)):
            st.session_state[_KEPT.format(key=key)] = asked


def write(key: str, value: str | Sequence[str] | None, default: Any = None) -> None:
    """Put a value into the address, or take it out when it is the default."""
    if not value or value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get_all(key) != ([value] if isinstance(value, str) else list(value)):
        st.query_params[key] = value
    _see(key)


def forget(*keys: str) -> None:
    """Drop choices, so that the address (or the default) decides again."""
    for key in keys:
        st.session_state.pop(key, None)
        st.session_state.pop(_KEPT.format(key=key), None)


def shared() -> dict[str, str | list[str]]:
    """Return the shared choices that differ from their defaults, as a query."""
    found = {key: read(key, default) for key, default in SHARED.items()}
    return {key: value for key, value in found.items() if value and value != SHARED[key]}
