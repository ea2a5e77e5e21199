"""Text without regard to case, the same in Python, Polars and every database.

Lower case by Unicode's one-to-one mapping: the dotted capital İ becomes i (some systems write two signs), and the final
sigma is a sigma (some systems look at the sign before it).
"""

from __future__ import annotations

#: The function SQLite connections get (`oms_core.kernel.database`).
FOLD = "ordersight_fold"
#: Replaced before lower case, and after it.
BEFORE, AFTER = ("İ", "i"), ("ς", "σ")


def fold(text: str) -> str:
    """Return a text as it is compared."""
    return text.replace(*BEFORE).lower().replace(*AFTER)
