"""Files as they come: other encodings, dates, quotes and signs; each row is understood or refused, none is lost."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import polars as pl
import pytest
import sqlalchemy as sa
import xlsxwriter

from oms_core.channels.csv_mapping import load_mapping
from oms_core.channels.history import import_history
from oms_core.channels.prepare import prepare
from oms_core.imports.matching import Returned, SoldLine, match
from oms_core.imports.rejects import rejected_rows, write_rejects
from oms_core.kernel.errors import InvalidInput
from oms_core.kernel.settings import Shop
from oms_core.orders.tables import OrderLine
from oms_core.returns.tables import ReturnAdjustment, ReturnLine

MAPPING = """
source = "s"
[columns]
order = "order"
placed_at = "at"
sku = "code"
quantity = "qty"
unit_price = "price"
title = ["title", ""]
"""
HEADER = "order,at,code,qty,price,title\n"
RETURNS = '[[documents]]\nis = "return"\norder = "^C"\n[[lines]]\nis = "shipping"\nsku = "^SHIP"\n'


def read(tmp_path, content, settings=""):
    (tmp_path / "m.toml").write_text(MAPPING + settings)
    file = tmp_path / "file"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = load_mapping(tmp_path / "m.toml")
    return prepare([file], mapping, zone="Europe/Warsaw", currency="PLN", progress=lambda *_: None)


def workbook(*lines, above=0):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Orders")
        if above:
            sheet.write(0, 0, "Report of May")
        for number, line in enumerate([HEADER.strip().split(","), *lines], start=above):
            sheet.write_row(number, 0, line)
    return out.getvalue()


GZ = "1,2024-12-31,A,1,5,x\n"
#: name: (content, settings, money of the rows in minor units, codes of the refused rows)
UNDERSTOOD = {
    "UTF-16 without a mark": ((HEADER + GZ).encode("utf-16-le"), '[file]\nencoding = "utf-16-le"\n', 500, []),
    "the second of two encodings": (
        (HEADER + "1,2024-12-31,A,1,5,café £\n").encode("cp1252"), '[file]\nencoding = ["utf-8", "cp1252"]\n', 500, [],
    ),
    "blank lines, sep=, trailing separators": (
        "\r\nsep=;\r\norder;at;code;qty;price;\r\n1;2024-12-31;A;1;5;\r\n;;;;;\r\n", "", 500, [],
    ),
    "two columns of one name": ("order,at,code,qty,price, price,,\n1,2024-12-31,A,1,5,9,,\n", "", 500, []),
    "two columns of one name, ragged": ("order,at,code,qty,price,n,n\n1,2024-12-31,A,1,5\n2,,,,,,,,9\n", "", 500,
                                        ["row.fields"]),
    "no row fits": ("order,at,code,qty,price\n1,2024-12-31,A,1,5,6\n", "", 0, ["row.fields"]),
    "day-month-year with dashes": (HEADER + "1,31-12-2024,A,1,5,x\n", '[file]\ndatetime = ["%d-%m-%Y"]\n', 500, []),
    "offsets": (
        HEADER + "".join(f"{i},{at},A,1,1,x\n" for i, at in enumerate((
            "2024-12-31T23:30Z", "2024-12-31T23:30-05:00", "20241231T233000Z", "2024-12-31 23:30:00 UTC",
            "2024-12-31 23:30:00+01", "2024-12-31T23:30:00.123456789Z", "31.12.2024 10:00 +0200", "20241231",
        ))), '[file]\ndatetime = ["%d.%m.%Y %H:%M %z"]\n', 800, [],
    ),
    "serial days of a spreadsheet": (HEADER + '1,45657.5,A,1,5,x\n2,"45657,5",A,1,5,x\n',
                                     '[file]\ndatetime = ["excel"]\n', 1000, []),
    "seconds since 1970": (HEADER + "1,1735600000,A,1,5,x\n2,1735600000123,A,1,5,x\n",
                           '[file]\ndatetime = ["unix"]\n', 1000, []),
    "days no shop has": (HEADER + "1,0001-01-01,A,1,5,x\n2,9999-12-31,A,1,5,x\n3,2024-01-01,A,1,5,x\n", "", 500,
                         ["date.out_of_range"] * 2),
    "thousand or fraction": ("order;at;code;qty;price\n1;2024-12-31;A;1;1.234\n2;2024-12-31;A;1;12.50\n",
                             '[file]\ndecimal = ","\n', 1250,
                             ["unit_price.unreadable"]),
    "quotes inside and around": (HEADER + '1,2024-12-31,A,1,5,12" plate\n2,2024-12-31,A,1,5,"a ""b""\nc"\n', "", 1000,
                                 []),
    "credit notes with a negative price": (HEADER + "1,2024-01-01,A,2,5,x\nC1,2024-01-02,A,2,-5,x\n"
                                           "C1,2024-01-02,SHIP,1,-3,x\n", RETURNS, -300, []),
    "credit notes without any sign": (HEADER + "1,2024-01-01,A,2,5,x\nC1,2024-01-02,A,2,5,x\n"
                                      "C1,2024-01-02,SHIP,1,3,x\n", RETURNS, -300, []),
    "negative units at a negative price": (HEADER + "1,2024-01-01,A,2,5,x\n2,2024-01-02,A,-2,-5,x\n", "", 1000,
                                           ["price.negative"]),
    "workbook: serial days, lines above": (workbook(["1", 45657.5, "A", 1, 5, "x"], above=2),
                                           "[file]\nskip_rows = 2\n", 500, []),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_rough_files_are_understood(tmp_path, name):
    content, settings, minor, codes = UNDERSTOOD[name]
    batch = read(tmp_path, content, settings)
    assert batch.rows["amount"].sum() == minor * 10_000
    assert batch.rejected["code"].to_list() == codes
    assert batch.read == batch.rows.height + len(codes)
    assert batch.heads["at"].is_between(datetime(2023, 12, 30, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)).all()
    assert all(any(json.loads(cells).values()) for cells in rejected_rows(batch)["raw"])


#: name: (content, settings, code, words of the message)
REFUSED = {
    "an open quote": (HEADER + '1,2024-12-31,A,1,5,12" plate\n2,2024-12-31,A,1,5,"a\n3,2024-12-31,A,1,5,x\n', "",
                      "file.open_quote", "row 3"),
    "an open quote in a ragged file": (HEADER + '1,2024-12-31,A,1,5,x,,,\n2,2024-12-31,A,1,5,"a\n3,,,,,\n', "",
                                       "file.open_quote", "row 3"),
    "half a line of JSON": ('{"order": 1}\n\n{"order"', "", "file.json", "line 3"),
    "JSON of numbers": ('[{"order": 1}, 2]', "", "file.json", "entry 2"),
    "a format without meaning": (HEADER + GZ, '[file]\ndatetime = ["%d.%m.%Y %H:%Q"]\n', "mapping.value", "%Q"),
    "a format of another program": (HEADER + GZ, '[file]\ndatetime = ["dd.mm.yyyy"]\n', "mapping.value", "dd.mm"),
    "a pattern with look-ahead": (HEADER + GZ, "[[lines]]\nis = 'shipping'\nsku = '^(?!A)'\n", "mapping.value",
                                  "look-around"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, name):
    content, settings, code, words = REFUSED[name]
    with pytest.raises(InvalidInput, match=words) as refusal:
        read(tmp_path, content, settings)
    assert refusal.value.code == code
    assert refusal.value.hint


def test_many_refused_rows_cost_one_look_at_their_file(tmp_path):
    """Every raw row is kept; looking for each of them through the whole file would take minutes here."""
    count = 5_000
    batch = read(tmp_path, HEADER + "".join(f"{i},2024-12-31,A,none,5,x{i}\n" for i in range(count)))
    rows = rejected_rows(batch)
    assert rows["row_number"].to_list() == list(range(2, count + 2))
    assert write_rejects(tmp_path / "rejects.csv", rows, separator=",", encoding="utf-8") == count
    assert pl.read_csv(tmp_path / "rejects.csv")["title"].to_list() == [f"x{i}" for i in range(count)]


def test_returns_find_their_sale_among_very_many_alike(tmp_path):
    """One till, one "customer", one bag: the latest sale before the return that still has the units, at once."""
    days = [datetime.fromtimestamp(1_700_000_000 + 60 * i, tz=UTC) for i in range(8_000)]
    sold = [SoldLine(("new", i), f"S{i}", "till", "BAG", 100, at, 1) for i, at in enumerate(days)]
    sold[7].left_qty = 3

    def back(sequence, quantity, at, order="R"):
        return Returned(sequence, order, "till", "BAG", 100, quantity, at, None)

    asked = [back(i, 1, days[-1]) for i in range(4_000)]
    asked += [back(4_000 + i, 2, days[-1]) for i in range(2_000)] + [back(6_000, 1, days[3], "S2")]
    found = match(sold, asked)
    assert [found[i].order for i in (0, 1, 3_999)] == ["S7999", "S7998", "S4000"]
    # three units stand on one line only; the second return of two finds none
    assert (found[4_000].order, sold[7].left_qty, 4_001 in found) == ("S7", 1, False)
    assert found[6_000].order == "S2"


TAXED = """order,at,code,qty,price,tax,less,state,currency,total
1,2024-02-01,A,2,5.00,2.30,1.00,ok,EUR,
1,,B,1,1.00,0.23,,,,
R1,2024-02-03,A,-2,5.00,-2.30,-1.00,ok,EUR,
9,2024-02-01,C,1,8.00,1.84,2.00,back,EUR,
"""
TAXED_SETTINGS = """line_tax = "tax"
line_discount = "less"
status = "state"
currency = "currency"
total = "total"
[values.status]
ok = "delivered"
back = "returned"
[orders]
amounts_repeat = false
"""


@pytest.mark.parametrize(("included", "value"), [("true", "1.00"), ("false", "1.23")])
def test_tax_and_discounts_of_lines_go_out_and_come_back(engine, tmp_path, included, value):
    """What comes back was sold at its discount; tax in the price adds nothing, tax on top comes back with the goods."""
    (tmp_path / "t.csv").write_text(TAXED)
    settings = TAXED_SETTINGS + f"[file]\nprices_include_tax = {included}\n"
    (tmp_path / "t.toml").write_text(MAPPING.replace('title = ["title", ""]\n', settings))
    shop = Shop(zone="Europe/Warsaw", currency="PLN")
    counts = import_history(engine, shop, source="csv", files=[tmp_path / "t.csv"], mapping=tmp_path / "t.toml").counts
    told = {k: counts[k] for k in ("orders", "lines", "returns", "rejected", "value", "currency", "rounding")}
    assert told == {
        "orders": 2, "lines": 3, "returns": 2, "rejected": 0, "value": value, "currency": "EUR", "rounding": "0",
    }  # fmt: skip
    assert (counts["matched_returns"], counts["totals_differ"]) == (1, 0)  # a guest's credit note names no sale
    with engine.connect().execution_options(reading=True) as connection:
        goods, _ = connection.execute(sa.select(sa.func.sum(ReturnLine.amount_minor), sa.func.count())).one()
        taxes = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(ReturnAdjustment.amount_minor), 0))).scalar()
    assert (goods, taxes) == (1500, 0 if included == "true" else 414)


HOSTILE = [
    ("😀-1", "🧦", 10**11, "0.01", "a\u0000b\u0001\\N \\."),
    ("N'; DROP TABLE orders;--", "NULLS", 1, "7", "\ud800 lone"),
    ("ß", "ß", 10**6, "0.000001", "x" * 5000),
    ("SS", "SS", 1, "1", ""),
]


def test_hostile_cells_are_stored_as_they_are(engine, tmp_path):
    names = ("order", "code", "qty", "price", "title")
    records = [{"at": "2024-02-01"} | dict(zip(names, row, strict=True)) for row in HOSTILE]
    (tmp_path / "h.json").write_text(json.dumps(records))
    (tmp_path / "m.toml").write_text(MAPPING)
    shop = Shop(zone="Europe/Warsaw", currency="PLN")
    given = {"source": "csv", "files": [tmp_path / "h.json"], "mapping": tmp_path / "m.toml"}
    counts = import_history(engine, shop, **given).counts
    assert (counts["orders"], counts["rejected"], counts["value"]) == (4, 0, "1000000009.00")
    assert import_history(engine, shop, **given).counts["unchanged"] == 4
    with engine.connect().execution_options(reading=True) as connection:
        kept = connection.execute(sa.select(OrderLine.sku, OrderLine.quantity, OrderLine.title)).all()
    assert {row.sku for row in kept} >= {"🧦", "NULLS", "SS"}
    assert sum(row.quantity for row in kept) == 10**11 + 10**6 + 2
    assert next(row.title for row in kept if row.sku == "🧦").startswith("ab")
