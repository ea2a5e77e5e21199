"""Streamlit's placeholder colours: the browser swaps them for the theme's anywhere in a figure.

They live in an internal module of Streamlit, so they are imported in this one file and a test
holds that they exist. With them no chart knows a hex code and both themes work.
"""

from __future__ import annotations

from streamlit.elements.lib import streamlit_plotly_theme as theme

CATEGORIES: tuple[str, ...] = tuple(getattr(theme, f"CATEGORY_{n}") for n in range(5))
SEQUENTIAL: tuple[str, ...] = tuple(getattr(theme, f"SEQUENTIAL_{n}") for n in range(10))
DIVERGING: tuple[str, ...] = tuple(getattr(theme, f"DIVERGING_{n}") for n in range(10))
INK: str = theme.GRAY_90
PAGE: str = theme.BG_COLOR
#: Fifth categorical: neutral fills and comparison lines (grays of the theme turn near-white in dark mode).
NEUTRAL: str = CATEGORIES[4]
OURS: str = CATEGORIES[0]
SECOND: str = CATEGORIES[1]


def of_position(position: int) -> str:
    """Return the colour of a channel by its place in the registry; beyond the fourth, neutral."""
    return CATEGORIES[position] if 0 <= position < 4 else NEUTRAL
