"""The only source of time. UTC at rest, the shop's zone for business dates.

The demo shop lives in its data's past: its clock is the wall clock moved by a fixed offset, kept
in the shop's settings. Tests freeze it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Source:
    """Process-wide clock state: an offset to the wall clock, or a frozen instant."""

    offset = timedelta()
    frozen: datetime | None = None


def now() -> datetime:
    """Return the current instant, aware, UTC."""
    if _Source.frozen is not None:
        return _Source.frozen
    return datetime.now(UTC) + _Source.offset


def set_offset(offset: timedelta) -> None:
    """Move the clock by a fixed offset from the wall clock (demo shops)."""
    _Source.offset = offset


def offset() -> timedelta:
    """Return the offset in force; zero in a real shop."""
    return _Source.offset


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block; used by tests and by replays."""
    before, _Source.frozen = _Source.frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _Source.frozen = before


def business_date(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in the shop's zone."""
    return at.astimezone(ZoneInfo(zone)).date()
