"""A copy is whole, made while the shop trades, verified before it replaces anything; on both databases."""

from __future__ import annotations

import json
import threading
import zipfile

import pytest
import sqlalchemy as sa
from small_shop import sell, small_shop, stock
from typer.testing import CliRunner

from app.backup.archive import verified
from app.backup.copies import backup, restore
from app.cli.main import app
from app.jobs.check import check
from app.workspace import Workspace
from oms_core.kernel.database import transaction
from oms_core.kernel.errors import InvalidInput, NotFound, OmsError
from oms_core.kernel.settings import Home
from oms_core.orders.tables import Order


@pytest.fixture
def workspace(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", database_url)
    monkeypatch.setenv("ORDERSIGHT_HOME", str(tmp_path))
    opened = Workspace(Home(tmp_path))
    with opened.transaction() as session:
        shop = small_shop(session)
        stock(session, shop, MUG=500)
        sell(session, shop, "anna", MUG=2)
    yield opened
    opened.close()


def orders(workspace) -> list[str]:
    with workspace.reading() as session:
        return list(session.scalars(sa.select(Order.external_id).order_by(Order.id)))


def test_the_shop_comes_back_as_it_was_and_goes_on(workspace, tmp_path):
    told = backup(workspace, tmp_path / "shop.backup")
    assert told["bytes"] == (tmp_path / "shop.backup").stat().st_size
    with workspace.transaction() as session:
        session.execute(sa.delete(sa.table("journal")))
        session.execute(sa.text("UPDATE variants SET title = 'spoiled'"))
    done = restore(workspace, tmp_path / "shop.backup")
    assert (done["rows"], done["checksum"]) == (told["rows"], told["checksum"])
    assert [row for row in check(workspace) if row["broken"]] == []
    with workspace.transaction() as session:
        titles = session.scalars(sa.text("SELECT title FROM variants"))
        assert "spoiled" not in set(titles)
        sell(session, None, "after", MUG=1)
    assert orders(workspace) == ["anna", "after"]


def test_a_replica_notices_that_the_shop_was_put_back(workspace, tmp_path):
    backup(workspace, tmp_path / "shop.backup")
    with workspace.transaction() as session:
        sell(session, None, "late", MUG=1)
    workspace.replica.refresh()
    restore(workspace, tmp_path / "shop.backup")
    assert [row for row in check(workspace) if row["broken"]] == []
    assert workspace.replica.frame("SELECT external_id FROM raw.orders")["external_id"].to_list() == ["anna"]


def test_a_copy_made_while_the_shop_trades_is_one_moment(workspace, tmp_path):
    stop, placed, faults = threading.Event(), [], []

    def trade():
        n = 0
        while not stop.is_set():
            try:
                with transaction(workspace.engine) as session:
                    sell(session, None, f"c{n}", MUG=1)
            except OmsError as error:
                faults.append(error)
            placed.append(n)
            n += 1

    trader = threading.Thread(target=trade)
    trader.start()
    try:
        while len(placed) < 3:
            stop.wait(0.01)
        backup(workspace, tmp_path / "busy.backup")
    finally:
        stop.set()
        trader.join()
    assert faults == []
    restore(workspace, tmp_path / "busy.backup")
    kept = orders(workspace)
    assert kept == ["anna", *(f"c{n}" for n in range(len(kept) - 1))]
    assert 4 <= len(kept) <= len(placed) + 1
    assert [row for row in check(workspace) if row["broken"]] == []


def spoil(path, how):
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif how == "text":
        path.write_text("no backup")
    else:
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        told = json.loads(members["manifest.json"])
        told |= {"checksum": "0" * 64} if how == "checksum" else {}
        told |= {"format": 99} if how == "newer" else {}
        told |= {"database": "other"} if how == "foreign" else {}
        told |= {"revision": "9999"} if how == "revision" else {}
        if how == "rows":
            told["tables"]["orders"] += 1
        members["manifest.json"] = json.dumps(told).encode()
        with zipfile.ZipFile(path, "w") as file:
            for name, data in members.items():
                file.writestr(name, data)


BAD = {
    "cut": {"backup.not_one"},
    "text": {"backup.not_one"},
    "checksum": {"backup.damaged"},
    "newer": {"backup.newer"},
    "foreign": {"backup.other_database"},
    "revision": {"backup.newer", "backup.other_schema"},
    "rows": {"backup.rows"},
}


def test_a_bad_backup_replaces_nothing(workspace, tmp_path):
    path = tmp_path / "shop.backup"
    backup(workspace, path)
    whole = path.read_bytes()
    with workspace.transaction() as session:
        sell(session, None, "kept", MUG=1)
    for how, codes in BAD.items():
        path.write_bytes(whole)
        spoil(path, how)
        with pytest.raises(OmsError) as refused:
            restore(workspace, path)
        assert refused.value.code in codes, how
        assert refused.value.hint
        assert orders(workspace) == ["anna", "kept"]
        assert not list(tmp_path.glob(".backup-*"))


def test_a_place_that_cannot_be_written_is_said_at_once(workspace, tmp_path):
    with pytest.raises(InvalidInput, match="cannot be written"):
        backup(workspace, tmp_path / "nowhere" / "shop.backup")
    with pytest.raises(NotFound):
        verified(tmp_path / "missing.backup")


def test_the_commands_answer_with_bytes_rows_and_checksum(workspace, tmp_path):
    path = str(tmp_path / "shop.backup")
    for words in (["backup", path], ["restore", path]):
        done = CliRunner().invoke(app, [*words, "--format", "json"], catch_exceptions=False)
        told = json.loads(done.stdout)
        assert done.exit_code == 0
        assert {"bytes", "rows", "checksum"} <= set(told)
    if told["kept"]:
        assert told["kept"].endswith("before-restore-1.db")
    assert orders(workspace) == ["anna"]


def test_an_empty_home_becomes_the_shop(workspace, tmp_path, monkeypatch, request):
    path = tmp_path / "shop.backup"
    told = backup(workspace, path)
    if workspace.engine.dialect.name == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.create("empty_home")
    else:
        url = f"sqlite:///{tmp_path / 'new' / 'oms.db'}"
    monkeypatch.setenv("ORDERSIGHT_DATABASE_URL", url)
    other = Workspace(Home(tmp_path / "new"))
    try:
        assert restore(other, path)["rows"] == told["rows"]
        assert orders(other) == ["anna"]
    finally:
        other.close()
        if workspace.engine.dialect.name == "postgresql":
            server.drop("empty_home")
