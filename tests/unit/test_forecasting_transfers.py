"""Transfer first, then buy: nobody is left short by what is taken, and nothing is lost on the way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.views.replenishment_places import told
from forecasting.transfers import Move, dealt, moves, parts

LINE = {"demand_protected": 40.0, "reorder_point": 60.0, "up_to": 100.0, "order_qty": 24}


def test_a_shelf_that_will_run_out_is_served_by_the_one_that_has_too_much() -> None:
    part = parts(np.array([30.0, 10.0]))
    found = moves(LINE, part=part, available=np.array([80.0, 2.0]), incoming=np.zeros(2))
    assert found == [Move(source=0, target=1, quantity=13)]
    assert moves(LINE, part=part, available=np.array([80.0, 2.0]), incoming=np.array([0.0, 12.0])) == []
    assert moves(LINE, part=part, available=np.array([20.0, 2.0]), incoming=np.zeros(2)) == []


def test_what_is_bought_goes_where_it_is_missing() -> None:
    assert dealt(LINE, part=np.array([0.5, 0.5]), has=np.array([80.0, 20.0])).tolist() == [0, 24]
    assert dealt(LINE, part=np.array([0.5, 0.5]), has=np.array([20.0, 20.0])).tolist() == [12, 12]
    assert parts(np.zeros(4)).tolist() == [0.25] * 4


UNITS = st.lists(st.floats(0, 200), min_size=2, max_size=5)


@settings(deadline=None, max_examples=60)
@given(UNITS, UNITS, st.floats(1, 150), st.integers(0, 300))
def test_no_giver_falls_below_its_part_and_the_order_is_dealt_out_whole(
    shipped: list[float], stock: list[float], point: float, order: int
) -> None:
    size = min(len(shipped), len(stock))
    part, available = parts(np.array(shipped[:size])), np.floor(np.array(stock[:size]))
    line = {"demand_protected": point / 2, "reorder_point": point, "up_to": point * 2, "order_qty": order}
    after = available.copy()
    for move in moves(line, part=part, available=available, incoming=np.zeros(size)):
        after[move.source] -= move.quantity
        after[move.target] += move.quantity
        assert move.quantity >= 1
        assert after[move.source] >= part[move.source] * point - 1e-9
    assert after.sum() == available.sum()
    assert dealt(line, part=part, has=after).sum() == order


def test_the_advice_reads_as_sentences() -> None:
    advice = {
        "transfers": [{"from": "LEEDS", "to": "LODZ", "quantity": 12, "ids": (1, 2)}],
        "deliver": [{"location": "LODZ", "quantity": 24}],
    }
    assert told(advice) == (["Move 12 from LEEDS to LODZ"], "Deliver 24 → LODZ")
    assert told(None) == ([], "")
