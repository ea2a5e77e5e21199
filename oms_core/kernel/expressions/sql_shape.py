"""How a list of texts stands in one text column: its items folded, each between two :data:`BREAK`."""

from __future__ import annotations

#: Before and after every item of a list.
BREAK = "\x1f"
