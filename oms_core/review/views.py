"""Keep, list and forget saved views of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, NotFound, Refused
from oms_core.review.view_tables import SavedView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

#: Letters a name may have.
LONGEST = 60


def save_view(
    session: Session, *, page: str, name: str, query: Mapping[str, Any], owner: str, shared: bool = False
) -> SavedView:
    """Keep a view under a name; the same name of the same owner is overwritten.

    Parameters
    ----------
    page : str
        The list it is of, such as ``orders``.
    query : mapping
        Filters, search, sort and columns as the page writes them into its address.

    Raises
    ------
    InvalidInput
        If the name is empty or longer than 60 letters (``input.name``).
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST:
        raise InvalidInput("name", name, f"1 to {LONGEST} letters")
    mine = sa.select(SavedView).where(SavedView.page == page, SavedView.owner == owner, SavedView.name == kept)
    view = session.scalars(mine.with_for_update(key_share=True)).one_or_none() or SavedView(
        page=page, owner=owner, name=kept
    )
    view.query, view.is_shared, view.saved_at = dict(query), shared, clock.now()
    session.add(view)
    session.flush()
    journal.record(session, "view.saved", "saved_view", view.id, actor=owner, name=kept, page=page, shared=shared)
    return view


def forget_view(session: Session, view_id: int, *, owner: str) -> None:
    """Delete a view of one's own.

    Raises
    ------
    NotFound
        If there is no such view.
    Refused
        ``view.not_yours`` if somebody else saved it.
    """
    view = session.get(SavedView, view_id)
    if view is None:
        raise NotFound("view", view_id)
    if view.owner != owner:
        raise Refused("view.not_yours", f"The view {view.name!r} is {view.owner}'s.", "Save one of your own instead.")
    journal.record(session, "view.forgotten", "saved_view", view.id, actor=owner, name=view.name, page=view.page)
    session.delete(view)
    session.flush()


def views_of(session: Session, *, page: str, owner: str) -> list[dict[str, Any]]:
    """Return the views of a page somebody may open: their own and the shared ones, by name."""
    may = sa.or_(SavedView.owner == owner, SavedView.is_shared)
    found = session.scalars(sa.select(SavedView).where(SavedView.page == page, may).order_by(SavedView.name))
    return [
        {"id": v.id, "name": v.name, "owner": v.owner, "is_shared": v.is_shared, "query": dict(v.query)} for v in found
    ]
