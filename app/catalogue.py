"""The catalogue of messages: every word the dashboard may show, from the code and from the registries.

``python -m app.catalogue`` lists what has no Polish translation yet.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeAlias

from app.i18n import LOCALE_DIR

#: A message, or its singular and plural.
Message: TypeAlias = str | tuple[str, str]

_APP = Path(__file__).parent


def messages() -> set[Message]:
    """Return every message: calls of `_`, `N_`, `ngettext` in the code, and what registries hold."""
    return _of_code() | _of_registries()


def _of_code() -> set[Message]:
    return {message for path in sorted(_APP.rglob("*.py")) for message in calls(path.read_text(encoding="utf-8"))}


def calls(code: str) -> list[Message]:
    """Return the messages a module marks, also inside f-strings.

    Raises
    ------
    ValueError
        If a message is not a plain text: it could not be looked up.
    """
    found: list[Message] = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        wanted = {"_": 1, "N_": 1, "ngettext": 2}.get(node.func.id, 0)
        texts = [a.value for a in node.args[:wanted] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if any(isinstance(a, ast.JoinedStr) for a in node.args[:wanted]):
            raise ValueError(f"line {node.lineno}: an f-string cannot be translated")
        if wanted and len(texts) == wanted and all(texts):
            found.append(texts[0] if wanted == 1 else (texts[0], texts[1]))
    return found


def _of_registries() -> set[Message]:
    from analytics import standing
    from analytics.board import MEASURES
    from analytics.metrics import DIMENSIONS, METRICS
    from app.states import WORDS

    words = [text for m in METRICS for text in (m.label, m.help, m.grain, m.unit)]
    for report in standing.REPORTS:
        words += [report.label, report.question, report.says, *(column.label for column in report.columns)]
    return {*words, *(d.label for d in DIMENSIONS), *(m.label for m in MEASURES), *WORDS.values()}


def translations(code: str) -> dict[Message, tuple[str, ...]]:
    """Return the translations of a language: message to its text, or to all its plural forms."""
    from babel.messages.pofile import read_po

    found: dict[Message, tuple[str, ...]] = {}
    for path in sorted((LOCALE_DIR / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=code):
                if not entry.id or entry.fuzzy:
                    continue
                texts = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
                key = entry.id if isinstance(entry.id, str) else (entry.id[0], entry.id[1])
                found[key] = tuple(text or "" for text in texts)
    return found


def missing(code: str) -> list[Message]:
    """Return the messages without a (whole) translation, sorted."""
    known = translations(code)
    return sorted((m for m in messages() if not all(known.get(m, ("",)))), key=str)


if __name__ == "__main__":
    for message in missing("pl"):
        print(message)  # noqa: T201 - a tool of the command line
