"""What other rooms keep in the core: forecasts, segments, exports, scores; on both databases."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from small_shop import small_shop

from oms_core.customers.tables import Customer
from oms_core.kernel import clock
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import DataNotReady, InvalidInput, NotFound
from oms_core.marketing import commands as marketing
from oms_core.marketing import queries as marketing_queries
from oms_core.marketing.commands import NewScore
from oms_core.marketing.tables import Segment
from oms_core.planning import commands as planning
from oms_core.planning import queries as planning_queries
from oms_core.planning.commands import NewForecast
from oms_core.planning.tables import Forecast, ForecastRun

pytestmark = pytest.mark.usefixtures("noon")
DAY = date(2010, 12, 8)


def run(session, *forecasts, horizon_days=2):
    return planning.store_forecast(
        session, cutoff_on=DAY, horizon_days=horizon_days, engine="levels", forecasts=forecasts, scores={"rmsse": 0.7}
    )


def test_a_stored_forecast_is_read_back_and_earlier_runs_stay(engine):
    with transaction(engine) as session:
        mug = small_shop(session).variants["MUG"]
        with pytest.raises(DataNotReady, match="No forecast"):
            planning_queries.latest_run(session)
        run(session, NewForecast(mug, "day", 1, 2.0, {"0.5": 2, "0.95": 5}))
        day, total = NewForecast(mug, "day", 1, 1.5, {"0.5": 1}), NewForecast(mug, "sum", 2, 3.0, {"0.05": 0, "0.9": 7})
        run(session, day, total)
    with transaction(engine) as session:
        latest = planning_queries.latest_run(session)
        assert (latest["series_count"], latest["engine"], latest["scores"]) == (1, "levels", {"rmsse": 0.7})
        (row,) = planning_queries.forecasts(session, latest["id"], kind="sum", variant_ids=[mug])
        assert (row["day_number"], row["mean"], row["quantiles"]) == (2, 3.0, {"0.05": 0.0, "0.9": 7.0})
        assert len(planning_queries.runs(session)) == 2


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewForecast(1, "week", 1, 1, {}), "kind must be one of"),
        (NewForecast(1, "day", 3, 1, {}), "within 1 and 2"),
        (NewForecast(1, "day", 1, float("nan"), {}), "finite"),
        (NewForecast(1, "day", 1, 1, {"0.5": -1}), "zero or more"),
        (NewForecast(1, "day", 1, 1, {"0.9": 1, "0.5": 2}), "must not fall"),
        (NewForecast(1, "day", 2, 1, {}), "comes twice"),
    ],
)
def test_a_forecast_that_cannot_be_one_leaves_nothing(engine, new, said):
    with transaction(engine) as session:
        small_shop(session)
    with pytest.raises(InvalidInput, match=said), transaction(engine) as session:
        run(session, NewForecast(1, "day", 2, 1, {}), new)
    with transaction(engine) as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (ForecastRun, Forecast)]
        assert counts == [0, 0]


def test_a_changed_segment_gets_the_next_version(engine):
    with transaction(engine) as session:
        first = marketing.save_segment(session, name="Europe", expression="country IN ('PL')")
        assert marketing.save_segment(session, name="Europe", expression=" country IN ('PL') ").id == first.id
        second = marketing.save_segment(session, name="Europe", expression="country IN ('PL', 'DE')")
        assert (second.version, [s["version"] for s in marketing_queries.segments(session)]) == (2, [2])
        kept = marketing_queries.segment_versions(session, "Europe")
        assert [(v["version"], v["is_current"]) for v in kept] == [(2, True), (1, False)]
        with pytest.raises(NotFound) as missing:
            marketing_queries.current_segment(session, "Europa")
        assert missing.value.hint == "Did you mean 'Europe'?"
        marketing.retire_segment(session, name="Europe")
        assert marketing_queries.segments(session) == []
        assert marketing.save_segment(session, name="Europe", expression="x = 1").version == 3
        with pytest.raises(InvalidInput):
            marketing.save_segment(session, name="Europe", expression=" ")
        assert session.scalar(sa.select(sa.func.count()).select_from(Segment)) == 3


def customers(session, n=3):
    made = [Customer(number=f"C-{i}", created_at=clock.now()) for i in range(n)]
    session.add_all(made)
    session.flush()
    return [c.id for c in made]


def test_an_export_remembers_everyone_it_held(engine):
    with transaction(engine) as session:
        a, b, c = customers(session)
        members = [(a, "exported"), (b, "no_consent"), (c, "exported")]
        kept = marketing.register_export(
            session, segment="Europe", destination="csv", purpose="email", file_name="europe.csv", sha256="0" * 64,
            manifest={"hash": "x"}, members=members, actor="ola",
        )  # fmt: skip
        assert (kept.members, kept.exported, kept.dropped) == (3, 2, 1)
        assert [(e["file_name"], e["outcome"]) for e in marketing_queries.exports_holding(session, b)] == [
            ("europe.csv", "no_consent")
        ]
        assert marketing_queries.exports(session)[0]["sha256"] == "0" * 64


def test_the_latest_fit_replaces_the_one_before(engine):
    with transaction(engine) as session:
        a, b, c = customers(session)
        old = [NewScore(key, 1, 10, 5, 20, 0.5, 0.6) for key in (a, b)]
        assert marketing.store_scores(session, model="bgnbd", horizon_days=90, scores=old) == 2
        new = [NewScore(c, 2.5, 99.5, 50, 120, 0.9, 0.95)]
        marketing.store_scores(session, model="mbgnbd", horizon_days=180, scores=new)
        (row,) = marketing_queries.scores(session)
        assert (row["customer_id"], row["model"], row["expected_value"]) == (c, "mbgnbd", 99.5)
        with pytest.raises(NotFound):
            marketing.store_scores(session, model="x", horizon_days=1, scores=[NewScore(99, 1, 1, 1, 1, 1, 1)])
        assert marketing.store_scores(session, model="x", horizon_days=1, scores=[]) == 0
