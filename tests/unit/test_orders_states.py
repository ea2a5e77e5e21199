"""State machines are whole: reachable, coloured, drawn; and the axes follow from facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.documents.state_drawings import AXES, MACHINES, drawing
from oms_core.kernel.errors import TransitionRefused
from oms_core.kernel.states import Machine
from oms_core.orders import facts as order_facts
from oms_core.orders.rules import Facts, derive
from oms_core.review import watch
from oms_core.schema import METADATA

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"
#: Start states besides the drawn one: work may be opened for later.
OTHER_STARTS = {"fulfillment_order": {"scheduled"}}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_every_state_is_reached_and_has_a_colour(machine: Machine) -> None:
    assert machine.reachable() | OTHER_STARTS.get(machine.name, set()) == set(machine.states)
    assert set(machine.colours) == set(machine.states)
    assert {state for moves in machine.moves.values() for state in moves} <= set(machine.states)
    assert any(not moves for moves in machine.moves.values())


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_a_move_outside_the_table_is_refused_with_what_is_allowed(machine: Machine) -> None:
    final = next(state for state, moves in machine.moves.items() if not moves)
    with pytest.raises(TransitionRefused) as refused:
        machine.check("X-1", final, machine.start)
    assert refused.value.code == f"{machine.name}.transition_refused"
    assert "final" in refused.value.hint


def test_the_drawings_are_those_of_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == drawing()


def test_columns_of_upper_rooms_named_by_orders_exist() -> None:
    clauses = [found for found in vars(order_facts).values() if isinstance(found, sa.TableClause)]
    named = [clause for clause in clauses if not isinstance(clause, sa.Table)]
    assert len(named) == 5
    for clause in named:
        assert {c.name for c in clause.columns} <= set(METADATA.tables[clause.name].columns.keys())


def facts(**given: Any) -> Facts:
    base: dict[str, Any] = {
        "state": "placed", "is_history": False, "total_minor": 100, "live_qty": 3, "shipped_qty": 0,
        "returned_qty": 0, "payments": {}, "fulfillment_orders": {}, "shipments": {}, "returns": {},
    }  # fmt: skip
    return Facts(**(base | given))


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ({}, "none"),
        ({"authorize": 100}, "authorized"),
        ({"authorize": 100, "void": 100}, "voided"),
        ({"authorize": 100, "capture": 40}, "partially_paid"),
        ({"capture": 100}, "paid"),
        ({"capture": 101}, "overpaid"),
        ({"capture": 100, "refund": 1}, "partially_refunded"),
        ({"capture": 100, "refund": 100}, "refunded"),
    ],
)
def test_payment_axis(payments: dict[str, int], status: str) -> None:
    assert derive(facts(payments=payments)).payment_status == status


def test_nothing_owed_is_paid() -> None:
    assert derive(facts(total_minor=0)).payment_status == "paid"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "unfulfilled"),
        ({"fulfillment_orders": {"open": 1}}, "unfulfilled"),
        ({"fulfillment_orders": {"scheduled": 1}}, "scheduled"),
        ({"fulfillment_orders": {"scheduled": 1, "open": 1}}, "unfulfilled"),
        ({"fulfillment_orders": {"in_progress": 1, "on_hold": 1}}, "on_hold"),
        ({"fulfillment_orders": {"in_progress": 1}}, "in_progress"),
        ({"shipped_qty": 1, "fulfillment_orders": {"open": 1}}, "partially_fulfilled"),
        ({"shipped_qty": 3}, "fulfilled"),
        ({"shipped_qty": 1, "live_qty": 1}, "fulfilled"),
    ],
)
def test_fulfilment_axis(given: dict[str, Any], status: str) -> None:
    assert derive(facts(**given)).fulfillment_status == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "pending"),
        ({"shipments": {"label_purchased": 1}}, "pending"),
        ({"shipments": {"voided": 1}}, "pending"),
        ({"shipments": {"in_transit": 1}}, "in_transit"),
        ({"shipments": {"out_for_delivery": 1, "delivered": 1}}, "partially_delivered"),
        ({"shipments": {"delivered": 1}, "shipped_qty": 1}, "partially_delivered"),
        ({"shipments": {"delivered": 2}, "shipped_qty": 3}, "delivered"),
        ({"shipments": {"delivered": 1, "delayed": 1}}, "delayed"),
        ({"shipments": {"lost": 1, "delayed": 1}}, "failed"),
        ({"shipments": {"return_to_sender": 1}}, "returned_to_sender"),
        ({"is_history": True, "shipped_qty": 3}, "delivered"),
    ],
)
def test_delivery_axis(given: dict[str, Any], status: str) -> None:
    assert derive(facts(**given)).delivery_status == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "none"),
        ({"returns": {"requested": 1}}, "requested"),
        ({"returns": {"requested": 1, "approved": 1}}, "in_progress"),
        ({"returns": {"closed": 1}, "shipped_qty": 3, "returned_qty": 1}, "partially_returned"),
        ({"returns": {"closed": 1}, "shipped_qty": 3, "returned_qty": 3}, "returned"),
        ({"returns": {"declined": 1}}, "none"),
    ],
)
def test_return_axis(given: dict[str, Any], status: str) -> None:
    assert derive(facts(**given)).return_status == status


@pytest.mark.parametrize("axis", AXES)
def test_axes_only_say_known_words(axis: str) -> None:
    assert len(set(AXES[axis])) == len(AXES[axis])


def test_paid_and_delivered_closes_and_only_that() -> None:
    done = {"payments": {"capture": 100}, "shipments": {"delivered": 1}, "shipped_qty": 3}
    assert derive(facts(**done)).state == "closed"
    assert derive(facts(**(done | {"payments": {}}))).state == "placed"
    assert derive(facts(**(done | {"shipped_qty": 2}))).state == "placed"
    assert derive(facts(**(done | {"state": "cancelled"}))).state == "cancelled"


def test_columns_of_a_neighbour_named_by_review_exist() -> None:
    assert {c.name for c in watch.CHANGES.columns} <= set(METADATA.tables[watch.CHANGES.name].columns.keys())
