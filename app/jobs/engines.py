"""Which engine answers: DuckDB on the replica, or Spark on what the replica hands over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import polars as pl

    from analytics.past import Reader
    from app.workspace import Workspace

Each = Callable[[Callable[[Any], "pl.DataFrame"], Iterable[Any]], "Iterator[pl.DataFrame]"]

#: Who answers questions, and where models run.
ENGINES = ("duckdb", "spark")
PLACES = ("local", "spark")


def check(engine: str) -> None:
    """Refuse an engine nobody knows, and Spark where it is not installed, before anything is opened.

    Raises
    ------
    InvalidInput
        ``input.engine``
    DataNotReady
        ``spark.not_installed`` with what to install.
    """
    _check(engine, ENGINES)


def _check(engine: str, known: tuple[str, ...]) -> None:
    if engine not in known:
        words = f"{' or '.join(known)} was expected"
        raise InvalidInput("engine", engine, words, f"Leave it out for {known[0]}.")
    if engine == "spark":
        from analytics.spark.session import require

        require()


@contextmanager
def answering(workspace: Workspace, engine: str) -> Iterator[Reader]:
    """Yield what answers questions about a workspace whose replica is refreshed.

    Spark reads ``HOME/spark/<consumer>``; the hand-off there is written anew when the replica has moved on.

    Raises
    ------
    InvalidInput, DataNotReady
        As `check` and `analytics.spark.session.session` do.
    """
    check(engine)
    if engine == "duckdb":
        yield workspace.replica
        return
    from analytics.spark import hand_off
    from analytics.spark.engine import SparkEngine
    from analytics.spark.session import session

    folder = workspace.home.path / "spark" / workspace.consumer
    handed = hand_off.current(workspace.replica, folder / "tables")

    def past(at: datetime) -> hand_off.HandOff:
        return hand_off.known(workspace.replica, folder / "known", at)

    with session(folder / "session") as opened:
        yield SparkEngine(opened, handed, past=past)


@contextmanager
def running(engine: str) -> Iterator[Each]:
    """Yield what runs a pure function over pieces of work: ``map`` here, or the workers of a cluster.

    Raises
    ------
    InvalidInput, DataNotReady
        As `check` does; ``local`` takes DuckDB's place.
    """
    _check(engine, PLACES)
    if engine == "local":
        yield map
        return
    from analytics.spark.chunks import Cluster
    from analytics.spark.session import session

    with TemporaryDirectory(prefix="ordersight-spark-") as folder, session(Path(folder)) as opened:
        yield Cluster(opened)
