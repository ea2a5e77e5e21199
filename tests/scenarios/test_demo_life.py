"""A demo shop that runs: orders come, parcels move, suppliers answer; killed at any moment it stays lawful."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from demo_shop import SEED, broken, copy_of

from app.demo.following import Following
from app.demo.live import Customers
from app.demo.shop import wake
from app.locks import is_held
from app.workspace import Workspace
from oms_core.kernel import clock

ROOT = Path(__file__).resolve().parents[2]
NIGHT = datetime.fromisoformat("2010-12-09T21:00:00+00:00")
MIDDAY = datetime.fromisoformat("2010-12-10T12:30:00+00:00")


@pytest.fixture
def home(small_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it; the process's clock is put back."""
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    before = clock.offset()
    yield copy_of(small_demo, tmp_path / "home")
    clock.set_offset(before)


@pytest.fixture
def shop(home: Path) -> Iterator[Workspace]:
    opened = Workspace.open(home)
    yield opened
    opened.engine.dispose()


def count(home: Path, sql: str) -> int:
    connection = sqlite3.connect(home / "oms.db")
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def live(shop: Workspace, since: datetime, hours: float) -> None:
    """Let the shop live through some hours, looked at every five minutes."""
    customers, following = Customers(shop, SEED), Following(shop, SEED)
    for minute in range(0, int(hours * 60), 5):
        now = since + timedelta(minutes=minute)
        with clock.frozen(now):
            customers.look(now, timedelta(minutes=5))
            following.look(now)
            following.serve_waiting(now)


def test_a_working_day_moves_everything(shop: Workspace) -> None:
    home = shop.home.path
    tables = ("orders", "tracking_events", "payments", "receipts", "shipments")
    before = {table: count(home, f"SELECT count(*) FROM {table}") for table in tables}
    live(shop, MIDDAY, 4)
    after = {table: count(home, f"SELECT count(*) FROM {table}") for table in tables}
    assert all(after[table] > before[table] for table in tables), (before, after)
    assert broken(shop.engine) == []


def test_new_orders_are_labelled_simulated_and_sent_by_known_customers(shop: Workspace) -> None:
    live(shop, NIGHT, 2)
    home = shop.home.path
    assert count(home, "SELECT count(*) FROM orders WHERE is_simulated AND external_id LIKE 'SIM-%'") > 10
    assert count(home, "SELECT count(*) FROM orders WHERE is_simulated AND NOT external_id LIKE 'SIM-%'") == 0
    assert count(home, "SELECT count(*) FROM customers WHERE number LIKE 'CU-%'") == 0


def test_the_shop_moves_at_night_and_faster_by_day(shop: Workspace) -> None:
    customers = Customers(shop, SEED)
    assert customers.rate(NIGHT) >= 30
    assert customers.rate(MIDDAY) > 2 * customers.rate(NIGHT)


def test_while_nothing_runs_no_time_passes(shop: Workspace) -> None:
    live(shop, NIGHT, 1)
    last = datetime.fromisoformat(
        sqlite3.connect(shop.home.path / "oms.db").execute("SELECT max(at) FROM journal").fetchone()[0] + "+00:00"
    )
    wake(shop)
    again = Workspace.open(shop.home.path)
    again.engine.dispose()
    assert timedelta() <= clock.now() - last < timedelta(minutes=1)


def worker(home: Path) -> subprocess.Popen[bytes]:
    code = "from app.cli.main import run; run()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "worker", "--home", str(home)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )


def wait_until(true: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)


@pytest.mark.slow
def test_a_worker_killed_at_work_can_start_again(home: Path) -> None:
    def entries() -> int:
        return count(home, "SELECT count(*) FROM journal")

    for _ in range(2):
        begun, process = entries(), worker(home)
        try:
            wait_until(lambda floor=begun: entries() > floor)  # type: ignore[misc]
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    opened = Workspace.open(home)
    assert broken(opened.engine) == []
    opened.engine.dispose()


@pytest.mark.slow
def test_a_second_worker_is_refused_and_the_first_stops_when_told(home: Path) -> None:
    first = worker(home)
    try:
        wait_until((home / "worker.lock").exists)
        begun = count(home, "SELECT count(*) FROM journal")
        wait_until(lambda: count(home, "SELECT count(*) FROM journal") > begun)
        second = worker(home)
        _, said = second.communicate(timeout=180)
        assert second.returncode == 1
        assert b"worker.running" in said
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=180)
    assert first.returncode == 0


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    code = "from app.cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_later_start_answers_what_is_there(home: Path) -> None:
    done = cli("demo", "--no-serve", "--home", str(home), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('{"orders": ')
    assert '"skus"' in done.stdout
    assert '"seconds"' in done.stdout


def test_an_occupied_port_is_said_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = cli("demo", "--home", str(tmp_path / "none"), "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "taken by another program" in done.stderr
    assert not (tmp_path / "none").exists()


def test_an_unknown_shop_is_named(tmp_path: Path) -> None:
    done = cli("demo", "--shop", "bakery", "--no-serve", "--home", str(tmp_path / "none"), "--format", "json")
    assert done.returncode == 2
    assert '"demo.unknown_shop"' in done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("command", ["demo", "serve"])
def test_all_doors_open_together_and_close_together(home: Path, command: str) -> None:
    port, code = free_port(), "from app.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, command, "--home", str(home), "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any(f"http://localhost:{port}" in line for line in process.stdout)
        begun = count(home, "SELECT count(*) FROM journal")
        wait_until(lambda: count(home, "SELECT count(*) FROM journal") > begun)
        assert is_held(home / "worker.lock")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)
    assert process.returncode == 0
    assert not is_held(home / "worker.lock")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_a_worker_does_not_outlive_a_killed_parent(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from app.serving import worker\nwith worker(Path(sys.argv[1])): input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(home)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: is_held(home / "worker.lock"))
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    wait_until(lambda: not is_held(home / "worker.lock"))
