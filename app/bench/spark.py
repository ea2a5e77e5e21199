"""The same questions on the same shop: DuckDB on one machine against Spark on its cores, full results equal.

Spark pays for its start and for every plan; at sizes one machine holds, DuckDB wins. The rows say by how much, so
that nobody buys a cluster too early. The hand-off is measured against DuckDB copying the same tables to Parquet.
"""

from __future__ import annotations

import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics import duck
from analytics.ask import ask
from analytics.spark import hand_off
from analytics.spark.engine import SparkEngine
from analytics.spark.session import session
from app.bench import sized
from app.bench.queries import QUESTIONS
from app.bench.registry import pairs

if TYPE_CHECKING:
    from analytics.past import Reader
    from analytics.periods import Period
    from analytics.replica import Replica

#: Order lines of the usual run.
LINES = 200_000
#: Questions asked of both.
ASKED = ("status board", "SKU x region x channel, 90 days", "new and returning by month")


def run(*, lines: int | None = None) -> list[dict[str, Any]]:
    """Measure the hand-off, the start of a session, and each question on both engines, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        files = sized.shop_files(Path(folder), lines or LINES)
        replica = sized.replica_of(files, Path(folder) / "replica.duckdb")
        rows = [_handed(replica, Path(folder))]
        handed = hand_off.current(replica, Path(folder) / "handed")
        begun = time.perf_counter()
        with session(Path(folder) / "session") as opened:
            rows.append(_single("start of a Spark session", time.perf_counter() - begun))
            spark = SparkEngine(opened, handed)
            rows += [_measured(replica, spark, *asked) for asked in QUESTIONS if asked[0] in ASKED]
        replica.close()
    return rows


def _single(name: str, seconds: float) -> dict[str, Any]:
    return {"name": name, "ours": None, "peer": round(seconds, 3), "ratio": None, "unit": "s", "n": 1}


def _handed(replica: Replica, folder: Path) -> dict[str, Any]:
    """Time a hand-off with manifest and hashes against DuckDB's own export of the whole replica."""
    turn = count()

    def ours() -> None:
        hand_off.current(replica, folder / f"handed-{next(turn)}")

    def peer() -> None:
        with replica.cursor() as cursor:
            for table in hand_off.tables():
                target = folder / f"{table}-{next(turn)}.parquet"
                duck.run(cursor, f"COPY raw.{table} TO '{target}' (FORMAT parquet, COMPRESSION zstd)")

    return pairs("hand-off: plain Parquet copies", ours, peer, n=1, warmup=0)


def _measured(
    replica: Replica, spark: SparkEngine, name: str, slugs: tuple[str, ...], by: tuple[str, ...], period: Period
) -> dict[str, Any]:
    def answer(reader: Reader) -> Any:
        return ask(reader, sized.SHOP, slugs, by, since=period.since, until=period.until)

    if not answer(replica).equals(answer(spark)):
        message = f"{name}: the two engines differ; a measurement would mean nothing"
        raise AssertionError(message)

    def anew() -> Any:
        spark.forget()
        return answer(spark)

    return pairs(f"{name}: Spark", lambda: answer(replica), anew, n=3)
