"""Engines that share what SQLAlchemy has compiled.

Every test has a database of its own and so an engine of its own. Each would put every statement into words
anew, which takes longer than running it: the laws alone need 0.8 seconds the first time and 0.1 later. A
process of the shop has one engine and puts a statement into words once; here a test process does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

#: Statements kept for each kind of database.
KEPT = 4000


def sharing(create: Callable[..., sa.Engine]) -> Callable[..., sa.Engine]:
    """Return the maker of engines with one dialect and one store of compiled statements for each kind of database.

    The first engine that has met its server gives both; until then an engine has its own.
    """
    known: dict[str, sa.Engine] = {}

    def make(url: str | sa.URL, **options: Any) -> sa.Engine:
        engine = create(url, **{"query_cache_size": KEPT, **options})
        kind = f"{engine.dialect.name}+{engine.dialect.driver}"
        if kind in known:
            engine.dialect = engine.pool._dialect = known[kind].dialect
            engine._compiled_cache = known[kind]._compiled_cache
        else:
            sa.event.listen(engine, "engine_connect", lambda _: known.setdefault(kind, engine))
        return engine

    return make
