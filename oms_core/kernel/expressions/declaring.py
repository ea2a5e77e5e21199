"""What a room declares: the attributes and functions its expressions may speak of, and which operators fit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from oms_core.kernel.expressions.tree import Call, Compare, Condition, Name

EQUAL, _ORDERED = {"=", "!=", "IN"}, {"=", "!=", "IN", ">", ">=", "<", "<=", "BETWEEN"}
_TEXT = EQUAL | {"CONTAINS", "NOT CONTAINS", "STARTS WITH", "NOT STARTS WITH"}

#: Operators of each kind; IS NULL fits all. `money` is a decimal amount in the shop's currency,
#: `share` a number from 0 to 1, `list` several texts (= and CONTAINS: one of them is equal).
KINDS: dict[str, set[str]] = {
    "text": _TEXT,
    "choice": _TEXT,
    "number": _ORDERED,
    "money": _ORDERED,
    "share": _ORDERED,
    "date": _ORDERED,
    "day_of_year": {"=", "BETWEEN"},
    "boolean": {"=", "!="},
    "list": EQUAL | {"CONTAINS", "NOT CONTAINS"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Something an expression can compare.

    Parameters
    ----------
    name : str
        As written in expressions.
    kind : str
        Key of `KINDS`.
    labels : mapping of str to str
        What people read, by language (``en``, ``pl``), as it follows "customers whose …".
    options : tuple of str
        The only values of a `choice`, canonical case.
    """

    name: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else in English, else the name."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A counted or looked-up fact with arguments.

    Parameters
    ----------
    arguments : mapping of str to str
        Kind of each argument by name.
    returns : tuple of str
        Kinds it may be compared as; ``("boolean", "number")``: ``= TRUE`` or ``>= 3``.
    positional : str
        The argument that may be given without its name.
    fields : mapping of str to str
        Kind of what a ``MATCHES (…)`` may test, by name; empty: its tests are the arguments.
    spoken : mapping of str to (str, str)
        The test an argument stands for: ``since`` is ``("date", ">=")``.
    options : mapping of str to tuple of str
        The only values of a `choice` argument.
    words : mapping of str to mapping of str to str
        What people read for a field, by language and name.
    """

    name: str
    arguments: Mapping[str, str]
    returns: tuple[str, ...]
    positional: str = ""
    required: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    spoken: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label(self, language: str = "en") -> str:
        """Return the label in a language, else in English, else the name."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")

    def columns(self) -> dict[str, Attribute]:
        """Return the fields as attributes, so that a test is checked like any condition."""
        return {
            name: Attribute(name=name, kind=kind, labels={k: v[name] for k, v in self.words.items() if name in v})
            for name, kind in self.fields.items()
        }

    def tests(self, call: Call) -> tuple[Condition, ...]:
        """Return what a checked call asks of each row, whichever way it was written."""
        said = tuple(
            Compare(Name(self.spoken[name][0]), self.spoken[name][1], value)
            for name, value in call.arguments
            if name in self.spoken
        )
        return said + (call.tests or ())


Attributes: TypeAlias = Mapping[str, Attribute]
Functions: TypeAlias = Mapping[str, Function]
