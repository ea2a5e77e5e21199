"""The demo shop as built: lawful, labelled, alive on every page, the same for the same seed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from demo_shop import SMALL, broken, copy_of, fingerprint, make, make_small

from app.demo import marker
from app.demo.build import DATA_END, SHOP
from app.demo.shop import ensure, state_of
from app.workspace import Workspace
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine, reading
from oms_core.kernel.errors import Refused
from oms_core.kernel.settings import Home
from oms_core.migrations import upgrade


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A small demo shop, started again; on PostgreSQL built after a build that was interrupted."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres")
            url = server.create(f"demo_{uuid.uuid4().hex[:8]}")
            patch.setenv("ORDERSIGHT_DATABASE_URL", url)
            _interrupted(url)
        else:
            copy_of(request.getfixturevalue("small_demo"), home)
        before = clock.offset()
        make(home)
        opened = Workspace.open(home)
        yield opened
        clock.set_offset(before)
        opened.engine.dispose()
        opened.replica.close()


def _interrupted(url: str) -> None:
    """Leave what a build killed half-way leaves on PostgreSQL."""
    engine = make_engine(url)
    upgrade(engine)
    marker.write(engine, state="building", seed=1)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO locations (code, name, kind, country, postal_code, city, position, is_active, is_simulated)"
            " VALUES ('LEEDS', 'Leeds', 'warehouse', 'GB', '', '', 1, true, true)"
        )
    engine.dispose()


def ask(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    with reading(workspace.engine) as session:
        return [tuple(row) for row in session.execute(sa.text(sql))]


def test_no_law_is_broken(workspace: Workspace) -> None:
    assert broken(workspace.engine) == []


@pytest.mark.parametrize(
    ("table", "flag"),
    [
        ("locations", "is_simulated"),
        ("suppliers", "is_simulated"),
        ("variants", "cost_is_simulated"),
        ("customers", "is_simulated"),
        ("consents", "is_simulated"),
        ("purchase_orders", "is_simulated"),
        ("receipts", "is_simulated"),
        ("shipments", "is_simulated"),
        ("payments WHERE kind <> 'refund'", "is_simulated"),
        ("stock_movements WHERE kind IN ('opening', 'received')", "is_simulated"),
    ],
)
def test_what_is_simulated_says_so(workspace: Workspace, table: str, flag: str) -> None:
    rows = ask(workspace, f"SELECT {flag}, count(*) FROM {table} GROUP BY 1")
    assert [bool(row[0]) for row in rows] == [True]


def test_real_orders_are_not_called_simulated(workspace: Workspace) -> None:
    assert ask(workspace, "SELECT count(*) FROM orders WHERE is_simulated") == [(0,)]
    assert workspace.shop.simulated == SHOP.simulated
    assert workspace.shop.kind == "demo"


def test_every_penny_of_the_data_is_there(workspace: Workspace) -> None:
    (row,) = ask(
        workspace,
        "SELECT (SELECT sum(total_minor) FROM orders) - (SELECT sum(total_minor) FROM returns)"
        " + (SELECT coalesce(sum(amount_minor), 0) FROM charges)",
    )
    exact = SMALL.rows().select((pl.col("Quantity") * pl.col("Price")).sum()).item()
    assert int(str(row[0])) == pytest.approx(exact * 100, abs=100)


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT DISTINCT payment_status FROM orders WHERE NOT is_history", {"paid", "none", "authorized"}),
        ("SELECT DISTINCT fulfillment_status FROM orders WHERE NOT is_history", {"fulfilled", "unfulfilled"}),
        ("SELECT DISTINCT delivery_status FROM orders WHERE NOT is_history", {"pending", "in_transit", "delivered"}),
        ("SELECT DISTINCT state FROM returns WHERE NOT is_history", {"received", "closed"}),
        ("SELECT DISTINCT state FROM purchase_orders", {"sent", "confirmed", "closed"}),
        ("SELECT DISTINCT state FROM orders", {"placed", "closed"}),
    ],
)
def test_there_is_something_in_every_state(workspace: Workspace, sql: str, wanted: set[str]) -> None:
    assert {row[0] for row in ask(workspace, sql)} >= wanted


def test_some_orders_wait_for_goods_nobody_has(workspace: Workspace) -> None:
    waiting = (
        "SELECT count(*) FROM orders o WHERE state = 'placed' AND NOT is_history"
        " AND NOT EXISTS (SELECT 1 FROM fulfillment_orders f WHERE f.order_id = o.id)"
    )
    assert int(str(ask(workspace, waiting)[0][0])) > 0


def test_every_promise_has_its_receipt(workspace: Workspace) -> None:
    without = (
        "SELECT count(*) FROM fulfillment_orders f WHERE NOT EXISTS"
        " (SELECT 1 FROM routing_decisions d WHERE d.order_id = f.order_id)"
    )
    assert ask(workspace, without) == [(0,)]


def test_the_clock_starts_at_the_datas_last_moment(workspace: Workspace) -> None:
    passed = (clock.now() - DATA_END).total_seconds()
    assert 0 <= passed < 600


def test_a_second_start_changes_nothing_but_the_clock(workspace: Workspace) -> None:
    before = ask(workspace, "SELECT count(*), max(id) FROM journal")
    begun = time.process_time()
    make(workspace.home.path, seed=99)
    assert time.process_time() - begun < 5
    assert ask(workspace, "SELECT count(*), max(id) FROM journal") == before
    assert state_of(workspace.home) == "ready"


@pytest.fixture
def on_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever database the shared shop is in, this test's own is a file."""
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)


@pytest.mark.usefixtures("on_a_file")
def test_a_shop_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'oms.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO channels (code, name, kind, position) VALUES ('web', 'Web', 'web', 1)")
        connection.exec_driver_sql(
            "INSERT INTO orders (number, channel_id, external_id, currency, state, placed_at, business_date,"
            " cancel_reason, ship_name, ship_line1, ship_city, ship_region, ship_postal_code, ship_country,"
            " gross_minor, discount_minor, shipping_minor, tax_minor, other_minor, total_minor, payment_status,"
            " fulfillment_status, delivery_status, return_status, is_history, is_test, is_simulated, version)"
            " VALUES ('1', 1, '1', 'PLN', 'placed', '2026-01-01 10:00:00.000000', '2026-01-01', '', '', '', '', '',"
            " '', '', 0, 0, 0, 0, 0, 0, 'paid', 'unfulfilled', 'pending', 'none', 0, 0, 0, 1)"
        )
    engine.dispose()
    with pytest.raises(Refused, match="not a demo"):
        ensure(Home(tmp_path), seed=1, extent=SMALL, progress=lambda _w, _s: None)


@pytest.mark.slow
@pytest.mark.usefixtures("on_a_file")
def test_a_build_killed_in_the_middle_ends_in_the_same_shop(small_demo: Path, tmp_path: Path) -> None:
    _kill_in_the_replay(tmp_path / "killed")
    assert not (tmp_path / "killed" / "oms.db").exists()
    make_small(tmp_path / "killed")
    assert fingerprint(small_demo)["orders"][0] > 500
    assert fingerprint(tmp_path / "killed") == fingerprint(small_demo)


def _kill_in_the_replay(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from demo_shop import *\n"
        "ensure(Home(Path(sys.argv[1])), seed=SEED, extent=SMALL, progress=lambda w, s: print(w, flush=True))"
    )
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": f"{root}:{root}/tests"}
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b"replaying"):
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
