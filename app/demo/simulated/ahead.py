"""The days after a simulated shop's end, with the messages that were sent: what campaigns are graded by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from app.demo import marker
from app.demo.simulated.campaigns import Campaigns
from app.demo.simulated.days import BEYOND, DAYS, FIRST, days
from app.demo.simulated.frames import Chunk, Tables
from app.demo.simulated.loading import Loader
from app.demo.simulated.size import Size
from app.demo.simulated.trading import Shop, Today
from app.locks import is_held
from app.worker import LOCK
from oms_core.customers.tables import Customer
from oms_core.kernel import clock, journal
from oms_core.kernel.errors import InvalidInput, Refused
from oms_core.kernel.settings import load_shop, save_shop
from oms_core.marketing.tables import SegmentExport, SegmentExportMember

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.workspace import Workspace

#: Nobody sends anything: the baseline of a comparison.
NO_MESSAGES = pl.DataFrame(schema={"number": pl.String, "sent_on": pl.Date})


def play(size: Size, *, seed: int, since: int, until: int, messages: pl.DataFrame = NO_MESSAGES) -> Iterator[Today]:
    """Return the days `since` to `until` (exclusive) of a shop whose customers got messages.

    Parameters
    ----------
    since, until : int
        Day numbers; the shop's own past ends before day 732.
    messages : DataFrame
        ``number, sent_on``: who got a message on which day. The same seed with and without a message
        lets everybody live the same life otherwise.
    """
    shop = Shop(size, seed=seed, horizon=until, campaigns=Campaigns(messages, seed=seed))
    for today in shop.days():
        if today.day >= since:
            yield today


def orders(size: Size, *, seed: int, days_ahead: int, messages: pl.DataFrame = NO_MESSAGES) -> pl.DataFrame:
    """Return what known customers want in the days after the end, one row an order, without a database.

    Returns
    -------
    DataFrame
        ``number, day, is_answer`` (the order would not be there without a message), ``value`` (major
        zł, at the day's prices, before empty shelves).
    """
    _check(days_ahead)
    found = play(size, seed=seed, since=DAYS, until=DAYS + days_ahead, messages=messages)
    return pl.concat([wanted(today) for today in found])


def wanted(today: Today) -> pl.DataFrame:
    """Return a day's orders of known customers as the truth about them."""
    basket, buyers = today.basket, today.buyers
    value = pl.DataFrame({"order": basket.order, "value": basket.units * today.price[basket.sku] / 100})
    sums = value.group_by("order").agg(pl.col("value").sum())
    frame = pl.DataFrame({
        "order": range(len(buyers.number)),
        "number": pl.Series(buyers.number),
        "day": pl.repeat(days().dates[today.day], len(buyers.number), dtype=pl.Date, eager=True),
        "is_answer": buyers.is_answer,
    }).with_columns(pl.col("order").cast(pl.Int64))  # fmt: skip
    return (
        frame.filter(pl.col("number") > 0)
        .join(sums, on="order", how="left", maintain_order="left")
        .select(
            ("K" + pl.col("number").cast(pl.String).str.zfill(7)).alias("number"),
            "day",
            "is_answer",
            pl.col("value").fill_null(0.0),
        )
    )


def advance(workspace: Workspace, days_ahead: int) -> dict[str, Any]:
    """Let days pass in a simulated demo: its customers order, and answer the exports that were sent to them.

    The new orders are history (they touch no stock); the clock goes on by as many days; what was wanted and
    which orders are answers is written to ``truth/ahead.parquet``.

    Raises
    ------
    Refused
        ``demo.not_simulated`` in any other shop, ``demo.running`` while a worker keeps its clock.
    InvalidInput
        More days than the calendar has.
    """
    with workspace.reading() as session:
        facts = marker.read(session) or {}
    if facts.get("shop") != "simulated" or facts.get("state") != "ready":
        raise Refused(
            "demo.not_simulated",
            "Only the simulated demo knows what would have happened next.",
            "Make one with: ordersight demo --shop simulated --home DIR",
        )
    if is_held(workspace.home.path / LOCK):
        raise Refused("demo.running", "A worker runs this shop by its clock.", "Stop it, then let days pass.")
    seed, size = int(facts["seed"]), Size(int(facts["orders"]))
    now = clock.now()
    first = (clock.business_date(now, workspace.shop.zone) - FIRST).days + 1
    _check(first + days_ahead - DAYS)
    then = now + timedelta(days=days_ahead)
    found = list(play(size, seed=seed, since=first, until=first + days_ahead, messages=messages_of(workspace)))
    with clock.frozen(then), workspace.transaction() as session:
        chunk = _load(session, workspace.engine, found, size, seed=seed, until=first + days_ahead)
        shop = load_shop(session)
        offset = shop.clock_offset_seconds + days_ahead * 86_400
        save_shop(session, replace(shop, clock_offset_seconds=offset))
        journal.record(session, "demo.advanced", "shop", 0, actor="demo", days=days_ahead)
    clock.set_offset(timedelta(seconds=offset))
    truth = pl.concat([wanted(today) for today in found])
    _append(workspace.home.path / "truth" / "ahead.parquet", truth)
    return {
        "days": days_ahead,
        "orders": chunk.orders.height,
        "order_lines": chunk.order_lines.height,
        "answers": int(truth["is_answer"].sum()),
        "until": str(days().dates[first + days_ahead - 1]),
    }


def messages_of(workspace: Workspace) -> pl.DataFrame:
    """Return who was in which export, and so got a message on its day; hold-outs got none."""
    statement = (
        sa.select(Customer.number, SegmentExport.at)
        .join(SegmentExportMember, SegmentExportMember.customer_id == Customer.id)
        .join(SegmentExport, SegmentExport.id == SegmentExportMember.segment_export_id)
        .where(SegmentExportMember.outcome == "exported")
    )
    with workspace.reading() as session:
        rows = session.execute(statement).all()
    zone = workspace.shop.zone
    sent = [(row.number, clock.business_date(row.at, zone)) for row in rows]
    return pl.DataFrame(sent, schema=NO_MESSAGES.schema, orient="row")


def _load(session: Session, engine: sa.Engine, found: list[Today], size: Size, *, seed: int, until: int) -> Chunk:
    """Write the days as imported history, under ids that are free; customers keep their numbers."""
    tables = Tables(Shop(size, seed=seed, horizon=1).goods, seed=seed, until=until, ends=until)
    loader = Loader(engine, seed=seed, at=clock.now())
    loader.resume(session)
    for name in tables.next:
        last = session.execute(sa.text(f"SELECT coalesce(max(id), 0) FROM {name}")).scalar_one()
        tables.next[name] = int(last) + 1
    loader.begin(session, {"days": len(found), "seed": seed})
    chunk = tables.chunk(found)
    known = pl.Series(list(session.scalars(sa.select(Customer.number))), dtype=pl.String).implode()
    chunk = replace(chunk, customers=chunk.customers.filter(~pl.col("number").is_in(known)))
    loader.write(session, chunk)
    loader.finish(session)
    return chunk


def _check(days_ahead: int) -> None:
    if not 1 <= days_ahead <= BEYOND - 35:
        raise InvalidInput("ahead", days_ahead, f"1 to {BEYOND - 35} days after the end", code="demo.ahead")


def _append(path: Path, frame: pl.DataFrame) -> None:
    """Add to what earlier days wrote."""
    before = [pl.read_parquet(path)] if path.exists() else []
    pl.concat([*before, frame]).write_parquet(path)
