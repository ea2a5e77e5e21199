"""Numbers without gaps: one counter a series and year, its row locked until the transaction ends.

Two documents issued at once wait for each other; a document that is taken back gives its number back
with it, because the counter's change is undone by the same rollback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from oms_core.finance.tables import DocumentCounter
from oms_core.kernel.rows import core, table_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_COUNTER = table_of(DocumentCounter)
#: Series by kind of document: faktura VAT, faktura korygująca.
SERIES = {"invoice": "FV", "correction": "FK"}


def next_number(session: Session, series: str, year: int) -> int:
    """Return the next number of a series and year, from 1; nobody else gets one until we commit."""
    connection = core(session)
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    first = insert(_COUNTER).values(series=series, year=year, last=0)
    connection.execute(first.on_conflict_do_nothing(index_elements=["series", "year"]))
    step = (
        sa.update(_COUNTER)
        .where(_COUNTER.c.series == series, _COUNTER.c.year == year)
        .values(last=_COUNTER.c.last + 1)
        .returning(_COUNTER.c.last)
    )
    return int(connection.execute(step).scalar_one())


def written(series: str, year: int, sequence: int) -> str:
    """Return a number as it stands on paper: ``FV/2026/00001``."""
    return f"{series}/{year}/{sequence:05d}"
