"""Work in pieces says what work at once says: customers in chunks, series in pools."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from pieces import UNTIL, buyers, demand
from polars.testing import assert_frame_equal

from forecasting.engine import Ordersight
from forecasting.pools import Wanted, forecast, pools
from forecasting.prediction import period_frame, sum_frame
from forecasting.reading import make_panel
from segmentation import clv
from segmentation.clv.spreading import predict as in_chunks


@pytest.fixture(scope="module")
def fitted():
    return clv.fit(buyers(), until=UNTIL, horizon_days=60)


def test_customers_in_chunks_are_customers_at_once(fitted):
    whole, parts = clv.predict(fitted, 60), in_chunks(fitted, 60, size=377)
    assert whole.model == parts.model
    assert whole.model.endswith("+boosting")
    assert_frame_equal(whole.customers, parts.customers, rel_tol=1e-9)
    assert (parts.orders.mean, parts.orders.lo_90, parts.value.hi_90) == pytest.approx(
        (whole.orders.mean, whole.orders.lo_90, whole.value.hi_90), rel=1e-9
    )


def test_a_panel_of_one_pool_is_forecast_as_ever_and_a_larger_one_pool_by_pool():
    panel, wanted = make_panel(demand(), horizon=14), Wanted(14, (80.0,), (7, 14))
    prediction = Ordersight().fit(panel, horizon=14).predict()
    periods, sums = forecast(panel, wanted)
    assert_frame_equal(periods, period_frame(panel, prediction, (80.0,)))
    assert_frame_equal(sums, sum_frame(panel, prediction, (80.0,), (7, 14)))
    dealt, _ = forecast(panel, wanted, size=5)
    assert [list(rows) for rows in pools(12, 5)] == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
    alone = panel.take(np.array([1, 4, 7, 10]))
    of_pool = period_frame(alone, Ordersight().fit(alone, horizon=14).predict(), (80.0,))
    assert_frame_equal(dealt.filter(pl.col("series_id").is_in(["S01", "S04", "S07", "S10"])), of_pool)
    assert dealt["series_id"].n_unique() == 12
