"""Group commit: many writers at once, one durable transaction for many of them, an answer for each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from order_shop import assert_ledger_whole, new_order, order_shop

from oms_core.intake.group_commit import GroupCommit
from oms_core.kernel.database import reading, transaction
from oms_core.kernel.errors import Conflict, InsufficientStock, NotFound
from oms_core.kernel.settings import Shop

SHOP = Shop(zone="Europe/London", currency="GBP", country="GB")


@pytest.fixture
def shop(engine: sa.Engine) -> sa.Engine:
    with transaction(engine) as session:
        order_shop(session, {"TEA": {"Leeds": 20}, "CUP": {"Leeds": 100, "Bristol": 100}})
    return engine


def test_forty_writers_and_twenty_units(shop: sa.Engine) -> None:
    """Forty writers want one of the twenty each: twenty get it, twenty are told, nothing is oversold."""
    with GroupCommit(shop, SHOP) as intake, ThreadPoolExecutor(40) as crowd:
        waiting = [
            crowd.submit(intake.place, new_order({"TEA": 1}, external_id=str(n)), key=f"k{n}") for n in range(40)
        ]
        faults = [one.exception() for one in waiting]
    assert sorted(type(fault).__name__ for fault in faults) == ["InsufficientStock"] * 20 + ["NoneType"] * 20
    with reading(shop) as session:
        assert session.scalar(sa.text("SELECT available FROM stock_levels WHERE variant_id = 1")) == 0
        assert session.scalar(sa.text("SELECT count(*) FROM orders")) == 20
        assert_ledger_whole(session)


def test_many_are_committed_together_and_each_is_answered_for_itself(shop: sa.Engine) -> None:
    """What waits when a committer comes is one group; a refusal in it disturbs nobody."""
    with GroupCommit(shop, SHOP, group=64) as intake:
        names = [{"CUP": 1}, {"TEE": 1}, {"CUP": 2}, {"TEA": 21}, {"CUP": 3}]
        answers = [intake.submit(new_order(want, external_id=str(n))) for n, want in enumerate(names)]
        faults = [answer.exception(timeout=120) for answer in answers]
    assert [type(fault) for fault in faults] == [type(None), NotFound, type(None), InsufficientStock, type(None)]
    assert [answers[n].result()["allocations"][0]["quantity"] for n in (0, 2, 4)] == [1, 2, 3]


def test_the_same_key_from_two_writers_is_one_order(shop: sa.Engine) -> None:
    new = new_order({"CUP": 1}, external_id="same")
    with GroupCommit(shop, SHOP) as intake, ThreadPoolExecutor(8) as crowd:
        said = [one.result() for one in [crowd.submit(intake.place, new, key="same") for _ in range(8)]]
    assert said == [said[0]] * 8
    with reading(shop) as session:
        assert session.scalar(sa.text("SELECT count(*) FROM orders")) == 1


def test_a_closed_queue_takes_no_order(shop: sa.Engine) -> None:
    intake = GroupCommit(shop, SHOP)
    intake.close()
    with pytest.raises(Conflict, match="shutting down"):
        intake.submit(new_order({"CUP": 1}))
