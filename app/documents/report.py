"""A report as a PDF: title, what was asked, the table, what each number means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import Spacer, Table, TableStyle

from app import format as fmt
from app.documents.paper import LINE, MUTED, TINT, WIDTH, Sheet, build, style, words
from app.i18n import _, language

if TYPE_CHECKING:
    from app.jobs.questions import Answer, Column

#: Kinds that align left.
_WORDS = {"text", "date"}
#: Columns that fit the width of a sheet with readable digits.
MOST_COLUMNS = 10


def pdf(answer: Answer, name: str, *, sender: str) -> bytes:
    """Return the report in the reader's language; the same answer gives the same bytes."""
    return build(Sheet(title=name, sender=sender), lambda: _story(answer, name), language=language())


def _story(answer: Answer, name: str) -> list[Any]:
    from app.answers import MOST_PDF_ROWS, facts, title

    told = [words(f"{key}: {value}", style(9, colour=MUTED)) for key, value in facts(answer).items()]
    story = [words(name, style(18, bold=True)), Spacer(0, 2 * mm), words(title(answer.asked), style(11))]
    story += [Spacer(0, 2 * mm), *told, Spacer(0, 5 * mm)]
    if answer.frame.is_empty():
        story.append(words(_("Nothing was found."), style(10)))
    else:
        story.append(_table(answer, answer.columns[:MOST_COLUMNS], MOST_PDF_ROWS))
    return [*story, *_cut(answer, MOST_PDF_ROWS), Spacer(0, 6 * mm), *_definitions(answer)]


def _table(answer: Answer, columns: tuple[Column, ...], most: int) -> Table:
    """Return the table; its header is repeated on every page."""
    from app.answers import heading, shown

    size = 8.5 if len(columns) <= 6 else 7
    looks = [style(size, right=c.kind not in _WORDS) for c in columns]
    heads = [words(heading(c), style(size - 0.5, colour=MUTED, right=c.kind not in _WORDS)) for c in columns]
    rows = [heads]
    for row in answer.frame.head(most).iter_rows(named=True):
        currency = row.get("currency") or answer.currency
        rows.append([words(shown(c, row[c.name], currency), look) for c, look in zip(columns, looks, strict=True)])
    weights = [1.6 if c.kind in _WORDS else 0.5 if c.kind == "rank" else 1.0 for c in columns]
    widths = [WIDTH * weight / sum(weights) for weight in weights]
    pad = [("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
           ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4)]  # fmt: skip
    look = [("BACKGROUND", (0, 0), (-1, 0), TINT), ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip
    return Table(rows, widths, repeatRows=1, style=TableStyle([*pad, *look]))


def _cut(answer: Answer, most: int) -> list[Any]:
    """Say what did not fit on paper."""
    said = []
    if answer.frame.height > most:
        said.append(
            _("The first {n} of {all} rows; the whole is in the XLSX.").format(
                n=fmt.count(most), all=fmt.count(answer.frame.height)
            )
        )
    if len(answer.columns) > MOST_COLUMNS:
        said.append(_("{n} more columns are in the XLSX.").format(n=len(answer.columns) - MOST_COLUMNS))
    return [words(text, style(8.5, colour=MUTED)) for text in said]


def _definitions(answer: Answer) -> list[Any]:
    from analytics.metrics import metric

    return [
        words(f"{_(metric(slug).label)}: {_(metric(slug).help)}", style(8, colour=MUTED))
        for slug in answer.asked.metrics
    ]
