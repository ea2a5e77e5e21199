"""The style of the customer's pages: our theme's colours and fonts, read from the theme itself."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.portal.html import element
from app.portal.visit import ROOT

_APP = Path(__file__).parents[1]
_SHEET = Path(__file__).parent / "portal.css"
_FONTS = _APP / "static" / "fonts"
#: Names of our colours in the style sheet, and in the theme.
_TOKENS = {
    "page": "backgroundColor", "tint": "secondaryBackgroundColor", "ink": "textColor", "primary": "primaryColor",
    "link": "linkColor", "line": "borderColor", "muted": "grayTextColor", "red": "redTextColor",
    "red-tint": "redBackgroundColor", "orange": "orangeTextColor", "orange-tint": "orangeBackgroundColor",
    "green": "greenTextColor", "green-tint": "greenBackgroundColor", "blue": "blueTextColor",
    "blue-tint": "blueBackgroundColor",
}  # fmt: skip


@lru_cache
def style() -> str:
    """Return the style sheet: fonts, both themes' colours as variables, and the rules."""
    theme = tomllib.loads((_APP / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    light, dark = (_variables(theme[name]) for name in ("light", "dark"))
    faces = "".join(_face(face) for face in theme["fontFaces"])
    light += "--back:var(--tint);--card:var(--page);--control:var(--page);"
    dark += "--back:var(--page);--card:var(--tint);--control:var(--page);"
    dark_mode = f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return f"{faces}:root{{color-scheme:light dark;{light}}}{dark_mode}{_SHEET.read_text(encoding='utf-8')}"


def font(name: str) -> bytes | None:
    """Return a font's file; None when it is none of ours."""
    known = {path.name: path for path in _FONTS.glob("*.woff2")}
    return known[name].read_bytes() if name in known else None


def sheet() -> str:
    """Return the element that asks for the style sheet."""
    return element("link", rel="stylesheet", href=f"{ROOT}/style.css")


def _variables(colours: dict[str, Any]) -> str:
    return "".join(f"--{name}:{colours[key]};" for name, key in _TOKENS.items())


def _face(face: dict[str, str]) -> str:
    url = f"{ROOT}/fonts/{face['url'].rpartition('/')[2]}"
    return (
        f"@font-face{{font-family:'{face['family']}';font-weight:{face['weight']};font-style:{face['style']};"
        f"font-display:swap;src:url({url}) format('woff2');unicode-range:{face['unicodeRange']}}}"
    )
