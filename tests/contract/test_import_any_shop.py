"""Stories of shops whose files are nothing like the UCI's; every one runs on both databases."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from oms_core.channels.history import import_history
from oms_core.customers.tables import Customer
from oms_core.imports.tables import ImportRun, RejectedRow
from oms_core.kernel.change_log import tracked_tables
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.payments.tables import Charge, Payment
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine
from oms_core.schema import METADATA

SHOP = Shop(zone="Europe/Warsaw", currency="PLN")

POLISH = """Numer;Data;Kod;Nazwa;Ilość;Cena;E-mail;Kraj;Status;Źródło;Wysyłka
Z/1;31.03.2024 02:30;KUB-1;Kubek żółty;2;1 234,50;Ala@Example.PL;Polska;Zrealizowane;Allegro;15,90
Z/1;31.03.2024 02:30;TAL-2;"Talerz ""duży"", biały";1;0,99;ala@example.pl;Polska;Zrealizowane;Allegro;15,90
Z/2;01.04.2024 10:00;KUB-1;Kubek żółty;1;1 300,00;;Niemcy;Anulowane;Sklep;0
Z/3;02.04.2024 11:15;TAL-2;Talerz;3;0,99;bob@example.com;Czechy;Opłacone;Sklep;0
Z/3;02.04.2024 11:15;RABAT;Rabat wiosenny;1;-1,00;bob@example.com;Czechy;Opłacone;Sklep;0
K/1;05.04.2024 09:00;KUB-1;Kubek żółty;-1;1 234,50;ala@example.pl;Polska;Zrealizowane;Allegro;0
"""
POLISH_MAPPING = """
source = "sklep"
[file]
encoding = "windows-1250"
decimal = ","
currency = "PLN"
zone = "Europe/Warsaw"
datetime = ["%d.%m.%Y %H:%M"]
[columns]
order = "Numer"
placed_at = "Data"
sku = "Kod"
title = "Nazwa"
quantity = "Ilość"
unit_price = "Cena"
email = "E-mail"
country = "Kraj"
status = "Status"
channel = "Źródło"
shipping = "Wysyłka"
[values.status]
"Zrealizowane" = "delivered"
"Anulowane" = "cancelled"
"Opłacone" = "paid"
[[lines]]
is = "discount"
sku = "^RABAT"
"""


@pytest.fixture
def shop_files(tmp_path):
    """Write files and mappings; return a function that imports them."""

    def write(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding=encoding)
        return path

    return write


def run(engine, files, mapping, **options):
    return import_history(engine, SHOP, source="csv", files=files, mapping=mapping, **options).counts


def rows(engine, *columns, order=None):
    with engine.connect().execution_options(reading=True) as connection:
        statement = sa.select(*columns).order_by(order if order is not None else columns[0])
        return [tuple(r) for r in connection.execute(statement)]


def fingerprint(engine):
    """Every row of every table, so that 'nothing changed' means nothing."""
    with engine.connect().execution_options(reading=True) as connection:
        counts = {
            t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
            for t in METADATA.sorted_tables
        }
        counts["change_log"] = connection.execute(sa.text("SELECT count(*) FROM change_log")).scalar_one()
        sums = connection.execute(
            sa.select(sa.func.sum(OrderLine.returned_qty), sa.func.sum(OrderLine.gross_minor))
        ).one()
    return counts, tuple(sums)


def test_a_polish_shop(engine, shop_files):
    """Semicolons, commas, DD.MM.YYYY, windows-1250, statuses, carriage on the order, a credit note by sign."""
    file = shop_files("zamowienia.csv", POLISH, "windows-1250")
    mapping = shop_files("sklep.toml", POLISH_MAPPING)
    counts = run(engine, [file], mapping)
    assert {k: counts[k] for k in ("read", "orders", "lines", "customers", "returns", "rejected", "currency")} == {
        "read": 6, "orders": 3, "lines": 4, "customers": 2, "returns": 1, "rejected": 0, "currency": "PLN",
    }  # fmt: skip
    # 2×1234.50 + 0.99 + 15.90 + 1300.00 + 3×0.99 − 1.00 − 1234.50
    assert counts["value"] == str(
        Decimal("2469.00")
        + Decimal("0.99")
        + Decimal("15.90")
        + Decimal(1300)
        + Decimal("2.97")
        - 1
        - Decimal("1234.50")
    )
    orders = rows(
        engine,
        Order.external_id,
        Order.state,
        Order.payment_status,
        Order.fulfillment_status,
        Order.total_minor,
        Order.ship_country,
    )
    assert orders == [
        ("Z/1", "closed", "paid", "fulfilled", 248589, "PL"),
        ("Z/2", "cancelled", "none", "unfulfilled", 130000, "DE"),
        ("Z/3", "placed", "paid", "unfulfilled", 197, "CZ"),
    ]
    # the clocks skipped 02:30 that morning: the order is placed an hour on
    assert rows(engine, Order.placed_at, order=Order.external_id)[0][0].isoformat() == "2024-03-31T01:30:00+00:00"
    assert rows(engine, Channel.code, Channel.kind) == [("allegro", "marketplace"), ("sklep", "web")]
    with engine.connect() as connection:
        joined = connection.execute(
            sa.select(
                Return.external_id, Order.external_id, ReturnLine.quantity, OrderLine.returned_qty, Order.return_status
            )
            .join(Order, Return.order_id == Order.id)
            .join(ReturnLine, ReturnLine.return_id == Return.id)
            .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        ).all()
    assert [tuple(r) for r in joined] == [("K/1", "Z/1", 1, 1, "partially_returned")]
    assert rows(engine, Payment.amount_minor, Payment.kind) == [(197, "capture")]
    assert rows(engine, Customer.email) == [("ala@example.pl",), ("bob@example.com",)]
    assert rows(engine, OrderLine.title, order=OrderLine.id)[1] == ('Talerz "duży", biały',)


def test_the_second_run_changes_nothing(engine, shop_files):
    file = shop_files("zamowienia.csv", POLISH, "windows-1250")
    mapping = shop_files("sklep.toml", POLISH_MAPPING)
    first = run(engine, [file], mapping)
    before = fingerprint(engine)
    second = run(engine, [file], mapping)
    assert second["unchanged"] == first["orders"] + first["returns"]
    assert (second["orders"], second["value"]) == (0, "0.00")
    assert fingerprint(engine) == before


def test_a_dry_run_says_the_same_and_writes_nothing(engine, shop_files):
    file = shop_files("zamowienia.csv", POLISH, "windows-1250")
    mapping = shop_files("sklep.toml", POLISH_MAPPING)
    before = fingerprint(engine)
    dry = run(engine, [file], mapping, dry_run=True)
    assert fingerprint(engine) == before
    real = run(engine, [file], mapping)
    assert dry | {"seconds": 0} == real | {"seconds": 0}


ORDERS = """id,created,client,mail,country,currency,state,delivery,grand_total
100,2024-05-01T10:00:00+02:00,7,x@example.com,PL,PLN,shipped,12.00,52.00
101,2024-05-02T10:00:00+02:00,8,,DE,EUR,new,0,30.00
102,2024-05-03T10:00:00+02:00,9,,DE,EUR,returned,0,10.00
103,yesterday,9,,DE,EUR,new,0,10.00
104,2024-05-03T10:00:00+02:00,9,,DE,EUR,new,0,0.00
"""
LINES = """order_id,code,name,qty,total
100,A,Apple,4,40.00
101,B,Book,2,30.00
102,B,Book,1,10.00
103,B,Book,1,10.00
999,B,Book,1,10.00
"""
TWO_FILES = """
source = "two"
[columns]
order = "order_id"
sku = "code"
title = "name"
quantity = "qty"
line_total = "total"
[orders.columns]
order = "id"
placed_at = "created"
customer = "client"
email = "mail"
country = "country"
currency = "currency"
status = "state"
shipping = "delivery"
total = "grand_total"
[values.status]
new = "placed"
shipped = "shipped"
returned = "returned"
"""


def test_orders_and_lines_in_two_files(engine, shop_files, tmp_path):
    mapping = shop_files("two.toml", TWO_FILES)
    files = [shop_files("orders.csv", ORDERS), shop_files("lines.csv", LINES)]
    rejects = tmp_path / "rejects.csv"
    counts = run(engine, files, mapping, rejects=rejects)
    assert (counts["orders"], counts["lines"], counts["returns"], counts["rejected"]) == (3, 3, 1, 3)
    assert counts["values"]["PLN"]["value"] == "52.00"
    assert counts["values"]["EUR"]["value"] == "30.00"  # 30 sold, 10 sold and taken back
    assert rows(engine, Order.external_id, Order.currency, Order.total_minor, Order.return_status) == [
        ("100", "PLN", 5200, "none"), ("101", "EUR", 3000, "none"), ("102", "EUR", 1000, "returned"),
    ]  # fmt: skip
    codes = [r[0] for r in rows(engine, RejectedRow.code)]
    assert codes == ["date.unreadable", "order.no_lines", "order.unknown"]
    mended = rejects.read_text().replace("yesterday", "2024-05-03 12:00")
    rejects.write_text(mended)
    again = run(engine, [rejects], mapping)
    assert (again["orders"], again["mended"]) == (1, 1)
    assert rows(engine, Order.external_id)[-1] == ("103",)


BAD = """order,at,code,qty,price
1,2024-01-01,A,2,5.00
1,2024-01-01,B,two,5.00
,2024-01-01,A,1,5.00
2,2024-13-01,A,1,5.00
3,2024-01-03,A,0,5.00
4,2024-01-04,A,1.5,5.00
5,2024-01-05,A,1,-5.00
6,2024-01-06,A,1,5.00,surplus
7,2024-01-07,A,99999999999,99999999999
"""
PLAIN = """
source = "plain"
[columns]
order = "order"
placed_at = "at"
sku = "code"
quantity = "qty"
unit_price = "price"
"""


def test_rejected_rows_are_kept_and_mended(engine, shop_files, tmp_path):
    """A refused row does not take its order with it; mended, it joins the order."""
    mapping, file = shop_files("plain.toml", PLAIN), shop_files("bad.csv", BAD)
    rejects = tmp_path / "rejects.csv"
    counts = run(engine, [file], mapping, rejects=rejects)
    assert (counts["read"], counts["orders"], counts["lines"], counts["rejected"]) == (9, 1, 1, 8)
    assert [r[0] for r in rows(engine, RejectedRow.code, order=RejectedRow.row_number)] == [
        "quantity.unreadable", "order.missing", "date.unreadable", "quantity.zero", "quantity.unreadable",
        "price.negative", "row.fields", "amount.too_large",
    ]  # fmt: skip
    before = fingerprint(engine)
    assert run(engine, [file], mapping)["rejected"] == 8
    assert fingerprint(engine) == before
    frame = pl.read_csv(rejects, infer_schema=False)
    assert frame["rejected_reason"].null_count() == 0
    fixed = frame.with_columns(
        pl.when(pl.col("qty") == "two")
        .then(pl.lit("3"))
        .otherwise(pl.when(pl.col("qty") == "1.5").then(pl.lit("1")).otherwise("qty"))
        .alias("qty"),
        pl.col("at").str.replace("-13-", "-12-"),
    )
    fixed.write_csv(rejects)
    again = run(engine, [rejects], mapping)
    assert (again["mended"], again["orders"], again["lines"]) == (3, 2, 3)
    assert rows(engine, Order.external_id, Order.total_minor) == [("1", 2500), ("2", 500), ("4", 500)]
    lines = rows(engine, OrderLine.order_id, OrderLine.position, OrderLine.sku, OrderLine.gross_minor)
    assert [line[1:] for line in lines[:2]] == [(1, "A", 1000), (2, "B", 1500)]
    assert rows(engine, sa.func.count(RejectedRow.resolved_at), order=sa.text("1")) == [(3,)]
    before = fingerprint(engine)
    third = run(engine, [rejects], mapping)
    assert (third["mended"], third["lines"]) == (0, 0)
    assert fingerprint(engine) == before


def test_the_whole_file_mended_in_place(engine, shop_files):
    mapping, file = shop_files("plain.toml", PLAIN), shop_files("bad.csv", BAD)
    run(engine, [file], mapping)
    file = shop_files("bad.csv", BAD.replace("B,two", "B,3"))
    counts = run(engine, [file], mapping)
    assert (counts["mended"], counts["unchanged"], counts["changed"]) == (1, 1, 0)
    assert rows(engine, Order.total_minor) == [(2500,)]
    counts = run(engine, [file], mapping)
    assert (counts["mended"], counts["unchanged"], counts["changed"]) == (0, 1, 0)


def test_a_changed_document_is_reported_and_not_touched(engine, shop_files):
    mapping = shop_files("plain.toml", PLAIN)
    run(engine, [shop_files("a.csv", "order,at,code,qty,price\n1,2024-01-01,A,2,5.00\n")], mapping)
    counts = run(
        engine, [shop_files("b.csv", "order,at,code,qty,price\n1,2024-01-01,A,3,5.00\n2,2024-01-01,A,1,5\n")], mapping
    )
    assert (counts["changed"], counts["changed_documents"], counts["orders"]) == (1, ["1"], 1)
    assert rows(engine, Order.external_id, Order.total_minor) == [("1", 1000), ("2", 500)]


def test_overlapping_files_count_once(engine, shop_files):
    mapping = shop_files("plain.toml", PLAIN)
    head = "order,at,code,qty,price\n"
    january = shop_files("jan.csv", head + "1,2024-01-01,A,2,5.00\n2,2024-01-31,A,1,5.00\n")
    february = shop_files("feb.csv", head + "2,2024-01-31,A,1,5.00\n3,2024-02-01,A,1,5.00\n3,2024-02-01,B,1,5.00\n")
    march = shop_files("mar.csv", head + "3,2024-02-01,C,1,5.00\n")
    counts = run(engine, [january, february, march], mapping)
    assert (counts["orders"], counts["value"], counts["rows"]["overlapping"]) == (3, "30.00", 1)


def test_duplicates_are_kept_or_collapsed_as_told(engine, shop_files):
    text = "order,at,code,qty,price\n1,2024-01-01,A,2,5.00\n1,2024-01-01,A,2,5.00\n"
    file = shop_files("a.csv", text)
    kept = run(engine, [file], shop_files("keep.toml", PLAIN), dry_run=True)
    collapsed = run(engine, [file], shop_files("once.toml", 'duplicates = "collapse"\n' + PLAIN), dry_run=True)
    assert (kept["lines"], kept["duplicates"], kept["rows"]["collapsed"]) == (2, 1, 0)
    assert (collapsed["lines"], collapsed["duplicates"], collapsed["rows"]["collapsed"]) == (1, 1, 1)


TYPED = """doc,at,kind,code,qty,price,ref,client
1,2024-01-01,S,A,5,10.00,,c1
1,2024-01-01,T,FREIGHT,1,7.00,,c1
2,2024-01-02,S,A,5,11.00,,c1
R1,2024-01-05,R,A,2,10.50,2,c1
R1,2024-01-05,T,FREIGHT,1,3.00,2,c1
R2,2024-01-06,R,A,9,10.00,,c1
F1,2024-01-31,F,FEE,1,-4.00,,
"""
TYPED_MAPPING = """
source = "typed"
[columns]
order = "doc"
placed_at = "at"
type = "kind"
sku = "code"
quantity = "qty"
unit_price = "price"
reverses = "ref"
customer = "client"
[values.type]
S = "sale"
R = "return"
T = "shipping"
F = "channel_fee"
[[documents]]
is = "return"
order = "^R"
"""


def test_a_type_column_says_what_a_row_is(engine, shop_files):
    """Returns with positive quantities, the order they reverse named, carriage given back, a fee on its own."""
    counts = run(engine, [shop_files("t.csv", TYPED)], shop_files("t.toml", TYPED_MAPPING))
    assert counts["value"] == str(Decimal(50 + 7 + 55 - 21 - 3 - 90 - 4).quantize(Decimal("0.01")))
    assert (counts["orders"], counts["returns"], counts["charges"]) == (2, 2, 1)
    assert (counts["matched_returns"], counts["standalone_credits"]) == (1, 1)
    assert rows(engine, OrderAdjustment.kind, OrderAdjustment.amount_minor) == [("shipping", 700)]
    assert rows(engine, ReturnAdjustment.kind, ReturnAdjustment.amount_minor) == [("shipping", 300)]
    assert rows(engine, Charge.kind, Charge.amount_minor) == [("channel_fee", -400)]
    assert rows(engine, OrderLine.returned_qty, order=OrderLine.id) == [(0,), (2,)]


def test_a_later_file_returns_what_an_earlier_one_sold(engine, shop_files):
    mapping = shop_files("t.toml", TYPED_MAPPING)
    first, second = TYPED.splitlines()[:4], TYPED.splitlines()[:1] + TYPED.splitlines()[4:6]
    run(engine, [shop_files("a.csv", "\n".join(first))], mapping)
    counts = run(engine, [shop_files("b.csv", "\n".join(second))], mapping)
    assert counts["matched_returns"] == 1
    assert rows(engine, Order.external_id, Order.return_status) == [("1", "none"), ("2", "partially_returned")]


@pytest.mark.parametrize("suffix", ["tsv", "json", "jsonl", "parquet", "xlsx", "csv.gz"])
def test_every_format_gives_the_same(engine, shop_files, tmp_path, suffix):
    """One content in seven formats: the same counts and the same money."""
    import gzip

    text = TYPED
    mapping = shop_files("t.toml", TYPED_MAPPING)
    expected = run(engine, [shop_files("t.csv", text)], mapping, dry_run=True)
    frame = pl.read_csv(text.encode(), try_parse_dates=True)
    path = tmp_path / f"t.{suffix}"
    if suffix == "tsv":
        frame.write_csv(path, separator="\t")
    elif suffix == "json":
        path.write_text(json.dumps(frame.with_columns(pl.col("at").cast(pl.String)).to_dicts()))
    elif suffix == "jsonl":
        frame.write_ndjson(path)
    elif suffix == "parquet":
        frame.write_parquet(path)
    elif suffix == "xlsx":
        frame.write_excel(path)
    else:
        path.write_bytes(gzip.compress(text.encode()))
    got = run(engine, [path], mapping, dry_run=True)
    assert got | {"seconds": 0} == expected | {"seconds": 0}


def test_a_run_that_brings_nothing_leaves_no_trace(engine, shop_files):
    mapping, file = shop_files("t.toml", TYPED_MAPPING), shop_files("t.csv", TYPED)
    run(engine, [file], mapping)
    run(engine, [file], mapping)
    assert len(rows(engine, ImportRun.id)) == 1
    assert "import_runs" in tracked_tables(METADATA)
