"""Build the simulated shop in a database: history set-based, the last days through the real commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import sqlalchemy as sa

from app.demo.agenda import Agenda
from app.demo.build import change_log, unhurried_collector
from app.demo.buying import Bought
from app.demo.calendar import Calendar
from app.demo.desk_work import DeskWork
from app.demo.people import Person
from app.demo.returning import Returning
from app.demo.selling import Selling
from app.demo.simulated.assortment import PLACES
from app.demo.simulated.days import DAYS, FIRST, ZONE, days
from app.demo.simulated.documents import orders, persons, returns
from app.demo.simulated.frames import Chunk, Tables
from app.demo.simulated.loading import Loader
from app.demo.simulated.masters import write_masters
from app.demo.simulated.scene import ENDS, SIMULATED
from app.demo.simulated.size import Size
from app.demo.simulated.trading import Shop, Today
from app.demo.simulated.truth import Truth
from app.demo.stock import Past
from app.demo.supplying import Supplying
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Shop as Settings
from oms_core.kernel.settings import save_shop

if TYPE_CHECKING:
    from app.demo.build import Progress

#: The size of the second demo: built within a minute.
DEFAULT_ORDERS = 20_000
#: Orders that go through the real commands, and on how many days at most.
REPLAYED, REPLAY_DAYS = 450, 7
SHOP = Settings(
    name="Simulated shop",
    kind="demo",
    zone=ZONE,
    currency="PLN",
    country="PL",
    language="pl",
    simulated="everything: customers, orders, prices, stock, suppliers, carriers, returns",
    clock_label="demo clock: starts Thu 29 Oct 2026 22:00, where the simulation ends, and runs",
    legal_name="Sklep Symulowany sp. z o.o.",
    tax_id="PL5260001246",
    address="ul. Przykładowa 1, 05-800 Pruszków",
    included_tax_percent="23",
    pick_minor=40,
    pack_minor=180,
    take_back_minor=350,
)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What `ordersight demo --shop simulated` builds: a size, and what the demo needs to know of it."""

    orders: int = DEFAULT_ORDERS
    name: str = SIMULATED.name
    ends: datetime = ENDS

    @property
    def facts(self) -> dict[str, int]:
        """What the mark of the shop remembers of its making."""
        return {"orders": self.orders}

    @property
    def cut(self) -> int:
        """Day from which orders are replayed: few enough orders, whole days."""
        a_day = Size(self.orders).orders / DAYS * 1.3
        return DAYS - int(min(REPLAY_DAYS, max(1, REPLAYED // max(1, a_day))))

    def build(self, engine: sa.Engine, *, seed: int, home: Path, progress: Progress) -> None:
        """Fill an empty, migrated database, and write the truth beside it; deterministic for a seed."""
        size = Size(self.orders)
        with clock.frozen(ENDS), unhurried_collector():
            change_log(engine, on=False)
            with transaction(engine) as session:
                save_shop(session, SHOP)
            history = History(engine, size, seed=seed, cut=self.cut)
            history.write(home / "truth", progress)
            agenda = history.replay(progress)
            begun = history.instant(self.cut)
            share = 0.45 / ((ENDS - begun) / timedelta(seconds=1))
            agenda.run(
                engine,
                lambda at: progress(
                    f"replaying {at:%a %d %b %Y}", 0.45 + share * ((at - begun) / timedelta(seconds=1))
                ),
            )
            change_log(engine, on=True)
        progress("shop built", 0.9)


@dataclass
class History:
    """The shop's past until the cut, and what is left to be replayed."""

    engine: sa.Engine
    size: Size
    seed: int
    cut: int
    sold: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = field(default_factory=list)
    late: list[Today] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin the simulation."""
        self.shop = Shop(self.size, seed=self.seed)
        self.tables = Tables(self.shop.goods, seed=self.seed, until=self.cut, ends=DAYS)

    def instant(self, day: int) -> datetime:
        """Return the first instant of a day."""
        return datetime.fromtimestamp(int(days().midnight[day]) / 1_000_000, UTC)

    def write(self, truth_folder: Path, progress: Progress) -> None:
        """Write everything before the cut and the truth of everything."""
        from app.demo.simulated.stream import chunks

        loader = Loader(self.engine, seed=self.seed, at=ENDS)
        with transaction(self.engine) as session:
            write_masters(session, self.shop.goods, seed=self.seed)
            loader.begin(session, {"orders_wanted": self.size.orders, "seed": self.seed})
        with Truth(truth_folder, self.shop, until=DAYS) as truth:

            def see(today: Today) -> None:
                truth.see(today)
                self.sold.append(today.outcome.sold.astype(np.int32))
                if today.day >= self.cut:
                    self.late.append(today)

            for chunk in chunks(self.shop, self.tables, until=self.cut, witness=see):
                loader.add(chunk)
                progress("simulating two years", 0.02 + 0.33 * len(self.sold) / DAYS)
            self.replayed = self.tables.chunk(self.late)
            with transaction(self.engine) as session:
                loader.people(session.connection(), self.replayed.customers)
                loader.finish(session)
            truth.finish({"seed": self.seed, "orders_wanted": self.size.orders, "cut": str(days().dates[self.cut])})

    def replay(self, progress: Progress) -> Agenda:
        """Write stock and purchase orders of the past and plan the days after it."""
        progress("writing the stock ledger", 0.36)
        goods, shelves = self.shop.goods, self.shop.shelves
        bought = Bought(
            plan=shelves.plan,
            sold=np.stack(self.sold, axis=1).astype(np.int64),
            variant=np.repeat(np.arange(1, goods.count + 1), PLACES),
            supplier=shelves.supplier,
            place=shelves.place,
        )
        calendar = Calendar(FIRST, DAYS, ZONE)
        with transaction(self.engine) as session:
            costs = np.repeat(goods.cost, PLACES).tolist()
            past = Past(
                session.connection(), bought, costs, calendar=calendar, cut=self.cut, seed=self.seed, scene=SIMULATED
            )
            ordered = past.write("PLN")
        agenda = Agenda(ENDS)
        selling = Selling(agenda, self._people(self.replayed), ZONE, self.seed, SIMULATED)
        selling.plan(orders(self.replayed))
        Supplying(agenda, past, bought, calendar, self.seed, selling.goods_came).plan(ordered)
        Returning(agenda, selling, past.locations[0], ZONE, self.seed).plan(returns(self.tables.pending()))
        DeskWork(agenda, SHOP, self.seed).plan(self.instant(self.cut))
        return agenda

    def _people(self, chunk: Chunk) -> dict[int, Person]:
        """Return the customers of the replayed orders."""
        wanted = chunk.orders["customer_id"].drop_nulls().unique().sort()
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT id, kind, name, email, city, postal_code FROM customers ORDER BY id")
            ).all()
        frame = pl.DataFrame(rows, schema=["id", "kind", "name", "email", "city", "postal_code"], orient="row")
        return persons(frame.filter(pl.col("id").is_in(wanted.implode())))
