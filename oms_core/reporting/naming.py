"""Finding what people named: a question, a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from oms_core.kernel.errors import NotFound
from oms_core.reporting.tables import ReportSchedule, SavedQuery

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Named = TypeVar("Named", SavedQuery, ReportSchedule)


def find(session: Session, model: type[Named], name: str, *, what: str, hint: str) -> Named:
    """Return the one of a name, however it is spaced.

    Raises
    ------
    NotFound
        Of that kind (`what`), with near matches.
    """
    found = session.scalars(sa.select(model).where(model.name == " ".join(name.split()))).one_or_none()
    if found is None:
        raise NotFound(what, name, session.scalars(sa.select(model.name)).all(), hint)
    return found
