"""One expression, four back ends, the same members: Polars, DuckDB, SQLite and PostgreSQL on a generated shop."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa
from customer_frames import TODAY, random_facts
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_segmentation_membership import TREES

from analytics import segment_sql
from oms_core.kernel.database import make_engine
from oms_core.kernel.expressions import Compare, Name, as_text, check
from oms_core.kernel.expressions.sql import condition
from oms_core.marketing import ground as database_ground
from segmentation.attributes import ATTRIBUTES
from segmentation.compiling import mask
from segmentation.functions import FUNCTIONS, ROWS
from segmentation.library import Library, builtin, understand
from segmentation.traits import known, traits

LIBRARY = Library(builtin("GBP", "GB"))
INJECTIONS = (
    "'; DROP TABLE people; --", "' OR '1'='1", "\\' OR 1=1 --", "%", "_", "$1", ":a", "%s", "{x}", "x\x1fy", "İ", "ΣΑΣ",
    "NULL", "/* */", "', (SELECT 1))--", "日本", "ẞ", "\n", '"', "``",
)  # fmt: skip


class Shop:
    """One generated shop in all four."""

    def __init__(self, url_of) -> None:
        self.facts = random_facts(7, 60)
        self.kinds = {name: ATTRIBUTES[name].kind for name in known(self.facts)}
        self.frames = {
            "people": traits(self.facts), "orders": self.facts.orders, "lines": self.facts.lines,
            "credits": self.facts.credits,
        }  # fmt: skip
        self.duck = duckdb.connect()
        for name, frame in self.frames.items():
            self.duck.register(name, frame.to_arrow())
        self.connections = [self._filled(url_of(name)) for name in ("sqlite", "postgresql")]

    def common(self):
        return {
            "kinds": self.kinds, "functions": ROWS, "lookup": LIBRARY.lookup, "today": TODAY, "currency": "GBP",
            "minor_units": 100,
        }  # fmt: skip

    def _filled(self, url) -> tuple[sa.Connection, dict]:
        engine = make_engine(url)
        metadata = sa.MetaData()
        people = sa.Table(
            "people",
            metadata,
            sa.Column("customer_id", sa.Integer),
            sa.Column("body", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")),
        )
        kinds = {pl.Int64: sa.BigInteger, pl.Date: sa.Date, pl.String: sa.Text}
        rows = {
            name: sa.Table(name, metadata, *(sa.Column(c, kinds[kind]) for c, kind in self.frames[name].schema.items()))
            for name in ("orders", "lines", "credits")
        }
        connection = engine.connect()
        metadata.create_all(connection)
        bodies = [{k: v for k, v in row.items() if k != "customer_id"} for row in self.frames["people"].to_dicts()]
        ids = self.frames["people"]["customer_id"].to_list()
        plain = [{k: v.isoformat() if isinstance(v, date) else v for k, v in body.items()} for body in bodies]
        connection.execute(people.insert(), [{"customer_id": i, "body": b} for i, b in zip(ids, plain, strict=True)])
        for name, table in rows.items():
            if self.frames[name].height:
                connection.execute(table.insert(), self.frames[name].to_dicts())
        return connection, {"people": people, **rows}

    def asked(self, tree) -> dict[str, list[int]]:
        chosen = self.facts.customers.filter(mask(tree, self.facts, LIBRARY.lookup))
        answers = {"polars": sorted(chosen["customer_id"].to_list())}
        columns = {name: frame.columns for name, frame in self.frames.items()}
        duck = segment_sql.ground(columns, lists={}, **self.common())
        answers["duckdb"] = segment_sql.members(self.duck, tree, duck)
        assert segment_sql.count(self.duck, tree, duck) == len(answers["duckdb"])
        for connection, tables in self.connections:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(database_ground, "TRAITS", tables["people"])
                for name, made in (("orders", "orders"), ("lines", "lines"), ("credits", "credits_of")):
                    patch.setattr(database_ground, made, lambda table=tables[name]: table)
                asked = database_ground.ground(connection.dialect.name, lists=(), **self.common())
            key = asked.people["customer_id"]
            found = connection.execute(sa.select(key).where(condition(tree, asked)).order_by(key))
            answers[connection.dialect.name] = list(found.scalars())
        return answers


@pytest.fixture(scope="module")
def shop(postgres, tmp_path_factory):
    def url_of(name):
        if name == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('four') / 'four.db'}"
        return postgres.create("four_ways")

    made = Shop(url_of)
    yield made
    for connection, _ in made.connections:
        connection.close()
        connection.engine.dispose()
    postgres.drop("four_ways")


def same(shop, tree):
    answers = shop.asked(tree)
    assert all(ids == answers["polars"] for ids in answers.values()), (as_text(tree), answers)
    return answers["polars"]


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_generated_expressions_have_the_same_members_everywhere(shop, tree):
    same(shop, check(tree, ATTRIBUTES, FUNCTIONS))


WRITTEN = (
    "orders_placed MATCHES (date >= -200d, amount >= 50)",
    "orders_placed NOT MATCHES (channel = 'żabka', date BETWEEN -300d AND -10d)",
    "orders_placed MATCHES (count = 0)",
    "orders_placed MATCHES (count BETWEEN 2 AND 3, total > 120, country = 'gb')",
    "orders_placed MATCHES (amount != 100)",
    "products_purchased MATCHES (id = 'a', quantity >= 3)",
    "products_purchased NOT MATCHES (title CONTAINS 'mu', category STARTS WITH 'kit')",
    "products_purchased(count: 2, since: -100d) = FALSE",
    "amount_spent(-100d) NOT BETWEEN 0 AND 100",
    "number_of_orders(channel: 'web') IN (0, 2)",
    "store_credit_accounts MATCHES (balance > 5)",
    "store_credit_accounts NOT MATCHES ()",
    "customer_within_distance(coordinates: '52.23, 21.01', distance_km: 300)",
    "customer_within_distance NOT MATCHES (coordinates = '54,-2', distance_mi = 500)",
    "anniversary(date: 'first_order_date') BETWEEN today AND 60d",
    "anniversary(date: 'last_order_date') = -40d",
    "customer_cities CONTAINS 'GB--Leeds' OR customer_cities = ('łódź', 'x')",
    "avg_days_between_orders > 30.5 AND return_rate <= 0.5",
    "segment('europe') AND NOT segment('one_time_gone')",
    "customer_email_domain = 'EXAMPLE.com' AND customer_kind STARTS WITH 'CON'",
    "rfm_group != 'CHAMPIONS' AND rfm_code CONTAINS '5'",
    "first_order_date IS NULL OR last_order_date BETWEEN -1y AND yesterday",
)


def test_every_function_and_kind_has_the_same_members_everywhere(shop):
    sizes = [len(same(shop, understand(text))) for text in WRITTEN]
    assert sum(0 < n < 60 for n in sizes) >= len(WRITTEN) - 4, sizes


def test_an_injection_is_only_a_text_everywhere(shop):
    for text in INJECTIONS:
        quoted = text.replace("\\", "\\\\").replace("'", "\\'")
        for clause in (f"city = '{quoted}'", f"channel = '{quoted}'", f"city STARTS WITH '{quoted}'"):
            assert same(shop, understand(clause)) == []
        everybody = same(shop, understand(f"orders_placed NOT MATCHES (channel = '{quoted}', amount > 1)"))
        assert len(everybody) == 60
        same(shop, understand(f"city CONTAINS '{quoted}' OR region NOT CONTAINS '{quoted}'"))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6))
@example("Σ")
def test_no_text_breaks_a_back_end(shop, text):
    for op in ("=", "CONTAINS", "NOT CONTAINS", "STARTS WITH"):
        same(shop, Compare(Name("city"), op, text))


@given(st.decimals(-1000, 1000, places=2), st.integers(-400, 400))
@settings(max_examples=20, deadline=None)
def test_numbers_and_days_mean_the_same(shop, amount, days):
    same(shop, check(Compare(Name("aov"), ">=", Decimal(amount)), ATTRIBUTES, FUNCTIONS))
    same(shop, check(Compare(Name("last_order_date"), "<", TODAY + timedelta(days=days)), ATTRIBUTES, FUNCTIONS))
