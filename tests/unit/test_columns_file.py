"""Transactions and panels as spreadsheets and other programs write them say the same as the plain file."""

from __future__ import annotations

import gzip

import polars as pl
import pytest

from app.jobs.clv_files import read_transactions
from forecasting.reading import make_panel, read_file
from oms_core.kernel.errors import InvalidInput

ROWS = [("007", "2024-01-31", "1234.5"), ("008", "2024-02-01", "-3"), ("009", "2024-02-02", "0.25")]


def written(separator, names, *, comma=False, dots=False, encoding="utf-8"):
    lines = [separator.join(names)]
    for key, day, number in ROWS:
        shown = ".".join(reversed(day.split("-"))) if dots else day
        lines.append(separator.join((key, shown, number.replace(".", ",") if comma else number)))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


FORMS = {
    "semicolons, commas, dots": {"separator": ";", "comma": True, "dots": True},
    "tabs, UTF-16": {"separator": "\t", "encoding": "utf-16"},
    "bars": {"separator": "|"},
    "plain with a mark": {"separator": ",", "encoding": "utf-8-sig"},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_program_says_the_same(tmp_path, form, pack):
    transactions, panel = tmp_path / "t.csv", tmp_path / "p.csv"
    transactions.write_bytes(pack(written(names=["customer_id", "date", "amount"], **FORMS[form])))
    panel.write_bytes(pack(written(names=["series_id", "day", "y"], **FORMS[form])))
    lines = read_transactions(transactions)
    assert lines.sort("day").rows() == [(k, pl.Series([d]).str.to_date()[0], float(a)) for k, d, a in ROWS]
    read = make_panel(read_file(panel), freq="D")
    assert (read.refused, list(read.ids)) == ([], [key for key, _, _ in ROWS])
    assert read.y[:, -1].tolist() == [0.0, 0.0, 0.25]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"customer_id;date;amount\n1;2024-01-01;5;7\n", "file.fields"),
        (b'customer_id;date;amount\n1;2024-01-01;"5\n', "file.open_quote"),
        (gzip.compress(b"customer_id,date,amount\n")[:-6], "file.wrong_type"),
        (gzip.compress(b""), "file.empty"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(tmp_path, content, code):
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    with pytest.raises(InvalidInput) as refusal:
        read_transactions(file)
    assert refusal.value.code == code
