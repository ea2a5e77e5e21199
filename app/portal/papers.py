"""Papers a customer takes away: the slip of a return, the confirmation of a withdrawal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.portal.status import return_of, withdrawal_of
from oms_core.returns.case_queries import case_record

if TYPE_CHECKING:
    from app.portal.visit import Visit


def slip(visit: Visit, *, number: str) -> tuple[str, bytes]:
    """Return the slip of an approved return: its file name and the PDF."""
    # loaded here: the PDF library is large, and most pages never print
    from app.documents.return_slip import of

    name, paper = of(visit.session, return_of(visit, number).id, visit.shop, language=visit.language)
    return f"{name}.pdf", paper


def confirmation(visit: Visit, *, number: str) -> tuple[str, bytes]:
    """Return the acknowledgement of a withdrawal word for word as it was written, as PDF."""
    from app.documents.withdrawal import render

    found = withdrawal_of(visit, number)
    record = case_record(visit.session, "withdrawal", found.id)
    return f"{found.number}.pdf", render(record, visit.shop.name, suffix=".pdf")
