"""What stock names of rooms above it is there; when promises come is reckoned right."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from oms_core.backorders.schedule import Arrival, assign, promise_by_date
from oms_core.inventory import history_links, lot_origins, waiting
from oms_core.inventory.states import POOL_OF, POOLS, STOCK_STATE
from oms_core.inventory.tables import ON_HAND_STATES
from oms_core.schema import METADATA

NAMED = [
    table
    for module in (history_links, lot_origins, waiting)
    for table in vars(module).values()
    if isinstance(table, sa.TableClause) and not isinstance(table, sa.Table)
]
DAY = st.integers(1, 9).map(lambda n: date(2010, 12, n))
ARRIVALS = st.lists(st.builds(Arrival, st.integers(1, 99), DAY, st.integers(1, 9)), max_size=5)
WAITING = st.lists(st.integers(1, 9), max_size=6).map(lambda units: list(enumerate(units, start=1)))


@pytest.mark.parametrize("table", NAMED, ids=lambda table: table.name)
def test_what_is_named_of_rooms_above_is_there(table: sa.TableClause) -> None:
    assert {column.name for column in table.c} <= set(METADATA.tables[table.name].c.keys())


def test_every_state_has_its_moves_and_its_pool() -> None:
    assert set(STOCK_STATE.moves) == set(POOL_OF) == set(ON_HAND_STATES)
    assert set(POOL_OF.values()) == set(POOLS)
    # what is promised moves with its owner only, neither in nor out by hand
    promised = {"reserved", "committed"}
    assert all(not STOCK_STATE.moves[state] for state in promised)
    assert not promised & {target for targets in STOCK_STATE.moves.values() for target in targets}


@given(WAITING, ARRIVALS)
def test_the_oldest_promise_takes_the_earliest_goods(waits: list[tuple[int, int]], arrivals: list[Arrival]) -> None:
    slots = assign(waits, arrivals)
    assert list(slots) == [key for key, _ in waits]
    dated = [slot.due_on for slot in slots.values() if slot]
    assert dated == sorted(dated)
    needed = 0
    for key, units in waits:
        needed += units
        slot = slots[key]
        by = [a for a in arrivals if slot is None or a.due_on <= slot.due_on]
        reached = sum(a.units for a in by)
        # enough has come by then, and not a day earlier
        assert (reached >= needed) == (slot is not None)
        if slot:
            assert sum(a.units for a in arrivals if a.due_on < slot.due_on) < needed


@given(st.integers(0, 9), st.integers(0, 20), ARRIVALS)
def test_what_may_be_promised_never_falls(on_hand: int, waits: int, arrivals: list[Arrival]) -> None:
    today = date(2010, 12, 1)
    steps = promise_by_date(on_hand, waits, arrivals, today)
    assert steps[0][0] == today
    assert [n for _, n in steps] == sorted({n for _, n in steps})
    assert steps[-1][1] == max(on_hand + sum(a.units for a in arrivals) - waits, 0)
