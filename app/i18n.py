"""Languages: `_()` and `ngettext()` for every visible word, and which language a reader sees.

English is the source. Translations are ``app/locale/<language>/LC_MESSAGES/*.po``, read directly
(no compiled files to forget); labels of metrics, states and attributes are looked up by the
English text their registry holds.
"""

from __future__ import annotations

import gettext
import io
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCALE_DIR = Path(__file__).parent / "locale"

#: Languages offered: code to its own name and the Babel locale of its numbers and dates.
LANGUAGES = {"en": "English", "pl": "Polski"}
BABEL_LOCALES = {"en": "en_GB", "pl": "pl_PL"}
DEFAULT = "en"

_forced: ContextVar[str | None] = ContextVar("language", default=None)


@lru_cache
def catalogue(code: str) -> gettext.NullTranslations:
    """Return the translations of a language; English answers with the message itself."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=code)
    for path in sorted((LOCALE_DIR / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if message.id and message.string and not message.fuzzy:
                    whole.add(message.id, message.string)
    if code == DEFAULT:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language() -> str:
    """Return the reader's language: forced by :func:`speaking`, the switch, ``?lang=``, the browser, English."""
    return _forced.get() or _of_session() or DEFAULT


def _of_session() -> str | None:
    """Return the language of the browser session that is running, if there is one."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    import streamlit as st

    asked = (
        st.session_state.get("lang"),
        st.query_params.get("lang"),
        st.session_state.get("kept_lang"),
        (st.context.locale or "")[:2],
    )
    return next((code for code in asked if code in LANGUAGES), None)


def locale() -> str:
    """Return the Babel locale of the reader's numbers and dates."""
    return BABEL_LOCALES[language()]


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Force a language inside the block (exports, documents, tests)."""
    token = _forced.set(code)
    try:
        yield
    finally:
        _forced.reset(token)


def _(message: str) -> str:
    """Translate a message; fill in facts afterwards with ``.format(name=…)``, never with an f-string."""
    return catalogue(language()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a message that counts: Polish has three plural forms."""
    return catalogue(language()).ngettext(one, many, n)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a marked, not yet translated message
    """Mark a message of a registry for the catalogue; it is translated where it is shown."""
    return message
