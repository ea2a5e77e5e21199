"""Files that leave keep their types, their letters and their meaning."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import polars as pl

from app import exports

FRAME = pl.DataFrame(
    {
        "order": ["OS-1", "=cmd()"],
        "day": [date(2010, 12, 9), None],
        "placed_at": [datetime(2010, 12, 9, 13, 30, tzinfo=UTC), datetime(2010, 12, 9, 14, tzinfo=UTC)],
        "total_gbp": [3344.5, -1.25],
        "units": [12, None],
        "city": ["Łódź", "Zażółć; gęślą"],
        "tags": [["a", "b"], []],
    },
    schema_overrides={"tags": pl.List(pl.String)},
)
SHEET = exports.Sheet("orders", FRAME, {"total_gbp": "What the customer owes."}, {"Data as of": "13:30"})


def test_csv_has_a_mark_dots_and_iso_dates() -> None:
    text = exports.csv(SHEET)
    assert text.startswith(b"\xef\xbb\xbf")
    back = pl.read_csv(io.BytesIO(text), try_parse_dates=True)
    assert back["total_gbp"].to_list() == [3344.5, -1.25]
    assert back["day"][0] == date(2010, 12, 9)
    assert back["city"].to_list() == FRAME["city"].to_list()
    assert back["tags"][0] == "a, b"


def test_polish_excel_gets_semicolons_and_decimal_commas() -> None:
    lines = exports.csv_polish(SHEET).decode("utf-8-sig").splitlines()
    assert lines[0].split(";") == FRAME.columns
    assert '"3344,5"' in lines[1] or ";3344,5;" in lines[1]
    assert '"Zażółć; gęślą"' in lines[2]


def test_parquet_keeps_types() -> None:
    assert pl.read_parquet(io.BytesIO(exports.parquet(SHEET))).equals(FRAME)


def test_a_workbook_has_typed_cells_a_frozen_header_and_definitions() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exports.xlsx(SHEET)))
    page = book["orders"]
    assert [c.value for c in page[1]] == FRAME.columns
    assert page["D2"].value == 3344.5
    assert page["B2"].value == datetime(2010, 12, 9)  # noqa: DTZ001 - a cell has no zone
    assert page["B3"].value is None
    assert page["A3"].data_type == "s"
    assert page.freeze_panes == "A2"
    told = {row[0].value: row[1].value for row in book["Definitions"].iter_rows()}
    assert told["Data as of"] == "13:30"
    assert told["total_gbp"] == "What the customer owes."
    assert told["Rows"] == "2"


def test_a_name_tells_the_period_with_its_last_day() -> None:
    assert (
        exports.file_name("orders", "csv", date(2010, 11, 12), date(2010, 12, 9)) == "orders_2010-11-12_2010-12-09.csv"
    )
    assert exports.file_name("metrics", "xlsx") == "metrics.xlsx"


def test_rows_are_read_only_when_a_file_is_asked_for() -> None:
    read = []
    later = exports.Later("orders", 2, lambda: read.append(1) or SHEET)
    assert read == []
    assert exports.FORMATS[0].write_later(later) == exports.csv(SHEET)
    assert read == [1]
