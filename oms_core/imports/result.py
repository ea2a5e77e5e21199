"""What an import answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from oms_core.imports.documents import Documents


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts and control totals of one import.

    Attributes
    ----------
    counts : dict
        The printed answer: ``read, orders, lines, customers, returns, unchanged, rejected, value,
        currency, seconds`` and the extras named in `docs/imports.md`. Money is a decimal string.
    remaining : Documents
        What lies outside ``since``/``until``; empty when the whole file was taken.
    run_id : int or None
        The stored run; None after a dry run or when nothing was new.
    """

    counts: dict[str, Any]
    remaining: Documents = field(default_factory=Documents)
    run_id: int | None = None
