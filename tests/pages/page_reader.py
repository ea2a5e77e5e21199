"""Reading a page of an AppTest as a person would."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

#: Opens a page: ``open("orders", view="late")``.
Open = Callable[..., AppTest]


def words(at: AppTest) -> str:
    """Return everything a page says, for searching."""
    kinds = ("title", "subheader", "caption", "markdown", "error", "warning")
    said = [str(element.value) for kind in kinds for element in getattr(at, kind)]
    said += [f"{m.label} {m.value} {m.delta}" for m in at.metric]
    return "\n".join([*said, *(b.label for b in at.button)])
