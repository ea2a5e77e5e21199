"""Segments: our count of a typical segment against DuckDB's written by hand, and RFM scores against NTILE windows.

A million simulated customers with four million orders, already in memory on both sides: nobody is timed for reading.
Ours begins at the text of the expression. Both must name as many members, or the row is not measured. RFM is scored
on ten million customers; the peer's NTILE splits ties, ours never does, so only the work is compared.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import polars as pl

from analytics import duck, segment_sql
from app.bench.registry import pairs
from oms_core.kernel.errors import DataNotReady
from segmentation.attributes import ATTRIBUTES
from segmentation.compiling import mask
from segmentation.facts import Facts
from segmentation.functions import ROWS
from segmentation.library import Library, understand
from segmentation.rfm import score_customers
from segmentation.traits import traits

if TYPE_CHECKING:
    from oms_core.kernel.expressions.sql import Ground

TODAY = date(2026, 11, 22)
CUSTOMERS, ORDERS_EACH, RFM_CUSTOMERS = 1_000_000, 4, 10_000_000
STATES = ("subscribed", "unsubscribed", "not_subscribed")
COUNTRIES = ("PL", "DE", "FR", "GB", "US", "CZ", "BR", "")
_RECENT = "SELECT customer_id FROM orders WHERE business_date >= DATE '2026-08-24' AND amount_minor >= 10000"
#: What is counted: name, expression, and the same by hand.
QUESTIONS = (
    (
        "attributes",
        "in_europe = TRUE AND aov > 120 AND email_subscription_status = 'SUBSCRIBED'",
        "SELECT count(*) FROM people WHERE in_europe AND aov > 12000 AND email_subscription_status = 'SUBSCRIBED'",
    ),
    (
        "bought once and gone",
        "number_of_orders = 1 AND last_order_date < -90d",
        "SELECT count(*) FROM people WHERE number_of_orders = 1 AND last_order_date < DATE '2026-08-24'",
    ),
    (
        "behaviour",
        "in_europe = TRUE AND orders_placed MATCHES (date >= -90d, amount >= 100)",
        f"SELECT count(*) FROM people WHERE in_europe AND customer_id IN ({_RECENT})",
    ),
    (
        "text",
        "country IN ('pl', 'DE') AND city CONTAINS 'AR'",
        "SELECT count(*) FROM people WHERE lower(country) IN ('pl', 'de') AND contains(lower(city), 'ar')",
    ),
)
LIBRARY = Library()


def simulate(customers: int = CUSTOMERS, *, seed: int = 1) -> Facts:
    """Return facts of simulated customers: skewed numbers of orders, three years of days."""
    draw = np.random.default_rng(seed)
    count = np.minimum(draw.geometric(1 / ORDERS_EACH, customers), 60)
    owner = np.repeat(np.arange(customers, dtype=np.int64), count)
    day = np.datetime64(TODAY) - draw.integers(0, 1095, len(owner)).astype("timedelta64[D]")
    orders = pl.DataFrame(
        {
            "order_id": np.arange(len(owner), dtype=np.int64), "customer_id": owner, "business_date": day,
            "channel": pl.Series(np.array(["web", "shop", "market"])[draw.integers(0, 3, len(owner))]),
            "amount_minor": draw.gamma(2.0, 5000.0, len(owner)).astype(np.int64),
        }
    ).with_columns(pl.col("business_date").cast(pl.Date), country=pl.lit("PL"), currency=pl.lit("PLN"))  # fmt: skip
    sums = orders.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("orders"), pl.col("amount_minor").sum().alias("spent_minor"),
        pl.col("business_date").min().alias("first_order_on"), pl.col("business_date").max().alias("last_order_on"),
    ).sort("customer_id")  # fmt: skip
    place = draw.integers(0, len(COUNTRIES), customers)
    towns = np.array(["Warszawa", "Kraków", "Paris", "Marburg", "Łódź", "Berlin", "Karlsbad", "Leeds"])
    people = sums.with_columns(
        aov_minor=pl.col("spent_minor") // pl.col("orders"),
        country=pl.Series(np.array(COUNTRIES)[place]),
        city=pl.Series(towns[draw.integers(0, len(towns), customers)]),
        email_consent=pl.Series(
            np.array(["subscribed", "unsubscribed", "not_subscribed"])[draw.integers(0, 3, customers)]
        ),
        currency=pl.lit("PLN"),
        postal_code=pl.lit(""),
    )
    return Facts(people, orders, lambda: orders.head(0), TODAY, "PLN")


def run() -> list[dict[str, Any]]:
    """Measure every question on both engines, then RFM."""
    rows = _counts(simulate())
    return [*rows, _rfm(RFM_CUSTOMERS)]


def _counts(facts: Facts) -> list[dict[str, Any]]:
    names = ("in_europe", "aov", "email_subscription_status", "number_of_orders", "last_order_date", "country", "city")
    frames = {"people": traits(facts, names), "orders": facts.orders}
    rows = []
    with duckdb.connect() as connection:
        duck.run(connection, "SET enable_progress_bar = false")  # it is drawn on the answer's own stream
        for name, frame in frames.items():
            connection.register("arriving", frame.to_arrow())
            duck.run(connection, f"CREATE TABLE {name} AS SELECT * FROM arriving")
        kinds = {name: ATTRIBUTES[name].kind for name in names}
        ground = segment_sql.ground(
            {name: frame.columns for name, frame in frames.items()}, kinds=kinds, functions=ROWS,
            lookup=lambda name: LIBRARY.find(name).tree(), lists={}, today=TODAY, currency="PLN", minor_units=100,
        )  # fmt: skip
        for name, text, by_hand in QUESTIONS:
            peer = partial(_by_hand, connection, by_hand)
            ours = {
                "polars": partial(_in_polars, text, facts),
                "duckdb": partial(_in_duckdb, text, connection, ground),
            }
            for engine, count in ours.items():
                if count() != peer():
                    raise DataNotReady("bench.answers_differ", f"{name} on {engine} names other members.", "")
                rows.append(pairs(f"count of {name}, {engine}", count, peer))
    return rows


def _in_polars(text: str, facts: Facts) -> int:
    return int(mask(understand(text), facts, LIBRARY.lookup).sum())


def _in_duckdb(text: str, connection: duckdb.DuckDBPyConnection, ground: Ground) -> int:
    return segment_sql.count(connection, understand(text), ground)


def _by_hand(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((members,),) = duck.run(connection, sql)
    return int(members)


def _rfm(customers: int) -> dict[str, Any]:
    draw = np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "orders": np.minimum(draw.geometric(0.4, customers), 40),
            "last_order_on": np.datetime64(TODAY) - draw.integers(0, 1095, customers).astype("timedelta64[D]"),
            "spent_minor": draw.gamma(2.0, 9000.0, customers).astype(np.int64),
        }
    ).with_columns(pl.col("last_order_on").cast(pl.Date))
    with duckdb.connect() as connection:
        duck.run(connection, "SET enable_progress_bar = false")  # it is drawn on the answer's own stream
        connection.register("arriving", frame.to_arrow())
        duck.run(connection, "CREATE TABLE people AS SELECT * FROM arriving")
        sql = (
            "CREATE OR REPLACE TABLE scored AS SELECT *, ntile(5) OVER (ORDER BY last_order_on) AS r,"
            " ntile(5) OVER (ORDER BY orders) AS f, ntile(5) OVER (ORDER BY spent_minor) AS m FROM people"
        )
        later = TODAY + timedelta(days=1)
        return pairs(
            f"RFM of {customers:,} customers", lambda: score_customers(frame, later), lambda: duck.run(connection, sql)
        )
