"""The same data in other clothes: in two overlapping years, in the publisher's workbook, through a mapping file."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
import sqlalchemy as sa

from oms_core.channels.history import DATA, import_history
from oms_core.channels.templates import mapping_text
from oms_core.imports.tables import ImportDocument
from oms_core.kernel.database import make_engine
from oms_core.kernel.settings import Shop
from oms_core.orders.tables import Order, OrderLine
from oms_core.payments.tables import Charge
from oms_core.returns.tables import Return, ReturnLine

SHOP = Shop(zone="Europe/London", currency="GBP")


@pytest.fixture(scope="module")
def year():
    """Some twelve thousand rows of the real data, whole days."""
    rows = pl.read_parquet(DATA / "online_retail_ii_2009_2010.parquet").head(14_000)
    last = date(2009, 12, 5)
    return rows.filter(pl.col("InvoiceDate").dt.date() < last)


def state(engine):
    """Documents, money, matches: what an import must reach whichever way it came."""
    selects = (
        sa.select(
            ImportDocument.external_id, ImportDocument.row_count, ImportDocument.total_micro, ImportDocument.code_hash
        ),
        sa.select(Order.external_id, Order.placed_at, Order.total_minor, Order.ship_country, Order.return_status),
        sa.select(
            Order.external_id, OrderLine.position, OrderLine.sku, OrderLine.gross_minor, OrderLine.returned_qty
        ).join(Order),
        sa.select(Return.external_id, Return.total_minor, ReturnLine.sku, ReturnLine.quantity).join(Return),
        sa.select(Charge.external_id, Charge.kind, Charge.quantity, Charge.amount_minor),
    )
    with engine.connect().execution_options(reading=True) as connection:
        return [sorted(map(tuple, connection.execute(statement))) for statement in selects]


def load(engine, *files, **options):
    return import_history(engine, SHOP, **({"source": "online-retail"} | options), files=files)


@pytest.fixture
def whole(year, tmp_path, migrated_sqlite):
    """The state after importing the rows in one file, and that import's answer."""
    year.write_parquet(tmp_path / "whole.parquet")
    path = tmp_path / "whole.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    counts = load(engine, tmp_path / "whole.parquet").counts
    yield state(engine), counts
    engine.dispose()


def test_two_overlapping_years_are_one(engine, year, whole, tmp_path):
    """As the publisher's sheets overlap: the later file brings only what is new, and returns find older sales."""
    days = year["InvoiceDate"].dt.date().unique().sort()
    year.filter(pl.col("InvoiceDate").dt.date() <= days[2]).write_parquet(tmp_path / "first.parquet")
    year.filter(pl.col("InvoiceDate").dt.date() >= days[1]).write_parquet(tmp_path / "second.parquet")
    load(engine, tmp_path / "first.parquet")
    counts = load(engine, tmp_path / "second.parquet").counts
    assert counts["unchanged"] > 0
    assert counts["changed"] == 0
    assert state(engine) == whole[0]


def test_two_overlapping_sheets_pasted_into_one_file(engine, year, whole, tmp_path):
    """As the two years circulate in one CSV: the days both have stand in it twice."""
    days = year["InvoiceDate"].dt.date().unique().sort()
    first = year.filter(pl.col("InvoiceDate").dt.date() <= days[2])
    second = year.filter(pl.col("InvoiceDate").dt.date() >= days[1])
    pl.concat([first, second]).write_csv(tmp_path / "both.csv")
    counts = load(engine, tmp_path / "both.csv").counts
    assert counts["rows"]["overlapping"] == first.height + second.height - year.height
    assert state(engine) == whole[0]


def test_the_workbook_with_two_overlapping_sheets(engine, year, whole, tmp_path):
    import xlsxwriter

    days = year["InvoiceDate"].dt.date().unique().sort()
    path = tmp_path / "online_retail_II.xlsx"
    with xlsxwriter.Workbook(path) as book:
        year.filter(pl.col("InvoiceDate").dt.date() <= days[2]).write_excel(book, worksheet="Year 2009-2010")
        year.filter(pl.col("InvoiceDate").dt.date() >= days[1]).write_excel(book, worksheet="Year 2010-2011")
    counts = load(engine, path).counts
    assert counts["rows"]["overlapping"] > 0
    assert counts["value"] == whole[1]["value"]
    assert state(engine) == whole[0]


def test_the_older_names_in_a_csv(engine, year, whole, tmp_path):
    """The first publication's columns, month before day, customers as floats."""
    older = year.rename({"Invoice": "InvoiceNo", "Price": "UnitPrice", "Customer ID": "CustomerID"})
    older = older.with_columns(pl.col("InvoiceDate").dt.strftime("%-m/%-d/%Y %-H:%M"))
    older.write_csv(tmp_path / "data.csv")
    load(engine, tmp_path / "data.csv")
    assert state(engine) == whole[0]


def test_a_mapping_file_reproduces_the_built_in_source(engine, year, whole, tmp_path):
    mapping = tmp_path / "retail.toml"
    mapping.write_text(mapping_text("online-retail"))
    year.write_csv(tmp_path / "whole.csv", separator=";")
    counts = load(engine, tmp_path / "whole.csv", source="csv", mapping=mapping).counts
    assert state(engine) == whole[0]
    assert counts | {"seconds": 0} == whole[1] | {"seconds": 0}


def test_a_window_stores_its_part_and_hands_back_the_rest(engine, year, whole, tmp_path):
    """What a replay receives, with what was stored, is the whole; and a later import sees it as new."""
    cut = datetime(2009, 12, 3, tzinfo=UTC)
    result = load(engine, tmp_path / "whole.parquet", until=cut)
    rest = result.remaining
    with engine.connect().execution_options(reading=True) as connection:
        assert connection.scalar(sa.select(sa.func.max(Order.placed_at))) < cut
        stored = connection.scalar(sa.select(sa.func.count(Order.id)))
        returned = connection.scalar(sa.select(sa.func.sum(OrderLine.returned_qty)))
        matched = connection.scalar(
            sa.select(sa.func.sum(ReturnLine.quantity)).where(ReturnLine.order_line_id.is_not(None))
        )
    assert returned == matched
    assert stored + len(rest.orders) == whole[1]["orders"]
    assert all(order.placed_at >= cut and order.lines for order in rest.orders)
    for order in rest.orders:
        parts = [line.gross_minor - line.discount_minor for line in order.lines]
        assert order.total_minor == sum(parts) + sum(a.amount_minor for a in order.adjustments)
    sums = sum(o.total_minor for o in rest.orders) - sum(r.total_minor for r in rest.returns)
    sums += sum(c.amount_minor for c in rest.charges)
    everything = round(float(whole[1]["value"]) * 100)
    assert round(float(result.counts["value"]) * 100) + sums == everything
    load(engine, tmp_path / "whole.parquet")
    assert state(engine) == whole[0]
