"""An import killed at any point leaves nothing half-written, and run again ends in the same state."""

from __future__ import annotations

import signal
import subprocess
import sys

import polars as pl
import pytest
import sqlalchemy as sa

from oms_core.channels.history import DATA, import_history
from oms_core.kernel.database import make_engine
from oms_core.kernel.settings import Shop
from oms_core.orders.tables import Order, OrderLine
from oms_core.schema import METADATA

SHOP = Shop(zone="Europe/London", currency="GBP")
#: The import says these before it does them; `done` is said before the commit.
POINTS = ("comparing", "products", "orders", "order lines", "returns", "done")
CHILD = """
import os, signal, sys
from pathlib import Path
from oms_core.channels.history import import_history
from oms_core.kernel.database import make_engine
from oms_core.kernel.settings import Shop

url, file, point = sys.argv[1:]

def die(what, share):
    if what.endswith(point):
        os.kill(os.getpid(), signal.SIGKILL)

shop = Shop(zone="Europe/London", currency="GBP")
import_history(make_engine(url), shop, source="online-retail", files=[Path(file)], progress=die)
"""
WORDS = {
    "comparing": "comparing with the shop", "products": "storing products and customers", "orders": "storing orders",
    "order lines": "storing order lines", "returns": "storing returns and charges", "done": "done",
}  # fmt: skip


@pytest.fixture(scope="module")
def slice_of_the_year(tmp_path_factory):
    """Six thousand rows: sales, cancellations, adjustments."""
    path = tmp_path_factory.mktemp("slice") / "slice.parquet"
    pl.read_parquet(DATA / "online_retail_ii_2009_2010.parquet").head(6_000).write_parquet(path)
    return path


def state(engine):
    """Counts of every table, and every order and line by what the source calls them."""
    with engine.connect().execution_options(reading=True) as connection:
        counts = {
            t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
            for t in METADATA.sorted_tables
        }
        lines = connection.execute(
            sa.select(Order.external_id, Order.total_minor, Order.return_status, OrderLine.position, OrderLine.sku)
            .add_columns(OrderLine.quantity, OrderLine.gross_minor, OrderLine.returned_qty)
            .join(OrderLine)
            .order_by(Order.external_id, OrderLine.position)
        ).all()
    return counts, [tuple(line) for line in lines]


def test_killed_at_any_point(database_url, slice_of_the_year):
    engine = make_engine(database_url)
    empty = state(engine)
    for point in POINTS:
        command = [sys.executable, "-c", CHILD, database_url, str(slice_of_the_year), WORDS[point]]
        child = subprocess.run(command, check=False, timeout=120)
        assert child.returncode == -signal.SIGKILL, point
        assert state(engine) == empty, point
    result = import_history(engine, SHOP, source="online-retail", files=[slice_of_the_year])
    once = state(engine)
    assert result.counts["rows"]["order_lines"] == len(once[1])
    assert import_history(engine, SHOP, source="online-retail", files=[slice_of_the_year]).counts["orders"] == 0
    assert state(engine) == once
    engine.dispose()


def test_the_state_after_kills_is_that_of_an_undisturbed_import(engine, slice_of_the_year, tmp_path, migrated_sqlite):
    """Both databases end in the same state, whatever happened before."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", CHILD, url, str(slice_of_the_year), WORDS["returns"]]
    assert subprocess.run(command, check=False, timeout=120).returncode == -signal.SIGKILL
    import_history(engine, SHOP, source="online-retail", files=[slice_of_the_year])
    path = tmp_path / "undisturbed.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    undisturbed = make_engine(f"sqlite:///{path}")
    import_history(undisturbed, SHOP, source="online-retail", files=[slice_of_the_year])
    assert state(engine) == state(undisturbed)
    undisturbed.dispose()
