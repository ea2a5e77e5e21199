"""Units of lines that a customer picks in a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.portal.frame import choice
from app.portal.html import Html, element
from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Units up to which a list is offered; above, a number is typed.
_LISTED = 20
_PREFIX = "units-"
_MOST = 1_000_000


def units_choice(name: str, most: int, chosen: str, *, label: str) -> Html:
    """Return a control for 0 to `most` units."""
    if most <= _LISTED:
        return choice(name, {str(n): str(n) for n in range(most + 1)}, chosen or "0", label=label)
    return element(
        "input", type_="number", name=name, min=0, max=most, value=chosen or "0", inputmode="numeric", aria_label=label
    )


def picked(form: Mapping[str, str]) -> dict[int, int]:
    """Return units by order line, those above zero; a field that is no number is refused as a changed form."""
    units: dict[int, int] = {}
    for name, value in form.items():
        key = name.removeprefix(_PREFIX)
        if name == key or value in ("", "0"):
            continue
        if not (_is_number(key) and _is_number(value)) or int(value) > _MOST:
            raise InvalidInput("units", value, "a number of units was expected", code="portal.form_unknown")
        if int(value):
            units[int(key)] = int(value)
    return units


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 15
