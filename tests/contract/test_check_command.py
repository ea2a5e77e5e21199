"""`ordersight check` as typed: what it prints, its exit status, and that trade may go on meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import sqlalchemy as sa
from small_shop import sell, small_shop, stock
from typer.testing import CliRunner

from app.cli.main import app
from app.jobs.check import check
from app.workspace import Workspace
from oms_core.audit.laws import LAWS
from oms_core.kernel.database import transaction
from oms_core.kernel.settings import Home


@pytest.fixture
def shop(engine, database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))
    with transaction(engine) as session:
        made = small_shop(session)
        stock(session, made, MUG=5)
        sell(session, made, "anna", MUG=1)
    return made


def run(*words: str):
    done = CliRunner().invoke(app, ["check", *words, "--format", "json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)


def test_a_healthy_shop_answers_zero(shop):
    status, told = run()
    assert (status, told["broken"]) == (0, 0)
    assert [row["name"] for row in told["laws"]] == [law.name for law in LAWS]
    assert set(told["laws"][0]) == {"name", "checked", "broken", "first_broken"}


def test_a_broken_law_answers_one_and_says_which(shop, engine):
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE stock_levels SET committed = committed + 1"))
    status, told = run()
    assert status == 1
    assert {row["name"] for row in told["laws"] if row["broken"]} == {
        "stock.levels_equal_movements", "stock.committed_equals_allocations", "costs.fifo_conserved",
    }  # fmt: skip
    assert run("--law", "orders.line_money")[0] == 0


def test_the_replica_is_checked_once_it_is_there(shop, engine, tmp_path):
    workspace = Workspace(Home(tmp_path))
    try:
        workspace.replica.refresh()
        names = [row["name"] for row in check(workspace)]
        assert "replica.orders" in names
        assert [row for row in check(workspace) if row["broken"]] == []
    finally:
        workspace.close()


def test_laws_explain_themselves_without_a_shop(tmp_path, monkeypatch):
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path / "nowhere"))
    status, told = run("--explain")
    assert (status, len(told)) == (0, len(LAWS))


def test_an_unknown_law_is_refused_with_near_names(shop):
    status, told = run("--law", "orders.line_monie")
    assert (status, told["code"]) == (1, "law.not_found")
    assert "orders.line_money" in told["hint"]


def test_the_laws_know_every_table_by_themselves():
    probe = (
        "import oms_core.audit.laws; from oms_core.audit.references import references;"
        "from oms_core.kernel.database import Base;"
        "list(references()); before = set(Base.metadata.tables); import oms_core.schema;"
        "print(sorted(set(Base.metadata.tables) - before))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
