"""Files into panels: any order, text or dates, gaps; what cannot be used is named, the rest goes on."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from forecasting.periods import Calendar, calendar_of
from forecasting.reading import make_panel, read_file
from oms_core.kernel.errors import InvalidInput, NotFound

DAYS = [date(2026, 1, 1) + timedelta(days=k) for k in range(6)]


def rows(*triples: tuple) -> pl.DataFrame:
    return pl.DataFrame(triples, schema=["series_id", "day", "y"], orient="row")


def test_any_row_order_and_dates_or_text_make_the_same_panel() -> None:
    frame = rows(*[(s, d, float(i)) for s in ("b", "a") for i, d in enumerate(DAYS)])
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1).with_columns(pl.col("day").cast(pl.String))
    first, second = make_panel(frame), make_panel(shuffled)
    assert first.ids.to_list() == second.ids.to_list() == ["a", "b"]
    assert (first.y == second.y).all()
    assert first.days(6, 2).to_list() == [date(2026, 1, 7), date(2026, 1, 8)]


def test_an_absent_day_sold_nothing_and_an_empty_y_is_unknown() -> None:
    panel = make_panel(rows(("a", DAYS[0], 2.0), ("a", DAYS[2], None), ("a", DAYS[3], 1.0), ("b", DAYS[2], 5.0)))
    assert np.array_equal(panel.y, [[2.0, 0.0, np.nan, 1.0], [np.nan, np.nan, 5.0, 0.0]], equal_nan=True)


def test_an_absent_week_is_unknown_unless_only_sales_are_listed() -> None:
    weeks = [date(2026, 1, 2) + timedelta(weeks=k) for k in (0, 1, 3)]
    with_zero = make_panel(rows(*[("a", d, y) for d, y in zip(weeks, (2.0, 0.0, 3.0), strict=True)]), freq="W")
    listed = make_panel(rows(*[("a", d, y) for d, y in zip(weeks, (2.0, 1.0, 3.0), strict=True)]), freq="W")
    assert np.isnan(with_zero.y[0, 2])
    assert listed.y[0, 2] == 0.0


def test_unusable_series_are_named_with_a_reason_and_the_others_go_on() -> None:
    frame = rows(
        ("fine", "2026-01-01", "1"), ("fine", "2026-01-02", ""),
        ("text", "2026-01-01", "many"), ("text", "2026-01-02", "2"),
        ("twice", "2026-01-01", "1"), ("twice", "2026-01-01", "1"),
        ("empty", "2026-01-01", ""), ("empty", "2026-01-02", "NA"),
        ("undated", "yesterday", "1"), ("boundless", "2026-01-01", "inf"), (None, "2026-01-01", "1"),
    )  # fmt: skip
    panel = make_panel(frame)
    assert panel.ids.to_list() == ["fine"]
    assert {r["series_id"]: r["code"] for r in panel.refused} == {
        "text": "series.not_numeric",
        "twice": "series.duplicate_days",
        "empty": "series.all_missing",
        "undated": "series.bad_day",
        "boundless": "series.not_finite",
        None: "series.no_id",
    }
    assert all(r["reason"].endswith(".") for r in panel.refused)


def test_stock_outside_its_share_is_refused() -> None:
    frame = rows(("a", DAYS[0], 1.0), ("b", DAYS[0], 1.0)).with_columns(in_stock=pl.Series([0.5, 1.5]))
    panel = make_panel(frame)
    assert panel.ids.to_list() == ["a"]
    assert panel.stock[0, 0] == 0.5
    assert panel.refused[0]["code"] == "series.bad_in_stock"


@pytest.mark.parametrize(("ids", "kept"), [(["007", "8"], ["007", "8"]), (["10", "9"], [9, 10])])
def test_csv_ids_stay_text_unless_all_are_written_like_integers(tmp_path: Path, ids: list, kept: list) -> None:
    path = tmp_path / "panel.csv"
    rows(*[(i, "2026-01-01", 1) for i in ids]).write_csv(path)
    assert make_panel(read_file(path)).ids.to_list() == kept


def test_known_columns_reach_into_the_future_and_other_columns_are_left_alone() -> None:
    frame = rows(*[("a", d, float(i) if i < 4 else None) for i, d in enumerate(DAYS)]).with_columns(
        price=pl.Series([9.0, 9.0, 8.0, 9.0, 7.0, 7.0]),
        visits=pl.Series([1, 2, 3, 4, None, None]),
        promo=pl.Series([False, True, False, False, True, False]),
    )
    panel = make_panel(frame, horizon=2)
    assert sorted(panel.known) == ["price", "promo"]
    assert panel.length == 4
    assert panel.known["price"][0].tolist() == [9.0, 9.0, 8.0, 9.0, 7.0, 7.0]
    assert panel.known["promo"][0].tolist() == [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]


def test_a_missing_column_file_or_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'y' is missing"):
        make_panel(pl.DataFrame({"series_id": [1], "day": ["2026-01-01"]}))
    with pytest.raises(NotFound, match="There is no file"):
        read_file(tmp_path / "none.csv")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not parquet")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_file(broken)


@pytest.mark.parametrize(
    ("first", "step", "freq"), [(date(2026, 1, 2), 7, "W"), (date(2026, 1, 2), 1, "D"), (date(2026, 1, 2), 2, "D")]
)
def test_the_frequency_is_read_off_the_dates(first: date, step: int, freq: str) -> None:
    days = pl.Series([first + timedelta(days=step * k) for k in range(12)]).cast(pl.Int32).to_numpy().astype(np.int64)
    assert calendar_of(days).freq == freq


@pytest.mark.parametrize(("day", "expected"), [(1, "2024-03-01"), (31, "2024-03-31"), (15, "2024-03-15")])
def test_months_are_dated_as_they_came(day: int, expected: str) -> None:
    ends = pl.date_range(date(2023, 1, 1), date(2024, 2, 1), "1mo", eager=True)
    days = ends.dt.month_end() if day == 31 else ends.dt.offset_by(f"{day - 1}d")
    panel = make_panel(pl.DataFrame({"series_id": 1, "day": days, "y": 3}), freq="M")
    assert panel.days(panel.length, 1).to_list() == [date.fromisoformat(expected)]
    assert panel.length == 14


def test_an_unknown_frequency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="D \\(days\\)"):
        calendar_of(np.array([1]), "Q")
    assert Calendar("D").number(np.array([5])).tolist() == [5]


def test_a_series_that_replaces_others_carries_their_history() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(12)]
    rows = [("old", day, 2.0, "") for day in days[:4]] + [("mid", day, 3.0, "old") for day in days[4:8]]
    rows += [("new", day, 5.0 if n > 8 else 0.0, "mid") for n, day in enumerate(days) if n >= 7]
    rows += [("lone", day, 1.0, "nobody") for day in days] + [("loop", day, 1.0, "loop") for day in days]
    frame = pl.DataFrame(rows, schema=["series_id", "day", "y", "replaces"], orient="row")
    panel = make_panel(frame, freq="D")
    found = dict(zip(panel.ids.to_list(), panel.y.tolist(), strict=True))
    assert found["new"] == [2.0] * 4 + [3.0] * 4 + [0.0] + [5.0] * 3
    assert found["mid"] == [2.0] * 4 + [3.0] * 4 + [0.0] * 4
    assert found["lone"] == found["loop"] == [1.0] * 12
    assert not panel.known
