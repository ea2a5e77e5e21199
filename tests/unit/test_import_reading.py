"""How cells, files and places are read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from oms_core.channels.files import read_tables
from oms_core.channels.instants import instants
from oms_core.channels.places import country
from oms_core.channels.text_files import Dialect
from oms_core.channels.values import Unreadable, amount, whole


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1 234,50 zł", 1234_500_000), ("-3,5", -3_500_000), ("12,00-", -12_000_000), ("(4,20)", -4_200_000),
        ("PLN 7", 7_000_000), ("1.234,56", 1234_560_000), ("13,8211382113", 13_821_138),
    ],
)  # fmt: skip
def test_amounts_of_a_polish_file(text, minor):
    assert amount(text, decimal=",", thousands=".") == minor


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "--5", "1e30", "NaN", "inf"])
def test_what_is_no_amount(text):
    with pytest.raises(Unreadable):
        amount(text, decimal=".", thousands="")


def test_a_unit_may_follow_a_quantity():
    assert [whole(t, decimal=",", thousands="") for t in ("2 szt.", "3pcs", "4,000", "-1")] == [2, 3, 4, -1]


def read(texts, *formats, zone="Europe/Warsaw"):
    at, bad = instants(pl.Series(texts), formats, zone)
    return [None if v is None else v.isoformat() for v in at], bad.to_list()


def test_local_times_offsets_and_the_hour_the_clocks_skipped():
    at, bad = read(
        [
            "31.03.2024 02:30",
            "27.10.2024 02:30",
            "2024-05-01T10:00:00Z",
            "2024-05-01 10:00:00 +0200",
            "2024-05-01",
            "soon",
        ],
        "%d.%m.%Y %H:%M",
    )  # fmt: skip
    assert at == [
        "2024-03-31T01:30:00+00:00", "2024-10-27T00:30:00+00:00", "2024-05-01T10:00:00+00:00",
        "2024-05-01T08:00:00+00:00", "2024-04-30T22:00:00+00:00", None,
    ]  # fmt: skip
    assert bad[:5] == [None] * 5
    assert "'soon' is not a time" in bad[5]


def test_days_and_months_are_told_apart_by_the_whole_column():
    both = ("%d/%m/%Y", "%m/%d/%Y")
    assert read(["12/01/2010", "12/13/2010"], *both, zone="UTC")[0][0].startswith("2010-12-01")
    assert read(["12/01/2010", "13/12/2010"], *both, zone="UTC")[0][0].startswith("2010-01-12")
    assert read(["12/01/2010", "12/02/2010"], *both, zone="UTC")[0][0].startswith("2010-12-01")


@pytest.mark.parametrize(
    ("name", "code", "kept"),
    [
        ("EIRE", "IE", ""), ("RSA", "ZA", ""), ("USA", "US", ""), ("Polska", "PL", ""), ("Niemcy", "DE", ""),
        ("österreich", "AT", ""), ("uk", "GB", ""), ("Channel Islands", "JE", "Channel Islands"),
        ("European Community", "EU", "European Community"), ("Unspecified", "", "Unspecified"),
        ("Atlantis", "", "Atlantis"),
    ],
)  # fmt: skip
def test_countries(name, code, kept):
    assert country(name, {}) == (code, kept)
    assert country(name, {name.lower(): "xk"}) == ("XK", "")


def table(tmp_path: Path, content: bytes, **dialect):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    (found,) = read_tables(path, Dialect(**dialect))
    return found


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y\n", b"a;b\r\n1;x\r\n2;y\r\n", b"a\tb\r1\tx\r2\ty\r", b"\xef\xbb\xbfa|b\n1|x\n\n2|y",
        "a,b\n1,x\n2,y\n".encode("utf-16"), b"\n\na,b\n1,x\n2,y\n",
    ],
)  # fmt: skip
def test_any_separator_line_end_and_mark(tmp_path, content):
    found = table(tmp_path, content)
    assert found.frame.drop("__row").rows() == [("1", "x"), ("2", "y")]


def test_a_row_with_too_many_fields_is_kept_apart(tmp_path):
    found = table(tmp_path, b'a,b\n1,x\n2,y,z\n3,"15"" plate"\n')
    assert found.frame.rows() == [(2, "1", "x"), (4, "3", '15" plate')]
    assert found.broken == [(3, {"a": "2", "b": "y", "rejected_surplus": "z"})]


def test_an_inch_mark_without_quoting(tmp_path):
    assert table(tmp_path, b'a\tb\n15" plate\t2\n', quote="").frame.rows() == [(2, '15" plate', "2")]
    assert table(tmp_path, b'a\tb\n15" plate\t2\n').frame.rows() == [(2, '15" plate', "2")]
