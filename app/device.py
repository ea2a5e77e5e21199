"""What the reader holds: a phone, or a screen with room beside."""

from __future__ import annotations

import streamlit as st


def on_phone() -> bool:
    """Say whether the reader holds a phone: then rows become cards, and what would be cut goes into the help."""
    headers = st.context.headers
    return headers.get("Sec-Ch-Ua-Mobile") == "?1" or "Mobi" in (headers.get("User-Agent") or "")


def theme() -> str:
    """Return the theme the reader sees: ``light`` or ``dark``."""
    return "dark" if st.context.theme.type == "dark" else "light"
