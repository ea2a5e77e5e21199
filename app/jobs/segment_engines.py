"""The same segment asked of another engine: DuckDB over today's facts, or the operational database itself.

The database answers from the traits of the last snapshot and the orders of this moment; it needs no replica.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics import segment_sql
from app.jobs import segments as job
from oms_core.kernel import clock
from oms_core.kernel.errors import DataNotReady, InvalidInput
from oms_core.kernel.expressions.sql import condition
from oms_core.kernel.money import exponent
from oms_core.marketing import snapshot_queries
from oms_core.marketing.ground import ground as database_ground
from segmentation.attributes import ATTRIBUTES
from segmentation.functions import ROWS
from segmentation.traits import known as known_names
from segmentation.traits import traits

if TYPE_CHECKING:
    from app.workspace import Workspace

ENGINES = ("polars", "duckdb", "database")


def count(workspace: Workspace, text: str, *, engine: str) -> dict[str, Any]:
    """Count the members of a segment or expression on ``duckdb`` or ``database``.

    Raises
    ------
    InvalidInput
        ``segment.engine`` for another word.
    DataNotReady
        ``segment.no_snapshot``: the database is asked before the first snapshot; ``segment.no_scores``.
    """
    if engine not in ENGINES:
        raise InvalidInput("engine", engine, f"one of {', '.join(ENGINES)} was expected", code="segment.engine")
    segment = job.library(workspace).resolve(text)
    ids = _duckdb(workspace, text) if engine == "duckdb" else _database(workspace, text)
    return {"members": len(ids), "engine": engine, "expression": segment.expression}


def _common(workspace: Workspace, kinds: dict[str, str]) -> dict[str, Any]:
    shop, shelf = workspace.shop, job.library(workspace)
    return {
        "kinds": kinds, "functions": ROWS, "lookup": lambda name: shelf.find(name).tree(),
        "today": clock.business_date(clock.now(), shop.zone), "currency": shop.currency,
        "minor_units": 10 ** exponent(shop.currency),
    }  # fmt: skip


def _duckdb(workspace: Workspace, text: str) -> list[int]:
    import duckdb

    facts, shelf = job.facts(workspace), job.library(workspace)
    segment = shelf.resolve(text)
    frames = {"people": traits(facts), "orders": facts.orders, "lines": facts.lines, "credits": facts.credits}
    lists = {s.name.lower(): f"list_{n}" for n, s in enumerate(shelf) if s.ids is not None}
    frames |= {lists[s.name.lower()]: s.ids.to_frame("customer_id") for s in shelf if s.ids is not None}
    kinds = {name: ATTRIBUTES[name].kind for name in known_names(facts)}
    if not job.can_ask(segment, facts, shelf):
        sentence = f"{segment.expression} speaks of something that is not stored yet."
        raise DataNotReady("segment.no_scores", sentence, "Run: ordersight clv score")
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame.to_arrow())
        columns = {name: frames[name].columns for name in segment_sql.RELATIONS}
        asked = segment_sql.ground(columns, lists=lists, **_common(workspace, kinds))
        return segment_sql.members(connection, segment.tree(), asked)


def _database(workspace: Workspace, text: str) -> list[int]:
    shelf = job.library(workspace)
    segment = shelf.resolve(text)
    with workspace.reading() as session:
        if snapshot_queries.traits_day(session) is None:
            raise DataNotReady(
                "segment.no_snapshot", "No snapshot was taken yet.", "Run: ordersight segments snapshot"
            )  # fmt: skip
        kinds = {name: attribute.kind for name, attribute in ATTRIBUTES.items()}
        lists = [s.name for s in shelf if s.ids is not None]
        dialect = session.get_bind().dialect.name
        asked = database_ground(dialect, lists=lists, **_common(workspace, kinds))
        key = asked.people["customer_id"]
        return list(session.execute(sa.select(key).where(condition(segment.tree(), asked)).order_by(key)).scalars())
