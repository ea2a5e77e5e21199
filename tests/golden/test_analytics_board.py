"""The board on the shop that can be worked out on paper, its thresholds, and how often it is redrawn."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import analytics_shop as golden
import pytest

from analytics import board
from app.jobs import alerting
from app.viewers import Viewers, pace
from app.workspace import Workspace
from oms_core.kernel import clock
from oms_core.kernel.errors import NotFound
from oms_core.kernel.settings import Home
from oms_core.reporting import alerts

DAY = 24 * 3600


@contextmanager
def made(folder, migrated_sqlite):
    (folder / "oms.db").write_bytes(migrated_sqlite.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ORDERSIGHT_DATABASE_URL", raising=False)
        workspace = Workspace(Home(folder), "worker")
        golden.build(workspace.engine)
        workspace.replica.refresh()
        yield workspace
        workspace.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, migrated_sqlite):
    with made(tmp_path_factory.mktemp("board"), migrated_sqlite) as opened:
        yield opened


@pytest.fixture
def own_shop(tmp_path, migrated_sqlite):
    with made(tmp_path, migrated_sqlite) as opened:
        yield opened


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_happened_in_the_last_hour(shop):
    noon = board.measure(shop.replica, at("2024-04-03T12:30"))
    assert {kind: noon.happened(kind, 3600) for kind in board.FLOWS} == {
        "placed": 3, "picked": 0, "shipped": 0, "delivered": 0
    }  # fmt: skip
    assert [n for n, count in enumerate(reversed(noon.per_minute("placed"))) if count] == [30]
    assert noon.happened("placed", 1800) == 0
    later = board.measure(shop.replica, at("2024-04-03T13:30"))
    assert (later.happened("placed", 3600), later.happened("shipped", 3600)) == (0, 1)  # one more is voided
    night = board.measure(shop.replica, at("2024-04-04T01:00:10"))
    assert (night.happened("delivered", 60), night.happened("delivered", 3600, place="no such place")) == (1, 0)


def test_what_waits_how_long_and_what_is_late(shop):
    found = board.measure(shop.replica, golden.NOW)
    assert [found.waiting("work")[key] for key in ("n", "oldest", "p90")] == [5, 5 * DAY, 5 * DAY]
    assert [found.waiting("parcel")[key] for key in ("n", "oldest")] == [1, 23 * 3600]
    assert found.waiting("work", place="no such place")["n"] == 0
    [late] = [row for row in found.late.iter_rows(named=True) if row["place"] == ""]
    assert late["n"] == 1  # order 6; order 10 has until 9 April, order 12 no time at all
    numbers = board.values(found)
    assert (numbers["work_oldest", ""], numbers["work_waiting", ""], numbers["orders_late", ""]) == (7200, 5, 1)
    assert {measure for measure, _place in numbers} == {one.name for one in board.MEASURES}
    with pytest.raises(NotFound) as near:
        board.measure_named("order_late")
    assert "orders_late" in near.value.hint


def test_a_threshold_is_told_once_until_the_number_comes_back(own_shop):
    with clock.frozen(golden.NOW):
        assert alerting.look(own_shop) == {"raised": 0, "ended": 0}
        with own_shop.transaction() as session:
            alerts.set_threshold(session, measure="work_waiting", threshold=4, actor="anna")
            alerts.set_threshold(session, measure="orders_late", threshold=1, actor="anna")
            alerts.set_threshold(session, measure="placed_per_hour", threshold=1, direction="below", actor="anna")
        assert alerting.look(own_shop) == {"raised": 2, "ended": 0}
        assert alerting.look(own_shop) == {"raised": 0, "ended": 0}
        with own_shop.transaction() as session:
            session.execute(golden.METADATA.tables["fulfillment_orders"].update().values(
                state="closed", closed_at=golden.NOW - timedelta(minutes=1)
            ))  # fmt: skip
        assert alerting.look(own_shop) == {"raised": 0, "ended": 1}
        assert board.measure(own_shop.replica, golden.NOW).happened("picked", 3600) == 5
        with own_shop.reading() as session:
            assert [one["measure"] for one in alerts.alerts(session, open_only=True)] == ["placed_per_hour"]


def test_the_board_is_drawn_less_often_for_more_viewers():
    assert pace(1) <= 1.0
    assert pace(10) == 1.0
    assert pace(11) >= 5.0
    viewers = Viewers()
    assert not viewers.watching()
    assert [viewers.see(f"session {n}") for n in range(12)][-1] == pace(12)
    assert viewers.see("session 0") == pace(12)
    assert viewers.watching()
