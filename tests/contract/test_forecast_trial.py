"""Forecasts on trial: told before the fact, judged after it, overridden by name and reason; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from forecast_shop import CUTOFF, judge_and_know_better, predict
from small_shop import small_shop

from app.views.forecast_known import save
from oms_core.audit import laws
from oms_core.catalog.tables import Variant
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import Conflict, DataNotReady, InvalidInput
from oms_core.planning.overrides import adjusted_sums, override, withdraw
from oms_core.planning.queries import latest_run
from oms_core.planning.record import of_overrides, of_runs
from oms_core.planning.tables import ForecastRun
from oms_core.planning.trial import NewScore, settle_overrides, store_scores, unscored_runs, winners
from oms_core.planning.trial_tables import ForecastOverride

LAWS = ("forecasts.scores_repeat_what_was_said", "forecasts.one_override_a_day")


def test_a_forecast_is_told_judged_and_overridden(engine):
    with transaction(engine) as session:
        small_shop(session)
        day = CUTOFF + timedelta(days=3)
        with pytest.raises(DataNotReady):
            override(session, variant_id=1, from_on=day, until_on=day, units=1, reason="fair", author="anna")
        judge_and_know_better(session)
        (run,) = of_runs(session, days=7)
        assert (run["series"], run["units"], run["wape"], run["inside_80"]) == (1, 15.0, 0.0667, 1.0)
        assert (run["wape_naive"], run["wape_seasonal_naive"], run["bias"]) == (1.0, 0.3333, -0.0667)
        assert run["replayed"] is False, "it was stored before its days"
        session.get_one(ForecastRun, run["run"]).scores = {"replayed": True}
        assert of_runs(session, days=7)[0]["replayed"] is True
        assert not unscored_runs(session, days=7, until=CUTOFF + timedelta(days=90))
        assert len(unscored_runs(session, days=28, until=CUTOFF + timedelta(days=28))) == 1
        assert not unscored_runs(session, days=28, until=CUTOFF + timedelta(days=27))

        (made,) = session.scalars(sa.select(ForecastOverride).where(ForecastOverride.withdrawn_at.is_(None))).all()
        assert made.model_units == pytest.approx(14.0)
        sums = {row["day_number"]: row for row in adjusted_sums(session, latest_run(session))}
        assert [round(sums[n]["mean"], 6) for n in (7, 14, 21, 28)] == [14.0, 28.0, 68.0, 82.0]
        assert sums[21]["quantiles"]["0.95"] == pytest.approx(1.7 * 42 + 26)
        start = CUTOFF + timedelta(days=20)
        with pytest.raises(Conflict, match="by anna"):
            override(session, variant_id=1, from_on=start, until_on=start, units=1, reason="x", author="b")
        for wrong in (
            {"until_on": start - timedelta(days=1)}, {"units": -1.0}, {"reason": " "}, {"from_on": CUTOFF},
            {"until_on": CUTOFF + timedelta(days=29)},
        ):  # fmt: skip
            given = {"from_on": start, "until_on": start, "units": 1.0, "reason": "x", **wrong}
            with pytest.raises(InvalidInput):
                override(session, variant_id=1, author="b", **given)

        came = {1: {CUTOFF + timedelta(days=16): 30.0, CUTOFF + timedelta(days=21): 6.0, CUTOFF: 99.0}}
        assert settle_overrides(session, came, until=CUTOFF + timedelta(days=20)) == 0
        assert settle_overrides(session, came, until=CUTOFF + timedelta(days=21)) == 1
        assert of_overrides(session) == {"judged": 1, "better": 1, "units_saved": 18.0}
        with pytest.raises(Conflict):
            withdraw(session, made.id, actor="anna")
        other = override(session, variant_id=1, from_on=start, until_on=start, units=9, reason="x", author="b")
        withdraw(session, other.id, actor="b")
        assert adjusted_sums(session, latest_run(session))[0]["mean"] == 14.0
        assert all(found["broken"] == 0 for found in laws.run(session, list(LAWS)))


def test_an_engine_that_loses_week_after_week_is_replaced(engine):
    with transaction(engine) as session:
        small_shop(session)
        for week in range(5):
            run = predict(session, cutoff=CUTOFF + timedelta(days=7 * week))
            store_scores(session, [NewScore(run, 1, 7, 14.0, 7.0, 21.0, 90.0, 9.0, 10.0)])
            assert winners(session) == ({1: "seasonal_naive"} if week >= 3 else {}), "few weeks prove nothing"
        again = predict(session, cutoff=CUTOFF + timedelta(days=29))
        store_scores(session, [NewScore(again, 1, 7, 10.0, 7.0, 21.0, 90.0, 90.0, 10.0)])
        assert not winners(session), "one great miss weighs more than four small ones"


def test_a_week_edited_on_the_page_replaces_what_was_said_before(engine):
    with transaction(engine) as session:
        small_shop(session)
        judge_and_know_better(session)
        sku = session.scalars(sa.select(Variant.sku).where(Variant.id == 1)).one()
        (made,) = session.scalars(sa.select(ForecastOverride).where(ForecastOverride.withdrawn_at.is_(None))).all()
        week = {
            "first": made.from_on,
            "last": made.until_on,
            "override_id": made.id,
            "wanted": 55.0,
            "why": "Larger fair",
        }
        fresh = {"first": CUTOFF + timedelta(days=1), "last": CUTOFF + timedelta(days=7), "override_id": None}
        assert save(session, sku, [week, {**fresh, "wanted": 3.0, "why": "Closed"}]) == 2
        open_ones = session.execute(
            sa.select(ForecastOverride.units, ForecastOverride.reason)
            .where(ForecastOverride.withdrawn_at.is_(None))
            .order_by(ForecastOverride.from_on)
        ).all()
        assert [tuple(row) for row in open_ones] == [(3.0, "Closed"), (55.0, "Larger fair")]
        assert made.withdrawn_by == "dashboard"
