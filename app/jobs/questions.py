"""Answer a kept question: for the Ask page, the command line and the mailed reports alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics import inquiry
from analytics.metrics import dimension, metric
from oms_core.kernel import clock
from oms_core.kernel.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from analytics.inquiry import Inquiry
    from app.workspace import Workspace

#: Rows of one answer: what a spreadsheet still opens at once.
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer.

    Attributes
    ----------
    kind : str
        ``text``, ``date``, ``rank``, ``share`` and ``change`` (1 is 100 %), or the unit of a metric.
    label : str
        Its metric's or dimension's English name; what follows it is told by `role`.
    role : str
        ``value``, ``previous``, ``change``, ``share``, ``rank`` or ``dimension``.
    """

    name: str
    kind: str
    label: str
    role: str = "value"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question was answered: rows (money in minor units), what its columns are, over which days.

    Attributes
    ----------
    since : date, optional
        First day; None reaches to the first day with data.
    until : date
        Day after the last one.
    currency : str
        Currency of money in rows that have no currency of their own.
    """

    asked: Inquiry
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    since: date | None
    until: date
    currency: str


def answer(workspace: Workspace, asked: Inquiry, *, today: date | None = None) -> Answer:
    """Answer a question from a refreshed replica; the currency is added where money would mix.

    Parameters
    ----------
    today : date, optional
        Business day its period is counted from; now's without.

    Raises
    ------
    NotFound, Refused, InvalidInput
        The question cannot be asked, or its answer has more rows than a reader can use.
    """
    from app.jobs.numbers import ask

    today = today or clock.business_date(clock.now(), workspace.shop.zone)
    inquiry.require(asked, today)
    since, until = inquiry.span(asked, today)
    frame = ask(
        workspace, list(asked.metrics), asked.by, since=since, until=until, where=asked.where or None,
        compare=asked.compare or None,
    )  # fmt: skip
    if asked.top is not None:
        from analytics.ranking import ranked

        frame = ranked(frame, list(asked.metrics), asked.top)
    if frame.height > MOST_ROWS:
        raise Refused(
            "question.too_many_rows",
            f"The answer has {frame.height} rows; {MOST_ROWS} is the most.",
            "Ask for the largest ones only (rank), a shorter period, or fewer dimensions.",
            rows=frame.height,
        )
    return Answer(asked, frame, _columns(frame, asked), since, until, workspace.shop.currency)


def _columns(frame: pl.DataFrame, asked: Inquiry) -> tuple[Column, ...]:
    """Say what each column is: the rank first, then dimensions, then each metric with what belongs to it."""
    first = frame.columns.index(asked.metrics[0])
    found = [Column("rank", "rank", "Rank", "rank")] if "rank" in frame.columns else []
    for name in frame.columns[:first]:
        known = dimension(name)
        found.append(Column(name, "date" if known.kind == "date" else "text", known.label, "dimension"))
    for slug in dict.fromkeys(asked.metrics):
        told = metric(slug)
        more = (("", told.unit, "value"), ("_previous", told.unit, "previous"), ("_change", "change", "change"),
                ("_share", "share", "share"))  # fmt: skip
        found += [Column(slug + end, kind, told.label, role) for end, kind, role in more if slug + end in frame.columns]
    return tuple(found)


def definitions(asked: Inquiry) -> dict[str, Any]:
    """Return each metric's definition by its slug."""
    return {slug: metric(slug).help for slug in asked.metrics}
