"""What the Backtest page says of kept results: changes with their intervals, gaps where a policy does not get there."""

from __future__ import annotations

import math

from app.views.backtest import by_class, by_target, compared, tiles
from app.views.backtest_curve import curve

CHANGE = {"change": -0.17, "low": -0.26, "high": -0.1}
UNREACHED = {"change": None, "low": None, "high": None}
RESULTS = {
    "targets": [0.95, 0.99], "class_target": 0.95,
    "policies": {name: {"stock": [100_000.0, None]} for name in ("ordersight", "cover", "minmax", "static")},
    "against": {name: [CHANGE, UNREACHED] for name in ("cover", "minmax", "static")},
    "alone": [
        {"target": 0.95, "fill_rate": 0.953, "stock": 110_000.0, "orders": 3},
        {"target": 0.99, "fill_rate": 0.97, "stock": 120_000.0, "orders": 3},
    ],
    "actual": {**CHANGE, "fill_rate": 0.93, "stock": 90_000.0, "fill_at_that_stock": 0.945},
    "classes": [{"class": "AX", "series": 12, "stock": 50_000.0, "against": {"cover": CHANGE, "minmax": UNREACHED}}],
}  # fmt: skip


def test_a_change_is_told_with_its_interval_or_as_not_reached() -> None:
    assert compared(CHANGE) == "-17% (-26% to -10%)"
    assert compared(UNREACHED) == compared(None) == "not reached"
    assert compared({"change": 0.05, "low": None, "high": None}) == "+5%"


def test_the_tiles_speak_of_what_was_ordered_of_rivals_and_of_the_word_kept() -> None:
    ordered, ours, cover, minmax, kept = tiles(RESULTS, "GBP")
    assert (ordered.value, ours.value, ours.colour) == ("93.0%", "94.5%", "green")
    assert (cover.value, cover.delta, cover.colour) == ("-17%", "-26% to -10%", "green")
    assert minmax.note == "at 95% fill"
    assert (kept.value, kept.colour) == ("95.3%", "green")
    assert len(tiles({**RESULTS, "actual": None}, "GBP")) == 3


def test_rows_and_lines_leave_a_gap_where_a_policy_does_not_get_there() -> None:
    rows = by_target(RESULTS)
    assert rows["cover"].to_list() == ["-17% (-26% to -10%)", "not reached"]
    assert rows["stock"].to_list() == [100_000.0, None]
    assert by_class(RESULTS).row(0, named=True)["minmax"] == "not reached"
    drawn = curve(RESULTS, "GBP")
    assert [trace.mode for trace in drawn.data].count("lines") == 4
    assert drawn.data[-1].x == (-math.log10(1 - 0.93),)
