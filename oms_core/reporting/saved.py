"""Keep, find and forget questions under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.reporting.naming import find
from oms_core.reporting.tables import ReportSchedule, SavedQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: Letters a name may have.
LONGEST = 60


def kept_name(name: str) -> str:
    """Return a name as it is kept: single blanks, 1 to 60 letters.

    Raises
    ------
    InvalidInput
        ``input.name``.
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST:
        raise InvalidInput("name", name, f"1 to {LONGEST} letters were expected")
    return kept


def save_query(
    session: Session, *, name: str, question: Mapping[str, Any], owner: str, shared: bool = True
) -> SavedQuery:
    """Keep a question under a name; the owner's earlier one of that name is replaced.

    Raises
    ------
    InvalidInput
        A name that is empty or too long.
    Refused
        ``saved_query.not_yours`` when somebody else has a question of that name.
    """
    kept = kept_name(name)
    found = session.scalars(sa.select(SavedQuery).where(SavedQuery.name == kept).with_for_update()).one_or_none()
    if found is not None and found.owner != owner:
        raise Refused(
            "saved_query.not_yours", f"The question {kept!r} is {found.owner}'s.", "Save yours under another name."
        )
    query = found or SavedQuery(name=kept, owner=owner)
    query.question, query.is_shared, query.saved_at = dict(question), shared, clock.now()
    session.add(query)
    session.flush()
    journal.record(session, "query.saved", "saved_query", query.id, actor=owner, name=kept, shared=shared)
    return query


def delete_query(session: Session, name: str, *, actor: str, only_own: bool = True) -> None:
    """Forget a question.

    Parameters
    ----------
    only_own : bool
        Refuse another owner's; the command line, whose user holds the shop's files, may delete any.

    Raises
    ------
    NotFound, Refused
        No such question; ``saved_query.not_yours``; ``saved_query.in_use`` while a report sends it.
    """
    query = find_query(session, name)
    if only_own and query.owner != actor:
        raise Refused("saved_query.not_yours", f"The question {query.name!r} is {query.owner}'s.", "Ask them.")
    using = session.scalars(
        sa.select(ReportSchedule.name).where(ReportSchedule.saved_query_id == query.id).order_by(ReportSchedule.name)
    ).all()
    if using:
        raise Refused(
            "saved_query.in_use",
            f"The question {query.name!r} is sent by {', '.join(using)}.",
            "Delete the report first: ordersight reports delete NAME",
        )
    journal.record(session, "query.deleted", "saved_query", query.id, actor=actor, name=query.name)
    session.delete(query)
    session.flush()


def find_query(session: Session, name: str) -> SavedQuery:
    """Return a question by its name.

    Raises
    ------
    NotFound
        ``saved_query.not_found`` with near matches.
    """
    return find(session, SavedQuery, name, what="saved query", hint="List them: ordersight metrics saved list")


def queries(session: Session, *, owner: str | None = None) -> list[dict[str, Any]]:
    """Return the questions somebody may open, by name; all of them without an owner."""
    may = sa.true() if owner is None else sa.or_(SavedQuery.owner == owner, SavedQuery.is_shared)
    found = session.scalars(sa.select(SavedQuery).where(may).order_by(SavedQuery.name))
    columns = ("id", "name", "owner", "is_shared", "question", "saved_at")
    return [{column: getattr(query, column) for column in columns} for query in found]
