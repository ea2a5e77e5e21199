"""Every fact of the data's README, from the database, to the penny; and the run that follows it."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from oms_core.channels.history import DATA, import_history
from oms_core.customers.tables import Customer
from oms_core.imports.tables import ImportDocument
from oms_core.kernel.database import make_engine, reading
from oms_core.kernel.settings import Shop
from oms_core.locations.tables import Channel
from oms_core.orders import status
from oms_core.orders.tables import Order, OrderAdjustment, OrderLine
from oms_core.payments.tables import Charge
from oms_core.returns.tables import Return, ReturnAdjustment, ReturnLine
from oms_core.schema import METADATA

SHOP = Shop(zone="Europe/London", currency="GBP")
FILE = DATA / "online_retail_ii_2009_2010.parquet"
#: Net by month as published with the data, rounded to pennies there.
MONTHS = {
    "2009-12": "799847.11", "2010-01": "624032.89", "2010-02": "533091.43", "2010-03": "765848.76",
    "2010-04": "590580.43", "2010-05": "615322.83", "2010-06": "679786.61", "2010-07": "575236.36",
    "2010-08": "656776.34", "2010-09": "853650.43", "2010-10": "1045168.35", "2010-11": "1422654.64",
    "2010-12": "377488.45",
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def imported(request, tmp_path_factory):
    """The first year, imported once a database."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("year") / "oms.db"
        path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        url = f"sqlite:///{path}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.create("year_one", request.getfixturevalue("migrated_postgres"))
    engine = make_engine(url)
    result = import_history(engine, SHOP, source="online-retail", files=[FILE])
    yield engine, result.counts
    engine.dispose()


@pytest.fixture
def session(imported):
    with reading(imported[0]) as opened:
        yield opened


def total(session, column, *where):
    return session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(*where))


def count(session, table, *where):
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where))


def pounds(minor):
    return Decimal(int(minor)).scaleb(-2)


def test_every_row_went_somewhere(imported, session):
    counts = imported[1]
    assert counts["read"] == 525_461 == sum(counts["rows"].values())
    assert counts["rejected"] == 0
    stored = [count(session, t) for t in (OrderLine, OrderAdjustment, ReturnLine, ReturnAdjustment, Charge)]
    assert sum(stored) == 525_461


def test_documents_codes_customers(imported, session):
    assert count(session, ImportDocument) == 28_816
    assert count(session, Customer) == 4_383
    assert imported[1]["codes_as_written"] == 4_632
    assert imported[1]["duplicates"] == 6_865


def test_the_whole_value_and_its_rounding(imported, session):
    counts = imported[1]
    stored = (
        total(session, Order.total_minor) - total(session, Return.total_minor) + total(session, Charge.amount_minor)
    )
    assert Decimal(counts["exact_value"]) == Decimal("9539484.634")
    assert Decimal(counts["value"]) == pounds(stored)
    assert Decimal(counts["value"]) - Decimal(counts["rounding"]) == Decimal(counts["exact_value"])
    assert abs(Decimal(counts["rounding"])) < Decimal("0.02")


def test_net_by_month(session):
    """Months reconcile to the penny but for the sub-penny prices: 14 rows of 0.001 and one of 36.576."""
    found = dict.fromkeys(MONTHS, 0)
    for table, day, amount, sign in (
        (Order, Order.business_date, Order.total_minor, 1),
        (Return, Return.business_date, Return.total_minor, -1),
        (Charge, Charge.business_date, Charge.amount_minor, 1),
    ):
        for on, minor in session.execute(sa.select(day, sa.func.sum(amount)).select_from(table).group_by(day)):
            found[f"{on:%Y-%m}"] += sign * int(minor)
    off = {month: pounds(minor) - Decimal(MONTHS[month]) for month, minor in found.items()}
    assert all(abs(difference) <= Decimal("0.01") for difference in off.values()), off
    assert sum(difference != 0 for difference in off.values()) <= 4


def test_cancellations(session):
    """10,206 rows on C documents: goods, corrections and fees."""
    back = count(session, ReturnLine) + count(session, ReturnAdjustment)
    assert back + count(session, Charge, Charge.external_id.like("C%")) == 10_206
    owed = session.execute(
        sa.select(Return.external_id, ReturnAdjustment.code, ReturnAdjustment.amount_minor)
        .join(Return, Return.id == ReturnAdjustment.return_id)
        .where(ReturnAdjustment.amount_minor < 0)
    ).all()
    assert [tuple(row) for row in owed] == [("C496350", "M", -37357)]


def test_bad_debt(session):
    rows = session.execute(
        sa.select(Charge.external_id, Charge.amount_minor, Charge.customer_id)
        .where(Charge.kind == "bad_debt")
        .order_by(Charge.external_id)
    ).all()
    assert [tuple(r) for r in rows] == [
        ("A506401", -5_359_436, None), ("A516228", -4_403_179, None), ("A528059", -3_892_587, None),
    ]  # fmt: skip


def test_write_offs_and_prices_of_zero(session):
    assert count(session, Charge, Charge.kind == "stock_write_off") == 2_121
    assert total(session, Charge.amount_minor, Charge.kind.in_(["stock_write_off", "stock_found"])) == 0
    free = count(session, OrderLine, OrderLine.gross_minor == 0, OrderLine.sku != "PADS")
    free += count(session, OrderAdjustment, OrderAdjustment.amount_minor == 0)
    free += count(session, Charge, Charge.amount_minor == 0)
    assert free == 3_687
    negative = count(session, ReturnLine) + count(session, ReturnAdjustment, ReturnAdjustment.quantity > 0)
    negative += count(session, Charge, Charge.quantity < 0)
    assert negative == 12_326


def test_lines_with_customer_quantity_and_price(session):
    """407,664 rows on 19,213 documents of 4,312 customers; 8,832,003.274 before rounding."""
    paid = (Order.customer_id.is_not(None),)
    lines = session.execute(
        sa.select(sa.func.count(), sa.func.sum(OrderLine.gross_minor))
        .join(Order)
        .where(*paid, sa.or_(OrderLine.gross_minor > 0, OrderLine.sku == "PADS"))
    ).one()
    beside = session.execute(
        sa.select(sa.func.count(), sa.func.sum(OrderAdjustment.amount_minor))
        .join(Order, Order.id == OrderAdjustment.order_id)
        .where(*paid, OrderAdjustment.amount_minor > 0)
    ).one()
    sold = (Charge.customer_id.is_not(None), Charge.amount_minor > 0, Charge.external_id.not_like("C%"))
    books = session.execute(sa.select(sa.func.count(), sa.func.sum(Charge.amount_minor)).where(*sold)).one()
    assert lines[0] + beside[0] + books[0] == 407_664
    assert abs(pounds(lines[1] + beside[1] + books[1]) - Decimal("8832003.274")) <= Decimal("0.02")
    with_lines = (
        sa.select(Order.external_id.label("doc"), Order.customer_id)
        .join(OrderLine)
        .where(*paid, sa.or_(OrderLine.gross_minor > 0, OrderLine.sku == "PADS"))
    )
    with_beside = sa.select(Order.external_id, Order.customer_id).join(
        OrderAdjustment, OrderAdjustment.order_id == Order.id
    )
    alone = sa.select(sa.func.replace(Charge.external_id, "#2", ""), Charge.customer_id).where(*sold)
    documents = sa.union(with_lines, with_beside.where(*paid, OrderAdjustment.amount_minor > 0), alone).subquery()
    found = session.execute(sa.select(documents)).all()
    assert len({row[0].partition("#")[0] for row in found}) == 19_213
    assert len({row[1] for row in found}) == 4_312


def test_channels_follow_the_data(session):
    rows = session.execute(
        sa.select(Channel.code, Channel.kind, sa.func.count(Order.id))
        .outerjoin(Order, Order.channel_id == Channel.id)
        .group_by(Channel.code, Channel.kind)
        .order_by(Channel.code)
    ).all()
    found = {code: (kind, n) for code, kind, n in rows}
    assert {code: kind for code, (kind, _) in found.items()} == {
        "export": "export", "marketplace": "marketplace", "web": "web", "wholesale": "wholesale",
    }  # fmt: skip
    assert sum(n for _, n in found.values()) == count(session, Order) == 20_584
    assert count(session, Charge, Charge.kind == "channel_fee") == 9


def test_returns_are_matched_by_the_stated_rule(imported, session):
    counts = imported[1]
    assert (counts["returns"], counts["return_lines"]) == (4_549, 9_582)
    assert (counts["matched_returns"], counts["standalone_credits"]) == (7_463, 2_119)
    bad = (
        sa.select(sa.func.count())
        .select_from(ReturnLine)
        .join(Return, Return.id == ReturnLine.return_id)
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            sa.or_(
                OrderLine.sku != ReturnLine.sku,
                Order.customer_id != Return.customer_id,
                Order.placed_at > Return.requested_at,
                Return.order_id != Order.id,
                OrderLine.returned_qty > OrderLine.shipped_qty,
            )
        )
    )
    assert session.scalar(bad) == 0
    assert total(session, OrderLine.returned_qty) == total(
        session, ReturnLine.quantity, ReturnLine.order_line_id.is_not(None)
    )


def test_stated_statuses_are_those_the_facts_give(session):
    keys = list(session.scalars(sa.select(Order.id).where(Order.id % 7 == 0)))
    assert [row for row in status.derived(session.connection(), keys) if row[1] != row[2]] == []


def test_an_invoice_of_two_minutes_is_placed_in_the_first(session):
    assert session.scalar(sa.select(Order.placed_at).where(Order.external_id == "489434")).isoformat() == (
        "2009-12-01T07:45:00+00:00"
    )


def test_five_customers_stand_under_two_countries(imported, session):
    """Four by orders and returns; the fifth's other country stands on an adjustment alone."""
    assert imported[1]["customers_in_several_countries"] == 5
    places = sa.union(
        sa.select(Order.customer_id, Order.ship_country), sa.select(Return.customer_id, Return.ship_country)
    ).subquery()
    several = (
        sa.select(places.c.customer_id)
        .where(places.c.customer_id.is_not(None))
        .group_by(places.c.customer_id)
        .having(sa.func.count() > 1)
    )
    assert len(session.execute(several).all()) == 4


def test_the_second_run_changes_nothing(imported):
    engine, first = imported

    def everything():
        with engine.connect().execution_options(reading=True) as connection:
            counts = {
                t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
                for t in METADATA.sorted_tables
            }
            counts["log"] = connection.execute(sa.text("SELECT max(seq) FROM change_log")).scalar_one()
        return counts

    before = everything()
    again = import_history(engine, SHOP, source="online-retail", files=[FILE]).counts
    assert everything() == before
    assert (again["unchanged"], again["orders"], again["rows"]["unchanged"]) == (28_816, 0, first["read"])
