"""HTML made of elements: every text is escaped unless an element made it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Child: TypeAlias = "str | int | Iterable[Child] | None"

_VOID = frozenset({"input", "meta", "link", "br", "hr"})
#: Python words that are attributes of HTML.
_NAMES = {"cls": "class", "for_": "for", "type_": "type"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element with its children (texts are escaped, None is left out, lists are joined).

    An attribute that is True stands bare; None and False leave it out. ``cls`` is ``class``, ``for_``
    is ``for``; underscores are hyphens.
    """
    told = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if tag in _VOID:
        return Html(f"<{tag}{told}>")
    return Html(f"<{tag}{told}>{joined(children)}</{tag}>")


def joined(children: Iterable[Child]) -> Html:
    """Return children one after the other."""
    return Html("".join(_told(child) for child in children))


def _told(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return escape(str(child))
    return joined(child)


def _attribute(name: str, value: str | int | bool) -> str:  # noqa: FBT001 - the value of an attribute
    key = _NAMES.get(name, name.replace("_", "-"))
    if isinstance(value, bool):
        return f" {key}" if value else ""
    return f' {key}="{escape(str(value))}"'
