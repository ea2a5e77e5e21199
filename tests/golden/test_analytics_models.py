"""The SQL files: readable by every engine, one grain, one key; the registry on top of them whole."""

from __future__ import annotations

import re
from datetime import date

import analytics_shop as golden
import analytics_trade_shop as trade
import polars as pl
import pytest
import sqlglot

from analytics import sums, warehouse
from analytics.ask import ask
from analytics.behind import rows_behind
from analytics.metrics import COMPONENTS, DIMENSIONS, METRICS, base, metric, splits
from analytics.metrics.dimensions import MARTS, STOCK
from analytics.periods import Period
from analytics.replica import Replica
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.kernel.errors import DataNotReady, InvalidInput, NotFound, Refused

FILES = sorted((warehouse.FOLDER).glob("[sm]*/*.sql"))
PERIOD = {"since": date(2024, 3, 30), "until": date(2024, 4, 4)}


@pytest.fixture(scope="module")
def replica(migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    empty = Replica.open(folder / "empty.duckdb", url)
    empty.refresh()
    for name in warehouse.models():
        assert empty.frame(f"SELECT * FROM {name}").height == (250 if name == "dim_countries" else 0)
    empty.close()
    golden.build(make_engine(url), trade.rows())
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    with clock.frozen(golden.NOW):
        yield opened
    opened.close()


def header(text: str, field: str) -> str:
    found = re.search(rf"^-- {field}: +(.+)$", text, re.MULTILINE)
    assert found, f"no {field} in the header"
    return found[1]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_file_says_its_grain_and_is_read_by_other_engines(file):
    text = file.read_text(encoding="utf-8")
    for field in ("grain", "key", "sources", "decisions"):
        header(text, field)
    assert len(sqlglot.parse(text, read="duckdb")) == 1
    for engine in ("postgres", "spark"):
        [other] = sqlglot.transpile(text, read="duckdb", write=engine, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert other
    assert not re.search(r"QUALIFY|GROUP BY ALL|ASOF|ARG_MIN|ARG_MAX", text, re.IGNORECASE)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_key_stands_once_on_the_golden_shop(replica, file):
    keys = header(file.read_text(encoding="utf-8"), "key")
    twice = replica.frame(f"SELECT {keys}, count(*) AS n FROM {file.stem} GROUP BY {keys} HAVING count(*) > 1")
    assert twice.height == 0


def test_no_mart_comes_without_what_it_must_add_up_to(replica):
    marts = {file.stem for file in FILES if file.parent.name == "marts"}
    assert sums.SUMS.keys() == marts
    assert [found for found in sums.differences(replica) if found[2]] == []


@pytest.mark.parametrize(
    ("twice", "broken"),
    [
        ("suppliers", {"dim_variants", "fct_bill_lines", "fct_purchase_lines", "fct_receipt_lines"}),
        ("locations", {"fct_shipments", "fct_deliveries"}),
        ("shop", {"fct_orders", "fct_work", "fct_holds", "fct_cases"}),
    ],
)
def test_a_join_that_multiplies_rows_is_found_in_every_mart_it_reaches(replica, twice, broken):
    cursor = replica.cursor()
    golden.overwrite(cursor, f"INSERT INTO raw.{twice} SELECT * FROM raw.{twice} LIMIT 1")
    try:
        found = {name.removeprefix("numbers.sums_of_") for name, _, gap in sums.differences(replica) if gap}
    finally:
        golden.overwrite(cursor, f"DELETE FROM raw.{twice} WHERE rowid = (SELECT max(rowid) FROM raw.{twice})")
    assert broken <= found
    assert [found for found in sums.differences(replica) if found[2]] == []


def test_models_come_after_what_they_read():
    seen = []
    for name, sql in warehouse.models().items():
        assert set(warehouse.sources(sql)) <= set(seen)
        seen.append(name)
    assert len(seen) == len(FILES)


def test_marts_know_the_columns_that_dimensions_use(replica):
    for mart, keys in MARTS.items():
        if mart in STOCK:
            continue
        columns = set(replica.frame(f"SELECT * FROM {mart} LIMIT 0").columns)
        assert keys - {"date"} <= columns
        assert columns & {"event_date", "order_date"}


def test_the_registry_is_whole():
    slugs = [m.slug for m in (*METRICS, *COMPONENTS)]
    assert len(slugs) == len(set(slugs))
    assert len(METRICS) >= 80
    for each in METRICS:
        assert each.help.endswith(".")
        assert each.label
        assert bool(each.measures) != bool(each.terms)
        assert each.additive or not each.additive_except
        assert splits(each.slug)
        assert all(metric(part).measures for part in base(each.slug))


@pytest.mark.parametrize("dimension", [d.slug for d in DIMENSIONS])
def test_every_metric_answers_over_every_dimension_and_additive_ones_add_up(replica, dimension):
    asked = [m for m in METRICS if dimension in splits(m.slug)]
    groups = pl.DataFrame({"customer_id": [1, 2, 3], "segment": ["LOYAL", "LOYAL", "NEW"]})
    split = ask(replica, golden.SHOP, [m.slug for m in asked], [dimension], segments=groups, **PERIOD)
    total = ask(replica, golden.SHOP, [m.slug for m in asked], **PERIOD).row(0, named=True)
    assert split[dimension].is_sorted() or split[dimension].null_count()
    for m in asked:
        over_time = dimension in {"day", "week", "month"}
        if m.additive and dimension not in m.additive_except and not (over_time and m.clock == "snapshot"):
            assert split[m.slug].sum() == total[m.slug], m.slug


def test_every_metric_says_how_many_rows_stand_behind_it(replica):
    period = Period(PERIOD["since"], PERIOD["until"])
    for each in METRICS:
        assert rows_behind(replica, each.slug, period, today=date(2024, 4, 4)).keys() <= {
            m.mart for part in base(each.slug) for m in metric(part).measures
        }
    only = "channel = 'market'"
    assert rows_behind(replica, "orders", period, today=date(2024, 4, 4)) == {"fct_orders": 10}
    assert rows_behind(replica, "orders", period, today=date(2024, 4, 4), where=only) == {"fct_orders": 3}


def test_two_currencies_are_never_summed(replica):
    cursor = replica.cursor()
    golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'EUR' WHERE id IN (2, 6)")
    try:
        found = ask(replica, golden.SHOP, ["gross_sales", "orders"], **PERIOD)
        counts = ask(replica, golden.SHOP, ["orders"], **PERIOD)
    finally:
        golden.overwrite(cursor, "UPDATE raw.orders SET currency = 'PLN'")
    assert found.rows() == [("EUR", 5000, 2), ("PLN", 14700, 8)]
    assert counts.rows() == [(10,)]


def test_a_split_that_would_fan_out_says_why(replica):
    for slug, by, words in (
        ("refunds", "sku", "one payment may hold several products and would be counted once for each"),
        ("orders_placed", "location", "several places"),
        ("on_hand", "channel", "nothing links a variant to one channel"),
        ("units", "carrier", "several carriers"),
    ):
        with pytest.raises(Refused, match=words):
            ask(replica, golden.SHOP, [slug], [by], **PERIOD)


def test_empty_and_future_periods_are_answered(replica):
    for since, until in ((date(2019, 1, 1), date(2019, 2, 1)), (date(2031, 1, 1), date(2031, 2, 1))):
        found = ask(replica, golden.SHOP, ["net_sales", "orders", "aov"], since=since, until=until)
        assert found.rows() == [(0, 0, None)]
        by_day = ask(replica, golden.SHOP, ["net_sales"], ["day"], since=since, until=until, compare="year")
        assert by_day.is_empty()


@pytest.mark.parametrize(
    ("slugs", "given", "error", "words"),
    [
        (["gros_sales"], {}, NotFound, "gross_sales"),
        (["gross_sales"], {"by": ["chanel"]}, NotFound, "channel"),
        (["on_hand"], {"by": ["channel"]}, Refused, "location"),
        (["refunds"], {"by": ["sku"]}, Refused, "channel"),
        (["orders"], {"by": ["day", "month"]}, InvalidInput, ""),
        (["orders"], {"compare": "last"}, InvalidInput, ""),
        (["orders"], {"where": "chanel = 'x'"}, InvalidInput, "channel"),
        (["orders"], {"since": date(2024, 4, 4), "until": date(2024, 4, 4)}, InvalidInput, "one day"),
        (["orders"], {"by": ["segment"]}, DataNotReady, "app.jobs"),
        ([], {}, InvalidInput, "metrics list"),
    ],
)
def test_a_bad_question_gets_one_sentence_and_what_to_do(replica, slugs, given, error, words):
    with pytest.raises(error) as refused:
        ask(replica, golden.SHOP, slugs, **({**PERIOD, **given}))
    assert words in refused.value.hint
