"""Load simulated chunks into a database as imported history: set-based, a transaction a chunk."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from app.demo.simulated.days import FIRST
from app.demo.simulated.frames import Chunk
from app.demo.simulated.masters import SOURCE, rate_by_day
from app.demo.stock import unchecked
from oms_core.catalog.tables import Product, SupplierItem, Variant
from oms_core.customers.tables import Address, Consent, Customer, CustomerIdentity
from oms_core.fulfilment.tables import FulfillmentOrder, Shipment, TrackingEvent
from oms_core.imports.ingest import insert, roomy
from oms_core.imports.tables import ImportDocument, ImportRun
from oms_core.kernel.database import transaction
from oms_core.kernel.rows import core
from oms_core.locations.tables import Channel
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.returns.tables import Return, ReturnLine

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from oms_core.kernel.database import Base

#: Shares of customers by the state of their consent to e-mail; ads follow from it.
CONSENTS = (("subscribed", 0.56), ("unsubscribed", 0.65), ("pending", 0.68), ("not_subscribed", 1.0))
ADS, SMS = 0.7, 0.35
_MODELS: tuple[type[Base], ...] = (
    Customer, CustomerIdentity, Address, Consent, Order, OrderLine, OrderAdjustment, Return, ReturnLine,
    FulfillmentOrder, Shipment, TrackingEvent, ImportDocument, Channel, Product, Variant, SupplierItem,
)  # fmt: skip


class Loader:
    """Writes chunks one after the other; remembers the ids it gave beside the generator's."""

    def __init__(self, engine: sa.Engine, *, seed: int, at: datetime) -> None:
        self.engine, self.seed, self.at = engine, seed, at
        self.next: dict[str, int] = {}
        self.run = 0
        found = rate_by_day(seed)
        self.rates = pl.DataFrame(found, schema={"shop_rate_on": pl.Date, "rate": pl.Int64}, orient="row")

    def begin(self, session: Session, facts: dict[str, Any]) -> None:
        """Write down that a simulation brings what follows."""
        run = ImportRun(source=SOURCE, files=[], started_at=self.at, finished_at=self.at, counts=facts)
        session.add(run)
        session.flush()
        self.run = run.id

    def resume(self, session: Session) -> None:
        """Go on after what the database holds."""
        for model in _MODELS:
            last = session.execute(sa.select(sa.func.coalesce(sa.func.max(model.__table__.c.id), 0))).scalar_one()
            self.next[model.__tablename__] = int(last) + 1

    def add(self, chunk: Chunk) -> None:
        """Write one chunk in a transaction of its own."""
        with transaction(self.engine) as session:
            self.write(session, chunk)

    def write(self, session: Session, chunk: Chunk) -> None:
        """Write a chunk: its customers, orders and everything that belongs to them."""
        connection = core(session)
        with roomy(connection), unchecked(connection):
            self.people(connection, chunk.customers)
            insert(connection, Order, self._in_shop_money(chunk.orders))
            insert(connection, OrderLine, chunk.order_lines)
            insert(connection, OrderAdjustment, chunk.order_adjustments)
            insert(connection, Return, chunk.returns)
            insert(connection, ReturnLine, chunk.return_lines)
            self._parcels(connection, chunk)
            self._documents(connection, chunk)

    def people(self, connection: sa.Connection, customers: pl.DataFrame) -> None:
        """Write customers with the name they are known by, an address and their consents."""
        insert(connection, Customer, customers)
        key = pl.col("id").alias("customer_id")
        known = customers.select(key, pl.lit("email").alias("kind"), pl.col("email").alias("value"))
        self._insert(connection, CustomerIdentity, known)
        self._insert(connection, Address, customers.select(key, "name", "city", "region", "postal_code", "country"))
        self._insert(connection, Consent, consents(customers, seed=self.seed))

    def _insert(self, connection: sa.Connection, model: type[Base], frame: pl.DataFrame) -> pl.DataFrame:
        """Write rows that have no id yet."""
        first = self.next.get(model.__tablename__, 1)
        self.next[model.__tablename__] = first + frame.height
        frame = frame.with_columns(id=pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True))
        insert(connection, model, frame)
        return frame

    def _in_shop_money(self, orders: pl.DataFrame) -> pl.DataFrame:
        """State totals in zł at the rate of the last working day, rounded half-even."""
        day = (pl.col("business_date") - FIRST).dt.total_days()
        rated = pl.concat([orders, self.rates[orders.select(day).to_series()]], how="horizontal")
        product = rated["total_minor"].to_numpy() * rated["rate"].to_numpy()
        whole, rest = np.divmod(product, 10_000)
        up = (rest > 5_000) | ((rest == 5_000) & (whole % 2 == 1))
        is_home = pl.col("currency") == "PLN"
        text = pl.format("{}.{}", pl.col("rate") // 10_000, (pl.col("rate") % 10_000).cast(pl.String).str.zfill(4))
        return rated.with_columns(
            shop_currency=pl.lit("PLN"),
            shop_total_minor=pl.when(is_home).then("total_minor").otherwise(pl.Series(whole + up)),
            shop_rate=pl.when(is_home).then(pl.lit("1")).otherwise(text),
            shop_rate_on=pl.when(is_home).then("business_date").otherwise("shop_rate_on"),
        )

    def _parcels(self, connection: sa.Connection, chunk: Chunk) -> None:
        """Write the parcels that arrived, each with the work it came from.

        Imported history has no allocations, so neither work nor parcel has lines.
        """
        sent = chunk.shipments.filter(pl.col("state") == "delivered")
        first = self.next.get(FulfillmentOrder.__tablename__, 1)
        self.next[FulfillmentOrder.__tablename__] = first + sent.height
        own = pl.int_range(first, first + sent.height, dtype=pl.Int64, eager=True)
        number = "FS-" + sent["id"].cast(pl.String).str.zfill(8)
        work = sent.select(
            own.alias("id"), number.alias("number"), "order_id", "location_id", pl.lit("closed").alias("state"),
            pl.col("promised_at").alias("ship_by_at"), pl.col("shipped_at").alias("created_at"),
            pl.col("shipped_at").alias("closed_at"),
        )  # fmt: skip
        insert(connection, FulfillmentOrder, work)
        insert(connection, Shipment, sent.with_columns(fulfillment_order_id=own))
        told = chunk.tracking_events.join(sent.select(pl.col("id").alias("shipment_id")), on="shipment_id", how="semi")
        insert(connection, TrackingEvent, told)

    def _documents(self, connection: sa.Connection, chunk: Chunk) -> None:
        """Write the control totals that make every order and return a document of this source."""
        lines = chunk.order_lines.group_by("order_id", maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("row_count"),
            pl.col("quantity").sum().alias("total_qty"),
            (pl.col("quantity") * pl.col("variant_id")).sum().alias("code_hash"),
        )
        sold = chunk.orders.join(lines, left_on="id", right_on="order_id", maintain_order="left")
        back = chunk.returns.with_columns(
            row_count=pl.lit(1, pl.Int64), total_qty=pl.lit(0, pl.Int64), code_hash=pl.lit(0, pl.Int64),
            total_minor=-pl.col("total_minor"),
        )  # fmt: skip
        for frame in (sold, back):
            totals = frame.select(
                pl.lit(SOURCE).alias("source"), "external_id", pl.lit(self.run, pl.Int64).alias("import_run_id"),
                "row_count", "total_qty", (pl.col("total_minor") * 10_000).alias("total_micro"), "code_hash",
            )  # fmt: skip
            self._insert(connection, ImportDocument, totals)

    def finish(self, session: Session) -> None:
        """Move PostgreSQL's identities past the keys that were written."""
        if self.engine.dialect.name == "sqlite":
            return
        for model in _MODELS:
            name = model.__tablename__
            session.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT greatest(max(id), 1) FROM {name}))"
                )
            )


def consents(customers: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Return the consents of customers: e-mail, SMS and ads, fixed by their number."""

    def turn(salt: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([zlib.crc32(f"{seed}:{salt}:{n}".encode()) / 2**32 for n in customers["number"]])

    drawn = turn("email")
    states = np.array([state for state, _ in CONSENTS])
    email = states[np.searchsorted([upto for _, upto in CONSENTS], drawn, side="right")]
    willing = email == "subscribed"
    parts = {
        "email": email,
        "sms": np.where(willing & (turn("sms") < SMS), "subscribed", "not_subscribed"),
        "ads": np.where(willing & (turn("ads") < ADS), "subscribed", "not_subscribed"),
    }
    return pl.concat([
        customers.select(
            pl.col("id").alias("customer_id"), pl.lit(channel).alias("channel"), pl.lit("marketing").alias("purpose"),
            pl.Series("state", state, dtype=pl.String), pl.lit("checkout").alias("source"),
            pl.lit("2024-10").alias("wording_version"), pl.lit(value=True).alias("is_simulated"),
            pl.col("created_at").alias("at"),
        )
        for channel, state in parts.items()
    ])  # fmt: skip
