"""Pure functions over pieces of work: each worker of a cluster runs the very function that runs here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from analytics.spark.session import quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import polars as pl
    import pyarrow as pa
    from pyspark.sql import SparkSession

_PIECES = "number long, piece binary"
_ANSWERS = "number long, answer binary"


class Cluster:
    """Runs functions on a Spark session's workers; takes the place of the built-in ``map``.

    Workers need this package, in the same version: they run the function by its name.
    """

    def __init__(self, session: SparkSession) -> None:
        self.session = session

    def __call__(self, function: Callable[[Any], pl.DataFrame], pieces: Iterable[Any]) -> Iterator[pl.DataFrame]:
        """Yield the function's frame of each piece, in the order of the pieces."""
        import polars as pl
        import pyarrow as pa
        from pyspark import cloudpickle

        packed = [cloudpickle.dumps((function, piece)) for piece in pieces]  # type: ignore[no-untyped-call]
        rows = pa.table({"number": pa.array(range(len(packed)), pa.int64()), "piece": pa.array(packed, pa.binary())})
        with quiet():
            spread = self.session.createDataFrame(rows, _PIECES).repartition(max(1, len(packed)))
            answers = spread.mapInArrow(answered, _ANSWERS).toArrow().sort_by("number")
        for answer in answers["answer"]:
            yield pl.read_ipc(io.BytesIO(answer.as_py()))


def answered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run on a worker: unpack each piece, run its function, hand its frame back as Arrow."""
    import pickle

    import pyarrow as pa

    for batch in batches:
        for number, piece in zip(batch["number"], batch["piece"], strict=True):
            function, given = pickle.loads(piece.as_py())  # noqa: S301 - packed a moment ago by our own driver
            buffer = io.BytesIO()
            function(given).write_ipc(buffer)
            yield pa.RecordBatch.from_pydict({"number": [number.as_py()], "answer": [buffer.getvalue()]})
