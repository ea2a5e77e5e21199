"""What a shop remembers of its segments, as typed, on both databases: who came, who went, and why.

The golden shop of twelve orders again (`analytics_shop`): Ann in Poland, Ben in Germany, Cy in Britain.
"""

from __future__ import annotations

from datetime import timedelta

import analytics_shop as golden
import pytest
from api_shop import served

from app.jobs import segment_engines, segment_history, segment_models
from app.jobs import segments as job
from app.workspace import Workspace
from oms_core.audit.laws import run as laws
from oms_core.kernel import clock
from oms_core.kernel.errors import DataNotReady, InvalidInput, Refused
from oms_core.marketing import snapshot_queries
from oms_core.marketing.commands import retire_segment
from segmentation.reason_words import told

TOMORROW = golden.NOW + timedelta(days=1)


@pytest.fixture
def shop(engine, database_url, tmp_path, monkeypatch):
    golden.build(engine)
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))
    workspace = Workspace.open()
    with clock.frozen(golden.NOW):
        workspace.replica.refresh()
        yield workspace
    workspace.close()


def sell(shop, key, customer, on, amount, channel=1):
    with shop.engine.begin() as connection:
        made = golden.order(key, "04-05", channel, customer, "PL", gross=amount, placed_at=on, business_date=on.date())
        golden.insert(connection, "orders", [made])
        golden.insert(connection, "order_lines", [
            {**golden.line(key * 10, key, 1, 1), "unit_price_minor": amount, "gross_minor": amount, "shipped_qty": 1}
        ])  # fmt: skip
    shop.replica.refresh()


def members(shop, text):
    return job.evaluate(shop, text).members["number"].sort().to_list()


def moves(shop, name):
    with shop.reading() as session:
        rows = snapshot_queries.movements(session, name)
    return [(r["number"], r["kind"], [told(one) for one in r["because"]]) for r in rows]


def sound(shop):
    with shop.reading() as session:
        found = laws(session, ["segments.stays_fit_snapshots", "segments.one_open_stay"])
    assert [row["broken"] for row in found] == [0, 0], found


def test_who_came_and_who_went_and_why(shop):
    job.save(shop, name="Big Spenders", text="amount_spent > 60 AND last_order_date >= -2d")
    first = {row["segment"]: row for row in segment_history.snapshot(shop)}
    assert first["big_spenders"] == {"segment": "big_spenders", "members": 1, "entered": 1, "left": 0}
    assert moves(shop, "big_spenders") == [("1", "in", ["new customer"])]

    sell(shop, 50, 3, TOMORROW, 10_000)
    with clock.frozen(TOMORROW + timedelta(days=1)):
        again = {row["segment"]: row for row in segment_history.snapshot(shop, trigger="night")}
        assert again["big_spenders"] == {"segment": "big_spenders", "members": 1, "entered": 1, "left": 1}
        (cy, ann, _) = moves(shop, "big_spenders")
        assert cy[:2] == ("3", "in")
        # her last order was recent enough before: that clause did not change
        assert cy[2] == ["amount spent: 39.00 → 139.00 (amount spent is more than 60)"]
        # Ann did nothing: two days went by
        assert ann == ("1", "out", ["last order: 2024-04-03, and time went by (last order at most 2 days ago)"])

        job.save(shop, name="big_spenders", text="amount_spent > 60")
        segment_history.snapshot(shop)
        assert moves(shop, "big_spenders")[0] == ("1", "in", ["the definition changed"])
        with shop.reading() as session:
            grown = snapshot_queries.snapshots(session, "big_spenders")
            page = snapshot_queries.members_page(session, "big_spenders", limit=1)
            rest = snapshot_queries.members_page(session, "big_spenders", after=page[0]["id"], limit=5)
            stays = snapshot_queries.stays_of(session, 1)
    assert [(s["members"], s["entered_count"], s["left_count"]) for s in grown] == [(2, 1, 0), (1, 1, 1), (1, 1, 0)]
    assert [row["number"] for row in (*page, *rest)] == ["1", "3"]
    assert [s["until"] is None for s in stays if s["segment"] == "big_spenders"] == [True, False]
    sound(shop)


def test_a_list_keeps_whom_it_held(shop):
    made = segment_history.freeze(shop, "number_of_orders >= 2", name="spring list")
    assert (made["name"], made["members"]) == ("spring_list", 3)
    job.save(shop, name="poles", text="country = 'PL' AND segment('spring_list')")
    sell(shop, 50, 3, TOMORROW, 10_000)
    assert members(shop, "spring_list") == ["1", "2", "3"]
    assert members(shop, "poles") == ["1"]
    assert members(shop, "NOT segment('spring_list')") == []
    segment_history.snapshot(shop)
    for engine in ("duckdb", "database"):
        assert segment_engines.count(shop, "poles", engine=engine)["members"] == 1
    with pytest.raises(Refused) as again:
        segment_history.freeze(shop, "poles", name="spring_list")
    with pytest.raises(Refused) as change:
        job.save(shop, name="spring_list", text="aov > 1")
    assert (again.value.code, change.value.code) == ("segment.list_exists", "segment.is_list")
    sound(shop)


def test_definitions_are_compared_undone_and_never_circular(shop):
    job.save(shop, name="near", text="country = 'PL' AND aov > 1")
    job.save(shop, name="near", text="aov > 1 AND country IN ('PL', 'DE')")
    found = segment_history.diff(shop, "near")
    assert (found.added, found.removed, found.kept) == (("country IN ('PL', 'DE')",), ("country = 'PL'",), ("aov > 1",))
    assert (found.joined, found.gone) == (1, 0)
    assert segment_history.undo(shop, "near").expression == "country = 'PL' AND aov > 1"
    assert segment_history.undo(shop, "near").expression == "aov > 1 AND country IN ('PL', 'DE')"
    assert [v["version"] for v in segment_history.versions(shop, "near")] == [4, 3, 2, 1]
    # a segment that ships is changed, compared with what it shipped with, and brought back
    job.save(shop, name="high_aov", text="aov > 500")
    assert segment_history.diff(shop, "high_aov").removed == ("aov > 200",)
    assert segment_history.undo(shop, "high_aov").expression == "aov > 200"

    job.save(shop, name="a", text="segment('near')")
    for name, text in (("near", "segment('a')"), ("self", "segment('SELF') OR aov > 1")):
        with pytest.raises(Refused) as circle:
            job.save(shop, name=name, text=text)
        assert circle.value.code == "segment.cycle"
    for wrong in ("", "a'; DROP TABLE segments; --", "x" * 90, "two\nlines"):
        with pytest.raises(InvalidInput) as bad:
            job.save(shop, name=wrong, text="aov > 1")
        assert bad.value.code == "segment.name"
    with shop.transaction() as session:
        retire_segment(session, name="a")
    assert "a" not in {s.name for s in job.library(shop)}


ASKED = (
    "in_europe AND number_of_orders >= 2",
    "amount_spent > 39 OR aov BETWEEN 10 AND 11",
    "orders_placed MATCHES (channel = 'web', date >= -3d, amount >= 7)",
    "orders_placed NOT MATCHES (channel = 'MARKET', count >= 1)",
    "products_purchased MATCHES (sku = 'a', quantity >= 2)",
    "products_purchased(sku: 'B') = TRUE AND channel CONTAINS 'web'",
    "amount_spent(-2d, channel: 'web') >= 10",
    "return_rate > 0.1 AND email_subscription_status != 'SUBSCRIBED'",
    "customer_within_distance(coordinates: '52.2,21.0', distance_km: 400)",
    "rfm_group IN ('NEW', 'ACTIVE', 'LOYAL', 'CHAMPIONS') OR margin_12m < 0",
    "first_order_date = 2024-03-30 AND last_order_date IS NOT NULL",
    "segment('europe_abroad') AND NOT segment('win_back')",
)


def test_three_engines_answer_alike_on_the_shop_itself(shop):
    with pytest.raises(DataNotReady) as early:
        segment_engines.count(shop, "europe", engine="database")
    assert early.value.code == "segment.no_snapshot"
    segment_history.snapshot(shop)
    sizes = []
    for text in ASKED:
        here = job.evaluate(shop, text).count
        there = [segment_engines.count(shop, text, engine=engine)["members"] for engine in ("duckdb", "database")]
        assert there == [here, here], text
        sizes.append(here)
    assert {1, 2, 3} <= set(sizes)


def test_overlap_cut_points_and_too_small_a_shop_for_clusters(shop):
    matrix = job.overlap_matrix(shop, ["europe", "europe_abroad", "high_aov"])
    pairs = {(r["a"], r["b"]): (r["members"], r["share"]) for r in matrix.iter_rows(named=True)}
    assert pairs["europe", "europe"] == (3, 1.0)
    assert pairs["europe", "europe_abroad"] == (2, 2 / 3)
    assert pairs["high_aov", "europe"] == (0, 0.0)
    assert len({s.name for s in job.shipped(shop)}) == 20
    assert next(iter(job.shipped(shop))).name == "europe"
    answer = segment_models.rfm(shop)
    assert (len(answer["recency_days"]), len(answer["groups"])) == (4, 11)
    with pytest.raises(DataNotReady) as few:
        segment_models.clusters(shop)
    assert few.value.code == "segment.too_few_for_clusters"


def test_the_api_pages_members_with_their_reasons(shop):
    segment_history.snapshot(shop)
    with served(shop) as api, api.client("customers:read") as client:
        first = client.get("/v1/segments/europe/members", params={"limit": 2}).json()
        rest = client.get(
            "/v1/segments/europe/members", params={"cursor": first["next_cursor"], "language": "pl"}
        ).json()
        shown = client.get("/v1/segments/europe").json()
        grown = client.get("/v1/segments/europe/history").json()
        missing = client.get("/v1/segments/europ/members")
        count = client.get("/v1/segments/count", params={"expression": "aov >"})
    assert [row["number"] for row in first["items"]] == ["1", "2"]
    assert [(row["number"], row["because"]) for row in rest["items"]] == [("3", ["nowy klient"])]
    assert (rest["next_cursor"], shown["members"], shown["strategy"]["goal"]) == (None, 3, "grow")
    assert [(s["members"], s["entered"], s["left"]) for s in grown["items"]] == [(3, 3, 0)]
    assert (missing.status_code, missing.json()["code"]) == (404, "segment.not_found")
    assert (count.status_code, count.json()["code"]) == (422, "expression.syntax")
