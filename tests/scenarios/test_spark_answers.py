"""Spark answers what DuckDB answers: one real cluster of two workers, every metric, full results.

The cluster is Spark's own ``local-cluster``: a master and two worker processes that talk over the network. Java is
the machine's own or the one in the test lock (`analytics.spark.java`), so nothing is ever skipped.
"""

from __future__ import annotations

import json
from datetime import date

import analytics_shop as golden
import analytics_trade_shop as trade
import pieces
import polars as pl
import pytest
import random_shops
from polars.testing import assert_frame_equal
from reference_metrics import SLUGS, Reference

from analytics.ask import ask
from analytics.metrics import COMPONENTS, METRICS, splits
from analytics.replica import Replica
from analytics.spark import hand_off, java
from analytics.spark.chunks import Cluster
from analytics.spark.engine import SparkEngine
from analytics.spark.session import session
from forecasting.pools import Wanted, forecast
from forecasting.reading import make_panel
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.kernel.errors import Refused
from segmentation import clv
from segmentation.clv.spreading import predict as in_chunks

CLUSTER = "local-cluster[2,1,1024]"
#: Programs that live for a minute: no second compiler, no collector with threads of its own.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
#: The data is tiny: compiling each query for speed would take longer than running it.
SMALL = {
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.driver.extraJavaOptions": SHORT_LIVED,
    "spark.executor.extraJavaOptions": SHORT_LIVED,
}
PERIOD = (date(2024, 3, 30), date(2024, 4, 5))
#: Every metric is compared by the first of these that it knows all of.
NATURAL = (
    ("carrier", "lane"),
    ("age", "supplier"),
    ("reason", "country"),
    ("month", "sku", "location"),
    ("payment_status", "fulfillment_status", "delivery_status", "return_status", "customer"),
    ("week", "channel", "currency"),
    ("day", "sku"),
    ("day",),
)
#: Dimensions that are left, and none at all, with some metrics of every kind of question.
MORE = (
    (("aov", "on_hand", "receivables", "orders_on_hold", "stockout_days", "dead_stock", "time_to_ship_median"), ()),
    (("net_sales", "orders"), ("region", "customer_type", "segment")),
    (("gross_sales", "on_hand"), ("category", "abc", "xyz", "supplier")),
    (("gross_sales", "orders"), ("minute", "channel")),
    (("gross_sales",), ("product", "order")),
)
ALL = tuple(m.slug for m in (*METRICS, *COMPONENTS))
SEGMENTS = pl.DataFrame({"customer_id": [1, 2, 3], "segment": ["champions", "champions", "lost"]})

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop():
    """The hand-made shop with everything around an order, and forty random ones beside it."""
    return random_shops.joined(trade.rows(), random_shops.rows(seed=20240330))


@pytest.fixture(scope="module")
def replica(shop, migrated_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark")
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{folder / 'oms.db'}"
    engine = make_engine(url)
    golden.build(engine, shop)
    engine.dispose()
    opened = Replica.open(folder / "replica.duckdb", url)
    opened.refresh()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with session(tmp_path_factory.mktemp("cluster"), master=CLUSTER, settings=SMALL) as opened:
        yield opened


@pytest.fixture(scope="module")
def spark(cluster, replica, tmp_path_factory):
    handed = hand_off.current(replica, tmp_path_factory.mktemp("handed"), monthly_rows=100)
    assert handed.tables["orders"].split_by == "business_month"
    before = tmp_path_factory.mktemp("known")
    return SparkEngine(cluster, handed, keep_models=True, past=lambda at: hand_off.known(replica, before, at))


def answer(engine, slugs, by=(), **more):
    asked = {"since": PERIOD[0], "until": PERIOD[1], "segments": SEGMENTS, **more}
    with clock.frozen(golden.NOW):
        return ask(engine, golden.SHOP, slugs, by, **asked)


def same(spark, replica, slugs, by=(), **more):
    """Hold both engines' full answers against each other: every row, every column, every type."""
    ours, theirs = (answer(engine, slugs, by, **more) for engine in (replica, spark))
    order = [c for c in ours.columns if c in by or c == "currency"]
    assert ours.height, (slugs, by)
    assert_frame_equal(ours.sort(order), theirs.sort(order), rel_tol=1e-9, abs_tol=1e-9)
    return theirs


def natural(slug):
    return next(by for by in NATURAL if set(by) <= set(splits(slug)))


def test_every_metric_by_what_it_is_split_by(spark, replica):
    for by in NATURAL:
        slugs = [slug for slug in ALL if natural(slug) == by]
        if slugs:
            same(spark, replica, slugs, by)


def test_the_other_dimensions_too(spark, replica):
    for slugs, by in MORE:
        same(spark, replica, slugs, by)


def test_filters_and_comparisons_too(spark, replica):
    where = "channel != 'web' AND (country IN ('PL', 'DE') OR sku STARTS WITH 'A')"
    same(spark, replica, ["gross_sales", "units"], ["channel"], where=where, since=date(2024, 4, 2), compare="previous")


def test_both_engines_answer_what_plain_python_reckons_row_by_row(spark, replica, shop):
    by_shop = Reference(shop, golden.SHOP.zone, lambda channel, _day, _who: channel, PERIOD).answer()
    codes = {c["code"]: c["id"] for c in shop["channels"]}
    for engine in (replica, spark):
        rows = {codes[row["channel"]]: row for row in answer(engine, SLUGS, ["channel"]).to_dicts()}
        assert rows.keys() == by_shop.keys()
        for channel, wanted in by_shop.items():
            found = {slug: rows[channel][slug] for slug in wanted}
            assert found == pytest.approx(wanted), channel
    by_day = Reference(shop, golden.SHOP.zone, lambda _channel, day, _who: day, PERIOD).answer()
    for engine in (replica, spark):
        rows = {row["day"]: row for row in answer(engine, SLUGS, ["day"]).to_dicts()}
        for day, wanted in by_day.items():
            assert {slug: rows[day][slug] for slug in wanted} == pytest.approx(wanted), day


def test_workers_score_customers_and_forecast_series_as_one_machine_does(cluster):
    fitted = clv.fit(pieces.buyers(), until=pieces.UNTIL, horizon_days=60)
    here, there = clv.predict(fitted, 60), in_chunks(fitted, 60, each=Cluster(cluster), size=800)
    assert_frame_equal(here.customers, there.customers, rel_tol=1e-6)
    panel, wanted = make_panel(pieces.demand(), horizon=14), Wanted(14, (80.0,), (7, 14))
    for ours, theirs in zip(
        forecast(panel, wanted, size=6), forecast(panel, wanted, size=6, each=Cluster(cluster)), strict=True
    ):
        assert_frame_equal(ours, theirs, rel_tol=1e-6)


def test_the_past_is_what_duckdb_says_it_was(spark, replica):
    """On 2 April the return of 2 April was known and that of 3 April was not; a day later both were."""
    slugs, then = ["net_sales", "returns", "payments_captured", "on_hand"], golden.at("04-02", 18)
    same(spark, replica, slugs, as_of=then)
    theirs = answer(spark, ["returns"], as_of=then)
    assert theirs["returns"].item() < answer(spark, ["returns"])["returns"].item()
    with pytest.raises(Refused, match="status is kept as it is now"):
        answer(spark, ["orders_open"], as_of=then)
    alone = SparkEngine(spark.session, spark.handed)
    with pytest.raises(Refused) as refused:
        answer(alone, ["gross_sales"], as_of=then)
    assert refused.value.code == "metric.past_needs_replica"


def test_a_hand_off_is_kept_until_the_replica_moves_or_a_file_is_cut(replica, tmp_path):
    first = hand_off.current(replica, tmp_path)
    stored = json.loads((tmp_path / "manifest.json").read_text())
    assert stored["watermark"] == replica.watermark
    assert stored["tables"]["orders"]["rows"] == replica.frame("SELECT count(*) FROM raw.orders").item()
    written = (tmp_path / "manifest.json").stat().st_mtime_ns
    assert hand_off.current(replica, tmp_path) == first
    assert (tmp_path / "manifest.json").stat().st_mtime_ns == written
    assert first.damaged() == []
    cut = tmp_path / "orders" / "all.parquet"
    cut.write_bytes(cut.read_bytes()[:-1])
    assert first.damaged() == ["orders/all.parquet"]
    again = hand_off.current(replica, tmp_path)
    assert (again.damaged(), again.rows) == ([], first.rows)
    assert (tmp_path / "manifest.json").stat().st_mtime_ns > written


def test_java_comes_with_the_extra_when_the_machine_has_none(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    found = java.home(tmp_path)
    assert found == tmp_path / "java"
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    assert java.version(found / "bin" / "java") >= java.OLDEST
