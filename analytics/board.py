"""The board of the day: what happens per second and per minute, what waits where and for how long, what is late.

Read from the replica by three SQL files in ``sql/board``; thresholds compare the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from analytics.warehouse import FOLDER
from oms_core.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl

    from analytics.replica import Replica

#: What happens, in the order of an order's life.
FLOWS = ("placed", "picked", "shipped", "delivered")
#: How far back the board looks, in seconds.
LOOK_BACK = 3600
#: States of a parcel that somebody has to look after.
TROUBLED = ("delayed", "failed", "return_to_sender", "lost")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number a threshold can be set on, for all places or one.

    Attributes
    ----------
    unit : str
        ``count``, ``minutes`` or ``per_hour``.
    direction : str
        Which crossing is bad news.
    """

    name: str
    label: str
    unit: Literal["count", "minutes", "per_hour"]
    direction: Literal["above", "below"] = "above"


MEASURES = (
    Measure("orders_late", "Late orders", "count"),
    Measure("work_waiting", "Work that waits", "count"),
    Measure("work_oldest", "Oldest work waits", "minutes"),
    Measure("work_p90", "Nine of ten wait at most", "minutes"),
    Measure("parcels_troubled", "Parcels in trouble", "count"),
    Measure("placed_per_hour", "Orders placed in an hour", "per_hour", "below"),
    Measure("picked_per_hour", "Work picked in an hour", "per_hour", "below"),
    Measure("shipped_per_hour", "Parcels shipped in an hour", "per_hour", "below"),
    Measure("delivered_per_hour", "Parcels delivered in an hour", "per_hour", "below"),
)


@dataclass(frozen=True, slots=True)
class Board:
    """What was measured.

    Attributes
    ----------
    at : datetime
        When, aware.
    flow : polars.DataFrame
        ``kind, place, ago`` (seconds before `at`), ``n``.
    queues : polars.DataFrame
        ``kind`` (work, parcel), ``state, place, name, n, oldest, p90`` (seconds); totals have no state, no place.
    late : polars.DataFrame
        ``place`` (empty for all), ``n, oldest`` (seconds past the ship-by time).
    """

    at: datetime
    flow: pl.DataFrame
    queues: pl.DataFrame
    late: pl.DataFrame

    def happened(self, kind: str, seconds: int, *, place: str | None = None) -> int:
        """Return how often something happened in the last seconds."""
        import polars as pl

        rows = self.flow.filter((pl.col("kind") == kind) & (pl.col("ago") < seconds))
        return int((rows if place is None else rows.filter(pl.col("place") == place))["n"].sum())

    def per_minute(self, kind: str, minutes: int = 60) -> list[int]:
        """Return how often something happened in each of the last minutes, the oldest first."""
        import polars as pl

        counts = dict.fromkeys(range(minutes), 0)
        for ago, n in self.flow.filter(pl.col("kind") == kind).select("ago", "n").iter_rows():
            if ago // 60 in counts:
                counts[ago // 60] += n
        return [counts[minute] for minute in reversed(range(minutes))]

    def waiting(self, kind: str, *, place: str | None = None) -> Mapping[str, Any]:
        """Return how many wait, the oldest and the 90th of 100, over all states; zeros when nothing waits."""
        import polars as pl

        here = pl.col("place").is_null() if place is None else pl.col("place") == place
        rows = self.queues.filter((pl.col("kind") == kind) & pl.col("state").is_null() & here)
        return rows.row(0, named=True) if rows.height else {"n": 0, "oldest": 0, "p90": 0}

    def late_everywhere(self) -> Mapping[str, Any]:
        """Return how many orders are late and how long the oldest is past its time, in seconds."""
        import polars as pl

        rows = self.late.filter(pl.col("place") == "")
        found = rows.row(0, named=True) if rows.height else {"n": 0, "oldest": 0}
        return {"n": found["n"], "oldest": found["oldest"] or 0}

    def places(self) -> list[str]:
        """Return the places something waits at or happened at, sorted."""
        known = {*self.queues["place"].drop_nulls(), *self.flow["place"], *self.late["place"]}
        return sorted(known - {""})


def measure(replica: Replica, now: datetime) -> Board:
    """Read the board's numbers as of an instant; cheap enough for every second.

    Parameters
    ----------
    now : datetime
        Aware; the shop's time.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None)
    since = {"now": moment, "since": moment - timedelta(seconds=LOOK_BACK)}
    found = {name: replica.frame(sql(name), since if name == "flow" else {"now": moment}) for name in _FILES}
    return Board(now, **found)


_FILES = ("flow", "queues", "late")


@lru_cache
def sql(name: str) -> str:
    """Return the text of one of the board's queries."""
    return (FOLDER / "board" / f"{name}.sql").read_text(encoding="utf-8")


def values(board: Board) -> dict[tuple[str, str], float]:
    """Return every measure for all places (empty) and each: what thresholds are compared with."""
    import polars as pl

    found: dict[tuple[str, str], float] = {}
    for place in ("", *board.places()):
        where = place or None
        work = board.waiting("work", place=where)
        late = board.late.filter(pl.col("place") == place)
        here = pl.col("place").is_null() if where is None else pl.col("place") == place
        troubled = pl.col("state").is_in(TROUBLED) & (pl.lit(where is None) | here)
        found |= {
            ("orders_late", place): float(late["n"].sum()),
            ("work_waiting", place): float(work["n"]),
            ("work_oldest", place): work["oldest"] / 60,
            ("work_p90", place): work["p90"] / 60,
            ("parcels_troubled", place): float(board.queues.filter((pl.col("kind") == "parcel") & troubled)["n"].sum()),
        }
        found |= {(f"{kind}_per_hour", place): float(board.happened(kind, 3600, place=where)) for kind in FLOWS}
    return found


def measure_named(name: str) -> Measure:
    """Return a measure by its name.

    Raises
    ------
    NotFound
        ``measure.not_found`` with near matches.
    """
    known = {one.name: one for one in MEASURES}
    if name not in known:
        raise NotFound("measure", name, known, f"Measures are: {', '.join(known)}.")
    return known[name]
