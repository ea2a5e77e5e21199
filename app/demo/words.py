"""The words the demo shop invents with: names, towns, category rules (``data/words.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words() -> dict[str, Any]:
    """Read the words once."""
    return tomllib.loads((files("app.demo") / "data" / "words.toml").read_text(encoding="utf-8"))


@cache
def names(kind: str) -> tuple[str, ...]:
    """Return the words of one kind of name: ``first, second`` (companies), ``given, family`` (people)."""
    return tuple(words()["names"][kind].split())


@cache
def towns(country: str) -> tuple[tuple[str, str], ...]:
    """Return ``(city, postal code)`` of towns in a country; one empty town where none is known."""
    return tuple((city, code) for city, code in words()["towns"].get(country, [["", ""]]))
