"""Instants, transactions and the faults a person can mend, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.workspace import Workspace
from oms_core import migrations
from oms_core.kernel import bulk, clock
from oms_core.kernel.database import make_engine, reading, transaction
from oms_core.kernel.errors import Conflict, DataNotReady, Refused
from oms_core.kernel.journal import JournalEntry, record
from oms_core.kernel.settings import Shop, load_shop, save_shop
from oms_core.locations.tables import Channel

NOON = datetime(2010, 12, 9, 12, tzinfo=UTC)


def test_an_instant_comes_back_in_utc(engine: sa.Engine) -> None:
    at = datetime(2010, 10, 31, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with clock.frozen(at), transaction(engine) as session:
        record(session, "order.placed", "order", 1)
    with reading(engine) as session:
        stored = session.execute(sa.select(JournalEntry.at)).scalar_one()
    assert stored == at
    assert stored.tzinfo is UTC


def test_a_naive_instant_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"), transaction(engine) as session:
        session.execute(
            sa.insert(JournalEntry).values(
                at=NOON.replace(tzinfo=None),
                actor="a",
                event="e",
                object_type="o",
                object_id=1,
                data={},
            )
        )


def test_an_error_leaves_nothing_behind(engine: sa.Engine) -> None:
    def fails_half_way() -> None:
        with transaction(engine) as session:
            record(session, "order.placed", "order", 1)
            raise Refused("test.refused", "A rule said no.")

    with pytest.raises(Refused):
        fails_half_way()
    with reading(engine) as session:
        assert session.execute(sa.select(sa.func.count()).select_from(JournalEntry)).scalar_one() == 0


def test_settings_come_back(engine: sa.Engine) -> None:
    shop = Shop(name="Łódź", zone="Europe/London", currency="GBP", clock_offset_seconds=-3600.0)
    with transaction(engine) as session:
        save_shop(session, shop)
    with reading(engine) as session:
        assert load_shop(session) == shop
    assert clock.offset() == timedelta(hours=-1)
    clock.set_offset(timedelta())


def test_many_rows_at_once_equal_one_by_one(engine: sa.Engine) -> None:
    table = Channel.__table__
    assert isinstance(table, sa.Table)
    with engine.begin() as connection:
        first = bulk.next_id(connection, table)
        rows = [(first + i, f"c{i}", "Ż\t\\N", "web", i) for i in range(500)]
        assert bulk.bulk_insert(connection, table, ("id", "code", "name", "kind", "position"), rows) == 500
        connection.execute(sa.insert(table).values(code="next", name="n", kind="web", position=1))
    with reading(engine) as session:
        stored = session.execute(sa.select(Channel.id, Channel.name).order_by(Channel.id)).all()
    assert len(stored) == 501
    assert stored[-1].id == 501
    assert stored[0].name == "Ż\t\\N"


def test_an_older_database_is_named(engine: sa.Engine) -> None:
    migrations.downgrade(engine)
    with pytest.raises(DataNotReady) as caught:
        migrations.require_current(engine)
    assert caught.value.code == "database.no_schema"


def test_a_newer_database_is_named(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataNotReady) as caught:
        migrations.require_current(engine)
    assert caught.value.code == "database.newer"


def test_a_locked_database_says_what_to_do(tmp_path: Path, migrated_sqlite: Path) -> None:
    path = tmp_path / "oms.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    holder, second = make_engine(f"sqlite:///{path}"), make_engine(f"sqlite:///{path}")
    sa.event.listen(second, "connect", lambda c, _r: c.execute("PRAGMA busy_timeout=50"))
    with transaction(holder) as session:
        record(session, "order.placed", "order", 1)
        with pytest.raises(Conflict, match="write lock") as caught, transaction(second) as other:
            record(other, "order.placed", "order", 2)
    assert caught.value.code == "database.locked"
    holder.dispose()
    second.dispose()


def test_a_missing_shop_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
    with pytest.raises(DataNotReady) as caught:
        Workspace.open(tmp_path)
    assert "ordersight init" in caught.value.hint
