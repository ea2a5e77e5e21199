"""Build the retail demo shop in a database: import, surroundings, a year of buying, two weeks of replay."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

import polars as pl
import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.books import keep
from app.demo.buying import buy
from app.demo.calendar import Calendar
from app.demo.demand import demand
from app.demo.desk_work import DeskWork
from app.demo.returning import Returning
from app.demo.scenes import RETAIL
from app.demo.selling import Selling
from app.demo.stock import Past
from app.demo.supplying import Supplying
from app.demo.surroundings import write_people, write_places, write_terms
from oms_core.channels.history import import_history
from oms_core.kernel import clock
from oms_core.kernel.change_log import create_triggers, drop_triggers
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop, save_shop
from oms_core.schema import TRACKED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.demo.people import Person
    from app.demo.terms import Terms
    from oms_core.imports.documents import Documents, OrderDocument

Progress = Callable[[str, float], None]
PACKAGED = "online_retail_ii_2009_2010.parquet"
#: The last moment of the data, and how many days before it went through the real commands.
DATA_END = RETAIL.ends
REPLAY_DAYS = 14
SHOP = Shop(
    name="Retail demo (Online Retail II)",
    kind="demo",
    zone="Europe/London",
    currency="GBP",
    country="GB",
    language="en",
    simulated="stock, locations, suppliers, costs, carriers, consents, names, payments, new orders",
    clock_label="demo clock: starts Thu 9 Dec 2010 20:01, the data's last moment, and runs",
    pick_minor=3,
    pack_minor=45,
    take_back_minor=40,
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the data to take.

    Parameters
    ----------
    weeks : int, optional
        Only the last weeks; None is the whole year.
    replay_days : int
        Days before the data's end that go through the real commands.
    """

    weeks: int | None = None
    replay_days: int = REPLAY_DAYS
    name: ClassVar[str] = RETAIL.name
    ends: ClassVar[datetime] = DATA_END

    def rows(self) -> pl.DataFrame:
        """Return the packaged data's rows of this extent."""
        with (files("oms_core.channels") / "data" / PACKAGED).open("rb") as file:
            rows = pl.read_parquet(file)
        if self.weeks is None:
            return rows
        return rows.filter(pl.col("InvoiceDate").dt.date() > DATA_END.date() - timedelta(weeks=self.weeks))

    @property
    def facts(self) -> dict[str, int]:
        """What the mark of the shop remembers of its making."""
        return {}

    def build(self, engine: sa.Engine, *, seed: int, home: Path, progress: Progress) -> None:  # noqa: ARG002 - the other demo writes its truth there
        """Fill an empty, migrated database with this extent."""
        build(engine, seed=seed, extent=self, progress=progress)

    @property
    def cut(self) -> datetime:
        """Instant from which orders are replayed; midnight, so that no business day is torn."""
        return midnight(DATA_END.date() - timedelta(days=self.replay_days - 1))


def midnight(day: date) -> datetime:
    """Return the first instant of a day in the demo shop's zone, UTC."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(SHOP.zone)).astimezone(UTC)


def build(engine: sa.Engine, *, seed: int, extent: Extent, progress: Progress) -> None:
    """Fill an empty, migrated database; deterministic for a seed.

    The change log is off meanwhile: nobody can follow a shop that is not there yet, and a replica
    begins with a full load.
    """
    with clock.frozen(DATA_END), unhurried_collector():
        change_log(engine, on=False)
        with transaction(engine) as session:
            save_shop(session, SHOP)
        remaining = _history(engine, extent, progress)
        progress("inventing suppliers, costs and names", 0.36)
        people, terms = _surround(engine, seed=seed)
        progress("buying a year of stock", 0.42)
        agenda = _prepare(engine, remaining, people, terms, seed=seed, extent=extent, progress=progress)
        agenda.run(engine, lambda at: progress(f"replaying {at:%a %d %b %Y}", _replayed(at, extent)))
        change_log(engine, on=True)
    progress("shop built", 0.9)


@contextmanager
def unhurried_collector() -> Iterator[None]:
    """Leave the search for reference cycles aside: millions of rows live long here and make none (a third faster)."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def _history(engine: sa.Engine, extent: Extent, progress: Progress) -> Documents:
    """Import everything before the cut; return the documents after it."""
    with TemporaryDirectory() as folder:
        chosen = []
        if extent.weeks is not None:
            chosen = [Path(folder) / PACKAGED]
            extent.rows().write_parquet(chosen[0])
        found = import_history(
            engine,
            SHOP,
            source="online-retail",
            files=chosen,
            until=extent.cut,
            progress=lambda what, share: progress(what, 0.35 * share),
        )
    return found.remaining


def _replayed(at: datetime, extent: Extent) -> float:
    return 0.5 + 0.4 * (at - extent.cut) / (DATA_END - extent.cut)


def change_log(engine: sa.Engine, *, on: bool) -> None:
    """Let changes of tracked tables be logged, or not."""
    make = create_triggers if on else drop_triggers
    with engine.begin() as connection:
        for statement in make(engine.dialect.name, TRACKED):
            connection.exec_driver_sql(statement)


def _surround(engine: sa.Engine, *, seed: int) -> tuple[dict[int, Person], dict[int, Terms]]:
    with transaction(engine) as session:
        write_places(session, currency=SHOP.currency)
        terms = write_terms(session, currency=SHOP.currency, seed=seed)
        people = write_people(session, at=DATA_END, seed=seed)
    return people, terms


def _prepare(
    engine: sa.Engine,
    remaining: Documents,
    people: dict[int, Person],
    terms: dict[int, Terms],
    *,
    seed: int,
    extent: Extent,
    progress: Progress,
) -> Agenda:
    """Write the simulated past and plan the two weeks after it."""
    with transaction(engine) as session:
        lines = pl.concat([_sold(session), _to_sell(remaining.orders)])
        until = DATA_END.date()
        sales = demand(lines, until=until)
        calendar = Calendar(sales.since, (until - sales.since).days + 1, SHOP.zone)
        cut = calendar.number(extent.cut.date())
        bought = buy(sales, terms, calendar=calendar, cut=cut, seed=seed)
        costs = [terms[int(v)].cost_minor for v in bought.variant]
        progress("writing the stock ledger", 0.45)
        past = Past(session.connection(), bought, costs, calendar=calendar, cut=cut, seed=seed)
        orders = past.write(SHOP.currency)
    agenda = Agenda(DATA_END)
    selling = Selling(agenda, people, SHOP.zone, seed)
    selling.plan(remaining.orders)
    Supplying(agenda, past, bought, calendar, seed, selling.goods_came).plan(orders)
    returning = Returning(agenda, selling, past.locations[0], SHOP.zone, seed)
    returning.plan(remaining.returns)
    DeskWork(agenda, SHOP, seed).plan(extent.cut)
    agenda.add(DATA_END, lambda session: keep(session, returning.unmatched, remaining.charges))
    return agenda


_SCHEMA = {"variant_id": pl.Int64, "order_key": pl.String, "country": pl.String, "day": pl.Date, "quantity": pl.Int64}


def _sold(session: Session) -> pl.DataFrame:
    """Read the imported sales."""
    rows = session.execute(
        sa.text(
            "SELECT l.variant_id, o.external_id, o.ship_country, o.business_date, l.quantity FROM order_lines l"
            " JOIN orders o ON o.id = l.order_id WHERE NOT o.is_test ORDER BY l.id"
        ).columns(business_date=sa.Date())
    )
    return pl.DataFrame(rows.all(), schema=_SCHEMA, orient="row")


def _to_sell(documents: Sequence[OrderDocument]) -> pl.DataFrame:
    """Return the sales that the replay will make."""
    rows = [
        (line.variant_id, d.external_id, d.ship_country, d.business_date, line.quantity)
        for d in documents
        for line in d.lines
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
