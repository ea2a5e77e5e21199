"""Expected errors in the reader's language: by their stable code, with the facts they carry.

English readers see the error's own sentence. Other languages see the sentence of its code
(`app.fault_sentences`), or what its kind means with the English sentence as detail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app import states
from app.fault_sentences import KINDS, NOT_FOUND, SENTENCES, THINGS, TRANSITION
from app.i18n import DEFAULT, _, language

if TYPE_CHECKING:
    from oms_core.kernel.errors import OmsError


def told(error: OmsError) -> tuple[str, str]:
    """Return what happened and what to do, in the reader's language."""
    if language() == DEFAULT:
        return error.message, error.hint
    sentence = _sentence(error.code)
    if sentence is None:
        return _kind(error), " ".join(part for part in (error.message, error.hint) if part)
    facts = _facts(error)
    what, todo = (_(part).format(**facts) for part in sentence)
    return what, todo if facts["near"] or "{near}" not in sentence[1] else ""


def _sentence(code: str) -> tuple[str, str] | None:
    """Return the sentence of a code: its own, that of its last part, that of its first part."""
    first, _dot, last = code.partition(".")
    by_end = {"not_found": NOT_FOUND, "transition_refused": TRANSITION}.get(last.rsplit(".", 1)[-1])
    return SENTENCES.get(code) or by_end or SENTENCES.get(first)


def _kind(error: OmsError) -> str:
    return _(next(KINDS[c.__name__] for c in type(error).__mro__ if c.__name__ in KINDS))


def _facts(error: OmsError) -> dict[str, str]:
    facts = error.facts
    lines = "; ".join(f"{s['sku']}: {s['available']} / {s['wanted']}" for s in facts.get("shortages") or ())
    near = facts.get("near") or re.findall(r"'([^']+)'", error.hint)
    named = re.search(r"'([^']*)'", error.message)
    thing = error.code.partition(".")[0]
    return {
        "lines": lines,
        "near": ", ".join(str(n) for n in near),
        "name": named[1] if named else "",
        "thing": _(THINGS.get(thing.lower(), thing.replace("_", " "))),
        "current": _state(facts.get("current")),
        "target": _state(facts.get("target")),
        "allowed": ", ".join(_state(s) for s in facts.get("allowed") or ()) or _("nothing: this state is final"),
    }


def _state(code: object) -> str:
    return states.word(str(code)).lower() if code else ""
