"""Lots, reorder points and horizons against the numbers of the textbook (Snyder & Shen, 2nd edition)."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting import lot_sizing, reordering
from forecasting.reordering import Costs
from oms_core.kernel.errors import InvalidInput

JOES = Costs(fixed=8.0, holding=0.225, stockout=7.5)
LEAD = {"demand_rate": 1300.0, "lead_mean": 1300 / 12, "lead_sd": 150 / 12**0.5}


@pytest.mark.parametrize(
    ("policy", "point", "quantity"),
    [
        (reordering.backorder_policy, 128.63781, 308.57378),
        (reordering.safety_stock_policy, 190.33700, 304.04678),
        (reordering.loss_policy, 126.86706, 328.44914),
    ],
)
def test_approximations_of_reorder_point_and_quantity(policy, point: float, quantity: float) -> None:
    found = policy(JOES, **LEAD)
    assert (found.reorder_point, found.quantity) == pytest.approx((point, quantity), rel=1e-7)
    here = {"reorder_point": 126.8, "quantity": 328.5, **LEAD}
    assert found.cost >= reordering.exact_cost(JOES, **here) - 1e-4


def test_the_exact_cost_of_a_given_policy() -> None:
    cost = reordering.exact_cost(JOES, reorder_point=126.8, quantity=328.5, **LEAD)
    assert cost == pytest.approx(78.0711625, rel=1e-8)


def test_exact_reorder_policy_of_poisson_demand() -> None:
    found = reordering.exact_reorder_policy(Costs(100, 20, 150), demand_rate=1.5, lead_time=2)
    assert (found.reorder_point, found.quantity, found.cost) == pytest.approx((3, 5, 107.9235806))


def test_exact_and_approximate_levels() -> None:
    found = reordering.exact_levels(Costs(5, 1, 4), mean=6)
    assert (found.reorder, found.up_to, found.cost) == pytest.approx((4, 10, 8.0341116))
    power = reordering.power_levels(Costs(2.5, 0.18, 0.70), mean=50, sd=8)
    assert (power.reorder, power.up_to) == pytest.approx((40.1946170, 74.2901701))


@pytest.mark.parametrize(
    ("given", "quantity", "cost"),
    [
        ({"fixed_cost": 8, "holding_rate": 0.3, "demand_rate": 1300,
          "breaks": [(0, 0.75), (400, 0.72), (800, 0.68)]}, 304.0467800, 1043.4105255),
        ({"fixed_cost": 150, "holding_rate": 0.25, "demand_rate": 2400,
          "breaks": [(0, 100), (300, 90), (600, 80)]}, 1481.8906843, 222_762.8136845),
    ],
)  # fmt: skip
def test_incremental_discounts(given: dict, quantity: float, cost: float) -> None:
    lot = lot_sizing.incremental_discount(**given)
    assert (lot.quantity, lot.cost) == pytest.approx((quantity, cost))
    with pytest.raises(InvalidInput, match="breaks"):
        lot_sizing.incremental_discount(**{**given, "breaks": []})


def test_goods_ordered_together() -> None:
    found = lot_sizing.joint_replenishment(
        shared_cost=600, own_costs=np.array([120.0, 840, 300]), holding_costs=np.array([160.0, 20, 50]),
        demand_rates=np.ones(3),
    )  # fmt: skip
    assert found.every.tolist() == [1, 3, 1]
    assert (found.cycle, found.cost) == pytest.approx((3.1031645, 837.8544026))


def test_goods_sold_once() -> None:
    found = lot_sizing.newsvendor_profit(price=1, unit_cost=0.3, salvage=0.12, mean=50, sd=8)
    assert found == pytest.approx((56.6039559, 33.0023948))


def test_a_horizon_that_ends() -> None:
    found = lot_sizing.finite_horizon(Costs(50, 1, 20), unit_cost=2, mean=20, sd=4, periods=10, discount=0.98)
    assert found.reorder[:3].tolist() == [19, 18, 19]
    assert found.up_to[:3].tolist() == [47, 47, 47]
    assert found.cost == pytest.approx(806.0308570, rel=1e-8)
