"""One consistent view of the operational database, and the place in its change log it stands at."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a replica stands in the change log.

    Attributes
    ----------
    watermark : int
        Sequence number (SQLite) or transaction id (PostgreSQL).
    seen : int
        Log rows at or above the watermark already taken (PostgreSQL's overlap; 0 on SQLite).
    tail : tuple of str
        The last log rows at the watermark (SQLite), to notice another history.
    """

    watermark: int = 0
    seen: int = 0
    tail: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Look:
    """What a tick has to know of the source before it reads anything.

    Attributes
    ----------
    identity : str
        Which database it is.
    mark : Mark
        Where this snapshot stands.
    settings : dict of str to str
        The shop's settings as JSON text by key.
    continues : bool
        Whether the log still holds everything after the mark asked about; True when none was.
    fresh : int
        Log rows not yet taken; zero means that nothing has changed.
    changed : dict of str to int
        Changed keys by table.
    """

    identity: str
    mark: Mark
    settings: dict[str, str]
    continues: bool = True
    fresh: int = 0
    changed: dict[str, int] = field(default_factory=dict)


class Snapshot(Protocol):
    """One read-only transaction; everything read from it belongs to the same moment."""

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a small query and return its rows."""

    def tuples(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a small query and return its rows as values in the order of the columns."""

    def stream(
        self, sql: str, params: Sequence[object], types: dict[str, str]
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """Run a query and hand out its result batch by batch; `types` are the columns' DuckDB types."""
