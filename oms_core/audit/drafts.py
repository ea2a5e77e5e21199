"""Laws of drafts: their money is their document's, and a completed one is its own order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from oms_core.audit.law import Finding, Law, by_query, count_of
from oms_core.audit.stock import ORDER
from oms_core.drafts.documents import order_of
from oms_core.drafts.tables import Draft
from oms_core.kernel.errors import OmsError
from oms_core.kernel.journal import JournalEntry
from oms_core.kernel.rows import core, table_of
from oms_core.orders.new import check

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DRAFT, JOURNAL = table_of(Draft), table_of(JournalEntry)


def money_is_the_documents(session: Session) -> Finding:
    """Read every draft's document again and compare its total and tax with what is stored."""
    c = DRAFT.c
    rows = core(session).execute(sa.select(c.number, c.document, c.total_minor, c.tax_minor).order_by(c.id)).all()
    said = ((row.number, _apart(*row)) for row in rows)
    wrong = [f"draft {number}: {fault}" for number, fault in said if fault]
    return Finding(len(rows), len(wrong), wrong[0] if wrong else None)


def _apart(number: str, document: object, total_minor: int, tax_minor: int) -> str:
    try:
        sums = check(order_of(document, number=number))  # type: ignore[arg-type]
    except OmsError as error:
        return f"its document is no order ({error.message})"
    if (sums.total_minor, sums.tax_minor) == (total_minor, tax_minor):
        return ""
    return f"total {total_minor}, its document adds up to {sums.total_minor}"


def _foreign_orders() -> sa.Select[*tuple[object, ...]]:
    """Return drafts that hold an order without being completed, or one that is not called after them."""
    own = DRAFT.c.document["external_id"].as_string()
    named = sa.or_(ORDER.c.external_id == DRAFT.c.number, ORDER.c.external_id == own)
    wrong = sa.or_(DRAFT.c.state != "completed", DRAFT.c.completed_at.is_(None), sa.not_(named))
    return (
        sa.select(DRAFT.c.number, DRAFT.c.state, ORDER.c.number.label("placed"))
        .join(ORDER, ORDER.c.id == DRAFT.c.order_id)
        .where(wrong)
    )


def _untold() -> sa.Select[*tuple[object, ...]]:
    told = sa.exists().where(
        JOURNAL.c.object_type == "draft", JOURNAL.c.object_id == DRAFT.c.id, JOURNAL.c.event == "draft.created"
    )
    return sa.select(DRAFT.c.number, DRAFT.c.id).where(sa.not_(told))


LAWS = (
    Law(
        "drafts.money_is_the_documents",
        "A draft's total and tax are what its document adds up to.",
        money_is_the_documents,
    ),
    Law(
        "drafts.completed_is_its_order",
        "Only a completed draft has an order, and that order is called after it.",
        by_query(count_of(DRAFT), _foreign_orders(), "draft {number} ({state}) holds order {placed}"),
    ),
    Law(
        "drafts.journal_tells",
        "Every draft has its creation in the journal.",
        by_query(count_of(DRAFT), _untold(), "draft {number} has no draft.created"),
    ),
)
