"""Expected errors, shown to people; never a crash.

::

    OmsError(code, message, hint, **facts)
    ├── NotFound            what was looked for, near matches
    ├── Refused             a rule said no
    │   ├── TransitionRefused   from, to, allowed
    │   └── InsufficientStock   every shortage at once
    ├── InvalidInput        field, value, expectation
    ├── Conflict            someone else changed it, or holds the lock; retry is safe
    └── DataNotReady        snapshot missing or stale; the command that makes it

A sentence says what happened, with which facts; the hint says what to do. The code is
stable and greppable.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class OmsError(Exception):
    """Base of every expected error.

    Parameters
    ----------
    code : str
        Stable dotted code, e.g. ``"stock.insufficient"``.
    message : str
        One sentence: what happened, with which facts.
    hint : str, optional
        What to do next.
    **facts
        Structured facts for logs and JSON answers.
    """

    exit_status = 1

    def __init__(self, code: str, message: str, hint: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.facts = facts

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the JSON answer of a front door."""
        return {"code": self.code, "message": self.message, "hint": self.hint, **self.facts}


class NotFound(OmsError):
    """Something named does not exist; near matches are offered."""

    def __init__(self, kind: str, name: object, known: Iterable[str] = (), hint: str = "", code: str = "") -> None:
        near = difflib.get_close_matches(str(name), list(known), n=3, cutoff=0.5)
        guess = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else hint
        super().__init__(
            code or f"{kind.replace(' ', '_')}.not_found",
            f"There is no {kind} {str(name)!r}.",
            guess,
            near=near,
        )


class Refused(OmsError):
    """A rule said no."""


class TransitionRefused(Refused):
    """A state machine does not allow the move."""

    def __init__(self, machine: str, name: object, current: str, target: str, allowed: Sequence[str]) -> None:
        may = ", ".join(allowed) or "nothing: this state is final"
        super().__init__(
            f"{machine}.transition_refused",
            f"{machine.replace('_', ' ').capitalize()} {name} is {current} and cannot become {target}.",
            f"From {current} it may become: {may}.",
            current=current,
            target=target,
            allowed=list(allowed),
        )


class InsufficientStock(Refused):
    """Not enough stock; names every short line, not only the first.

    Parameters
    ----------
    shortages : sequence of dict
        One per line: ``sku``, ``wanted``, ``available`` (units); and, of units that are there and may
        not be taken, ``held_back`` (from this channel), ``promised`` (to earlier orders), ``expired``.
    """

    def __init__(self, shortages: Sequence[dict[str, Any]]) -> None:
        facts = "; ".join(_short(s) for s in shortages)
        super().__init__(
            "stock.insufficient",
            f"Not enough stock for {len(shortages)} line(s): {facts}.",
            "Lower the quantities, receive stock, or ship from another location.",
            shortages=list(shortages),
        )


def _short(shortage: dict[str, Any]) -> str:
    """Say one shortage, and why units that are there may not be taken."""
    kept = {"held_back": "held back from this channel", "promised": "promised before", "expired": "expired"}
    reasons = [f"{shortage[key]} more {words}" for key, words in kept.items() if shortage.get(key)]
    said = f"{shortage['sku']} wanted {shortage['wanted']}, available {shortage['available']}"
    return f"{said} ({', '.join(reasons)})" if reasons else said


class InvalidInput(OmsError):
    """A value does not have the expected form."""

    exit_status = 2

    def __init__(
        self, field: str, value: object, expectation: str, hint: str = "", code: str = "", **facts: Any
    ) -> None:
        super().__init__(
            code or f"input.{field}",
            f"{field} {value!r} is not valid: {expectation}.",
            hint or f"Correct {field} and try again.",
            field=field,
            **facts,
        )


class Conflict(OmsError):
    """Someone else changed or holds it; a retry is safe."""


class DataNotReady(OmsError):
    """A snapshot, schema or model is missing, stale or too small."""
