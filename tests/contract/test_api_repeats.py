"""Every write of the API, sent again under its key, later or in the same moment, changes nothing.

Made from the reference: a write without a request in ``tests/write_requests.py`` fails here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_shop import make_shop, served
from request_desk import Desk
from write_requests import REQUESTS

from app.api.app import create_app
from app.workspace import Workspace
from oms_core.kernel.settings import Home
from oms_core.schema import METADATA

#: What a repeated request may write: its key, and when its token was last used.
BESIDE = {"idempotency_keys", "api_tokens"}
TABLES = [table for table in METADATA.sorted_tables if table.name not in BESIDE]
#: Rows of every table in one question, put into words once.
COUNTED = sa.text(
    str(
        sa.union_all(
            *(sa.select(sa.literal(t.name, sa.String()), sa.func.count()).select_from(t) for t in TABLES)
        ).compile(compile_kwargs={"literal_binds": True})
    )
)
REFERENCE = create_app(Workspace(Home(Path("nowhere")))).openapi()
WRITES = {
    f"{method.upper()} {path}": told
    for path, methods in REFERENCE["paths"].items()
    for method, told in methods.items()
    if method != "get"
}
#: Seconds a twin may take to reach the lock it has to wait at.
PATIENCE = 20.0
Sent = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A shop with plenty of goods, served over HTTP, on each database."""
    home: Path = tmp_path_factory.mktemp("repeats")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "sqlite":
            patch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
            (home / "oms.db").write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        else:
            server = request.getfixturevalue("postgres")
            address = server.create(f"repeats_{home.name}", request.getfixturevalue("migrated_postgres"))
            patch.setenv("ORDERSIGHT_DATABASE_URL", address)
        with served(make_shop(home)) as running:
            made = Desk(running)
            with made.api:
                yield made


def test_every_write_has_a_request_to_be_repeated() -> None:
    missing, gone = sorted(WRITES.keys() - REQUESTS.keys()), sorted(REQUESTS.keys() - WRITES.keys())
    assert not missing, f"No request is known for {missing}: add it to REQUESTS in tests/write_requests.py."
    assert not gone, f"The API has no {gone} any more: take it out of REQUESTS in tests/write_requests.py."


@pytest.mark.slow
@pytest.mark.parametrize("write", sorted(WRITES))
def test_a_write_sent_again_under_its_key_changes_nothing(desk: Desk, write: str) -> None:
    if write not in REQUESTS:
        pytest.fail(f"No request is known for {write}: add it to REQUESTS in tests/write_requests.py.")
    asked = prepared(desk, write)
    rows = counts(desk)
    key = write.replace(" ", ":")
    first = send(desk, asked, key)
    assert first.is_success, first.text
    assert first.status_code == min(int(code) for code in WRITES[write]["responses"] if code.startswith("2"))
    once, after = grown(rows, counts(desk)), contents(desk)
    assert once or write.endswith("/preview"), f"{write} did nothing that could be repeated"
    again = send(desk, asked, key)
    same(first, again)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert changed(after, contents(desk)) == []

    # the same write elsewhere, sent twice in one moment, does as much as one did, and not one row more
    asked = prepared(desk, write)
    rows = counts(desk)
    twins = together(desk, asked, f"twins:{key}")
    same(*twins)
    assert sorted(twin.headers.get("Idempotent-Replayed", "") for twin in twins) == ["", "true"]
    assert {name: n for name, n in grown(rows, counts(desk)).items() if n > once.get(name, 0)} == {}


def prepared(desk: Desk, write: str) -> Sent:
    """Bring the shop to where the request can be made; return method, path and what is sent."""
    desk.name()
    named, body = REQUESTS[write](desk)
    method, _, template = write.partition(" ")
    path = template.format(**named)
    given: dict[str, Any] = {} if body is None else {"json": body}
    if "428" in WRITES[write]["responses"]:
        seen = desk.api.get(path.partition("/lines/")[0])
        given["headers"] = {"If-Match": seen.headers["ETag"]}
    return method, path, given


def send(desk: Desk, asked: Sent, key: str) -> httpx.Response:
    """Send a request under a key."""
    method, path, given = asked
    headers = {**given.get("headers", {}), "Idempotency-Key": key}
    return desk.api.request(method, path, **{**given, "headers": headers})


def together(desk: Desk, asked: Sent, key: str) -> list[httpx.Response]:
    """Send a request twice in one moment: both are on their way before either can be answered."""
    start = threading.Barrier(2)

    def twin(_: int) -> httpx.Response:
        start.wait()
        return send(desk, asked, key)

    with ThreadPoolExecutor(2) as pool:
        with key_taken(desk, key):
            sent = [pool.submit(twin, n) for n in range(2)]
            # orders of one moment are gathered by the process itself: one of the twins stands for both
            wait_until_they_wait(desk, 1 if asked[1] == "/v1/orders" else 2)
        return [one.result() for one in sent]


@contextmanager
def key_taken(desk: Desk, key: str) -> Iterator[None]:
    """Keep every twin waiting at its key (PostgreSQL) or at the file's lock (SQLite), then let both go at once."""
    engine = desk.shop.workspace.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text("SELECT 1"))  # every transaction of ours begins with the write lock
        else:
            bearer = connection.scalar(sa.text("SELECT id FROM api_tokens WHERE name = 'all'"))
            table = METADATA.tables["idempotency_keys"]
            connection.execute(
                sa.insert(table).values(
                    key=f"api:{bearer}:{key}", request_hash="x", response={}, at=sa.func.current_timestamp()
                )
            )
        yield
        connection.rollback()


def wait_until_they_wait(desk: Desk, twins: int) -> None:
    """Return when so many twins wait for the lock, as PostgreSQL itself says."""
    engine = desk.shop.workspace.engine
    if engine.dialect.name == "sqlite":
        return
    asked = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = time.monotonic() + PATIENCE
    with engine.connect() as connection:
        while connection.scalar(asked) != twins:
            connection.rollback()
            assert time.monotonic() < until, "the twins never met at their key"


def same(first: httpx.Response, second: httpx.Response) -> None:
    """Assert that two answers are one, word for word."""
    assert first.is_success, first.text
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers.get("ETag") == second.headers.get("ETag")


def contents(desk: Desk) -> dict[str, list[Any]]:
    """Return every row of every table that a repeated request may not touch."""
    rows_of = counts(desk)
    filled = [table for table in TABLES if rows_of[table.name]]
    with desk.shop.workspace.reading() as session:
        ask = session.connection().exec_driver_sql  # as the database gives it: nothing is made of it
        return {t.name: list(map(tuple, ask(f"SELECT * FROM {t.name} ORDER BY 1"))) for t in filled}


def counts(desk: Desk) -> dict[str, int]:
    """Return how many rows every table has."""
    with desk.shop.workspace.reading() as session:
        return {row[0]: row[1] for row in session.execute(COUNTED)}


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Return how many rows each table gained."""
    return {name: after[name] - n for name, n in before.items() if after[name] != n}


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Return the tables that differ."""
    return [name for name in before | after if before.get(name) != after.get(name)]
