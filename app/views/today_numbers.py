"""Today's counts and pace, all asked of the metric registry: up to now, and up to the same time on earlier days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from analytics.metrics import metric
from app import data
from app import format as fmt
from app.i18n import N_, _, ngettext
from app.tiles import Behind, Tile, of_metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from app.data import Place

#: Weeks whose same weekday says what is usual.
WEEKS = 8
COUNTED = ("orders", "orders_shipped", "orders_arrived", "returns_requested")
LIVE = ("orders_open", "orders_late")
SLUGS = (*COUNTED, *LIVE, "gross_sales", "on_time_rate")
HALF_HOUR = 30
#: Tile to the day's rows behind it: words and the expression on the Orders page.
BEHIND = {
    "orders": (N_("Placed today"), "placed = {day}"),
    "orders_shipped": (N_("Shipped today"), "shipped = {day}"),
    "orders_arrived": (N_("Delivered today"), "delivered = {day}"),
    "returns_requested": (N_("Asked for today"), "return_asked = {day}"),
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The registry's answers.

    Attributes
    ----------
    counted : polars.DataFrame
        ``day`` and :data:`COUNTED`, up to this time of day: today and a week ago.
    live : polars.DataFrame
        One row of :data:`LIVE`, over all orders.
    sales : polars.DataFrame
        ``day, minute, gross_sales`` (minor units) of today and the same weekdays before it.
    channels : polars.DataFrame
        ``channel, orders, orders_open, orders_late, on_time_rate``.
    minute : int
        Minutes since midnight in the shop's zone.
    """

    counted: pl.DataFrame
    live: pl.DataFrame
    sales: pl.DataFrame
    channels: pl.DataFrame
    minute: int


def load(place: Place) -> Numbers:
    """Ask the registry for what the page counts."""
    today, tomorrow = place.today, place.today + timedelta(days=1)
    local = place.now.astimezone(ZoneInfo(place.zone))
    minute = 60 * local.hour + local.minute
    days = [today - timedelta(weeks=n) for n in range(WEEKS, -1, -1)]
    return Numbers(
        counted=data.ask(
            COUNTED, by=("day",), since=days[-2], until=tomorrow, where=f"{_among(days[-2:])} AND minute <= {minute}"
        ),
        live=data.ask(LIVE, since=place.first, until=tomorrow),
        sales=data.ask(
            ("gross_sales",), by=("day", "minute"), since=days[0], until=tomorrow,
            where=" AND ".join(part for part in (_among(days), data.own_currency()) if part),
        ),
        channels=_channels(place),
        minute=minute,
    )  # fmt: skip


def _among(days: Sequence[date]) -> str:
    return f"day IN ({', '.join(d.isoformat() for d in days)})"


def _channels(place: Place) -> pl.DataFrame:
    today, tomorrow = place.today, place.today + timedelta(days=1)
    known = pl.DataFrame({"channel": list(place.channels)}, schema={"channel": pl.String})
    for slugs, since in ((("orders",), today), (LIVE, place.first), (("on_time_rate",), today - timedelta(days=6))):
        found = data.ask(slugs, by=("channel",), since=since, until=tomorrow)
        known = known.join(found, on="channel", how="left", maintain_order="left")
    return known.filter(pl.col("orders_open").is_not_null()).with_columns(pl.col("orders").fill_null(0))


def so_far(numbers: Numbers, today: date) -> int:
    """Return gross sales of today up to now, in minor units; pure."""
    return _up_to_now(numbers, today)[1]


def usual(numbers: Numbers, today: date) -> int | None:
    """Return the median of the same weekdays up to this time, in minor units; None without one; pure."""
    return _up_to_now(numbers, today)[0]


def _up_to_now(numbers: Numbers, today: date) -> tuple[int | None, int]:
    until = pl.when(pl.col("minute") <= numbers.minute).then(pl.col("gross_sales")).otherwise(0)
    days = numbers.sales.group_by("day").agg(until.sum().alias("minor"))
    before = days.filter(pl.col("day") != today)["minor"].median()
    return (
        None if before is None else round(float(str(before))),
        int(days.filter(pl.col("day") == today)["minor"].sum()),
    )


def pace(numbers: Numbers, today: date) -> pl.DataFrame:
    """Return the running total by half hour: today up to now, the others' median, lowest and highest; pure.

    Returns
    -------
    polars.DataFrame
        ``hour_text, today, usual, low, high`` (minor units) and ``days``, how many earlier days there are.
    """
    halved = numbers.sales.group_by("day", (pl.col("minute") // HALF_HOUR).alias("half")).agg(
        pl.col("gross_sales").sum()
    )
    if halved.is_empty():
        return pl.DataFrame(schema={"hour_text": pl.String, **dict.fromkeys(_PACE, pl.Float64), "days": pl.Int64})
    first, last = (int(str(halved["half"].min())), int(str(halved["half"].max())))
    days = pl.concat([halved.select("day"), pl.DataFrame({"day": [today]})]).unique()
    grid = days.join(pl.DataFrame({"half": range(first, last + 2)}, schema={"half": pl.Int64}), how="cross")
    # what was sold in one half hour is in the total at the start of the next
    summed = (
        grid.join(halved.with_columns(pl.col("half") + 1), on=["day", "half"], how="left")
        .sort("day", "half")
        .with_columns(pl.col("gross_sales").fill_null(0).cum_sum().over("day").alias("minor"))
    )
    now, others = pl.col("day") == today, pl.col("minor").filter(pl.col("day") != today)
    reached = pl.col("half").first() <= numbers.minute // HALF_HOUR + 1
    return (
        summed.group_by("half")
        .agg(
            pl.when(reached).then(pl.col("minor").filter(now).first()).cast(pl.Float64).alias("today"),
            others.median().cast(pl.Float64).alias("usual"), others.min().cast(pl.Float64).alias("low"),
            others.max().cast(pl.Float64).alias("high"), others.len().cast(pl.Int64).alias("days"),
        )
        .sort("half")
        .with_columns(pl.col("half").map_elements(_clock, return_dtype=pl.String).alias("hour_text"))
        .select("hour_text", *_PACE, "days")
    )  # fmt: skip


_PACE = ("today", "usual", "low", "high")


def _clock(half: int) -> str:
    return f"{half // 2:02}:{HALF_HOUR * (half % 2):02}"


def tiles(numbers: Numbers, today: date) -> list[Tile]:
    """Return the tiles: what happened today against a week ago at this time, and what is open; pure."""
    against = _("vs. last {weekday}").format(weekday=fmt.weekday_short(today))
    known = {row["day"]: row for row in numbers.counted.iter_rows(named=True)}
    now, then = (known.get(day, {}) for day in (today, today - timedelta(weeks=1)))
    found = [
        of_metric(
            metric(slug), now.get(slug) or 0, then.get(slug) or 0, currency="", against=against,
            behind=_behind(slug, today),
        )
        for slug in COUNTED
    ]  # fmt: skip
    return [found[0], open_tile(numbers.live.row(0, named=True)), *found[1:]]


def _behind(slug: str, today: date) -> Behind:
    words, expression = BEHIND[slug]
    # orders of any day may leave, arrive or come back today
    return Behind("orders", _(words), {"view": "all", "period": "all", "q": expression.format(day=today.isoformat())})


def open_tile(live: Mapping[str, int]) -> Tile:
    """Return the tile of open orders; its chip says how many are late."""
    known, late = metric("orders_open"), live["orders_late"] or 0
    said = ngettext("{n} late", "{n} late", late).format(n=fmt.count(late))
    return Tile(
        _(known.label), fmt.count(live["orders_open"] or 0), said, "red" if late else "gray", help=_(known.help),
        behind=Behind("orders", _("Open orders"), {"view": "open"}),
    )  # fmt: skip
