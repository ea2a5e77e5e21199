"""Check a TOML table key by key: every fault says which key, what was found, what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from oms_core.channels.instants import is_format
from oms_core.channels.money_words import is_currency
from oms_core.kernel.errors import InvalidInput
from oms_core.locations.tables import CHANNEL_KINDS

R = TypeVar("R")
SIGNS = {"customer": ("none", "known"), "price": ("zero", "positive", "negative"), "quantity": ("positive", "negative")}
PATTERNS = ("order", "sku", "title", "type", "channel")


class Checker:
    """One table of a mapping; remembers which keys were asked for, so that `finish` finds the unknown ones."""

    def __init__(self, table: dict[str, Any], name: str, path: str = "") -> None:
        self._table, self._name, self._path = table, name, path
        self._asked: set[str] = set()
        self._children: list[Checker] = []

    def _fault(self, key: str, value: object, expectation: str, hint: str = "") -> InvalidInput:
        return InvalidInput(
            f"{self._path}{key}", value, expectation, hint or f"Correct it in {self._name}.", code="mapping.value"
        )

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._asked.add(key)
        value = self._table.get(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            words = {str: "text", dict: "a table", list: "a list", bool: "true or false", int: "a whole number"}
            raise self._fault(key, value, f"{words.get(kind, kind.__name__)} was expected")
        return value

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Return a text value."""
        value = str(self._get(key, str, default))
        if required and not value:
            raise self._fault(key, value, "it is required", f'Add {key} = "…" to {self._name}.')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return one text or a list of texts."""
        self._asked.add(key)
        return self._listed(key, self._table.get(key, []))

    def _listed(self, key: str, value: Any) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(v, str) for v in listed):
            raise self._fault(key, value, "a text or a list of texts was expected")
        return tuple(listed)

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Return one of the choices; the first is the default."""
        value = self.text(key, choices[0])
        if value not in choices:
            raise self._fault(key, value, f"one of {', '.join(choices)} was expected")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return bool(self._get(key, bool, default))

    def number(self, key: str) -> int:
        """Return a whole number, 0 if absent."""
        return int(self._get(key, int, 0))

    def zone(self, key: str) -> str:
        """Return the name of a time zone."""
        value = self.text(key)
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise self._fault(key, value, "a time zone such as Europe/Warsaw was expected") from error

    def currency(self, key: str) -> str:
        """Return an ISO 4217 code."""
        value = self.text(key)
        if value and not is_currency(value):
            raise self._fault(key, value, "an ISO currency code such as PLN was expected")
        return value

    def pattern(self, key: str) -> str:
        """Return a regular expression (the dialect of Rust's regex crate), checked."""
        return self._pattern(key, self.text(key))

    def _pattern(self, key: str, value: str) -> str:
        try:
            pl.select(pl.lit("").str.contains(value))
        except pl.exceptions.PolarsError as error:
            words = [line for line in str(error).splitlines() if line.startswith("error: ")]
            said = f" ({words[0].removeprefix('error: ')})" if words else ""
            raise self._fault(key, value, f"it is no regular expression of Rust's kind{said}") from error
        return value

    def formats(self, key: str) -> tuple[str, ...]:
        """Return formats of times, each one that can be read."""
        listed = self.texts(key)
        for form in listed:
            if not is_format(form):
                raise self._fault(key, form, 'a format such as "%d.%m.%Y %H:%M", or excel or unix, was expected')
        return listed

    def table(self, key: str) -> Checker:
        """Return a table inside this one (empty if absent)."""
        child = Checker(self._get(key, dict, {}), self._name, f"{self._path}{key}.")
        self._children.append(child)
        return child

    def columns(self, fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return field to column names; unknown fields are refused with near matches."""
        for key in self._table:
            if key not in fields:
                near = difflib.get_close_matches(key, fields, n=3, cutoff=0.5)
                hint = f"Did you mean {' or '.join(near)}?" if near else f"Fields: {', '.join(fields)}."
                raise self._fault(key, self._table[key], "there is no such field", hint)
        return {key: self.texts(key) for key in self._table}

    def words(self, key: str, meanings: Sequence[str] = ()) -> dict[str, str]:
        """Return a table of the source's words (lower-cased) and what they mean."""
        return self.table(key).meanings(meanings)

    def meanings(self, known: Sequence[str]) -> dict[str, str]:
        """Return every entry of this table, its word lower-cased, its meaning one of `known` if given."""
        found = {word.strip().lower(): self.text(word) for word in self._table}
        for word, value in found.items():
            if known and value not in known:
                raise self._fault(word, value, f"one of {', '.join(known)} was expected")
        return found

    def rules(self, key: str, kinds: Sequence[str], conditions: Sequence[str], make: Callable[..., R]) -> list[R]:
        """Return a list of rules: ``is`` (or a channel's code, name, kind) and conditions."""
        made = []
        for index, table in enumerate(self._get(key, list, []), start=1):
            entry = Checker(table, self._name, f"{key}[{index}].")
            held = {c: entry.condition(c) for c in conditions if c in table}
            made.append(make(conditions=held, **entry._outcome(kinds)))
            entry.finish()
        return made

    def _outcome(self, kinds: Sequence[str]) -> dict[str, str]:
        """Return what a rule decides: a kind, or a channel's code, name and kind."""
        if kinds:
            self.text("is", required=True)
            return {"is_": self.choice("is", kinds)}
        kind = self.choice("kind", ("", *CHANNEL_KINDS))
        return {"code": self.text("code", required=True), "name": self.text("name"), "kind": kind}

    def condition(self, key: str) -> str:
        """Return one condition of a rule, checked."""
        if key in SIGNS:
            value = self.text(key)
            if value not in SIGNS[key]:
                raise self._fault(key, value, f"one of {', '.join(SIGNS[key])} was expected")
            return value
        return self._pattern(key, self.text(key)) if key in PATTERNS else self.text(key)

    def finish(self) -> None:
        """Refuse keys nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                near = difflib.get_close_matches(key, sorted(self._asked), n=2, cutoff=0.5)
                hint = (
                    f"Did you mean {' or '.join(near)}?" if near else f"Known here: {', '.join(sorted(self._asked))}."
                )
                raise self._fault(key, self._table[key], "there is no such setting", hint)
        for child in self._children:
            child.finish()
