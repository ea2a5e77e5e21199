"""Lead times seen, drawn to the supplier's word: by hand."""

from __future__ import annotations

import polars as pl
import pytest

from forecasting.lead_times import used

POSITIONS = pl.DataFrame(
    {"supplier_id": [1, 2, 3, 1], "sku": list("abcd"), "lead_time_days": [10.0, 5.0, None, 10.0],
     "lead_time_sd_days": [2.0, 1.0, None, 2.0]}
)  # fmt: skip
SEEN = pl.DataFrame(
    {"supplier_id": [1, 2, 3], "seen_deliveries": [9, 1, 4], "seen_days": [12.4, 9.0, 3.0],
     "seen_sd_days": [3.1, None, 1.0]}
)  # fmt: skip


def test_nine_deliveries_decide_one_moves_a_little_none_changes_nothing():
    found = used(POSITIONS, SEEN)
    assert found["sku"].to_list() == list("abcd")
    assert found["lead_time_days"].to_list() == [pytest.approx(11.8), pytest.approx(6.0), None, pytest.approx(11.8)]
    sd = ((3 * 4 + 8 * 3.1**2) / 11) ** 0.5
    assert found["lead_time_sd_days"].to_list() == [pytest.approx(sd), 1.0, None, pytest.approx(sd)]
    assert found["stated_days"].to_list()[:2] == [10.0, 5.0]
    alone = used(POSITIONS, SEEN.filter(pl.col("supplier_id") == 9))
    assert alone["lead_time_days"].to_list() == POSITIONS["lead_time_days"].to_list()
    assert alone["seen_deliveries"].to_list() == [0, 0, 0, 0]
