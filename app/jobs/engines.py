"""Which engine answers: DuckDB on the replica, or Spark on what the replica hands over."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from oms_core.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analytics.past import Reader
    from app.workspace import Workspace

ENGINES = ("duckdb", "spark")


def check(engine: str) -> None:
    """Refuse an engine nobody knows, and Spark where it is not installed, before anything is opened.

    Raises
    ------
    InvalidInput
        ``input.engine``
    DataNotReady
        ``spark.not_installed`` with what to install.
    """
    if engine not in ENGINES:
        raise InvalidInput("engine", engine, f"{' or '.join(ENGINES)} was expected")
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
    with session(folder / "session") as opened:
        yield SparkEngine(opened, handed)
