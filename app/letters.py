"""Templates and offers as the dashboard reads them: kept ones fresh, the rest by the replica's mark."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from app import data
from app.jobs import messages, offers
from oms_core.marketing import templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from app.jobs.messages import Preview


def kept() -> list[dict[str, Any]]:
    """Return the templates in force."""
    with data.floor().workspace.reading() as session:
        return templates.templates(session)


def versions(name: str) -> list[dict[str, Any]]:
    """Return every version of a template, newest first."""
    with data.floor().workspace.reading() as session:
        return templates.versions(session, name)


def preview(draft: templates.Draft, segment: str) -> Preview:
    """Return what members of a segment would read."""
    return _preview(data.watermark(), data.place().today, draft, segment)


@data.remembered(20)
def _preview(mark: str, today: date, draft: templates.Draft, segment: str) -> Preview:
    del mark, today
    return messages.preview(data.floor().workspace, data.segment(segment), messages.checked(draft))


def offered(segment: str, count: int, most: int) -> pl.DataFrame:
    """Return what the first members of a segment may want next."""
    return _offered(data.watermark(), data.place().today, segment, (count, most))


@data.remembered(10)
def _offered(mark: str, today: date, segment: str, wanted: tuple[int, int]) -> pl.DataFrame:
    del mark, today
    found, (count, most) = data.segment(segment), wanted
    first = found.members.get_column("number").head(most)
    return offers.recommended(data.floor().workspace, found, count=count, only=first)


def bestsellers(segment: str, count: int) -> pl.DataFrame:
    """Return what the members of a segment bought most lately."""
    return _bestsellers(data.watermark(), data.place().today, segment, count)


@data.remembered(10)
def _bestsellers(mark: str, today: date, segment: str, count: int) -> pl.DataFrame:
    del mark, today
    return offers.bestsellers(data.floor().workspace, data.segment(segment), count=count)


def judged_at_night() -> Mapping[str, Any] | None:
    """Return how well offers foretold later orders when they were learnt; None where that is not known."""
    night = offers.learnt_at_night(data.floor().workspace, data.place().today)
    return night.judged or None if night else None


def judged() -> Mapping[str, Any]:
    """Return how well offers foretell later orders; worked out once a day."""
    found: Mapping[str, Any] = _judged(data.place().today)
    return found


@data.remembered(2)
def _judged(today: date) -> dict[str, Any]:
    del today
    return offers.judged(data.floor().workspace)
