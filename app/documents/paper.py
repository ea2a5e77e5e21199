"""A4 paper for every document: embedded fonts, styles, running header, footer with page numbers.

The fonts are shipped (IBM Plex Sans, SIL Open Font License, text beside them): the built-in ones
of PDF lack Polish letters.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "Plex", "Plex-SemiBold"

INK = colors.HexColor("#1A1F26")
MUTED = colors.HexColor("#57606A")
LINE = colors.HexColor("#DFE4EA")
TINT = colors.HexColor("#F5F7F9")
ACCENT = colors.HexColor("#0B5CAD")
WARNING = colors.HexColor("#9B1C1C")

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
_TOP, _BOTTOM = 16 * mm, 20 * mm


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every page: the sender, the document's name and, where needed, a warning.

    Parameters
    ----------
    title : str
        Name of the document with its number; also the PDF's title.
    sender : str
        Who sends it; also the PDF's author.
    warning : str
        Printed on every page in red (draft, cancelled, simulated); empty when there is none.
    """

    title: str
    sender: str
    warning: str = ""


@lru_cache
def register_fonts() -> None:
    """Make the shipped fonts known to ReportLab, once a process."""
    pdfmetrics.registerFont(TTFont(REGULAR, FONTS / "IBMPlexSans-Regular.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, FONTS / "IBMPlexSans-SemiBold.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def style(size: float, *, bold: bool = False, colour: Any = INK, right: bool = False) -> ParagraphStyle:
    """Return a paragraph style; leading follows from the size (points)."""
    return ParagraphStyle(
        f"{size}-{bold}-{colour}-{right}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=colour,
        alignment=2 if right else 0,
        splitLongWords=1,
    )


def words(text: object, look: ParagraphStyle) -> Paragraph:
    """Return a paragraph of plain text; nothing in it is read as markup."""
    return Paragraph(escape(str(text)).replace("\n", "<br/>"), look)


def build(sheet: Sheet, story: Callable[[], list[Any]], *, language: str) -> bytes:
    """Lay a story out on A4 and return the PDF; the same story gives the same bytes.

    The story is made twice: once to count the pages, once with the count in the footer.
    """
    register_fonts()
    pages, _draft = _laid_out(sheet, story(), language, total=0)
    return _laid_out(sheet, story(), language, total=pages)[1]


def _laid_out(sheet: Sheet, story: list[Any], language: str, *, total: int) -> tuple[int, bytes]:
    file = io.BytesIO()
    document = BaseDocTemplate(
        file, pagesize=A4, title=sheet.title, author=sheet.sender, subject=sheet.title, lang=language, invariant=1,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=_TOP, bottomMargin=_BOTTOM,
    )  # fmt: skip
    frame = Frame(MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, leftPadding=0, rightPadding=0)
    document.addPageTemplates(PageTemplate("page", [frame], onPage=lambda c, d: _dress(c, d.page, sheet, total)))
    document.build(story)
    return document.page, file.getvalue()


def _dress(canvas: Any, page: int, sheet: Sheet, total: int) -> None:
    """Draw what stands on every page outside the text."""
    canvas.saveState()
    if sheet.warning:
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(WARNING)
        canvas.drawString(MARGIN, A4[1] - 11 * mm, sheet.warning)
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(MUTED)
    canvas.drawString(MARGIN, 10.5 * mm, f"{sheet.sender} · {sheet.title}")
    canvas.drawRightString(A4[0] - MARGIN, 10.5 * mm, _("Page {page} of {total}").format(page=page, total=total))
    canvas.restoreState()
