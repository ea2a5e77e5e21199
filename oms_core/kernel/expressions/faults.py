"""What is wrong with an expression, where, and what was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput, OmsError

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExpressionFault(InvalidInput):
    """An expression that cannot be read or does not fit the attributes.

    Parameters
    ----------
    code : str
        ``expression.syntax``, ``expression.unknown_attribute``, ``expression.unknown_function``,
        ``expression.type`` or ``expression.too_large``.
    sentence : str
        What is wrong, without the place.
    hint : str
        What to write instead.
    text : str or None
        The whole expression; None when the tree was built by a program.
    at : int
        Offset of the fault in the text.
    """

    def __init__(self, code: str, sentence: str, hint: str = "", *, text: str | None = None, at: int = 0) -> None:
        line, column = place(text or "", at)
        where = f" (line {line}, column {column})" if text is not None else ""
        shown = caret(text, at) if text is not None else ""
        OmsError.__init__(
            self, code, f"{sentence}{where}.", hint, field="expression", line=line, column=column, caret=shown
        )


def place(text: str, at: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def caret(text: str, at: int, width: int = 60) -> str:
    """Return the line of the fault, cut to about `width` signs around it, and a caret below."""
    line, column = place(text, at)
    shown = text.split("\n")[line - 1]
    start = max(0, column - 1 - width // 2)
    return f"{shown[start : start + width]}\n{' ' * (column - 1 - start)}^"


def near(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'a' or 'b'?``, or an empty string."""
    known = list(known)
    by_lower = {k.lower(): k for k in known}
    matches = difflib.get_close_matches(word.lower(), list(by_lower), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(repr(by_lower[m]) for m in matches)}?" if matches else ""
