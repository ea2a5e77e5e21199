"""Shared fixtures: both databases, frozen clock, real data when it is there."""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer.main
import typer.testing
from held import BACKENDS, NOON
from hypothesis import settings
from pg_pool import Pool
from warm_engines import sharing

from app.bench.postgres import Server, server
from oms_core.kernel import clock
from oms_core.kernel.database import make_engine
from oms_core.migrations import upgrade

#: Samples that may not be copied into the project live beside it.
SHARED = Path(__file__).resolve().parents[2] / "shared"


# The same examples whenever a test is the same; `pytest --hypothesis-profile=search` looks among new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("suite")
# The tree of six hundred commands takes a twelfth of a second to make: once a process, not once a command typed.
sa.create_engine = sharing(sa.create_engine)
typer.testing._get_command = functools.cache(typer.main.get_command)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL server, one for each test process."""
    with server(durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "oms.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> str:
    """The name of a PostgreSQL database with the schema, cloned for each test."""
    name = f"template_{os.getpid()}"
    engine = make_engine(postgres.create(name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def postgres_pool(postgres: Server, migrated_postgres: str) -> Pool:
    """Databases with the schema, emptied after each test and used again."""
    return Pool(postgres, migrated_postgres)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database; every test that uses it runs on both backends."""
    if request.param == "sqlite":
        path = tmp_path / "oms.db"
        path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        yield f"sqlite:///{path}"
        return
    pool: Pool = request.getfixturevalue("postgres_pool")
    name = pool.take()
    yield pool.server.database(name)
    pool.give_back(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty, migrated database (both backends)."""
    opened = make_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Hold the clock at noon of 9 December 2010, UTC."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples that may not ship; the test says so when it is not there."""
    if not SHARED.exists():
        pytest.skip(f"samples not found beside the checkout ({SHARED.name}/): this test needs them")
    return SHARED


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole demo shop on SQLite. Do not write to it."""
    from demo_shop import make_whole

    return built_once(tmp_path_factory, "demo-template", make_whole)


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of the demo shop on SQLite. Do not write to it."""
    from demo_shop import make_small

    return built_once(tmp_path_factory, "small-demo", make_small)


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a home that is built once for a run, however many processes it has."""
    import fcntl

    folder = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    home, done = folder / name, folder / f"{name}.done"
    with pytest.MonkeyPatch.context() as patch, (folder / f"{name}.lock").open("w") as lock:
        patch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            home.mkdir(exist_ok=True)
            build(home)
            settle(home / "oms.db")
            done.touch()
    return home


def settle(path: Path) -> None:
    """Write everything into the database file itself, so that a copy of that one file is whole."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture
def demo_home(demo_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of one's own with the whole demo shop; the process's clock is put back afterwards."""
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    before = clock.offset()
    home = tmp_path / "demo"
    home.mkdir()
    shutil.copy(demo_template / "oms.db", home)
    yield home
    clock.set_offset(before)
