"""What a refresh of the replica did, and why it had to read everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: Why a replica reads everything: code to its sentence.
REASONS = {
    "first": "There was no replica yet.",
    "damaged": "Its file was damaged.",
    "other_database": "It was the replica of another database.",
    "other_layout": "It was made by another version, for other tables.",
    "log_gone": "It had fallen behind what the change log still holds, or the database was put back from a copy.",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """What one refresh did.

    Attributes
    ----------
    watermark : int
        Place in the change log reached.
    rows : int
        Rows written or deleted in the replica.
    lag_ms : float
        Milliseconds from the source's snapshot to its being visible in the replica.
    full : bool
        Whether every table was read whole.
    why : str
        Why it was: a code of :data:`REASONS`; empty when it was not.
    """

    watermark: int
    rows: int
    lag_ms: float
    full: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """That a replica was built again, why (a code of :data:`REASONS`) and when (shop time)."""

    why: str
    at: datetime
