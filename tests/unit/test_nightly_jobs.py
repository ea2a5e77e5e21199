"""The day's jobs: a shop too young for one goes without it, and says so."""

from __future__ import annotations

import logging

import pytest

from app.jobs import nightly
from app.workspace import Workspace
from oms_core.kernel.settings import Home, Shop, save_shop


@pytest.fixture
def young(migrated_sqlite, tmp_path, monkeypatch):
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    (tmp_path / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    workspace = Workspace(Home(tmp_path))
    with workspace.transaction() as session:
        save_shop(session, Shop())
    yield workspace
    workspace.close()


@pytest.mark.parametrize("what", [what for what in nightly.JOBS if what != nightly.RETENTION])
def test_a_young_shop_goes_without_the_result_and_is_told_so(young, caplog, what):
    with caplog.at_level(logging.WARNING, "ordersight.jobs"):
        assert not nightly.run_job(young, what, actor="test")
    assert what in caplog.text


def test_a_shop_that_keeps_everything_is_not_warned_of_it_every_night(young, caplog):
    with caplog.at_level(logging.INFO, "ordersight.jobs"):
        assert not nightly.run_job(young, nightly.RETENTION, actor="test")
    assert caplog.text == ""


def test_all_jobs_are_run_and_those_that_stored_something_counted(young):
    assert nightly.run(young) == 0
