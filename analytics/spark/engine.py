"""Questions answered by Spark from a hand-off; takes a replica's place in `analytics.ask.ask`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics import layout, warehouse
from analytics.spark import hand_off
from analytics.spark.dialect import RAW, translated
from analytics.spark.session import quiet
from oms_core.kernel.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

    from analytics.spark.hand_off import HandOff

_TYPES = {"BIGINT": "BIGINT", "VARCHAR": "STRING", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "DATE": "DATE",
          "TIMESTAMP": "TIMESTAMP_NTZ"}  # fmt: skip


class SparkEngine:
    """Reads one hand-off. What a query needs is declared when it is first asked for; nothing is copied.

    A hand-off never changes, so an answer once reckoned stays true and is kept for the same question.

    Parameters
    ----------
    keep_models : bool
        Reckon every model once and keep its rows on the workers, without the plan they came from: for many questions
        in one session over little data. (A kept plan would be compared with every later one, part by part.)
    past : callable, optional
        Hands over the tables as they were known at an instant (`hand_off.known`); without it there is only today.
    """

    def __init__(
        self,
        session: SparkSession,
        handed: HandOff,
        *,
        keep_models: bool = False,
        past: Callable[[datetime], HandOff] | None = None,
    ) -> None:
        self.session, self.handed, self._keep_models, self._past = session, handed, keep_models, past
        self._declared: set[str] = set()
        self._answers: dict[tuple[str, str], pl.DataFrame] = {}

    def frame(
        self,
        sql: str,
        params: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        tables: Mapping[str, pl.DataFrame] | None = None,
    ) -> pl.DataFrame:
        """Run a query of DuckDB's dialect with named bound parameters and return its result as a frame."""
        key = (sql, repr(params))
        if not tables and key in self._answers:
            return self._answers[key]
        with quiet():
            self._declare(sql)
            for name, table in (tables or {}).items():
                self.session.createDataFrame(table.to_arrow()).createOrReplaceTempView(name)
            found = _frame(self.session.sql(*_asked(sql, dict(params or {}))))
        if not tables:
            self._answers[key] = found
        return found

    @contextmanager
    def known_at(self, at: datetime) -> Iterator[SparkEngine]:
        """Yield an engine over the tables as they stood; it shares the cluster, and its names mean the past.

        Raises
        ------
        Refused
            ``metric.past_needs_replica`` when nobody can hand them over.
        """
        if self._past is None:
            raise Refused(
                "metric.past_needs_replica",
                "Spark was handed today's tables and knows no earlier instant.",
                "Ask the replica, or leave as-of out.",
            )
        yield SparkEngine(self.session.newSession(), self._past(at), keep_models=self._keep_models)

    def forget(self) -> None:
        """Forget the answers, not the tables: the next question is reckoned anew."""
        self._answers.clear()

    def _declare(self, sql: str) -> None:
        """Make the views a query reads from, those below first."""
        for name in hand_off.named(sql):
            if name not in self._declared:
                self._table(name)
                self._declared.add(name)
        for name in warehouse.sources(sql):
            if name not in self._declared:
                text = warehouse.models()[name]
                self._declare(text)
                rows = self.session.sql(translated(text))
                (rows.coalesce(1).localCheckpoint() if self._keep_models else rows).createOrReplaceTempView(name)
                self._declared.add(name)

    def _table(self, name: str) -> None:
        path = str(self.handed.folder / name)
        self.session.read.schema(_schema(name)).parquet(path).createOrReplaceTempView(RAW + name)


def _schema(table: str) -> str | StructType:
    """Return the columns a table was written with: no file is opened to find them out."""
    if table == "shop":
        kinds = {"VARCHAR": "STRING", "BIGINT": "BIGINT"}
        return ", ".join(f"{name} {kinds[kind]}" for name, (kind, _) in warehouse.SETTINGS.items())
    return ", ".join(f"`{c.name}` {_TYPES[c.type]}" for c in layout.columns(table))


def _asked(sql: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a query and its bound values as Spark takes them: lists are arrays, instants text (without a zone)."""
    from pyspark.sql import functions as f

    def value(given: Any) -> Any:
        if isinstance(given, list):
            return f.array(*(f.lit(part) for part in given))
        return given.isoformat(sep=" ") if isinstance(given, datetime) else given

    instants = frozenset(name for name, given in params.items() if isinstance(given, datetime))
    return translated(sql, instants), {name: value(given) for name, given in params.items()}


def _frame(result: Any) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(pl.from_arrow(result.toArrow()))
